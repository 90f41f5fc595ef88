// SPDX-License-Identifier: Apache-2.0
#include "lib/text.h"

#include <stdint.h>
#include <string.h>

size_t text_utf8_length(const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;
	if (size == 0)
		return 0;
	if (at[0] < 0x80)
		return 1;
	size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
	if (at[0] < 0xc2 || at[0] > 0xf4 || length > size)
		return 0;
	uint32_t point = at[0] & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (at[i] & 0x3f);
	}
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	return length;
}

void text_one_line(char *text)
{
	size_t left = strlen(text);
	while (left) {
		size_t length = text_utf8_length(text, left);
		if (length == 0 || (unsigned char)*text < 0x20 || *text == 0x7f) {
			*text = '?';
			length = 1;
		}
		text += length;
		left -= length;
	}
}

bool text_is_utf8(const char *text)
{
	size_t left = strlen(text);
	for (size_t length; left; text += length, left -= length)
		if (!(length = text_utf8_length(text, left)))
			return false;
	return true;
}
