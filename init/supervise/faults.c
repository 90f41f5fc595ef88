// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/faults.h"

#include "init/supervise/stop.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

static void on_fault(int signal)
{
	static const char text[] = "berth: error: PID 1 has failed; the machine ends\n";
	struct pollfd console = {.fd = STDERR_FILENO, .events = POLLOUT};
	if (poll(&console, 1, 0) > 0) /* it must not wait for a console that takes nothing */
		write_all(STDERR_FILENO, text, sizeof text - 1, NULL);
	machine_abandon(128 + signal);
}

void faults_catch(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
	struct sigaction action = {.sa_handler = on_fault};
	for (size_t i = 0; i < countof(faults); i++)
		sigaction(faults[i], &action, NULL);
}
