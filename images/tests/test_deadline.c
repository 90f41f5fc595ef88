// SPDX-License-Identifier: Apache-2.0
#include "images/pull/deadline.h"
#include "lib/tap.h"

#include <string.h>
#include <unistd.h>

int main(void)
{
	struct deadline deadline;
	struct error err = ERROR_INIT;
	deadline_begin(&deadline, 0);
	ok(!deadline_is_over(&deadline) && deadline_limit(&deadline, 60000) == 60000, "none");
	deadline_begin(&deadline, 3600);
	ok(!deadline_is_over(&deadline) && deadline_limit(&deadline, 60000) == 60000, "far away");
	deadline_begin(&deadline, 1);
	int wait = deadline_limit(&deadline, 60000);
	ok(wait > 0 && wait <= 1000, "nearer than what is to be waited for");
	ok(deadline_limit(&deadline, 1) <= 1, "or not");
	while (wait > 0) {
		usleep((unsigned)wait * 1000);
		wait = deadline_limit(&deadline, 60000);
	}
	ok(deadline_is_over(&deadline), "over");
	ok(deadline_error(&deadline, 7000, 90000, &err) == -1 && err.kind == ERROR_PERMANENT &&
		   strstr(err.text, "not done within 1 s: 7000 of 90000 bytes came, "),
	   "%s", err.text);
	ok(deadline_error(&deadline, 0, 0, &err) == -1 && strstr(err.text, "within 1 s"), "%s",
	   err.text);
	return tap_end();
}
