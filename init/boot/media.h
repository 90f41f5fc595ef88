// SPDX-License-Identifier: Apache-2.0
/*
 * Media with images: disks whose file system is labelled berth-images, and 9p and virtiofs shares
 * with that tag. Each is mounted read-only below /run/berth/sources: /run/berth/sources/vdb.
 */
#ifndef BERTH_INIT_BOOT_MEDIA_H
#define BERTH_INIT_BOOT_MEDIA_H

#include "init/boot/volume.h"
#include "lib/arena.h"

/* Mounts what is not mounted yet and adds its folder to `places`. What cannot be mounted is a
 * warning; what does not answer is left alone after a few seconds. `summary` names what was mounted,
 * "vdb (iso9660), 9p"; it is "" when nothing was. */
void boot_media(const struct volumes *volumes, struct arena *arena, struct string_list *places,
		char *summary, size_t capacity);

#endif
