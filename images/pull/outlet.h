// SPDX-License-Identifier: Apache-2.0
/*
 * The way out of a layer worker: a bounded queue and a thread that digests what passes and writes
 * it into the layer's pipe. Decompression and digest of one layer so share two processors, and a
 * layer worker that is ahead of the applier goes on until its queue is full, not only its pipe.
 */
#ifndef BERTH_IMAGES_PULL_OUTLET_H
#define BERTH_IMAGES_PULL_OUTLET_H

#include "images/digest.h"
#include "lib/error.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outlet {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	int fd;
	uint8_t *ring;
	size_t capacity;
	uint64_t put, taken;   /* bytes that came in and went out, ever */
	bool ended;            /* nothing more will be put */
	bool closed;           /* nobody reads the pipe any more: what comes is only digested */
	struct error failure;  /* set with `failed` */
	bool failed;
	struct sha256 sum;     /* the thread's own until outlet_end() */
};

/* Starts the thread; fd (borrowed) is the write end of a pipe, capacity the bytes of the queue. */
int outlet_open(struct outlet *outlet, int fd, size_t capacity, struct error *err);

/* Waits for room and gives a place in the queue, of *size bytes, to be filled and then put: with
 * outlet_put(), from its beginning. NULL with err filled as outlet_put() fails. */
uint8_t *outlet_place(struct outlet *outlet, size_t *size, struct error *err);

/* Waits for room; data may be in the place from outlet_place(). Fails when the pipe cannot be written; a reader that has gone away is no failure,
 * see `closed`. */
int outlet_put(struct outlet *outlet, const void *data, size_t size, struct error *err);

/* Waits until all is written, ends the thread, frees the queue and gives the digest of all that
 * was put. Called once, also after a failure of outlet_put(). */
int outlet_end(struct outlet *outlet, struct digest *digest, struct error *err);

#endif
