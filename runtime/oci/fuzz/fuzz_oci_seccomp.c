// SPDX-License-Identifier: Apache-2.0
/* linux.seccomp, compiled: what comes out is a program that the kernel's check would let in. */
#include "runtime/oci/config.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Jumps go forward and stay inside, and the last instruction returns. */
static void check(const struct seccomp_filter *filter)
{
	if (!filter->length || BPF_CLASS(filter->code[filter->length - 1].code) != BPF_RET)
		abort();
	for (unsigned at = 0; at < filter->length; at++) {
		const struct sock_filter *code = &filter->code[at];
		unsigned left = filter->length - at - 1;
		if (BPF_CLASS(code->code) != BPF_JMP)
			continue;
		if (BPF_OP(code->code) == BPF_JA ? code->k >= left
						 : code->jt >= left || code->jf >= left)
			abort();
	}
	if (filter->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER && !filter->listener_path)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[4 * 1024 * 1024];
	struct arena arena;
	struct json json;
	struct error err = ERROR_INIT;
	struct seccomp_filter filter = {.code = NULL};
	struct oci_reader reader = {.arena = &arena, .err = &err};
	arena_init(&arena, block, sizeof block);
	if (json_open(&json, "seccomp", data, size, sizeof block, &err) == 0) {
		oci_config_seccomp(&reader, json_root(&json), &filter);
		if (!reader.bad)
			check(&filter);
		else if (!err.text[0] || strpbrk(err.text, "\n\r\033"))
			abort();
	}
	json_close(&json);
	return 0;
}
