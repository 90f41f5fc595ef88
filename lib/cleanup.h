// SPDX-License-Identifier: Apache-2.0
/*
 * Scope-bound ownership: a variable marked with one of these is released when it leaves scope, and
 * handed over with steal_fd() or steal_pointer().
 */
#ifndef BERTH_LIB_CLEANUP_H
#define BERTH_LIB_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static inline void cleanup_close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define _cleanup_close_ __attribute__((cleanup(cleanup_close_fd)))
#define _cleanup_free_ __attribute__((cleanup(cleanup_free_pointer)))
#define _cleanup_closedir_ __attribute__((cleanup(cleanup_close_dir)))
#define _cleanup_fclose_ __attribute__((cleanup(cleanup_close_file)))

static inline int steal_fd(int *fd)
{
	int value = *fd;
	*fd = -1;
	return value;
}

#define steal_pointer(variable)                      \
	({                                           \
		__typeof__(*(variable)) _p = *(variable); \
		*(variable) = NULL;                  \
		_p;                                  \
	})

#define countof(array) (sizeof(array) / sizeof((array)[0]))

#endif
