// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/puller.h"

#include "images/pull/deadline.h"
#include "images/store/last_good.h"
#include "images/store/packed.h"
#include "init/clock/clock.h"
#include "init/supervise/children.h"
#include "init/supervise/ledger.h"
#include "init/supervise/pull_attempt.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	ATTEMPTS_MAX = 3,
	BACKOFF_FIRST_MS = 1000,
	SILENCE_MS = 180000, /* no frame for this long: it hangs */
	PROGRESS_NS = 1000000000,
	RESULT_ARENA = 128 * 1024,
};

#define PACKED_STORE "/" PACKED_NAME

/* The memory of further images is had only when there are any, and as far as it is used. */
struct pulled {
	struct pull_result result;
	struct arena arena;
	char block[RESULT_ARENA];
};

static struct pulled first;

static struct {
	const struct machine *machine;
	const struct puller_callbacks *callbacks;
	pid_t pid;
	int fd, silence_timer, retry_timer;
	unsigned attempts;
	bool network_pending, has_result, has_failure, hung;
	bool local_only;  /* what the attempt that runs was told */
	bool last_resort; /* nobody has answered: the attempt that runs is for the last good image */
	uint64_t last_line_ns;
	struct deadline deadline; /* of all attempts together */
	struct pull_progress last;
	unsigned at;    /* the container whose image is pulled */
	struct pulled *pulled; /* where it goes */
	const struct pull_result *images[MACHINE_SERVICES_MAX];
	struct error failure, network_failure, reason;
	char passed[ERROR_TEXT_MAX]; /* what was found where images may lie in the machine; "" before */
} puller = {.fd = -1};

static const struct container_config *container(void)
{
	return puller.machine->containers[puller.at];
}

static bool has_all(void)
{
	return puller.machine && puller.at == puller.machine->container_count;
}

static void launch(void *context);
static void next(void);

static void on_silence(void *context)
{
	(void)context;
	puller.silence_timer = 0;
	puller.hung = true;
	kill(puller.pid, SIGKILL);
}

static void heard(void)
{
	loop_timer_cancel(puller.silence_timer);
	puller.silence_timer = loop_timer(SILENCE_MS, on_silence, NULL, NULL);
}

static void show_progress(const struct pull_progress *now)
{
	uint64_t at = monotonic_ns(), passed = at - puller.last_line_ns;
	if (passed < PROGRESS_NS)
		return;
	double rate = (double)(now->bytes - puller.last.bytes) * 1e3 / (double)passed;
	log_info("berth", "8 pull: %.1f of %.1f MB, %llu of %llu layers, %.1f MB/s",
		 (double)now->bytes / 1e6, (double)now->bytes_total / 1e6,
		 (unsigned long long)now->layers, (unsigned long long)now->layers_total, rate);
	puller.last_line_ns = at;
	puller.last = *now;
}

static void take_frame(struct frame *frame)
{
	struct pull_progress progress;
	struct pull_date date;
	struct error err = ERROR_INIT;
	int bad = 0;
	switch (frame->type) {
	case PULL_PROGRESS:
		bad = pull_decode_progress(frame, &progress, &err);
		if (!bad)
			show_progress(&progress);
		break;
	case PULL_DATE:
		bad = pull_decode_date(frame, &date, &err);
		if (!bad)
			clock_take_date((int64_t)date.seconds, date.host);
		break;
	case PULL_RESULT:
		arena_init(&puller.pulled->arena, puller.pulled->block, RESULT_ARENA);
		bad = pull_decode_result(frame, &puller.pulled->arena, &puller.pulled->result, &err);
		puller.has_result = !bad;
		break;
	case PULL_FAILURE:
		bad = pull_decode_failure(frame, &puller.failure, &err);
		puller.has_failure = !bad;
		break;
	default:
		bad = error_set(&err, "message of unknown type %u", frame->type);
	}
	if (bad) {
		log_error("berth", "8 pull: the puller is not to be trusted and was killed: %s",
			  err.text);
		kill(puller.pid, SIGKILL);
	}
}

/* Takes all frames that are there. */
static void drain(void)
{
	static unsigned char storage[FRAME_MAX];
	struct frame frame;
	while (puller.fd >= 0) {
		int got = frame_receive(puller.fd, &frame, storage, sizeof storage, NULL);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			loop_remove(puller.fd);
			close(steal_fd(&puller.fd));
			return;
		}
		heard();
		take_frame(&frame);
	}
}

static void on_frames(int fd, uint32_t events, void *context)
{
	(void)fd;
	(void)events;
	(void)context;
	drain();
}

static void fail(const struct error *why)
{
	struct error named = *why;
	if (puller.machine->container_count > 1)
		error_context(&named, "service %s", container()->name);
	ledger_fail(STEP_PULL, 1, container()->image, named.text);
	puller.callbacks->failed(&named);
}

static enum pull_policy policy_of(const struct container_config *config)
{
	return config->has_pull_policy ? config->pull_policy : puller.machine->pull_policy;
}

static bool is_never_pulled(void)
{
	return policy_of(container()) == PULL_NEVER;
}

static bool has_store(void)
{
	return access("/var/lib/berth/images", F_OK) == 0;
}

/* Nobody has answered: what the reference meant last time will do, if that is wanted. */
static void resort(const struct error *why)
{
	puller.reason = *why;
	if (policy_of(container()) == PULL_ALWAYS || !has_store()) {
		fail(why);
		return;
	}
	puller.last_resort = true;
	launch(NULL);
}

/* Keeps the part of the message that says why nothing in the machine was used. */
static void keep_passed(const struct error *why)
{
	static const char before[] = "(not used: ";
	const char *found = strstr(why->text, before);
	if (!found)
		return;
	snprintf(puller.passed, sizeof puller.passed, "%s", found + strlen(before));
	char *end = strrchr(puller.passed, ')');
	if (end)
		*end = 0;
}

/* The machine itself does not have the image. */
static void leave_machine(const struct error *why)
{
	keep_passed(why);
	if (is_never_pulled()) {
		struct error never = ERROR_INIT;
		error_set(&never, "%.120s is not in the machine, and it is never to be pulled%s%.250s%s",
			  container()->image, *puller.passed ? " (not used: " : "", puller.passed,
			  *puller.passed ? ")" : "");
		fail(&never);
	} else if (puller.network_failure.text[0]) {
		struct error both = puller.network_failure;
		if (*puller.passed)
			error_set(&both, "%.160s (not used: %.330s)", puller.network_failure.text,
				  puller.passed);
		resort(&both);
	} else if (puller.network_pending) {
		puller.callbacks->needs_network(); /* puller_network_changed() goes on */
	} else {
		launch(NULL);
	}
}

static void retry_or_fail(const struct error *why)
{
	if (puller.last_resort) {
		struct error both = puller.reason;
		if (!strstr(why->text, LAST_GOOD_NONE))
			error_set(&both, "%.250s; the image of last time: %.220s", puller.reason.text,
				  why->text);
		fail(&both);
		return;
	}
	if (why->kind == ERROR_TEMPORARY && puller.local_only) {
		leave_machine(why);
		return;
	}
	if (why->kind == ERROR_PERMANENT) {
		fail(why);
		return;
	}
	if (++puller.attempts >= ATTEMPTS_MAX || deadline_is_over(&puller.deadline)) {
		resort(why);
		return;
	}
	uint64_t wait = (uint64_t)BACKOFF_FIRST_MS << (puller.attempts - 1);
	log_warning("berth", "8 pull: %s (attempt %u of %d, next in %llu ms)", why->text,
		    puller.attempts, ATTEMPTS_MAX, (unsigned long long)wait);
	puller.retry_timer = loop_timer(wait, launch, NULL, NULL);
}

static void succeed(void)
{
	const struct pull_result *result = &puller.pulled->result;
	const char *passed = puller.last_resort ? puller.reason.text : result->passed;
	bool tell = passed && *passed;
	if (puller.last_resort)
		log_warning("berth", "8 pull: %s; the image that %s was last time is used",
			    puller.reason.text, result->reference);
	ledger_end(STEP_PULL, result->bytes, result->source,
		   "%s %.19s… %.1f MB, unpacked %.1f MB, from %s%s%s", result->reference,
		   result->digest, (double)result->bytes / 1e6, (double)result->unpacked_bytes / 1e6,
		   result->source, tell ? "; not from " : "", tell ? passed : "");
	puller.images[puller.at++] = result;
	next();
}

static void on_ended(pid_t pid, int wait_status, void *context)
{
	(void)context;
	if (pid != puller.pid)
		return;
	drain();
	loop_timer_cancel(puller.silence_timer);
	puller.pid = 0;
	if (puller.fd >= 0) {
		loop_remove(puller.fd);
		close(steal_fd(&puller.fd));
	}
	if (puller.has_result && wait_status == 0) {
		succeed();
	} else if (puller.has_failure) {
		retry_or_fail(&puller.failure);
	} else {
		char how[80];
		describe_end(wait_status, how, sizeof how);
		struct error err = ERROR_INIT;
		error_temporary(&err, "the puller %s%s", how,
				puller.hung ? ": it said nothing for three minutes" : "");
		retry_or_fail(&err);
	}
}

static unsigned seconds_left(void)
{
	if (puller.deadline.span == 0)
		return 0;
	return (unsigned)deadline_limit(&puller.deadline, INT_MAX) / 1000 + 1;
}

static _Noreturn void child(int fd)
{
	const struct pull_attempt attempt = {
		.machine = puller.machine,
		.container = container(),
		.policy = policy_of(container()),
		.images = puller.images,
		.image_count = puller.at,
		.local_only = puller.local_only,
		.last_resort = puller.last_resort,
		.passed = *puller.passed ? puller.passed : NULL,
		.deadline_seconds = seconds_left(),
	};
	pull_attempt_run(&attempt, fd);
}

static int fork_puller(struct error *err)
{
	int ends[2];
	if (frame_socketpair(ends, err) < 0)
		return -1;
	_cleanup_close_ int ours = ends[0];
	_cleanup_close_ int theirs = ends[1];
	fcntl(ours, F_SETFL, O_NONBLOCK);
	puller.has_result = puller.has_failure = puller.hung = false;
	puller.last_line_ns = monotonic_ns();
	puller.last = (struct pull_progress){0};
	puller.local_only = puller.network_pending || puller.network_failure.text[0] || is_never_pulled();
	puller.pid = fork_worker(&theirs, 1, err);
	if (puller.pid == 0)
		child(theirs);
	if (puller.pid < 0 || children_watch(puller.pid, on_ended, NULL, err) < 0)
		return -1;
	puller.fd = steal_fd(&ours);
	heard();
	return loop_add(puller.fd, EPOLLIN, on_frames, NULL, err);
}

static void launch(void *context)
{
	(void)context;
	puller.retry_timer = 0;
	if (puller.deadline.began == 0)
		deadline_begin(&puller.deadline, (unsigned)puller.machine->pull_deadline_s);
	struct error err = ERROR_INIT;
	if (fork_puller(&err) < 0) {
		err.kind = ERROR_TEMPORARY;
		retry_or_fail(&err);
	}
}

/* An image packed with the initramfs needs neither a puller nor a network. */
static bool find_packed(void)
{
	struct reference wanted;
	if (access(PACKED_STORE, F_OK) < 0 ||
	    reference_parse(container()->image, &wanted, NULL) < 0)
		return false;
	arena_init(&puller.pulled->arena, puller.pulled->block, RESULT_ARENA);
	puller.has_result = packed_find(PACKED_STORE, &wanted, &puller.pulled->arena,
					&puller.pulled->result) == 1;
	return puller.has_result;
}

bool puller_may_be_local(const struct machine *machine)
{
	return machine->media.count > 0 || has_store() || access(PACKED_STORE, F_OK) == 0 ||
	       access(PULL_ATTEMPT_IMAGES, F_OK) == 0;
}

static const char *platform_of(const struct container_config *config)
{
	return config->platform ? config->platform : "";
}

/* One that another container has got already, asked for in the same way. */
static const struct pull_result *find_pulled(void)
{
	for (unsigned i = 0; i < puller.at; i++) {
		const struct container_config *other = puller.machine->containers[i];
		if (strcmp(other->image, container()->image) == 0 &&
		    policy_of(other) == policy_of(container()) &&
		    strcmp(platform_of(other), platform_of(container())) == 0)
			return puller.images[i];
	}
	return NULL;
}

static int make_room(struct error *err)
{
	puller.pulled = puller.at == 0 ? &first : calloc(1, sizeof *puller.pulled);
	return puller.pulled ? 0 : error_set(err, "no memory for the settings of one more image");
}

/* The next image that is not there, until all are. */
static void next(void)
{
	struct error err = ERROR_INIT;
	const struct pull_result *same;
	while (puller.at < puller.machine->container_count && (same = find_pulled()))
		puller.images[puller.at++] = same;
	if (has_all()) {
		puller.callbacks->done(puller.images);
		return;
	}
	puller.attempts = 0;
	puller.has_result = puller.has_failure = puller.last_resort = false;
	puller.passed[0] = 0;
	puller.deadline = (struct deadline){0};
	if (puller.at > 0)
		ledger_begin(STEP_PULL);
	if (make_room(&err) < 0)
		fail(&err);
	else if (find_packed())
		succeed();
	else if (!puller.network_pending || is_never_pulled() || puller_may_be_local(puller.machine))
		launch(NULL);
}

int puller_start(const struct machine *machine, const struct puller_callbacks *callbacks,
		 bool network_pending, struct error *err)
{
	puller.machine = machine;
	puller.callbacks = callbacks;
	puller.network_pending = network_pending;
	ledger_begin(STEP_PULL);
	if (pull_attempt_prepare(machine, err) < 0) {
		puller.network_pending = false; /* the network must not start a pull either */
		return -1;
	}
	next();
	return 0;
}

void puller_network_changed(const struct error *failure)
{
	bool was_pending = puller.network_pending;
	puller.network_pending = false;
	if (has_all())
		return;
	puller.network_failure = failure ? *failure : (struct error){0};
	if (failure)
		error_context(&puller.network_failure, "no network to pull %s from",
			      puller.machine ? container()->image : "an image");
	if (!was_pending || puller.pid || puller.has_result || !puller.machine)
		return;
	if (failure)
		leave_machine(puller.has_failure ? &puller.failure : &puller.network_failure);
	else
		launch(NULL);
}

void puller_stop(void)
{
	loop_timer_cancel(puller.retry_timer);
	puller.network_pending = false;
	if (puller.pid > 0)
		kill(puller.pid, SIGKILL);
	puller.pid = 0;
}
