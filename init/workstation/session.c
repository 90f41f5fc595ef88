// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/session.h"

#include "init/workstation/qmp.h"
#include "init/workstation/report.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum { PRESS_AGAIN_MILLISECONDS = 2000, OUTPUT_STEP = 4096, INPUT_STEP = 256, INPUT_PIPE = 4096 };

static int64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void ending_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
}

static int open_signals(struct session *session, struct error *err)
{
	sigset_t set;
	ending_signals(&set);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return error_errno(err, errno, "block signals");
	session->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return session->signal_fd < 0 ? error_errno(err, errno, "create a signalfd") : 0;
}

static int open_pair(struct session_end *end, struct error *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(err, errno, "create a socket pair");
	*end = (struct session_end){.ours = pair[0], .theirs = pair[1]};
	return fcntl(end->ours, F_SETFL, O_NONBLOCK) < 0 ? error_errno(err, errno, "fcntl") : 0;
}

/* A pipe, since QEMU's serial port writes single bytes, and a socket has room for few of those. */
static int open_console(struct session_end *end, struct error *err)
{
	int pair[2];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_errno(err, errno, "create a pipe");
	*end = (struct session_end){.ours = pair[0], .theirs = pair[1]};
	return fcntl(end->ours, F_SETFL, O_NONBLOCK) < 0 ? error_errno(err, errno, "fcntl") : 0;
}

/* A small one: what has left here comes even if the machine says "stop". */
static int open_input(struct session_end *end, struct error *err)
{
	int pair[2];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_errno(err, errno, "create a pipe");
	*end = (struct session_end){.ours = pair[1], .theirs = pair[0]};
	fcntl(end->ours, F_SETPIPE_SZ, INPUT_PIPE);
	return fcntl(end->ours, F_SETFL, O_NONBLOCK) < 0 ? error_errno(err, errno, "fcntl") : 0;
}

int session_open(struct session *session, struct local_input *local, struct error *err)
{
	*session = (struct session){
		.local = local, .input = {-1, -1},
		.report = {-1, -1}, .qmp = {-1, -1}, .console = {-1, -1},
		.initrd_fd = -1, .document_fd = -1, .errors_fd = -1, .signal_fd = -1, .pid = -1,
	};
	session->report_text = malloc(BOOT_REPORT_MAX + 1);
	if (!session->report_text)
		return error_errno(err, ENOMEM, "hold the machine's report");
	if (open_signals(session, err) < 0 || open_pair(&session->report, err) < 0 ||
	    open_pair(&session->qmp, err) < 0 ||
	    (local->wanted && open_input(&session->input, err) < 0))
		return -1;
	return open_console(&session->console, err);
}

/* The child's side of session_start: only async-signal-safe calls until exec. */
__attribute__((noreturn)) static void become_qemu(const struct session *session, pid_t parent,
						  char *const *argv, int failure_fd)
{
	sigset_t none;
	sigemptyset(&none);
	int null = session->input.theirs >= 0 ? session->input.theirs
					      : open("/dev/null", O_RDONLY | O_CLOEXEC);
	setsid();
	signal(SIGPIPE, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || null < 0 || dup2(null, 0) < 0 ||
	    dup2(session->console.theirs, 1) < 0 || fcntl(session->report.theirs, F_SETFD, 0) < 0 ||
	    fcntl(session->qmp.theirs, F_SETFD, 0) < 0)
		goto failed;
	if ((session->initrd_fd >= 0 && fcntl(session->initrd_fd, F_SETFD, 0) < 0) ||
	    (session->document_fd >= 0 && fcntl(session->document_fd, F_SETFD, 0) < 0))
		goto failed;
	if (session->errors_fd >= 0 && dup2(session->errors_fd, 2) < 0)
		goto failed;
	if (getppid() != parent)
		_exit(125);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(argv[0], argv);
failed:;
	int code = errno;
	(void)!write(failure_fd, &code, sizeof code);
	_exit(125);
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int session_start(struct session *session, char *const *argv, struct error *err)
{
	int ends[2], code = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "create a pipe");
	_cleanup_close_ int failure = ends[0];
	pid_t parent = getpid();
	session->pid = fork();
	if (session->pid == 0)
		become_qemu(session, parent, argv, ends[1]);
	int fork_errno = errno;
	close(ends[1]);
	if (session->pid < 0)
		return error_errno(err, fork_errno, "fork for %s", argv[0]);
	close_end(&session->report.theirs);
	close_end(&session->qmp.theirs);
	close_end(&session->console.theirs);
	close_end(&session->input.theirs);
	close_end(&session->initrd_fd);
	close_end(&session->document_fd);
	ssize_t got;
	while ((got = read(failure, &code, sizeof code)) < 0 && errno == EINTR)
		;
	if (got == (ssize_t)sizeof code)
		return error_errno(err, code, "start %s", argv[0]);
	qmp_begin(session->qmp.ours);
	return 0;
}

static void kill_machine(struct session *session)
{
	session->killed = true;
	session->stop_at = session->press_at = 0;
	if (!session->reaped && session->pid > 0)
		kill(-session->pid, SIGKILL);
}

static void stop_machine(struct session *session)
{
	if (session->stopping || session->reaped)
		return;
	session->stopping = true;
	session->stop_at = now() + session->stop_milliseconds;
	session->press_at = now() + PRESS_AGAIN_MILLISECONDS;
	qmp_powerdown(session->qmp.ours);
}

static void reap(struct session *session)
{
	if (!session->reaped && waitpid(session->pid, &session->wait_status, WNOHANG) > 0) {
		session->reaped = true;
		session->timeout_at = session->stop_at = session->press_at = 0;
	}
}

static void take_signals(struct session *session)
{
	struct signalfd_siginfo info;
	while (read(session->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (session->signals++ == 0) {
			fprintf(stderr, "berth: stopping the container; once more kills the "
					"machine at once\n");
			stop_machine(session);
		} else {
			kill_machine(session);
			session->output_broken = session->reaped;
		}
	}
	reap(session);
}

/* Without a reader for its output the container has no reason to go on. */
static void break_output(struct session *session)
{
	session->output_broken = true;
	session->pending_at = session->pending_end = 0;
	stop_machine(session);
}

static void write_output(struct session *session)
{
	size_t size = session->pending_end - session->pending_at;
	if (size > OUTPUT_STEP)
		size = OUTPUT_STEP;
	ssize_t put = write(STDOUT_FILENO, session->pending + session->pending_at, size);
	if (put >= 0)
		session->pending_at += (size_t)put;
	else if (errno != EINTR && errno != EAGAIN)
		break_output(session);
}

/* After QEMU's end nothing more can come: "nothing there now" is then the end of the stream. */
static bool at_end(const struct session *session, ssize_t got)
{
	return got == 0 || (got < 0 && errno != EINTR && (errno != EAGAIN || session->reaped));
}

static void read_console(struct session *session)
{
	char block[SESSION_BLOCK];
	ssize_t got = read(session->console.ours, block, sizeof block);
	session->pending_at = 0;
	if (got > 0) {
		session->spoke = true;
		got = (ssize_t)local_input_flow(session->local, block, (size_t)got);
		session->pending_end = console_filter(&session->filter, block, (size_t)got,
						      session->pending);
	} else if (at_end(session, got)) {
		session->console_done = true;
		session->pending_end = console_filter_end(&session->filter, session->pending);
	}
	if (session->output_broken)
		session->pending_end = 0;
}

/* One byte beyond BOOT_REPORT_MAX shows that the report is too long; the rest is thrown away. */
static void read_report(struct session *session)
{
	char waste[4096];
	size_t room = BOOT_REPORT_MAX + 1 - session->report_size;
	ssize_t got = read(session->report.ours,
			   room ? session->report_text + session->report_size : waste,
			   room ? room : sizeof waste);
	if (got > 0 && room)
		session->report_size += (size_t)got;
	else if (at_end(session, got))
		session->report_done = true;
}

static void pass_deadlines(struct session *session)
{
	int64_t time = now();
	if (session->timeout_at && time >= session->timeout_at) {
		session->timeout_at = 0;
		session->timed_out = true;
		fprintf(stderr, "berth: the time is up; stopping the container\n");
		stop_machine(session);
	}
	if (session->stop_at && time >= session->stop_at) {
		fprintf(stderr, "berth: the machine did not stop within %lld s; killing it\n",
			(long long)session->stop_milliseconds / 1000);
		kill_machine(session);
	}
	if (session->press_at && time >= session->press_at) {
		session->press_at = time + PRESS_AGAIN_MILLISECONDS;
		qmp_powerdown(session->qmp.ours);
	}
}

static int next_wait(const struct session *session)
{
	const int64_t deadlines[] = {session->timeout_at, session->stop_at, session->press_at};
	int64_t next = INT64_MAX;
	for (size_t i = 0; i < countof(deadlines); i++)
		if (deadlines[i] && deadlines[i] < next)
			next = deadlines[i];
	if (next == INT64_MAX)
		return -1;
	int64_t wait = next - now();
	return wait < 0 ? 0 : wait > 3600000 ? 3600000 : (int)wait;
}

static bool has_output(const struct session *session)
{
	return session->pending_at < session->pending_end;
}

/* Reads what a stream has ready. After QEMU's end there is no waiting: see at_end(). */
static bool ready(const struct session *session, const struct pollfd *stream)
{
	return stream->revents || (session->reaped && stream->fd >= 0);
}

/* Not before the machine has said something: until then its terminal would show what is typed. */
static bool takes_input(const struct session *session)
{
	return session->input.ours >= 0 && session->spoke && !session->local->stopped;
}

static bool has_input(const struct session *session)
{
	return session->local->at < session->local->end;
}

static void write_input(struct session *session)
{
	struct local_input *local = session->local;
	size_t size = local->end - local->at;
	ssize_t put = write(session->input.ours, local->bytes + local->at,
			    size > INPUT_STEP ? INPUT_STEP : size);
	if (put >= 0)
		local->at += (size_t)put;
	else if (errno != EAGAIN && errno != EINTR)
		close_end(&session->input.ours);
	if (local->ended && !has_input(session))
		close_end(&session->input.ours);
}

static void turn(struct session *session)
{
	bool output = has_output(session), input = takes_input(session);
	struct pollfd fds[] = {
		{.fd = session->signal_fd, .events = POLLIN},
		{.fd = output ? STDOUT_FILENO : -1, .events = POLLOUT},
		{.fd = output || session->console_done ? -1 : session->console.ours,
		 .events = POLLIN},
		{.fd = session->report_done ? -1 : session->report.ours, .events = POLLIN},
		{.fd = session->qmp.ours, .events = POLLIN},
		{.fd = input && !has_input(session) && !session->local->ended ? STDIN_FILENO : -1,
		 .events = POLLIN},
		{.fd = input && has_input(session) ? session->input.ours : -1, .events = POLLOUT},
	};
	bool draining = session->reaped && (fds[2].fd >= 0 || fds[3].fd >= 0);
	if (poll(fds, countof(fds), draining ? 0 : next_wait(session)) < 0)
		return;
	if (fds[1].revents)
		write_output(session);
	if (ready(session, &fds[2]))
		read_console(session);
	if (ready(session, &fds[3]))
		read_report(session);
	if (fds[4].revents && !qmp_drain(session->qmp.ours, &session->stop_text, &session->stuck))
		close_end(&session->qmp.ours);
	if (fds[5].revents)
		local_input_read(session->local);
	if (fds[6].revents)
		write_input(session);
	if (session->stuck && !session->killed)
		kill_machine(session);
	take_signals(session);
	pass_deadlines(session);
}

static bool finished(const struct session *session)
{
	bool written = session->console_done && !has_output(session);
	return session->reaped && session->report_done && (session->output_broken || written);
}

void session_run(struct session *session, int64_t timeout, int64_t stop)
{
	session->stop_milliseconds = stop;
	session->timeout_at = timeout ? now() + timeout : 0;
	local_input_begin(session->local);
	while (!finished(session))
		turn(session);
	local_input_end(session->local);
}

void session_close(struct session *session)
{
	if (session->pid > 0 && !session->reaped) {
		kill(-session->pid, SIGKILL);
		kill(session->pid, SIGKILL);
		while (waitpid(session->pid, &session->wait_status, 0) < 0 && errno == EINTR)
			;
	}
	int *const all[] = {&session->report.ours,    &session->report.theirs, &session->qmp.ours,
			    &session->qmp.theirs,     &session->console.ours,
			    &session->input.ours,     &session->input.theirs,
			    &session->console.theirs, &session->initrd_fd,     &session->errors_fd,
			    &session->document_fd,    &session->signal_fd};
	for (size_t i = 0; i < countof(all); i++)
		close_end(all[i]);
	free(session->report_text);
	session->report_text = NULL;
}
