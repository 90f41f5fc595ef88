// SPDX-License-Identifier: Apache-2.0
/* IDE controllers, in a tree that looks like sysfs; and the list of disks that a child sends. */
#include "init/boot/ide.h"

#include "init/supervise/errand.h"
#include "init/supervise/late_disks.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

#define CARD "devices/pci0000:00/0000:00:01.1"

static char sys[] = "/tmp/berth-ide-XXXXXX";

static void put(const char *path, const char *text)
{
	char whole[300], folder[300];
	snprintf(whole, sizeof whole, "%s/%s", sys, path);
	snprintf(folder, sizeof folder, "%s", whole);
	*strrchr(folder, '/') = 0;
	make_directories(folder, 0755, NULL);
	ok(file_write(AT_FDCWD, whole, text, strlen(text), 0644, NULL) == 0, "made %s", path);
}

static void link_to(const char *path, const char *target)
{
	char whole[300], folder[300];
	snprintf(whole, sizeof whole, "%s/%s", sys, path);
	snprintf(folder, sizeof folder, "%s", whole);
	*strrchr(folder, '/') = 0;
	make_directories(folder, 0755, NULL);
	ok(symlink(target, whole) == 0, "linked %s", path);
}

static void read_id(char out[64])
{
	char path[300];
	snprintf(path, sizeof path, "%s/bus/pci/drivers/ata_generic/new_id", sys);
	if (file_read(AT_FDCWD, path, out, 64, NULL) < 0)
		*out = 0;
}

static void make_controller(void)
{
	put(CARD "/class", "0x010180\n");
	put(CARD "/vendor", "0x8086\n");
	put(CARD "/device", "0x7010\n");
	link_to("bus/pci/devices/0000:00:01.1", "../../../" CARD);
	put("devices/pci0000:00/0000:00:02.0/class", "0x010601\n");
	link_to("bus/pci/devices/0000:00:02.0", "../../../devices/pci0000:00/0000:00:02.0");
}

/* What the kernel shows while it looks, and afterwards. */
static void make_channel(const char *state, const char *mode, const char *kind)
{
	put(CARD "/ata1/host0/scsi_host/host0/state", state);
	put(CARD "/ata1/link1/dev1.0/ata_device/dev1.0/pio_mode", mode);
	put(CARD "/ata1/link1/dev1.0/ata_device/dev1.0/class", kind);
}

static void test_probe(void)
{
	struct error err = ERROR_INIT;
	char id[64], dev[100];
	snprintf(dev, sizeof dev, "%s/dev", sys);
	ok(!ide_waits(sys), "no driver: nothing to wait for");
	make_controller();
	put("bus/pci/drivers/ata_generic/new_id", "");
	ok(ide_waits(sys), "a controller without a driver");
	link_to("class/scsi_host/host0", "../../" CARD "/ata1/host0/scsi_host/host0");
	link_to("class/ata_device/dev1.0", "../../" CARD "/ata1/link1/dev1.0/ata_device/dev1.0");
	make_channel("running\n", "XFER_PIO_SLOW\n", "unknown\n");
	ok(ide_probe(sys, dev, 30, &err) < 0 && strstr(err.text, "30 ms"), "its turn has not come: %s",
	   err.text);
	read_id(id);
	is(id, "8086 7010", "the driver was told");
	make_channel("recovery\n", "XFER_PIO_0\n", "unknown\n");
	ok(ide_probe(sys, dev, 30, &err) < 0, "it is being looked at");
	make_channel("running\n", "XFER_PIO_0\n", "atapi\n");
	ok(ide_probe(sys, dev, 30, &err) < 0, "the drive has no block device yet");
	put(CARD "/ata1/host0/target0:0:0/0:0:0:0/block/sr0/size", "0\n");
	link_to("class/block/sr0", "../../" CARD "/ata1/host0/target0:0:0/0:0:0:0/block/sr0");
	put(CARD "/ata1/host0/target0:0:0/0:0:0:0/block/sr0/sr01/partition", "1\n");
	link_to("class/block/sr01", "../../" CARD "/ata1/host0/target0:0:0/0:0:0:0/block/sr0/sr01");
	ok(ide_probe(sys, dev, 30, &err) < 0, "it has no node yet");
	put("dev/sr0", "");
	ok(ide_probe(sys, dev, 1000, &err) == 1, "one drive: %s", err.text);
	link_to(CARD "/driver", "x");
	put(CARD "/x/y", "");
	ok(!ide_waits(sys), "a controller that has its driver waits for nothing");
}

static void test_list(void)
{
	static unsigned char storage[ERRAND_FRAME_MAX];
	static struct volumes from, to;
	struct frame frame, cut;
	unsigned wrong = 0;
	from.count = VOLUMES_MAX;
	for (size_t i = 0; i < VOLUMES_MAX; i++) {
		struct volume *volume = &from.items[i];
		volume->format = VOLUME_ISO9660;
		memset(volume->device, 'd', sizeof volume->device - 1);
		memset(volume->label, 'l', sizeof volume->label - 1);
	}
	frame_begin(&frame, 1, storage, sizeof storage);
	volumes_put(&frame, &from);
	ok(!frame.bad, "the longest list fits");
	frame.at = 1;
	cut = frame;
	volumes_get(&cut, &to);
	ok(frame_done(&cut) && to.count == VOLUMES_MAX &&
		   strcmp(to.items[9].label, from.items[9].label) == 0,
	   "and is read");
	for (size_t size = 1; size < frame.size; size++) {
		cut = frame;
		cut.size = size;
		volumes_get(&cut, &to);
		wrong += frame_done(&cut);
	}
	ok(wrong == 0, "no cut list is taken");
	strcpy(from.items[3].device, "../x");
	frame_begin(&frame, 1, storage, sizeof storage);
	volumes_put(&frame, &from);
	frame.at = 1;
	volumes_get(&frame, &to);
	ok(!frame_done(&frame), "nor a device that is a path");
}

int main(void)
{
	if (!mkdtemp(sys))
		return 1;
	test_probe();
	test_list();
	char command[100];
	snprintf(command, sizeof command, "rm -rf %s", sys);
	ok(system(command) == 0, "cleaned up");
	return tap_end();
}
