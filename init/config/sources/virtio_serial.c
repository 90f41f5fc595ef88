// SPDX-License-Identifier: Apache-2.0
/* A port of virtio-serial: the host writes the document and closes. */
#include "init/config/sources/table.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static const char wanted[] = "org.berth.config";

enum { SILENCE_MS = 2000 };

/* Its device, such as "vport1p1". */
static bool find_port(char *out, size_t capacity)
{
	_cleanup_folder_ struct folder ports;
	folder_open(&ports, "/sys/class/virtio-ports");
	for (const char *port; (port = folder_next(&ports));) {
		char path[300], name[64];
		snprintf(path, sizeof path, "%s/name", port);
		if (strlen(port) >= capacity || file_read(ports.fd, path, name, sizeof name, NULL) < 0)
			continue;
		name[strcspn(name, "\n")] = 0;
		if (strcmp(name, wanted) != 0)
			continue;
		snprintf(out, capacity, "%s", port);
		return true;
	}
	return false;
}

static bool hint(const struct config_search *search)
{
	char port[32];
	(void)search;
	return find_port(port, sizeof port);
}

static int open_port(const struct config_search *search, struct config_place *place,
		     struct error *err)
{
	char port[32], path[40];
	(void)search;
	if (!find_port(port, sizeof port))
		return error_set(err, "no port named %s", wanted);
	snprintf(path, sizeof path, "/dev/%s", port);
	snprintf(place->where, sizeof place->where, "%s (%s)", port, wanted);
	place->fds[0] = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return place->fds[0] < 0 ? error_errno(err, errno, "open %s", path) : 0;
}

/* YAML's end of a document, for a host that does not close. */
static bool has_end(const struct config_answer *answer)
{
	static const char mark[] = "\n...\n";
	size_t length = sizeof mark - 1;
	return answer->size >= length &&
	       memcmp(answer->bytes + answer->size - length, mark, length) == 0;
}

/* 1: more came; 0: the host has closed; -1: err. */
static int take_more(int fd, struct config_answer *answer, struct error *err)
{
	struct pollfd ready = {fd, POLLIN, 0};
	if (answer->size == USER_DATA_MAX)
		return error_set(err, "longer than %d KiB", USER_DATA_MAX / 1024);
	int woken = poll(&ready, 1, SILENCE_MS);
	if (woken < 0 && errno == EINTR)
		return 1;
	if (woken == 0)
		return error_set(err,
				 "the host has said nothing for %d s: it must close the port, or "
				 "end with a line \"...\"",
				 SILENCE_MS / 1000);
	ssize_t got = read(fd, answer->bytes + answer->size, USER_DATA_MAX - answer->size);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (got < 0)
		return error_errno(err, errno, "read");
	answer->size += (size_t)got;
	return got > 0 && !has_end(answer);
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	int more;
	(void)search;
	snprintf(answer->where, sizeof answer->where, "%s", place->where);
	do
		more = take_more(place->fds[0], answer, err);
	while (more > 0);
	if (more < 0) {
		error_context(err, "%s", place->where);
		return CONFIG_FAILED;
	}
	if (answer->size > 0)
		return CONFIG_FOUND;
	error_set(err, "nobody writes to the port %s", wanted);
	return CONFIG_NOTHING;
}

const struct config_source source_virtio_serial = {
	.name = "virtio-serial",
	.trust = TRUST_COMMAND_LINE,
	.local = true,
	.place = "a virtio-serial port named `org.berth.config`: all until the host closes it or "
		 "sends a "
		 "line `...`",
	.by = "whoever starts the machine and talks to it",
	.example = "-device virtserialport,chardev=c,name=org.berth.config",
	.hint = hint,
	.open = open_port,
	.fetch = fetch,
};
