// SPDX-License-Identifier: Apache-2.0
#include "init/clock/clock.h"

#include "lib/tap.h"

static const struct ntp_request request = {0x1122334455667788, 5000000000};
static const uint64_t received = 5100000000; /* 100 ms after it was sent */
static const int64_t then = CLOCK_EARLIEST + 1000;

static void put32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void put_time(uint8_t *at, int64_t seconds, uint32_t fraction)
{
	put32(at, (uint32_t)(seconds + INT64_C(2208988800)));
	put32(at + 4, fraction);
}

/* From a good server: it had the question for 20 ms, beginning at `seconds` and a half. */
static void make_answer(uint8_t out[NTP_PACKET], int64_t seconds)
{
	memset(out, 0, NTP_PACKET);
	out[0] = 4 << 3 | 4;
	out[1] = 2;
	put32(out + 4, 0x00008000); /* root delay: half a second */
	put32(out + 8, 0x00004000); /* root dispersion: a quarter */
	put32(out + 24, (uint32_t)(request.nonce >> 32));
	put32(out + 28, (uint32_t)request.nonce);
	put_time(out + 32, seconds, 0x80000000);
	put_time(out + 40, seconds, 0x80000000 + 85899346);
}

static enum ntp_verdict read_answer(const uint8_t *answer, size_t size, struct ntp_sample *out,
				    struct error *err)
{
	*err = (struct error){0};
	return ntp_answer_read(answer, size, &request, received, out, err);
}

static void test_good(void)
{
	uint8_t answer[NTP_PACKET], question[NTP_PACKET];
	struct ntp_sample sample;
	struct error err;
	ntp_request_make(&request, question);
	ok(question[0] == 0x23 && memcmp(question + 40, "\x11\x22\x33\x44\x55\x66\x77\x88", 8) == 0,
	   "a question: version 4, client, a number of its own as the time");
	make_answer(answer, then);
	ok(read_answer(answer, sizeof answer, &sample, &err) == NTP_GOOD, "a good answer: %s",
	   err.text);
	int64_t middle = then * 1000000000 + 510000000;
	int64_t off = sample.base + 5050000000 - middle;
	ok(off > -2 && off < 2, "the middle there is the middle here (%lld ns)", (long long)off);
	ok(sample.delay_ns > 79999990 && sample.delay_ns < 80000010, "80 ms on the way");
	ok(sample.error_ns > 539999990 && sample.error_ns < 540000010,
	   "half of it, and what the server says of its own");
	ok(sample.stratum == 2, "stratum");
}

static void test_refused(void)
{
	static const struct {
		const char *what, *says;
		size_t at;
		uint8_t value;
		enum ntp_verdict verdict;
	} rows[] = {
		{"another origin", "", 31, 0, NTP_IGNORE},
		{"a client's packet", "", 0, 0x23, NTP_IGNORE},
		{"a broadcast", "", 0, 0x25, NTP_IGNORE},
		{"version 1", "version", 0, 0x0c, NTP_USELESS},
		{"leap indicator 3", "not synchronised", 0, 0xe4, NTP_USELESS},
		{"stratum 16", "not synchronised", 1, 16, NTP_USELESS},
		{"a large dispersion", "16 s", 9, 20, NTP_USELESS},
		{"a stay longer than the wait", "longer", 43, 0xff, NTP_USELESS},
	};
	struct ntp_sample sample;
	struct error err;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t answer[NTP_PACKET];
		make_answer(answer, then);
		answer[rows[i].at] = rows[i].value;
		enum ntp_verdict verdict = read_answer(answer, sizeof answer, &sample, &err);
		ok(verdict == rows[i].verdict && strstr(err.text, rows[i].says), "%s: %d, %s",
		   rows[i].what, verdict, err.text);
	}
	uint8_t answer[NTP_PACKET];
	make_answer(answer, then);
	ok(read_answer(answer, NTP_PACKET - 1, &sample, &err) == NTP_IGNORE, "47 bytes");
	make_answer(answer, CLOCK_EARLIEST - 1000);
	ok(read_answer(answer, NTP_PACKET, &sample, &err) == NTP_USELESS, "before the build: %s",
	   err.text);
	memset(answer + 40, 0, 8);
	ok(read_answer(answer, NTP_PACKET, &sample, &err) == NTP_USELESS, "no time: %s", err.text);
}

static void test_kiss(void)
{
	static const struct {
		const char *code;
		enum ntp_verdict verdict;
	} rows[] = {{"DENY", NTP_NEVER}, {"RSTR", NTP_NEVER}, {"RATE", NTP_SLOWER},
		    {"STEP", NTP_USELESS}, {"\x1b[1m", NTP_USELESS}};
	struct ntp_sample sample;
	struct error err;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t answer[NTP_PACKET];
		make_answer(answer, then);
		answer[1] = 0;
		memcpy(answer + 12, rows[i].code, 4);
		enum ntp_verdict verdict = read_answer(answer, sizeof answer, &sample, &err);
		ok(verdict == rows[i].verdict && !strchr(err.text, '\x1b'), "%s", err.text);
		answer[31] ^= 1;
		ok(read_answer(answer, sizeof answer, &sample, &err) == NTP_IGNORE,
		   "not from somebody who has not seen the question");
	}
}

/* 2036-02-07T06:28:16Z: timestamps begin anew. */
static void test_era(void)
{
	const int64_t second_era = INT64_C(2085978496) + 100;
	uint8_t answer[NTP_PACKET];
	struct ntp_sample sample;
	struct error err;
	make_answer(answer, second_era);
	ok(read_answer(answer, sizeof answer, &sample, &err) == NTP_GOOD &&
		   (sample.base + 5050000000) / 1000000000 == second_era,
	   "the second era: %s", err.text);
}

static struct ntp_sample at(int64_t base_ms, uint64_t error_ms)
{
	return (struct ntp_sample){.base = base_ms * 1000000, .error_ns = error_ms * 1000000};
}

static void test_select(void)
{
	size_t agree;
	const struct ntp_sample three[] = {at(1000, 50), at(9000000, 1), at(1020, 10)};
	ok(ntp_select(three, 3, &agree) == &three[2] && agree == 2,
	   "two of three outvote the third, and the more exact one counts");
	const struct ntp_sample two[] = {at(1000, 50), at(5000, 50)};
	ok(ntp_select(two, 2, &agree) == NULL, "two that disagree are no majority");
	ok(ntp_select(two, 1, &agree) == &two[0] && agree == 1, "one alone is believed");
	ok(ntp_select(two, 0, &agree) == NULL, "none");
}

static void test_servers(void)
{
	static const struct {
		const char *text, *host;
		unsigned port;
	} rows[] = {
		{"time.example.org", "time.example.org", 123}, {"10.0.2.2:1123", "10.0.2.2", 1123},
		{"[2001:db8::1]", "2001:db8::1", 123},	       {"[::1]:99", "::1", 99},
		{"", NULL, 0},	    {"a:", NULL, 0},   {"a:0", NULL, 0}, {"a:65536", NULL, 0},
		{"a b", NULL, 0},   {"[::1", NULL, 0}, {"::1", NULL, 0}, {"[a]b", NULL, 0},
		{"-v", NULL, 0},    {"a:1x", NULL, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ntp_server server;
		struct error err = ERROR_INIT;
		int result = ntp_server_parse(rows[i].text, &server, &err);
		ok(rows[i].host ? result == 0 && strcmp(server.host, rows[i].host) == 0 &&
					  server.port == rows[i].port
				: result < 0,
		   "\"%s\": %s", rows[i].text, result < 0 ? err.text : server.host);
	}
}

static void test_frame(void)
{
	uint8_t storage[NTP_FRAME_MAX];
	struct frame frame;
	struct error err = ERROR_INIT;
	struct ntp_result back, result = {.found = true, .agree = 2, .asked = 3,
					  .sample = {then * 1000000000, 5, 6, 2, 1},
					  .slower = {true}, .never = {false, true}, .why = "x"};
	ntp_result_encode(&result, &frame, storage);
	frame.at = 1;
	ok(ntp_result_decode(&frame, &back, &err) == 0 && back.sample.base == result.sample.base &&
		   back.agree == 2 && back.slower[0] && back.never[1] && !back.never[0],
	   "a result comes as it was sent: %s", err.text);
	result.sample.base = -1;
	ntp_result_encode(&result, &frame, storage);
	frame.at = 1;
	ok(ntp_result_decode(&frame, &back, &err) < 0, "a time before 1970 is refused: %s", err.text);
}

int main(void)
{
	test_good();
	test_refused();
	test_kiss();
	test_era();
	test_select();
	test_servers();
	test_frame();
	return tap_end();
}
