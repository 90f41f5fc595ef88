// SPDX-License-Identifier: Apache-2.0
#include "images/pull/outlet.h"

#include "lib/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	PIECE = 128 << 10, /* at once into the pipe: small enough to be in the cache still */
	PLACE = 256 << 10, /* filled before it is passed on */
};

/* The bytes at `taken` that lie in one piece, at most PIECE; 0 at the end. */
static size_t wait_for_bytes(struct outlet *outlet)
{
	pthread_mutex_lock(&outlet->lock);
	while (outlet->put == outlet->taken && !outlet->ended)
		pthread_cond_wait(&outlet->changed, &outlet->lock);
	size_t size = (size_t)(outlet->put - outlet->taken);
	pthread_mutex_unlock(&outlet->lock);
	size_t to_edge = outlet->capacity - (size_t)(outlet->taken % outlet->capacity);
	if (size > to_edge)
		size = to_edge;
	return size < PIECE ? size : PIECE;
}

static void give_back(struct outlet *outlet, size_t size)
{
	pthread_mutex_lock(&outlet->lock);
	outlet->taken += size;
	pthread_cond_broadcast(&outlet->changed);
	pthread_mutex_unlock(&outlet->lock);
}

static void fail(struct outlet *outlet, const struct error *why)
{
	pthread_mutex_lock(&outlet->lock);
	outlet->failure = *why;
	outlet->failed = true;
	pthread_cond_broadcast(&outlet->changed);
	pthread_mutex_unlock(&outlet->lock);
}

static void *drain(void *context)
{
	struct outlet *outlet = context;
	struct error err = ERROR_INIT;
	size_t size;
	while ((size = wait_for_bytes(outlet)) > 0) {
		const uint8_t *data = outlet->ring + outlet->taken % outlet->capacity;
		sha256_add(&outlet->sum, data, size);
		/* An applier that gave up may have met corrupt data: go on, to tell whether it was. */
		if (!outlet->closed && write_all(outlet->fd, data, size, &err) < 0) {
			if (err.code != EPIPE) {
				fail(outlet, &err);
				return NULL;
			}
			outlet->closed = true;
		}
		give_back(outlet, size);
	}
	return NULL;
}

int outlet_open(struct outlet *outlet, int fd, size_t capacity, struct error *err)
{
	memset(outlet, 0, sizeof *outlet);
	outlet->fd = fd;
	outlet->capacity = capacity;
	outlet->ring = malloc(capacity);
	if (!outlet->ring)
		return error_temporary(err, "no memory for a queue of %zu bytes", capacity);
	sha256_begin(&outlet->sum);
	pthread_mutex_init(&outlet->lock, NULL);
	pthread_cond_init(&outlet->changed, NULL);
	int code = pthread_create(&outlet->thread, NULL, drain, outlet);
	return code == 0 ? 0 : error_errno(err, code, "start a thread");
}

/* How many of `size` bytes fit without a gap; -1 when the thread has failed. */
static ssize_t wait_for_room(struct outlet *outlet, size_t size, struct error *err)
{
	pthread_mutex_lock(&outlet->lock);
	while (outlet->put - outlet->taken == outlet->capacity && !outlet->failed)
		pthread_cond_wait(&outlet->changed, &outlet->lock);
	size_t room = outlet->capacity - (size_t)(outlet->put - outlet->taken);
	bool failed = outlet->failed;
	pthread_mutex_unlock(&outlet->lock);
	if (failed) {
		*err = outlet->failure;
		return -1;
	}
	size_t to_edge = outlet->capacity - (size_t)(outlet->put % outlet->capacity);
	if (room > to_edge)
		room = to_edge;
	return (ssize_t)(room < size ? room : size);
}

static uint8_t *next_place(const struct outlet *outlet)
{
	return outlet->ring + outlet->put % outlet->capacity;
}

uint8_t *outlet_place(struct outlet *outlet, size_t *size, struct error *err)
{
	ssize_t fits = wait_for_room(outlet, PLACE, err);
	if (fits < 0)
		return NULL;
	*size = (size_t)fits;
	return next_place(outlet);
}

static void put(struct outlet *outlet, size_t size)
{
	pthread_mutex_lock(&outlet->lock);
	outlet->put += size;
	pthread_cond_broadcast(&outlet->changed);
	pthread_mutex_unlock(&outlet->lock);
}

int outlet_put(struct outlet *outlet, const void *data, size_t size, struct error *err)
{
	const uint8_t *at = data;
	if (at == next_place(outlet)) {
		put(outlet, size);
		return 0;
	}
	while (size > 0) {
		ssize_t fits = wait_for_room(outlet, size, err);
		if (fits < 0)
			return -1;
		memcpy(next_place(outlet), at, (size_t)fits);
		put(outlet, (size_t)fits);
		at += fits;
		size -= (size_t)fits;
	}
	return 0;
}

int outlet_end(struct outlet *outlet, struct digest *digest, struct error *err)
{
	pthread_mutex_lock(&outlet->lock);
	outlet->ended = true;
	pthread_cond_broadcast(&outlet->changed);
	pthread_mutex_unlock(&outlet->lock);
	pthread_join(outlet->thread, NULL);
	free(outlet->ring);
	if (outlet->failed) {
		*err = outlet->failure;
		return -1;
	}
	sha256_end(&outlet->sum, digest);
	return 0;
}
