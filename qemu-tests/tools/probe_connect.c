// SPDX-License-Identifier: Apache-2.0
/* A plain HTTP request without name look-up, which static programs on glibc cannot do safely. */
#define _GNU_SOURCE
#include "probe.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int probe_connect(const char *address, const char *port)
{
	static const char request[] = "GET /v2/ HTTP/1.0\r\n\r\n";
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	char answer[1024];
	ssize_t got;
	size_t used = 0;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
		perror("connect");
		return 1;
	}
	if (write(fd, request, sizeof request - 1) < 0)
		return 1;
	while ((got = read(fd, answer + used, sizeof answer - 1 - used)) > 0)
		used += got;
	answer[used] = 0;
	answer[strcspn(answer, "\r\n")] = 0;
	puts(answer);
	return 0;
}
