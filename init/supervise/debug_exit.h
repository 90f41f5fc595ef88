// SPDX-License-Identifier: Apache-2.0
/*
 * QEMU's isa-debug-exit device at I/O port 0xf4 (qemu: hw/misc/debugexit.c): a write ends QEMU. It
 * cannot be enumerated; it is taken to be there when this is QEMU (fw_cfg) and the port reads 0,
 * where an empty port reads all ones.
 */
#ifndef BERTH_INIT_SUPERVISE_DEBUG_EXIT_H
#define BERTH_INIT_SUPERVISE_DEBUG_EXIT_H

/* Ends QEMU when the device is there; otherwise returns. */
void debug_exit(unsigned char value);

#endif
