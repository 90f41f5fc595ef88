// SPDX-License-Identifier: Apache-2.0
#include "init/boot/steps.h"

#include "images/store/packed.h"
#include "lib/file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>

static const char store[] = "/var/lib/berth";
static const char label[] = VOLUME_DATA;
static char store_device[VOLUME_NAME];

/* The first block device with the label; NULL when there is none. */
static const struct volume *find_disk(const struct volumes *volumes)
{
	for (size_t i = 0; i < volumes->count; i++)
		if (volumes->items[i].format == VOLUME_EXT4 &&
		    volume_has_label(&volumes->items[i], label))
			return &volumes->items[i];
	return NULL;
}

/* So early nothing is in use that could be taken back: free is available. */
static uint64_t available_bytes(void)
{
	struct sysinfo info;
	return sysinfo(&info) < 0 ? 0 : (uint64_t)info.freeram * info.mem_unit;
}

int boot_store_in_memory(struct error *err)
{
	char options[96];
	snprintf(options, sizeof options, "mode=0700,nr_inodes=0,size=%llu",
		 (unsigned long long)available_bytes() / 4 * 3);
	if (mount("tmpfs", store, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOATIME, options) < 0)
		return error_errno(err, errno, "mount a tmpfs on %s", store);
	return 0;
}

int boot_store(const struct volumes *volumes, char decision[DECISION_MAX], const char **source,
	       struct error *err)
{
	const struct volume *disk = find_disk(volumes);
	char device[VOLUME_NAME + 8];
	struct statvfs space;
	if (packed_restore("/" PACKED_NAME, err) < 0 || make_directories(store, 0700, err) < 0)
		return -1;
	*source = "memory";
	if (disk) {
		*source = "disk";
		snprintf(device, sizeof device, "/dev/%s", disk->device);
		if (mount(device, store, "ext4", MS_NOSUID | MS_NODEV | MS_NOATIME, "") < 0)
			return error_errno(err, errno, "mount %s (label %s) on %s", device, label,
					   store);
		chmod(store, 0700);
		snprintf(store_device, sizeof store_device, "%s", disk->device);
	} else if (boot_store_in_memory(err) < 0) {
		return -1;
	}
	if (statvfs(store, &space) < 0)
		return error_errno(err, errno, "look at %s", store);
	uint64_t tenths = (uint64_t)space.f_bavail * space.f_frsize / 100000;
	snprintf(decision, DECISION_MAX, "store on %s, %llu.%llu MB free",
		 **source == 'd' ? device : "memory", (unsigned long long)tenths / 10,
		 (unsigned long long)tenths % 10);
	return 0;
}

const char *boot_store_device(void)
{
	return store_device;
}
