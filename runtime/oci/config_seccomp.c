// SPDX-License-Identifier: Apache-2.0
/* "linux.seccomp", compiled by libseccomp into the program that the kernel takes. */
#include "lib/cleanup.h"
#include "runtime/oci/seccomp_names.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>

enum {
	ARGS_MAX = 6,
	X32_BIT = 0x40000000, /* in the numbers of x86-64's other calls */
};

static void release(scmp_filter_ctx *context)
{
	if (*context)
		seccomp_release(*context);
}
#define _cleanup_seccomp_ __attribute__((cleanup(release)))

static uint32_t find(struct oci_reader *reader, const struct seccomp_name *table, const char *name,
		     const char *path)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table->value;
	oci_problem(reader, "%s: unknown \"%.60s\"", path, name);
	return 0;
}

static uint32_t read_action(struct oci_reader *reader, yyjson_val *object, const char *action_path,
			    const char *errno_path)
{
	const char *name = oci_needed_text(reader, object, action_path);
	uint32_t action = find(reader, seccomp_actions, name, action_path);
	int64_t number = EPERM;
	bool given = oci_int(reader, object, errno_path, 0, UINT16_MAX, &number);
	if (action == SCMP_ACT_ERRNO(0))
		return SCMP_ACT_ERRNO((uint16_t)number);
	if (action == SCMP_ACT_TRACE(0))
		return SCMP_ACT_TRACE((uint16_t)number);
	if (given)
		oci_problem(reader, "%s: %s returns no error", errno_path, name);
	return action;
}

static void add_architectures(struct oci_reader *reader, yyjson_val *seccomp,
			      scmp_filter_ctx context)
{
	struct string_list names = {0};
	oci_texts(reader, seccomp, "linux.seccomp.architectures", &names);
	for (size_t i = 0; i < names.count; i++) {
		uint32_t arch = find(reader, seccomp_architectures, names.items[i],
				     "linux.seccomp.architectures");
		if (arch && seccomp_arch_exist(context, arch) != 0 &&
		    seccomp_arch_add(context, arch) < 0)
			oci_problem(reader, "linux.seccomp.architectures: %s is refused",
				    names.items[i]);
	}
}

static int read_argument(struct oci_reader *reader, yyjson_val *item, struct scmp_arg_cmp *out)
{
	int64_t index = -1;
	uint64_t value = 0, second = 0;
	oci_int(reader, item, "linux.seccomp.syscalls[].args[].index", 0, ARGS_MAX - 1, &index);
	oci_u64(reader, item, "linux.seccomp.syscalls[].args[].value", &value);
	oci_u64(reader, item, "linux.seccomp.syscalls[].args[].valueTwo", &second);
	uint32_t op = find(reader, seccomp_operators,
			   oci_needed_text(reader, item, "linux.seccomp.syscalls[].args[].op"),
			   "linux.seccomp.syscalls[].args[].op");
	if (index < 0)
		oci_problem(reader, "linux.seccomp.syscalls[].args[].index is missing");
	*out = (struct scmp_arg_cmp){(unsigned)index, (enum scmp_compare)op, value, second};
	return reader->bad ? -1 : 0;
}

/* Conditions on one argument are alternatives, those on several hold together. */
static int add_rules(scmp_filter_ctx context, uint32_t action, int number,
		     const struct scmp_arg_cmp *args, unsigned count)
{
	unsigned seen = 0;
	bool alternatives = false;
	for (unsigned i = 0; i < count; i++) {
		alternatives |= seen >> args[i].arg & 1;
		seen |= 1U << args[i].arg;
	}
	if (!alternatives)
		return seccomp_rule_add_array(context, action, number, count, args);
	for (unsigned i = 0; i < count; i++) {
		int done = seccomp_rule_add_array(context, action, number, 1, &args[i]);
		if (done < 0)
			return done;
	}
	return 0;
}

static void add_names(struct oci_reader *reader, scmp_filter_ctx context, uint32_t action,
		      const struct string_list *names, const struct scmp_arg_cmp *args,
		      unsigned count)
{
	for (size_t i = 0; i < names->count && !reader->bad; i++) {
		int number = seccomp_syscall_resolve_name(names->items[i]);
		if (number == __NR_SCMP_ERROR)
			continue; /* of another architecture, or too new: nothing to filter */
		int done = add_rules(context, action, number, args, count);
		if (done < 0)
			oci_problem(reader, "linux.seccomp: rule for %.40s: %s", names->items[i],
				    strerror(-done));
	}
}

static void read_rule(struct oci_reader *reader, yyjson_val *item, scmp_filter_ctx context,
		      uint32_t otherwise, struct seccomp_filter *out)
{
	struct string_list names = {0};
	struct scmp_arg_cmp args[ARGS_MAX];
	unsigned used = 0;
	size_t i, count;
	yyjson_val *argument;
	oci_texts(reader, item, "linux.seccomp.syscalls[].names", &names);
	uint32_t action = read_action(reader, item, "linux.seccomp.syscalls[].action",
				      "linux.seccomp.syscalls[].errnoRet");
	yyjson_val *array = oci_array(reader, item, "linux.seccomp.syscalls[].args");
	yyjson_arr_foreach(array, i, count, argument) {
		if (used == ARGS_MAX)
			oci_problem(reader, "linux.seccomp: more than %d arguments", ARGS_MAX);
		else if (read_argument(reader, argument, &args[used]) == 0)
			used++;
	}
	if (action == SCMP_ACT_NOTIFY)
		out->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (!reader->bad && action != otherwise)
		add_names(reader, context, action, &names, args, used);
}

static void read_flags(struct oci_reader *reader, yyjson_val *seccomp, struct seccomp_filter *out)
{
	struct string_list names = {0};
	oci_texts(reader, seccomp, "linux.seccomp.flags", &names);
	for (size_t i = 0; i < names.count; i++)
		out->flags |= find(reader, seccomp_flags, names.items[i], "linux.seccomp.flags");
	/* A process that starts has one thread; the kernel refuses it beside a listener. */
	out->flags &= ~(unsigned)SECCOMP_FILTER_FLAG_TSYNC;
}

/* The greatest number of a call that the rules name; 0 without one. */
static uint32_t newest_call(struct oci_reader *reader, yyjson_val *seccomp)
{
	int newest = 0;
	size_t i, count;
	yyjson_val *item;
	yyjson_arr_foreach(oci_array(reader, seccomp, "linux.seccomp.syscalls"), i, count, item) {
		struct string_list names = {0};
		oci_texts(reader, item, "linux.seccomp.syscalls[].names", &names);
		for (size_t at = 0; at < names.count; at++) {
			int number = seccomp_syscall_resolve_name(names.items[at]);
			newest = number > newest ? number : newest;
		}
	}
	return (uint32_t)newest;
}

/* Calls that are younger than the whole list its author cannot have meant to forbid: they answer
 * ENOSYS, for which programs have a fallback, and not the error of the forbidden ones. Before the
 * program that libseccomp makes; for the native architecture. */
static size_t put_enosys(struct oci_reader *reader, yyjson_val *seccomp, uint32_t otherwise,
			 struct sock_filter out[6])
{
	uint32_t newest = newest_call(reader, seccomp);
	bool wanted = newest > 0 && otherwise != SCMP_ACT_ERRNO(ENOSYS) &&
		      (otherwise & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
	const struct sock_filter code[6] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, newest, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};
	memcpy(out, code, sizeof code);
	return wanted ? 6 : 0;
}

static int export(struct oci_reader *reader, scmp_filter_ctx context,
		  const struct sock_filter *before, size_t before_count, struct seccomp_filter *out)
{
	size_t size = 0;
	if (seccomp_export_bpf_mem(context, NULL, &size) < 0)
		return -1;
	size_t length = size / sizeof(struct sock_filter) + before_count;
	struct sock_filter *code = arena_alloc(reader->arena, length * sizeof *code);
	if (!code || length > UINT16_MAX ||
	    seccomp_export_bpf_mem(context, code + before_count, &size) < 0)
		return -1;
	memcpy(code, before, before_count * sizeof *code);
	out->code = code;
	out->length = (unsigned short)length;
	return 0;
}

static void read_listener(struct oci_reader *reader, yyjson_val *seccomp,
			  struct seccomp_filter *out)
{
	const char *metadata = oci_text(reader, seccomp, "linux.seccomp.listenerMetadata");
	out->listener_path = oci_text(reader, seccomp, "linux.seccomp.listenerPath");
	out->listener_metadata = metadata ? oci_escape(reader, metadata) : NULL;
	/* Whoever listens hears of the container, even when no rule asks yet. */
	if (out->listener_path && *out->listener_path)
		out->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	bool asks = out->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (asks && (!out->listener_path || !*out->listener_path))
		oci_problem(reader, "linux.seccomp: SCMP_ACT_NOTIFY without listenerPath");
	if (metadata && !out->listener_path)
		oci_problem(reader, "linux.seccomp: listenerMetadata without listenerPath");
	if (out->flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV && !asks)
		oci_problem(reader, "linux.seccomp.flags: "
				    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV without SCMP_ACT_NOTIFY");
}

void oci_config_seccomp(struct oci_reader *reader, yyjson_val *seccomp, struct seccomp_filter *out)
{
	size_t i, count;
	yyjson_val *item;
	if (!seccomp)
		return;
	uint32_t otherwise = read_action(reader, seccomp, "linux.seccomp.defaultAction",
					 "linux.seccomp.defaultErrnoRet");
	_cleanup_seccomp_ scmp_filter_ctx context =
		reader->bad ? NULL : seccomp_init(otherwise);
	if (!context) {
		oci_problem(reader, "linux.seccomp: the default action is refused");
		return;
	}
	if (otherwise == SCMP_ACT_NOTIFY)
		out->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	add_architectures(reader, seccomp, context);
	yyjson_val *rules = oci_array(reader, seccomp, "linux.seccomp.syscalls");
	yyjson_arr_foreach(rules, i, count, item)
		read_rule(reader, item, context, otherwise, out);
	read_flags(reader, seccomp, out);
	read_listener(reader, seccomp, out);
	struct sock_filter enosys[6];
	size_t before = put_enosys(reader, seccomp, otherwise, enosys);
	if (!reader->bad && export(reader, context, enosys, before, out) < 0)
		oci_problem(reader, "linux.seccomp: the filter cannot be made");
}
