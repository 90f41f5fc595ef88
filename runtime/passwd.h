// SPDX-License-Identifier: Apache-2.0
/*
 * An image's /etc/passwd and /etc/group, read as a stream: bytes go in as they come, nothing grows
 * with the file or with a line. The files are the image author's: any byte may stand anywhere.
 */
#ifndef BERTH_RUNTIME_PASSWD_H
#define BERTH_RUNTIME_PASSWD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
	PASSWD_FIELD_MAX = 256, /* a longer name, number or home directory matches nothing */
	PASSWD_GROUPS_MAX = 64, /* supplementary groups taken from /etc/group */
	PASSWD_FIELDS = 7,
};

/* What is looked for: a name, or a number when `name` is NULL. */
struct passwd_key {
	const char *name;
	unsigned number;
};

/* The first matching line of /etc/passwd. */
struct passwd_entry {
	bool found;
	bool valid; /* its uid and gid are numbers from 0 to 2^31-1 */
	char name[PASSWD_FIELD_MAX];
	char home[PASSWD_FIELD_MAX];
	uid_t uid;
	gid_t gid;
};

/* What /etc/group says: the group that was asked for, or the groups that have a user as member. */
struct group_entry {
	bool found;
	gid_t gid;
	bool too_many; /* the member is in more groups than fit */
	size_t count;
	gid_t groups[PASSWD_GROUPS_MAX];
};

/* Splits a stream into lines and fields; the part that both files share. */
struct passwd_stream {
	unsigned field;                /* index of the field being read */
	size_t length;                 /* of that field so far */
	bool overlong;                 /* the field is too long or has a NUL in it */
	bool list;                     /* in the last field, ',' ends an item */
	char text[PASSWD_FIELD_MAX];
};

struct passwd_scan {
	struct passwd_stream stream;
	struct passwd_key want;
	struct passwd_entry entry;
	char fields[PASSWD_FIELDS][PASSWD_FIELD_MAX];
	bool bad[PASSWD_FIELDS];
};

struct group_scan {
	struct passwd_stream stream;
	struct passwd_key want;   /* a group; not used when member is set */
	const char *member;       /* collects the groups of this user */
	struct group_entry entry;
	bool wanted, has_gid, listed; /* of the current line */
	gid_t gid;
};

/* A number of a user or group, as CVE-2024-40635 and its kin ask for: one to ten digits and nothing
 * else, at most 2^31-1. */
bool passwd_number(const char *text, unsigned *number);

void passwd_scan_begin(struct passwd_scan *scan, struct passwd_key want);
void passwd_scan_feed(struct passwd_scan *scan, const char *bytes, size_t size);
/* Ends the last line. The answer is in scan->entry. */
void passwd_scan_end(struct passwd_scan *scan);

/* `member` NULL: looks for the group `want`. Otherwise collects the groups of that user. */
void group_scan_begin(struct group_scan *scan, struct passwd_key want, const char *member);
void group_scan_feed(struct group_scan *scan, const char *bytes, size_t size);
void group_scan_end(struct group_scan *scan);

#endif
