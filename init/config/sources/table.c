// SPDX-License-Identifier: Apache-2.0
#include "init/config/sources/table.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

const struct config_source *const config_sources[] = {
	&source_command_line, &source_initramfs,     &source_fw_cfg,       &source_smbios,
	&source_credentials,  &source_virtio_serial, &source_nocloud,      &source_config_drive,
	&source_nocloud_net,  &source_url,           &source_ec2,          &source_gcp,
	&source_azure,        &source_openstack,     &source_digitalocean, &source_hetzner,
	&source_vultr,        &source_scaleway,      &source_oracle,       &source_akamai,
	&source_mmds,
};

const size_t config_source_count = countof(config_sources);

const struct config_source *config_source_find(const char *name)
{
	for (size_t i = 0; i < config_source_count; i++)
		if (strcmp(config_sources[i]->name, name) == 0)
			return config_sources[i];
	return NULL;
}

static const char *nth_name(const void *context, size_t i)
{
	(void)context;
	return i < config_source_count ? config_sources[i]->name : NULL;
}

const char *config_source_suggest(const char *name)
{
	return suggest(name, nth_name, NULL);
}

static const struct config_source *find_part(const char *name, size_t length)
{
	for (size_t i = 0; i < config_source_count; i++)
		if (strlen(config_sources[i]->name) == length &&
		    strncmp(config_sources[i]->name, name, length) == 0)
			return config_sources[i];
	return NULL;
}

static int unknown_source(const char *name, size_t length, struct error *err)
{
	char word[64];
	snprintf(word, sizeof word, "%.*s", (int)(length < 60 ? length : 60), name);
	const char *near = config_source_suggest(word);
	if (near)
		return error_set(err, "\"%s\" is not a source: did you mean %s?", word, near);
	return error_set(err, "\"%s\" is not a source: give an address, data:BASE64, none, or a name "
			      "of docs/sources.md", word);
}

/* An address goes to the end: there may be commas in it. */
static const struct config_source *source_of_address(const char *text)
{
	if (strncmp(text, "data:", 5) == 0)
		return &source_command_line;
	bool web = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
	return web ? &source_url : NULL;
}

int config_sources_parse(const char *target, struct config_choice *out, size_t capacity,
			 const char **address, struct error *err)
{
	size_t count = 0;
	*address = NULL;
	for (const char *at = target;;) {
		size_t length = strcspn(at, ",");
		bool optional = length && at[length - 1] == '?';
		const struct config_source *source = source_of_address(at);
		if (source)
			*address = at;
		else if (!(source = find_part(at, length - optional)))
			return unknown_source(at, length, err);
		if (count == capacity)
			return error_set(err, "more than %zu sources", capacity);
		for (size_t i = 0; i < count; i++)
			if (out[i].source == source)
				return error_set(err, "%s is named twice", source->name);
		out[count++] = (struct config_choice){source, optional && !*address};
		if (*address || !at[length])
			return (int)count;
		at += length + 1;
	}
}

static size_t read_table(char *out, size_t capacity)
{
	_cleanup_close_ int fd = open(SMBIOS_TABLE, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	while (fd >= 0 && used < capacity) {
		ssize_t got = read(fd, out + used, capacity - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	return used;
}

void config_search_init(struct config_search *search, const struct volumes *volumes)
{
	search->table_size = read_table(search->table, sizeof search->table);
	search->volumes = volumes;
	search->hostname = search->device = "";
}

void config_search_identify(struct config_search *search)
{
	identity_read("/sys/class/dmi/id", &search->identity);
}

enum config_outcome config_read_fd(int fd, const char *where, struct config_answer *answer,
				   struct error *err)
{
	snprintf(answer->where, sizeof answer->where, "%s", where);
	ssize_t size = file_read_fd(fd, where, answer->bytes, sizeof answer->bytes, err);
	if (size < 0)
		return CONFIG_FAILED;
	answer->size = (size_t)size;
	return CONFIG_FOUND;
}

enum config_outcome config_take_text(const char *text, const char *where,
				     struct config_answer *answer, struct error *err)
{
	if (!text) {
		error_set(err, "%s has no document", where);
		return CONFIG_NOTHING;
	}
	size_t size = strnlen(text, USER_DATA_MAX + 1);
	if (size > USER_DATA_MAX) {
		error_set(err, "%s: longer than %d KiB", where, USER_DATA_MAX / 1024);
		return CONFIG_FAILED;
	}
	memcpy(answer->bytes, text, size + 1);
	answer->size = size;
	snprintf(answer->where, sizeof answer->where, "%s", where);
	return CONFIG_FOUND;
}
