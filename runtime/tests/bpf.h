// SPDX-License-Identifier: Apache-2.0
/* What the kernel would make of a system call filter. */
#ifndef BERTH_RUNTIME_TESTS_BPF_H
#define BERTH_RUNTIME_TESTS_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BPF_BROKEN = 0xdead };

/* Its answer to a call whose first argument this is; BPF_BROKEN: it does not end, or has an instruction
 * that no filter of ours has. */
static inline uint32_t bpf_answer(const struct sock_filter *code, size_t length, uint32_t architecture,
				  int call, uint64_t argument)
{
	const struct seccomp_data data = {.nr = call, .arch = architecture, .args = {argument}};
	uint32_t a = 0;
	for (size_t at = 0; at < length; at++) {
		const struct sock_filter *op = &code[at];
		bool yes = false;
		switch (op->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)&data + op->k, sizeof a);
			continue;
		case BPF_RET | BPF_K:
			return op->k;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= op->k;
			continue;
		case BPF_JMP | BPF_JA:
			at += op->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == op->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= op->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > op->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			yes = (a & op->k) != 0;
			break;
		default:
			return BPF_BROKEN;
		}
		at += yes ? op->jt : op->jf;
	}
	return BPF_BROKEN;
}

#endif
