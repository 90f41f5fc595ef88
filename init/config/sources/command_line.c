// SPDX-License-Identifier: Apache-2.0
/* A whole document on the kernel command line. (Its keys are read by init/config/command_line.c.)
 */
#include "init/config/sources/table.h"

static const char prefix[] = "data:";

static bool hint(const struct config_search *search)
{
	return search->target && strncmp(search->target, prefix, sizeof prefix - 1) == 0;
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	(void)place;
	answer->base64 = true;
	return config_take_text(hint(search) ? search->target + sizeof prefix - 1 : NULL,
				"berth.config", answer, err);
}

const struct config_source source_command_line = {
	.name = "command-line",
	.trust = TRUST_COMMAND_LINE,
	.local = true,
	.place = "`berth.config=data:BASE64` on the kernel command line, most often of a gzip",
	.by = "the boot loader, `-append`",
	.example = "berth.config=data:$(gzip -9c compose.yaml \\| base64 -w0)",
	.hint = hint,
	.fetch = fetch,
};
