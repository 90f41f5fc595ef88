// SPDX-License-Identifier: Apache-2.0
#include "lib/cleanup.h"
#include "lib/tap.h"
#include "runtime/container.h"

#include <signal.h>

int main(void)
{
	static const struct {
		const char *name;
		int want;
	} CASES[] = {
		{"SIGTERM", SIGTERM}, {"TERM", SIGTERM},     {"15", 15},
		{"sigquit", SIGQUIT},
		{"WINCH", SIGWINCH},  {"SIGUSR1", SIGUSR1},  {"1", 1},            {"64", 64},
		{"SIGRTMIN", 34},     {"SIGRTMIN+3", 37},    {"RTMIN+30", 64},    {"SIGRTMAX", 64},
		{"RTMAX-1", 63},      {"SIGKILL", SIGKILL},  {"0", -1},           {"65", -1},
		{"", -1},             {"SIG", -1},           {"SIGSIGTERM", -1},  {"TERM ", -1},
		{" TERM", -1},        {"RTMIN+31", -1},      {"RTMAX-31", -1},    {"RTMIN+", -1},
		{"RTMIN-1", -1},      {"RTMIN+1x", -1},      {"-15", -1},         {"+15", -1},
		{"0x0f", -1},         {"1000000000000", -1}, {"RTMIN+99999", -1}, {"015", 15},
	};
	for (size_t i = 0; i < countof(CASES); i++) {
		int got = container_signal_number(CASES[i].name);
		ok(got == CASES[i].want, "\"%s\" is %d (got %d)", CASES[i].name, CASES[i].want,
		   got);
	}
	return tap_end();
}
