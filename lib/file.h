// SPDX-License-Identifier: Apache-2.0
/* Small files: bounded reads, whole writes. For the machine's own files, not for paths in images. */
#ifndef BERTH_LIB_FILE_H
#define BERTH_LIB_FILE_H

#include "lib/error.h"

#include <stddef.h>
#include <sys/types.h>

/* Reads at most capacity-1 bytes of the file `path` below dir_fd into out and NUL-terminates it.
 * Returns the length; a longer file is an error. dir_fd may be AT_FDCWD. */
ssize_t file_read(int dir_fd, const char *path, char *out, size_t capacity, struct error *err);

/* As file_read, from an open descriptor. `name` is for messages. */
ssize_t file_read_fd(int fd, const char *name, char *out, size_t capacity, struct error *err);

/* Creates or replaces the file with `size` bytes. */
int file_write(int dir_fd, const char *path, const void *data, size_t size, mode_t mode,
	       struct error *err);

/* Writes the text into an existing file (sysfs, procfs, cgroupfs) in one write. */
int file_put(int dir_fd, const char *path, const char *text, struct error *err);

/* write() until all is out; retries EINTR. */
int write_all(int fd, const void *data, size_t size, struct error *err);

/* Creates the directory and its missing parents (mode 0755, the last with `mode`). */
int make_directories(const char *path, mode_t mode, struct error *err);

/* Opens /dev/null on those of descriptors 0, 1 and 2 that are closed: what is opened later must not
 * get their numbers. */
void fill_standard_descriptors(void);

#endif
