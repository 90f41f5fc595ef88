// SPDX-License-Identifier: Apache-2.0
/*
 * QEMU's isa-debugcon device at I/O port 0xf8 (qemu: hw/char/debugcon.c): bytes that are written go to the host.
 * Unlike a virtio-serial port, which holds up to 4 MiB of the machine's memory for what the host might send, it takes
 * none. It cannot be enumerated; it is taken to be there when this is QEMU (fw_cfg) and the port reads 0xe9, where an
 * empty port reads all ones.
 */
#ifndef BERTH_INIT_SUPERVISE_DEBUG_CONSOLE_H
#define BERTH_INIT_SUPERVISE_DEBUG_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/* Waits until the host has taken it all. False when there is no such device. */
bool debug_console_write(const void *bytes, size_t size);

#endif
