// SPDX-License-Identifier: Apache-2.0
/*
 * Hooks of the runtime specification. Each gets the container's state as JSON on its standard
 * input. A hook that fails ends the list with an error; what that means is the caller's to say.
 */
#ifndef BERTH_RUNTIME_HOOKS_H
#define BERTH_RUNTIME_HOOKS_H

#include "runtime/spec.h"

/* `state` is a whole JSON text. */
int hooks_run(const struct hook_list *hooks, const char *name, const char *state,
	      struct error *err);

/* In the child, while the host's procfs is still there: its process ID as the host sees it. */
int hooks_learn_pid(struct error *err);
/* In the child, with spec->hook_state completed by that ID and `status`. */
int hooks_run_inside(const struct hook_list *hooks, const struct container_spec *spec,
		     const char *status, struct error *err);
/* The state as JSON: {"ociVersion":…,"id":…,"status":…,"pid":…, and the rest of hook_state. Returns
 * an allocated text, or NULL. */
char *hooks_state(const struct container_spec *spec, const char *status, pid_t pid);
/* The same for one that cannot look: its parent told it. */
void hooks_set_pid(pid_t pid);
/* What hooks_learn_pid() found. */
pid_t hooks_pid(void);

#endif
