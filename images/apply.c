// SPDX-License-Identifier: Apache-2.0
#include "images/apply.h"

#include "images/policy.h"
#include "images/ratio.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int apply(const struct apply_context *context, int report_fd, struct error *err)
{
	struct layer_budget budget = context->budget;
	uint64_t packed = 0;
	unsigned char storage[16];
	umask(0);
	for (size_t i = 0; i < context->image->layer_count; i++)
		packed += context->image->layers[i].blob.size;
	budget.stream_max = ratio_limit(packed);
	_cleanup_close_ int root = open(context->tree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0)
		return error_errno(err, errno, "open %s", context->tree);
	if (policy_apply(context->request, context->tree, err) < 0)
		return -1;
	for (size_t i = 0; i < context->image->layer_count; i++) {
		struct layer_stats stats = {0};
		struct frame frame;
		if (layer_apply(context->in_fds[i], root, &budget, &stats, err) < 0)
			return error_context(err, "layer %s",
					     context->image->layers[i].blob.digest.text);
		close(context->in_fds[i]);
		frame_begin(&frame, WORKER_APPLIED, storage, sizeof storage);
		frame_put_u64(&frame, stats.bytes);
		if (frame_send(report_fd, &frame, err) < 0)
			return -1;
	}
	return 0;
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
