// SPDX-License-Identifier: Apache-2.0
#include "images/reference.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_word(char c)
{
	return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The length of one separator inside a path component: ".", "_", "__" or any number of "-". */
static size_t separator_length(const char *text)
{
	if (*text == '.')
		return 1;
	if (*text == '_')
		return text[1] == '_' ? 2 : 1;
	return strspn(text, "-");
}

static bool valid_repository(const char *text)
{
	for (;;) {
		if (!is_lower_or_digit(*text))
			return false;
		while (is_lower_or_digit(*text))
			text++;
		if (!*text)
			return true;
		text += *text == '/' ? 1 : separator_length(text);
	}
}

/* Dot-separated labels of letters, digits and inner hyphens, or an address in brackets. */
static bool valid_host(const char *text, size_t length)
{
	if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
		for (size_t i = 1; i < length - 1; i++)
			if (!isxdigit((unsigned char)text[i]) && text[i] != ':' && text[i] != '.')
				return false;
		return true;
	}
	char before = '.';
	for (size_t i = 0; i < length; i++) {
		bool inner = text[i] == '-' || text[i] == '.';
		if (!inner && (!is_word(text[i]) || text[i] == '_'))
			return false;
		if ((before == '.' && inner) || (before == '-' && text[i] == '.'))
			return false;
		before = text[i];
	}
	return length > 0 && before != '.' && before != '-';
}

static bool valid_registry(const char *text)
{
	size_t length = strlen(text);
	const char *colon = strrchr(text, ':');
	if (colon && !strchr(colon, ']')) {
		size_t digits = strspn(colon + 1, "0123456789");
		unsigned port = 0;
		if (digits == 0 || digits > 5 || colon[1 + digits])
			return false;
		for (size_t i = 1; i <= digits; i++)
			port = port * 10 + (unsigned)(colon[i] - '0');
		if (port == 0 || port > 65535)
			return false;
		length = (size_t)(colon - text);
	}
	return valid_host(text, length);
}

static bool valid_tag(const char *text)
{
	if (!is_word(*text))
		return false;
	for (; *text; text++)
		if (!is_word(*text) && *text != '.' && *text != '-')
			return false;
	return true;
}

/* A first component with a dot, a colon, a capital letter or the name localhost is a registry. */
static bool names_registry(const char *text, size_t length)
{
	if (length == 9 && memcmp(text, "localhost", 9) == 0)
		return true;
	for (size_t i = 0; i < length; i++)
		if (text[i] == '.' || text[i] == ':' || (text[i] >= 'A' && text[i] <= 'Z'))
			return true;
	return false;
}

static int split_name(const char *name, const char *text, struct reference *out, struct error *err)
{
	const char *slash = strchr(name, '/');
	if (slash && names_registry(name, (size_t)(slash - name))) {
		memcpy(out->registry, name, (size_t)(slash - name));
		strncpy(out->repository, slash + 1, sizeof out->repository - 1);
		if (!valid_registry(out->registry))
			return error_set(err, "image reference \"%s\": \"%s\" is not a registry name "
					 "(HOST or HOST:PORT)", text, out->registry);
		if (strcmp(out->registry, "index.docker.io") == 0)
			memcpy(out->registry, "docker.io", sizeof "docker.io");
	} else {
		memcpy(out->registry, "docker.io", sizeof "docker.io");
		strncpy(out->repository, name, sizeof out->repository - 1);
	}
	if (strcmp(out->registry, "docker.io") == 0 && !strchr(out->repository, '/')) {
		char bare[REFERENCE_NAME_MAX];
		memcpy(bare, out->repository, sizeof bare);
		int length = snprintf(out->repository, sizeof out->repository, "library/%s", bare);
		if (length >= (int)sizeof out->repository)
			return error_set(err, "image reference: the name is longer than %d bytes",
					 REFERENCE_NAME_MAX - 1);
	}
	return 0;
}

static int check_repository(const char *text, const struct reference *out, struct error *err)
{
	/* What Docker adds counts too: the normalised form is a reference like any other. */
	if (strlen(out->registry) + 1 + strlen(out->repository) >= REFERENCE_NAME_MAX)
		return error_set(err, "image reference \"%.60s…\": with its registry the name is "
				 "longer than %d bytes", text, REFERENCE_NAME_MAX - 1);
	for (const char *c = out->repository; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			return error_set(err, "image reference \"%s\": the repository name must be "
					 "lower case", text);
	if (!valid_repository(out->repository))
		return error_set(err, "image reference \"%s\": \"%s\" is not a repository name "
				 "(lower-case letters and digits, separated by . _ - or /)", text,
				 out->repository);
	const char *last = strrchr(out->repository, '/');
	last = last ? last + 1 : out->repository;
	if (strcmp(out->registry, "docker.io") == 0 && strlen(last) == 64 &&
	    strspn(last, "0123456789abcdef") == 64)
		return error_set(err, "image reference \"%s\" looks like an image ID; "
				 "a repository name is needed", text);
	return 0;
}

/* Cuts ":TAG" off the end of name, where the colon is not that of a port. */
static int take_tag(char *name, const char *text, struct reference *out, struct error *err)
{
	char *colon = strrchr(name, ':');
	if (!colon || strchr(colon, '/') || strchr(colon, ']'))
		return 0;
	const char *tag = colon + 1;
	if (strlen(tag) >= sizeof out->tag)
		return error_set(err, "image reference \"%.80s…\": the tag is longer than %d bytes",
				 text, REFERENCE_TAG_MAX - 1);
	if (!valid_tag(tag))
		return error_set(err, "image reference \"%s\": \"%s\" is not a tag "
				 "(letters, digits, _ . -, not starting with . or -)", text, tag);
	memcpy(out->tag, tag, strlen(tag) + 1);
	*colon = 0;
	return 0;
}

static int take_digest(char *name, const char *text, struct reference *out, struct error *err)
{
	char *at = strchr(name, '@');
	if (!at)
		return 0;
	if (digest_parse(at + 1, &out->digest, err) < 0)
		return error_context(err, "image reference \"%.120s\"", text);
	*at = 0;
	return 0;
}

int reference_parse(const char *text, struct reference *out, struct error *err)
{
	*out = (struct reference){0};
	char name[REFERENCE_TEXT_MAX];
	size_t length = strlen(text);
	if (length == 0)
		return error_set(err, "image reference is empty");
	if (length >= sizeof name)
		return error_set(err, "image reference \"%.60s…\" is longer than %d bytes", text,
				 REFERENCE_TEXT_MAX - 1);
	memcpy(name, text, length + 1);
	if (strstr(name, "://"))
		return error_set(err, "image reference \"%s\" is a URL; leave out the part up to ://",
				 text);
	if (take_digest(name, text, out, err) < 0 || take_tag(name, text, out, err) < 0)
		return -1;
	if (strlen(name) >= REFERENCE_NAME_MAX)
		return error_set(err, "image reference \"%.60s…\": the name is longer than %d bytes",
				 text, REFERENCE_NAME_MAX - 1);
	if (split_name(name, text, out, err) < 0 || check_repository(text, out, err) < 0)
		return -1;
	if (!*out->tag && !*out->digest.text)
		memcpy(out->tag, "latest", sizeof "latest");
	return 0;
}

void reference_format(const struct reference *reference, char *out)
{
	bool tagged = *reference->tag, pinned = *reference->digest.text;
	snprintf(out, REFERENCE_TEXT_MAX, "%s/%s%s%s%s%s", reference->registry,
		 reference->repository, tagged ? ":" : "", reference->tag, pinned ? "@" : "",
		 reference->digest.text);
}

const char *reference_target(const struct reference *reference)
{
	return *reference->digest.text ? reference->digest.text : reference->tag;
}
