// SPDX-License-Identifier: Apache-2.0
/* Acts of the probe program that live in files of their own. */
#ifndef BERTH_QEMU_TESTS_PROBE_H
#define BERTH_QEMU_TESTS_PROBE_H

/* Prints "NAME: ERROR" for system calls that a container must not be able to make. */
int probe_syscalls(long argument);
/* Writes `argument` numbered lines at once, and a last line without a newline. */
int probe_burst(long argument);
/* Takes all of what containers share with PID 1, see probe_greedy.c. */
int probe_greedy(const char *what, const char *port);
/* Makes `argument` zombies, ends with 4. */
int probe_corpses(long argument);
/* After SIGTERM writes `argument` lines and ends with 5. */
int probe_flood(long argument);
/* Writes without end; SIGTERM ends it with 5. */
int probe_babble(long argument);
/* Asks an HTTP server at a numeric address and prints the first line of its answer. */
int probe_connect(const char *address, const char *port);
/* Prints everything about a tree, see probe_tree.c. */
int probe_tree(const char *path);
/* As PID 1: the same for the file system on /dev/vda, to the virtio-serial port; then off. */
int probe_disk(void);

#endif
