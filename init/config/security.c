// SPDX-License-Identifier: Apache-2.0
#include "init/config/security.h"

#include "init/config/files.h"
#include "lib/cleanup.h"

#include <linux/filter.h>
#include <string.h>

enum { LIST_MAX = 16 };

/* All that Docker knows; a value that is not listed is one of `otherwise`. */
static const struct {
	const char *name, *value;
	enum security_option option;
} known[] = {
	{"no-new-privileges", "", SECURITY_NO_GAINS},
	{"no-new-privileges", "true", SECURITY_NO_GAINS},
	{"no-new-privileges", "false", SECURITY_GAINS},
	{"seccomp", "unconfined", SECURITY_NO_FILTER},
	{"seccomp", "builtin", SECURITY_NOTHING},
	{"apparmor", "unconfined", SECURITY_NOTHING},
	{"label", "disable", SECURITY_NOTHING},
	{"systempaths", "unconfined", SECURITY_NOTHING_MASKED},
};

static int refuse(const char *text, const char *name, size_t length, struct error *err)
{
	if (length == 8 && strncmp(name, "apparmor", length) == 0)
		return error_set(err, "%.60s: the machine's kernel has no AppArmor; what confines a "
				      "container here is in docs/security.md", text);
	if (length == 5 && strncmp(name, "label", length) == 0)
		return error_set(err, "%.60s: the machine's kernel has no SELinux: only label=disable is "
				      "true of it", text);
	return error_set(err, "\"%.60s\" is none of no-new-privileges=true|false, "
			      "seccomp=unconfined|builtin|FILE, systempaths=unconfined, label=disable, "
			      "apparmor=unconfined", text);
}

int parse_security(const char *text, enum security_option *out, const char **profile,
		   struct error *err)
{
	/* The colon is the older form. */
	size_t length = strcspn(text, strchr(text, '=') ? "=" : ":");
	const char *value = text + length + (text[length] != 0);
	for (size_t i = 0; i < countof(known); i++) {
		if (strlen(known[i].name) != length || strncmp(known[i].name, text, length) != 0 ||
		    strcmp(known[i].value, value) != 0)
			continue;
		*out = known[i].option;
		return 0;
	}
	if (length != 7 || strncmp(text, "seccomp", length) != 0 || !*value)
		return refuse(text, text, length, err);
	*out = SECURITY_FILTER;
	*profile = value;
	return 0;
}

bool security_is_dangerous(enum security_option option)
{
	return option == SECURITY_GAINS || option == SECURITY_NO_FILTER || option == SECURITY_FILTER ||
	       option == SECURITY_NOTHING_MASKED;
}

int security_check(const struct machine *machine, const struct container_config *container,
		   struct error *err)
{
	if (!container->seccomp_profile)
		return 0;
	const struct machine_content *content =
		machine_find_content(machine, container->seccomp_profile);
	size_t most = SECCOMP_HEADER + SECCOMP_PROGRAM_MAX * sizeof(struct sock_filter);
	if (!content || content->size <= SECCOMP_HEADER || content->size > most ||
	    (content->size - SECCOMP_HEADER) % sizeof(struct sock_filter))
		return error_set(err, "%.80s is no system call filter", container->seccomp_profile);
	return 0;
}

static int take_bool(const char *value, bool *out, struct error *err)
{
	*out = strcmp(value, "true") == 0;
	return *out || strcmp(value, "false") == 0
		       ? 0
		       : error_set(err, "\"%.20s\" is neither true nor false", value);
}

int set_privileged(struct machine *machine, const char *value, struct error *err)
{
	return take_bool(value, &machine->container->privileged, err);
}

int set_init(struct machine *machine, const char *value, struct error *err)
{
	return take_bool(value, &machine->container->init, err);
}

int add_security(struct machine *machine, const char *value, struct error *err)
{
	enum security_option option;
	const char *profile;
	if (parse_security(value, &option, &profile, err) < 0)
		return -1;
	if (option == SECURITY_FILTER)
		return error_set(err, "%.60s: a profile of system calls is one of a document "
				      "(docs/compose.md); here it is unconfined or builtin", value);
	if (machine->container->security.count == LIST_MAX)
		return error_set(err, "more than %d of them", LIST_MAX);
	return string_list_add(&machine->container->security, &machine->arena, value, err);
}
