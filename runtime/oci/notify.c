// SPDX-License-Identifier: Apache-2.0
#include "runtime/oci/notify.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define FOLDER "notify"
#define NAME FOLDER "/notify.sock"
#define INSIDE "/run/notify"

enum { MESSAGE_MAX = 4096 };

static const char *manager(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	return path && *path ? path : NULL;
}

static int add_mount(struct create *create, struct error *err)
{
	struct container_spec *spec = &create->config.spec;
	struct arena *arena = &create->config.arena;
	struct spec_mount *all = arena_alloc(arena, (spec->mount_count + 1) * sizeof *all);
	const char *source = arena_printf(arena, "%s/%s/" FOLDER, create->state.root,
					  create->state.id);
	if (!all || !source)
		return error_set(err, "no memory for the mount of " INSIDE);
	if (spec->mount_count)
		memcpy(all, spec->mounts, spec->mount_count * sizeof *all);
	all[spec->mount_count] = (struct spec_mount){
		.destination = INSIDE,
		.source = source,
		.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	};
	spec->mounts = all;
	spec->mount_count++;
	return string_list_add(&spec->process.env, arena, "NOTIFY_SOCKET=" INSIDE "/notify.sock",
			       err);
}

int notify_prepare(struct create *create, struct error *err)
{
	int dir_fd = create->state.dir_fd;
	if (!manager())
		return 0;
	if (mkdirat(dir_fd, FOLDER, 0755) < 0 || fchmodat(dir_fd, FOLDER, 0755, 0) < 0)
		return error_errno(err, errno, "make the directory " FOLDER " of container %s",
				   create->state.id);
	return add_mount(create, err);
}

int notify_listen(const struct state *state, int *out, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	*out = -1;
	if (!manager() || faccessat(state->dir_fd, FOLDER, F_OK, 0) < 0)
		return 0;
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" NAME,
		 state->dir_fd);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Whatever the container's user is, it may write. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    fchmodat(state->dir_fd, NAME, 0777, 0) < 0)
		return error_errno(err, errno, "make the notify socket of container %s", state->id);
	*out = steal_fd(&fd);
	return 0;
}

/* A path, or a name of the abstract kind, which begins with '@'. */
static int tell(const char *path, const char *text, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(path);
	if ((*path != '/' && *path != '@') || length >= sizeof address.sun_path)
		return error_set(err, "NOTIFY_SOCKET \"%.80s\" is neither a path nor an abstract "
				      "name", path);
	memcpy(address.sun_path, path, length);
	if (*path == '@')
		address.sun_path[0] = 0;
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (fd < 0 ||
	    sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0)
		return error_errno(err, errno, "notify %s", path);
	return 0;
}

static bool says_ready(char *message)
{
	for (char *line; (line = strsep(&message, "\n"));)
		if (strcmp(line, "READY=1") == 0)
			return true;
	return false;
}

int notify_pass(int fd, pid_t pid, struct error *err)
{
	char message[MESSAGE_MAX + 1], text[64];
	ssize_t got = recv(fd, message, MESSAGE_MAX, MSG_DONTWAIT);
	const char *path = manager();
	message[got > 0 ? got : 0] = 0;
	if (!path || !says_ready(message))
		return 0;
	snprintf(text, sizeof text, "READY=1\nMAINPID=%d\n", pid);
	return tell(path, text, err) < 0 ? -1 : 1;
}

int notify_wait(const struct state *state, int fd, struct error *err)
{
	_cleanup_close_ int pidfd = state_pidfd(state);
	int done = 0;
	while (pidfd >= 0 && done == 0) {
		struct pollfd ready[] = {{.fd = fd, .events = POLLIN},
					 {.fd = pidfd, .events = POLLIN}};
		if (poll(ready, countof(ready), -1) < 0 && errno != EINTR)
			return error_errno(err, errno, "wait for container %s", state->id);
		if (ready[0].revents)
			done = notify_pass(fd, state->pid, err);
		else if (ready[1].revents)
			break;
	}
	return done < 0 ? -1 : 0;
}
