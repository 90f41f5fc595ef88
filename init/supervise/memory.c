// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/memory.h"

#include "lib/cleanup.h"
#include "lib/file.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct memory_sample last;

/* Processes outside every container stand in the root cgroup. */
static int is_own(int proc, const char *pid)
{
	char path[64], text[256];
	snprintf(path, sizeof path, "%.20s/cgroup", pid);
	return file_read(proc, path, text, sizeof text, NULL) > 0 && strcmp(text, "0::/\n") == 0;
}

/* 0 for a kernel thread, or a process that is gone. */
static uint64_t resident_bytes(int proc, const char *pid)
{
	char path[64], text[128];
	unsigned long long pages = 0;
	snprintf(path, sizeof path, "%.20s/statm", pid);
	if (file_read(proc, path, text, sizeof text, NULL) <= 0 ||
	    sscanf(text, "%*u %llu", &pages) != 1)
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void memory_take_sample(void)
{
	struct memory_sample sample = {0};
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	struct dirent *entry;
	while (proc && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		uint64_t bytes = is_own(dirfd(proc), entry->d_name)
					 ? resident_bytes(dirfd(proc), entry->d_name)
					 : 0;
		sample.bytes += bytes;
		sample.processes += bytes > 0;
	}
	last = sample;
}

void memory_last_sample(struct memory_sample *out)
{
	*out = last;
}
