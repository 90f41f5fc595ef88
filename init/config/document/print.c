// SPDX-License-Identifier: Apache-2.0
/* The normal form on paper: JSON, YAML, and a list of sources. */
#include "init/config/document/document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* With `dollars`, each dollar sign twice, so that it does not begin a variable. */
/* The code and, in *length, the bytes of a character that YAML does not read as it stands, or takes for a
 * line's end; 0: of another one. The text is UTF-8. */
static unsigned code_to_escape(const char *text, size_t *length)
{
	const unsigned char *c = (const unsigned char *)text;
	*length = 1;
	if (c[0] < 0x20 || c[0] == 0x7f)
		return c[0];
	*length = 2;
	if (c[0] == 0xc2 && c[1] < 0xa0)
		return c[1];
	*length = 3;
	unsigned code = c[0] >> 4 == 0xe && c[1] && c[2]
				? (c[0] & 0xfU) << 12 | (c[1] & 0x3fU) << 6 | (c[2] & 0x3fU)
				: 0;
	return code == 0x2028 || code == 0x2029 || code == 0xfeff || code >= 0xfffe ? code : 0;
}

static void print_quoted(const char *text, bool dollars, FILE *out)
{
	size_t length;
	unsigned code;
	putc('"', out);
	for (const char *c = text; *c; c++) {
		if (*c == '$' && dollars)
			putc('$', out);
		switch (*c) {
		case '"':
		case '\\':
			fprintf(out, "\\%c", *c);
			break;
		case '\n':
			fputs("\\n", out);
			break;
		case '\t':
			fputs("\\t", out);
			break;
		default:
			code = code_to_escape(c, &length);
			if (code)
				fprintf(out, "\\u%04x", code);
			else
				putc(*c, out);
			c += code ? length - 1 : 0;
		}
	}
	putc('"', out);
}

static void print_text(const char *text, FILE *out)
{
	print_quoted(text, false, out);
}

static void print_number(double number, FILE *out)
{
	char text[40];
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	fputs(isfinite(number) ? text : "null", out);
}

static void print_scalar(const struct node *node, FILE *out)
{
	switch (node->kind) {
	case NODE_NULL:
		fputs("null", out);
		break;
	case NODE_BOOL:
		fputs(node->integer ? "true" : "false", out);
		break;
	case NODE_INTEGER:
		fprintf(out, "%lld", (long long)node->integer);
		break;
	case NODE_FLOAT:
		print_number(node->number, out);
		break;
	default:
		print_text(node->text, out);
	}
}

static void indent(FILE *out, unsigned depth)
{
	fprintf(out, "%*s", (int)(2 * depth), "");
}

static void print_json(const struct node *node, unsigned depth, FILE *out)
{
	bool map = node->kind == NODE_MAP;
	if (node_is_scalar(node)) {
		print_scalar(node, out);
		return;
	}
	putc(map ? '{' : '[', out);
	for (const struct node *child = node->first; child; child = child->next) {
		putc('\n', out);
		indent(out, depth + 1);
		if (map) {
			print_text(child->key, out);
			fputs(": ", out);
		}
		print_json(child, depth + 1, out);
		if (child->next)
			putc(',', out);
	}
	if (node->count) {
		putc('\n', out);
		indent(out, depth);
	}
	putc(map ? '}' : ']', out);
}

void document_print_json(const struct node *root, FILE *out)
{
	print_json(root, 0, out);
	putc('\n', out);
}

/* Services that have a profile are those that were asked for. */
static bool is_done(const struct node *child, unsigned depth)
{
	return depth == 2 && child->key && strcmp(child->key, "profiles") == 0;
}

static void print_machine(const struct node *node, unsigned depth, FILE *out)
{
	bool map = node->kind == NODE_MAP, any = false;
	if (node->kind == NODE_TEXT) {
		print_quoted(node->text, true, out);
		return;
	}
	if (node_is_scalar(node)) {
		print_scalar(node, out);
		return;
	}
	putc(map ? '{' : '[', out);
	for (const struct node *child = node->first; child; child = child->next) {
		if (is_done(child, depth))
			continue;
		if (any)
			putc(',', out);
		any = true;
		if (map) {
			print_text(child->key, out);
			putc(':', out);
		}
		print_machine(child, depth + 1, out);
	}
	putc(map ? '}' : ']', out);
}

void document_print_machine(const struct node *root, FILE *out)
{
	print_machine(root, 0, out);
	putc('\n', out);
}

/* A key or text that YAML takes for a text without quotes. */
static bool is_plain(const char *text)
{
	return ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || *text == '/') &&
	       !text[strspn(
		       text,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-")] &&
	       strcasecmp(text, "true") != 0 && strcasecmp(text, "false") != 0 &&
	       strcasecmp(text, "null") != 0 && strcasecmp(text, "yes") != 0 &&
	       strcasecmp(text, "no") != 0 && strcasecmp(text, "on") != 0 &&
	       strcasecmp(text, "off") != 0 && strcasecmp(text, "y") != 0 &&
	       strcasecmp(text, "n") != 0;
}

static void print_yaml_text(const char *text, FILE *out)
{
	if (is_plain(text))
		fputs(text, out);
	else
		print_text(text, out);
}

static void print_source(const struct machine_document *document, const struct node *node,
			 FILE *out)
{
	char place[160];
	if (node->at.line)
		fprintf(out, "  # %s", document_place(document, node->at, place));
	putc('\n', out);
}

static void print_yaml(const struct machine_document *document, const struct node *node,
		       unsigned depth, bool first_inline, FILE *out)
{
	for (const struct node *child = node->first; child; child = child->next) {
		if (!first_inline || child != node->first)
			indent(out, depth);
		if (child->key) {
			print_yaml_text(child->key, out);
			putc(':', out);
		} else {
			putc('-', out);
		}
		if (node_is_scalar(child) || !child->count) {
			putc(' ', out);
			if (child->kind == NODE_TEXT)
				print_yaml_text(child->text, out);
			else if (node_is_scalar(child))
				print_scalar(child, out);
			else
				fputs(child->kind == NODE_MAP ? "{}" : "[]", out);
			print_source(document, child, out);
			continue;
		}
		putc(child->key ? '\n' : ' ', out);
		print_yaml(document, child, depth + 1, !child->key, out);
	}
}

void document_print_yaml(const struct machine_document *document, FILE *out)
{
	print_yaml(document, document->root, 0, false, out);
}

struct listing {
	const struct machine_document *document;
	FILE *out;
	bool any;
	char path[512];
};

static void list_value(struct listing *listing, const struct node *node)
{
	char place[160];
	fputs(listing->any ? ",\n  {\"key\": " : "\n  {\"key\": ", listing->out);
	listing->any = true;
	print_text(listing->path, listing->out);
	fputs(", \"value\": ", listing->out);
	print_json(node, 0, listing->out);
	fputs(", \"source\": ", listing->out);
	print_text(node->at.line ? document_place(listing->document, node->at, place) : "standard",
		   listing->out);
	putc('}', listing->out);
}

static void list_below(struct listing *listing, const struct node *node)
{
	size_t mark = strlen(listing->path);
	unsigned index = 0;
	if (node_is_scalar(node) || !node->count) {
		list_value(listing, node);
		return;
	}
	for (const struct node *child = node->first; child; child = child->next, index++) {
		if (child->key)
			snprintf(listing->path + mark, sizeof listing->path - mark, "%s%s",
				 mark ? "." : "", child->key);
		else
			snprintf(listing->path + mark, sizeof listing->path - mark, "[%u]", index);
		list_below(listing, child);
		listing->path[mark] = 0;
	}
}

struct visit {
	const struct machine_document *document;
	document_value *value;
	void *context;
	char path[512];
};

/* Passwords do not go into reports. */
static bool is_secret(const char *path)
{
	static const char *const secret[] = {"secrets.", "x-berth.credentials."};
	size_t length = strlen(path);
	for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
		if (strncmp(path, secret[i], strlen(secret[i])) == 0)
			return i > 0 || (length > 8 && strcmp(path + length - 8, ".content") == 0);
	return length > 11 && strcmp(path + length - 11, ".client_key") == 0;
}

static void visit_value(const struct visit *visit, const struct node *node)
{
	char place[160] = "", number[40];
	const char *value = node->text;
	if (node->kind == NODE_BOOL)
		value = node->integer ? "true" : "false";
	else if (node->kind == NODE_INTEGER) {
		snprintf(number, sizeof number, "%lld", (long long)node->integer);
		value = number;
	} else if (!node_is_scalar(node))
		value = node->kind == NODE_MAP ? "{}" : "[]";
	if (node->at.line)
		document_place(visit->document, node->at, place);
	visit->value(visit->context, visit->path, is_secret(visit->path) ? "…" : value, place);
}

static void visit_below(struct visit *visit, const struct node *node)
{
	size_t mark = strlen(visit->path);
	unsigned index = 0;
	if (node_is_scalar(node) || !node->count) {
		visit_value(visit, node);
		return;
	}
	for (const struct node *child = node->first; child; child = child->next, index++) {
		if (child->key)
			snprintf(visit->path + mark, sizeof visit->path - mark, "%s%s",
				 mark ? "." : "", child->key);
		else
			snprintf(visit->path + mark, sizeof visit->path - mark, "[%u]", index);
		visit_below(visit, child);
		visit->path[mark] = 0;
	}
}

void document_each_value(const struct machine_document *document, document_value *value,
			 void *context)
{
	struct visit visit = {.document = document, .value = value, .context = context};
	visit_below(&visit, document->root);
}

void document_print_sources(const struct machine_document *document, FILE *out)
{
	struct listing listing = {.document = document, .out = out};
	putc('[', out);
	list_below(&listing, document->root);
	fputs("\n]\n", out);
}
