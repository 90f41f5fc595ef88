// SPDX-License-Identifier: Apache-2.0
#include "runtime/passwd.h"

#include <limits.h>
#include <string.h>

bool passwd_number(const char *text, unsigned *number)
{
	size_t length = strlen(text);
	if (length == 0 || length > 10 || strspn(text, "0123456789") != length)
		return false;
	unsigned long long value = 0;
	for (; *text; text++)
		value = value * 10 + (unsigned)(*text - '0');
	if (value > INT_MAX)
		return false;
	*number = (unsigned)value;
	return true;
}

enum token { TOKEN_NONE, TOKEN_FIELD, TOKEN_LINE };

/* Takes one byte. TOKEN_FIELD: stream->text is a whole field (or item of the list) that other bytes
 * of the line follow; TOKEN_LINE: it is the last one of its line. */
static enum token take(struct passwd_stream *stream, char byte)
{
	bool item_end = byte == ',' && stream->list && stream->field == 3;
	if (byte == ':' || byte == '\n' || item_end) {
		stream->text[stream->overlong ? 0 : stream->length] = 0;
		return byte == '\n' ? TOKEN_LINE : TOKEN_FIELD;
	}
	if (byte == 0 || stream->length + 1 >= sizeof stream->text)
		stream->overlong = true;
	else
		stream->text[stream->length++] = byte;
	return TOKEN_NONE;
}

static void next_field(struct passwd_stream *stream, char byte)
{
	stream->length = 0;
	stream->overlong = false;
	if (byte == '\n')
		stream->field = 0;
	else if (byte == ':' && stream->field < PASSWD_FIELDS)
		stream->field++;
}

static bool matches(const struct passwd_key *want, const char *name, const char *number)
{
	unsigned value;
	if (want->name)
		return strcmp(name, want->name) == 0;
	return passwd_number(number, &value) && value == want->number;
}

/* --- passwd: name:password:uid:gid:comment:home:shell --- */

void passwd_scan_begin(struct passwd_scan *scan, struct passwd_key want)
{
	memset(scan, 0, sizeof *scan);
	scan->want = want;
}

static void passwd_line(struct passwd_scan *scan)
{
	bool whole = !scan->bad[0] && !scan->bad[2] && !scan->bad[3] && scan->fields[0][0];
	if (!scan->entry.found && whole &&
	    matches(&scan->want, scan->fields[0], scan->fields[2])) {
		scan->entry.found = true;
		scan->entry.valid = passwd_number(scan->fields[2], &scan->entry.uid) &&
				    passwd_number(scan->fields[3], &scan->entry.gid);
		memcpy(scan->entry.name, scan->fields[0], sizeof scan->entry.name);
		if (!scan->bad[5])
			memcpy(scan->entry.home, scan->fields[5], sizeof scan->entry.home);
	}
	memset(scan->bad, 0, sizeof scan->bad);
	for (unsigned i = 0; i < PASSWD_FIELDS; i++)
		scan->fields[i][0] = 0;
}

void passwd_scan_feed(struct passwd_scan *scan, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		enum token token = take(&scan->stream, bytes[i]);
		if (token == TOKEN_NONE)
			continue;
		unsigned field = scan->stream.field;
		if (field < PASSWD_FIELDS) {
			scan->bad[field] = scan->stream.overlong;
			memcpy(scan->fields[field], scan->stream.text, PASSWD_FIELD_MAX);
		}
		next_field(&scan->stream, bytes[i]);
		if (token == TOKEN_LINE)
			passwd_line(scan);
	}
}

void passwd_scan_end(struct passwd_scan *scan)
{
	passwd_scan_feed(scan, "\n", 1);
}

/* --- group: name:password:gid:member,member,… --- */

void group_scan_begin(struct group_scan *scan, struct passwd_key want, const char *member)
{
	memset(scan, 0, sizeof *scan);
	scan->want = want;
	scan->member = member;
	scan->stream.list = true;
}

static void group_field(struct group_scan *scan)
{
	const struct passwd_stream *stream = &scan->stream;
	if (stream->overlong)
		return;
	if (stream->field == 0)
		scan->wanted = scan->want.name && *stream->text &&
			       strcmp(stream->text, scan->want.name) == 0;
	else if (stream->field == 2)
		scan->has_gid = passwd_number(stream->text, &scan->gid);
	else if (stream->field == 3 && scan->member)
		scan->listed |= strcmp(stream->text, scan->member) == 0;
}

static void group_line(struct group_scan *scan)
{
	struct group_entry *entry = &scan->entry;
	bool wanted = scan->want.name ? scan->wanted : scan->gid == scan->want.number;
	if (scan->has_gid && scan->member && scan->listed) {
		if (entry->count < PASSWD_GROUPS_MAX)
			entry->groups[entry->count++] = scan->gid;
		else
			entry->too_many = true;
	} else if (scan->has_gid && !scan->member && wanted && !entry->found) {
		entry->found = true;
		entry->gid = scan->gid;
	}
	scan->wanted = scan->has_gid = scan->listed = false;
}

void group_scan_feed(struct group_scan *scan, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		enum token token = take(&scan->stream, bytes[i]);
		if (token == TOKEN_NONE)
			continue;
		group_field(scan);
		next_field(&scan->stream, bytes[i]);
		if (token == TOKEN_LINE)
			group_line(scan);
	}
}

void group_scan_end(struct group_scan *scan)
{
	group_scan_feed(scan, "\n", 1);
}
