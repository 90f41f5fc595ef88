// SPDX-License-Identifier: Apache-2.0
#include "images/image.h"

#include "images/layers/unpacked.h"
#include "lib/tap.h"

#include <stdlib.h>
#include <string.h>

static char block[512 * 1024];
static unsigned char storage[FRAME_MAX];
static struct error err;

/* What the receiver of a frame sees. */
static struct frame received(const struct frame *sent, size_t size)
{
	return (struct frame){.type = sent->type, .data = sent->data, .size = size, .at = 1,
			      .capacity = size};
}

static struct image make_image(struct arena *arena)
{
	struct image image = {.platform = "linux/amd64", .layer_count = 2};
	memcpy(image.manifest.text, "sha256:", 7);
	memset(image.manifest.text + 7, 'a', 64);
	image.config_digest = image.manifest;
	image.access.plain = true;
	image.access.expires_at = 1ULL << 40;
	image.endpoint = 2;
	strcpy(image.origin, "mirror a.lan of docker.io");
	strcpy(image.access.authorization, "Bearer token");
	image.config.user = arena_strdup(arena, "root");
	string_list_add(&image.config.env, arena, "A=1", NULL);
	string_list_add(&image.config.env, arena, "", NULL);
	image.layers = arena_alloc(arena, 2 * sizeof *image.layers);
	for (int i = 0; i < 2; i++) {
		image.layers[i].blob.digest = image.layers[i].diff_id = image.manifest;
		image.layers[i].blob.size = 1000 + (uint64_t)i;
		image.layers[i].compression = COMPRESSION_ZSTD;
		image.layers[i].unpacked = 5000;
		image.layers[i].estimated = i == 1;
	}
	return image;
}

static void test_image(struct arena *arena)
{
	struct image image = make_image(arena), *out = calloc(1, sizeof *out);
	struct frame frame;
	frame_begin(&frame, RESOLVE_IMAGE, storage, sizeof storage);
	image_put(&frame, &image);
	struct frame in = received(&frame, frame.size);
	ok(image_get(&in, arena, out, &err) == 0, "an image survives the socket");
	is(out->manifest.text, image.manifest.text, "digest");
	is(out->access.authorization, "Bearer token", "authorization");
	ok(out->access.plain && out->access.decided, "scheme");
	ok(out->access.expires_at == 1ULL << 40, "end of the token");
	ok(out->endpoint == 2, "endpoint");
	is(out->origin, "mirror a.lan of docker.io", "origin");
	is(out->config.user, "root", "user");
	ok(out->config.env.count == 2, "environment");
	ok(out->layer_count == 2 && out->layers[1].estimated && out->layers[1].blob.size == 1001,
	   "layers");
	size_t refused = 0;
	for (size_t size = 1; size < frame.size; size++) {
		in = received(&frame, size);
		struct arena scratch = *arena;
		refused += image_get(&in, &scratch, out, &err) < 0;
	}
	ok(refused == frame.size - 1, "every truncation is refused");
	image.layers[0].compression = (enum compression)9;
	frame_begin(&frame, RESOLVE_IMAGE, storage, sizeof storage);
	image_put(&frame, &image);
	in = received(&frame, frame.size);
	ok(image_get(&in, arena, out, &err) < 0, "an unknown compression is refused");
	image.layers[0].compression = COMPRESSION_NONE;
	strcpy(image.layers[0].diff_id.text, "sha256:../../x");
	frame_begin(&frame, RESOLVE_IMAGE, storage, sizeof storage);
	image_put(&frame, &image);
	in = received(&frame, frame.size);
	ok(image_get(&in, arena, out, &err) < 0, "a digest that is a path is refused");
	free(out);
}

static void test_public_frames(struct arena *arena)
{
	struct pull_progress progress = {1, 2, 3, 4}, seen;
	struct frame frame, in;
	pull_encode_progress(&frame, storage, &progress);
	in = received(&frame, frame.size);
	ok(pull_decode_progress(&in, &seen, &err) == 0 && memcmp(&seen, &progress, sizeof seen) == 0,
	   "progress");
	struct error failure = ERROR_INIT, heard = ERROR_INIT;
	error_temporary(&failure, "no answer");
	pull_encode_failure(&frame, storage, PULL_FAILURE, &failure);
	in = received(&frame, frame.size);
	ok(pull_decode_failure(&in, &heard, &err) == 0 && heard.kind == ERROR_TEMPORARY, "failure");
	is(heard.text, "no answer", "its text");
	struct pull_result result = {.reference = "r", .digest = "d", .platform = "p", .source = "s",
				     .passed = "t",
				     .layers = {1, 1, (char *[]){(char *)"/x", NULL}}, .bytes = 7, .unpacked_bytes = 8}, out;
	string_list_add(&result.config.cmd, arena, "sh", NULL);
	pull_encode_result(&frame, storage, &result);
	in = received(&frame, frame.size);
	ok(pull_decode_result(&in, arena, &out, &err) == 0 && out.bytes == 7, "result");
	is(out.layers.items[0], "/x", "layers");
	is(out.config.cmd.items[0], "sh", "command");
	is(out.passed, "t", "why not from elsewhere");
	in = received(&frame, frame.size - 1);
	ok(pull_decode_result(&in, arena, &out, &err) < 0, "a short result is refused");
}

static uint64_t unpacked(enum compression compression, uint64_t size, const char *bytes, size_t got)
{
	struct image_layer layer = {.compression = compression, .blob.size = size};
	struct registry_piece piece = {.got = got};
	if (got)
		memcpy(piece.bytes, bytes, got);
	unpacked_size(&layer, &piece);
	return layer.unpacked;
}

static void test_unpacked_sizes(void)
{
	ok(unpacked(COMPRESSION_NONE, 12345, "", 0) == 12345, "a tar is as large as it is");
	ok(unpacked(COMPRESSION_GZIP, 100000, "\x40\x42\x0f\x00", 4) == 1000000, "gzip says a million");
	ok(unpacked(COMPRESSION_GZIP, 100000, "\x00\x00\x00\x00", 4) == 300000,
	   "a small last member is not believed");
	ok(unpacked(COMPRESSION_GZIP, 3ULL << 30, "\x00\x00\x00\x40", 4) == (5ULL << 30),
	   "a size that has wrapped around is unwrapped");
	ok(unpacked(COMPRESSION_GZIP, 100000, "", 0) == 300000, "without an answer it is a guess");
	ok(unpacked(COMPRESSION_ZSTD, 50000, "\x28\xb5\x2f\xfd\xa0\x40\x42\x0f\x00", 9) == 1000000,
	   "zstd says a million");
	ok(unpacked(COMPRESSION_ZSTD, 50000, "\x28\xb5\x2f\xfd\x04\x58", 6) == 150000,
	   "zstd without a size");
	ok(unpacked(COMPRESSION_ZSTD, 50000, "garbage!!", 9) == 150000, "no zstd at all");
}

int main(void)
{
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	test_image(&arena);
	test_public_frames(&arena);
	test_unpacked_sizes();
	return tap_end();
}
