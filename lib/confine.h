// SPDX-License-Identifier: Apache-2.0
/*
 * What every child that touches outside bytes does first: close what it should not have, limit
 * itself, drop its identity and capabilities, and lock the door behind it (no_new_privs, Landlock,
 * a seccomp allow-list). One policy per kind of worker, written as a constant table.
 */
#ifndef BERTH_LIB_CONFINE_H
#define BERTH_LIB_CONFINE_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum confine_access {
	CONFINE_READ = 1,  /* open and read files and directories below */
	CONFINE_WRITE = 2, /* create, write, rename, link and remove below, any file type */
	CONFINE_EXECUTE = 4, /* execute files (a program's own file needs CONFINE_READ too) */
};

struct confine_path {
	const char *path; /* must exist unless optional; ends the list when NULL */
	unsigned access;  /* CONFINE_READ | CONFINE_WRITE | CONFINE_EXECUTE */
	bool optional;    /* a missing path is skipped */
};

struct confine_policy {
	const char *name;                /* process name, shown in ps and in messages */
	uid_t uid;                       /* 0 keeps the user (then keep_capabilities limits it) */
	gid_t gid;
	uint64_t keep_capabilities;      /* bit per CAP_*; all others leave every set */
	bool network;                    /* false: Landlock refuses TCP bind and connect */
	const struct confine_path *paths;
	const uint16_t *syscalls;        /* allowed numbers, ends with UINT16_MAX; any other call
	                                    kills the process with SIGSYS */
	bool threads;                    /* clone() too, but only to make a thread */
	uint64_t address_space;          /* RLIMIT_AS in bytes, 0 = no limit */
	unsigned open_files;             /* RLIMIT_NOFILE, 0 = 64 */
};

enum {
	CONFINE_UID_FETCH = 901,  /* talks HTTP and TLS, parses manifests, inflates layers */
	CONFINE_UID_CONFIG = 903, /* parses configuration */
	CONFINE_UID_NET = 904,    /* DHCP */
	CONFINE_UID_LOG = 905,    /* writes container output to the console */
	CONFINE_UID_TEST = 906,   /* asks containers over the network whether they are well */
};

/* Applies the policy to the calling process, which must be single-threaded. Call it after
 * everything that needs privilege is open. Under a kernel without Landlock or when not root (tests
 * on a workstation) the parts that cannot be had are left out; in the machine (`strict`) each part is required. */
int confine_self(const struct confine_policy *policy, bool strict, struct error *err);

/* Closes every descriptor from 3 up except those in keep[0..count), at most 4096. */
void confine_close_fds(const int *keep, unsigned count);

/* Puts the default disposition back on every signal and unblocks all: a forked worker must not
 * inherit PID 1's signal mask. */
void confine_reset_signals(void);

#endif
