// SPDX-License-Identifier: Apache-2.0
/* Kernel parameters of the container's namespaces. */
#ifndef BERTH_RUNTIME_SYSCTL_H
#define BERTH_RUNTIME_SYSCTL_H

#include "runtime/spec.h"

/* Sets them through a procfs of its own that nothing of the image can stand in front of
 * (CVE-2025-52881). Which of them belong to a namespace is the caller's to check:
 * sysctl_namespace(). */
int sysctl_apply(const struct sysctl *list, size_t count, struct error *err);

/* The namespace that a parameter belongs to; NAMESPACE_COUNT when it is the host's or unknown. */
enum spec_namespace sysctl_namespace(const char *name);

#endif
