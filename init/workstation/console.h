// SPDX-License-Identifier: Apache-2.0
/* The serial console's bytes on their way to standard output. */
#ifndef BERTH_INIT_WORKSTATION_CONSOLE_H
#define BERTH_INIT_WORKSTATION_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

struct console_filter {
	bool held; /* a carriage return came last and waits for what follows it */
};

/* The machine's terminal puts a CR before each LF; this takes exactly that one away and leaves
 * every other byte. `out` has room for size + 1 bytes. Returns the number written. */
size_t console_filter(struct console_filter *filter, const char *in, size_t size, char *out);

/* The CR that is still held at the end of the stream. Returns 0 or 1 bytes. */
size_t console_filter_end(struct console_filter *filter, char *out);

#endif
