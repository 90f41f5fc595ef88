// SPDX-License-Identifier: Apache-2.0
/* How one test of a container's health ended: what the prober tells PID 1, as one frame. */
#ifndef BERTH_INIT_SUPERVISE_PROBE_RESULT_H
#define BERTH_INIT_SUPERVISE_PROBE_RESULT_H

#include "lib/frame.h"

enum {
	PROBE_OUTPUT_MAX = 4096, /* bytes that are kept, the last ones */
	PROBE_FRAME_MAX = 1 + 8 + 8 + 4 + PROBE_OUTPUT_MAX,
	PROBE_RESULT = 1, /* type of the frame */
};

enum probe_end {
	PROBE_EXITED,    /* by itself, or killed by somebody */
	PROBE_TIMED_OUT, /* killed, for it took too long */
	PROBE_NOT_RUN,   /* `output` says why */
	PROBE_ASKED,     /* over the network: exit_status is 0 or 1, `output` says what came of it */
};

struct probe_result {
	enum probe_end end;
	int exit_status; /* 128 + signal for a killed one; of one that was not run: 125, 126, 127 */
	char output[PROBE_OUTPUT_MAX + 1];
};

void probe_result_encode(const struct probe_result *result, struct frame *frame, void *storage);
/* What the test printed is cleaned: no control characters but line ends and tabs, valid UTF-8. */
int probe_result_decode(struct frame *frame, struct probe_result *out, struct error *err);

/* "exited with status 1: the last line that it printed"; one line. */
void probe_result_describe(const struct probe_result *result, uint64_t timeout_ms, char *out,
			   size_t capacity);

#endif
