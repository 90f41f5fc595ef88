// SPDX-License-Identifier: Apache-2.0
/* Small things that several commands share. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "runtime/oci/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int write_pid_file(const char *path, pid_t pid, struct error *err)
{
	char text[16], draft[PATH_MAX];
	snprintf(text, sizeof text, "%d", pid);
	const char *slash = strrchr(path, '/');
	int directory = slash ? (int)(slash - path) + 1 : 0;
	if ((size_t)snprintf(draft, sizeof draft, "%.*s.%s", directory, path,
			     path + directory) >= sizeof draft)
		return error_errno(err, ENAMETOOLONG, "PID file %.60s…", path);
	if (file_write(AT_FDCWD, draft, text, strlen(text), 0644, err) < 0)
		return -1;
	return rename(draft, path) < 0 ? error_errno(err, errno, "write the PID file %s", path) : 0;
}

int connect_socket(const char *path, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int place = -1;
	/* A path may be longer than an address; one through a descriptor is not. */
	size_t length = strlen(path);
	if (length < sizeof address.sun_path) {
		memcpy(address.sun_path, path, length + 1);
	} else {
		place = open(path, O_PATH | O_CLOEXEC);
		snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", place);
	}
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return error_errno(err, errno, "connect to the socket %s", path);
	return steal_fd(&fd);
}

int connect_agent(const char *path, struct error *err)
{
	int fd = connect_socket(path, err);
	return fd < 0 ? error_context(err, "failed to connect with seccomp agent") : fd;
}

int reserve_descriptors(const char *text, unsigned *out, struct error *err)
{
	enum { MOST = 1024 };
	const char *activation = getenv("LISTEN_FDS");
	unsigned long count = text ? strtoul(text, NULL, 10) : 0;
	if (text && (strspn(text, "0123456789") != strlen(text) || !*text || count > MOST))
		return error_set(err, "--preserve-fds %.20s is not a number from 0 to %d", text,
				 MOST);
	/* Sockets handed over by socket activation go on to the container. */
	if (activation)
		count += strtoul(activation, NULL, 10);
	if (count > MOST)
		return error_set(err, "%lu descriptors to preserve are more than %d", count, MOST);
	_cleanup_close_ int place = count ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
	for (int fd = 3; place >= 0 && fd < 3 + (int)count; fd++)
		if (fd != place && fcntl(fd, F_GETFD) < 0 && dup3(place, fd, O_CLOEXEC) < 0)
			return error_errno(err, errno, "keep descriptor %d free", fd);
	/* The place itself may be one of them. */
	if (place >= 3 && place < 3 + (int)count)
		place = -1;
	*out = (unsigned)count;
	return 0;
}
