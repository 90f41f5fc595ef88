// SPDX-License-Identifier: Apache-2.0
/* The commands of `berth` on a workstation. */
#ifndef BERTH_INIT_WORKSTATION_H
#define BERTH_INIT_WORKSTATION_H

/* Dispatches argv[1]: boot, version, help, …. Returns the exit status. */
int workstation_main(int argc, char **argv);

#endif
