// SPDX-License-Identifier: Apache-2.0
/* Who the container's process is: the image's `User` resolved with the image's own files. */
#ifndef BERTH_RUNTIME_IDENTITY_H
#define BERTH_RUNTIME_IDENTITY_H

#include "lib/error.h"
#include "runtime/passwd.h"
#include "runtime/spec.h"

struct identity {
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* `own`, or the specification's */
	size_t group_count;
	gid_t own[2 * PASSWD_GROUPS_MAX + 1]; /* the primary group is one of them */
	char home[PASSWD_FIELD_MAX];
};

/* One half of a user specification. */
struct identity_part {
	bool given;
	bool numeric;
	unsigned number;
	char name[PASSWD_FIELD_MAX];
};

/* Splits "", "user", "uid", "user:group", "uid:gid" and mixtures. All digits is a number from 0
 * to 2^31-1 or an error, never a name; a name begins with a letter or '_'. "1:" and ":1" are
 * errors. */
int identity_parse(const char *user, struct identity_part *who, struct identity_part *group,
		   struct error *err);

/* Resolves the specification in the container whose root directory is root_fd. As Docker does:
 * "" is root; a number without a line in /etc/passwd gets group 0 and home "/"; the groups of
 * /etc/group that list the user apply unless a group is named. */
int identity_resolve(int root_fd, const char *user, struct identity *out, struct error *err);
/* More groups for a resolved identity: names of /etc/group in the container, or numbers. */
int identity_add_groups(int root_fd, const struct string_list *groups, struct identity *out,
			struct error *err);

/* The numbers as they are; the home directory is looked up for the user only when asked for. */
int identity_of_numbers(int root_fd, const struct process_spec *process, bool with_home,
			struct identity *out, struct error *err);

/* Changes to the identity: supplementary groups, group, user. */
int identity_assume(const struct identity *identity, struct error *err);

#endif
