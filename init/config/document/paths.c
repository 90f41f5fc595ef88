// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/paths.h"

#include <limits.h>
#include <string.h>

/* Appends the components of `path`, "." left out and ".." taken back. -1: too long. */
static int add_components(char out[PATH_MAX], const char *path)
{
	while (*path) {
		size_t length = strcspn(path, "/"), used = strlen(out);
		if (length == 2 && strncmp(path, "..", 2) == 0) {
			char *slash = strrchr(out, '/');
			if (slash)
				*slash = 0;
		} else if (length && !(length == 1 && *path == '.')) {
			if (used + length + 2 > PATH_MAX)
				return -1;
			snprintf(out + used, PATH_MAX - used, "/%.*s", (int)length, path);
		}
		path += length + (path[length] == '/');
	}
	return 0;
}

const char *path_clean(struct arena *arena, const char *path)
{
	char out[PATH_MAX] = "";
	return add_components(out, path) < 0 ? NULL : arena_strdup(arena, *out ? out : "/");
}

/* Another document's paths start from its own folder. */
static const char *folder_for(const struct normaliser *normaliser, const struct node *node,
			      const struct document_options *options)
{
	const char *own = normaliser->folders && node->at.file < DOCUMENT_LAYERS_MAX
				  ? normaliser->folders[node->at.file]
				  : NULL;
	return own ? own : options->folder;
}

const char *path_absolute(struct normaliser *normaliser, const struct node *node,
			  const struct document_options *options)
{
	char out[PATH_MAX] = "";
	const char *path = node->text, *folder = folder_for(normaliser, node, options);
	if (*path == '~' && (path[1] == '/' || !path[1])) {
		const struct variables *variables = &options->variables;
		folder = variables->find ? variables->find(variables->context, "HOME") : NULL;
		path++;
	}
	if (*node->text == '/')
		folder = "";
	if (!folder) {
		complain(normaliser, node,
			 "\"%.80s\" is relative, and there is no folder that it could "
			 "be relative to: write an absolute path",
			 node->text);
		return NULL;
	}
	const char *copy = NULL;
	if (add_components(out, folder) == 0 && add_components(out, path) == 0)
		copy = arena_strdup(normaliser->pool->arena, *out ? out : "/");
	if (!copy)
		complain(normaliser, node, "the path is too long");
	return copy;
}

bool volume_has_word(const struct node *options, const char *word)
{
	const char *at = node_get_text(options, "o");
	size_t wanted = strlen(word);
	for (; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (strcspn(at, ",") == wanted && strncmp(at, word, wanted) == 0)
			return true;
	return false;
}

bool volume_is_bind(const struct node *options)
{
	return volume_has_word(options, "bind") || volume_has_word(options, "rbind");
}
