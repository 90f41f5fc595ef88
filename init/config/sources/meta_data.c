// SPDX-License-Identifier: Apache-2.0
#include "init/config/sources/meta_data.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/json.h"

#include <string.h>

enum { META_DATA_MAX = 64 * 1024, JSON_MEMORY = 1024 * 1024 };

static const char *const keys[] = {"local-hostname", "hostname"};

void meta_data_take_hostname(const char *text, char out[CONFIG_HOSTNAME])
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	text += strspn(text, " \t\r\n\"'");
	size_t length = strspn(text, allowed);
	size_t rest = length + strspn(text + length, " \t\r\n\"'");
	out[0] = 0;
	if (length == 0 || length >= CONFIG_HOSTNAME || text[rest] || *text == '-')
		return;
	memcpy(out, text, length);
	out[length] = 0;
}

static void from_json(const char *text, size_t size, char out[CONFIG_HOSTNAME])
{
	struct json json;
	if (json_open(&json, "meta-data", text, size, JSON_MEMORY, NULL) == 0)
		for (size_t i = 0; !*out && i < countof(keys); i++)
			meta_data_take_hostname(json_text_or_empty(json_root(&json), keys[i]), out);
	json_close(&json);
}

static void from_lines(const char *text, const char *key, char out[CONFIG_HOSTNAME])
{
	size_t length = strlen(key);
	for (const char *line = text; line; line = strchr(line, '\n')) {
		char value[CONFIG_HOSTNAME + 16];
		line += *line == '\n';
		if (strncmp(line, key, length) != 0 || line[length] != ':')
			continue;
		const char *begin = line + length + 1;
		size_t size = strcspn(begin, "#\n");
		if (size >= sizeof value)
			return;
		memcpy(value, begin, size);
		value[size] = 0;
		meta_data_take_hostname(value, out);
		return;
	}
}

void meta_data_hostname(const char *text, size_t size, char out[CONFIG_HOSTNAME])
{
	out[0] = 0;
	if (strlen(text) != size)
		return;
	if (text[strspn(text, " \t\r\n")] == '{') {
		from_json(text, size, out);
		return;
	}
	for (size_t i = 0; !*out && i < countof(keys); i++)
		from_lines(text, keys[i], out);
}

void meta_data_hostname_of_file(int fd, char out[CONFIG_HOSTNAME])
{
	out[0] = 0;
	_cleanup_free_ char *text = malloc(META_DATA_MAX);
	if (fd < 0 || !text)
		return;
	ssize_t size = file_read_fd(fd, "meta-data", text, META_DATA_MAX, NULL);
	if (size > 0)
		meta_data_hostname(text, (size_t)size, out);
}
