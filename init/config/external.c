// SPDX-License-Identifier: Apache-2.0
#include "init/config/external.h"

#include "init/config/smbios.h"
#include "init/config/sources/fw_cfg_file.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <mbedtls/base64.h>
#include <stdio.h>
#include <string.h>

static const char credentials[] = "io.systemd.credentials";
static const char *const folders[] = {"org.berth/secrets", "org.berth/configs", credentials};

static void open_folder(struct external_values *out, const char *name)
{
	static struct config_place place;
	char path[100];
	snprintf(path, sizeof path, FW_CFG_FOLDER "%s", name);
	_cleanup_closedir_ DIR *folder = opendir(path);
	for (struct dirent *entry;
	     folder && out->count < EXTERNAL_ITEMS_MAX && (entry = readdir(folder));) {
		struct external_item *item = &out->items[out->count];
		if (!external_name_is_good(entry->d_name))
			continue;
		snprintf(item->name, sizeof item->name, "%s/%s", name, entry->d_name);
		if (fw_cfg_open(item->name, &place, NULL) < 0)
			continue;
		item->fd = place.fds[0];
		out->count++;
	}
}

void external_open(struct external_values *out, const void *table, size_t table_size)
{
	out->table = table;
	out->table_size = table_size;
	for (size_t i = 0; i < countof(folders); i++)
		open_folder(out, folders[i]);
}

bool external_name_is_good(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = strspn(name, letters);
	return length > 0 && length <= EXTERNAL_NAME_MAX && !name[length] && *name != '.';
}

static ssize_t of_fw_cfg(const struct external_values *values, const char *folder, const char *name,
			 char *out, size_t capacity, struct error *err)
{
	char wanted[sizeof values->items->name];
	snprintf(wanted, sizeof wanted, "%s/%s", folder, name);
	for (size_t i = 0; i < values->count; i++)
		if (strcmp(values->items[i].name, wanted) == 0)
			return lseek(values->items[i].fd, 0, SEEK_SET) < 0
				       ? error_errno(err, errno, "read %s", wanted)
				       : file_read_fd(values->items[i].fd, wanted, out, capacity,
						      err);
	return EXTERNAL_NOWHERE;
}

/* A credential in SMBIOS, as systemd has it. */
static ssize_t of_smbios(const struct external_values *values, const char *name, char *out,
			 size_t capacity, struct error *err)
{
	for (int encoded = 1; encoded >= 0; encoded--) {
		char prefix[EXTERNAL_NAME_MAX + 40];
		size_t length = 0;
		snprintf(prefix, sizeof prefix,
			 "io.systemd.credential%s:%s=", encoded ? ".binary" : "", name);
		const char *text = smbios_string(values->table, values->table_size,
						 SMBIOS_OEM_STRINGS, prefix);
		if (!text)
			continue;
		length = strlen(text);
		if (encoded && mbedtls_base64_decode((unsigned char *)out, capacity - 1, &length,
						     (const unsigned char *)text, length) != 0)
			return error_set(err, "%s of SMBIOS is not in base64, or too long", prefix);
		if (length >= capacity)
			return error_set(err, "%s of SMBIOS is longer than %zu bytes", prefix,
					 capacity - 1);
		if (!encoded)
			memcpy(out, text, length);
		out[length] = 0;
		return (ssize_t)length;
	}
	return EXTERNAL_NOWHERE;
}

ssize_t external_of_firmware(const struct external_values *values, const char *kind,
			     const char *name, char *out, size_t capacity, struct error *err)
{
	char folder[40];
	snprintf(folder, sizeof folder, "org.berth/%s", kind);
	ssize_t size = of_fw_cfg(values, folder, name, out, capacity, err);
	if (size == EXTERNAL_NOWHERE)
		size = of_fw_cfg(values, credentials, name, out, capacity, err);
	return size == EXTERNAL_NOWHERE ? of_smbios(values, name, out, capacity, err) : size;
}
