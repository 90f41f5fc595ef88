// SPDX-License-Identifier: Apache-2.0
/* What a container answers when it is asked over the network whether it is well: any bytes, then
 * the end. The verdict is one of a test's, in one line. */
#include "init/supervise/network_test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void alive(void *context)
{
	(void)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct probe_result result;
	static char *words[] = {(char *)"http://127.0.0.1:80/x?y", (char *)"Host: example.org",
				NULL};
	const struct test test = {.kind = TEST_HTTP, .words = {2, 2, words}};
	int ends[2];
	signal(SIGPIPE, SIG_IGN);
	if (size > 100000 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return 0;
	bool sent = send(ends[1], data, size, MSG_DONTWAIT) == (ssize_t)size;
	shutdown(ends[1], SHUT_WR);
	memset(&result, 0, sizeof result);
	network_ask(&test, "127.0.0.1", 5000, ends[0], alive, NULL, &result);
	close(ends[1]);
	if (!sent)
		return 0;
	if (result.end != PROBE_ASKED || (result.exit_status != 0 && result.exit_status != 1) ||
	    strpbrk(result.output, "\n\r\x1b"))
		abort();
	if (result.exit_status == 0 && (size < 12 || memcmp(data, "HTTP/", 5) != 0))
		abort();
	return 0;
}
