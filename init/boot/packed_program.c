// SPDX-License-Identifier: Apache-2.0
#include "init/boot/packed_program.h"

#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

enum { PACKED_MAX = 1 << 20, PROGRAM_MAX = 4 << 20 };

int packed_program_open(const char *path, struct error *err)
{
	_cleanup_close_ int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return error_errno(err, errno, "open %s", path);
	_cleanup_free_ char *packed = malloc(PACKED_MAX);
	_cleanup_free_ char *program = malloc(PROGRAM_MAX);
	if (!packed || !program)
		return error_set(err, "no memory to unpack %s", path);
	ssize_t size = read(file, packed, PACKED_MAX);
	if (size < 0)
		return error_errno(err, errno, "read %s", path);
	size_t length = ZSTD_decompress(program, PROGRAM_MAX, packed, (size_t)size);
	_cleanup_close_ int fd = memfd_create("program", MFD_CLOEXEC);
	if (ZSTD_isError(length) || fd < 0)
		return error_set(err, "%s cannot be unpacked", path);
	return write_all(fd, program, length, err) < 0 ? -1 : steal_fd(&fd);
}
