// SPDX-License-Identifier: Apache-2.0
/* QEMU's fw_cfg as the kernel shows it (Documentation/ABI/testing/sysfs-firmware-qemu_fw_cfg). */
#ifndef BERTH_INIT_CONFIG_SOURCES_FW_CFG_FILE_H
#define BERTH_INIT_CONFIG_SOURCES_FW_CFG_FILE_H

#include "init/config/sources/source.h"

#define FW_CFG_FOLDER "/sys/firmware/qemu_fw_cfg/by_name/opt/"

bool fw_cfg_has(const char *name);
/* Opens opt/NAME; its size goes to place->size. */
int fw_cfg_open(const char *name, struct config_place *place, struct error *err);
/* Each read costs the kernel a walk from the beginning, so the whole is read in as few as
 * possible and the end is not looked for. */
enum config_outcome fw_cfg_read(const struct config_place *place, struct config_answer *answer,
				struct error *err);

#endif
