// SPDX-License-Identifier: Apache-2.0
/* `start` and `run`. */
#include "lib/cleanup.h"
#include "lib/frame.h"
#include "lib/syscalls.h"
#include "runtime/child.h"
#include "runtime/hooks.h"
#include "runtime/oci/notify.h"
#include "runtime/sync.h"
#include "runtime/terminal.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* A failed poststart hook is the end of the container ("Lifecycle", step 9). */
static int run_poststart(struct state *state, struct error *err)
{
	struct oci_config config;
	if (state_config(state, &config, err) < 0) {
		oci_config_free(&config);
		return -1;
	}
	_cleanup_free_ char *text = state_json(state, STATUS_RUNNING, STATE_PLAIN);
	int done = text ? hooks_run(&config.poststart, "poststart", text, err) : -1;
	oci_config_free(&config);
	if (done == 0)
		return 0;
	struct error ignored = ERROR_INIT;
	if (delete_container(state, &ignored) < 0)
		oci_log("warning", "%s", ignored.text);
	return -1;
}

int start_container(struct state *state, int *notify, struct error *err)
{
	uint8_t storage[CHILD_REPORT_MAX];
	struct frame frame;
	int exit_status;
	_cleanup_close_ int connection = state_connect_start(state, err);
	if (connection < 0 || notify_listen(state, notify, err) < 0 ||
	    sync_send(connection, SYNC_GO, err) < 0)
		return -1;
	/* End of file: the program executes. */
	int got = frame_receive(connection, &frame, storage, sizeof storage, err);
	if (got < 0 && (!err || err->code != ECONNRESET))
		return -1;
	if (got > 0 && child_report_decode(&frame, &exit_status, err) < 0)
		return -1;
	return run_poststart(state, err);
}

/* Nobody else has to wait for the container to be ready. */
static int await_ready(const struct state *state, int notify, struct error *err)
{
	if (notify < 0)
		return 0;
	flock(state->dir_fd, LOCK_UN);
	return notify_wait(state, notify, err);
}

int command_start(const struct runtime_options *options, struct error *err)
{
	struct state state = STATE_INIT;
	_cleanup_close_ int notify = -1;
	int done = state_open(options->root, options->words[0], true, &state, err);
	if (done == 0) {
		enum status status = state_status(&state);
		done = status == STATUS_CREATED
			       ? start_container(&state, &notify, err)
			       : error_set(err, "cannot start container %s, which is %s", state.id,
					   status_name(status));
		if (done == 0)
			done = await_ready(&state, notify, err);
	}
	state_close(&state);
	return done;
}

/* In the foreground the terminal ends here. */
static int terminal_pair(const struct runtime_options *options, struct create *create,
			 int *own, struct error *err)
{
	int ends[2];
	*own = -1;
	if (options->console_socket) {
		create->console = connect_socket(options->console_socket, err);
		return create->console < 0 ? -1 : 0;
	}
	if (options->detach)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, errno, "make a socket pair for the terminal");
	create->console = ends[0];
	*own = ends[1];
	return 0;
}

static int wait_and_delete(struct create *create, const struct runtime_options *options, int own,
			   int notify, struct error *err)
{
	struct error ignored = ERROR_INIT;
	_cleanup_close_ int master = -1;
	if (own >= 0 && create->config.spec.process.terminal) {
		master = terminal_receive(own, err);
		if (master < 0)
			return -1;
	}
	int status = foreground_wait(create->container.pid, create->container.pidfd, master,
				     notify, err);
	if (!options->keep && delete_container(&create->state, &ignored) < 0)
		oci_log("warning", "%s", ignored.text);
	return status;
}

static int run(struct create *create, const struct runtime_options *options, int own,
	       struct error *err)
{
	struct error ignored = ERROR_INIT;
	_cleanup_close_ int notify = -1;
	if (create_container(create, options, err) < 0)
		return -1;
	if (start_container(&create->state, &notify, err) < 0) {
		sys_pidfd_send_signal(create->container.pidfd, SIGKILL);
		waitpid(create->container.pid, NULL, 0);
		if (delete_container(&create->state, &ignored) < 0)
			oci_log("warning", "%s", ignored.text);
		return -1;
	}
	return options->detach ? await_ready(&create->state, notify, err)
			       : wait_and_delete(create, options, own, notify, err);
}

int command_run(const struct runtime_options *options, struct error *err)
{
	struct create create = {.console = -1};
	int own;
	/* What the container's processes leave behind is to be reaped here, not by strangers. */
	if (!options->detach)
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (terminal_pair(options, &create, &own, err) < 0)
		return -1;
	create.own_terminal = own >= 0;
	int done = run(&create, options, own, err);
	create_close(&create);
	return done;
}
