// SPDX-License-Identifier: Apache-2.0
#include "images/layouts/layout_docker.h"

#include "images/config.h"
#include "images/layouts/layout_bytes.h"
#include "lib/cleanup.h"
#include "lib/json.h"

#include <stdio.h>
#include <string.h>

enum {
	JSON_MEMORY = 16 << 20,
	CONFIG_MEMORY = 256 * 1024,
	HASH_BUFFER = 64 * 1024,
	ALIVE_EVERY = 1024, /* buffers hashed between two signs of life */
};

#define OCI "application/vnd.oci.image."

struct docker_image {
	struct layout *layout;
	char *config; /* DOCUMENT_SIZE_MAX + 1 bytes */
	struct descriptor config_blob;
	struct config_file file;
	struct arena arena;
	FILE *manifest;
};

static int add_blob(struct docker_image *image, const struct descriptor *blob, uint64_t offset,
		    struct error *err)
{
	const struct layout_blob_name name = layout_blob_name(&blob->digest);
	return archive_index_alias(&image->layout->index, name.text, offset, blob->size, err);
}

static int missing(const struct docker_image *image, const char *name, struct error *err)
{
	return error_set(err, "%s has no member %.200s, which its manifest.json names",
			 image->layout->path, name);
}

static int take_config(struct docker_image *image, const char *name, struct error *err)
{
	const struct archive_member *member = archive_index_find(&image->layout->index, name);
	struct sha256 sha;
	size_t size;
	if (!member)
		return missing(image, name, err);
	if (layout_read(image->layout, name, image->config, DOCUMENT_SIZE_MAX + 1, &size, err) < 0)
		return -1;
	sha256_begin(&sha);
	sha256_add(&sha, image->config, size);
	sha256_end(&sha, &image->config_blob.digest);
	image->config_blob.size = size;
	if (config_parse(image->config, size, &image->arena, &image->file, err) < 0)
		return error_context(err, "%s: %.200s", image->layout->path, name);
	fprintf(image->manifest,
		"{\"schemaVersion\":2,\"mediaType\":\"" OCI "manifest.v1+json\",\"config\":{"
		"\"mediaType\":\"" OCI "config.v1+json\",\"digest\":\"%s\",\"size\":%zu},"
		"\"layers\":[", image->config_blob.digest.text, size);
	return add_blob(image, &image->config_blob, member->offset, err);
}

/* Some tools put compressed layers into such archives, and nothing in it tells their digests. */
static int hash_member(const struct docker_image *image, const struct archive_member *member,
		       struct digest *out, struct error *err)
{
	const struct http_settings *settings = image->layout->settings;
	_cleanup_free_ char *buffer = malloc(HASH_BUFFER);
	struct sha256 sha;
	if (!buffer)
		return error_temporary(err, "no memory for a buffer of %d bytes", HASH_BUFFER);
	sha256_begin(&sha);
	for (uint64_t at = 0, count = 1; at < member->size; count++) {
		size_t size = member->size - at < HASH_BUFFER ? (size_t)(member->size - at)
							      : HASH_BUFFER;
		ssize_t got = pread(image->layout->fd, buffer, size, (off_t)(member->offset + at));
		if (got <= 0)
			return error_set(err, "%s: member %.200s cannot be read whole",
					 image->layout->path, member->name);
		sha256_add(&sha, buffer, (size_t)got);
		at += (uint64_t)got;
		if (count % ALIVE_EVERY == 0 && settings && settings->alive)
			settings->alive(settings->alive_context);
	}
	sha256_end(&sha, out);
	return 0;
}

static enum compression compression_of(const struct docker_image *image,
				       const struct archive_member *member)
{
	unsigned char magic[4] = {0};
	if (member->size < sizeof magic ||
	    pread(image->layout->fd, magic, sizeof magic, (off_t)member->offset) != sizeof magic)
		return COMPRESSION_NONE;
	if (magic[0] == 0x1f && magic[1] == 0x8b)
		return COMPRESSION_GZIP;
	return memcmp(magic, "\x28\xb5\x2f\xfd", sizeof magic) == 0 ? COMPRESSION_ZSTD
								    : COMPRESSION_NONE;
}

static int take_layer(struct docker_image *image, size_t number, const char *name,
		      struct error *err)
{
	static const char *const endings[] = {"", "+gzip", "+zstd"};
	const struct archive_member *member =
		name ? archive_index_find(&image->layout->index, name) : NULL;
	if (!member)
		return missing(image, name ? name : "(no text)", err);
	if (number >= image->file.diff_id_count)
		return error_set(err, "%s has more layers than its configuration has diff IDs",
				 image->layout->path);
	enum compression compression = compression_of(image, member);
	struct descriptor blob = {image->file.diff_ids[number], member->size};
	if (compression != COMPRESSION_NONE && hash_member(image, member, &blob.digest, err) < 0)
		return -1;
	fprintf(image->manifest,
		"%s{\"mediaType\":\"" OCI "layer.v1.tar%s\",\"digest\":\"%s\",\"size\":%llu}",
		number ? "," : "", endings[compression], blob.digest.text,
		(unsigned long long)blob.size);
	return add_blob(image, &blob, member->offset, err);
}

static int take_image(struct docker_image *image, yyjson_val *object, struct error *err)
{
	const char *config = json_text(object, "Config");
	yyjson_arr_iter layers;
	if (!config)
		return error_set(err, "%s: manifest.json: an image has no Config",
				 image->layout->path);
	if (take_config(image, config, err) < 0)
		return -1;
	size_t number = 0;
	yyjson_arr_iter_init(json_array(object, "Layers"), &layers);
	for (yyjson_val *layer; (layer = yyjson_arr_iter_next(&layers)); number++)
		if (take_layer(image, number, json_value_text(layer), err) < 0)
			return -1;
	fputs("]}", image->manifest);
	return 0;
}

static int make_manifest(struct layout *layout, yyjson_val *object, struct index_entry *out,
			 struct error *err)
{
	_cleanup_free_ char *config = malloc(DOCUMENT_SIZE_MAX + 1), *block = malloc(CONFIG_MEMORY);
	struct docker_image image = {.layout = layout, .config = config};
	image.manifest = open_memstream(&layout->manifest, &layout->manifest_size);
	if (!image.manifest)
		return error_temporary(err, "no memory for a manifest");
	int result = -1;
	if (config && block) {
		arena_init(&image.arena, block, CONFIG_MEMORY);
		result = take_image(&image, object, err);
	}
	if (fclose(image.manifest) != 0 || !config || !block)
		return error_temporary(err, "no memory for a manifest");
	struct sha256 sha;
	sha256_begin(&sha);
	sha256_add(&sha, layout->manifest, layout->manifest_size);
	sha256_end(&sha, &layout->manifest_digest);
	*out = (struct index_entry){
		.document = {layout->manifest_digest, layout->manifest_size},
		.kind = DOCUMENT_MANIFEST, .media_type = OCI "manifest.v1+json",
		.ref_name = "", .image_name = ""};
	return result;
}

static bool has_tag(yyjson_val *object, const struct layout_query *query)
{
	yyjson_arr_iter tags;
	yyjson_arr_iter_init(json_array(object, "RepoTags"), &tags);
	for (yyjson_val *tag; (tag = yyjson_arr_iter_next(&tags));) {
		const char *text = json_value_text(tag);
		if (text && layout_query_matches(query, text))
			return true;
	}
	return false;
}

/* The file is an array; as a member of an object it is like any other. */
static int open_list(struct json *json, struct layout *layout, struct error *err)
{
	static const char before[] = "{\"images\":";
	enum { BEFORE = sizeof before - 1 };
	_cleanup_free_ char *text = malloc(BEFORE + DOCUMENT_SIZE_MAX + 2);
	size_t size;
	if (!text)
		return error_temporary(err, "no memory to read %s", layout->path);
	memcpy(text, before, BEFORE);
	if (layout_read(layout, "manifest.json", text + BEFORE, DOCUMENT_SIZE_MAX + 1, &size,
			err) < 0)
		return -1;
	text[BEFORE + size] = '}';
	if (json_open(json, "manifest.json", text, BEFORE + size + 1, JSON_MEMORY, err) < 0)
		return error_context(err, "%s", layout->path);
	return 0;
}

int layout_docker_find(struct layout *layout, const struct layout_query *query,
		       struct index_entry *out, struct error *err)
{
	struct json json __attribute__((cleanup(json_close))) = {0};
	yyjson_arr_iter images;
	if (!archive_index_find(&layout->index, "manifest.json"))
		return 0;
	if (open_list(&json, layout, err) < 0)
		return -1;
	yyjson_arr_iter_init(json_array(json_root(&json), "images"), &images);
	for (yyjson_val *image; (image = yyjson_arr_iter_next(&images));)
		if (has_tag(image, query))
			return make_manifest(layout, image, out, err) < 0 ? -1 : 1;
	return 0;
}
