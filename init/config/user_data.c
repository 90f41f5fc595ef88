// SPDX-License-Identifier: Apache-2.0
#include "init/config/user_data.h"

#include "images/layers/inflate.h"
#include "init/config/multipart.h"
#include "lib/cleanup.h"
#include "lib/text.h"

#include <mbedtls/base64.h>
#include <stdio.h>
#include <string.h>

enum { LAYERS_MAX = 6, BASE64_LEAST = 16 };

/* What is in `text` is unpacked into `spare`, then they change places. */
struct unpacking {
	char *text, *spare; /* USER_DATA_MAX + 1 bytes each */
	size_t size;
	struct user_data *out;
	unsigned layers;
};

static void note(struct user_data *out, const char *step)
{
	size_t used = strlen(out->path);
	snprintf(out->path + used, sizeof out->path - used, "%s%s", used ? ", " : "", step);
}

static void turn(struct unpacking *u, size_t size, const char *step)
{
	char *text = u->spare;
	u->spare = u->text;
	u->text = text;
	u->size = size;
	u->text[size] = 0;
	note(u->out, step);
}

static int decode_base64(struct unpacking *u, struct error *err)
{
	size_t size = 0;
	if (mbedtls_base64_decode((unsigned char *)u->spare, USER_DATA_MAX, &size,
				  (const unsigned char *)u->text, u->size) != 0)
		return error_set(err, "not valid base64");
	turn(u, size, "base64");
	return 0;
}

/* Nothing but base64's own characters: no document is, for it has a colon. */
static bool is_base64(const char *text, size_t size)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n";
	return size >= BASE64_LEAST && strspn(text, alphabet) == size;
}

static bool is_compressed(const char *text, size_t size)
{
	return size > 4 &&
	       (memcmp(text, "\x1f\x8b", 2) == 0 || memcmp(text, "\x28\xb5\x2f\xfd", 4) == 0);
}

struct sink {
	char *out;
	size_t used;
};

static int take_unpacked(void *context, const void *data, size_t size, struct error *err)
{
	struct sink *sink = context;
	if (size > USER_DATA_MAX - sink->used)
		return error_set(err, "unpacks to more than %d KiB", USER_DATA_MAX / 1024);
	memcpy(sink->out + sink->used, data, size);
	sink->used += size;
	return 0;
}

static int decompress(struct unpacking *u, struct error *err)
{
	struct sink sink = {.out = u->spare};
	bool gzip = u->text[0] == '\x1f';
	struct inflate *inflate =
		inflate_open(gzip ? COMPRESSION_GZIP : COMPRESSION_ZSTD, take_unpacked, &sink, err);
	if (!inflate)
		return -1;
	int result = inflate_add(inflate, u->text, u->size, err);
	if (result == 0)
		result = inflate_end(inflate, err);
	inflate_close(inflate);
	if (result < 0)
		return -1;
	turn(u, sink.used, gzip ? "gzip" : "zstd");
	return 0;
}

static const char *first_content(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text != '#')
			return text;
		text += strcspn(text, "\n");
	}
}

/* A key at the beginning of a line, in the first column. */
static bool has_top_key(const char *text, const char *key)
{
	size_t length = strlen(key);
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && line[length] == ':')
			return true;
		if (!*line)
			break;
	}
	return false;
}

/* A Compose or Berth document, by the keys that one of them must have. */
static bool looks_ours(const char *text)
{
	if (*first_content(text) == '{')
		return strstr(text, "\"services\"") || strstr(text, "\"x-berth\"");
	return has_top_key(text, "services") || has_top_key(text, "x-berth");
}

/* What the text was made for, NULL when it is nobody's. */
static const char *whose(const char *text)
{
	static const struct {
		const char *begins, *what;
	} marks[] = {
		{"#cloud-config-archive", "a cloud-config archive for cloud-init"},
		{"#cloud-config", "a #cloud-config for cloud-init"},
		{"#include", "a list of addresses for cloud-init"},
		{"#part-handler", "a part handler for cloud-init"},
		{"#cloud-boothook", "a boot hook for cloud-init"},
		{"#upstart-job", "an Upstart job for cloud-init"},
		{"## template:", "a template for cloud-init"},
		{"#!", "a script"},
	};
	for (size_t i = 0; i < countof(marks); i++)
		if (strncmp(text, marks[i].begins, strlen(marks[i].begins)) == 0)
			return marks[i].what;
	if (*first_content(text) == '{' && strstr(text, "\"ignition\""))
		return "an Ignition configuration";
	return NULL;
}

static enum user_data_kind judge(const char *text, struct error *err)
{
	const char *other = whose(text);
	if (other && !looks_ours(text)) {
		error_set(err,
			  "%s, which Berth does not read: give a Compose file, or keys of one "
			  "(services, x-berth) beside it",
			  other);
		return USER_DATA_FOREIGN;
	}
	return *first_content(text) ? USER_DATA_OURS : USER_DATA_EMPTY;
}

static enum user_data_kind unpack(struct unpacking *u, bool base64, struct error *err);

static bool is_our_type(const char *type)
{
	return strstr(type, "x-berth") || strstr(type, "compose");
}

/* The body becomes the text; looked at as if it had come alone. */
static enum user_data_kind unpack_part(struct unpacking *u, const struct multipart_part *part,
				       unsigned number, struct error *err)
{
	char step[24];
	if (*part->encoding) {
		error_set(err, "the transfer encoding \"%s\" is not read: use base64",
			  part->encoding);
		return USER_DATA_BROKEN;
	}
	memcpy(u->spare, part->body, part->size);
	snprintf(step, sizeof step, "part %u", number);
	turn(u, part->size, step);
	return unpack(u, part->base64, err);
}

/* The first part that is a document of ours. The message is kept aside while its parts are tried.
 */
static enum user_data_kind choose_part(struct unpacking *u, struct error *err)
{
	_cleanup_free_ char *message = strndup(u->text, u->size);
	struct multipart parts;
	struct multipart_part part;
	struct error last = ERROR_INIT;
	size_t path = strlen(u->out->path);
	int got = message ? multipart_begin(&parts, message, err)
			  : error_set(err, "no memory for a multipart message");
	if (got < 0)
		return USER_DATA_BROKEN;
	for (unsigned number = 1; (got = multipart_next(&parts, &part, err)) > 0; number++) {
		u->out->path[path] = 0;
		enum user_data_kind kind = unpack_part(u, &part, number, &last);
		if (kind == USER_DATA_BROKEN && is_our_type(part.type)) {
			*err = last;
			error_context(err, "part %u", number);
			return kind;
		}
		if (kind == USER_DATA_OURS && (is_our_type(part.type) || looks_ours(u->text)))
			return kind;
	}
	if (got < 0)
		return USER_DATA_BROKEN;
	error_set(err, "a multipart message with no part that is a Compose file: give it the type "
		       "text/x-berth");
	return USER_DATA_FOREIGN;
}

static bool is_text(const char *text, size_t size)
{
	for (size_t at = 0, length; at < size; at += length) {
		length = text_utf8_length(text + at, size - at);
		if (length == 0 || !text[at])
			return false;
	}
	return true;
}

static void drop_byte_order_mark(struct unpacking *u)
{
	if (u->size < 3 || memcmp(u->text, "\xef\xbb\xbf", 3) != 0)
		return;
	u->size -= 3;
	memmove(u->text, u->text + 3, u->size + 1);
}

static enum user_data_kind unpack(struct unpacking *u, bool base64, struct error *err)
{
	for (; ++u->layers <= LAYERS_MAX; base64 = false) {
		int undone;
		if (base64 || is_base64(u->text, u->size))
			undone = decode_base64(u, err);
		else if (is_compressed(u->text, u->size))
			undone = decompress(u, err);
		else
			break;
		if (undone < 0)
			return USER_DATA_BROKEN;
	}
	if (u->layers > LAYERS_MAX) {
		error_set(err, "packed more than %d times over", LAYERS_MAX);
		return USER_DATA_BROKEN;
	}
	if (!is_text(u->text, u->size)) {
		error_set(err, "not text in UTF-8");
		return USER_DATA_BROKEN;
	}
	drop_byte_order_mark(u);
	return multipart_is_message(u->text) ? choose_part(u, err) : judge(u->text, err);
}

enum user_data_kind user_data_read(const void *bytes, size_t size, bool base64,
				   struct user_data *out, struct error *err)
{
	*out = (struct user_data){0};
	if (size > USER_DATA_MAX) {
		error_set(err, "longer than %d KiB", USER_DATA_MAX / 1024);
		return USER_DATA_BROKEN;
	}
	_cleanup_free_ char *first = malloc(USER_DATA_MAX + 1), *second = malloc(USER_DATA_MAX + 1);
	if (!first || !second) {
		error_set(err, "no memory for a document");
		return USER_DATA_BROKEN;
	}
	memcpy(first, bytes, size);
	first[size] = 0;
	struct unpacking u = {.text = first, .spare = second, .size = size, .out = out};
	enum user_data_kind kind = unpack(&u, base64, err);
	if (kind != USER_DATA_OURS)
		return kind;
	out->text = strndup(u.text, u.size);
	out->size = u.size;
	if (out->text)
		return kind;
	error_set(err, "no memory for a document");
	return USER_DATA_BROKEN;
}

void user_data_free(struct user_data *data)
{
	free(data->text);
	data->text = NULL;
}
