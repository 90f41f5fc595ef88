// SPDX-License-Identifier: Apache-2.0
#include "runtime/descriptors.h"

#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <linux/close_range.h>

void descriptors_add(struct descriptors *list, const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fds[i] < 0)
			continue;
		if (list->count == DESCRIPTORS_MAX)
			list->full = true;
		else
			list->items[list->count++] = fds[i];
	}
}

/* Moves a descriptor out of the way of 0, 1 and 2 and of the preserved ones; -1 stays -1. */
static int lift(int *fd, unsigned preserve, struct error *err)
{
	if (*fd < 0)
		return 0;
	int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, 3 + (int)preserve);
	if (lifted < 0)
		return error_errno(err, errno, "duplicate descriptor %d", *fd);
	*fd = lifted;
	return 0;
}

static int set_stdio(const struct process_spec *process, struct error *err)
{
	int stdio[3] = {process->stdin_fd, process->stdout_fd, process->stderr_fd};
	for (int i = 0; i < 3; i++)
		if (lift(&stdio[i], process->preserve_fds, err) < 0)
			return -1;
	int spare = -1;
	for (int i = 0; i < 3; i++) {
		/* One that is not given is filled inside; until then its number is kept busy. */
		if (stdio[i] < 0 && spare < 0)
			spare = open("/", O_PATH | O_CLOEXEC);
		int from = stdio[i] < 0 ? spare : stdio[i];
		if (from < 0 || dup2(from, i) < 0)
			return error_errno(err, errno, "set descriptor %d", i);
	}
	return 0;
}

int descriptors_arrange(const struct process_spec *process, struct descriptors *keep,
			struct error *err)
{
	for (unsigned i = 0; i < process->preserve_fds; i++)
		descriptors_add(keep, &(int){3 + (int)i}, 1);
	if (keep->full)
		return error_set(err, "more than %d descriptors are needed for the start",
				 DESCRIPTORS_MAX);
	if (set_stdio(process, err) < 0)
		return -1;
	confine_close_fds(keep->items, (unsigned)keep->count);
	return 0;
}

int descriptors_fill_stdio(const struct process_spec *process, struct error *err)
{
	const int given[3] = {process->stdin_fd, process->stdout_fd, process->stderr_fd};
	for (int i = 0; i < 3; i++) {
		if (given[i] >= 0 || process->terminal)
			continue;
		_cleanup_close_ int fd = open("/dev/null", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || dup2(fd, i) < 0)
			return error_errno(err, errno, "open the container's /dev/null");
	}
	return 0;
}

void descriptors_leave_only(const struct process_spec *process, int fd)
{
	struct descriptors keep = {0};
	descriptors_add(&keep, &fd, 1);
	for (unsigned i = 0; i < process->preserve_fds; i++)
		descriptors_add(&keep, &(int){3 + (int)i}, 1);
	confine_close_fds(keep.items, (unsigned)keep.count);
}

int descriptors_close_at_exec(const struct process_spec *process, struct error *err)
{
	if (sys_close_range(3 + process->preserve_fds, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return error_errno(err, errno, "mark descriptors close-on-exec");
	return 0;
}
