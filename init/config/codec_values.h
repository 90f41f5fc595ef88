// SPDX-License-Identifier: Apache-2.0
/* Values in the frame of a machine's description, which the parts of it share: each is checked when it is
 * read, as on the command line, since the worker that wrote it may have been taken over. */
#ifndef BERTH_INIT_CONFIG_CODEC_VALUES_H
#define BERTH_INIT_CONFIG_CODEC_VALUES_H

#include "init/config/machine.h"
#include "lib/frame.h"

enum { CODEC_TEXT_MAX = 4096 };

/* NULL and "" are different things. */
void codec_put_optional(struct frame *frame, const char *text);
const char *codec_get_optional(struct frame *frame, struct arena *arena);

/* At most `most`, else the frame is bad. */
uint64_t codec_get_limited(struct frame *frame, uint64_t most);

/* A text that is checked as the command line's key of that name is; "" is none. */
int codec_get_setting(struct frame *frame, struct machine *machine, const char *key, struct error *err);
/* Likewise, each of a list that frame_put_list() wrote. */
int codec_get_list(struct frame *frame, struct machine *machine, const char *key, struct error *err);

/* How much of a log is kept in files. */
void codec_put_log_files(struct frame *frame, const struct log_config *log);
void codec_get_log_files(struct frame *frame, struct log_config *log);

#endif
