// SPDX-License-Identifier: Apache-2.0
/* NoCloud, the disk: a file system labelled cidata with user-data and meta-data (cloud-init's
 * documentation, "NoCloud"). */
#include "init/config/sources/table.h"

#include "init/config/sources/disk.h"
#include "init/config/sources/meta_data.h"

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
	char where[CONFIG_WHERE];
	if (place->fds[0] < 0) {
		error_set(err, "%s has no user-data", place->where);
		return CONFIG_NOTHING;
	}
	snprintf(where, sizeof where, "%.100s, user-data", place->where);
	meta_data_hostname_of_file(place->fds[1], answer->hostname);
	return config_read_fd(place->fds[0], where, answer, err);
}

const struct config_source source_nocloud = {
	.name = "nocloud",
	.trust = TRUST_DISK,
	.local = true,
	.place = "a disk or CD labelled `cidata` (FAT, ISO 9660, ext2–4): its file `user-data`; "
		 "the host "
		 "name from `meta-data`",
	.by = "`cloud-localds`, libvirt, Proxmox, every tool that makes a NoCloud seed",
	.example = "cloud-localds seed.img compose.yaml",
	.hint = hint,
	.open = open_disk,
	.fetch = fetch,
};
