// SPDX-License-Identifier: Apache-2.0
/* `berth boot -i -t`: the terminal that the user sits at, and what is typed there. */
#ifndef BERTH_INIT_WORKSTATION_TERMINAL_H
#define BERTH_INIT_WORKSTATION_TERMINAL_H

#include "init/workstation/options.h"

#include <stddef.h>
#include <termios.h>

enum { TERMINAL_BLOCK = 1024 };

struct local_input {
	bool wanted;   /* -i: standard input goes to the machine */
	bool terminal; /* -t: key by key; the container's terminal does the rest */
	bool changed;  /* `saved` is to be put back */
	struct termios saved;
	bool stopped, ended; /* the machine takes nothing just now; all is sent */
	char last;           /* byte that was read */
	char bytes[TERMINAL_BLOCK + 2];
	size_t at, end;
};

/* What the options ask for; their values become those of the keys that the machine is given. */
int local_input_plan(struct options *options, struct arena *arena, struct local_input *out,
		     struct error *err);
/* From now on keys are passed on as they are. */
void local_input_begin(struct local_input *input);
void local_input_end(struct local_input *input);
/* Reads what there is; the end of the input is Ctrl-D for the machine. */
void local_input_read(struct local_input *input);
/* The machine's terminal says "stop" and "go on" among its output: takes them out, returns the size
 * that is left. */
size_t local_input_flow(struct local_input *input, char *text, size_t size);

#endif
