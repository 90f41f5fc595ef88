// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/report_values.h"

#include "init/workstation/report.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/json.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <yyjson.h>

/* What the child ends with. */
enum { PRINTED = 0, NOT_JSON = 2, NO_VALUES = 3 };

/* A line of its own, without what moves a terminal's cursor. */
static void print_text(const char *text, int out)
{
	char line[1024];
	size_t used = 0;
	for (; text && *text && used < sizeof line; text++)
		line[used++] = (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text;
	(void)!write(out, line, used);
}

static void print_value(yyjson_val *item, int out)
{
	const char *source = json_text_or_empty(item, "source");
	print_text(json_text_or_empty(item, "key"), out);
	print_text(": ", out);
	print_text(json_text_or_empty(item, "value"), out);
	print_text("  # ", out);
	print_text(*source ? source : "standard", out);
	(void)!write(out, "\n", 1);
}

static int print_all(void *memory, size_t capacity, char *text, size_t size, int out)
{
	yyjson_alc pool;
	size_t index, count;
	yyjson_val *item;
	yyjson_alc_pool_init(&pool, memory, capacity);
	yyjson_doc *document = yyjson_read_opts(text, size, 0, &pool, NULL);
	yyjson_val *list = json_array(yyjson_doc_get_root(document), "config");
	if (!document)
		return NOT_JSON;
	if (!list)
		return NO_VALUES;
	yyjson_arr_foreach(list, index, count, item)
		print_value(item, out);
	return PRINTED;
}

static _Noreturn void print_and_exit(void *memory, size_t capacity, char *text, size_t size, int out)
{
	/* Strict mode knows no exit_group, which is what _exit() calls. */
	int result = NOT_JSON;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0)
		result = print_all(memory, capacity, text, size, out);
	for (;;)
		syscall(SYS_exit, result);
}

static int wait_for(pid_t child, const char *path, struct error *err)
{
	int status = 0;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return error_errno(err, errno, "wait for the report's reader");
	if (WIFEXITED(status) && WEXITSTATUS(status) == PRINTED)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_VALUES)
		return error_set(err, "%.200s says nothing of a configuration: it is of another version",
				 path);
	return error_set(err, "%.200s is not the report of a machine (docs/report.md)", path);
}

int report_values_print(const char *path, int out, struct error *err)
{
	_cleanup_free_ char *text = malloc(BOOT_REPORT_MAX + 1);
	ssize_t size = text ? file_read(AT_FDCWD, path, text, BOOT_REPORT_MAX + 1, err) : -1;
	if (size < 0)
		return text ? -1 : error_set(err, "no memory for a report");
	size_t capacity = yyjson_read_max_memory_usage((size_t)size, 0) + 4096;
	_cleanup_free_ void *memory = malloc(capacity);
	if (!memory)
		return error_set(err, "no memory for a report");
	pid_t child = fork();
	if (child == 0)
		print_and_exit(memory, capacity, text, (size_t)size, out);
	return child < 0 ? error_errno(err, errno, "fork the report's reader")
			 : wait_for(child, path, err);
}
