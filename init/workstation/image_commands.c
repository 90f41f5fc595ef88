// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/image_commands.h"

#include "init/workstation/archive.h"
#include "init/workstation/local_pull.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { ARENA_SIZE = 512 * 1024, IMAGE_FAILED = 1 };

const struct command_form pack_form = {
	FOR_PACK, "pack", "IMAGE FILE",
	"Pulls IMAGE, checks it and writes its unpacked files to FILE, an archive that is put\n"
	"behind the initramfs (berth boot --initrd-append FILE). A machine that has it runs\n"
	"IMAGE at once, without a network, and unpacks nothing.\n",
	"0, or 1 with the reason on standard error.\n",
};

const struct command_form unpack_form = {
	FOR_UNPACK, "unpack", "IMAGE FOLDER",
	"Pulls IMAGE, checks it and unpacks its root file system as FOLDER, which must not\n"
	"exist.\n",
	"0, or 1 with the reason on standard error.\n",
};

typedef int finish(struct local_pull *pull, const char *target, struct error *err);

static int failed(const struct error *err)
{
	fprintf(stderr, "berth: error: %s\n", err->text);
	return IMAGE_FAILED;
}

/* The directory that `target` is in; false when the name is too long. */
static bool folder_of(const char *target, char out[PATH_MAX])
{
	const char *slash = strrchr(target, '/');
	size_t length = slash ? (size_t)(slash - target) : 1;
	if (slash == target)
		length = 1;
	if (length >= PATH_MAX)
		return false;
	memcpy(out, slash ? target : ".", length);
	out[length] = 0;
	return true;
}

/* Which source was used, and why those before it were not. */
static void tell_source(const struct pull_result *image)
{
	bool passed = image->passed && *image->passed;
	fprintf(stderr, "berth: from %s%s%s\n", image->source, passed ? "; not from " : "",
		passed ? image->passed : "");
}

/* Said before anything is fetched; the rename at the end refuses it again. */
static int check_target(const struct command_form *form, const char *target, struct error *err)
{
	struct stat st;
	if (form->command == FOR_UNPACK && lstat(target, &st) == 0)
		return error_errno(err, EEXIST, "create the folder %s", target);
	return 0;
}

/* IMAGE and TARGET, then the pull, then what the command makes of it. */
static int run(const struct command_form *form, int argc, char **argv, finish *finish)
{
	static char memory[ARENA_SIZE];
	static struct local_pull pull;
	char beside[PATH_MAX];
	struct arena arena;
	struct options options;
	struct error err = ERROR_INIT;
	arena_init(&arena, memory, sizeof memory);
	int parsed = options_begin(form, argc, argv, &arena, &options, &err);
	if (parsed != OPTIONS_PARSED)
		return parsed < 0 ? failed(&err) : 0;
	const char *target = options.words[0];
	if (!target || options.words[1] || !folder_of(target, beside)) {
		error_set(&err, "%s: berth %s [OPTIONS] %s",
			  target ? "too many words" : "no target given", form->name, form->words);
		return failed(&err);
	}
	if (check_target(form, target, &err) < 0)
		return failed(&err);
	int result = local_pull_open(&options, beside, &arena, &pull, &err);
	if (result == 0)
		result = finish(&pull, target, &err);
	if (result == 0)
		tell_source(&pull.image);
	local_pull_close(&pull);
	return result < 0 ? failed(&err) : 0;
}

/* The file has its name only when it is complete. */
static int finish_pack(struct local_pull *pull, const char *target, struct error *err)
{
	char partial[PATH_MAX];
	uint64_t bytes = 0;
	snprintf(partial, sizeof partial, "%s/archive", pull->folder);
	int fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_errno(err, errno, "create %s", partial);
	if (archive_store(pull->store, fd, &bytes, err) < 0)
		return -1;
	if (rename(partial, target) < 0)
		return error_errno(err, errno, "create %s", target);
	printf("%s %s: %.1f MB in %s\n", pull->image.reference, pull->image.digest,
	       (double)bytes / 1e6, target);
	return 0;
}

static int finish_unpack(struct local_pull *pull, const char *target, struct error *err)
{
	if (renameat2(AT_FDCWD, pull->image.layers.items[0], AT_FDCWD, target, RENAME_NOREPLACE) < 0)
		return error_errno(err, errno, "create the folder %s", target);
	printf("%s %s: %.1f MB in %s\n", pull->image.reference, pull->image.digest,
	       (double)pull->image.unpacked_bytes / 1e6, target);
	return 0;
}

int pack_command(int argc, char **argv)
{
	return run(&pack_form, argc, argv, finish_pack);
}

int unpack_command(int argc, char **argv)
{
	return run(&unpack_form, argc, argv, finish_unpack);
}
