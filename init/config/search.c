// SPDX-License-Identifier: Apache-2.0
#include "init/config/search.h"

#include "images/digest.h"
#include "images/http/http_url.h"
#include "init/config/external.h"
#include "init/config/machine_codec.h"
#include "init/config/search_confinement.h"
#include "init/config/volumes.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/loop.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>

enum { CA_MAX = 256 * 1024, RECEIVE_BUFFER = 16 * 1024 };

/* A document that a source had. */
struct found {
	const struct config_source *source;
	struct user_data data;
	enum config_trust trust;
	size_t size; /* of what came */
	int folder;
	char where[CONFIG_WHERE + 90];
	char hostname[CONFIG_HOSTNAME];
};

struct worker {
	struct config_job *job;
	int fd;
	struct config_place places[CONFIG_SOURCES_MAX];
	bool passed[CONFIG_SOURCES_MAX]; /* could not be opened: said already */
	struct config_answer answer;
	struct found found[CONFIG_SOURCES_MAX];
	size_t found_count;
	struct machine machine;
	unsigned char storage[FRAME_MAX];
	struct frame values; /* that have not been sent yet */
	unsigned char value_storage[8 * 1024];
	bool warned; /* of the network */
	struct external_values external;
};

static void send_frame(struct worker *worker, struct frame *frame)
{
	struct error err = ERROR_INIT;
	if (frame_send(worker->fd, frame, &err) < 0)
		_exit(1); /* nobody listens any more */
}

static void send_text(struct worker *worker, uint8_t type, const char *name, const char *text)
{
	struct frame frame;
	frame_begin(&frame, type, worker->storage, sizeof worker->storage);
	if (name)
		frame_put_string(&frame, name);
	frame_put_string(&frame, text);
	send_frame(worker, &frame);
}

static void on_problem(void *context, bool is_warning, const char *line)
{
	send_text(context, is_warning ? CONFIG_NOTE : CONFIG_PROBLEM, NULL, line);
}

static _Noreturn void refuse(struct worker *worker, const struct config_source *source,
			     const struct error *why)
{
	send_text(worker, CONFIG_REFUSED, source->name, why->text);
	_exit(0);
}

/* It has no document: the next one is asked, unless this one must have one. */
static void pass_over(struct worker *worker, size_t index, const struct error *why)
{
	const struct config_choice *choice = &worker->job->choices[index];
	if (worker->job->all && !choice->optional)
		refuse(worker, choice->source, why);
	send_text(worker, CONFIG_TRIED, choice->source->name, why->text);
}

static void open_all(struct worker *worker)
{
	for (size_t i = 0; i < worker->job->count; i++) {
		const struct config_source *source = worker->job->choices[i].source;
		struct config_place *place = &worker->places[i];
		struct error err = ERROR_INIT;
		for (size_t n = 0; n < CONFIG_PLACE_FILES; n++)
			place->fds[n] = -1;
		place->folder = -1;
		if (!source->open || source->open(worker->job->search, place, &err) == 0)
			continue;
		worker->passed[i] = true;
		pass_over(worker, i, &err);
	}
}

/* 0 and NULL when none is wanted. */
static int read_authority(const char *path, const char **out, struct error *err)
{
	static char text[CA_MAX];
	*out = NULL;
	if (!path)
		return 0;
	if (file_read(AT_FDCWD, path, text, sizeof text, err) < 0)
		return error_context(err, "berth.config.ca");
	*out = text;
	return 0;
}

/* The address' own authority alone counts, when there is one. No proxy: metadata is near. */
static struct http *open_client(const struct config_job *job, const char *authority,
				struct error *err)
{
	static struct http_settings settings;
	static struct http_peer peer;
	static char host[HTTP_ORIGIN_TEXT];
	struct http_origin origin;
	settings = (struct http_settings){
		.ca_bundle = "/etc/ssl/cert.pem",
		.registries = job->machine->registries,
		.registry_count = job->machine->registry_count,
		.buffer_size = RECEIVE_BUFFER,
	};
	if (authority && job->search->target && http_url_origin(job->search->target, &origin, NULL) == 0) {
		http_origin_format(&origin, host);
		peer = (struct http_peer){.host = host, .ca = authority, .ca_only = true};
		settings.peers = &peer;
		settings.peer_count = 1;
	}
	return http_open(&settings, err);
}

/* Whether one of the documents may be trusted with what came with the machine. */
static bool is_trusted(const struct config_job *job)
{
	bool trusted = job->machine->config.digest != NULL;
	for (size_t i = 0; i < job->count; i++)
		trusted = trusted || job->choices[i].source->trust >= job->machine->config.trust;
	return trusted;
}

/* Files that came with the initramfs are for documents that may be trusted with them, those on a disk for its own. */
static size_t list_folders(const struct worker *worker, char texts[][32], const char **out)
{
	const struct config_job *job = worker->job;
	size_t count = 0;
	for (size_t i = 0; i < job->count; i++) {
		if (worker->places[i].folder < 0)
			continue;
		snprintf(texts[count], 32, "/proc/self/fd/%d", worker->places[i].folder);
		out[count] = texts[count];
		count++;
	}
	if (is_trusted(job)) {
		out[count++] = VOLUME_BIND_FOLDER;
		out[count++] = CARRIED_FOLDER;
	}
	return count;
}

/* Everything that needs privilege, then none is left. */
static int prepare(struct worker *worker, struct error *err)
{
	struct config_job *job = worker->job;
	const char *authority = NULL, *folders[CONFIG_SOURCES_MAX + 2];
	char texts[CONFIG_SOURCES_MAX][32];
	struct search_needs needs = {.network = !job->local, .folders = folders};
	open_all(worker);
	if (is_trusted(job))
		external_open(&worker->external, job->search->table, job->search->table_size);
	needs.folder_count = list_folders(worker, texts, folders);
	for (size_t i = 0; i < job->count; i++)
		needs.low_port = needs.low_port || job->choices[i].source->low_port;
	if (!job->local && read_authority(job->machine->config.ca, &authority, err) < 0)
		return -1;
	if (search_confine(&needs, err) < 0)
		return -1;
	if (job->local)
		return 0;
	if (job->machine->config.timeout_s)
		job->search->deadline_ns =
			monotonic_ns() + job->machine->config.timeout_s * 1000000000ULL;
	job->search->http = open_client(job, authority, err);
	return job->search->http ? 0 : -1;
}

/* What has the digest that the command line names is as good as the command line. */
static int check_digest(const struct worker *worker, enum config_trust *trust, struct error *err)
{
	const char *wanted = worker->job->machine->config.digest;
	struct sha256 sha;
	struct digest got;
	if (!wanted)
		return 0;
	sha256_begin(&sha);
	sha256_add(&sha, worker->answer.bytes, worker->answer.size);
	sha256_end(&sha, &got);
	if (strcmp(got.text, wanted) != 0)
		return error_set(
			err, "%.150s has the digest %.27s…, and berth.config.digest wants %.27s…",
			worker->answer.where, got.text, wanted);
	if (*trust < TRUST_COMMAND_LINE)
		*trust = TRUST_COMMAND_LINE;
	return 0;
}

static void send_values(struct worker *worker)
{
	if (worker->values.size > 1)
		send_frame(worker, &worker->values);
	frame_begin(&worker->values, CONFIG_VALUES, worker->value_storage,
		    sizeof worker->value_storage);
}

/* The beginning of a text, not cut within a letter. */
static void put_beginning(struct frame *frame, const char *text, size_t most)
{
	size_t length = strnlen(text, most + 1);
	if (length > most)
		for (length = most; length > 0 && (text[length] & 0xc0) == 0x80;)
			length--;
	frame_put_bytes(frame, text, length);
}

/* A document over the network comes when the network is there. */
static void warn_of_network(struct worker *worker, const char *key, const char *place)
{
	static const char prefix[] = "x-berth.network.", servers[] = "x-berth.network.ntp";
	struct error text = ERROR_INIT;
	if (worker->job->local || worker->warned || strncmp(key, prefix, sizeof prefix - 1) != 0 ||
	    strncmp(key, servers, sizeof servers - 1) == 0)
		return;
	worker->warned = true;
	error_set(&text,
		  "%.100s: %.80s has no effect, because the network is up before a document comes over "
		  "it: say it on the kernel command line",
		  place, key);
	send_text(worker, CONFIG_NOTE, NULL, text.text);
}

static void on_value(void *context, const char *key, const char *value, const char *place)
{
	struct worker *worker = context;
	warn_of_network(worker, key, place);
	size_t room = CONFIG_KEY_MAX + CONFIG_VALUE_MAX + CONFIG_PLACE_MAX + 16;
	if (worker->values.size + room > sizeof worker->value_storage)
		send_values(worker);
	put_beginning(&worker->values, key, CONFIG_KEY_MAX - 1);
	put_beginning(&worker->values, value, CONFIG_VALUE_MAX - 1);
	put_beginning(&worker->values, place, CONFIG_PLACE_MAX - 1);
}

/* "fw_cfg", or "initramfs, fw_cfg"; the places in the same way. */
static void put_names(struct frame *frame, const struct worker *worker)
{
	char names[60] = "", places[CONFIG_WHERE + 80] = "";
	for (size_t i = 0; i < worker->found_count; i++) {
		size_t name = strlen(names), place = strlen(places);
		snprintf(names + name, sizeof names - name, "%s%s", i ? ", " : "",
			 worker->found[i].source->name);
		snprintf(places + place, sizeof places - place, "%s%s", i ? "; " : "",
			 worker->found[i].where);
	}
	frame_put_string(frame, names);
	frame_put_string(frame, places);
}

static int send_result(struct worker *worker, struct error *err)
{
	struct frame frame;
	uint64_t bytes = 0;
	for (size_t i = 0; i < worker->found_count; i++)
		bytes += worker->found[i].size;
	frame_begin(&frame, CONFIG_RESULT, worker->storage, sizeof worker->storage);
	put_names(&frame, worker);
	frame_put_u64(&frame, bytes);
	machine_encode(&frame, &worker->machine);
	if (frame.bad)
		return error_set(err, "%s describes a machine of more than %d KiB of settings",
				 worker->found[0].where, FRAME_MAX / 1024);
	send_frame(worker, &frame);
	return 0;
}

static int describe(struct worker *worker, struct error *err)
{
	const struct config_job *job = worker->job;
	struct config_text items[CONFIG_SOURCES_MAX];
	struct config_texts texts = {.items = items,
				     .count = worker->found_count,
				     .least = job->machine->config.trust,
				     .hostname = "",
				     .profiles = &job->machine->config.profiles,
				     .external = &worker->external};
	const struct config_listener listener = {on_problem, on_value, worker};
	for (size_t i = 0; i < worker->found_count; i++) {
		const struct found *found = &worker->found[i];
		items[i] = (struct config_text){found->data.text,    found->data.size,
						found->where,	     found->source->name,
						found->trust,	     found->folder};
		if (*found->hostname)
			texts.hostname = found->hostname;
	}
	send_values(worker);
	if (config_describe(&texts, job->line, &worker->machine, &listener, err) < 0)
		return -1;
	send_values(worker);
	return send_result(worker, err);
}

static _Noreturn void tell_sources(struct worker *worker)
{
	for (size_t i = 0; i < worker->found_count; i++) {
		const struct config_source *source = worker->found[i].source;
		struct error err = ERROR_INIT;
		if (source->accepted && source->accepted(worker->job->search, &err) < 0)
			send_text(worker, CONFIG_NOTE, NULL, err.text);
	}
	sched_yield(); /* PID 1 has what it waits for; that this process goes takes longer */
	_exit(0);
}

/* What was found is all there is. */
static _Noreturn void finish(struct worker *worker)
{
	struct error err = ERROR_INIT;
	if (describe(worker, &err) < 0)
		refuse(worker, worker->found[worker->found_count - 1].source, &err);
	tell_sources(worker);
}

static void keep(struct worker *worker, size_t index, const struct user_data *data,
		 enum config_trust trust)
{
	const struct config_answer *answer = &worker->answer;
	struct found *found = &worker->found[worker->found_count++];
	*found = (struct found){.source = worker->job->choices[index].source,
				.data = *data,
				.trust = trust,
				.size = answer->size,
				.folder = worker->places[index].folder};
	snprintf(found->where, sizeof found->where, "%s%s%s", answer->where,
		 *data->path ? ": " : "", data->path);
	memcpy(found->hostname, answer->hostname, sizeof found->hostname);
}

/* Keeps the document that the source has. */
static void ask(struct worker *worker, size_t index)
{
	const struct config_source *source = worker->job->choices[index].source;
	struct config_answer *answer = &worker->answer;
	enum config_trust trust = source->trust;
	struct user_data data = {0};
	struct error err = ERROR_INIT;
	answer->size = 0;
	answer->base64 = false;
	answer->where[0] = answer->hostname[0] = 0;
	if (source->fetch(worker->job->search, &worker->places[index], answer, &err) !=
	    CONFIG_FOUND) {
		pass_over(worker, index, &err);
		return;
	}
	if (check_digest(worker, &trust, &err) < 0)
		refuse(worker, source, &err);
	switch (user_data_read(answer->bytes, answer->size, answer->base64, &data, &err)) {
	case USER_DATA_OURS:
		keep(worker, index, &data, trust);
		return;
	case USER_DATA_BROKEN:
		error_context(&err, "%s", answer->where);
		refuse(worker, source, &err);
	case USER_DATA_EMPTY:
		error_set(&err, "%s is empty", answer->where);
		break;
	case USER_DATA_FOREIGN:
		error_context(&err, "%s", answer->where);
		break;
	}
	pass_over(worker, index, &err);
	user_data_free(&data);
}

_Noreturn void config_job_run(struct config_job *job, int fd)
{
	static struct worker worker;
	struct error err = ERROR_INIT;
	worker.job = job;
	worker.fd = fd;
	if (prepare(&worker, &err) < 0)
		refuse(&worker, job->choices[0].source, &err);
	for (size_t i = 0; i < job->count; i++) {
		if (!worker.passed[i])
			ask(&worker, i);
		if (worker.found_count && !job->all)
			break;
	}
	if (worker.found_count)
		finish(&worker);
	_exit(0);
}
