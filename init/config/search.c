// SPDX-License-Identifier: Apache-2.0
#include "init/config/search.h"

#include "images/digest.h"
#include "images/http/http_url.h"
#include "init/config/machine_codec.h"
#include "init/config/search_confinement.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/loop.h"

#include <fcntl.h>
#include <string.h>

enum { CA_MAX = 256 * 1024, RECEIVE_BUFFER = 16 * 1024 };

struct worker {
	struct config_job *job;
	int fd;
	struct config_place places[CONFIG_SOURCES_MAX];
	bool passed[CONFIG_SOURCES_MAX]; /* could not be opened: said already */
	struct config_answer answer;
	struct machine machine;
	unsigned char storage[FRAME_MAX];
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

static void on_problem(void *context, const char *line)
{
	send_text(context, CONFIG_PROBLEM, NULL, line);
}

static void open_all(struct worker *worker)
{
	for (size_t i = 0; i < worker->job->count; i++) {
		const struct config_source *source = worker->job->sources[i];
		struct config_place *place = &worker->places[i];
		struct error err = ERROR_INIT;
		for (size_t n = 0; n < CONFIG_PLACE_FILES; n++)
			place->fds[n] = -1;
		if (!source->open || source->open(worker->job->search, place, &err) == 0)
			continue;
		worker->passed[i] = true;
		send_text(worker, CONFIG_TRIED, source->name, err.text);
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
	if (authority && http_url_origin(job->machine->config.target, &origin, NULL) == 0) {
		http_origin_format(&origin, host);
		peer = (struct http_peer){.host = host, .ca = authority, .ca_only = true};
		settings.peers = &peer;
		settings.peer_count = 1;
	}
	return http_open(&settings, err);
}

/* Everything that needs privilege, then none is left. */
static int prepare(struct worker *worker, struct error *err)
{
	struct config_job *job = worker->job;
	const char *authority = NULL;
	bool low_port = false;
	open_all(worker);
	for (size_t i = 0; i < job->count; i++)
		low_port = low_port || job->sources[i]->low_port;
	if (!job->local && read_authority(job->machine->config.ca, &authority, err) < 0)
		return -1;
	if (search_confine(!job->local, low_port, err) < 0)
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

static int send_result(struct worker *worker, const struct config_source *source,
		       const struct user_data *data, struct error *err)
{
	struct frame frame;
	char where[CONFIG_WHERE + sizeof data->path + 4];
	snprintf(where, sizeof where, "%s%s%s", worker->answer.where, *data->path ? ": " : "",
		 data->path);
	frame_begin(&frame, CONFIG_RESULT, worker->storage, sizeof worker->storage);
	frame_put_string(&frame, source->name);
	frame_put_string(&frame, where);
	frame_put_u64(&frame, worker->answer.size);
	machine_encode(&frame, &worker->machine);
	if (frame.bad)
		return error_set(err, "%s describes a machine of more than %d KiB of settings",
				 worker->answer.where, FRAME_MAX / 1024);
	send_frame(worker, &frame);
	return 0;
}

static int use(struct worker *worker, const struct config_source *source, enum config_trust trust,
	       const struct user_data *data, struct error *err)
{
	const struct config_job *job = worker->job;
	const struct config_text document = {
		.text = data->text,
		.size = data->size,
		.name = worker->answer.where,
		.source = source->name,
		.hostname = worker->answer.hostname,
		.trust = trust,
		.least = job->machine->config.trust,
	};
	if (config_describe(&document, job->line, &worker->machine, on_problem, worker, err) < 0)
		return -1;
	return send_result(worker, source, data, err);
}

static _Noreturn void refuse(struct worker *worker, const struct config_source *source,
			     const struct error *why)
{
	send_text(worker, CONFIG_REFUSED, source->name, why->text);
	_exit(0);
}

static _Noreturn void tell_source(struct worker *worker, const struct config_source *source)
{
	struct error err = ERROR_INIT;
	if (source->accepted && source->accepted(worker->job->search, &err) < 0)
		send_text(worker, CONFIG_NOTE, NULL, err.text);
	_exit(0);
}

/* Returns when the source has no document for us. */
static void ask(struct worker *worker, size_t index)
{
	const struct config_source *source = worker->job->sources[index];
	struct config_answer *answer = &worker->answer;
	enum config_trust trust = source->trust;
	struct user_data data = {0};
	struct error err = ERROR_INIT;
	answer->size = 0;
	answer->base64 = false;
	answer->where[0] = answer->hostname[0] = 0;
	if (source->fetch(worker->job->search, &worker->places[index], answer, &err) !=
	    CONFIG_FOUND) {
		send_text(worker, CONFIG_TRIED, source->name, err.text);
		return;
	}
	if (check_digest(worker, &trust, &err) < 0)
		refuse(worker, source, &err);
	switch (user_data_read(answer->bytes, answer->size, answer->base64, &data, &err)) {
	case USER_DATA_OURS:
		if (use(worker, source, trust, &data, &err) < 0)
			refuse(worker, source, &err);
		tell_source(worker, source);
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
	send_text(worker, CONFIG_TRIED, source->name, err.text);
	user_data_free(&data);
}

_Noreturn void config_job_run(struct config_job *job, int fd)
{
	static struct worker worker;
	struct error err = ERROR_INIT;
	worker.job = job;
	worker.fd = fd;
	if (prepare(&worker, &err) < 0)
		refuse(&worker, job->sources[0], &err);
	for (size_t i = 0; i < job->count; i++)
		if (!worker.passed[i])
			ask(&worker, i);
	_exit(0);
}
