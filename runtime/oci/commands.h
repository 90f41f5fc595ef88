// SPDX-License-Identifier: Apache-2.0
/* The commands of `berth runtime`. Each returns the exit status, or -1 with err filled: status 1. */
#ifndef BERTH_RUNTIME_OCI_COMMANDS_H
#define BERTH_RUNTIME_OCI_COMMANDS_H

#include "runtime/oci/options.h"
#include "runtime/oci/state.h"

enum { OCI_FAILED = 1, OCI_EXEC_FAILED = 255 };

/* `berth-runtime …`. */
int oci_main(int argc, char **argv);
/* `berth runtime …`: argv[0] is "runtime", and argv[-1] the program's name. */
int oci_command_main(int argc, char **argv);

int command_create(const struct runtime_options *options, struct error *err);
int command_start(const struct runtime_options *options, struct error *err);
int command_run(const struct runtime_options *options, struct error *err);
int command_state(const struct runtime_options *options, struct error *err);
int command_kill(const struct runtime_options *options, struct error *err);
int command_delete(const struct runtime_options *options, struct error *err);
int command_exec(const struct runtime_options *options, struct error *err);
int command_list(const struct runtime_options *options, struct error *err);
int command_ps(const struct runtime_options *options, struct error *err);
int command_pause(const struct runtime_options *options, struct error *err);
int command_resume(const struct runtime_options *options, struct error *err);
int command_update(const struct runtime_options *options, struct error *err);
int command_events(const struct runtime_options *options, struct error *err);
int command_features(const struct runtime_options *options, struct error *err);
int command_spec(const struct runtime_options *options, struct error *err);

/* To the log (--log) or the standard error. */
void oci_log(const char *level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* self.c: goes on from a program that no container can write to; returns when this one is such. */
int go_out_of_reach(char **argv, struct error *err);

/* What run is made of. *notify is the container's notify socket, owned, or -1 (notify.h). */
int start_container(struct state *state, int *notify, struct error *err);
/* Ends what is left of a stopped container, runs poststop hooks, and forgets it. */
int delete_container(struct state *state, struct error *err);
/* The container's cgroup directory, owned. */
int container_cgroup(const struct state *state, struct error *err);
/* Writes the number so that nobody sees half of it. */
int write_pid_file(const char *path, pid_t pid, struct error *err);
/* Connects to a Unix stream socket. */
int connect_socket(const char *path, struct error *err);
/* The same for the one who answers for SCMP_ACT_NOTIFY. */
int connect_agent(const char *path, struct error *err);
/* "3" → 3, plus those of socket activation. Numbers among them that are not open are kept busy until
 * execve, so that nothing of the runtime's own gets one. Before anything else is opened. */
int reserve_descriptors(const char *text, unsigned *out, struct error *err);

/* foreground.c: waits for the process, passing signals on and, with master >= 0, relaying the
 * terminal; with notify >= 0 (notify.h) it tells the service manager that the container is ready.
 * Returns its exit status, 128+signal when killed. */
int foreground_wait(pid_t pid, int pidfd, int master, int notify, struct error *err);

#endif
