// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/console.h"

size_t console_filter(struct console_filter *filter, const char *in, size_t size, char *out)
{
	size_t used = 0;
	for (size_t i = 0; i < size; i++) {
		if (filter->held && in[i] != '\n')
			out[used++] = '\r';
		filter->held = in[i] == '\r';
		if (!filter->held)
			out[used++] = in[i];
	}
	return used;
}

size_t console_filter_end(struct console_filter *filter, char *out)
{
	size_t used = 0;
	if (filter->held)
		out[used++] = '\r';
	filter->held = false;
	return used;
}
