// SPDX-License-Identifier: Apache-2.0
#include "images/tests/playground.h"

#include "lib/cleanup.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static int make_directory(int dir_fd, const char *name)
{
	if (mkdirat(dir_fd, name, 0755) < 0)
		err(1, "create %s", name);
	return openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void playground_open(struct playground *play)
{
	*play = (struct playground){.budget = {.bytes = UINT64_C(1) << 40, .entries = 1000000}};
	const char *base = getenv("TMPDIR");
	snprintf(play->path, sizeof play->path, "%.40s/berth-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(play->path))
		err(1, "create %s", play->path);
	play->fd = open(play->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	play->root_fd = make_directory(play->fd, "root");
	play->outside_fd = make_directory(play->fd, "outside");
	int fd = openat(play->outside_fd, "secret", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "secret", 6) != 6)
		err(1, "write the secret");
	close(fd);
	close(make_directory(play->outside_fd, "directory"));
}

void playground_close(struct playground *play)
{
	struct error error = ERROR_INIT;
	char *leaf = strrchr(play->path, '/');
	close(play->root_fd);
	close(play->outside_fd);
	close(play->fd);
	*leaf = 0;
	_cleanup_close_ int base = open(play->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree_remove(base, leaf + 1, &error) < 0)
		printf("not ok 0 - clean up %s: %s\n", leaf + 1, error.text); /* and go on */
}

int playground_apply(struct playground *play, struct tar_writer *tar)
{
	int fd = memfd_create("layer", MFD_CLOEXEC);
	tar_end(tar);
	if (fd < 0 || write(fd, tar->data, tar->size) != (ssize_t)tar->size)
		err(1, "write the stream");
	lseek(fd, 0, SEEK_SET);
	tar_free(tar);
	play->err = (struct error)ERROR_INIT;
	int result = layer_apply(fd, play->root_fd, &play->budget, &play->stats, &play->err);
	close(fd);
	return result;
}

int playground_layer(struct playground *play, const char *notation)
{
	struct tar_writer tar = {0};
	char text[8192];
	size_t used = 0;
	for (const char *at = notation; *at && used < sizeof text - 128; at++) {
		if (*at == '@')
			used += (size_t)sprintf(text + used, "%s/outside", play->path);
		else
			text[used++] = *at;
	}
	text[used] = 0;
	tar_write_notation(&tar, text);
	return playground_apply(play, &tar);
}

struct report {
	char *text;
	size_t size;
	FILE *file;
	bool details;
};

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void print_content(struct report *report, int dir_fd, const char *name, size_t limit)
{
	char buffer[4096];
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
	if (fd >= 0)
		close(fd);
	if (got > 0 && (size_t)got <= limit)
		fprintf(report->file, "=%.*s", (int)got, buffer);
}

static void print_xattrs(struct report *report, const char *path)
{
	char names[4096], value[4096];
	ssize_t size = llistxattr(path, names, sizeof names);
	for (char *name = names; size > 0 && name < names + size; name += strlen(name) + 1) {
		ssize_t length = lgetxattr(path, name, value, sizeof value);
		fprintf(report->file, " %s=", name);
		for (ssize_t i = 0; i < length; i++)
			fprintf(report->file, "%02x", (unsigned char)value[i]);
	}
}

static void print_details(struct report *report, int dir_fd, const char *name,
			  const struct stat *st)
{
	char path[PATH_MAX];
	fprintf(report->file, " %o %u:%u n%u %lld %u:%u %lld.%09ld", st->st_mode, st->st_uid,
		st->st_gid, S_ISDIR(st->st_mode) ? 0U : (unsigned)st->st_nlink,
		S_ISDIR(st->st_mode) ? 0LL : (long long)st->st_size, major(st->st_rdev),
		minor(st->st_rdev), (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dir_fd, name);
	print_xattrs(report, path);
	fprintf(report->file, "\n");
}

static void print_tree(struct report *report, int dir_fd, const char *prefix)
{
	struct dirent **list;
	char path[40];
	snprintf(path, sizeof path, "/proc/self/fd/%d", dir_fd);
	int count = scandir(path, &list, not_dots, alphasort);
	for (int i = 0; i < count; i++) {
		char name[PATH_MAX], target[PATH_MAX] = "";
		const char *leaf = list[i]->d_name;
		struct stat st;
		snprintf(name, sizeof name, "%s%s", prefix, leaf);
		if (fstatat(dir_fd, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0)
			err(1, "look at %s", name);
		fprintf(report->file, "%s%s", ftell(report->file) && !report->details ? " " : "",
			name);
		if (S_ISLNK(st.st_mode) && readlinkat(dir_fd, leaf, target, PATH_MAX - 1) > 0)
			fprintf(report->file, ">%s", target);
		if (S_ISREG(st.st_mode))
			print_content(report, dir_fd, leaf, report->details ? 4096 : 40);
		if (S_ISDIR(st.st_mode))
			fputc('/', report->file);
		if (report->details)
			print_details(report, dir_fd, leaf, &st);
		if (S_ISDIR(st.st_mode)) {
			int fd = openat(dir_fd, leaf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			size_t length = strlen(name);
			snprintf(name + length, sizeof name - length, "/");
			print_tree(report, fd, name);
			close(fd);
		}
		free(list[i]);
	}
	if (count >= 0)
		free(list);
}

static char *report_tree(int fd, bool details)
{
	struct report report = {.details = details};
	report.file = open_memstream(&report.text, &report.size);
	if (!report.file)
		err(1, "open_memstream");
	print_tree(&report, fd, "");
	fclose(report.file);
	return report.text;
}

const char *playground_names(int fd)
{
	static char *text;
	free(text);
	return text = report_tree(fd, false);
}

char *playground_details(int fd)
{
	return report_tree(fd, true);
}
