// SPDX-License-Identifier: Apache-2.0
#include "lib/error.h"

#include "lib/text.h"

#include <stdio.h>
#include <string.h>

static void fill(struct error *err, int code, enum error_kind kind, const char *format, va_list ap)
{
	err->code = code;
	err->kind = kind;
	vsnprintf(err->text, sizeof err->text, format, ap);
	text_one_line(err->text);
}

int (error_set)(struct error *err, const char *format, ...)
{
	if (!err)
		return -1;
	va_list ap;
	va_start(ap, format);
	fill(err, 0, ERROR_PERMANENT, format, ap);
	va_end(ap);
	return -1;
}

int (error_temporary)(struct error *err, const char *format, ...)
{
	if (!err)
		return -1;
	va_list ap;
	va_start(ap, format);
	fill(err, 0, ERROR_TEMPORARY, format, ap);
	va_end(ap);
	return -1;
}

int (error_errno)(struct error *err, int code, const char *format, ...)
{
	if (!err)
		return -1;
	va_list ap;
	va_start(ap, format);
	fill(err, code, ERROR_PERMANENT, format, ap);
	va_end(ap);
	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(code));
	return -1;
}

int (error_context)(struct error *err, const char *format, ...)
{
	if (!err)
		return -1;
	char inner[ERROR_TEXT_MAX];
	memcpy(inner, err->text, sizeof inner);
	va_list ap;
	va_start(ap, format);
	int used = vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	if (used >= 0 && (size_t)used < sizeof err->text)
		snprintf(err->text + used, sizeof err->text - (size_t)used, ": %.*s",
			 ERROR_TEXT_MAX - 3 - used, inner);
	text_one_line(err->text);
	return -1;
}
