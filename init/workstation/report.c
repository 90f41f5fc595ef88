// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/report.h"

#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <yyjson.h>

static int read_fields(yyjson_val *root, struct boot_report *out, struct error *err)
{
	yyjson_val *version = yyjson_obj_get(root, "version");
	yyjson_val *status = yyjson_obj_get(root, "status");
	const char *reason = yyjson_get_str(yyjson_obj_get(root, "reason"));
	if (!yyjson_is_uint(version) || yyjson_get_uint(version) != 1)
		return error_set(err, "the machine's report is not of version 1");
	if (!yyjson_is_uint(status) || yyjson_get_uint(status) > 255)
		return error_set(err, "the machine's report has no status between 0 and 255");
	out->status = (int)yyjson_get_uint(status);
	out->reason[0] = 0;
	if (reason) {
		struct error line;
		error_set(&line, "%s", reason);
		snprintf(out->reason, sizeof out->reason, "%.*s", BOOT_REASON_MAX - 1, line.text);
	}
	return 0;
}

/* The parser's memory is taken in one piece before, since the confined child cannot take any. */
static int parse_in(void *memory, size_t capacity, const char *text, size_t size,
		    struct boot_report *out, struct error *err)
{
	yyjson_alc pool;
	yyjson_read_err problem;
	yyjson_alc_pool_init(&pool, memory, capacity);
	yyjson_doc *document = yyjson_read_opts((char *)(uintptr_t)text, size, 0, &pool, &problem);
	if (!document)
		return error_set(err, "the machine's report is not JSON (%s at byte %zu of %zu)",
				 problem.msg, problem.pos, size);
	return read_fields(yyjson_doc_get_root(document), out, err);
}

static void *parser_memory(size_t size, size_t *capacity, struct error *err)
{
	if (size == 0 || size > BOOT_REPORT_MAX) {
		error_set(err, size ? "the machine's report is longer than %d bytes"
				    : "the machine's report is empty (of at most %d bytes)",
			  BOOT_REPORT_MAX);
		return NULL;
	}
	*capacity = yyjson_read_max_memory_usage(size, 0) + 4096;
	void *memory = malloc(*capacity);
	if (!memory)
		error_errno(err, ENOMEM, "parse the machine's report");
	return memory;
}

int boot_report_parse(const char *text, size_t size, struct boot_report *out, struct error *err)
{
	size_t capacity;
	_cleanup_free_ void *memory = parser_memory(size, &capacity, err);
	return memory ? parse_in(memory, capacity, text, size, out, err) : -1;
}

/* What the child sends; small enough for one atomic write into a pipe. */
struct verdict {
	int result;
	struct boot_report report;
	struct error err;
};

__attribute__((noreturn)) static void parse_and_exit(void *memory, size_t capacity,
						     const char *text, size_t size, int answer_fd)
{
	struct verdict verdict = {0};
	/* Strict mode knows no exit_group, which is what _exit() calls. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0) {
		verdict.result = parse_in(memory, capacity, text, size, &verdict.report,
					  &verdict.err);
		(void)!write(answer_fd, &verdict, sizeof verdict);
	}
	for (;;)
		syscall(SYS_exit, 0);
}

int boot_report_parse_confined(const char *text, size_t size, struct boot_report *out,
			      struct error *err)
{
	size_t capacity;
	struct verdict verdict;
	int ends[2];
	_cleanup_free_ void *memory = parser_memory(size, &capacity, err);
	if (!memory)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "create a pipe");
	_cleanup_close_ int read_end = ends[0];
	pid_t child = fork();
	if (child == 0)
		parse_and_exit(memory, capacity, text, size, ends[1]);
	close(ends[1]);
	if (child < 0)
		return error_errno(err, errno, "fork the report's parser");
	ssize_t got = read(read_end, &verdict, sizeof verdict);
	int wait_status = 0;
	while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR)
		;
	if (got != (ssize_t)sizeof verdict)
		return error_set(err, "the parser of the machine's report ended without an answer");
	verdict.report.reason[BOOT_REASON_MAX - 1] = 0;
	verdict.err.text[ERROR_TEXT_MAX - 1] = 0;
	*out = verdict.report;
	out->status &= 0xff;
	if (verdict.result < 0 && err)
		*err = verdict.err;
	return verdict.result;
}
