// SPDX-License-Identifier: Apache-2.0
#include "runtime/terminal.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"
#include "runtime/resolve.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* The devpts must be one: a container's image decides what stands at /dev/pts without it. */
static int open_master(int root_fd, struct error *err)
{
	int fd = sys_openat2(root_fd, "dev/pts/ptmx", O_RDWR | O_NOCTTY, 0,
			     RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	struct statfs fs;
	if (fd < 0)
		return error_errno(err, errno, "open /dev/pts/ptmx in the container for a terminal");
	if (fstatfs(fd, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC) {
		close(fd);
		return error_set(err, "/dev/pts in the container is no devpts: no terminal there");
	}
	return fd;
}

/* The peer by descriptor (CVE-2025-52565): no path of the container is looked at. */
static int open_peer(int master, const struct process_spec *process, struct error *err)
{
	int unlock = 0;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return error_errno(err, errno, "unlock the terminal");
	_cleanup_close_ int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (peer < 0)
		return error_errno(err, errno, "open the terminal");
	struct winsize size = {.ws_row = (unsigned short)process->rows,
			       .ws_col = (unsigned short)process->columns};
	if ((process->rows || process->columns) && ioctl(peer, TIOCSWINSZ, &size) < 0)
		return error_errno(err, errno, "set the size of the terminal");
	struct termios modes;
	if (process->plain_lines && tcgetattr(peer, &modes) == 0) {
		modes.c_oflag &= ~(tcflag_t)ONLCR;
		tcsetattr(peer, TCSANOW, &modes);
	}
	/* In a user namespace the ID may be one that this devpts does not know. */
	if (fchown(peer, process->uid, (gid_t)-1) < 0 && errno != EINVAL && errno != EPERM)
		return error_errno(err, errno, "give the terminal to user %u", process->uid);
	return steal_fd(&peer);
}

static int bind_console(int peer, int root_fd, struct error *err)
{
	_cleanup_close_ int dev = sys_openat2(root_fd, "dev", O_PATH | O_DIRECTORY, 0,
					      RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	if (dev < 0)
		return error_errno(err, errno, "open /dev in the container");
	int made = openat(dev, "console", O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  0600);
	cleanup_close_fd(&made);
	_cleanup_close_ int target = openat(dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (target < 0 || fstat(target, &st) < 0)
		return error_errno(err, errno, "create /dev/console in the container");
	if (S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode))
		return error_set(err, "/dev/console in the container is a link or a directory");
	_cleanup_close_ int copy =
		sys_open_tree(peer, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (copy < 0)
		return error_errno(err, errno, "copy the terminal's mount");
	return mount_attach(copy, target, "/dev/console", err);
}

int terminal_send(int socket, int fd, const char *text, struct error *err)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)(uintptr_t)text, strlen(text)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
				 .msg_controllen = sizeof control.space};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof fd);
	ssize_t sent;
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? error_errno(err, errno, "send a descriptor over the socket") : 0;
}

int terminal_receive(int socket, struct error *err)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char text[64];
	struct iovec iov = {text, sizeof text};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
				 .msg_controllen = sizeof control.space};
	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) < 0)
		return error_errno(err, errno, "receive the terminal");
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int)))
		return error_set(err, "no terminal came over the socket");
	int fd;
	memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

int terminal_open(const struct process_spec *process, int root_fd, int console, bool bind,
		  struct error *err)
{
	_cleanup_close_ int master = open_master(root_fd, err);
	_cleanup_close_ int peer = master < 0 ? -1 : open_peer(master, process, err);
	if (peer < 0 || (bind && bind_console(peer, root_fd, err) < 0))
		return -1;
	if (terminal_send(console, master, "/dev/ptmx", err) < 0)
		return error_context(err, "console socket");
	if (ioctl(peer, TIOCSCTTY, 0) < 0)
		return error_errno(err, errno, "make the terminal the controlling one");
	for (int i = 0; i < 3; i++)
		if (dup2(peer, i) < 0)
			return error_errno(err, errno, "set descriptor %d", i);
	return 0;
}
