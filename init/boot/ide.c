// SPDX-License-Identifier: Apache-2.0
#include "init/boot/ide.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 400, POLL_US = 10000, CONTROLLERS_MAX = 8, NAME_SIZE = 40 };

static const char driver[] = "bus/pci/drivers/ata_generic/new_id";

struct controllers {
	size_t count;
	char names[CONTROLLERS_MAX][NAME_SIZE]; /* "0000:00:01.1" */
};

/* What is seen below the controllers. */
struct seen {
	const char *dev; /* the folder of device nodes */
	unsigned drives; /* disks and CD drives behind the channels */
	unsigned blocks; /* of which so many are block devices that open */
	bool busy;       /* a channel is not done */
};

/* One line below `dir`, without its end; "" when it cannot be read. */
static void read_line(int dir, const char *path, char *out, size_t capacity)
{
	if (file_read(dir, path, out, capacity, NULL) < 0)
		out[0] = 0;
	out[strcspn(out, "\n")] = 0;
}

static DIR *open_class(const char *sys, const char *name)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%.150s/%s", sys, name);
	return opendir(path);
}

static bool has_driver(int devices, const char *name)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%.100s/driver", name);
	return faccessat(devices, path, F_OK, 0) == 0;
}

static bool is_ide(int devices, const char *name)
{
	char path[PATH_SIZE], class[32];
	snprintf(path, sizeof path, "%.100s/class", name);
	read_line(devices, path, class, sizeof class);
	return strncmp(class, "0x0101", 6) == 0;
}

/* Those that no driver has. */
static void find(const char *sys, struct controllers *out)
{
	_cleanup_closedir_ DIR *devices = open_class(sys, "bus/pci/devices");
	out->count = 0;
	for (struct dirent *entry; devices && (entry = readdir(devices));) {
		const char *name = entry->d_name;
		if (name[0] == '.' || strlen(name) >= NAME_SIZE || out->count == CONTROLLERS_MAX ||
		    !is_ide(dirfd(devices), name) || has_driver(dirfd(devices), name))
			continue;
		memcpy(out->names[out->count++], name, strlen(name) + 1);
	}
}

bool ide_waits(const char *sys)
{
	struct controllers controllers;
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%.150s/%s", sys, driver);
	if (access(path, F_OK) < 0)
		return false;
	find(sys, &controllers);
	return controllers.count > 0;
}

/* Of "0x8086" and "0x7010": "8086 7010". */
static int give(const char *sys, const char *name, struct error *err)
{
	char path[PATH_SIZE], vendor[32], device[32], id[72];
	snprintf(path, sizeof path, "%.150s/bus/pci/devices/%s/driver", sys, name);
	if (access(path, F_OK) == 0)
		return 0; /* taken along with another one of its kind */
	snprintf(path, sizeof path, "%.150s/bus/pci/devices/%s/vendor", sys, name);
	read_line(AT_FDCWD, path, vendor, sizeof vendor);
	snprintf(path, sizeof path, "%.150s/bus/pci/devices/%s/device", sys, name);
	read_line(AT_FDCWD, path, device, sizeof device);
	if (strncmp(vendor, "0x", 2) != 0 || strncmp(device, "0x", 2) != 0)
		return error_set(err, "the IDE controller %s has no numbers", name);
	snprintf(id, sizeof id, "%s %s", vendor + 2, device + 2);
	snprintf(path, sizeof path, "%.150s/%s", sys, driver);
	return file_put(AT_FDCWD, path, id, err);
}

/* The link of an entry of a class leads through the folder of its controller. */
static bool is_below(const struct controllers *controllers, int class, const char *name)
{
	char link[PATH_SIZE], part[NAME_SIZE + 8];
	ssize_t length = name[0] == '.' ? -1 : readlinkat(class, name, link, sizeof link - 1);
	if (length < 0)
		return false;
	link[length] = 0;
	for (size_t i = 0; i < controllers->count; i++) {
		snprintf(part, sizeof part, "/%s/ata", controllers->names[i]);
		if (strstr(link, part))
			return true;
	}
	return false;
}

/* A channel's first reset changes this mode; before it, the channel waits for its turn. */
static void look_at_turn(int class, const char *name, struct seen *seen)
{
	char path[PATH_SIZE], text[32];
	snprintf(path, sizeof path, "%.100s/pio_mode", name);
	read_line(class, path, text, sizeof text);
	seen->busy = seen->busy || strcmp(text, "XFER_PIO_SLOW") == 0;
}

static void look_at_host(int class, const char *name, struct seen *seen)
{
	char path[PATH_SIZE], state[32];
	snprintf(path, sizeof path, "%.100s/state", name);
	read_line(class, path, state, sizeof state);
	seen->busy = seen->busy || strcmp(state, "running") != 0;
}

static void look_at_drive(int class, const char *name, struct seen *seen)
{
	char path[PATH_SIZE], text[32];
	snprintf(path, sizeof path, "%.100s/class", name);
	read_line(class, path, text, sizeof text);
	seen->drives += strcmp(text, "ata") == 0 || strcmp(text, "atapi") == 0;
}

/* The kernel lists a block device before it has a node, and makes the node before it opens. */
static bool opens(const char *dev, const char *name)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%.150s/%.100s", dev, name);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 || (errno != ENOENT && errno != ENXIO);
}

static void look_at_block(int class, const char *name, struct seen *seen)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%.100s/partition", name);
	seen->blocks += faccessat(class, path, F_OK, 0) < 0 && opens(seen->dev, name);
}

/* In this order: a channel whose turn has come and that then runs again is done; the drives that are
 * there then are all there are, and each gets its block device. */
static struct seen look(const char *sys, const char *dev, const struct controllers *controllers)
{
	static const struct {
		const char *name;
		void (*look)(int class, const char *name, struct seen *seen);
	} classes[] = {
		{"class/ata_device", look_at_turn},
		{"class/scsi_host", look_at_host},
		{"class/ata_device", look_at_drive},
		{"class/block", look_at_block},
	};
	struct seen seen = {.dev = dev};
	for (size_t i = 0; i < countof(classes) && !seen.busy; i++) {
		_cleanup_closedir_ DIR *class = open_class(sys, classes[i].name);
		for (struct dirent *entry; class && (entry = readdir(class));)
			if (is_below(controllers, dirfd(class), entry->d_name))
				classes[i].look(dirfd(class), entry->d_name, &seen);
	}
	return seen;
}

int ide_probe(const char *sys, const char *dev, unsigned timeout_ms, struct error *err)
{
	uint64_t deadline = monotonic_ns() + timeout_ms * UINT64_C(1000000);
	struct controllers controllers;
	struct seen seen;
	find(sys, &controllers);
	for (size_t i = 0; i < controllers.count; i++)
		if (give(sys, controllers.names[i], err) < 0)
			return -1;
	while (seen = look(sys, dev, &controllers), seen.busy || seen.blocks < seen.drives) {
		if (monotonic_ns() >= deadline)
			return error_set(err, "an IDE controller has not answered in %u ms",
					 timeout_ms);
		usleep(POLL_US);
	}
	return (int)seen.blocks;
}
