// SPDX-License-Identifier: Apache-2.0
#include "images/layers/finisher.h"

#include "images/layers/metadata.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum {
	PLACES = 24,
	BATCH = 8, /* waking the other side for each file costs as much as finishing it */
};

struct finisher {
	pthread_mutex_t lock;
	pthread_cond_t work, room;
	pthread_t thread;
	bool started, ending;
	bool awaited;     /* the applier waits for `room`: until there are at most `wanted` */
	uint64_t wanted;
	uint64_t submitted, finished; /* files, ever; places are used in turn */
	bool failed;
	struct error failure;
	struct finishing places[PLACES];
};

static int finish(const struct finishing *file, struct error *err)
{
	if (write_all(file->fd, file->content, file->length, err) < 0 ||
	    metadata_set_owner(file->fd, file->uid, file->gid, file->mode, err) < 0 ||
	    metadata_set_times(file->fd, file->times, err) < 0) {
		int code = err->code;
		error_context(err, "entry %s", file->name);
		err->code = code;
		return -1;
	}
	return 0;
}

static uint64_t unfinished(const struct finisher *finisher)
{
	return finisher->submitted - finisher->finished;
}

/* NULL at the end. Files wait until a batch of them is there or somebody waits for them. */
static struct finishing *wait_for_file(struct finisher *finisher)
{
	pthread_mutex_lock(&finisher->lock);
	if (unfinished(finisher) == 0)
		while (!finisher->ending && unfinished(finisher) < BATCH &&
		       !(finisher->awaited && unfinished(finisher) > 0))
			pthread_cond_wait(&finisher->work, &finisher->lock);
	bool none = unfinished(finisher) == 0;
	pthread_mutex_unlock(&finisher->lock);
	return none ? NULL : &finisher->places[finisher->finished % PLACES];
}

/* After a failure files are only closed: the layer is lost. */
static void *work(void *context)
{
	struct finisher *finisher = context;
	struct finishing *file;
	while ((file = wait_for_file(finisher))) {
		struct error err = ERROR_INIT;
		bool bad = !finisher->failed && finish(file, &err) < 0;
		close(file->fd);
		pthread_mutex_lock(&finisher->lock);
		if (bad) {
			finisher->failed = true;
			finisher->failure = err;
		}
		finisher->finished++;
		if (finisher->awaited && unfinished(finisher) <= finisher->wanted)
			pthread_cond_signal(&finisher->room);
		pthread_mutex_unlock(&finisher->lock);
	}
	return NULL;
}

struct finisher *finisher_open(struct error *err)
{
	/* Not zeroed: what no file fills is never touched. */
	struct finisher *finisher = malloc(sizeof *finisher);
	if (!finisher) {
		error_errno(err, ENOMEM, "start the applier");
		return NULL;
	}
	pthread_mutex_init(&finisher->lock, NULL);
	pthread_cond_init(&finisher->work, NULL);
	pthread_cond_init(&finisher->room, NULL);
	finisher->started = finisher->ending = finisher->awaited = finisher->failed = false;
	finisher->submitted = finisher->finished = 0;
	return finisher;
}

static int start(struct finisher *finisher, struct error *err)
{
	int code = pthread_create(&finisher->thread, NULL, work, finisher);
	if (code)
		return error_errno(err, code, "start a thread");
	finisher->started = true;
	return 0;
}

/* When more than `most` files are unfinished: waits until at most `wanted` are. */
static int wait_for_places(struct finisher *finisher, uint64_t most, uint64_t wanted,
			   struct error *err)
{
	pthread_mutex_lock(&finisher->lock);
	if (unfinished(finisher) > most) {
		finisher->awaited = true;
		finisher->wanted = wanted;
		pthread_cond_signal(&finisher->work);
		while (unfinished(finisher) > wanted)
			pthread_cond_wait(&finisher->room, &finisher->lock);
		finisher->awaited = false;
	}
	pthread_mutex_unlock(&finisher->lock);
	return finisher_has_failed(finisher, err) ? -1 : 0;
}

struct finishing *finisher_place(struct finisher *finisher, struct error *err)
{
	if (!finisher->started && start(finisher, err) < 0)
		return NULL;
	if (wait_for_places(finisher, PLACES - 1, PLACES - BATCH, err) < 0)
		return NULL;
	return &finisher->places[finisher->submitted % PLACES];
}

void finisher_submit(struct finisher *finisher)
{
	pthread_mutex_lock(&finisher->lock);
	finisher->submitted++;
	if (unfinished(finisher) >= BATCH)
		pthread_cond_signal(&finisher->work);
	pthread_mutex_unlock(&finisher->lock);
}

int finisher_wait(struct finisher *finisher, struct error *err)
{
	return wait_for_places(finisher, 0, 0, err);
}

bool finisher_has_failed(struct finisher *finisher, struct error *err)
{
	pthread_mutex_lock(&finisher->lock);
	bool failed = finisher->failed;
	pthread_mutex_unlock(&finisher->lock);
	if (failed && err)
		*err = finisher->failure;
	return failed;
}

void finisher_close(struct finisher *finisher)
{
	if (!finisher)
		return;
	pthread_mutex_lock(&finisher->lock);
	finisher->ending = true;
	pthread_cond_signal(&finisher->work);
	pthread_mutex_unlock(&finisher->lock);
	if (finisher->started)
		pthread_join(finisher->thread, NULL);
	free(finisher);
}
