// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/configurator.h"

#include "init/config/command_line.h"
#include "init/config/machine_codec.h"
#include "init/config/search.h"
#include "init/supervise/children.h"
#include "init/supervise/ledger.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	RACERS_MAX = 4,
	LOCAL_TIMEOUT_MS = 10000, /* a disk or a host that does not answer */
	TELL_TIMEOUT_MS = 30000,  /* for a source that is told that its document is good */
	TRIED_MAX = 360,
};

/* One worker. */
struct racer {
	struct config_job job;
	pid_t pid;
	int fd;
	bool late; /* killed because its time was over */
};

static struct {
	struct machine *machine;
	const char *line;
	const struct configurator_callbacks *callbacks;
	struct config_search search;
	char seed[CONFIG_TARGET_MAX];
	struct racer racers[RACERS_MAX];
	size_t racer_count, running;
	bool busy, decided, waits_for_network, over_network;
	int timer;
	uint64_t document_bytes;
	char tried[TRIED_MAX]; /* "fw_cfg: …; nocloud: …" */
	char source[64], where[CONFIG_WHERE + 90];
	struct error refusal;
	struct machine found; /* while it is being decoded */
} search;

static void note_tried(const char *name, const char *why)
{
	size_t used = strlen(search.tried);
	snprintf(search.tried + used, sizeof search.tried - used, "%s%s: %s", used ? "; " : "", name,
		 why);
	log_info("berth", "3 config: %s: %s", name, why);
}

static void kill_all(void)
{
	for (size_t i = 0; i < search.racer_count; i++)
		if (search.racers[i].pid > 0)
			kill(search.racers[i].pid, SIGKILL);
}

static void decide(void)
{
	search.decided = true;
	search.busy = false;
	loop_timer_cancel(search.timer);
	search.timer = 0;
}

static void fail(const struct error *why)
{
	decide();
	kill_all();
	ledger_fail(STEP_CONFIG, 1, search.source, why->text);
	search.callbacks->failed(why);
}

static void succeed(void)
{
	const char *image = search.machine->container.image;
	ledger_end(STEP_CONFIG, search.document_bytes, search.source, "%s, image %s%s%s", search.where,
		   image ? image : "missing", *search.tried ? "; before it " : "", search.tried);
	search.callbacks->done();
}

/* Nothing was found: the command line alone must do. */
static void end_without(void)
{
	struct error err = ERROR_INIT;
	bool asked = search.machine->config.target && strcmp(search.machine->config.target, "none") != 0;
	if (asked) {
		error_set(&err, "berth.config=%.60s has given no document (%.380s)",
			  search.machine->config.target, search.tried);
		fail(&err);
		return;
	}
	if (machine_complete(search.machine, &err) < 0) {
		if (*search.tried)
			error_set(&err, "no image to run, and no metadata file (%.400s)",
				  search.tried);
		fail(&err);
		return;
	}
	decide();
	if (*search.tried)
		ledger_end(STEP_CONFIG, 0, "", "the command line alone; %s", search.tried);
	search.callbacks->done();
}

/* The winner goes on for a while, to tell its source. */
static void stop_others(const struct racer *winner)
{
	for (size_t i = 0; i < search.racer_count; i++)
		if (&search.racers[i] != winner && search.racers[i].pid > 0)
			kill(search.racers[i].pid, SIGKILL);
}

static void on_told_too_long(void *context)
{
	(void)context;
	kill_all();
}

static int take_result(const struct racer *racer, struct frame *frame, struct error *err)
{
	char name[64], where[sizeof search.where];
	frame_get_text(frame, name, sizeof name);
	frame_get_text(frame, where, sizeof where);
	uint64_t bytes = frame_get_u64(frame);
	machine_init(&search.found);
	if (machine_decode(frame, &search.found, err) < 0)
		return -1;
	struct string_list media = search.machine->media;
	*search.machine = search.found; /* whose strings stay where they are */
	search.machine->media = media;
	snprintf(search.source, sizeof search.source, "%s", name);
	snprintf(search.where, sizeof search.where, "%s", where);
	search.document_bytes = bytes;
	decide();
	stop_others(racer);
	search.timer = loop_timer(TELL_TIMEOUT_MS, on_told_too_long, NULL, NULL);
	succeed();
	return 0;
}

static void take_tried(struct frame *frame)
{
	char name[64], text[ERROR_TEXT_MAX];
	frame_get_text(frame, name, sizeof name);
	frame_get_text(frame, text, sizeof text);
	if (frame_done(frame))
		note_tried(name, text);
}

static void take_refusal(struct frame *frame)
{
	char name[64], text[ERROR_TEXT_MAX];
	frame_get_text(frame, name, sizeof name);
	frame_get_text(frame, text, sizeof text);
	if (!frame_done(frame))
		return;
	snprintf(search.source, sizeof search.source, "%s", name);
	error_set(&search.refusal, "%s: %s", name, text);
	fail(&search.refusal);
}

static void take_line(struct frame *frame, enum log_level level)
{
	char text[2 * ERROR_TEXT_MAX];
	frame_get_text(frame, text, sizeof text);
	if (frame_done(frame))
		log_line(level, "berth", "3 config: %s", text);
}

static void take_frame(struct racer *racer, struct frame *frame)
{
	struct error err = ERROR_INIT;
	if (search.decided && frame->type != CONFIG_NOTE)
		return;
	switch (frame->type) {
	case CONFIG_TRIED:
		take_tried(frame);
		break;
	case CONFIG_PROBLEM:
		take_line(frame, LOG_LEVEL_ERROR);
		break;
	case CONFIG_NOTE:
		take_line(frame, LOG_LEVEL_WARNING);
		break;
	case CONFIG_REFUSED:
		take_refusal(frame);
		break;
	case CONFIG_RESULT:
		if (take_result(racer, frame, &err) < 0)
			frame->bad = true;
		break;
	default:
		frame->bad = true;
	}
	if (!frame_done(frame)) {
		log_error("berth", "3 config: the worker is not to be trusted and was killed: %s",
			  err.text[0] ? err.text : "malformed message");
		kill(racer->pid, SIGKILL);
	}
}

static void close_racer(struct racer *racer)
{
	if (racer->fd < 0)
		return;
	loop_remove(racer->fd);
	close(steal_fd(&racer->fd));
}

static void drain(struct racer *racer)
{
	static unsigned char storage[FRAME_MAX];
	struct frame frame;
	while (racer->fd >= 0) {
		int got = frame_receive(racer->fd, &frame, storage, sizeof storage, NULL);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			close_racer(racer);
			return;
		}
		take_frame(racer, &frame);
	}
}

static void on_frames(int fd, uint32_t events, void *context)
{
	(void)fd;
	(void)events;
	drain(context);
}

static void race_over_network(void);

/* All workers have ended without a document. */
static void go_on(void)
{
	if (search.over_network || search.machine->config.target || search.machine->container.image)
		end_without();
	else
		race_over_network();
}

static void on_ended(pid_t pid, int wait_status, void *context)
{
	struct racer *racer = context;
	char how[80];
	const struct config_job *job = &racer->job;
	if (pid != racer->pid)
		return;
	drain(racer);
	close_racer(racer);
	racer->pid = 0;
	search.running--;
	if (search.decided) {
		if (search.running == 0) {
			loop_timer_cancel(search.timer);
			search.timer = 0;
		}
		return;
	}
	if (wait_status != 0) {
		describe_end(wait_status, how, sizeof how);
		note_tried(job->count == 1 ? job->sources[0]->name : "local sources",
			   racer->late ? "no answer in time" : how);
	}
	if (search.running == 0 && search.busy)
		go_on();
}

static int fork_racer(struct racer *racer, struct error *err)
{
	int ends[2];
	if (frame_socketpair(ends, err) < 0)
		return -1;
	_cleanup_close_ int ours = ends[0];
	_cleanup_close_ int theirs = ends[1];
	fcntl(ours, F_SETFL, O_NONBLOCK);
	racer->pid = fork_worker(&theirs, 1, err);
	if (racer->pid == 0)
		config_job_run(&racer->job, theirs);
	if (racer->pid < 0 || children_watch(racer->pid, on_ended, racer, err) < 0)
		return -1;
	search.running++;
	racer->fd = steal_fd(&ours);
	return loop_add(racer->fd, EPOLLIN, on_frames, racer, err);
}

static void on_timeout(void *context)
{
	(void)context;
	search.timer = 0;
	for (size_t i = 0; i < search.racer_count; i++)
		search.racers[i].late = true;
	kill_all();
}

static void run_racers(uint64_t timeout_ms)
{
	struct error err = ERROR_INIT;
	search.busy = true;
	for (size_t i = 0; i < search.racer_count; i++)
		if (fork_racer(&search.racers[i], &err) < 0)
			note_tried(search.racers[i].job.sources[0]->name, err.text);
	if (search.running == 0)
		end_without();
	else if (timeout_ms)
		search.timer = loop_timer(timeout_ms, on_timeout, NULL, NULL);
}

static struct config_job *new_job(bool local)
{
	struct racer *racer = &search.racers[search.racer_count++];
	*racer = (struct racer){.fd = -1};
	racer->job.local = local;
	racer->job.search = &search.search;
	racer->job.machine = search.machine;
	racer->job.line = search.line;
	return &racer->job;
}

static void ask_network(void)
{
	search.over_network = true;
	search.busy = search.waits_for_network = true;
	search.callbacks->needs_network();
}

static void race_over_network(void)
{
	char name[160];
	search.racer_count = 0;
	for (size_t i = 0; i < config_source_count && search.racer_count < RACERS_MAX; i++) {
		const struct config_source *source = config_sources[i];
		if (source->local || !source->hint || !source->hint(&search.search))
			continue;
		struct config_job *job = new_job(false);
		job->sources[job->count++] = source;
	}
	if (search.racer_count > 0) {
		ask_network();
		return;
	}
	identity_describe(&search.search.identity, name, sizeof name);
	if (*search.tried)
		note_tried("network", "the firmware names no cloud");
	end_without();
}

/* What berth.config= names. */
static void ask_one(const struct config_source *source)
{
	struct config_job *job = new_job(source->local);
	job->sources[job->count++] = source;
	if (source->local)
		run_racers(LOCAL_TIMEOUT_MS);
	else
		ask_network();
}

static void ask_local(void)
{
	struct config_job *job = new_job(true);
	for (size_t i = 0; i < config_source_count && job->count < CONFIG_SOURCES_MAX; i++)
		if (config_sources[i]->local && config_sources[i]->hint &&
		    config_sources[i]->hint(&search.search))
			job->sources[job->count++] = config_sources[i];
	if (job->count > 0)
		run_racers(LOCAL_TIMEOUT_MS);
	else
		go_on();
}

static const struct config_source *named(const char *target)
{
	if (strncmp(target, "data:", 5) == 0)
		return config_source_find("command-line");
	return config_source_find(strncmp(target, "http", 4) == 0 ? "url" : target);
}

void configurator_start(struct machine *machine, const char *line, const struct volumes *volumes,
			const struct configurator_callbacks *callbacks)
{
	const char *target = machine->config.target;
	search.machine = machine;
	search.line = line;
	search.callbacks = callbacks;
	ledger_begin(STEP_CONFIG);
	if (target && strcmp(target, "none") == 0) {
		end_without();
		return;
	}
	config_search_init(&search.search, volumes);
	search.search.target = target;
	if (command_line_value(line, "ds", search.seed, sizeof search.seed))
		search.search.seed = search.seed;
	if (target)
		ask_one(named(target));
	else
		ask_local();
}

void configurator_network_changed(const struct network_state *state, const struct error *failure)
{
	if (!search.waits_for_network)
		return;
	search.waits_for_network = false;
	if (failure || !state->up) {
		note_tried(search.racers[0].job.sources[0]->name,
			   failure ? failure->text : "no network: turned off by ip=off");
		end_without();
		return;
	}
	search.search.device = state->device;
	search.search.hostname = search.machine->hostname;
	run_racers(search.machine->config.timeout_s * 1000);
}

bool configurator_is_busy(void)
{
	return search.busy;
}

void configurator_stop(void)
{
	decide();
	kill_all();
}
