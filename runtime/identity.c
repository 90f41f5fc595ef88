// SPDX-License-Identifier: Apache-2.0
#include "runtime/identity.h"

#include "lib/cleanup.h"
#include "runtime/resolve.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	DATABASE_MAX = 16 * 1024 * 1024, /* bytes of /etc/passwd or /etc/group that are read */
	CHUNK = 16 * 1024,
};

static bool is_name(const char *text)
{
	if (!isalpha((unsigned char)*text) && *text != '_')
		return false;
	for (text++; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("_.-$", *text))
			return false;
	return true;
}

static int parse_part(const char *text, size_t length, const char *user,
		      struct identity_part *part, struct error *err)
{
	part->given = true;
	if (length == 0 || length >= sizeof part->name)
		return error_set(err, "user \"%.64s\": %s half", user,
				 length ? "over-long" : "empty");
	memcpy(part->name, text, length);
	part->name[length] = 0;
	part->numeric = strspn(part->name, "0123456789") == length;
	if (part->numeric && !passwd_number(part->name, &part->number))
		return error_set(err, "user \"%.64s\": %.32s is not between 0 and 2147483647", user,
				 part->name);
	if (!part->numeric && !is_name(part->name))
		return error_set(err, "user \"%.64s\": \"%.32s\" is neither a name nor a number",
				 user, part->name);
	return 0;
}

int identity_parse(const char *user, struct identity_part *who, struct identity_part *group,
		   struct error *err)
{
	memset(who, 0, sizeof *who);
	memset(group, 0, sizeof *group);
	if (!user || !*user)
		return 0;
	const char *colon = strchr(user, ':');
	size_t length = colon ? (size_t)(colon - user) : strlen(user);
	if (parse_part(user, length, user, who, err) < 0)
		return -1;
	return colon ? parse_part(colon + 1, strlen(colon + 1), user, group, err) : 0;
}

/* Feeds the file to the scanner piece by piece. A missing file is an empty one. A FIFO or a device
 * cannot hold the start up: it is opened without waiting and refused (CVE-2024-9676). */
static int scan_file(int root_fd, const char *path, void (*feed)(void *, const char *, size_t),
		     void *scan, struct error *err)
{
	struct error open_error = ERROR_INIT;
	_cleanup_close_ int fd =
		resolve_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &open_error);
	if (fd < 0 && (open_error.code == ENOENT || open_error.code == ENOTDIR))
		return 0;
	if (fd < 0)
		return error_set(err, "%s", open_error.text);
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return error_set(err, "the image's %s is not a regular file", path);
	static char chunk[CHUNK];
	for (size_t total = 0;;) {
		ssize_t got = read(fd, chunk, sizeof chunk);
		if (got < 0)
			return error_errno(err, errno, "read %s", path);
		if (got == 0)
			return 0;
		total += (size_t)got;
		if (total > DATABASE_MAX)
			return error_set(err, "the image's %s is larger than %d MiB", path,
					 DATABASE_MAX >> 20);
		feed(scan, chunk, (size_t)got);
	}
}

static void feed_passwd(void *scan, const char *bytes, size_t size)
{
	passwd_scan_feed(scan, bytes, size);
}

static void feed_group(void *scan, const char *bytes, size_t size)
{
	group_scan_feed(scan, bytes, size);
}

static struct passwd_key key_of(const struct identity_part *part)
{
	/* No specification at all means user 0. */
	bool by_name = part->given && !part->numeric;
	return (struct passwd_key){by_name ? part->name : NULL, part->number};
}

static int resolve_user(int root_fd, const struct identity_part *who, struct identity *out,
			struct passwd_entry *entry, struct error *err)
{
	static struct passwd_scan scan;
	passwd_scan_begin(&scan, key_of(who));
	if (scan_file(root_fd, "/etc/passwd", feed_passwd, &scan, err) < 0)
		return -1;
	passwd_scan_end(&scan);
	*entry = scan.entry;
	if (!entry->found && who->given && !who->numeric)
		return error_set(err, "user \"%s\" is not in the image's /etc/passwd", who->name);
	if (entry->found && !entry->valid)
		return error_set(err, "user \"%.64s\" has no valid uid and gid in the image's "
				 "/etc/passwd", entry->name);
	out->uid = entry->found ? entry->uid : who->number;
	out->gid = entry->found ? entry->gid : 0;
	snprintf(out->home, sizeof out->home, "%s", *entry->home ? entry->home : "/");
	return 0;
}

static int resolve_groups(int root_fd, const struct identity_part *group, struct identity *out,
			  const struct passwd_entry *entry, struct error *err)
{
	static struct group_scan scan;
	const char *member = !group->given && entry->found ? entry->name : NULL;
	if (group->given || member) {
		group_scan_begin(&scan, key_of(group), member);
		if (scan_file(root_fd, "/etc/group", feed_group, &scan, err) < 0)
			return -1;
		group_scan_end(&scan);
		if (group->given && !group->numeric && !scan.entry.found)
			return error_set(err, "group \"%s\" is not in the image's /etc/group",
					 group->name);
		if (scan.entry.too_many)
			return error_set(err, "user \"%.64s\" is in more than %d groups of the "
					 "image's /etc/group", member, PASSWD_GROUPS_MAX);
		if (group->given)
			out->gid = group->numeric ? group->number : scan.entry.gid;
	}
	out->own[out->group_count++] = out->gid;
	for (size_t i = 0; member && i < scan.entry.count; i++)
		if (scan.entry.groups[i] != out->gid)
			out->own[out->group_count++] = scan.entry.groups[i];
	return 0;
}

int identity_resolve(int root_fd, const char *user, struct identity *out, struct error *err)
{
	struct identity_part who, group;
	struct passwd_entry entry;
	memset(out, 0, sizeof *out);
	if (identity_parse(user, &who, &group, err) < 0 ||
	    resolve_user(root_fd, &who, out, &entry, err) < 0)
		return -1;
	out->groups = out->own;
	return resolve_groups(root_fd, &group, out, &entry, err);
}

static int find_group(int root_fd, const char *name, gid_t *out, struct error *err)
{
	static struct group_scan scan;
	struct identity_part part;
	memset(&part, 0, sizeof part);
	if (parse_part(name, strlen(name), name, &part, err) < 0)
		return -1;
	*out = part.number;
	if (part.numeric)
		return 0;
	group_scan_begin(&scan, key_of(&part), NULL);
	if (scan_file(root_fd, "/etc/group", feed_group, &scan, err) < 0)
		return -1;
	group_scan_end(&scan);
	if (!scan.entry.found)
		return error_set(err, "group \"%.60s\" is not in the image's /etc/group", name);
	*out = scan.entry.gid;
	return 0;
}

int identity_add_groups(int root_fd, const struct string_list *groups, struct identity *out,
			struct error *err)
{
	for (size_t i = 0; i < groups->count; i++) {
		gid_t gid;
		size_t at = 0;
		if (find_group(root_fd, groups->items[i], &gid, err) < 0)
			return -1;
		while (at < out->group_count && out->own[at] != gid)
			at++;
		if (at < out->group_count)
			continue;
		if (out->group_count == sizeof out->own / sizeof *out->own)
			return error_set(err, "more than %zu groups", out->group_count);
		out->own[out->group_count++] = gid;
	}
	return 0;
}

int identity_of_numbers(int root_fd, const struct process_spec *process, bool with_home,
			struct identity *out, struct error *err)
{
	memset(out, 0, sizeof *out);
	out->uid = process->uid;
	out->gid = process->gid;
	out->groups = process->groups;
	out->group_count = process->group_count;
	if (!with_home)
		return 0;
	static struct passwd_scan scan;
	passwd_scan_begin(&scan, (struct passwd_key){NULL, process->uid});
	if (scan_file(root_fd, "/etc/passwd", feed_passwd, &scan, err) < 0)
		return -1;
	passwd_scan_end(&scan);
	snprintf(out->home, sizeof out->home, "%s", *scan.entry.home ? scan.entry.home : "/");
	return 0;
}

/* The system calls themselves: a C library's wrappers go looking for other threads. */
int identity_assume(const struct identity *identity, struct error *err)
{
	uid_t uid = identity->uid;
	gid_t gid = identity->gid;
	/* The calls would leave the ID as it is. */
	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return error_set(err, "user %u:%u is none: 4294967295 is no ID", uid, gid);
	/* In a user namespace that was mapped without privilege nobody may; then there are none. */
	if (syscall(SYS_setgroups, identity->group_count, identity->groups) < 0 &&
	    (errno != EPERM || identity->group_count))
		return error_errno(err, errno, "set %zu supplementary groups",
				   identity->group_count);
	if (syscall(SYS_setresgid, gid, gid, gid) < 0)
		return error_errno(err, errno, "become group %u", gid);
	if (syscall(SYS_setresuid, uid, uid, uid) < 0)
		return error_errno(err, errno, "become user %u", uid);
	return 0;
}
