// SPDX-License-Identifier: Apache-2.0
/* What a round has found, on its way from the worker to PID 1. */
#include "init/clock/ntp.h"

#include "init/clock/clock.h"

#include <string.h>

enum { NTP_RESULT = 1, STRATUM_MAX = 15 };

#define NS_PER_S INT64_C(1000000000)
#define ERROR_MAX (UINT64_C(64) * 1000000000)

static uint64_t put_flags(const bool *flags)
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < NTP_SERVERS_MAX; i++)
		bits |= (uint64_t)flags[i] << i;
	return bits;
}

static uint64_t get_limited(struct frame *frame, uint64_t most)
{
	uint64_t value = frame_get_u64(frame);
	if (value > most)
		frame->bad = true;
	return frame->bad ? 0 : value;
}

static void get_flags(struct frame *frame, bool *flags)
{
	uint64_t bits = get_limited(frame, (1U << NTP_SERVERS_MAX) - 1);
	for (unsigned i = 0; i < NTP_SERVERS_MAX; i++)
		flags[i] = bits >> i & 1;
}

void ntp_result_encode(const struct ntp_result *result, struct frame *frame, void *storage)
{
	frame_begin(frame, NTP_RESULT, storage, NTP_FRAME_MAX);
	frame_put_u64(frame, result->found);
	frame_put_u64(frame, (uint64_t)result->sample.base);
	frame_put_u64(frame, result->sample.delay_ns);
	frame_put_u64(frame, result->sample.error_ns);
	frame_put_u64(frame, result->sample.stratum);
	frame_put_u64(frame, result->sample.server);
	frame_put_u64(frame, result->agree);
	frame_put_u64(frame, result->asked);
	frame_put_u64(frame, put_flags(result->slower));
	frame_put_u64(frame, put_flags(result->never));
	frame_put_string(frame, result->why);
}

int ntp_result_decode(struct frame *frame, struct ntp_result *out, struct error *err)
{
	*out = (struct ntp_result){.found = get_limited(frame, 1)};
	/* Later than 1970 less what the machine may have been running, and before the year 2100. */
	out->sample.base = (int64_t)get_limited(frame, (uint64_t)(CLOCK_LATEST * NS_PER_S));
	out->sample.delay_ns = get_limited(frame, ERROR_MAX);
	out->sample.error_ns = get_limited(frame, ERROR_MAX);
	out->sample.stratum = (unsigned)get_limited(frame, STRATUM_MAX);
	out->sample.server = (unsigned)get_limited(frame, NTP_SERVERS_MAX - 1);
	out->agree = (unsigned)get_limited(frame, NTP_SERVERS_MAX);
	out->asked = (unsigned)get_limited(frame, NTP_SERVERS_MAX);
	get_flags(frame, out->slower);
	get_flags(frame, out->never);
	frame_get_text(frame, out->why, sizeof out->why);
	if (frame->type != NTP_RESULT || !frame_done(frame) || out->agree > out->asked)
		return error_set(err, "malformed result of a round of NTP");
	return 0;
}
