// SPDX-License-Identifier: Apache-2.0
/* Disks with configuration: mounted where nobody sees them, opened, and gone again. */
#ifndef BERTH_INIT_CONFIG_SOURCES_DISK_H
#define BERTH_INIT_CONFIG_SOURCES_DISK_H

#include "init/config/sources/source.h"

/* Whether there is a volume with the label. */
bool disk_is_there(const struct volumes *volumes, const char *label);

/* Opens the files (relative paths; symbolic links are not followed) of the first volume with
 * the label, read-only. The mount is detached and ends with the last descriptor. A missing file is
 * -1 in place->fds. */
int disk_open(const struct volumes *volumes, const char *label,
	      const char *const files[CONFIG_PLACE_FILES], struct config_place *place,
	      struct error *err);

/* The answer of a disk whose first file, called `name`, is the user data and whose second is the
 * meta-data, for the host name. */
enum config_outcome disk_user_data(struct config_place *place, const char *name,
				   struct config_answer *answer, struct error *err);

#endif
