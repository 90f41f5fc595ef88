// SPDX-License-Identifier: Apache-2.0
/* Acts of the probe program that live in files of their own. */
#ifndef BERTH_QEMU_TESTS_PROBE_H
#define BERTH_QEMU_TESTS_PROBE_H

/* Prints "NAME: ERROR" for system calls that a container must not be able to make. */
int probe_syscalls(long argument);
/* Writes `argument` numbered lines at once, and a last line without a newline. */
int probe_burst(long argument);

#endif
