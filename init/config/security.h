// SPDX-License-Identifier: Apache-2.0
/*
 * How far a container is confined: `privileged`, and `security_opt` as Docker's reference has it. The
 * options are kept as they were written, checked. A profile of system calls comes as one of the
 * machine's contents, made by whoever read the document: PID 1 only hands the program to the kernel.
 */
#ifndef BERTH_INIT_CONFIG_SECURITY_H
#define BERTH_INIT_CONFIG_SECURITY_H

#include "init/config/machine.h"

enum security_option {
	SECURITY_NOTHING,       /* what holds anyway, or has no effect here */
	SECURITY_GAINS,         /* no-new-privileges=false */
	SECURITY_NO_GAINS,      /* …=true */
	SECURITY_NO_FILTER,     /* seccomp=unconfined */
	SECURITY_FILTER,        /* seccomp=FILE or JSON: only in a document */
	SECURITY_NOTHING_MASKED /* systempaths=unconfined */
};

/* One option, as "NAME=VALUE" or "NAME:VALUE". `*profile`: the value of SECURITY_FILTER. -1: what there
 * is no such thing of here, with the reason. */
int parse_security(const char *text, enum security_option *out, const char **profile,
		   struct error *err);
/* Whether it gives the container more than it has by itself. */
bool security_is_dangerous(enum security_option option);

/* A filter as a content: its flags (SECCOMP_FILTER_FLAG_*, 4 bytes), and the program. */
enum { SECCOMP_HEADER = 4, SECCOMP_PROGRAM_MAX = 4096 /* instructions, as the kernel takes them */ };

/* Whether the container's filter is there and is one. */
int security_check(const struct machine *machine, const struct container_config *container,
		   struct error *err);

/* Setters for the table of keys. */
int set_privileged(struct machine *machine, const char *value, struct error *err);
int set_init(struct machine *machine, const char *value, struct error *err);
int add_security(struct machine *machine, const char *value, struct error *err);

#endif
