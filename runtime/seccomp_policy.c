// SPDX-License-Identifier: Apache-2.0
/* The default policy for containers with more capabilities than the default ones: the calls that these
 * open are let through first, and all others go on to the program that was made at build time. */
#include "runtime/seccomp.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

enum {
	EDGES = 5,       /* instructions beside those for calls */
	CALLS_MAX = 250, /* a conditional jump reaches 255 */
};

static size_t count_calls(uint64_t capabilities)
{
	size_t count = 0;
	for (size_t i = 0; i < seccomp_unlock_count; i++)
		count += capabilities >> seccomp_unlocks[i].capability & 1;
	return count;
}

/* Behind them the default program begins; returns where. */
static size_t put_calls(uint64_t capabilities, size_t calls, struct sock_filter *code)
{
	const size_t allow = 3 + calls + 1;
	size_t at = 0;
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  offsetof(struct seccomp_data, arch));
	code[at] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_native, 0,
						(uint8_t)(allow - at));
	at++;
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < seccomp_unlock_count; i++) {
		if (!(capabilities >> seccomp_unlocks[i].capability & 1))
			continue;
		code[at] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							seccomp_unlocks[i].call,
							(uint8_t)(allow - at - 1), 0);
		at++;
	}
	code[at++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return at;
}

int seccomp_for_capabilities(uint64_t capabilities, struct arena *arena, struct seccomp_filter *out,
			     struct error *err)
{
	size_t calls = count_calls(capabilities);
	*out = (struct seccomp_filter){.code = seccomp_default_program,
				       .length = seccomp_default_length};
	if (!calls)
		return 0;
	size_t length = EDGES + calls + seccomp_default_length;
	struct sock_filter *code = arena_alloc(arena, length * sizeof *code);
	if (!code || calls > CALLS_MAX)
		return error_set(err, "no room for the system call filter");
	size_t used = put_calls(capabilities, calls, code);
	memcpy(code + used, seccomp_default_program, seccomp_default_length * sizeof *code);
	out->code = code;
	out->length = (unsigned short)length;
	return 0;
}
