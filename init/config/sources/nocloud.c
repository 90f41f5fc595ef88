// SPDX-License-Identifier: Apache-2.0
/* NoCloud, the disk: a file system labelled cidata with user-data and meta-data (cloud-init's
 * documentation, "NoCloud"). */
#include "init/config/sources/table.h"

#include "init/config/sources/disk.h"

static const char label[] = "cidata";

static bool hint(const struct config_search *search)
{
	return disk_is_there(search->volumes, label);
}

static int open_disk(const struct config_search *search, struct config_place *place,
		     struct error *err)
{
	static const char *const files[CONFIG_PLACE_FILES] = {"user-data", "meta-data"};
	return disk_open(search->volumes, label, files, place, err);
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	(void)search;
	return disk_user_data(place, "user-data", answer, err);
}

const struct config_source source_nocloud = {
	.name = "nocloud",
	.trust = TRUST_DISK,
	.local = true,
	.disk = true,
	.place = "a disk or CD labelled `cidata` (FAT, ISO 9660, ext2–4): its file `user-data`; the "
		 "host name from `meta-data`",
	.by = "`cloud-localds`, libvirt, Proxmox, every tool that makes a NoCloud seed",
	.example = "cloud-localds seed.img compose.yaml",
	.hint = hint,
	.open = open_disk,
	.fetch = fetch,
};
