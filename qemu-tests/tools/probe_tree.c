// SPDX-License-Identifier: Apache-2.0
/*
 * Lists a tree with everything that unpacking a layer can get wrong: one line a file, fields apart
 * by tabs: path, type and mode, owner, size, mtime, device, links, inode, hash or link target,
 * extended attributes. The same program lists umoci's tree and Berth's.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static FILE *out;

static void print_escaped(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		fprintf(out, c > ' ' && c < 127 && c != '\\' ? "%c" : "\\%02x", c);
	}
}

/* FNV-1a over 64 bits: enough to tell two files apart that should be the same. */
static uint64_t hash_file(const char *path)
{
	static unsigned char block[1 << 16];
	uint64_t hash = 0xcbf29ce484222325;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got;

	while (fd >= 0 && (got = read(fd, block, sizeof block)) > 0)
		for (ssize_t i = 0; i < got; i++)
			hash = (hash ^ block[i]) * 0x100000001b3;
	if (fd >= 0)
		close(fd);
	return hash;
}

static int compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void print_attributes(const char *path)
{
	char names[4096], value[4096], *sorted[64] = {NULL};
	ssize_t size = llistxattr(path, names, sizeof names);
	int count = 0;

	for (char *name = names; size > 0 && name < names + size && count < 64;
	     name += strlen(name) + 1)
		sorted[count++] = name;
	qsort(sorted, count, sizeof *sorted, compare);
	for (int i = 0; i < count; i++) {
		ssize_t length = lgetxattr(path, sorted[i], value, sizeof value);

		fprintf(out, "%s=", sorted[i]);
		print_escaped(value, length > 0 ? length : 0);
		fputc(';', out);
	}
}

static void print_entry(const char *path, const char *shown, const struct stat *info)
{
	char target[4096];
	int directory = S_ISDIR(info->st_mode);
	ssize_t length;

	print_escaped(shown, strlen(shown));
	fprintf(out, "\t%06o\t%u:%u\t%lld\t%lld.%09ld\t%u:%u\t%lu\t%lu\t", info->st_mode,
		info->st_uid, info->st_gid, directory ? 0LL : (long long)info->st_size,
		(long long)info->st_mtim.tv_sec, info->st_mtim.tv_nsec, major(info->st_rdev),
		minor(info->st_rdev), directory ? 0UL : (unsigned long)info->st_nlink,
		(unsigned long)info->st_ino);
	if (S_ISREG(info->st_mode)) {
		fprintf(out, "%016llx", (unsigned long long)hash_file(path));
	} else if (S_ISLNK(info->st_mode)) {
		length = readlink(path, target, sizeof target);
		print_escaped(target, length > 0 ? length : 0);
	}
	fputc('\t', out);
	print_attributes(path);
	fputc('\n', out);
}

static void list(const char *path, const char *shown)
{
	struct stat info;
	struct dirent **entries;
	char *below, *name;
	int count;

	if (lstat(path, &info) < 0)
		return;
	print_entry(path, *shown ? shown : ".", &info);
	count = S_ISDIR(info.st_mode) ? scandir(path, &entries, NULL, alphasort) : 0;
	for (int i = 0; i < count; i++) {
		if (strcmp(entries[i]->d_name, ".") && strcmp(entries[i]->d_name, "..") &&
		    asprintf(&below, "%s/%s", path, entries[i]->d_name) > 0 &&
		    asprintf(&name, "%s%s%s", shown, *shown ? "/" : "", entries[i]->d_name) > 0) {
			list(below, name);
			free(below);
			free(name);
		}
		free(entries[i]);
	}
}

int probe_tree(const char *path)
{
	out = stdout;
	list(path, "");
	return fflush(out);
}

/* The layers of an image stand in its record, lowest first, as "layers/" and a digest. */
static void mount_image(const char *record)
{
	static char text[1 << 17], options[4096];
	const char *at = text;
	FILE *file = fopen(record, "re");
	size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;

	snprintf(options, sizeof options, "/empty");
	while ((at = memmem(at, text + size - at, "layers/", 7))) {
		char *before = strdup(options);

		snprintf(options, sizeof options, "/disk/%.71s:%s", at, before);
		free(before);
		at += 71;
	}
	if (file)
		fclose(file);
	for (char *digit = options; *digit; digit++)
		if (*digit == ',')
			return;
	char *lower;

	if (asprintf(&lower, "lowerdir=%s", options) > 0 &&
	    mount("image", "/image", "overlay", MS_RDONLY, lower) < 0)
		perror(lower);
}

/* What a container of each stored image would see, below "image". */
static void list_images(void)
{
	struct dirent **records;
	int count = scandir("/disk/images", &records, NULL, alphasort);

	mkdir("/empty", 0755);
	mkdir("/image", 0755);
	for (int i = 0; i < count; i++) {
		char *path;

		if (records[i]->d_name[0] != '.' &&
		    asprintf(&path, "/disk/images/%s", records[i]->d_name) > 0) {
			mount_image(path);
			list("/image", "image");
			umount("/image");
		}
	}
}

int probe_disk(void)
{
	mkdir("/dev", 0755);
	mkdir("/disk", 0755);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	if (mount("/dev/vda", "/disk", "ext4", MS_RDONLY, NULL) < 0)
		perror("mount /dev/vda");
	for (int i = 0; i < 8 && !out; i++) {
		char port[32];

		snprintf(port, sizeof port, "/dev/vport%dp1", i);
		out = fopen(port, "we");
	}
	if (!out)
		out = stdout;
	list("/disk", "");
	list_images();
	fclose(out);
	reboot(RB_POWER_OFF);
	return 1;
}
