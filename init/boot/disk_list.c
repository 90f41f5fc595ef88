// SPDX-License-Identifier: Apache-2.0
#include "init/boot/disk_list.h"

#include "init/boot/volume.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/file.h"
#include "lib/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECTOR = 512, LEAST_BYTES = 32 << 20, FRAME_SIZE = 16 * 1024 };

static const char class[] = "/sys/class/block";

/* A file below the device's folder without its line's end; "" when there is none. */
static void read_fact(const char *device, const char *name, char *out, size_t capacity)
{
	char path[120];
	snprintf(path, sizeof path, "%s/%.32s/%s", class, device, name);
	if (file_read(AT_FDCWD, path, out, capacity, NULL) < 0)
		out[0] = 0;
	out[strcspn(out, "\n")] = 0;
}

/* virtio-blk has a file of that name; SCSI and ATA have page 0x80 of SPC's vital product data, whose
 * text begins at its fifth byte. */
static void read_serial(struct disk *disk)
{
	char page[128], path[120];
	read_fact(disk->device, "serial", disk->serial, sizeof disk->serial);
	if (*disk->serial)
		return;
	snprintf(path, sizeof path, "%s/%.32s/device/vpd_pg80", class, disk->device);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, page, sizeof page - 1);
	if (size <= 4)
		return;
	page[size] = 0;
	const char *text = page + 4 + strspn(page + 4, " ");
	snprintf(disk->serial, sizeof disk->serial, "%s", text);
	for (size_t end = strlen(disk->serial); end > 0 && disk->serial[end - 1] == ' ';)
		disk->serial[--end] = 0;
}

static bool has_parts(const char *device)
{
	char path[120];
	snprintf(path, sizeof path, "%s/%.32s", class, device);
	_cleanup_closedir_ DIR *folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));)
		if (strncmp(entry->d_name, device, strlen(device)) == 0)
			return true;
	return false;
}

static bool is_disk(const char *device)
{
	static const char *const others[] = {"sr", "loop", "ram", "zram", "fd", "dm-", "md", "nbd"};
	for (size_t i = 0; i < countof(others); i++)
		if (strncmp(device, others[i], strlen(others[i])) == 0)
			return false;
	return device[0] != '.';
}

static void read_facts(const char *device, struct disk *out)
{
	char text[64];
	*out = (struct disk){0};
	snprintf(out->device, sizeof out->device, "%s", device);
	read_fact(device, "size", text, sizeof text);
	out->bytes = strtoull(text, NULL, 10) * SECTOR;
	read_fact(device, "ro", text, sizeof text);
	out->read_only = strcmp(text, "0") != 0;
	read_fact(device, "partition", text, sizeof text);
	out->is_part = *text;
	out->has_parts = has_parts(device);
	read_serial(out);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct disk *)a)->device, ((const struct disk *)b)->device);
}

static void list_all(struct disk_list *out)
{
	_cleanup_closedir_ DIR *folder = opendir(class);
	out->count = 0;
	for (struct dirent *entry; folder && out->count < DISKS_MAX && (entry = readdir(folder));)
		if (is_disk(entry->d_name) && strlen(entry->d_name) < sizeof out->items->device)
			read_facts(entry->d_name, &out->items[out->count++]);
	qsort(out->items, out->count, sizeof *out->items, compare);
}

static int confine(struct error *err)
{
	__attribute__((unused)) static const uint16_t calls[] = {
		__NR_pread64, __NR_write, __NR_sendto, __NR_sendmsg, __NR_close, __NR_brk,
		__NR_mmap, __NR_munmap, __NR_rt_sigreturn, __NR_exit, __NR_exit_group, UINT16_MAX};
	static const struct confine_path nothing[] = {{NULL, 0, false}};
	const struct confine_policy policy = {
		.name = "berth-disks",
		.uid = CONFINE_UID_CONFIG,
		.gid = CONFINE_UID_CONFIG,
		.paths = nothing,
		.open_files = DISKS_MAX + 16,
#ifndef __GLIBC__
		.syscalls = calls,
#endif
	};
	return confine_self(&policy, true, err);
}

/* The frame has for each disk its content, label, UUID and whether it has errors. */
static _Noreturn void read_all(const struct disk_list *list, const int *fds, int to)
{
	static unsigned char storage[FRAME_SIZE];
	struct error err = ERROR_INIT;
	struct disk_reading reading;
	struct frame frame;
	if (confine(&err) < 0)
		_exit(1);
	frame_begin(&frame, 1, storage, sizeof storage);
	for (size_t i = 0; i < list->count; i++) {
		disk_content_read(fds[i], list->items[i].bytes, &reading);
		frame_put_u64(&frame, reading.content);
		frame_put_string(&frame, reading.label);
		frame_put_string(&frame, reading.uuid);
		frame_put_u64(&frame, reading.errors);
	}
	_exit(frame_send(to, &frame, NULL) < 0);
}

static int take_readings(int from, struct disk_list *list, struct error *err)
{
	static unsigned char storage[FRAME_SIZE];
	struct frame frame;
	if (frame_receive(from, &frame, storage, sizeof storage, err) <= 0)
		return error_set(err, "what is on the disks could not be read");
	for (size_t i = 0; i < list->count; i++) {
		struct disk_reading *reading = &list->items[i].reading;
		uint64_t content = frame_get_u64(&frame);
		frame_get_text(&frame, reading->label, sizeof reading->label);
		frame_get_text(&frame, reading->uuid, sizeof reading->uuid);
		reading->errors = frame_get_u64(&frame) == 1;
		reading->content = content <= CONTENT_EMPTY ? (enum disk_content)content : CONTENT_OTHER;
	}
	return frame_done(&frame) ? 0 : error_set(err, "malformed answer about the disks");
}

static void open_all(const struct disk_list *list, int *fds)
{
	for (size_t i = 0; i < list->count; i++) {
		char path[48];
		snprintf(path, sizeof path, "/dev/%s", list->items[i].device);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
}

int disk_list_read(struct disk_list *out, struct error *err)
{
	int fds[DISKS_MAX], ends[2], status;
	if (frame_socketpair(ends, err) < 0)
		return -1;
	_cleanup_close_ int ours = ends[0], theirs = ends[1];
	list_all(out);
	open_all(out, fds);
	pid_t pid = fork();
	if (pid == 0)
		read_all(out, fds, theirs);
	close(steal_fd(&theirs));
	for (size_t i = 0; i < out->count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (pid < 0)
		return error_errno(err, errno, "fork a reader of disks");
	int result = take_readings(ours, out, err);
	waitpid(pid, &status, 0);
	return result;
}

/* All that does not depend on what is on it. */
static bool fits(const struct disk *disk, const struct data_disk *wanted)
{
	if (*wanted->device && strcmp(wanted->device, disk->device) != 0)
		return false;
	if (*wanted->serial && strcmp(wanted->serial, disk->serial) != 0)
		return false;
	if (disk->is_part && !*wanted->device && !*wanted->label && !*wanted->uuid)
		return false;
	return disk->bytes >= wanted->least && (!wanted->most || disk->bytes <= wanted->most);
}

static bool is_it(const struct disk *disk, const struct data_disk *wanted)
{
	const struct disk_reading *reading = &disk->reading;
	if (reading->content != CONTENT_EXT4 || !fits(disk, wanted))
		return false;
	const char *label = !data_disk_is_chosen(wanted) ? VOLUME_DATA : wanted->label;
	return (!*label || strcmp(label, reading->label) == 0) &&
	       (!*wanted->uuid || strcmp(wanted->uuid, reading->uuid) == 0);
}

/* An unused partition is formatted only when it is named. */
static bool can_be_formatted(const struct disk *disk, const struct data_disk *wanted)
{
	return wanted->format && fits(disk, wanted) && disk->reading.content == CONTENT_EMPTY &&
	       !disk->has_parts && !disk->read_only && disk->bytes >= LEAST_BYTES &&
	       (!disk->is_part || *wanted->device);
}

/* "vda (1.1 GB, serial x, not empty and not ext4)". */
static void describe(const struct disk *disk, char *out, size_t capacity)
{
	const struct disk_reading *reading = &disk->reading;
	bool ext4 = reading->content == CONTENT_EXT4;
	snprintf(out, capacity, "%s (%.1f MB%s%.40s, %s%s%s)", disk->device, (double)disk->bytes / 1e6,
		 *disk->serial ? ", serial " : "", disk->serial,
		 reading->content == CONTENT_EMPTY ? "empty"
		 : ext4			     ? "ext4"
		 : disk->has_parts	     ? "has partitions"
					     : "neither empty nor ext4",
		 ext4 && *reading->label ? " labelled " : "", ext4 ? reading->label : "");
}

static void explain(const struct disk_list *list, const struct data_disk *wanted, struct error *err)
{
	char all[360] = "", one[140];
	bool any = false;
	for (size_t i = 0; i < list->count; i++) {
		size_t used = strlen(all);
		const struct disk *disk = &list->items[i];
		describe(disk, one, sizeof one);
		if (used + strlen(one) + 3 < sizeof all)
			sprintf(all + used, "%s%s", used ? ", " : "", one);
		any = any || (fits(disk, wanted) && disk->reading.content == CONTENT_EMPTY);
	}
	error_set(err, "no disk is the one of berth.data; there %s %s%s", list->count == 1 ? "is" : "are",
		  *all ? all : "none",
		  any && !wanted->format ? ": format=if-empty would use an empty one" : "");
}

const struct disk *disk_list_choose(const struct disk_list *list, const struct data_disk *wanted,
				    bool *format, struct error *err)
{
	*format = false;
	for (size_t i = 0; i < list->count; i++)
		if (is_it(&list->items[i], wanted))
			return &list->items[i];
	*format = true;
	for (size_t i = 0; i < list->count; i++)
		if (can_be_formatted(&list->items[i], wanted))
			return &list->items[i];
	explain(list, wanted, err);
	return NULL;
}
