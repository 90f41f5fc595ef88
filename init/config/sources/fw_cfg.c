// SPDX-License-Identifier: Apache-2.0
/* QEMU's fw_cfg. */
#include "init/config/sources/table.h"

#include "init/config/sources/fw_cfg_file.h"

static const char name[] = "org.berth/config";

static bool hint(const struct config_search *search)
{
	(void)search;
	return fw_cfg_has(name);
}

static int open_item(const struct config_search *search, struct config_place *place,
		     struct error *err)
{
	(void)search;
	return fw_cfg_open(name, place, err);
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	(void)search;
	return fw_cfg_read(place, answer, err);
}

const struct config_source source_fw_cfg = {
	.name = "fw_cfg",
	.trust = TRUST_COMMAND_LINE,
	.local = true,
	.place = "`opt/org.berth/config` of QEMU's fw_cfg",
	.by = "whoever starts QEMU; tens of KiB at most, for it is slow",
	.example = "-fw_cfg name=opt/org.berth/config,file=compose.yaml",
	.hint = hint,
	.open = open_item,
	.fetch = fetch,
};
