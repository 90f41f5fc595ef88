// SPDX-License-Identifier: Apache-2.0
#include "init/config/volume_sources.h"

#include "init/config/volumes.h"
#include "lib/cleanup.h"
#include "lib/suggest.h"
#include "lib/syscalls.h"

#include <ctype.h>
#include <string.h>

enum { SOURCES_MAX = 32, DEVICE_LONGEST = 120, TEXT_LONGEST = 1000 };

#define OF_EXT4 "discard nodiscard commit= data= errors= barrier nobarrier noload"

/* The file systems that the kernel has for it, and what each is told beside words for all. A word
 * with a = at its end takes any value. */
static const struct kind {
	const char *type;
	enum volume_kind kind;
	const char *options;
} kinds[] = {
	{"tmpfs", VOLUME_OF_MEMORY, "size= nr_inodes= mode= uid= gid="},
	{"ext4", VOLUME_OF_DISK, OF_EXT4},
	{"ext3", VOLUME_OF_DISK, OF_EXT4},
	{"ext2", VOLUME_OF_DISK, OF_EXT4},
	{"vfat", VOLUME_OF_DISK, "uid= gid= umask= fmask= dmask= shortname= discard flush errors="},
	{"iso9660", VOLUME_OF_DISK, "uid= gid= mode= dmode= norock nojoliet"},
	{"virtiofs", VOLUME_OF_SHARE, "dax dax="},
	{"9p", VOLUME_OF_SHARE, "trans=virtio version= msize= access= cache="},
};

/* Words for all: an attribute of the mount, or a flag of the file system. */
static const struct word {
	const char *name;
	uint64_t set, clear;
	bool flag;
} words[] = {
	{"ro", MOUNT_ATTR_RDONLY, 0, true},
	{"rw", 0, 0, false},
	{"noexec", MOUNT_ATTR_NOEXEC, 0, false},
	{"exec", 0, MOUNT_ATTR_NOEXEC, false},
	{"nosuid", 0, 0, false},
	{"nodev", 0, 0, false},
	{"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, false},
	{"relatime", 0, MOUNT_ATTR__ATIME, false},
	{"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, false},
	{"nodiratime", MOUNT_ATTR_NODIRATIME, 0, false},
	{"sync", 0, 0, true},
	{"dirsync", 0, 0, true},
	{"lazytime", 0, 0, true},
	{"defaults", 0, 0, false},
};

static const struct kind *find_kind(const char *type)
{
	for (size_t i = 0; i < countof(kinds); i++)
		if (strcmp(kinds[i].type, type) == 0)
			return &kinds[i];
	return NULL;
}

static bool is_one_of(const char *names, const char *name)
{
	size_t length = strlen(name);
	const char *at = *name && !strchr(name, ' ') ? strstr(names, name) : NULL;
	for (; at; at = strstr(at + 1, name))
		if ((at == names || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

int volume_type_parse(const char *type, enum volume_kind *out, struct error *err)
{
	const struct kind *kind = find_kind(type);
	if (kind) {
		*out = kind->kind;
		return 0;
	}
	if (is_one_of("nfs nfs4 cifs smb3 smbfs sshfs", type))
		return error_set(
			err,
			"\"%.20s\": the machine's kernel has no network file systems: have the "
			"host mount it and share it (type: virtiofs or 9p)",
			type);
	return error_set(
		err,
		"\"%.20s\" is none of tmpfs, ext4, ext3, ext2, vfat, iso9660, virtiofs, 9p, which "
		"the machine's kernel has, nor none with o: bind",
		type);
}

/* "/dev/vdb", "/dev/disk/by-uuid/…" as "UUID=…": what stands behind `prefix`, or NULL. */
static const char *behind(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);
	return strncmp(text, prefix, length) == 0 && text[length] ? text + length : NULL;
}

int volume_device_check(enum volume_kind kind, const char *device, struct error *err)
{
	const char *name = behind(device, "/dev/");
	for (const char *c = device; *c; c++)
		if ((unsigned char)*c <= 0x20 || *c == ',' || *c == 0x7f)
			return error_set(err, "\"%.60s\" has a blank or a comma in it", device);
	if (!*device || strlen(device) > DEVICE_LONGEST)
		return error_set(err, "\"%.60s\" has not 1 to %d letters", device, DEVICE_LONGEST);
	if (kind == VOLUME_OF_SHARE && *device == '/')
		return error_set(err, "\"%.60s\" is not the tag of a share", device);
	if (kind != VOLUME_OF_DISK || behind(device, "LABEL=") || behind(device, "UUID=") ||
	    (name && !strchr(name, '/') && *name != '.'))
		return 0;
	return error_set(
		err,
		"\"%.60s\" is not a disk: /dev/NAME, LABEL=TEXT or UUID=TEXT of its file system",
		device);
}

/* A comma-separated list into `out`; NULL: only checked. */
static int take_word(const struct kind *kind, char *word, struct volume_source *out, size_t *count,
		     struct error *err)
{
	char name[40];
	size_t length = strcspn(word, "=");
	for (size_t i = 0; i < countof(words); i++) {
		if (strcmp(words[i].name, word) != 0)
			continue;
		out->attributes = (out->attributes & ~words[i].clear) | words[i].set;
		if (words[i].flag)
			out->options[(*count)++] = (struct mount_option){words[i].name, NULL};
		return 0;
	}
	snprintf(name, sizeof name, "%.*s", (int)length + (word[length] == '='), word);
	bool whole = !word[length] || word[length + 1];
	if (!whole || (!is_one_of(kind->options, name) && !is_one_of(kind->options, word))) {
		bool power = strcmp(word, "suid") == 0 || strcmp(word, "dev") == 0;
		return error_set(err, "\"%.40s\" %s%s: %s", word,
				 power ? "is not for a container" : "is no option of ",
				 power ? "" : kind->type,
				 power ? "volumes are nosuid and nodev" : kind->options);
	}
	bool value = word[length];
	word[length] = 0;
	out->options[(*count)++] = (struct mount_option){word, value ? word + length + 1 : NULL};
	return 0;
}

static bool has(const struct volume_source *source, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(source->options[i].key, key) == 0)
			return true;
	return false;
}

/* Kernel and host speak it best so. */
static void complete_9p(struct volume_source *out, size_t *count)
{
	if (strcmp(out->type, "9p") != 0)
		return;
	if (!has(out, *count, "trans"))
		out->options[(*count)++] = (struct mount_option){"trans", "virtio"};
	if (!has(out, *count, "version"))
		out->options[(*count)++] = (struct mount_option){"version", "9p2000.L"};
}

static int take_options(const struct kind *kind, char *text, struct volume_source *out,
			struct error *err)
{
	size_t count = 0;
	out->type = kind->type;
	out->attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	for (char *word; (word = strsep(&text, ","));) {
		if (count == VOLUME_OPTIONS_MAX)
			return error_set(err, "more than %d options", VOLUME_OPTIONS_MAX);
		if (*word && take_word(kind, word, out, &count, err) < 0)
			return -1;
	}
	if (strcmp(kind->type, "iso9660") == 0) {
		out->attributes |= MOUNT_ATTR_RDONLY;
		if (!has(out, count, "ro"))
			out->options[count++] = (struct mount_option){"ro", NULL};
	}
	complete_9p(out, &count);
	out->options[count] = (struct mount_option){NULL, NULL};
	return 0;
}

int volume_options_check(const char *type, const char *options, struct error *err)
{
	char copy[TEXT_LONGEST];
	struct volume_source source;
	const struct kind *kind = find_kind(type);
	size_t length = strlen(options);
	if (!kind || length >= sizeof copy)
		return error_set(err, "more than %d letters of options", TEXT_LONGEST);
	memcpy(copy, options, length + 1);
	return take_options(kind, copy, &source, err);
}

int parse_volume_source(const char *text, struct arena *arena, struct volume_source *out,
			struct error *err)
{
	char *copy = arena_strdup(arena, text);
	if (!copy)
		return error_set(err, "no room for \"%.40s\"", text);
	const char *name = strsep(&copy, ","), *type = strsep(&copy, ","),
		   *device = strsep(&copy, ",");
	*out = (struct volume_source){.name = name, .device = device};
	if (!device || !*name)
		return error_set(err, "\"%.60s\" is not of the form NAME,TYPE,DEVICE[,OPTION]…",
				 text);
	if (volume_name_check(name, err) < 0 || volume_type_parse(type, &out->kind, err) < 0 ||
	    volume_device_check(out->kind, device, err) < 0)
		return -1;
	return take_options(find_kind(type), copy, out, err);
}

const char *machine_volume_source(const struct machine *machine, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = 0; i < machine->volumes.count; i++)
		if (strncmp(machine->volumes.items[i], name, length) == 0 &&
		    machine->volumes.items[i][length] == ',')
			return machine->volumes.items[i];
	return NULL;
}

int add_volume_source(struct machine *machine, const char *value, struct error *err)
{
	struct volume_source source;
	size_t used = machine->arena.used;
	int result = strlen(value) < TEXT_LONGEST + 400
			     ? parse_volume_source(value, &machine->arena, &source, err)
			     : error_set(err, "more than %d letters", TEXT_LONGEST + 400);
	bool known = result == 0 && machine_volume_source(machine, source.name);
	machine->arena.used = used; /* parsed for the sake of its check */
	if (result < 0)
		return -1;
	if (known || machine->volumes.count == SOURCES_MAX)
		return error_set(err,
				 known ? "\"%.60s\": this volume is there twice"
				       : "\"%.60s\" is one volume more than can be mounted",
				 value);
	return string_list_add(&machine->volumes, &machine->arena, value, err);
}
