// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/configurator.h"

#include "init/config/command_line.h"
#include "init/config/machine_codec.h"
#include "init/supervise/children.h"
#include "init/supervise/config_values.h"
#include "init/supervise/config_workers.h"
#include "init/supervise/late_disks.h"
#include "init/supervise/ledger.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <stdio.h>
#include <string.h>

enum {
	LOCAL_TIMEOUT_MS = 10000, /* a disk or a host that does not answer */
	SLACK_MS = 5000,          /* a worker knows its time and can say why it was in vain */
	TELL_TIMEOUT_MS = 30000,  /* for a source that is told that its document is good */
	TRIED_MAX = 360,
};

static struct {
	struct machine *machine;
	const char *line;
	const struct configurator_callbacks *callbacks;
	struct config_search search;
	char seed[CONFIG_TARGET_MAX];
	bool busy, decided, waits_for_network, over_network;
	int timer;
	uint64_t document_bytes;
	const struct config_worker *told_by; /* whose values are kept */
	char tried[TRIED_MAX]; /* "fw_cfg: …; nocloud: …" */
	char source[64], where[CONFIG_WHERE + 90];
	struct error refusal;
	struct machine found; /* while it is being decoded */
} search;

static void note_tried(const char *name, const char *why)
{
	size_t used = strlen(search.tried);
	snprintf(search.tried + used, sizeof search.tried - used, "%s%s: %s", used ? "; " : "",
		 name, why);
	log_info("berth", "3 config: %s: %s", name, why);
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
	config_workers_kill(&config_workers, NULL);
	ledger_fail(STEP_CONFIG, 1, search.source, why->text);
	search.callbacks->failed(why);
}

static void succeed(void)
{
	const struct machine *machine = search.machine;
	char what[160];
	if (machine->container_count > 1)
		snprintf(what, sizeof what, "%u services", machine->container_count);
	else
		snprintf(what, sizeof what, "image %.140s", machine->container->image);
	ledger_end(STEP_CONFIG, search.document_bytes, search.source, "%s, %s%s%s", search.where,
		   what, *search.tried ? "; before it " : "", search.tried);
	search.callbacks->done();
}

/* Nothing was found: the command line alone must do. */
static void end_without(void)
{
	struct error err = ERROR_INIT;
	bool asked =
		search.machine->config.target && strcmp(search.machine->config.target, "none") != 0;
	if (asked) {
		error_set(&err, "berth.config=%.60s has given no document (%.380s)",
			  search.machine->config.target, search.tried);
		fail(&err);
		return;
	}
	config_values_clear();
	config_values_add_line(search.line);
	if (machine_complete(search.machine, &err) < 0) {
		if (*search.tried)
			error_set(&err, "no image to run, and no metadata file (%.400s)",
				  search.tried);
		fail(&err);
		return;
	}
	decide();
	ledger_end(STEP_CONFIG, 0, "", "the command line alone%s%s", *search.tried ? "; " : "", search.tried);
	search.callbacks->done();
}

/* The winner goes on for a while, to tell its source. */
static void on_told_too_long(void *context)
{
	(void)context;
	config_workers_kill(&config_workers, NULL);
}

static int take_result(const struct config_worker *worker, struct frame *frame)
{
	char name[64], where[sizeof search.where];
	struct error err = ERROR_INIT;
	frame_get_text(frame, name, sizeof name);
	frame_get_text(frame, where, sizeof where);
	uint64_t bytes = frame_get_u64(frame);
	machine_init(&search.found);
	if (machine_decode(frame, &search.found, &err) < 0)
		return -1;
	if (search.told_by != worker)
		config_values_clear();
	struct string_list media = search.machine->media;
	machine_take(search.machine, &search.found);
	search.machine->media = media;
	snprintf(search.source, sizeof search.source, "%s", name);
	snprintf(search.where, sizeof search.where, "%s", where);
	search.document_bytes = bytes;
	decide();
	config_workers_kill(&config_workers, worker);
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

/* Of one worker, whoever was first, when several run. */
static void take_values(const struct config_worker *worker, struct frame *frame)
{
	char key[CONFIG_KEY_MAX], value[CONFIG_VALUE_MAX], source[CONFIG_PLACE_MAX];
	while (!frame->bad && frame->at < frame->size) {
		frame_get_text(frame, key, sizeof key);
		frame_get_text(frame, value, sizeof value);
		frame_get_text(frame, source, sizeof source);
		if (!search.told_by)
			search.told_by = worker;
		if (!frame->bad && search.told_by == worker)
			config_values_add(key, value, source);
	}
}

static void take_frame(struct config_worker *worker, struct frame *frame)
{
	if (search.decided && frame->type != CONFIG_NOTE)
		return;
	switch (frame->type) {
	case CONFIG_TRIED:
		take_tried(frame);
		break;
	case CONFIG_PROBLEM:
		take_line(frame, LOG_LEVEL_ERROR);
		break;
	case CONFIG_VALUES:
		take_values(worker, frame);
		break;
	case CONFIG_NOTE:
		take_line(frame, LOG_LEVEL_WARNING);
		break;
	case CONFIG_REFUSED:
		take_refusal(frame);
		break;
	case CONFIG_RESULT:
		frame->bad = take_result(worker, frame) < 0;
		break;
	default:
		frame->bad = true;
	}
	frame->bad = frame->bad || !frame_done(frame);
}

static void race_over_network(void);
static void look_at_late_disks(void);

/* All workers have ended without a document. */
static void go_on(void)
{
	if (search.over_network || search.machine->config.target || search.machine->container->image)
		end_without();
	else if (late_disks_may_help())
		look_at_late_disks();
	else
		race_over_network();
}

static void on_ended(struct config_worker *worker, int wait_status)
{
	bool last = config_workers.running == 0;
	char how[80];
	if (!search.decided && search.told_by == worker) {
		config_values_clear();
		search.told_by = NULL;
	}
	if (search.decided) {
		if (last) {
			loop_timer_cancel(search.timer);
			search.timer = 0;
		}
		return;
	}
	if (wait_status != 0) {
		describe_end(wait_status, how, sizeof how);
		note_tried(config_worker_name(worker), worker->late ? "no answer in time" : how);
	}
	if (last && search.busy)
		go_on();
}

static void on_timeout(void *context)
{
	(void)context;
	search.timer = 0;
	for (size_t i = 0; i < config_workers.count; i++)
		config_workers.items[i].late = true;
	config_workers_kill(&config_workers, NULL);
}

static void run_workers(uint64_t timeout_ms)
{
	search.busy = true;
	for (size_t i = 0; i < config_workers.count; i++) {
		struct error err = ERROR_INIT;
		struct config_worker *worker = &config_workers.items[i];
		if (config_worker_start(worker, &err) < 0)
			note_tried(config_worker_name(worker), err.text);
	}
	if (config_workers.running == 0)
		end_without();
	else if (timeout_ms)
		search.timer = loop_timer(timeout_ms, on_timeout, NULL, NULL);
}

/* NULL when there are too many. */
static struct config_job *new_job(bool local)
{
	struct config_worker *worker = config_workers_add(&config_workers);
	if (!worker)
		return NULL;
	worker->job = (struct config_job){
		.local = local,
		.search = &search.search,
		.machine = search.machine,
		.line = search.line,
	};
	return &worker->job;
}

static void add_source(struct config_job *job, const struct config_source *source)
{
	if (job && job->count < CONFIG_SOURCES_MAX)
		job->choices[job->count++] = (struct config_choice){source, false};
}

static void ask_network(void)
{
	search.over_network = true;
	config_search_identify(&search.search);
	search.busy = search.waits_for_network = true;
	search.callbacks->needs_network();
}

static void race_over_network(void)
{
	config_workers.count = 0;
	config_search_identify(&search.search);
	for (size_t i = 0; i < config_source_count; i++) {
		const struct config_source *source = config_sources[i];
		if (source->local || !source->hint || !source->hint(&search.search))
			continue;
		add_source(new_job(false), source);
	}
	if (config_workers.count > 0) {
		ask_network();
		return;
	}
	if (*search.tried) {
		char text[160], name[120];
		snprintf(text, sizeof text, "the firmware names no cloud, but %s",
			 identity_describe(&search.search.identity, name, sizeof name));
		note_tried("network", text);
	}
	end_without();
}

static void run_job(const struct config_job *job)
{
	if (job->local)
		run_workers(LOCAL_TIMEOUT_MS);
	else
		ask_network();
}

static void on_disks_for_named(void *context)
{
	if (!search.decided)
		run_job(context);
}

/* Whether one of them is a disk that is not there yet. */
static bool lacks_disk(const struct config_job *job)
{
	for (size_t i = 0; i < job->count; i++)
		if (job->choices[i].source->disk && !job->choices[i].source->hint(&search.search))
			return true;
	return false;
}

/* What berth.config= names: by one worker, for all of them make one description. */
static void ask_named(const char *target)
{
	struct config_choice choices[CONFIG_CHOICES_MAX];
	struct error err = ERROR_INIT;
	struct config_job *job = new_job(true);
	int count = config_sources_parse(target, choices, CONFIG_CHOICES_MAX, &search.search.target,
					 &err);
	if (count > 1 && search.machine->config.digest)
		count = error_set(&err, "berth.config.digest is for one source, and berth.config names "
					"%d", count);
	if (!job)
		count = error_set(&err, "berth.config: more sources are asked than there is room for");
	if (count < 0) {
		fail(&err);
		return;
	}
	for (int i = 0; i < count; i++) {
		job->choices[job->count++] = choices[i];
		job->local = job->local && choices[i].source->local;
	}
	job->all = count > 1;
	if (lacks_disk(job))
		late_disks_look(on_disks_for_named, job);
	else
		run_job(job);
}

/* Those in the machine itself that may be there; of them all, or only the disks. */
static void ask_local(bool disks_only)
{
	struct config_job *job = new_job(true);
	for (size_t i = 0; i < config_source_count; i++)
		if (config_sources[i]->local && config_sources[i]->hint &&
		    (config_sources[i]->disk || !disks_only) &&
		    config_sources[i]->hint(&search.search))
			add_source(job, config_sources[i]);
	if (job && job->count > 0)
		run_workers(LOCAL_TIMEOUT_MS);
	else
		go_on();
}

/* Those that were asked before have said that they have no document, and say it again. */
static void on_late_disks(void *context)
{
	(void)context;
	if (search.decided)
		return;
	config_workers.count = 0;
	ask_local(true);
}

static void look_at_late_disks(void)
{
	late_disks_look(on_late_disks, NULL);
}

void configurator_start(struct machine *machine, const char *line, const struct volumes *volumes,
			const struct configurator_callbacks *callbacks)
{
	const char *target = machine->config.target;
	search.machine = machine;
	search.line = line;
	search.callbacks = callbacks;
	config_workers.frame = take_frame;
	config_workers.ended = on_ended;
	ledger_begin(STEP_CONFIG);
	if (target && strcmp(target, "none") == 0) {
		end_without();
		return;
	}
	config_search_init(&search.search, volumes);
	if (command_line_value(line, "ds", search.seed, sizeof search.seed))
		search.search.seed = search.seed;
	if (target)
		ask_named(target);
	else
		ask_local(false);
}

/* Where a service is on the link although no route leads there. */
static void reach_links_of(const struct config_job *job)
{
	for (size_t i = 0; i < job->count; i++) {
		const char *address = job->choices[i].source->on_link;
		struct error err = ERROR_INIT;
		if (address && network_reach_on_link(address, &err) < 0)
			log_warning("berth", "3 config: %s", err.text);
	}
}

static void reach_links(void)
{
	for (size_t i = 0; i < config_workers.count; i++)
		reach_links_of(&config_workers.items[i].job);
}

void configurator_network_changed(const struct network_state *state, const struct error *failure)
{
	if (!search.waits_for_network)
		return;
	search.waits_for_network = false;
	if (failure || !state->up) {
		note_tried(config_worker_name(&config_workers.items[0]),
			   failure ? failure->text : "no network: turned off by ip=off");
		end_without();
		return;
	}
	search.search.device = state->device;
	search.search.hostname = search.machine->hostname;
	reach_links();
	uint64_t timeout_ms = search.machine->config.timeout_s * 1000;
	run_workers(timeout_ms ? timeout_ms + SLACK_MS : 0);
}

void configurator_stop(void)
{
	decide();
	config_workers_kill(&config_workers, NULL);
}
