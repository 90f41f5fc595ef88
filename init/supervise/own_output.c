// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/own_output.h"

#include "init/config/logging.h"
#include "init/supervise/output.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#include <fcntl.h>
#include <unistd.h>

static int streams[2]; /* of PID 1 and of its workers */

int own_output_start(int console_fd, unsigned delay_ms)
{
	struct error err = ERROR_INIT;
	int own = output_stream("", 0, &err);
	int workers = output_stream("", 0, &err);
	if (own < 0 || workers < 0) {
		log_error("berth", "2 console: %s", err.text);
		return -1;
	}
	streams[0] = own;
	streams[1] = workers;
	output_start(console_fd, delay_ms);
	fcntl(own, F_SETFL, O_NONBLOCK); /* a full pipe loses a line rather than holding up PID 1 */
	log_setup(own, 1, LOG_LEVEL_INFO);
	dup2(workers, STDERR_FILENO);
	return 0;
}

int own_output_open(const struct machine *machine, bool disk, struct error *err)
{
	struct log_route route;
	log_route_find(machine, NULL, &route);
	for (size_t i = 0; i < countof(streams); i++)
		output_route(streams[i], &route);
	return output_open_sinks(machine->hostname, disk, err);
}
