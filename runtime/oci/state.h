// SPDX-License-Identifier: Apache-2.0
/*
 * What is on disk about containers: ROOT/ID/ with state.json (replaced as a whole), config.json as it
 * was at create, and `start`, the socket on which a created container waits. A caller that dies in
 * between leaves a directory that says how far it came; the truth about the process comes from the
 * kernel each time.
 */
#ifndef BERTH_RUNTIME_OCI_STATE_H
#define BERTH_RUNTIME_OCI_STATE_H

#include "lib/error.h"
#include "runtime/oci/config.h"

enum status {
	STATUS_CREATING,
	STATUS_CREATED,
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED,
};

struct state {
	char *id, *bundle, *root_path, *created, *cgroup_path, *annotations, *version;
	pid_t pid;            /* 0: not there yet */
	uint64_t start_ticks; /* of the process, so that a reused number is not taken for it */
	uid_t owner;
	bool user_namespace;
	struct arena arena;
	void *block;
	int dir_fd; /* owned, ROOT/ID; holds the lock when there is one */
	const char *root; /* borrowed: ROOT */
};

#define STATE_INIT {.dir_fd = -1}

const char *status_name(enum status status);
/* IDs are names of directories and cgroups: [A-Za-z0-9_+.-], at most 255. */
int state_check_id(const char *id, struct error *err);

/* Makes ROOT/ID, locked. An ID in use is an error (code EEXIST). */
int state_create(const char *root, const char *id, struct state *state, struct error *err);
/* Opens ROOT/ID; `lock` waits for others that change it. code ENOENT when there is none. */
int state_open(const char *root, const char *id, bool lock, struct state *state,
	       struct error *err);
/* Writes state.json. */
int state_save(struct state *state, struct error *err);
/* Removes ROOT/ID. */
int state_remove(struct state *state, struct error *err);
void state_close(struct state *state);
/* What stands in state.json into a state whose arena is there, and back (allocated, NULL without
 * memory). */
int state_parse(struct state *state, const char *text, size_t size, struct error *err);
char *state_text(const struct state *state);

/* What the kernel says now. */
enum status state_status(const struct state *state);
/* A descriptor of the container's first process, -1 when it has ended. */
int state_pidfd(const struct state *state);
/* The start time of a process, 0 when there is none. */
uint64_t process_start_ticks(pid_t pid);

/* config.json of the container. */
int state_config(const struct state *state, struct oci_config *config, struct error *err);
enum state_form {
	STATE_PLAIN,  /* what the specification has, on one line */
	STATE_FULL,   /* with the root, the time of creation and the owner */
	STATE_PRETTY, /* the same on several lines */
};
/* The state as JSON, without the final newline; allocated. */
char *state_json(const struct state *state, enum status status, enum state_form form);

/* Connects to the socket on which the created container waits; -1 when nobody does. */
int state_connect_start(const struct state *state, struct error *err);
/* Makes that socket, listening. */
int state_listen_start(const struct state *state, struct error *err);

#endif
