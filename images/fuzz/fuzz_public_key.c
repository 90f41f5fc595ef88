// SPDX-License-Identifier: Apache-2.0
/* A public key in PEM; what follows its first NUL is a signature made with it. */
#include "images/signatures/public_key.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[8192];
	struct public_key key;
	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	size_t used = strlen(text);
	if (public_key_parse(text, &key, NULL) == 0 && used < size &&
	    public_key_verify(&key, "message", 7, data + used + 1, size - used - 1))
		abort(); /* found a signature without the private key */
	public_key_close(&key);
	return 0;
}
