// SPDX-License-Identifier: Apache-2.0
/*
 * One line of output on its way from the logger to a server or a file: how it travels between the
 * processes, and the forms in which it leaves the machine. Pure; the text is a container's and may
 * be any bytes.
 */
#ifndef BERTH_INIT_SUPERVISE_LOG_LINE_H
#define BERTH_INIT_SUPERVISE_LOG_LINE_H

#include "init/supervise/output.h"

#include <stdint.h>

enum {
	LOG_PACKED_MAX = OUTPUT_LINE_MAX + 16,
	LOG_SYSLOG_MAX = OUTPUT_LINE_MAX + 256,
	LOG_JSON_MAX = 6 * OUTPUT_LINE_MAX + 160,
};

/* RFC 5424, table 2. */
enum log_severity { SEVERITY_ERROR = 3, SEVERITY_WARNING = 4, SEVERITY_INFO = 6 };

struct log_line {
	unsigned stream;   /* its number among those of output.h */
	unsigned severity; /* enum log_severity */
	uint64_t time_ns;  /* CLOCK_REALTIME */
	const char *text;  /* without its line end */
	size_t size;       /* at most OUTPUT_LINE_MAX */
};

/* What stands for standard error is an error; of the machine's own lines (mark 0) what the line says
 * of itself. Takes the time since boot off the front of those. */
void log_line_judge(struct log_line *line, char mark);

/* One packet of a SOCK_SEQPACKET socket. */
size_t log_line_pack(const struct log_line *line, unsigned char out[LOG_PACKED_MAX]);
/* -1: it is none. The text lies in `packet`. */
int log_line_unpack(const unsigned char *packet, size_t size, struct log_line *out);

/* "<30>1 2026-11-24T06:59:48.123456Z HOST TAG - - - TEXT" (RFC 5424) without a line end; control
 * characters and what is not UTF-8 become "?", colours are taken out. Returns the length. */
size_t log_line_syslog(const struct log_line *line, unsigned facility, const char *host,
		       const char *tag, char out[LOG_SYSLOG_MAX]);

/* {"log":"TEXT\n","stream":"stdout","time":"2026-11-24T06:59:48.123456789Z"} and a line end, as
 * Docker's json-file has it. Returns the length. */
size_t log_line_json(const struct log_line *line, const char *stream, char out[LOG_JSON_MAX]);

#endif
