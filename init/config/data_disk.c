// SPDX-License-Identifier: Apache-2.0
#include "init/config/data_disk.h"

#include "init/config/keys.h"
#include "lib/cleanup.h"

#include <ctype.h>
#include <string.h>

/* A text of letters that cannot be taken for anything else, copied to out. */
static int copy(const char *value, char *out, size_t capacity, struct error *err)
{
	size_t length = strlen(value);
	for (const char *c = value; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._:+-", *c))
			return error_set(err, "\"%.60s\" may have letters, digits and . _ : + -", value);
	if (length == 0 || length >= capacity)
		return error_set(err, "\"%.60s\" has not 1 to %zu characters", value, capacity - 1);
	memcpy(out, value, length + 1);
	return 0;
}

static int set_device(struct data_disk *disk, const char *value, struct error *err)
{
	if (strncmp(value, "/dev/", 5) != 0 || strchr(value + 5, '.'))
		return error_set(err, "\"%.60s\" is not a disk, such as /dev/vdb", value);
	return copy(value + 5, disk->device, sizeof disk->device, err);
}

static int set_label(struct data_disk *disk, const char *value, struct error *err)
{
	return copy(value, disk->label, sizeof disk->label, err);
}

static int set_serial(struct data_disk *disk, const char *value, struct error *err)
{
	return copy(value, disk->serial, sizeof disk->serial, err);
}

static int set_uuid(struct data_disk *disk, const char *value, struct error *err)
{
	if (strlen(value) != 36 || strspn(value, "0123456789abcdefABCDEF-") != 36)
		return error_set(err, "\"%.60s\" is not a UUID, 8-4-4-4-12 hexadecimal digits", value);
	for (size_t i = 0; i <= 36; i++)
		disk->uuid[i] = (char)tolower((unsigned char)value[i]);
	return 0;
}

/* "10G", "10G-", "10G-20G". */
static int set_size(struct data_disk *disk, const char *value, struct error *err)
{
	char least[24];
	size_t length = strcspn(value, "-");
	if (length >= sizeof least)
		return error_set(err, "\"%.60s\" is not a size, MIN or MIN-MAX", value);
	memcpy(least, value, length);
	least[length] = 0;
	if (parse_size(least, &disk->least, err) < 0)
		return -1;
	const char *most = value[length] ? value + length + 1 : "";
	if (*most && parse_size(most, &disk->most, err) < 0)
		return -1;
	return *most && disk->most < disk->least
		       ? error_set(err, "\"%.60s\" is empty: from more to less", value)
		       : 0;
}

static int set_format(struct data_disk *disk, const char *value, struct error *err)
{
	disk->format = strcmp(value, "if-empty") == 0;
	return disk->format || strcmp(value, "never") == 0
		       ? 0
		       : error_set(err, "\"%.40s\" is none of never, if-empty", value);
}

static int read_bool(const char *value, bool *out, struct error *err)
{
	*out = strcmp(value, "true") == 0;
	return *out || strcmp(value, "false") == 0
		       ? 0
		       : error_set(err, "\"%.40s\" is none of true, false", value);
}

static int set_grow(struct data_disk *disk, const char *value, struct error *err)
{
	return read_bool(value, &disk->grow, err);
}

static int set_required(struct data_disk *disk, const char *value, struct error *err)
{
	bool required;
	if (read_bool(value, &required, err) < 0)
		return -1;
	disk->optional = !required;
	return 0;
}

/* Those of ext4 that do not take a check away or name something else. */
static int add_option(struct data_disk *disk, const char *value, struct error *err)
{
	static const char *const known[] = {
		"discard", "nodiscard", "commit=", "data=ordered", "data=journal", "data=writeback",
		"errors=continue", "errors=remount-ro", "errors=panic", "barrier", "nobarrier"};
	size_t used = strlen(disk->options), length = strlen(value);
	bool good = false;
	for (size_t i = 0; i < countof(known); i++)
		good = good || strcmp(value, known[i]) == 0;
	if (strncmp(value, "commit=", 7) == 0)
		good = value[7] && strspn(value + 7, "0123456789") == length - 7 && length < 12;
	if (!good)
		return error_set(err, "\"%.40s\" is none of discard, nodiscard, commit=SECONDS, data=…, "
				      "errors=…, barrier, nobarrier", value);
	if (used + length + 2 > sizeof disk->options)
		return error_set(err, "more than %zu bytes of options", sizeof disk->options - 1);
	if (used)
		disk->options[used++] = ',';
	memcpy(disk->options + used, value, length + 1);
	return 0;
}

static int set_field(struct data_disk *disk, const char *word, struct error *err)
{
	static const struct {
		const char *name;
		int (*set)(struct data_disk *disk, const char *value, struct error *err);
	} fields[] = {
		{"device", set_device},	    {"label", set_label}, {"uuid", set_uuid},
		{"serial", set_serial},	    {"size", set_size},	  {"format", set_format},
		{"required", set_required}, {"grow", set_grow},	  {"option", add_option},
	};
	size_t length = strcspn(word, "=");
	for (size_t i = 0; i < countof(fields); i++)
		if (word[length] && strlen(fields[i].name) == length &&
		    strncmp(word, fields[i].name, length) == 0)
			return fields[i].set(disk, word + length + 1, err) < 0
				       ? error_context(err, "%s", fields[i].name)
				       : 0;
	return error_set(err, "\"%.60s\" is none of device=, label=, uuid=, serial=, size=, format=, "
			      "grow=, required=, option=, and not none", word);
}

int data_disk_parse(const char *text, struct data_disk *out, struct error *err)
{
	char copy[512];
	*out = (struct data_disk){.grow = true};
	size_t length = strlen(text);
	if (length >= sizeof copy)
		return error_set(err, "more than %zu characters", sizeof copy - 1);
	if (strcmp(text, "none") == 0) {
		out->none = true;
		return 0;
	}
	memcpy(copy, text, length + 1);
	char *rest = copy;
	for (char *word; (word = strsep(&rest, ","));)
		if (set_field(out, word, err) < 0)
			return -1;
	if (!data_disk_is_chosen(out) && !out->format)
		return error_set(err, "which disk it is does not follow from \"%.60s\"", text);
	if (out->format && *out->uuid)
		return error_set(err, "an empty disk has no UUID: choose it by something else");
	return 0;
}

bool data_disk_is_chosen(const struct data_disk *disk)
{
	return *disk->device || *disk->label || *disk->uuid || *disk->serial || disk->least;
}
