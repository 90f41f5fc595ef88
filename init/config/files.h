// SPDX-License-Identifier: Apache-2.0
/*
 * Secrets and configuration files: contents that belong to the machine, and which container has which
 * of them where. Only documents say them; the kernel command line is for all to read.
 */
#ifndef BERTH_INIT_CONFIG_FILES_H
#define BERTH_INIT_CONFIG_FILES_H

#include "init/config/machine.h"

struct file_grant {
	const char *content; /* the name of a machine_content */
	const char *target;  /* absolute */
	uint32_t uid, gid;
	unsigned mode; /* permissions, at most 0777 */
};

/* "UID:GID:MODE:NAME:TARGET", MODE octal. */
int parse_file_grant(const char *text, struct arena *arena, struct file_grant *out,
		     struct error *err);

const struct machine_content *machine_find_content(const struct machine *machine,
						   const char *name);
/* Whether what the container is given is there. */
int files_check(const struct machine *machine, const struct container_config *config,
		struct error *err);

/* Setters: "NAME:BASE64", and a grant. */
int add_content(struct machine *machine, const char *value, struct error *err);
int add_file(struct machine *machine, const char *value, struct error *err);

#endif
