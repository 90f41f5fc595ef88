// SPDX-License-Identifier: Apache-2.0
/* Two inputs: with 'F' before it, a round's result as PID 1 receives it; else what a time server, or
 * anybody who can send to the socket, answers. What is taken for a time is within bounds. */
#include "init/clock/clock.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_answer(const uint8_t *data, size_t size)
{
	const struct ntp_request request = {0x0123456789abcdef, 5000000000};
	const uint64_t received = 5100000000;
	struct ntp_sample sample, *const all = &sample;
	struct error err = ERROR_INIT;
	size_t agree;
	enum ntp_verdict verdict =
		ntp_answer_read(data, size, &request, received, &sample, &err);
	if (verdict != NTP_GOOD) {
		require(verdict == NTP_IGNORE || (err.text[0] && !strpbrk(err.text, "\n\r\033")));
		return;
	}
	int64_t then = (sample.base + (int64_t)received) / 1000000000;
	require(size >= NTP_PACKET && then >= CLOCK_EARLIEST && then <= CLOCK_LATEST);
	require(sample.delay_ns <= received - request.sent && sample.error_ns < 17000000000);
	require(sample.stratum >= 1 && sample.stratum <= 15);
	require(ntp_select(all, 1, &agree) == all && agree == 1);
}

static void check_frame(const uint8_t *data, size_t size)
{
	uint8_t storage[NTP_FRAME_MAX], again[NTP_FRAME_MAX];
	struct ntp_result result;
	struct error err = ERROR_INIT;
	if (size == 0 || size > sizeof storage)
		return;
	memcpy(storage, data, size);
	struct frame out, frame = {.type = storage[0], .size = size, .at = 1, .capacity = size,
				   .data = storage};
	if (ntp_result_decode(&frame, &result, &err) < 0)
		return;
	require(result.sample.server < NTP_SERVERS_MAX && result.agree <= result.asked);
	ntp_result_encode(&result, &out, again);
	require(!out.bad && out.size == size && memcmp(again, storage, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0 && data[0] == 'F')
		check_frame(data + 1, size - 1);
	else
		check_answer(data, size);
	return 0;
}
