// SPDX-License-Identifier: Apache-2.0
/* Plans of pulls, and the chain IDs that they count layers by. */
#include "images/pull/plan.h"
#include "images/store/chain.h"
#include "lib/tap.h"

#include <string.h>

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct error err;
static unsigned char storage[FRAME_MAX];
static char block[64 * 1024];

/* printf 'sha256:aaaa… sha256:bbbb…' | sha256sum */
static void test_chain(void)
{
	struct digest a, b, chain;
	digest_parse("sha256:" HEX_A, &a, &err);
	digest_parse("sha256:" HEX_B, &b, &err);
	chain_id(NULL, &a, &chain);
	is(chain.text, a.text, "the lowest layer's chain ID is its diff ID");
	chain_id(&a, &b, &chain);
	is(chain.text, "sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c", "the next one's is a digest of both");
}

static int round_trip(uint64_t here, struct pull_plan *out)
{
	static struct image_layer layer;
	static struct pull_plan plan;
	struct arena arena;
	struct frame frame;
	digest_parse("sha256:" HEX_A, &layer.blob.digest, &err);
	layer.diff_id = layer.blob.digest;
	plan = (struct pull_plan){.reference = (char *)"docker.io/library/app:1",
				  .source = (char *)"registry", .stored = true, .layers_here = here};
	plan.image.manifest = plan.image.config_digest = layer.blob.digest;
	plan.image.layers = &layer;
	plan.image.layer_count = 1;
	plan.image.config = (struct image_config){
		.user = (char *)"", .working_dir = (char *)"", .stop_signal = (char *)""};
	plan_encode(&frame, storage, &plan);
	arena_init(&arena, block, sizeof block);
	struct frame in = {.type = storage[0], .data = storage, .size = frame.size, .at = 1,
			   .capacity = frame.size};
	return frame.bad ? -1 : plan_decode(&in, &arena, out, &err);
}

static void test_codec(void)
{
	static struct pull_plan out;
	if (ok(round_trip(1, &out) == 0, "a plan is read as it was written: %s", err.text)) {
		is(out.reference, "docker.io/library/app:1", "its reference");
		ok(out.stored && out.layers_here == 1, "what is there");
		ok(out.image.layer_count == 1, "its layers");
	}
	ok(round_trip(2, &out) < 0, "more layers there than the image has: %s", err.text);
}

int main(void)
{
	test_chain();
	test_codec();
	return tap_end();
}
