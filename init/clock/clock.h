// SPDX-License-Identifier: Apache-2.0
/*
 * The machine's clock: where it comes from, and how far it can be trusted. Sources are asked from the
 * nearest to the farthest; a better one replaces a worse one, never the other way round. Nothing
 * waits for it. docs/time.md says the same to users.
 */
#ifndef BERTH_INIT_CLOCK_CLOCK_H
#define BERTH_INIT_CLOCK_CLOCK_H

#include "init/boot/steps.h"
#include "init/clock/ntp.h"

#include <stdbool.h>
#include <stdint.h>

enum clock_quality {
	CLOCK_FLOOR,       /* it is this time or later */
	CLOCK_APPROXIMATE, /* some seconds, or what the battery has kept */
	CLOCK_GOOD,        /* milliseconds */
};

enum clock_origin {
	CLOCK_BUILD,
	CLOCK_SAVED,
	CLOCK_KERNEL,
	CLOCK_RTC,
	CLOCK_REGISTRY,
	CLOCK_PTP,
	CLOCK_NTP,
	CLOCK_ORIGINS,
};

struct clock_source {
	const char *name; /* as console lines and the report have it */
	enum clock_quality quality;
	const char *place, *use; /* for the documentation */
};

extern const struct clock_source clock_sources[CLOCK_ORIGINS];

/* What is done with a time that a source gives, `ahead` nanoseconds after the clock (negative:
 * before it). `confirmed`: the same source has said so twice in a row. */
enum clock_action { CLOCK_KEEP, CLOCK_SLEW, CLOCK_STEP, CLOCK_CONFIRM };
enum clock_action clock_decide(enum clock_origin now, enum clock_origin offered, int64_t ahead,
			       bool confirmed);

enum {
	CLOCK_SLEW_MOST_MS = 128,   /* a larger difference is a step */
	CLOCK_DOUBT_S = 1000,       /* a step of more, after NTP has set the clock, is asked for twice */
	CLOCK_SAVE_INTERVAL_S = 3600,
};

/* Seconds since 1970 before and after which no source is believed: the build time, and 2100. */
#define CLOCK_EARLIEST ((int64_t)BERTH_BUILD_TIME)
#define CLOCK_LATEST ((int64_t)4102444800)

/* Step 4: build time, RTC, the host's clock over PTP. `source` is static. */
void clock_begin(char decision[DECISION_MAX], const char **source);
/* After step 6: the saved time of a store on a disk, which is then kept up to date. NULL: there is no
 * disk. */
void clock_keep_in(const char *folder);
/* At an orderly stop. */
void clock_save(void);

/* The clock may be far behind: certificates that are not valid yet are to be believed. */
bool clock_is_floor(void);
/* A registry, whose certificate was checked, says in its answer that it is this time. */
void clock_take_date(int64_t seconds, const char *registry);
void clock_take_ntp(const struct ntp_sample *sample);

/* A file with the time in seconds and a newline (saved.c). 0 when there is none that makes sense. */
int64_t clock_saved_read(int folder);
int clock_saved_write(int folder, int64_t seconds, struct error *err);
/* The host's clock (ptp.c); 0 and *ns since 1970, or -1: there is none. */
int clock_ptp_read(int64_t *ns);
/* The RTC is there and running. */
bool clock_has_rtc(void);

#endif
