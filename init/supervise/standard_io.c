// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/standard_io.h"

#include "init/supervise/output.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "runtime/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

void standard_io_init(struct standard_io *io)
{
	*io = (struct standard_io){-1, -1, -1};
}

/* Of several nobody could say whom a line is meant for. */
static bool has_console(const struct instance *instance)
{
	unsigned count = 0;
	for (unsigned i = 0; i < instance->machine->container_count; i++)
		count += instance->machine->containers[i]->stdin_open;
	return instance->config->stdin_open && count == 1;
}

/* Made once: what was not read by one run is there for the next. Without the console nothing comes,
 * and the input does not end. */
static int open_input(struct instance *instance, struct error *err)
{
	struct standard_io *io = &instance->io;
	int ends[2];
	if (io->input >= 0)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "create the input pipe of %s",
				   instance->config->name);
	io->input = ends[0];
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	io->input_kept = has_console(instance) ? fcntl(ends[1], F_DUPFD_CLOEXEC, 3) : ends[1];
	if (has_console(instance) && output_input(ends[1], false)) {
		cleanup_close_fd(&io->input_kept);
		io->input_kept = -1;
	}
	return 0;
}

static int open_socket(struct instance *instance, int *console, struct error *err)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, errno, "create the console socket of %s",
				   instance->config->name);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	cleanup_close_fd(&instance->io.terminal);
	instance->io.terminal = ends[0];
	*console = ends[1];
	return 0;
}

int standard_io_prepare(struct instance *instance, struct container_spec *spec, int *console,
			struct error *err)
{
	const struct container_config *config = instance->config;
	struct process_spec *process = &spec->process;
	*console = -1;
	process->stdout_fd = instance->stdout_fd;
	process->stderr_fd = instance->stderr_fd;
	if (config->tty) {
		process->terminal = true;
		process->columns = config->columns;
		process->rows = config->rows;
		return open_socket(instance, console, err);
	}
	if (!config->stdin_open)
		return 0;
	if (open_input(instance, err) < 0)
		return -1;
	process->stdin_fd = instance->io.input;
	return 0;
}

void standard_io_connect(struct instance *instance)
{
	struct error err = ERROR_INIT;
	if (instance->io.terminal < 0)
		return;
	int fd = terminal_receive(instance->io.terminal, &err);
	cleanup_close_fd(&instance->io.terminal);
	instance->io.terminal = -1;
	if (fd < 0) {
		log_warning("berth", "9 run: %s: %s", instance->config->name, err.text);
		return;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	int typed = has_console(instance) ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
	output_attach(instance->stdout_fd, fd, typed >= 0 && output_input(typed, true));
}
