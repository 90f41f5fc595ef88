// SPDX-License-Identifier: Apache-2.0
/* User data in all its wrappings: multipart, base64, gzip, zstd. */
#include "init/config/user_data.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct user_data out;
	struct error err = ERROR_INIT;
	bool base64 = size > 0 && data[0] == '=';
	enum user_data_kind kind =
		user_data_read(data + base64, size - base64, base64, &out, &err);
	if ((kind == USER_DATA_OURS) != (out.text != NULL))
		abort();
	if (out.text && (strlen(out.text) != out.size || out.size > USER_DATA_MAX))
		abort();
	if ((kind == USER_DATA_BROKEN || kind == USER_DATA_FOREIGN) && !*err.text)
		abort();
	user_data_free(&out);
	return 0;
}
