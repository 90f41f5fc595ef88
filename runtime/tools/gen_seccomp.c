// SPDX-License-Identifier: Apache-2.0
/*
 * Build-time program: prints runtime/seccomp.h's filter as C. Docker's default policy (the table in
 * seccomp_policy.h) is evaluated for the default capabilities, compiled by libseccomp into a binary
 * tree, and given a short head of our own for what libseccomp cannot say: comparisons of the low
 * half of an argument (the kernel ignores the upper half of an int, so a comparison of all 64 bits
 * can be bypassed), and ENOSYS for calls younger than the table.
 *
 * Only the native system calls of an architecture are allowed; others, such as i386 and x32 calls
 * on x86-64, answer ENOSYS, which is what Berth's kernel, built without them, answers itself.
 */
#include "runtime/tools/seccomp_policy.h"

#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define countof(array) (sizeof(array) / sizeof((array)[0]))

enum { PROGRAM_MAX = 4096 };

struct program {
	struct sock_filter code[PROGRAM_MAX];
	size_t length;
};

static const struct {
	uint32_t token;      /* SCMP_ARCH_*, equal to AUDIT_ARCH_* */
	const char *macro;   /* what the compiler defines */
	enum policy_arch arch;
} ARCHITECTURES[] = {
	{SCMP_ARCH_X86_64, "__x86_64__", POLICY_X86_64},
	{SCMP_ARCH_AARCH64, "__aarch64__", POLICY_AARCH64},
};

static void die(const char *what, const char *on, int code)
{
	fprintf(stderr, "gen_seccomp: %s %s: %s\n", what, on, strerror(code));
	exit(1);
}

static void add_rule(scmp_filter_ctx filter, uint32_t action, int number,
		     const struct policy_rule *rule, const char *name)
{
	struct scmp_arg_cmp argument = {.arg = rule->argument};
	if (rule->compare == POLICY_EQUAL)
		argument = SCMP_CMP(rule->argument, SCMP_CMP_EQ, rule->value);
	else
		argument = SCMP_CMP(rule->argument, SCMP_CMP_MASKED_EQ, rule->mask, rule->value);
	unsigned count = rule->compare == POLICY_ALWAYS ? 0 : 1;
	int result = seccomp_rule_add_array(filter, action, number, count, &argument);
	if (result < 0)
		die("add a rule for", name, -result);
}

static int applies(const struct policy_rule *rule, enum policy_arch arch)
{
	if (rule->architectures && !(rule->architectures & arch))
		return 0;
	if (rule->capability != POLICY_NO_CAPABILITY &&
	    !(POLICY_CAPABILITIES >> rule->capability & 1))
		return 0;
	return rule->without_capability == POLICY_NO_CAPABILITY ||
	       !(POLICY_CAPABILITIES >> rule->without_capability & 1);
}

/* Adds the calls named in the rule and returns the highest number among them: the table knows all
 * calls up to there, whether it allows them or not. */
static int add_rules(scmp_filter_ctx filter, uint32_t token, enum policy_arch arch)
{
	int newest = 0;
	for (size_t i = 0; i < countof(POLICY); i++) {
		const struct policy_rule *rule = &POLICY[i];
		char names[8192];
		snprintf(names, sizeof names, "%s", rule->names);
		for (char *name = strtok(names, " "); name; name = strtok(NULL, " ")) {
			int number = seccomp_syscall_resolve_name_arch(token, name);
			if (number < 0)
				continue; /* not a call of this architecture */
			if (number > newest)
				newest = number;
			uint32_t action = rule->error ? SCMP_ACT_ERRNO(rule->error)
						      : SCMP_ACT_ALLOW;
			if (applies(rule, arch))
				add_rule(filter, action, number, rule, name);
		}
	}
	return newest;
}

static void emit(struct program *program, uint16_t code, uint32_t k, unsigned jt, unsigned jf)
{
	program->code[program->length++] =
		(struct sock_filter){code, (uint8_t)jt, (uint8_t)jf, k};
}

/* Denies `call` when the low half of `argument` is `value`; both architectures are little
 * endian. */
static void emit_denial(struct program *program, int call, const struct policy_denial *denial)
{
	uint32_t low = (uint32_t)(16 + 8 * denial->argument);
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4);
	emit(program, BPF_LD | BPF_W | BPF_ABS, low, 0, 0);
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, denial->value, 0, 1);
	emit(program, BPF_RET | BPF_K, SCMP_ACT_ERRNO(denial->error), 0, 0);
	emit(program, BPF_LD | BPF_W | BPF_ABS, 0, 0, 0);
}

static void emit_head(struct program *program, uint32_t token, int newest)
{
	emit(program, BPF_LD | BPF_W | BPF_ABS, 4, 0, 0);
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, token, 1, 0);
	emit(program, BPF_RET | BPF_K, SCMP_ACT_ERRNO(ENOSYS), 0, 0);
	emit(program, BPF_LD | BPF_W | BPF_ABS, 0, 0, 0);
	emit(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)newest, 0, 1);
	emit(program, BPF_RET | BPF_K, SCMP_ACT_ERRNO(ENOSYS), 0, 0);
	for (size_t i = 0; i < countof(DENIALS); i++) {
		int call = seccomp_syscall_resolve_name_arch(token, DENIALS[i].name);
		if (call < 0)
			die("resolve", DENIALS[i].name, ENOENT);
		emit_denial(program, call, &DENIALS[i]);
	}
}

/* libseccomp's program, through a file: it only writes to descriptors. */
static void append_export(struct program *program, scmp_filter_ctx filter)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd < 0)
		die("create", "a memory file", errno);
	int result = seccomp_export_bpf(filter, fd);
	if (result < 0)
		die("export", "the filter", -result);
	struct stat st;
	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		die("measure", "the filter", errno);
	size_t size = (size_t)st.st_size;
	if (size > sizeof program->code - program->length * sizeof program->code[0])
		die("hold", "the filter", E2BIG);
	if (read(fd, program->code + program->length, size) != (ssize_t)size)
		die("read", "the filter", errno);
	program->length += size / sizeof program->code[0];
	close(fd);
}

static void compile(struct program *program, uint32_t token, enum policy_arch arch)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		die("start", "a filter", ENOMEM);
	uint32_t native = seccomp_arch_native();
	if (token != native &&
	    (seccomp_arch_remove(filter, native) < 0 || seccomp_arch_add(filter, token) < 0))
		die("choose", "the architecture", EINVAL);
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
	/* A balanced tree: the kernel walks the program once per system call number when it is
	 * installed, which is part of every container's start. */
	if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)
		die("choose", "the binary tree", EINVAL);
	int newest = add_rules(filter, token, arch);
	emit_head(program, token, newest);
	append_export(program, filter);
	seccomp_release(filter);
}

static void print_program(const struct program *program)
{
	printf("const struct sock_filter seccomp_default_program[] = {\n");
	for (size_t i = 0; i < program->length; i++) {
		const struct sock_filter *line = &program->code[i];
		printf("\t{0x%02x, %u, %u, 0x%08x},\n", line->code, line->jt, line->jf, line->k);
	}
	printf("};\nconst unsigned short seccomp_default_length = %zu;\n", program->length);
}

int main(void)
{
	static struct program program;
	printf("// SPDX-License-Identifier: Apache-2.0\n"
	       "/* Made by runtime/tools/gen_seccomp.c. */\n#include \"runtime/seccomp.h\"\n");
	for (size_t i = 0; i < countof(ARCHITECTURES); i++) {
		program.length = 0;
		compile(&program, ARCHITECTURES[i].token, ARCHITECTURES[i].arch);
		printf("\n#%s defined %s\n", i ? "elif" : "if", ARCHITECTURES[i].macro);
		print_program(&program);
	}
	printf("\n#else\n#error \"no system call filter for this architecture\"\n#endif\n");
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
