// SPDX-License-Identifier: Apache-2.0
/* The packet of RFC 5905, section 7.3. */
#include "init/clock/ntp.h"

#include "init/clock/clock.h"

#include <string.h>

enum {
	LEAP_UNSYNCHRONISED = 3,
	VERSION = 4,
	MODE_CLIENT = 3,
	MODE_SERVER = 4,
	STRATUM_MAX = 15,
	AT_ROOT_DELAY = 4,
	AT_ROOT_DISPERSION = 8,
	AT_REFERENCE_ID = 12,
	AT_ORIGIN = 24,
	AT_RECEIVE = 32,
	AT_TRANSMIT = 40,
};

#define NS_PER_S INT64_C(1000000000)
#define UNIX_TO_NTP INT64_C(2208988800)     /* 1900 to 1970, seconds */
#define ERA (INT64_C(1) << 32)              /* seconds of a timestamp until it begins anew */
#define DISTANCE_MAX (16 * NS_PER_S)        /* MAXDISP of the RFC */

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t get64(const uint8_t *at)
{
	return (uint64_t)get32(at) << 32 | get32(at + 4);
}

static int64_t fraction_ns(uint32_t fraction, unsigned bits)
{
	return (int64_t)(((uint64_t)fraction * (uint64_t)NS_PER_S) >> bits);
}

/* Nanoseconds since 1970. The era is the one in which the time is not before this image was built:
 * timestamps begin anew in 2036 (section 6). */
static int64_t time_ns(uint64_t timestamp)
{
	int64_t seconds = (int64_t)(timestamp >> 32) - UNIX_TO_NTP;
	while (seconds < CLOCK_EARLIEST)
		seconds += ERA;
	return seconds * NS_PER_S + fraction_ns((uint32_t)timestamp, 32);
}

/* 16 bits of seconds, 16 of their fraction. */
static int64_t short_ns(uint32_t value)
{
	return (int64_t)(value >> 16) * NS_PER_S + fraction_ns(value & 0xffff, 16);
}

void ntp_request_make(const struct ntp_request *request, uint8_t out[NTP_PACKET])
{
	memset(out, 0, NTP_PACKET);
	out[0] = VERSION << 3 | MODE_CLIENT;
	/* Not our time: it would tell who asks, and a number that nobody can guess shows that the
	 * answer is to this very question. */
	for (unsigned i = 0; i < 8; i++)
		out[AT_TRANSMIT + i] = (uint8_t)(request->nonce >> (56 - 8 * i));
}

/* Section 7.4: four letters in the place of the reference. */
static enum ntp_verdict read_kiss(const uint8_t *bytes, struct error *err)
{
	char code[5] = "";
	for (unsigned i = 0; i < 4; i++)
		code[i] = bytes[AT_REFERENCE_ID + i] > ' ' && bytes[AT_REFERENCE_ID + i] < 0x7f
				  ? (char)bytes[AT_REFERENCE_ID + i]
				  : '?';
	error_set(err, "kiss-o'-death %s", code);
	if (strcmp(code, "DENY") == 0 || strcmp(code, "RSTR") == 0)
		return NTP_NEVER;
	return strcmp(code, "RATE") == 0 ? NTP_SLOWER : NTP_USELESS;
}

static enum ntp_verdict useless(struct error *err, const char *why)
{
	error_set(err, "%s", why);
	return NTP_USELESS;
}

static enum ntp_verdict measure(const uint8_t *bytes, const struct ntp_request *request,
				uint64_t received, struct ntp_sample *out, struct error *err)
{
	int64_t came = time_ns(get64(bytes + AT_RECEIVE)), left = time_ns(get64(bytes + AT_TRANSMIT));
	int64_t here = (int64_t)(received - request->sent), there = left - came;
	int64_t own = short_ns(get32(bytes + AT_ROOT_DELAY)) / 2 +
		      short_ns(get32(bytes + AT_ROOT_DISPERSION));
	if (left / NS_PER_S >= CLOCK_LATEST)
		return useless(err, "its time is after 2099 or before this image was built");
	if (there < 0 || there > here)
		return useless(err, "its time went backwards, or took longer than the answer");
	if (own >= DISTANCE_MAX)
		return useless(err, "it says that its time may be off by more than 16 s");
	out->delay_ns = (uint64_t)(here - there);
	out->error_ns = out->delay_ns / 2 + (uint64_t)own;
	/* The middle of the stay there is the middle of the wait here. */
	out->base = came + there / 2 - (int64_t)(request->sent + (uint64_t)here / 2);
	out->stratum = bytes[1];
	return NTP_GOOD;
}

enum ntp_verdict ntp_answer_read(const uint8_t *bytes, size_t size,
				 const struct ntp_request *request, uint64_t received,
				 struct ntp_sample *out, struct error *err)
{
	if (size < NTP_PACKET || (bytes[0] & 7) != MODE_SERVER ||
	    get64(bytes + AT_ORIGIN) != request->nonce || received < request->sent)
		return NTP_IGNORE;
	unsigned version = bytes[0] >> 3 & 7;
	if (version < 3 || version > VERSION)
		return useless(err, "it speaks another version of NTP");
	if (bytes[1] == 0)
		return read_kiss(bytes, err);
	if (bytes[0] >> 6 == LEAP_UNSYNCHRONISED || bytes[1] > STRATUM_MAX)
		return useless(err, "it is not synchronised itself");
	if (get64(bytes + AT_TRANSMIT) == 0 || get64(bytes + AT_RECEIVE) == 0)
		return useless(err, "its answer has no time");
	return measure(bytes, request, received, out, err);
}
