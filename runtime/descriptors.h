// SPDX-License-Identifier: Apache-2.0
/* The descriptors of a starting process. */
#ifndef BERTH_RUNTIME_DESCRIPTORS_H
#define BERTH_RUNTIME_DESCRIPTORS_H

#include "runtime/spec.h"

enum { DESCRIPTORS_MAX = 2048 };

struct descriptors {
	int items[DESCRIPTORS_MAX];
	size_t count;
	bool full; /* there were more */
};

/* Adds those that are not -1. */
void descriptors_add(struct descriptors *list, const int *fds, size_t count);

/* 0, 1 and 2 become the process's (the caller's own until descriptors_fill_stdio() where none is
 * given); of all others only those in `keep`, which are above 2, and the preserved ones stay
 * open. */
int descriptors_arrange(const struct process_spec *process, struct descriptors *keep,
			struct error *err);

/* What is not given becomes /dev/null as seen now. With the machine's, a container's root could
 * change the owner and mode of the machine's node. */
int descriptors_fill_stdio(const struct process_spec *process, struct error *err);

/* Of all above 2, only `fd` and the preserved ones stay open: what is not needed any more must not wait
 * with the process. */
void descriptors_leave_only(const struct process_spec *process, int fd);

/* All above the preserved ones vanish at execve. */
int descriptors_close_at_exec(const struct process_spec *process, struct error *err);

#endif
