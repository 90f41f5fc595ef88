// SPDX-License-Identifier: Apache-2.0
/*
 * The strings of the firmware's table (DMTF DSP0134, "OEM Strings", type 11): where a hypervisor
 * leaves texts for its guest. The bytes come from outside.
 */
#ifndef BERTH_INIT_CONFIG_SMBIOS_H
#define BERTH_INIT_CONFIG_SMBIOS_H

#include <stddef.h>

#define SMBIOS_TABLE "/sys/firmware/dmi/tables/DMI"

enum { SMBIOS_TABLE_MAX = 256 * 1024, SMBIOS_OEM_STRINGS = 11 };

/* The first string of a structure of the given type that begins with `prefix`: what follows the
 * prefix, up to its NUL, which lies in the table. NULL when there is none. A table that is cut or
 * malformed ends there. */
const char *smbios_string(const void *table, size_t size, unsigned type, const char *prefix);

#endif
