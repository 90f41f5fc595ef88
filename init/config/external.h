// SPDX-License-Identifier: Apache-2.0
/*
 * Secrets and configs that a document calls external: whoever starts the machine left them for it,
 * by name. They are where Berth's local sources are, too: in QEMU's fw_cfg, as credentials of
 * systemd's, in the initramfs, and on the disk of the document.
 */
#ifndef BERTH_INIT_CONFIG_EXTERNAL_H
#define BERTH_INIT_CONFIG_EXTERNAL_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { EXTERNAL_ITEMS_MAX = 64, EXTERNAL_NAME_MAX = 100 };

/* What the firmware has. Items of fw_cfg are open, because nobody can say before the document is
 * read which of them it names. */
struct external_values {
	const char *table; /* of SMBIOS */
	size_t table_size;
	size_t count;
	struct external_item {
		char name[EXTERNAL_NAME_MAX + 40]; /* below opt/: "org.berth/secrets/NAME" */
		int fd;
	} items[EXTERNAL_ITEMS_MAX];
};

/* Opens items of fw_cfg, as long as there is privilege to do so. The table is borrowed. */
void external_open(struct external_values *out, const void *table, size_t table_size);

/* Whether it is a name that a value can be found by: letters, digits, _ . and -. */
bool external_name_is_good(const char *name);

/* The value of "secrets" or "configs" that the firmware has under this name: its length;
 * EXTERNAL_NOWHERE; or -1 with err. */
enum { EXTERNAL_NOWHERE = -2 };
ssize_t external_of_firmware(const struct external_values *values, const char *kind,
			     const char *name, char *out, size_t capacity, struct error *err);

#endif
