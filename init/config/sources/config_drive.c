// SPDX-License-Identifier: Apache-2.0
/* OpenStack's config drive: a file system labelled config-2 (OpenStack's documentation of Nova,
 * "Config drives"). */
#include "init/config/sources/table.h"

#include "init/config/sources/disk.h"

static const char label[] = "config-2";

static bool hint(const struct config_search *search)
{
	return disk_is_there(search->volumes, label);
}

static int open_disk(const struct config_search *search, struct config_place *place,
		     struct error *err)
{
	static const char *const files[CONFIG_PLACE_FILES] = {"openstack/latest/user_data",
							      "openstack/latest/meta_data.json"};
	return disk_open(search->volumes, label, files, place, err);
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	(void)search;
	return disk_user_data(place, "openstack/latest/user_data", answer, err);
}

const struct config_source source_config_drive = {
	.name = "config-drive",
	.trust = TRUST_DISK,
	.local = true,
	.disk = true,
	.place = "a disk or CD labelled `config-2`: its file `openstack/latest/user_data`; the host "
		 "name from `meta_data.json`",
	.by = "OpenStack and other clouds that offer a config drive",
	.example = "genisoimage -R -V config-2 -o drive.iso folder",
	.hint = hint,
	.open = open_disk,
	.fetch = fetch,
};
