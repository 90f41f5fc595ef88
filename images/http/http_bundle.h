// SPDX-License-Identifier: Apache-2.0
/*
 * The authorities that vouch for servers by default: a file in PEM, or, where that is not there, the same
 * compressed (zstd) with `.zst` behind its name. So the initramfs has it in little space, and an
 * archive behind it may bring a plain one along, which counts.
 */
#ifndef BERTH_IMAGES_HTTP_HTTP_BUNDLE_H
#define BERTH_IMAGES_HTTP_HTTP_BUNDLE_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { HTTP_BUNDLE_MAX = 2 * 1024 * 1024, HTTP_BUNDLE_PATH_MAX = 4096 };

/* The name of the compressed one, which may be not there. */
void http_bundle_packed_name(const char *path, char out[HTTP_BUNDLE_PATH_MAX]);

/* Whether only the compressed one is there. */
bool http_bundle_is_packed(const char *path);

/* Its text, of `*size` bytes; empty when there is no file or `path` is NULL. It is read once, and stays
 * until another path is asked for. Not for two threads at once. */
int http_bundle_read(const char *path, const char **text, size_t *size, struct error *err);

#endif
