// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/boot.h"

#include "init/workstation/boot_document.h"
#include "init/workstation/carried.h"
#include "init/workstation/initrd.h"
#include "init/workstation/plan.h"
#include "init/workstation/report.h"
#include "init/workstation/session.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { ARENA_SIZE = 256 * 1024 };

const struct command_form boot_form = {
	FOR_BOOT, "boot", "IMAGE [CMD…] | FILE…",
	"Starts a virtual machine that pulls IMAGE and runs it, and ends with the exit status\n"
	"of the container. A FILE is a document (docs/compose.md) that says image and settings,\n"
	"of one service or of several; options given beside it win. Ctrl-C stops the container in\n"
	"order; a second one kills the machine.\n",
	"the container's; of several services the one's that x-berth.exit-code-from\n"
	"names, else the first that is not 0; 124 after --timeout, 125 when the machine or QEMU\n"
	"could not do it, 137 when the machine was killed.\n",
};

static int failed(const struct error *err)
{
	fprintf(stderr, "berth: error: %s\n", err->text);
	return BOOT_FAILED;
}

/* One word for a shell, in single quotes unless it is plain. */
static void print_word(const char *word)
{
	bool plain = *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
						 "XYZ0123456789_./:=,@%+-")];
	if (plain) {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	}
	putchar('\'');
}

static int dry_run(const struct options *options, struct plan *plan, struct arena *arena)
{
	struct error err = ERROR_INIT;
	struct string_list argv = {0};
	const struct string_list *more = &options->values[OPTION_INITRD_APPEND];
	plan->machine.document = options->document ? "document.json" : NULL;
	if (qemu_arguments(&plan->machine, arena, &argv, &err) < 0)
		return failed(&err);
	for (size_t i = 0; i < argv.count; i++) {
		print_word(argv.items[i]);
		putchar(i + 1 < argv.count ? ' ' : '\n');
	}
	if (options->document)
		fprintf(stderr, "berth: not shown: document.json is the normal form of %s\n",
			options->image);
	if (options->document && options->carried->count)
		fprintf(stderr, "berth: not shown: an archive with %zu secrets, configs and bound files is "
				"put behind the initramfs\n", options->carried->count);
	for (size_t i = 0; i < more->count; i++)
		fprintf(stderr, "berth: not shown: %s is put behind the initramfs\n", more->items[i]);
	return 0;
}

static int check_ports(const struct qemu_machine *machine, struct error *err)
{
	for (unsigned i = 0; i < machine->port_count; i++)
		if (published_port_check(&machine->ports[i], err) < 0)
			return -1;
	return 0;
}

/* KVM can be there and still not work, as it often is inside other virtual machines; what QEMU says
 * then helps nobody who did not ask for KVM. */
static int hold_errors(struct session *session, struct error *err)
{
	session->errors_fd = memfd_create("messages of QEMU", MFD_CLOEXEC);
	return session->errors_fd < 0 ? error_errno(err, errno, "create a memfd") : 0;
}

static int hold_document(const struct options *options, struct plan *plan, struct session *session,
			 struct error *err)
{
	static char path[32]; /* the plan keeps it */
	if (!options->document)
		return 0;
	session->document_fd = memfd_create("document", MFD_CLOEXEC);
	if (session->document_fd < 0)
		return error_errno(err, errno, "create a memfd");
	snprintf(path, sizeof path, "/proc/self/fd/%d", session->document_fd);
	plan->machine.document = path;
	return write_all(session->document_fd, options->document, strlen(options->document), err);
}

/* In the machine it is in memory, twice while the kernel unpacks it. */
static int pack_carried(const struct options *options, struct plan *plan, struct error *err)
{
	uint64_t most = (uint64_t)plan->machine.memory_mib * 1024 * 1024 / 4;
	plan->carried_fd = -1;
	if (!options->document || !options->carried->count)
		return 0;
	plan->carried_fd = carried_archive(options->carried, most, err);
	return plan->carried_fd < 0
		       ? error_context(err, "what %.60s names is carried in memory, of which a quarter is for "
					    "it (-m gives the machine more)", options->image)
		       : 0;
}

static int start(const struct options *options, struct plan *plan, struct arena *arena,
		 struct local_input *local, struct session *session, bool trial,
		 struct error *err)
{
	static char initrd[32]; /* the plan keeps it */
	struct string_list argv = {0};
	const struct string_list *more = &options->values[OPTION_INITRD_APPEND];
	if (check_ports(&plan->machine, err) < 0 || session_open(session, local, err) < 0 ||
	    (trial && hold_errors(session, err) < 0) ||
	    hold_document(options, plan, session, err) < 0)
		return -1;
	if (more->count || plan->carried_fd >= 0) {
		session->initrd_fd = initrd_concatenate(plan->initrd, more, plan->carried_fd, err);
		if (session->initrd_fd < 0)
			return -1;
		snprintf(initrd, sizeof initrd, "/proc/self/fd/%d", session->initrd_fd);
		plan->machine.initrd = initrd;
	}
	plan->machine.report_fd = session->report.theirs;
	plan->machine.qmp_fd = session->qmp.theirs;
	if (qemu_arguments(&plan->machine, arena, &argv, err) < 0)
		return -1;
	return session_start(session, argv.items, err);
}

/* Opened before the machine starts, so that an old report never stands for a new boot. */
static int open_json(const struct options *options, int *fd, struct error *err)
{
	const char *path = option_text(options, OPTION_JSON, NULL);
	if (!path)
		return 0;
	*fd = strcmp(path, "-") == 0
		      ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
		      : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
	return *fd < 0 ? error_errno(err, errno, "create %s", path) : 0;
}

static void describe_end(const struct session *session, const struct error *err)
{
	if (session->report_size)
		fprintf(stderr, "berth: error: %s\n", err->text);
	else if (WIFSIGNALED(session->wait_status))
		fprintf(stderr, "berth: error: the machine ended without a report: QEMU was killed "
				"by signal %d (%s)\n", WTERMSIG(session->wait_status),
			strsignal(WTERMSIG(session->wait_status)));
	else if (WEXITSTATUS(session->wait_status) == 1)
		fprintf(stderr, "berth: error: the machine ended without a report: QEMU ended with "
				"status 1; its reason is in the lines above\n");
	else
		fprintf(stderr, "berth: error: the machine ended without a report (kernel panic or "
				"killed; QEMU's status is %d)\n", WEXITSTATUS(session->wait_status));
}

/* The status that `berth boot` ends with. */
static int outcome(const struct session *session)
{
	struct boot_report report;
	struct error err = ERROR_INIT;
	if (session->stuck) {
		fprintf(stderr, "berth: error: QEMU stopped the machine: KVM could not go on "
				"(QEMU's reason is in the lines above); --accel tcg does without\n");
		return BOOT_FAILED;
	}
	if (session->killed && !session->report_size)
		return session->timed_out ? BOOT_TIMED_OUT : BOOT_KILLED;
	if (boot_report_parse_confined(session->report_text, session->report_size, &report, &err) < 0) {
		describe_end(session, &err);
		return session->timed_out ? BOOT_TIMED_OUT : BOOT_FAILED;
	}
	return session->timed_out ? BOOT_TIMED_OUT : report.status;
}

static void show_errors(const struct session *session)
{
	char block[4096];
	ssize_t got;
	off_t at = 0;
	while (session->errors_fd >= 0 &&
	       (got = pread(session->errors_fd, block, sizeof block, at)) > 0) {
		(void)write_all(STDERR_FILENO, block, (size_t)got, NULL);
		at += got;
	}
}

static bool kvm_failed(const struct session *session)
{
	bool ended_itself = !session->killed && !session->stopping && session->wait_status != 0;
	return !session->spoke && !session->report_size && (session->stuck || ended_itself);
}

/* One machine from start to end. With `trial`, *again says that it should be tried without KVM. */
static int run(const struct options *options, struct plan *plan, struct arena *arena,
	       struct local_input *local, struct session *session, bool trial, bool *again,
	       struct error *err)
{
	if (start(options, plan, arena, local, session, trial, err) < 0)
		return -1;
	session_run(session, plan->timeout_ms, plan->stop_ms);
	*again = trial && kvm_failed(session);
	if (!*again)
		show_errors(session);
	return 0;
}

static int boot(const struct options *options, struct plan *plan, struct arena *arena,
		struct local_input *local)
{
	struct error err = ERROR_INIT;
	struct session session;
	_cleanup_close_ int json = -1;
	bool again = false, trial = plan->machine.kvm && !option_given(options, OPTION_ACCEL);
	memset(&session, 0, sizeof session);
	if (open_json(options, &json, &err) < 0)
		return failed(&err);
	int result = run(options, plan, arena, local, &session, trial, &again, &err);
	if (result == 0 && again) {
		fprintf(stderr, "berth: KVM does not work here; the machine is emulated (--accel "
				"kvm shows why, --accel tcg does not try)\n");
		session_close(&session);
		plan->machine.kvm = false;
		result = run(options, plan, arena, local, &session, false, &again, &err);
	}
	if (result < 0) {
		session_close(&session);
		return failed(&err);
	}
	int status = outcome(&session);
	if (json >= 0 && write_all(json, session.report_text, session.report_size, &err) < 0) {
		error_context(&err, "write the report");
		status = failed(&err);
	}
	session_close(&session);
	return status;
}

int boot_command(int argc, char **argv)
{
	static char memory[ARENA_SIZE];
	static struct plan plan;
	struct arena arena;
	struct options options;
	static struct local_input local;
	struct error err = ERROR_INIT;
	arena_init(&arena, memory, sizeof memory);
	int parsed = options_begin(&boot_form, argc, argv, &arena, &options, &err);
	if (parsed != OPTIONS_PARSED)
		return parsed < 0 ? failed(&err) : 0;
	if (local_input_plan(&options, &arena, &local, &err) < 0 ||
	    boot_document(&options, &arena, &err) < 0)
		return failed(&err);
	if (options.document) /* which of its services is meant, it says itself */
		options.values[OPTION_INTERACTIVE] = options.values[OPTION_TTY] =
			(struct string_list){0};
	if (plan_make(&options, &plan, &err) < 0 || pack_carried(&options, &plan, &err) < 0)
		return failed(&err);
	return option_given(&options, OPTION_DRY_RUN) ? dry_run(&options, &plan, &arena)
						      : boot(&options, &plan, &arena, &local);
}
