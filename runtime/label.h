// SPDX-License-Identifier: Apache-2.0
/* Labels of Linux security modules for the program to come. */
#ifndef BERTH_RUNTIME_LABEL_H
#define BERTH_RUNTIME_LABEL_H

#include "lib/error.h"

#include <stdbool.h>

/* The kernel has the module and it is switched on. */
bool label_has_apparmor(void);
bool label_has_selinux(void);

/* Applies what is not NULL at execve. A label for a module that this kernel does not run is an
 * error: the container would be less confined than asked for. */
int label_set(const char *apparmor, const char *selinux, struct error *err);

#endif
