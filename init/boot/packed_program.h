// SPDX-License-Identifier: Apache-2.0
/* Programs that lie compressed (zstd) in the initramfs, because few machines need them and the initramfs
 * takes memory. */
#ifndef BERTH_INIT_BOOT_PACKED_PROGRAM_H
#define BERTH_INIT_BOOT_PACKED_PROGRAM_H

#include "lib/error.h"

/* The program as a file in memory, for fexecve(); -1 with err. For a child that execs it. */
int packed_program_open(const char *path, struct error *err);

#endif
