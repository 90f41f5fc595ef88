// SPDX-License-Identifier: Apache-2.0
/*
 * Owner, mode, extended attributes and times of an entry, in this order: chown clears setuid and
 * file capabilities, and everything changes times.
 *
 * Attributes: security.selinux, trusted.* and user.overlay.* of a layer are ignored (they speak
 * about the machine that built it). A filesystem without attributes is put up with, once per layer
 * with a warning, except for security.capability: a program without its capabilities is broken.
 */
#ifndef BERTH_IMAGES_LAYERS_METADATA_H
#define BERTH_IMAGES_LAYERS_METADATA_H

#include "images/layers/tar_reader.h"
#include "images/layers/tree.h"

/* The two halves of what is said of an open file or directory. */
int metadata_set_owner(int fd, uid_t uid, gid_t gid, mode_t mode, struct error *err);
int metadata_set_times(int fd, const struct timespec times[2], struct error *err);

/* For a new regular file or the root, open as fd. */
int metadata_apply_fd(struct tree *tree, struct tar_reader *reader, int fd,
		      const struct tar_entry *entry, struct error *err);
/* For anything else: `name` in dir_fd, never followed. */
int metadata_apply_at(struct tree *tree, struct tar_reader *reader, int dir_fd, const char *name,
		      const struct tar_entry *entry, struct error *err);
/* Removes the extended attributes of an existing directory that the layer has an entry for. */
int metadata_clear_xattrs(int fd, struct error *err);

#endif
