// SPDX-License-Identifier: Apache-2.0
/* Profiles of system calls in Docker's form: what comes out is a program that the kernel's check would
 * let in, or there is a reason in one line. */
#include "init/config/document/seccomp_profile.h"
#include "init/config/security.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Jumps go forward and stay inside, and the last instruction returns. */
static void check(const unsigned char *content, size_t size)
{
	static struct sock_filter code[SECCOMP_PROGRAM_MAX];
	size_t count = (size - SECCOMP_HEADER) / sizeof *code;
	if (size <= SECCOMP_HEADER || (size - SECCOMP_HEADER) % sizeof *code || count > SECCOMP_PROGRAM_MAX)
		abort();
	memcpy(code, content + SECCOMP_HEADER, count * sizeof *code);
	if (BPF_CLASS(code[count - 1].code) != BPF_RET)
		abort();
	for (size_t at = 0; at < count; at++) {
		size_t left = count - at - 1;
		if (BPF_CLASS(code[at].code) != BPF_JMP)
			continue;
		if (BPF_OP(code[at].code) == BPF_JA ? code[at].k >= left
						    : code[at].jt >= left || code[at].jf >= left)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char out[SECCOMP_HEADER + SECCOMP_PROGRAM_MAX * sizeof(struct sock_filter)];
	struct error err = ERROR_INIT;
	if (size > SECCOMP_PROFILE_MAX)
		return 0;
	ssize_t length = seccomp_profile_compile((const char *)data, size, UINT64_C(0xa80425fb), out,
						 sizeof out, &err);
	if (length >= 0)
		check(out, (size_t)length);
	else if (!err.text[0] || strpbrk(err.text, "\n\r\033"))
		abort();
	return 0;
}
