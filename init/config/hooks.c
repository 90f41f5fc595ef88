// SPDX-License-Identifier: Apache-2.0
#include "init/config/hooks.h"

#include "init/config/machine.h"
#include "init/config/words.h"

#include <string.h>

/* Behind "NAME=", or NULL. */
static char *value_of(char *word, const char *name)
{
	size_t length = strlen(name);
	return strncmp(word, name, length) == 0 ? word + length : NULL;
}

/* 0: it is no option, and the test begins here. */
static int take_option(char *word, struct arena *arena, struct hook *out, struct error *err)
{
	char *value;
	if ((value = value_of(word, "user=")))
		out->user = value;
	else if ((value = value_of(word, "workdir=")))
		out->working_dir = value;
	else if ((value = value_of(word, "env=")))
		return string_list_add(&out->env, arena, value, err) < 0 ? -1 : 1;
	else if (strcmp(word, "privileged") == 0)
		out->privileged = true;
	else if (strcmp(word, "restart") == 0)
		out->restart = true;
	else
		return 0;
	return 1;
}

static int check(const struct hook *hook, struct error *err)
{
	int kind = test_kind_of(&hook->test);
	const struct string_list words = {hook->test.count - 1, hook->test.count - 1,
					  hook->test.items + 1};
	if (kind < 0)
		return error_set(err, "there is nothing to run");
	if (hook->working_dir && *hook->working_dir != '/')
		return error_set(err, "\"%.60s\" is not an absolute path", hook->working_dir);
	for (size_t i = 0; i < hook->env.count; i++)
		if (*hook->env.items[i] == '=' || !strchr(hook->env.items[i], '='))
			return error_set(err, "\"%.40s\" is not of the form NAME=VALUE",
					 hook->env.items[i]);
	return test_words_check((enum test_kind)kind, &words, err);
}

int parse_hook(const char *text, struct arena *arena, struct hook *out, struct error *err)
{
	struct string_list words = {0};
	size_t at = 1;
	int took = 1;
	*out = (struct hook){0};
	if (strlen(text) > HOOK_TEXT_MAX)
		return error_set(err, "is longer than %d bytes", HOOK_TEXT_MAX);
	if (split_words(text, arena, &words, err) < 0)
		return -1;
	out->stop = words.count && strcmp(words.items[0], "stop") == 0;
	if (!words.count || (!out->stop && strcmp(words.items[0], "start") != 0))
		return error_set(err, "\"%.40s\" begins neither with start nor with stop", text);
	while (at < words.count && (took = take_option(words.items[at], arena, out, err)) > 0)
		at++;
	if (took < 0)
		return -1;
	out->test = (struct string_list){words.count - at, words.count - at, words.items + at};
	return check(out, err);
}

int add_hook(struct machine *machine, const char *value, struct error *err)
{
	struct string_list *list = &machine->container->hooks;
	struct hook hook;
	static char block[HOOK_ARENA];
	struct arena arena; /* parsed for the sake of its check */
	arena_init(&arena, block, sizeof block);
	if (parse_hook(value, &arena, &hook, err) < 0)
		return -1;
	if (list->count == HOOKS_MAX)
		return error_set(err, "more than %d hooks", HOOKS_MAX);
	return string_list_add(list, &machine->arena, value, err);
}
