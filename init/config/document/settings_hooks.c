// SPDX-License-Identifier: Apache-2.0
/* What a service says beside its program: hooks, tests of its start and life, and the like. They
 * are one text each, of words as a shell has them (init/config/hooks.h, health.h). */
#include "init/config/document/settings.h"
#include "init/config/hooks.h"

#include <stdarg.h>
#include <string.h>

struct words {
	struct binder *binder;
	const struct node *from;
	char text[HOOK_TEXT_MAX + 1];
	size_t used;
	bool full;
};

static void append(struct words *words, const char *text)
{
	size_t length = strlen(text);
	words->full |= words->used + length >= sizeof words->text;
	if (!words->full)
		memcpy(words->text + words->used, text, length + 1);
	words->used += words->full ? 0 : length;
}

/* One word, in a shell's quotes when it needs them. */
static void add_word(struct words *words, const char *format, ...)
{
	char word[HOOK_TEXT_MAX + 1];
	va_list ap;
	va_start(ap, format);
	int length = vsnprintf(word, sizeof word, format, ap);
	va_end(ap);
	words->full |= (size_t)length >= sizeof word;
	bool plain = *word &&
		     strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				  "_-=./:") == strlen(word);
	append(words, words->used ? " " : "");
	append(words, plain ? "" : "'");
	for (const char *c = word; *c; c++)
		append(words, *c == '\'' && !plain ? "'\\''" : (char[]){*c, 0});
	append(words, plain ? "" : "'");
}

static void add_words(struct words *words, const struct node *list)
{
	for (const struct node *word = list ? list->first : NULL; word; word = word->next)
		add_word(words, "%s", word->text);
}

static void add_option(struct words *words, const struct node *map, const char *key,
		       const char *name)
{
	const char *text = node_get_text(map, key);
	if (text)
		add_word(words, "%s=%s", name, text);
}

/* With the places of all that it is made of. */
static void finish(struct words *words, bool dangerous, const char *key)
{
	if (words->full)
		settings_refuse(words->binder, words->from,
				"is longer than the machine takes (4,000 bytes)");
	else
		settings_add(words->binder, words->from, dangerous ? &settings_dangerous : NULL,
			     key, words->text);
}

static bool says(const struct node *map, const char *key)
{
	const struct node *value = node_get(map, key);
	return value && value->integer;
}

/* Without the variables that have no value anywhere. */
static void add_environment(struct words *words, const struct node *hook)
{
	const struct node *map = node_get(hook, "environment");
	for (const struct node *at = map ? map->first : NULL; at; at = at->next)
		if (at->kind != NODE_NULL)
			add_word(words, "env=%s=%s", at->key, at->text);
}

static void bind_hook(struct binder *binder, const struct node *hook, bool stop)
{
	static struct words words;
	const struct node *command = node_get(hook, "command");
	const struct node *test = node_get(hook, "x-berth-test");
	const char *on_failure = node_get_text(hook, "x-berth-on-failure");
	words = (struct words){.binder = binder, .from = hook};
	add_word(&words, stop ? "stop" : "start");
	add_option(&words, hook, "user", "user");
	add_option(&words, hook, "working_dir", "workdir");
	add_environment(&words, hook);
	if (says(hook, "privileged"))
		add_word(&words, "privileged");
	if (on_failure && strcmp(on_failure, "restart") == 0)
		add_word(&words, "restart");
	if (command)
		add_word(&words, "CMD");
	add_words(&words, command ? command : test);
	finish(&words, says(hook, "privileged"), "service.hook");
}

static void bind_hooks(struct binder *binder, const struct node *service, const char *key)
{
	const struct node *list = node_get(service, key);
	unsigned index = 0;
	size_t outer = path_push(&binder->normaliser, key);
	for (const struct node *hook = list ? list->first : NULL; hook; hook = hook->next) {
		size_t mark = path_push_index(&binder->normaliser, index++);
		bind_hook(binder, hook, strcmp(key, "pre_stop") == 0);
		path_pop(&binder->normaliser, mark);
	}
	path_pop(&binder->normaliser, outer);
}

static void add_time(struct words *words, const struct node *map, const char *key)
{
	const char *text = node_get_text(map, key);
	if (text)
		add_word(words, "%s=%llums", key,
			 (unsigned long long)(duration_ns(text) / 1000000));
}

static void bind_check(struct binder *binder, const struct node *service, const char *key,
		       const char *kind)
{
	static struct words words;
	const struct node *check = node_get(service, key);
	const struct node *retries = node_get(check, "retries");
	size_t mark = path_push(&binder->normaliser, key);
	words = (struct words){.binder = binder, .from = check};
	add_word(&words, "%s", kind);
	add_time(&words, check, "interval");
	add_time(&words, check, "timeout");
	add_time(&words, check, "delay");
	if (retries)
		add_word(&words, "retries=%lld", (long long)retries->integer);
	add_words(&words, node_get(check, "test"));
	if (check && strcmp(node_get(check, "test")->first->text, "NONE") != 0)
		finish(&words, false, "service.check");
	path_pop(&binder->normaliser, mark);
}

static void bind_variables(struct binder *binder, const struct node *service)
{
	const struct node *map = node_get(service, "x-berth-variables");
	char text[300];
	size_t mark = path_push(&binder->normaliser, "x-berth-variables");
	for (const struct node *at = map ? map->first : NULL; at; at = at->next) {
		snprintf(text, sizeof text, "%.250s=%.30s", at->key, at->text);
		if (strcmp(at->text, "address") != 0 && strcmp(at->text, "hostname") != 0)
			settings_refuse(binder, at, "is neither address nor hostname");
		else
			settings_add(binder, at, NULL, "service.variable", text);
	}
	path_pop(&binder->normaliser, mark);
}

void settings_hooks(struct binder *binder, const struct node *service)
{
	bind_hooks(binder, service, "post_start");
	bind_hooks(binder, service, "pre_stop");
	bind_check(binder, service, "x-berth-startup", "startup");
	bind_check(binder, service, "x-berth-liveness", "liveness");
	bind_variables(binder, service);
	if (says(service, "x-berth-companion"))
		settings_add(binder, service, NULL, "service.companion", "true");
	if (says(service, "x-berth-non-root"))
		settings_add(binder, service, NULL, "service.non-root", "true");
}
