// SPDX-License-Identifier: Apache-2.0
/*
 * What the firmware says the machine is (SMBIOS types 1 and 3, as the kernel shows them below
 * /sys/class/dmi/id). Clouds are told apart by it.
 */
#ifndef BERTH_INIT_CONFIG_IDENTITY_H
#define BERTH_INIT_CONFIG_IDENTITY_H

#include <stdbool.h>

enum { IDENTITY_TEXT = 256 };

struct identity {
	char vendor[IDENTITY_TEXT], product[IDENTITY_TEXT];
	char serial[IDENTITY_TEXT]; /* of the system; "" for all but root */
	char uuid[IDENTITY_TEXT]; /* of the system, as the kernel writes it; "" for all but root */
	char asset_tag[IDENTITY_TEXT]; /* of the chassis */
};

/* Reads the files below `folder`; what is missing or longer is "". */
void identity_read(const char *folder, struct identity *out);

/* "QEMU Standard PC (i440FX + PIIX, 1996)" for messages. */
const char *identity_describe(const struct identity *identity, char *out, unsigned capacity);

#endif
