// SPDX-License-Identifier: Apache-2.0
/*
 * Two processes that take lines from the logger: the sender has the network and no files, the
 * keeper has the folder of files and no network. The sockets between belong to PID 1, so that no
 * line is lost when one of the three dies; they are bounded, and nobody waits for a full one.
 */
#ifndef BERTH_INIT_SUPERVISE_LOG_SINKS_H
#define BERTH_INIT_SUPERVISE_LOG_SINKS_H

#include "init/config/logging.h"
#include "init/supervise/output.h"

enum { LOG_TOLD_MAX = 256 };

#define LOG_FOLDER "/var/lib/berth/logs"
#define LOG_OWN_FILE "_berth" /* no container has such a name */

/* What the processes know of each stream, by its number. */
struct log_target {
	bool used;
	char name[64];      /* of the container, or LOG_OWN_FILE */
	const char *stream; /* "stdout", "stderr", "machine" */
	struct log_route route;
};

struct log_table {
	struct log_target targets[OUTPUT_STREAMS_MAX];
	char hostname[65];
	char folder[64]; /* where the keeper keeps files */
};

/* A stream's route, before log_sinks_open(). */
void log_sinks_add(unsigned stream, const char *name, char mark, const struct log_route *route);
/* Makes the sockets for the sinks that a route asks for; the logger's ends, or -1, are in `ends`, and
 * stay this module's. The keeper is started. `disk`: there is one to keep files on. */
int log_sinks_open(const char *hostname, bool disk, int ends[OUTPUT_SINK_COUNT], struct error *err);
/* The sender is started; until then its lines wait. */
void log_sinks_network_up(void);
/* The logger has ended: `done` is called when both have put out what they have. */
void log_sinks_finish(void (*done)(void));

/* In the processes: what PID 1 is to say on their behalf, one line. Never waits. */
void log_sink_tell(int socket, bool warning, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The two processes: confine themselves, and end with 0 when the socket is at its end. */
int log_sender_main(const struct log_table *table, int socket);
int log_keeper_main(const struct log_table *table, int socket);

#endif
