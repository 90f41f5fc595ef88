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

enum { ANY = -1, RULES_MAX = 4096, BOUND_MAX = 64 };

/* Creating a node is harmless by itself; opening is what counts. */
static const struct device_rule DEFAULT_RULES[] = {
	{true, 'a', ANY, ANY, DEVICE_CREATE}, {true, 'c', 1, 3, DEVICE_ALL}, /* null */
	{true, 'c', 1, 5, DEVICE_ALL},        {true, 'c', 1, 7, DEVICE_ALL}, /* zero, full */
	{true, 'c', 1, 8, DEVICE_ALL},        {true, 'c', 1, 9, DEVICE_ALL}, /* random, urandom */
	{true, 'c', 5, 0, DEVICE_ALL},        {true, 'c', 5, 2, DEVICE_ALL}, /* tty, ptmx */
	{true, 'c', 136, ANY, DEVICE_ALL},                                   /* pts */
};

enum { RULE_CODE_MAX = 8, EDGES_CODE_MAX = 8 };

/* Registers while the program runs: what is asked for. */
enum { TYPE = BPF_REG_2, ACCESS = BPF_REG_3, MAJOR = BPF_REG_4, MINOR = BPF_REG_5 };

struct program {
	struct bpf_insn *code;
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

/* The kernel's bits are not in the order of the letters. */
static int access_bits(unsigned access)
{
	return (access & DEVICE_READ ? BPF_DEVCG_ACC_READ : 0) |
	       (access & DEVICE_WRITE ? BPF_DEVCG_ACC_WRITE : 0) |
	       (access & DEVICE_CREATE ? BPF_DEVCG_ACC_MKNOD : 0);
}

/* Each condition that does not hold jumps to the end of the rule. A permission must cover all that
 * is asked for; a prohibition holds when it touches any of it. */
static void emit_rule(struct program *program, const struct device_rule *rule)
{
	const struct {
		int reg;
		int64_t want;
	} conditions[] = {{TYPE, rule->type == 'c'   ? BPF_DEVCG_DEV_CHAR
				 : rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK
						     : ANY},
			  {MAJOR, rule->major},
			  {MINOR, rule->minor}};
	size_t jumps[3], count = 0;
	for (size_t i = 0; i < countof(conditions); i++) {
		if (conditions[i].want == ANY)
			continue;
		jumps[count++] = program->length;
		emit(program, BPF_JMP | BPF_JNE | BPF_K, conditions[i].reg, 0, 0,
		     (int32_t)conditions[i].want);
	}
	if (rule->allow) {
		/* Asked for anything beyond the rule's accesses? Then over the return. */
		emit(program, BPF_JMP | BPF_JSET | BPF_K, ACCESS, 0, 2,
		     ~access_bits(rule->access) & access_bits(DEVICE_ALL));
	} else {
		emit(program, BPF_JMP | BPF_JSET | BPF_K, ACCESS, 0, 1, access_bits(rule->access));
		emit(program, BPF_JMP | BPF_JA, 0, 0, 2, 0);
	}
	emit_return(program, rule->allow);
	for (size_t i = 0; i < count; i++)
		program->code[jumps[i]].off = (int16_t)(program->length - jumps[i] - 1);
}

/* A rule for everything ends the list: what stands before it cannot be reached. */
static bool covers_all(const struct device_rule *rule)
{
	return rule->type == 'a' && rule->major == ANY && rule->minor == ANY &&
	       rule->access == DEVICE_ALL;
}

static void emit_program(struct program *program, const struct device_rule *rules, size_t count)
{
	emit_prologue(program);
	for (size_t i = 0; i < countof(DEFAULT_RULES); i++)
		emit_rule(program, &DEFAULT_RULES[i]);
	for (size_t i = count; i-- > 0;) {
		if (covers_all(&rules[i])) {
			emit_return(program, rules[i].allow);
			return;
		}
		emit_rule(program, &rules[i]);
	}
	emit_return(program, 0);
}

static int call_bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

static int load_program(const struct device_rule *rules, size_t count, struct error *err)
{
	if (count > RULES_MAX)
		return error_set(err, "%zu device rules are more than %d", count, RULES_MAX);
	size_t most = EDGES_CODE_MAX + RULE_CODE_MAX * (countof(DEFAULT_RULES) + count);
	_cleanup_free_ struct bpf_insn *code = calloc(most, sizeof *code);
	if (!code)
		return error_errno(err, ENOMEM, "make the device filter");
	struct program program = {.code = code};
	emit_program(&program, rules, count);
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)program.code;
	attr.insn_cnt = (uint32_t)program.length;
	attr.license = (uintptr_t) "Apache-2.0";
	int fd = call_bpf(BPF_PROG_LOAD, &attr);
	return fd < 0 ? error_errno(err, errno, "load the device filter") : fd;
}

/* The programs that are bound to the group itself now. */
static size_t bound_programs(int cgroup_fd, uint32_t ids[BOUND_MAX])
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.query.target_fd = (uint32_t)cgroup_fd;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = BOUND_MAX;
	return call_bpf(BPF_PROG_QUERY, &attr) < 0 ? 0 : attr.query.prog_cnt;
}

static int unbind(int cgroup_fd, uint32_t id, struct error *err)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.prog_id = id;
	_cleanup_close_ int program_fd = call_bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	memset(&attr, 0, sizeof attr);
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)program_fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	if (program_fd < 0 || call_bpf(BPF_PROG_DETACH, &attr) < 0)
		return error_errno(err, errno, "remove the former device filter");
	return 0;
}

static int attach(int cgroup_fd, const struct device_rule *rules, size_t count, uint32_t flags,
		  struct error *err)
{
	uint32_t former[BOUND_MAX];
	_cleanup_close_ int program_fd = load_program(rules, count, err);
	if (program_fd < 0)
		return -1;
	/* Where only one can be bound, the new one takes its place. */
	size_t bound = flags & BPF_F_ALLOW_MULTI ? bound_programs(cgroup_fd, former) : 0;
	union bpf_attr attr;
	memset(&attr, 0, sizeof attr);
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)program_fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = flags;
	if (call_bpf(BPF_PROG_ATTACH, &attr) < 0)
		return error_errno(err, errno, "attach the device filter to the cgroup");
	for (size_t i = 0; i < bound; i++)
		if (unbind(cgroup_fd, former[i], err) < 0)
			return -1;
	return 0;
}

int device_filter_attach(int cgroup_fd, const struct device_rule *rules, size_t count,
			 struct error *err)
{
	/* Groups below may add filters of their own; all of them must then allow. */
	return attach(cgroup_fd, rules, count, BPF_F_ALLOW_MULTI, err);
}

int device_filter_attach_default(int cgroup_fd, struct error *err)
{
	return attach(cgroup_fd, NULL, 0, BPF_F_ALLOW_OVERRIDE, err);
}
