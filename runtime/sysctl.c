// SPDX-License-Identifier: Apache-2.0
#include "runtime/sysctl.h"

#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As sysctl(8): of '.' and '/' the first to appear separates; the other one is part of a name. */
static int path_of(const char *name, char *out, size_t capacity, struct error *err)
{
	if ((size_t)snprintf(out, capacity, "sys/%s", name) >= capacity)
		return error_set(err, "sysctl \"%.60s…\" is over-long", name);
	if (strstr(name, "..") || strstr(name, "//"))
		return error_set(err, "sysctl \"%.60s\" is no name of a kernel parameter", name);
	char separator = name[strcspn(name, "./")];
	if (separator != '.')
		return 0;
	for (char *c = out + 4; *c; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	return 0;
}

static int set(int proc_fd, const struct sysctl *sysctl, struct error *err)
{
	char path[512];
	if (path_of(sysctl->name, path, sizeof path, err) < 0)
		return -1;
	_cleanup_close_ int fd = sys_openat2(
		proc_fd, path, O_WRONLY, 0,
		RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
	if (fd < 0 || write(fd, sysctl->value, strlen(sysctl->value)) < 0)
		return error_errno(err, errno, "set sysctl %s to \"%.80s\"", sysctl->name,
				   sysctl->value);
	return 0;
}

int sysctl_apply(const struct sysctl *list, size_t count, struct error *err)
{
	if (count == 0)
		return 0;
	_cleanup_close_ int proc_fd = mount_new("proc", NULL, 0, err);
	if (proc_fd < 0)
		return error_context(err, "set sysctls");
	for (size_t i = 0; i < count; i++)
		if (set(proc_fd, &list[i], err) < 0)
			return -1;
	return 0;
}

enum spec_namespace sysctl_namespace(const char *name)
{
	static const struct {
		const char *prefix;
		enum spec_namespace kind;
		bool whole;
	} PLACES[] = {
		{"net/", NAMESPACE_NETWORK, false},
		{"fs/mqueue/", NAMESPACE_IPC, false},
		{"kernel/msgmax", NAMESPACE_IPC, true},
		{"kernel/msgmnb", NAMESPACE_IPC, true},
		{"kernel/msgmni", NAMESPACE_IPC, true},
		{"kernel/msg_next_id", NAMESPACE_IPC, true},
		{"kernel/auto_msgmni", NAMESPACE_IPC, true},
		{"kernel/sem", NAMESPACE_IPC, true},
		{"kernel/sem_next_id", NAMESPACE_IPC, true},
		{"kernel/shmall", NAMESPACE_IPC, true},
		{"kernel/shmmax", NAMESPACE_IPC, true},
		{"kernel/shmmni", NAMESPACE_IPC, true},
		{"kernel/shm_next_id", NAMESPACE_IPC, true},
		{"kernel/shm_rmid_forced", NAMESPACE_IPC, true},
		{"kernel/domainname", NAMESPACE_UTS, true},
	};
	char path[512];
	if (path_of(name, path, sizeof path, NULL) < 0)
		return NAMESPACE_COUNT;
	for (size_t i = 0; i < countof(PLACES); i++) {
		size_t length = strlen(PLACES[i].prefix) + PLACES[i].whole; /* with the NUL */
		if (strncmp(path + 4, PLACES[i].prefix, length) == 0)
			return PLACES[i].kind;
	}
	return NAMESPACE_COUNT;
}
