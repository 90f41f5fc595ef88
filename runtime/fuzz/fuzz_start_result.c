// SPDX-License-Identifier: Apache-2.0
/* The report of a container that could not start, as PID 1 reads it from the status socket. */
#include "runtime/child.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t storage[CHILD_REPORT_MAX];
	if (size == 0 || size > sizeof storage)
		return 0;
	memcpy(storage, data, size);
	struct frame frame = {.type = storage[0], .size = size, .at = 1,
			      .capacity = sizeof storage, .data = storage};
	struct error err = ERROR_INIT;
	int exit_status = 0;
	if (child_report_decode(&frame, &exit_status, &err) != -1 ||
	    exit_status < CONTAINER_SETUP_FAILED || exit_status > CONTAINER_NOT_FOUND ||
	    err.code < 0 || err.code > 4095 || strpbrk(err.text, "\n\r\033"))
		abort();
	return 0;
}
