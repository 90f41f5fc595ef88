// SPDX-License-Identifier: Apache-2.0
/* The options of a mount that are not the file system's own. */
#ifndef BERTH_RUNTIME_OCI_MOUNT_OPTIONS_H
#define BERTH_RUNTIME_OCI_MOUNT_OPTIONS_H

#include "runtime/spec.h"

enum mount_option_kind {
	MOUNT_OPTION_APPLIED,
	MOUNT_OPTION_BIND, /* it also makes the mount a bind mount */
	MOUNT_OPTION_DATA, /* not known here: the file system's */
};

/* Applies one option, such as "nosuid", "rro", "rbind" or "rslave". */
enum mount_option_kind mount_option_apply(const char *option, struct spec_mount *mount);
/* The name of option i, or NULL: for `features`. */
const char *mount_option_name(size_t i);

#endif
