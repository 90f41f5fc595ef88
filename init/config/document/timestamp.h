// SPDX-License-Identifier: Apache-2.0
/*
 * YAML's timestamps (yaml.org/type/timestamp.html). docker compose takes one that stands without quotes for a
 * point in time and hands its own way to write it on, to a container's environment too.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_TIMESTAMP_H
#define BERTH_INIT_CONFIG_DOCUMENT_TIMESTAMP_H

#include <stdbool.h>

enum { TIMESTAMP_TEXT = 64 };

/* "2024-1-2" → "2024-01-02 00:00:00 +0000 UTC"; false, and nothing written, when the text is no timestamp. */
bool timestamp_print(const char *text, char out[TIMESTAMP_TEXT]);

#endif
