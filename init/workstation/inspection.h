// SPDX-License-Identifier: Apache-2.0
/* What is known of an image before it is pulled, for people and for programs. */
#ifndef BERTH_INIT_WORKSTATION_INSPECTION_H
#define BERTH_INIT_WORKSTATION_INSPECTION_H

#include "images/pull/plan.h"

#include <stdio.h>

/* A table of layers, then what would be fetched. */
void inspection_plan(const struct pull_plan *plan, FILE *out);
/* One JSON object: reference, digest, platform, source, config (settings of the image), layers
 * (digest, diff_id, size, unpacked and whether that is an estimate). */
int inspection_json(const struct pull_plan *plan, FILE *out, struct error *err);

#endif
