// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_filter.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	READ = BPF_DEVCG_ACC_READ,
	WRITE = BPF_DEVCG_ACC_WRITE,
	CREATE = BPF_DEVCG_ACC_MKNOD,
	ANY = -1,
};

struct rule {
	int type; /* BPF_DEVCG_DEV_CHAR, BPF_DEVCG_DEV_BLOCK or ANY */
	int major, minor;
	int access;
};

/* Creating a node is harmless by itself; opening is what counts. */
static const struct rule DEFAULT_RULES[] = {
	{ANY, ANY, ANY, CREATE},
	{BPF_DEVCG_DEV_CHAR, 1, 3, READ | WRITE | CREATE},   /* null */
	{BPF_DEVCG_DEV_CHAR, 1, 5, READ | WRITE | CREATE},   /* zero */
	{BPF_DEVCG_DEV_CHAR, 1, 7, READ | WRITE | CREATE},   /* full */
	{BPF_DEVCG_DEV_CHAR, 1, 8, READ | WRITE | CREATE},   /* random */
	{BPF_DEVCG_DEV_CHAR, 1, 9, READ | WRITE | CREATE},   /* urandom */
	{BPF_DEVCG_DEV_CHAR, 5, 0, READ | WRITE | CREATE},   /* tty */
	{BPF_DEVCG_DEV_CHAR, 5, 2, READ | WRITE | CREATE},   /* ptmx */
	{BPF_DEVCG_DEV_CHAR, 136, ANY, READ | WRITE | CREATE}, /* pts */
};

enum { CODE_MAX = 8 + 8 * countof(DEFAULT_RULES) };

/* Registers while the program runs: what is asked for. */
enum { TYPE = BPF_REG_2, ACCESS = BPF_REG_3, MAJOR = BPF_REG_4, MINOR = BPF_REG_5 };

struct program {
	struct bpf_insn code[CODE_MAX];
	size_t length;
};

static void emit(struct program *program, int code, int dst, int src, int offset, int32_t imm)
{
	program->code[program->length++] = (struct bpf_insn){
		.code = (uint8_t)code,
		.dst_reg = (uint8_t)(dst & 15),
		.src_reg = (uint8_t)(src & 15),
		.off = (int16_t)offset,
		.imm = imm,
	};
}

static void load_field(struct program *program, int reg, size_t offset)
{
	emit(program, BPF_LDX | BPF_MEM | BPF_W, reg, BPF_REG_1, (int)offset, 0);
}

/* access_type holds the type in its low and the access in its high 16 bits. */
static void emit_prologue(struct program *program)
{
	load_field(program, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(program, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	emit(program, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	emit(program, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	load_field(program, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	load_field(program, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
}

static void emit_return(struct program *program, int value)
{
	emit(program, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, value);
	emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Each condition that does not hold jumps to the end of the rule; a rule that holds allows. */
static void emit_rule(struct program *program, const struct rule *rule)
{
	const struct {
		int reg, want;
	} conditions[] = {{TYPE, rule->type}, {MAJOR, rule->major}, {MINOR, rule->minor}};
	size_t jumps[4], count = 0;
	for (size_t i = 0; i < countof(conditions); i++) {
		if (conditions[i].want == ANY)
			continue;
		jumps[count++] = program->length;
		emit(program, BPF_JMP | BPF_JNE | BPF_K, conditions[i].reg, 0, 0,
		     conditions[i].want);
	}
	/* Asked for anything beyond the rule's accesses? */
	jumps[count++] = program->length;
	emit(program, BPF_JMP | BPF_JSET | BPF_K, ACCESS, 0, 0,
	     ~rule->access & (READ | WRITE | CREATE));
	emit_return(program, 1);
	for (size_t i = 0; i < count; i++)
		program->code[jumps[i]].off = (int16_t)(program->length - jumps[i] - 1);
}

static int call_bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

static int load_program(struct error *err)
{
	struct program program = {.length = 0};
	emit_prologue(&program);
	for (size_t i = 0; i < countof(DEFAULT_RULES); i++)
		emit_rule(&program, &DEFAULT_RULES[i]);
	emit_return(&program, 0);
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)program.code;
	attr.insn_cnt = (uint32_t)program.length;
	attr.license = (uintptr_t) "Apache-2.0";
	int fd = call_bpf(BPF_PROG_LOAD, &attr);
	return fd < 0 ? error_errno(err, errno, "load the device filter") : fd;
}

int device_filter_attach(int cgroup_fd, struct error *err)
{
	_cleanup_close_ int program_fd = load_program(err);
	if (program_fd < 0)
		return -1;
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)program_fd;
	attr.attach_type = BPF_CGROUP_DEVICE; /* no flags: groups below can add no other */
	if (call_bpf(BPF_PROG_ATTACH, &attr) < 0)
		return error_errno(err, errno, "attach the device filter to the cgroup");
	return 0;
}
