// SPDX-License-Identifier: Apache-2.0
/*
 * Build-time program: prints runtime/seccomp.h's filter as C. Docker's default policy (the tables
 * in seccomp_policy.h) is evaluated for the default capabilities, and what more of them open is listed
 * beside it; libseccomp knows the numbers of the
 * calls on each architecture. Neighbouring numbers with the same answer become one segment, and the
 * program is the tree over the segments with the shortest way on average to a number: the kernel
 * walks it once per system call number whenever it is installed, which is part of every container's
 * start and costs more than to compile it.
 *
 * Only the native system calls of an architecture are allowed; others, such as i386 and x32 calls
 * on x86-64, answer ENOSYS, which is what Berth's kernel, built without them, answers itself. So do
 * calls younger than the table, for which programs have a fallback.
 */
#include "runtime/tools/seccomp_policy.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define countof(array) (sizeof(array) / sizeof((array)[0]))

enum {
	CALLS_MAX = 1024,  /* system call numbers that are looked at */
	SEGMENTS_MAX = 256,
	CHAIN_MAX = 4,     /* numbers that are told from all others one by one */
	UNKNOWN = 8,       /* numbers that kernels have and the table does not */
	PROGRAM_MAX = 4096,
	OFFSET_MAX = 255,  /* a conditional jump's reach */
};

static const struct {
	uint32_t token;    /* SCMP_ARCH_*, equal to AUDIT_ARCH_* */
	const char *macro; /* what the compiler defines */
	enum policy_arch arch;
} ARCHITECTURES[] = {
	{SCMP_ARCH_X86_64, "__x86_64__", POLICY_X86_64},
	{SCMP_ARCH_AARCH64, "__aarch64__", POLICY_AARCH64},
};

/* A side of a jump that leads to a return; the returns stand at the end and are shared. */
struct exit_jump {
	size_t at;
	int when_true;
	uint32_t action;
};

struct program {
	struct sock_filter code[PROGRAM_MAX];
	size_t length;
	struct exit_jump exits[2 * PROGRAM_MAX];
	size_t exit_count;
};

/* The numbers from `first` up to the next segment's are answered alike. */
struct segment {
	uint32_t first;
	uint32_t action;
	const char *conditional; /* the call whose conditions come first, or NULL */
};

/* How an interval of segments is told apart. */
struct plan {
	unsigned cost;  /* steps to all its numbers together */
	size_t middle;  /* numbers from this segment's first on go to the right; 0: a chain */
};

struct table {
	uint32_t token;
	uint32_t actions[CALLS_MAX];
	const char *conditional[CALLS_MAX];
	int newest;
	struct segment segments[SEGMENTS_MAX];
	size_t count;
	struct plan plans[SEGMENTS_MAX][SEGMENTS_MAX + 1]; /* [low][high] */
};

static void die(const char *what, const char *on)
{
	fprintf(stderr, "gen_seccomp: %s %s\n", what, on);
	exit(1);
}

static uint32_t action_of(int error)
{
	return error ? SECCOMP_RET_ERRNO | (uint32_t)error : SECCOMP_RET_ALLOW;
}

static int may_have(int capability)
{
	return POLICY_CAPABILITIES >> capability & 1;
}

static int applies(const struct policy_rule *rule, enum policy_arch arch)
{
	if (rule->architectures && !(rule->architectures & arch))
		return 0;
	if (rule->capability != POLICY_NO_CAPABILITY && !may_have(rule->capability))
		return 0;
	return rule->without_capability == POLICY_NO_CAPABILITY ||
	       !may_have(rule->without_capability);
}

/* The number of a call, or -1 when the architecture does not have it. */
static int number_of(uint32_t token, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(token, name);
	if (number >= CALLS_MAX)
		die("number out of range:", name);
	return number < 0 ? -1 : number;
}

static void add_rule(struct table *table, const struct policy_rule *rule, int applied)
{
	char names[8192];
	if ((size_t)snprintf(names, sizeof names, "%s", rule->names) >= sizeof names)
		die("too many names in one rule:", rule->names);
	for (char *name = strtok(names, " "); name; name = strtok(NULL, " ")) {
		int number = number_of(table->token, name);
		if (number < 0)
			continue;
		/* The table knows the calls it names, whether it allows them or not. */
		if (number > table->newest)
			table->newest = number;
		if (applied)
			table->actions[number] = action_of(rule->error);
	}
}

static int condition_applies(const struct policy_condition *condition)
{
	return condition->without_capability == POLICY_NO_CAPABILITY ||
	       !may_have(condition->without_capability);
}

static void fill(struct table *table, uint32_t token, enum policy_arch arch)
{
	memset(table, 0, sizeof *table);
	table->token = token;
	for (size_t i = 0; i < CALLS_MAX; i++)
		table->actions[i] = action_of(EPERM);
	for (size_t i = 0; i < countof(POLICY); i++)
		add_rule(table, &POLICY[i], applies(&POLICY[i], arch));
	for (size_t i = 0; i < countof(CONDITIONS); i++) {
		int number = number_of(token, CONDITIONS[i].name);
		if (number < 0)
			die("no number for", CONDITIONS[i].name);
		if (condition_applies(&CONDITIONS[i]))
			table->conditional[number] = CONDITIONS[i].name;
	}
}

static void divide(struct table *table)
{
	for (int number = 0; number <= table->newest; number++) {
		struct segment here = {(uint32_t)number, table->actions[number],
				       table->conditional[number]};
		const struct segment *last =
			table->count ? &table->segments[table->count - 1] : NULL;
		if (last && last->action == here.action && !last->conditional && !here.conditional)
			continue;
		if (table->count + 1 >= SEGMENTS_MAX)
			die("the policy has", "too many segments");
		table->segments[table->count++] = here;
	}
	table->segments[table->count++] =
		(struct segment){(uint32_t)table->newest + 1, action_of(ENOSYS), NULL};
}

static unsigned numbers_of(const struct table *table, size_t low, size_t high)
{
	const struct segment *segments = table->segments;
	unsigned end = high == table->count ? (unsigned)table->newest + 1 + UNKNOWN
					    : segments[high].first;
	return end - segments[low].first;
}

static int alike(const struct segment *a, const struct segment *b)
{
	return a->action == b->action && !a->conditional && !b->conditional;
}

/* How many single numbers stand out of an interval that is otherwise alike (as its first segment), or
 * more than CHAIN_MAX. */
static size_t chain_length(const struct table *table, size_t low, size_t high)
{
	size_t singles = 0;
	for (size_t i = low + 1; i < high; i++)
		if (!alike(&table->segments[low], &table->segments[i]))
			singles += numbers_of(table, i, i + 1) == 1 ? 1 : CHAIN_MAX + 1;
	return table->segments[low].conditional ? CHAIN_MAX + 1 : singles;
}

static struct plan plan_interval(const struct table *table, size_t low, size_t high)
{
	unsigned numbers = numbers_of(table, low, high);
	size_t singles = chain_length(table, low, high);
	struct plan best = {.cost = UINT_MAX};
	if (singles <= CHAIN_MAX)
		best = (struct plan){.cost = (unsigned)singles * numbers};
	for (size_t middle = low + 1; middle < high; middle++) {
		unsigned cost = numbers + table->plans[low][middle].cost +
				table->plans[middle][high].cost;
		if (cost < best.cost)
			best = (struct plan){cost, middle};
	}
	return best;
}

static void plan(struct table *table)
{
	for (size_t size = 1; size <= table->count; size++)
		for (size_t low = 0; low + size <= table->count; low++)
			table->plans[low][low + size] =
				size == 1 ? (struct plan){0, 0}
					  : plan_interval(table, low, low + size);
}

static size_t emit(struct program *program, uint16_t code, uint32_t k)
{
	if (program->length == PROGRAM_MAX)
		die("the program is", "too long");
	program->code[program->length] = (struct sock_filter){.code = code, .k = k};
	return program->length++;
}

static void exit_from(struct program *program, size_t at, int when_true, uint32_t action)
{
	program->exits[program->exit_count++] = (struct exit_jump){at, when_true, action};
}

static void land(struct program *program, size_t at, int when_true, size_t target)
{
	size_t reach = target - at - 1;
	if (reach > OFFSET_MAX)
		die("a jump is", "too long");
	if (when_true)
		program->code[at].jt = (uint8_t)reach;
	else
		program->code[at].jf = (uint8_t)reach;
}

/* Both architectures are little endian: the low half of an argument comes first. */
static void emit_conditions(struct program *program, const char *call, uint32_t otherwise)
{
	size_t last = 0;
	int loaded = -1;
	for (size_t i = 0; i < countof(CONDITIONS); i++) {
		const struct policy_condition *condition = &CONDITIONS[i];
		if (strcmp(condition->name, call) != 0 || !condition_applies(condition))
			continue;
		size_t offset = offsetof(struct seccomp_data, args) + 8 * condition->argument;
		if (loaded != (int)condition->argument)
			emit(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
		loaded = (int)condition->argument;
		uint16_t test = condition->mask ? BPF_JSET : BPF_JEQ;
		last = emit(program, BPF_JMP | test | BPF_K,
			    condition->mask ? condition->mask : condition->value);
		exit_from(program, last, 1, action_of(condition->error));
	}
	exit_from(program, last, 0, otherwise);
}

static void emit_interval(struct program *program, const struct table *table, size_t low,
			  size_t high);

/* One side of the jump at `at`: the segments from low to high. */
static void emit_side(struct program *program, size_t at, int when_true,
		      const struct table *table, size_t low, size_t high)
{
	const struct segment *segment = &table->segments[low];
	if (high - low == 1 && !segment->conditional) {
		exit_from(program, at, when_true, segment->action);
		return;
	}
	land(program, at, when_true, program->length);
	if (high - low == 1)
		emit_conditions(program, segment->conditional, segment->action);
	else
		emit_interval(program, table, low, high);
}

/* The single numbers, one behind the other, and then what becomes of each. */
static void emit_chain(struct program *program, const struct table *table, size_t low, size_t high)
{
	size_t jumps[CHAIN_MAX], singles[CHAIN_MAX], count = 0;
	for (size_t i = low + 1; i < high; i++) {
		if (alike(&table->segments[low], &table->segments[i]))
			continue;
		singles[count] = i;
		jumps[count++] = emit(program, BPF_JMP | BPF_JEQ | BPF_K, table->segments[i].first);
	}
	if (count) /* a chain is only made of what is not alike */
		exit_from(program, jumps[count - 1], 0, table->segments[low].action);
	for (size_t i = 0; i < count; i++)
		emit_side(program, jumps[i], 1, table, singles[i], singles[i] + 1);
}

/* The segments from `low` up to but not including `high`; the accumulator holds the number. */
static void emit_interval(struct program *program, const struct table *table, size_t low,
			  size_t high)
{
	size_t middle = table->plans[low][high].middle;
	if (!middle) {
		emit_chain(program, table, low, high);
		return;
	}
	size_t jump = emit(program, BPF_JMP | BPF_JGE | BPF_K, table->segments[middle].first);
	emit_side(program, jump, 0, table, low, middle);
	emit_side(program, jump, 1, table, middle, high);
}

static void emit_returns(struct program *program)
{
	const uint32_t actions[] = {action_of(0), action_of(EPERM), action_of(ENOSYS)};
	size_t landed = 0;
	for (size_t i = 0; i < countof(actions); i++) {
		size_t target = emit(program, BPF_RET | BPF_K, actions[i]);
		for (size_t j = 0; j < program->exit_count; j++) {
			const struct exit_jump *jump = &program->exits[j];
			if (jump->action != actions[i])
				continue;
			land(program, jump->at, jump->when_true, target);
			landed++;
		}
	}
	if (landed != program->exit_count)
		die("an answer is", "neither yes, EPERM nor ENOSYS");
}

static void compile(struct program *program, const struct table *table)
{
	program->length = program->exit_count = 0;
	emit(program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	size_t native = emit(program, BPF_JMP | BPF_JEQ | BPF_K, table->token);
	exit_from(program, native, 0, action_of(ENOSYS));
	emit(program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	emit_interval(program, table, 0, table->count);
	emit_returns(program);
}

/* One call of a rule that holds for who has the capability, which the default set does not. */
static void print_unlock(uint32_t token, const char *name, int capability)
{
	int number = number_of(token, name);
	if (number >= 0)
		printf("\t{%d, %d}, /* %s */\n", number, capability, name);
}

static void print_unlocks_of(uint32_t token, const struct policy_rule *rule)
{
	char names[8192];
	snprintf(names, sizeof names, "%s", rule->names);
	for (char *name = strtok(names, " "); name; name = strtok(NULL, " "))
		print_unlock(token, name, rule->capability);
}

/* What a container may call beside that with more capabilities. */
static void print_unlocks(uint32_t token, enum policy_arch arch)
{
	printf("const struct seccomp_unlock seccomp_unlocks[] = {\n");
	for (size_t i = 0; i < countof(POLICY); i++)
		if (POLICY[i].capability != POLICY_NO_CAPABILITY && !may_have(POLICY[i].capability) &&
		    !POLICY[i].error && (!POLICY[i].architectures || POLICY[i].architectures & arch))
			print_unlocks_of(token, &POLICY[i]);
	for (size_t i = 0; i < countof(CONDITIONS); i++)
		if (CONDITIONS[i].without_capability != POLICY_NO_CAPABILITY)
			print_unlock(token, CONDITIONS[i].name, CONDITIONS[i].without_capability);
	printf("};\nconst size_t seccomp_unlock_count = sizeof seccomp_unlocks / sizeof *seccomp_unlocks;\n"
	       "const uint32_t seccomp_native = 0x%08x;\n", token);
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
	static struct table table;
	printf("// SPDX-License-Identifier: Apache-2.0\n"
	       "/* Made by runtime/tools/gen_seccomp.c. */\n#include \"runtime/seccomp.h\"\n");
	for (size_t i = 0; i < countof(ARCHITECTURES); i++) {
		fill(&table, ARCHITECTURES[i].token, ARCHITECTURES[i].arch);
		divide(&table);
		plan(&table);
		compile(&program, &table);
		printf("\n#%s defined %s\n", i ? "elif" : "if", ARCHITECTURES[i].macro);
		print_program(&program);
		print_unlocks(ARCHITECTURES[i].token, ARCHITECTURES[i].arch);
	}
	printf("\n#else\n#error \"no system call filter for this architecture\"\n#endif\n");
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
