// SPDX-License-Identifier: Apache-2.0
#include "images/pull/apply.h"

#include "images/layers/ratio.h"
#include "images/pull/policy.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static int apply(const struct apply_context *context, int report_fd, struct error *err)
{
	struct layer_budget budget = context->budget;
	struct layer_stats stats = {0};
	unsigned char storage[32];
	char root[32];
	struct frame frame;
	umask(0);
	budget.stream_max = ratio_limit(context->packed);
	snprintf(root, sizeof root, "/proc/self/fd/%d", context->root_fd);
	if (policy_apply(context->request, root, err) < 0)
		return -1;
	if (layer_apply(context->in_fd, context->root_fd, &budget, &stats, err) < 0)
		return error_context(err, "layer %s", context->layer->blob.digest.text);
	frame_begin(&frame, WORKER_APPLIED, storage, sizeof storage);
	frame_put_u64(&frame, stats.bytes);
	frame_put_u64(&frame, stats.entries);
	frame_put_u64(&frame, budget.stream);
	return frame_send(report_fd, &frame, err);
}

/* Failures that say nothing about the layer's content. */
static bool is_of_the_machine(int code)
{
	return code == ENOSPC || code == EDQUOT || code == ENOMEM || code == EIO || code == EROFS;
}

int apply_main(int report_fd, void *context)
{
	static unsigned char storage[FRAME_MAX];
	struct error err = ERROR_INIT;
	struct frame frame;
	if (apply(context, report_fd, &err) == 0)
		return 0;
	pull_encode_failure(&frame, storage, is_of_the_machine(err.code) ? WORKER_FAILURE
									 : WORKER_BAD_LAYER, &err);
	frame_send(report_fd, &frame, NULL);
	return 1;
}
