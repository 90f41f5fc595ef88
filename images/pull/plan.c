// SPDX-License-Identifier: Apache-2.0
#include "images/pull/plan.h"

void plan_encode(struct frame *frame, void *storage, const struct pull_plan *plan)
{
	frame_begin(frame, PULL_PLAN, storage, FRAME_MAX);
	frame_put_string(frame, plan->reference);
	frame_put_string(frame, plan->source);
	frame_put_u64(frame, plan->stored);
	frame_put_u64(frame, plan->layers_here);
	image_put(frame, &plan->image);
}

int plan_decode(struct frame *frame, struct arena *arena, struct pull_plan *out, struct error *err)
{
	out->reference = frame_get_string(frame, arena);
	out->source = frame_get_string(frame, arena);
	out->stored = frame_get_u64(frame) != 0;
	out->layers_here = frame_get_u64(frame);
	if (image_get(frame, arena, &out->image, err) < 0)
		return -1;
	if (out->layers_here > out->image.layer_count)
		return error_set(err, "malformed plan of a pull");
	return 0;
}
