// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/store_commands.h"

#include "init/workstation/inspection.h"
#include "init/workstation/local_pull.h"

#include <stdlib.h>

enum { ARENA_SIZE = 1024 * 1024, COMMAND_FAILED = 1 };

static const char exit_status[] = "0, or 1 with the reason on standard error.\n";

const struct command_form pull_form = {
	FOR_PULL, "pull", "IMAGE",
	"Pulls IMAGE into an image store, layer by layer; layers that are there already are not\n"
	"fetched. A machine that gets the store as its disk runs the image without pulling it.\n",
	exit_status,
};

const struct command_form plan_form = {
	FOR_PLAN, "plan", "IMAGE",
	"Prints what `berth pull` would fetch: from where, which layers, and how big they are.\n",
	exit_status,
};

const struct command_form inspect_form = {
	FOR_INSPECT, "inspect", "IMAGE",
	"Prints, as JSON, the digests, layers and settings of IMAGE, without fetching a layer.\n",
	exit_status,
};

typedef int work(const struct options *options, struct arena *arena, struct local_pull *pull,
		 struct error *err);

static int failed(const struct error *err)
{
	fprintf(stderr, "berth: error: %s\n", err->text);
	return COMMAND_FAILED;
}

static int run(const struct command_form *form, int argc, char **argv, work *work)
{
	static char memory[ARENA_SIZE];
	static struct local_pull pull;
	struct arena arena;
	struct options options;
	struct error err = ERROR_INIT;
	arena_init(&arena, memory, sizeof memory);
	int parsed = options_begin(form, argc, argv, &arena, &options, &err);
	if (parsed != OPTIONS_PARSED)
		return parsed < 0 ? failed(&err) : 0;
	if (options.words[0]) {
		error_set(&err, "too many words: berth %s [OPTIONS] %s", form->name, form->words);
		return failed(&err);
	}
	int result = work(&options, &arena, &pull, &err);
	local_pull_close(&pull);
	return result < 0 ? failed(&err) : 0;
}

static int pull_image(const struct options *options, struct arena *arena, struct local_pull *pull,
		      struct error *err)
{
	if (local_pull_into_store(options, arena, pull, err) < 0)
		return -1;
	printf("%s %s: %.1f MB fetched, from %s\n", pull->image.reference, pull->image.digest,
	       (double)pull->image.bytes / 1e6, pull->image.source);
	return 0;
}

static int show_plan(const struct options *options, struct arena *arena, struct local_pull *pull,
		     struct error *err)
{
	if (local_pull_plan(options, arena, pull, err) < 0)
		return -1;
	inspection_plan(&pull->plan, stdout);
	return 0;
}

static int show_image(const struct options *options, struct arena *arena, struct local_pull *pull,
		      struct error *err)
{
	return local_pull_plan(options, arena, pull, err) < 0 ? -1
							      : inspection_json(&pull->plan, stdout,
										err);
}

int pull_command(int argc, char **argv)
{
	return run(&pull_form, argc, argv, pull_image);
}

int plan_command(int argc, char **argv)
{
	return run(&plan_form, argc, argv, show_plan);
}

int inspect_command(int argc, char **argv)
{
	return run(&inspect_form, argc, argv, show_image);
}
