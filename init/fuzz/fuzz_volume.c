// SPDX-License-Identifier: Apache-2.0
/* Labels of file systems: the input is a disk, as far as it is looked at. */
#include "init/boot/volume.h"

#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { INPUT_MAX = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct volume volume;
	if (fd < 0)
		fd = memfd_create("disk", MFD_CLOEXEC);
	if (size > INPUT_MAX)
		return 0;
	if (ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		err(1, "write the disk");
	memset(&volume, 'x', sizeof volume);
	volume_read(fd, &volume);
	if (strnlen(volume.label, sizeof volume.label) == sizeof volume.label ||
	    strnlen(volume.uuid, sizeof volume.uuid) == sizeof volume.uuid)
		abort();
	if (volume_has_label(&volume, VOLUME_IMAGES) && volume.format == VOLUME_OTHER)
		abort();
	return 0;
}
