// SPDX-License-Identifier: Apache-2.0
/* Runs a fuzz target over every file of the folders named, without a fuzzer: the regression run. */
#include "lib/cleanup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "rb");
	struct stat st;
	if (!file || fstat(fileno(file), &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	/* Exactly as large as the input, so that reading one byte too many is seen. */
	_cleanup_free_ uint8_t *data = malloc(st.st_size ? (size_t)st.st_size : 1);
	if (!data || fread(data, 1, (size_t)st.st_size, file) != (size_t)st.st_size)
		return -1;
	LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	return 0;
}

int main(int argc, char **argv)
{
	int inputs = 0;
	for (int i = 1; i < argc; i++) {
		_cleanup_closedir_ DIR *folder = opendir(argv[i]);
		struct dirent *entry;
		while (folder && (entry = readdir(folder))) {
			char path[4096];
			snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
			inputs += run_file(path) == 0;
		}
	}
	printf("%d inputs\n", inputs);
	return inputs > 0 ? 0 : 1;
}
