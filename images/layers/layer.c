// SPDX-License-Identifier: Apache-2.0
#include "images/layers/layer.h"

#include "images/layers/entry.h"
#include "images/layers/whiteout.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/statfs.h>

static int apply_entry(struct tree *tree, struct tar_reader *reader,
		       const struct tar_entry *entry, struct error *err)
{
	struct image_path path;
	enum whiteout kind;
	if (tree_charge_entry(tree, err) < 0 || image_path_parse(entry->name, &path, err) < 0 ||
	    whiteout_kind(&path, &kind, err) < 0)
		return -1;
	switch (kind) {
	case WHITEOUT_NONE:
		return entry_write(tree, reader, entry, &path, err);
	case WHITEOUT_NAME:
	case WHITEOUT_OPAQUE:
		return whiteout_apply(tree, &path, kind, err);
	case WHITEOUT_AUFS:
		break;
	}
	return 0;
}

/* A full filesystem: says how full. */
static void add_space(const struct tree *tree, struct error *err)
{
	struct statfs fs;
	if (!err || (err->code != ENOSPC && err->code != EDQUOT) ||
	    fstatfs(tree->root_fd, &fs) < 0)
		return;
	int code = err->code;
	char text[ERROR_TEXT_MAX];
	memcpy(text, err->text, sizeof text);
	error_set(err,
		  "%.300s; %llu bytes in %llu entries of this layer were written, %llu of %llu "
		  "bytes and %llu of %llu inodes are free",
		  text, (unsigned long long)tree->stats->bytes,
		  (unsigned long long)tree->stats->entries,
		  (unsigned long long)fs.f_bavail * (unsigned long long)fs.f_bsize,
		  (unsigned long long)fs.f_blocks * (unsigned long long)fs.f_bsize,
		  (unsigned long long)fs.f_ffree, (unsigned long long)fs.f_files);
	err->code = code;
}

/* The error of an entry that failed; a small file before it may have failed first. */
static void add_name(struct tree *tree, const struct tar_entry *entry, struct error *err)
{
	if (finisher_has_failed(tree->finisher, err))
		return;
	int code = err ? err->code : 0;
	error_context(err, "entry %.160s", entry->name);
	if (err)
		err->code = code;
}

static int apply_entries(struct tree *tree, struct tar_reader *reader, struct error *err)
{
	struct tar_entry entry;
	bool end;
	for (;;) {
		if (tar_reader_next(reader, &entry, &end, err) < 0)
			return -1;
		if (end)
			return 0;
		if (apply_entry(tree, reader, &entry, err) < 0) {
			add_name(tree, &entry, err);
			return -1;
		}
	}
}

static int apply_and_finish(struct tree *tree, struct tar_reader *reader, struct error *err)
{
	if (apply_entries(tree, reader, err) == 0 && tree_finish(tree, err) == 0)
		return 0;
	add_space(tree, err);
	return -1;
}

static void close_reader(struct tar_reader **reader)
{
	tar_reader_close(*reader);
}

int layer_apply(int stream_fd, int root_fd, struct layer_budget *budget, struct layer_stats *stats,
		struct error *err)
{
	struct tree tree __attribute__((cleanup(tree_close)));
	*stats = (struct layer_stats){0};
	if (tree_open(&tree, root_fd, budget, stats, err) < 0)
		return -1;
	struct tar_reader *reader __attribute__((cleanup(close_reader))) =
		tar_reader_open(stream_fd, err);
	if (!reader || tar_reader_charge(reader, budget, err) < 0 ||
	    apply_and_finish(&tree, reader, err) < 0)
		return -1;
	return tar_reader_drain(reader, err);
}
