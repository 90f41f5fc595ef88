// SPDX-License-Identifier: Apache-2.0
#include "images/store/chain.h"

#include <string.h>

void chain_id(const struct digest *below, const struct digest *diff_id, struct digest *out)
{
	struct sha256 sha;
	if (!below) {
		*out = *diff_id;
		return;
	}
	sha256_begin(&sha);
	sha256_add(&sha, below->text, strlen(below->text));
	sha256_add(&sha, " ", 1);
	sha256_add(&sha, diff_id->text, strlen(diff_id->text));
	sha256_end(&sha, out);
}
