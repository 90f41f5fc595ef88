// SPDX-License-Identifier: Apache-2.0
#include "init/boot/steps.h"

#include "images/packed.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>

static const char store[] = "/var/lib/berth";
static const char label[] = "berth-data";

/* The ext2/3/4 superblock (Documentation/filesystems/ext4/super.rst): at byte 1024; magic at 0x38,
 * label of 16 bytes at 0x78. */
static int has_label(const char *device)
{
	enum { SUPERBLOCK = 1024, MAGIC = 0x38, LABEL = 0x78, NEEDED = LABEL + 16 };
	unsigned char block[NEEDED];
	_cleanup_close_ int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || pread(fd, block, sizeof block, SUPERBLOCK) != sizeof block)
		return 0;
	return block[MAGIC] == 0x53 && block[MAGIC + 1] == 0xef &&
	       strncmp((char *)block + LABEL, label, 16) == 0;
}

/* The first block device with the label; -1 when there is none. */
static int find_disk(char *device, size_t capacity)
{
	_cleanup_closedir_ DIR *class = opendir("/sys/class/block");
	struct dirent *entry;
	while (class && (entry = readdir(class))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(device, capacity, "/dev/%.40s", entry->d_name);
		if (has_label(device))
			return 0;
	}
	return -1;
}

/* So early nothing is in use that could be taken back: free is available. */
static uint64_t available_bytes(void)
{
	struct sysinfo info;
	return sysinfo(&info) < 0 ? 0 : (uint64_t)info.freeram * info.mem_unit;
}

static int mount_memory(struct error *err)
{
	char options[96];
	snprintf(options, sizeof options, "mode=0700,nr_inodes=0,size=%llu",
		 (unsigned long long)available_bytes() / 4 * 3);
	if (mount("tmpfs", store, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOATIME, options) < 0)
		return error_errno(err, errno, "mount a tmpfs on %s", store);
	return 0;
}

int boot_store(char decision[DECISION_MAX], const char **source, struct error *err)
{
	char device[64];
	struct statvfs space;
	if (packed_restore("/" PACKED_NAME, err) < 0 || make_directories(store, 0700, err) < 0)
		return -1;
	*source = "memory";
	if (find_disk(device, sizeof device) == 0) {
		*source = "disk";
		if (mount(device, store, "ext4", MS_NOSUID | MS_NODEV | MS_NOATIME, "") < 0)
			return error_errno(err, errno, "mount %s (label %s) on %s", device, label,
					   store);
		chmod(store, 0700);
	} else if (mount_memory(err) < 0) {
		return -1;
	}
	if (statvfs(store, &space) < 0)
		return error_errno(err, errno, "look at %s", store);
	snprintf(decision, DECISION_MAX, "store on %s, %.1f MB free",
		 **source == 'd' ? device : "memory",
		 (double)space.f_bavail * (double)space.f_frsize / 1e6);
	return 0;
}
