// SPDX-License-Identifier: Apache-2.0
/*
 * User specification, passwd and group: three parts separated by lines "%%". The answer must not
 * depend on how the bytes arrive, and every number must be in range.
 */
#include "runtime/identity.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* The bytes before the next separator; *rest then begins after it. */
static size_t part(const char **rest, size_t *left, const char **begin)
{
	*begin = *rest;
	for (size_t i = 0; i + 4 <= *left; i++)
		if (memcmp(*rest + i, "\n%%\n", 4) == 0) {
			*rest += i + 4;
			*left -= i + 4;
			return i;
		}
	size_t size = *left;
	*rest += size;
	*left = 0;
	return size;
}

static void scan_passwd(struct passwd_scan *scan, struct passwd_key want, const char *bytes,
			size_t size, size_t step)
{
	passwd_scan_begin(scan, want);
	for (size_t at = 0; at < size; at += step)
		passwd_scan_feed(scan, bytes + at, size - at < step ? size - at : step);
	passwd_scan_end(scan);
}

static void scan_group(struct group_scan *scan, struct passwd_key want, const char *member,
		       const char *bytes, size_t size, size_t step)
{
	group_scan_begin(scan, want, member);
	for (size_t at = 0; at < size; at += step)
		group_scan_feed(scan, bytes + at, size - at < step ? size - at : step);
	group_scan_end(scan);
}

static void check_passwd(struct passwd_key want, const char *bytes, size_t size)
{
	static struct passwd_scan whole, pieces;
	scan_passwd(&whole, want, bytes, size, size + 1);
	scan_passwd(&pieces, want, bytes, size, 7);
	require(memcmp(&whole.entry, &pieces.entry, sizeof whole.entry) == 0);
	if (whole.entry.found && whole.entry.valid)
		require(whole.entry.uid <= INT_MAX && whole.entry.gid <= INT_MAX);
	if (whole.entry.found && want.name)
		require(strcmp(whole.entry.name, want.name) == 0);
	require(memchr(whole.entry.home, 0, sizeof whole.entry.home) != NULL);
}

static void check_group(struct passwd_key want, const char *member, const char *bytes, size_t size)
{
	static struct group_scan whole, pieces;
	scan_group(&whole, want, member, bytes, size, size + 1);
	scan_group(&pieces, want, member, bytes, size, 5);
	require(memcmp(&whole.entry, &pieces.entry, sizeof whole.entry) == 0);
	require(whole.entry.count <= PASSWD_GROUPS_MAX && whole.entry.gid <= INT_MAX);
	for (size_t i = 0; i < whole.entry.count; i++)
		require(whole.entry.groups[i] <= INT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *rest = (const char *)data, *user, *passwd, *group;
	size_t left = size;
	size_t user_size = part(&rest, &left, &user);
	size_t passwd_size = part(&rest, &left, &passwd);
	size_t group_size = part(&rest, &left, &group);
	char text[512];
	if (user_size >= sizeof text)
		return 0;
	memcpy(text, user, user_size);
	text[user_size] = 0;

	struct identity_part who, named;
	if (identity_parse(text, &who, &named, NULL) < 0)
		return 0;
	require(who.number <= INT_MAX && named.number <= INT_MAX);
	struct passwd_key user_key = {who.given && !who.numeric ? who.name : NULL, who.number};
	struct passwd_key group_key = {named.given && !named.numeric ? named.name : NULL,
				       named.number};
	check_passwd(user_key, passwd, passwd_size);
	check_group(group_key, NULL, group, group_size);
	check_group(group_key, who.numeric ? "root" : who.name, group, group_size);
	return 0;
}
