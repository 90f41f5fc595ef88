// SPDX-License-Identifier: Apache-2.0
#include "init/clock/clock.h"

#include "init/supervise/ledger.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

/* From the nearest to the farthest. */
const struct clock_source clock_sources[CLOCK_ORIGINS] = {
	[CLOCK_BUILD] = {"build time", CLOCK_FLOOR, "in the image",
			 "A clock that is behind it is set to it."},
	[CLOCK_SAVED] = {"saved time", CLOCK_FLOOR,
			 "the file `clock` on the disk labelled berth-data, written every hour and at "
			 "an orderly end",
			 "A clock that is behind it is set to it."},
	[CLOCK_KERNEL] = {"kernel", CLOCK_APPROXIMATE, "what the hypervisor told the kernel, where "
			  "there is no RTC", "Taken when it is after the build time."},
	[CLOCK_RTC] = {"rtc", CLOCK_APPROXIMATE, "the hardware's clock, read by the kernel as UTC",
		       "Taken when it is after the build time."},
	[CLOCK_REGISTRY] = {"registry", CLOCK_APPROXIMATE,
			    "`Date` in the registry's answer over TLS",
			    "Only when the clock is a floor."},
	[CLOCK_PTP] = {"ptp", CLOCK_GOOD, "the host's clock, which KVM shows as a PTP device",
		       "Taken at the start and every hour."},
	[CLOCK_NTP] = {"ntp", CLOCK_GOOD,
		       "the servers of `berth.time.ntp`, else those of `ip=`, else those of DHCP "
		       "(option 42)",
		       "Asked as soon as there is a network, and every 64 to 1024 s."},
};

static struct {
	enum clock_origin origin;
	const char *folder;   /* where the time is saved, or NULL */
	int64_t doubted_base; /* a large step that NTP wants and has not said twice */
	bool doubting;
} state;

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void format(int64_t ns, char out[32])
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm parts;
	gmtime_r(&seconds, &parts);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

enum clock_action clock_decide(enum clock_origin now, enum clock_origin offered, int64_t ahead,
			       bool confirmed)
{
	enum clock_quality quality = clock_sources[offered].quality;
	int64_t apart = ahead < 0 ? -ahead : ahead;
	/* An RTC that is behind what this machine has already seen has lost its battery. */
	if (offered == CLOCK_SAVED)
		return ahead > 0 && clock_sources[now].quality != CLOCK_GOOD ? CLOCK_STEP : CLOCK_KEEP;
	if (quality < clock_sources[now].quality || quality == CLOCK_FLOOR)
		return CLOCK_KEEP;
	/* The host knows better than a server far away. */
	if (now == CLOCK_PTP && offered == CLOCK_NTP)
		return CLOCK_KEEP;
	/* A date in an answer is not better than any other approximate time. */
	if (offered == CLOCK_REGISTRY && clock_sources[now].quality != CLOCK_FLOOR)
		return CLOCK_KEEP;
	if (apart <= CLOCK_SLEW_MOST_MS * NS_PER_MS)
		return quality == CLOCK_GOOD ? CLOCK_SLEW : CLOCK_STEP;
	if (now == CLOCK_NTP && apart > CLOCK_DOUBT_S * NS_PER_S && !confirmed)
		return CLOCK_CONFIRM;
	return CLOCK_STEP;
}

static int step(int64_t to)
{
	const struct timespec time = {.tv_sec = (time_t)(to / NS_PER_S),
				      .tv_nsec = (long)(to % NS_PER_S)};
	return clock_settime(CLOCK_REALTIME, &time);
}

/* The kernel makes up for it at half a millisecond a second. What adjtimex() says to containers is
 * then that the clock is synchronised. */
static int slew(int64_t ahead, uint64_t error_ns)
{
	struct timex once = {.modes = ADJ_OFFSET_SINGLESHOT, .offset = (long)(ahead / 1000)};
	struct timex good = {.modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR,
			     .status = 0,
			     .maxerror = (long)(error_ns / 1000),
			     .esterror = (long)(error_ns / 1000)};
	return adjtimex(&once) < 0 || adjtimex(&good) < 0 ? -1 : 0;
}

/* A line, and an entry in the ledger, for each step and each new source. */
static void tell(enum clock_origin origin, const char *from, int64_t to, int64_t ahead,
		 enum clock_action action)
{
	char text[32];
	const char *name = clock_sources[origin].name;
	if (action == CLOCK_SLEW && state.origin == origin)
		return;
	format(to, text);
	ledger_end(STEP_CLOCK, 0, name, "%s from %s%s%s, %s by %s%" PRId64 ".%03" PRId64 " s", text,
		   name, *from ? " " : "", from, action == CLOCK_STEP ? "set" : "slewed",
		   ahead < 0 ? "-" : "+", (ahead < 0 ? -ahead : ahead) / NS_PER_S,
		   (ahead < 0 ? -ahead : ahead) % NS_PER_S / NS_PER_MS);
}

/* `to` in nanoseconds since 1970, which is within bounds. */
static void carry_out(enum clock_action action, enum clock_origin origin, const char *from,
		      int64_t to, int64_t ahead, uint64_t error_ns)
{
	if (action != CLOCK_STEP && action != CLOCK_SLEW)
		return;
	if ((action == CLOCK_STEP && step(to) < 0) ||
	    (clock_sources[origin].quality == CLOCK_GOOD &&
	     slew(action == CLOCK_SLEW ? ahead : 0, error_ns) < 0)) {
		log_warning("berth", "4 clock: the clock cannot be set: %s", strerror(errno));
		return;
	}
	tell(origin, from, to, ahead, action);
	state.origin = origin;
}

static void take(enum clock_origin origin, const char *from, int64_t to, uint64_t error_ns)
{
	int64_t ahead = to - now_ns();
	ledger_begin(STEP_CLOCK);
	carry_out(clock_decide(state.origin, origin, ahead, false), origin, from, to, ahead,
		  error_ns);
}

void clock_begin(char decision[DECISION_MAX], const char **source)
{
	int64_t host = 0, now = now_ns();
	char text[32];
	state.origin = clock_has_rtc() ? CLOCK_RTC : CLOCK_KERNEL;
	if (clock_ptp_read(&host) == 0) {
		state.origin = CLOCK_PTP;
		if (host - now > CLOCK_SLEW_MOST_MS * NS_PER_MS ||
		    now - host > CLOCK_SLEW_MOST_MS * NS_PER_MS)
			step(host);
	} else if (now < CLOCK_EARLIEST * NS_PER_S || now >= CLOCK_LATEST * NS_PER_S) {
		state.origin = CLOCK_BUILD;
		step(CLOCK_EARLIEST * NS_PER_S);
	}
	*source = clock_sources[state.origin].name;
	format(now_ns(), text);
	snprintf(decision, DECISION_MAX, "%s from %s%s", text, *source,
		 clock_is_floor() ? ": it is then or later" : "");
}

bool clock_is_floor(void)
{
	return clock_sources[state.origin].quality == CLOCK_FLOOR;
}

static void on_hour(void *context)
{
	int64_t host;
	(void)context;
	if (state.origin == CLOCK_PTP && clock_ptp_read(&host) == 0)
		take(CLOCK_PTP, "", host, (uint64_t)NS_PER_MS);
	clock_save();
	loop_timer(CLOCK_SAVE_INTERVAL_S * UINT64_C(1000), on_hour, NULL, NULL);
}

void clock_keep_in(const char *folder)
{
	_cleanup_close_ int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int64_t saved = fd < 0 ? 0 : clock_saved_read(fd);
	state.folder = folder;
	if (saved)
		take(CLOCK_SAVED, "", saved * NS_PER_S, 0);
	loop_timer(CLOCK_SAVE_INTERVAL_S * UINT64_C(1000), on_hour, NULL, NULL);
}

void clock_save(void)
{
	struct error err = ERROR_INIT;
	/* Only for as long as it takes: an open folder would keep the disk mounted. */
	_cleanup_close_ int fd =
		state.folder ? open(state.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0 && clock_saved_write(fd, now_ns() / NS_PER_S, &err) < 0)
		log_warning("berth", "4 clock: %s", err.text);
}

void clock_take_date(int64_t seconds, const char *registry)
{
	if (seconds < CLOCK_EARLIEST || seconds >= CLOCK_LATEST)
		return;
	/* The answer says whole seconds; the middle of this one is the best guess. */
	take(CLOCK_REGISTRY, registry, seconds * NS_PER_S + NS_PER_S / 2, 0);
}

void clock_take_ntp(const struct ntp_sample *sample)
{
	int64_t to = sample->base + (int64_t)monotonic_ns(), ahead = to - now_ns();
	int64_t since = sample->base - state.doubted_base;
	bool confirmed = state.doubting && since < NS_PER_S && since > -NS_PER_S;
	if (to < CLOCK_EARLIEST * NS_PER_S || to >= CLOCK_LATEST * NS_PER_S)
		return;
	ledger_begin(STEP_CLOCK);
	enum clock_action action = clock_decide(state.origin, CLOCK_NTP, ahead, confirmed);
	state.doubting = action == CLOCK_CONFIRM;
	state.doubted_base = sample->base;
	if (state.doubting)
		log_warning("berth", "4 clock: NTP differs by %" PRId64 " s from what it said before: "
				     "not taken unless it says so again", ahead / NS_PER_S);
	carry_out(action, CLOCK_NTP, "", to, ahead, sample->error_ns);
}
