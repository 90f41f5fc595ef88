// SPDX-License-Identifier: Apache-2.0
/*
 * Paths inside a container's root, turned into descriptors once. "In root" means: absolute links
 * and ".." stay inside root_fd, and magic links of procfs are never followed.
 */
#ifndef BERTH_RUNTIME_RESOLVE_H
#define BERTH_RUNTIME_RESOLVE_H

#include "lib/error.h"

/* Opens an existing path with `flags` (O_CLOEXEC is added). -1 with errno in err->code. */
int resolve_open(int root_fd, const char *path, int flags, struct error *err);

/* O_PATH descriptor of the directory; missing components are created 0755. Links are followed in
 * root. */
int resolve_directory(int root_fd, const char *path, struct error *err);

/* O_PATH descriptor of the directory `path`, created when missing; anything but real directories on
 * the way, a symbolic link above all, is refused. For the kernel's file systems. */
int resolve_real_directory(int root_fd, const char *path, struct error *err);

/* O_PATH descriptor of the file (anything but a directory), created empty when missing. A link
 * that leads nowhere is replaced by the file. */
int resolve_file(int root_fd, const char *path, struct error *err);

#endif
