// SPDX-License-Identifier: Apache-2.0
#include "images/pull/outlet.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 1 << 20, CAPACITY = 10007 }; /* no piece ends where the ring does */

static uint8_t sent[SIZE], got[SIZE];

static void *read_all(void *context)
{
	size_t used = 0;
	ssize_t count;
	while ((count = read(*(int *)context, got + used, SIZE - used)) > 0)
		used += (size_t)count;
	return NULL;
}

static void digest_of_sent(struct digest *digest)
{
	struct sha256 sum;
	sha256_begin(&sum);
	sha256_add(&sum, sent, SIZE);
	sha256_end(&sum, digest);
}

static int put_in_pieces(struct outlet *outlet, struct error *err)
{
	for (size_t at = 0, piece = 1; at < SIZE; at += piece, piece = piece * 3 % 30011) {
		size_t size = piece < SIZE - at ? piece : SIZE - at;
		if (outlet_put(outlet, sent + at, size, err) < 0)
			return -1;
	}
	return 0;
}

static int put_in_places(struct outlet *outlet, struct error *err)
{
	for (size_t at = 0, size; at < SIZE; at += size) {
		uint8_t *place = outlet_place(outlet, &size, err);
		if (!place)
			return -1;
		size = size > 2000 ? size - 1000 : size;
		size = size < SIZE - at ? size : SIZE - at;
		memcpy(place, sent + at, size);
		if (outlet_put(outlet, place, size, err) < 0)
			return -1;
	}
	return 0;
}

static void test_order(int (*put)(struct outlet *, struct error *), const char *how)
{
	struct outlet outlet;
	struct digest digest, expected;
	struct error err = ERROR_INIT;
	int ends[2];
	pthread_t reader;
	ok(pipe2(ends, O_CLOEXEC) == 0 && outlet_open(&outlet, ends[1], CAPACITY, &err) == 0,
	   "opens");
	memset(got, 0, SIZE);
	pthread_create(&reader, NULL, read_all, &ends[0]);
	ok(put(&outlet, &err) == 0 && outlet_end(&outlet, &digest, &err) == 0, "a megabyte %s", how);
	close(ends[1]);
	pthread_join(reader, NULL);
	close(ends[0]);
	digest_of_sent(&expected);
	ok(memcmp(sent, got, SIZE) == 0, "arrives in order");
	is(digest.text, expected.text, "with its digest");
	ok(!outlet.closed, "the reader stayed");
}

/* What fits the queue is taken while nobody reads the pipe. */
static void test_room(void)
{
	struct outlet outlet;
	struct digest digest;
	struct error err = ERROR_INIT;
	int ends[2] = {-1, -1};
	ok(pipe2(ends, O_CLOEXEC) == 0 && outlet_open(&outlet, ends[1], SIZE, &err) == 0, "opens");
	ok(outlet_put(&outlet, sent, SIZE, &err) == 0, "takes a queue full without a reader");
	close(ends[0]);
	ok(outlet_end(&outlet, &digest, &err) == 0 && outlet.closed,
	   "a reader that goes away is no failure");
	struct digest expected;
	digest_of_sent(&expected);
	is(digest.text, expected.text, "and all is digested still");
	close(ends[1]);
}

static void test_failure(void)
{
	struct outlet outlet;
	struct digest digest;
	struct error err = ERROR_INIT;
	_cleanup_close_ int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	ok(outlet_open(&outlet, fd, CAPACITY, &err) == 0, "opens");
	ok(put_in_pieces(&outlet, &err) < 0 && err.code == ENOSPC,
	   "a pipe that cannot be written: %s", err.text);
	ok(outlet_end(&outlet, &digest, &err) < 0, "says so at the end too");
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < SIZE; i++)
		sent[i] = (uint8_t)(i * 2654435761u >> 13);
	test_order(put_in_pieces, "in pieces of all sizes");
	test_order(put_in_places, "in places of the queue");
	test_room();
	test_failure();
	return tap_end();
}
