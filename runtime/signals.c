// SPDX-License-Identifier: Apache-2.0
/* Signal names as an image's StopSignal and users write them. */
#include "runtime/container.h"

#include "lib/cleanup.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The real-time range as Docker and the C libraries count it: 32 and 33 belong to the C library.
 * SIGRTMIN itself is not a constant, so the numbers stand here. */
enum { KERNEL_SIGRTMIN = 34, KERNEL_SIGRTMAX = 64 };

static const struct {
	const char *name;
	int number;
} SIGNALS[] = {
	{"ABRT", SIGABRT}, {"ALRM", SIGALRM},     {"BUS", SIGBUS},       {"CHLD", SIGCHLD},
	{"CLD", SIGCHLD},  {"CONT", SIGCONT},     {"FPE", SIGFPE},       {"HUP", SIGHUP},
	{"ILL", SIGILL},   {"INT", SIGINT},       {"IO", SIGIO},         {"IOT", SIGABRT},
	{"KILL", SIGKILL}, {"PIPE", SIGPIPE},     {"POLL", SIGPOLL},     {"PROF", SIGPROF},
	{"PWR", SIGPWR},   {"QUIT", SIGQUIT},     {"SEGV", SIGSEGV},     {"STKFLT", SIGSTKFLT},
	{"STOP", SIGSTOP}, {"SYS", SIGSYS},       {"TERM", SIGTERM},     {"TRAP", SIGTRAP},
	{"TSTP", SIGTSTP}, {"TTIN", SIGTTIN},     {"TTOU", SIGTTOU},     {"URG", SIGURG},
	{"USR1", SIGUSR1}, {"USR2", SIGUSR2},     {"VTALRM", SIGVTALRM}, {"WINCH", SIGWINCH},
	{"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},     {"RTMIN", KERNEL_SIGRTMIN},
	{"RTMAX", KERNEL_SIGRTMAX},
};

/* Digits only, at most three: "15"; -1 for anything else. */
static int small_number(const char *text)
{
	int value = 0;
	size_t length = strlen(text);
	if (length == 0 || length > 3 || strspn(text, "0123456789") != length)
		return -1;
	for (; *text; text++)
		value = value * 10 + (*text - '0');
	return value;
}

static int real_time_number(const char *name)
{
	int offset = small_number(name + 6);
	if (offset < 0)
		return -1;
	int number = strncasecmp(name, "RTMIN+", 6) == 0   ? KERNEL_SIGRTMIN + offset
		     : strncasecmp(name, "RTMAX-", 6) == 0 ? KERNEL_SIGRTMAX - offset
							   : -1;
	return number >= KERNEL_SIGRTMIN && number <= KERNEL_SIGRTMAX ? number : -1;
}

int container_signal_number(const char *name)
{
	int number = small_number(name);
	if (number >= 0)
		return number >= 1 && number <= KERNEL_SIGRTMAX ? number : -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < countof(SIGNALS); i++)
		if (strcasecmp(name, SIGNALS[i].name) == 0)
			return SIGNALS[i].number;
	return strlen(name) > 6 ? real_time_number(name) : -1;
}
