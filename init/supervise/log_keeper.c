// SPDX-License-Identifier: Apache-2.0
/* The keeper: each container's lines in a file of its name, and when that is full, a new one. */
#include "init/supervise/log_sinks.h"

#include "init/supervise/log_line.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __GLIBC__
#define CALLS NULL /* the table is that of the machine's libc */
#else
#define CALLS calls
#define NR(name) __NR_##name
static const uint16_t calls[] = {
	NR(brk), NR(mmap), NR(munmap), NR(mremap), NR(madvise), NR(rt_sigreturn), NR(rt_sigprocmask),
	NR(restart_syscall), NR(exit), NR(exit_group), NR(recvfrom), NR(sendto), NR(openat), NR(close),
	NR(read), NR(write), NR(writev), NR(fstat), NR(newfstatat), NR(lseek), NR(renameat),
	NR(unlinkat), NR(ftruncate), NR(fcntl), NR(clock_gettime),
#ifdef __x86_64__
	NR(open), NR(rename), NR(unlink), NR(stat),
#endif
	UINT16_MAX,
};
#endif

static struct keeper {
	const struct log_table *table;
	int socket, folder;
	struct file {
		int fd;
		uint64_t size;
	} files[OUTPUT_STREAMS_MAX]; /* by the first stream of the name */
	unsigned long lost;
	bool told; /* that lines are lost, until one is kept again */
} keeper;

static int confine(struct error *err)
{
	const struct confine_path paths[] = {
		{keeper.table->folder, CONFINE_READ | CONFINE_WRITE, false},
		{NULL, 0, false},
	};
	bool strict = getppid() == 1; /* tests have sanitizers, which take address space */
	const struct confine_policy policy = {
		.name = "berth-keeper",
		.uid = CONFINE_UID_LOG,
		.gid = CONFINE_UID_LOG,
		.paths = paths,
		.syscalls = CALLS,
		.address_space = strict ? 32 << 20 : 0,
		.open_files = OUTPUT_STREAMS_MAX + 16,
	};
	return confine_self(&policy, strict, err);
}

/* Both streams of a container have one file. */
static unsigned file_of(unsigned stream)
{
	const struct log_target *targets = keeper.table->targets;
	unsigned first = 0;
	while (!targets[first].used || strcmp(targets[first].name, targets[stream].name) != 0)
		first++;
	return first;
}

/* "NAME.log", and of those before it "NAME.log.1" and so on. */
static void name_file(const struct log_target *target, unsigned number, char out[96])
{
	if (number)
		snprintf(out, 96, "%s.log.%u", target->name, number);
	else
		snprintf(out, 96, "%s.log", target->name);
}

static int open_file(const struct log_target *target, struct file *file)
{
	char name[96];
	struct stat st;
	name_file(target, 0, name);
	file->fd = openat(keeper.folder, name,
			  O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (file->fd < 0)
		return -1;
	if (fstat(file->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		cleanup_close_fd(&file->fd);
		file->fd = -1;
		return -1;
	}
	file->size = (uint64_t)st.st_size;
	return 0;
}

/* The oldest goes, each other one gets the next number. */
static void rotate(const struct log_target *target, struct file *file)
{
	char from[96], to[96];
	cleanup_close_fd(&file->fd);
	file->fd = -1;
	name_file(target, target->route.file_count - 1, to);
	unlinkat(keeper.folder, to, 0);
	for (unsigned number = target->route.file_count - 1; number > 0; number--) {
		name_file(target, number - 1, from);
		renameat(keeper.folder, from, keeper.folder, to);
		snprintf(to, sizeof to, "%s", from);
	}
}

/* A line that was cut off by a full disk is ended, so that what follows is one again. */
static int write_line(struct file *file, const char *text, size_t size)
{
	ssize_t put = write(file->fd, text, size);
	if (put > 0)
		file->size += (size_t)put;
	if (put == (ssize_t)size)
		return 0;
	if (put > 0 && ftruncate(file->fd, (off_t)(file->size - (size_t)put)) == 0)
		file->size -= (size_t)put;
	if (put >= 0)
		errno = ENOSPC;
	return -1;
}

static int keep(const struct log_line *line)
{
	static char text[LOG_JSON_MAX];
	const struct log_target *target = &keeper.table->targets[line->stream];
	struct file *file = &keeper.files[file_of(line->stream)];
	size_t size = log_line_json(line, target->stream, text);
	if (file->fd < 0 && open_file(target, file) < 0)
		return -1;
	if (file->size && file->size + size > target->route.file_bytes) {
		rotate(target, file);
		if (open_file(target, file) < 0)
			return -1;
	}
	return write_line(file, text, size);
}

static void take(const struct log_line *line)
{
	if (!keeper.table->targets[line->stream].used)
		return;
	if (keep(line) == 0) {
		if (keeper.told)
			log_sink_tell(keeper.socket, false, "output is kept again; %lu lines were "
							    "lost", keeper.lost);
		keeper.told = false;
		keeper.lost = 0;
		return;
	}
	keeper.lost++;
	if (!keeper.told)
		log_sink_tell(keeper.socket, true, "the output of %s cannot be kept: %s; lines are "
						   "lost until it can",
			      keeper.table->targets[line->stream].name, strerror(errno));
	keeper.told = true;
}

int log_keeper_main(const struct log_table *table, int socket)
{
	static unsigned char packet[LOG_PACKED_MAX + 1];
	struct error err = ERROR_INIT;
	struct log_line line;
	ssize_t got;
	keeper.table = table;
	keeper.socket = socket;
	for (unsigned i = 0; i < OUTPUT_STREAMS_MAX; i++)
		keeper.files[i].fd = -1;
	keeper.folder = open(table->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (keeper.folder < 0 || confine(&err) < 0) {
		log_sink_tell(socket, true, "keep files in %s: %s", table->folder,
			      err.text[0] ? err.text : strerror(errno));
		return 1;
	}
	while ((got = recv(socket, packet, sizeof packet, 0)) != 0)
		if (got > 0 && log_line_unpack(packet, (size_t)got, &line) == 0)
			take(&line);
		else if (got < 0 && errno != EINTR)
			return 1;
	return 0;
}
