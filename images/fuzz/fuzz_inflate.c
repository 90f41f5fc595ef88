// SPDX-License-Identifier: Apache-2.0
/*
 * Compressed streams. The first byte of the input chooses the format, the second the size of the
 * pieces. What is accepted whole must be accepted in pieces and give the same bytes.
 */
#include "images/digest.h"
#include "images/layers/inflate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_MAX = 4 << 20 };

struct output {
	struct sha256 sha;
	size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int receive(void *context, const void *data, size_t size, struct error *err)
{
	struct output *output = context;
	sha256_add(&output->sha, data, size);
	output->size += size;
	return output->size > OUTPUT_MAX ? error_set(err, "enough") : 0;
}

static bool decode(enum compression compression, const uint8_t *data, size_t size, size_t piece,
		   struct digest *digest)
{
	struct output output = {.size = 0};
	sha256_begin(&output.sha);
	struct inflate *inflate = inflate_open(compression, receive, &output, NULL);
	bool good = inflate != NULL;
	for (size_t at = 0; good && at < size; at += piece)
		good = inflate_add(inflate, data + at, size - at < piece ? size - at : piece,
				   NULL) == 0;
	good = good && inflate_end(inflate, NULL) == 0;
	inflate_close(inflate);
	sha256_end(&output.sha, digest);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct digest whole, pieces;
	if (size < 2)
		return 0;
	enum compression compression = data[0] % 3;
	size_t piece = 1 + data[1];
	bool one = decode(compression, data + 2, size - 2, size, &whole);
	bool two = decode(compression, data + 2, size - 2, piece, &pieces);
	if (one != two || (one && strcmp(whole.text, pieces.text) != 0))
		abort();
	return 0;
}
