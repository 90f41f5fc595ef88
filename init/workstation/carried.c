// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/carried.h"

#include "init/config/document/paths.h"
#include "init/config/security.h"
#include "init/config/volumes.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum { VALUE_MAX = 96 * 1024 };

struct finder {
	struct machine_document *document;
	struct carried *out;
	int folder;
	const struct carried_given *given;
	char path[160]; /* of the value that is looked at */
};

static int complain_of(struct finder *finder, const struct node *node, const char *why)
{
	return problem_add(&finder->document->problems, PROBLEM_ERROR, node->at, finder->path, NULL,
			   "%s", why);
}

static struct carried_item *new_item(struct finder *finder, const struct node *node,
				     const char *kind)
{
	struct carried *out = finder->out;
	struct arena *arena = &finder->document->arena;
	if (out->count == CARRIED_MAX) {
		complain_of(finder, node, "is one file more than can be carried into a machine");
		return NULL;
	}
	struct carried_item *item = &out->items[out->count];
	*item = (struct carried_item){.fd = -1};
	item->name = arena_printf(arena, CARRIED_FOLDER "/%s/%zu", kind, out->count);
	item->source = arena_strdup(arena, node->text);
	if (!item->name || !item->source) {
		complain_of(finder, node, "is more than there is memory for");
		return NULL;
	}
	out->count++;
	return item;
}

static int put_text(struct finder *finder, struct node *map, const char *key, const char *text)
{
	struct node *old = node_get(map, key);
	if (old) {
		old->text = text;
		return 0;
	}
	struct node *node = node_text(&finder->document->pool, text, map->at);
	if (!node)
		return complain_of(finder, map, "is more than there is memory for");
	node_put(map, key, map->at, node);
	return 0;
}

/* The bytes of a file or a variable, which document_settings() has read before. */
static const char *read_value(struct finder *finder, const struct node *file,
			      const struct node *variable, size_t *size)
{
	static char bytes[VALUE_MAX + 1];
	const struct document_options *options = &finder->document->options;
	struct error err = ERROR_INIT;
	const char *text = variable && options->variables.find
				   ? options->variables.find(options->variables.context, variable->text)
				   : NULL;
	ssize_t length = text ? (ssize_t)strlen(text)
			 : file
				 ? options->read_file(options->context, file->at.file, file->text, bytes,
						      sizeof bytes, &err)
				 : -1;
	char *copy = length < 0 ? NULL : arena_alloc(&finder->document->arena, (size_t)length + 1);
	if (!copy) {
		complain_of(finder, file ? file : variable,
			    err.text[0] ? err.text : "is more than there is memory for");
		return NULL;
	}
	memcpy(copy, text ? text : bytes, (size_t)length);
	*size = (size_t)length;
	return copy;
}

static int find_value(struct finder *finder, const char *kind, struct node *value)
{
	struct node *file = node_get(value, "file"), *variable = node_get(value, "environment");
	struct carried_item *item;
	if (node_get(value, "content") || (!file && !variable))
		return 0;
	snprintf(finder->path, sizeof finder->path, "%s.%.120s", kind, value->key);
	if (!(item = new_item(finder, file ? file : variable, kind)) ||
	    !(item->bytes = read_value(finder, file, variable, &item->size)))
		return -1;
	if (variable)
		node_remove(value, variable);
	return put_text(finder, value, "file", item->name);
}

/* Whether a service has it; nothing else is carried. */
static bool is_given(const struct finder *finder, const char *kind, const char *name)
{
	const struct node *services = node_get(finder->document->root, "services");
	for (const struct node *at = services->first; at; at = at->next) {
		const struct node *grants = node_get(at, kind);
		for (const struct node *grant = grants ? grants->first : NULL; grant;
		     grant = grant->next)
			if (node_get(grant, "source") &&
			    strcmp(node_get_text(grant, "source"), name) == 0)
				return true;
	}
	return false;
}

static bool is_external(const struct node *value)
{
	const struct node *external = node_get(value, "external");
	return external && external->integer;
}

/* The FILE of the last NAME=FILE for this name, or NULL. */
static const char *file_of(const struct string_list *given, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = given->count; i-- > 0;)
		if (strncmp(given->items[i], name, length) == 0 && given->items[i][length] == '=')
			return given->items[i] + length + 1;
	return NULL;
}

/* One that whoever boots the machine gives becomes a file of it. */
static int find_external(struct finder *finder, const char *kind, struct node *value,
			 const struct string_list *given)
{
	struct node *external = node_get(value, "external");
	const char *name = node_get_text(value, "name"), *path = file_of(given, name);
	char why[300];
	snprintf(finder->path, sizeof finder->path, "%s.%.120s", kind, value->key);
	if (!path && finder->given->appended)
		return 0;
	snprintf(why, sizeof why, "is external, and nobody gives it: --%.*s %.100s=FILE",
		 (int)strlen(kind) - 1, kind, name);
	if (!path)
		return complain_of(finder, external, why);
	struct node file = *external;
	file.text = path;
	struct carried_item *item = new_item(finder, &file, kind);
	if (!item || !(item->bytes = read_value(finder, &file, NULL, &item->size)))
		return -1;
	node_remove(value, external);
	return put_text(finder, value, "file", item->name);
}

/* What is given and not asked for is a slip. */
static int check_given(struct finder *finder, const char *kind, const struct string_list *given)
{
	const struct node *map = node_get(finder->document->root, kind);
	int result = 0;
	for (size_t i = 0; i < given->count; i++) {
		size_t length = strcspn(given->items[i], "=");
		const struct node *value = map ? map->first : NULL;
		while (value && !(is_external(value) &&
				  strlen(node_get_text(value, "name")) == length &&
				  strncmp(node_get_text(value, "name"), given->items[i], length) == 0))
			value = value->next;
		snprintf(finder->path, sizeof finder->path, "--%.*s %.*s", (int)strlen(kind) - 1, kind,
			 (int)(length < 100 ? length : 100), given->items[i]);
		if (!value || !given->items[i][length])
			result = complain_of(finder, finder->document->root,
					     value ? "lacks =FILE"
						   : "is not asked for: there is none with external: "
						     "true and this name");
	}
	return result;
}

static int find_values(struct finder *finder, const char *kind, const struct string_list *given)
{
	const struct node *map = node_get(finder->document->root, kind);
	int result = check_given(finder, kind, given);
	for (struct node *value = map ? map->first : NULL; value && result == 0; value = value->next)
		if (is_given(finder, kind, value->key) &&
		    (is_external(value) ? find_external(finder, kind, value, given)
					: find_value(finder, kind, value)) < 0)
			result = -1;
	return result;
}

/* The path below the document's folder, "." for the folder itself; NULL: it names the machine's own. */
static const char *below(const struct finder *finder, const char *source)
{
	const char *folder = finder->document->options.folder;
	size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
	if (strncmp(source, folder, length) != 0 || (source[length] && source[length] != '/'))
		return NULL;
	return source[length] && source[length + 1] ? source + length + 1 : ".";
}

static int refuse_source(struct finder *finder, const struct node *source, const char *path, int why)
{
	char text[400];
	const char *reason =
		why == EXDEV ? "leads out of the document's folder by a symbolic link, and only what is in "
			       "it is carried into the machine"
		: why == ENOENT ? "is not there, and is not to be made (create_host_path: false)"
		: why == ENODEV ? "is neither a file nor a folder, and cannot be carried into the machine"
				: strerror(why);
	snprintf(text, sizeof text, "./%.150s %s", path, reason);
	return complain_of(finder, source, text);
}

/* Opened for reading only when it is a file or folder: to open a device may do something. */
static int open_source(const struct finder *finder, const char *path)
{
	char link[32];
	struct stat st;
	_cleanup_close_ int place = sys_openat2(finder->folder, path, O_PATH, 0,
						RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
	if (place < 0 || fstat(place, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		errno = ENODEV;
		return -1;
	}
	snprintf(link, sizeof link, "/proc/self/fd/%d", place);
	return open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* Where it is below the folder when no link is followed any more, so that what is bound by two names is
 * one and the same in the machine: "" for the folder itself. NULL with errno. */
static const char *real_path(const struct finder *finder, int fd)
{
	char link[32], folder[PATH_MAX], path[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", finder->folder);
	ssize_t above = readlink(link, folder, sizeof folder - 1);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof path - 1);
	if (above == 1) /* "/" */
		above = 0;
	if (above < 0 || length < above || memcmp(path, folder, (size_t)above) != 0 ||
	    (length > above && path[above] != '/')) {
		errno = EXDEV;
		return NULL;
	}
	path[length] = 0;
	errno = ENOMEM;
	return arena_strdup(&finder->document->arena, path + above + (length > above));
}

/* Whether another one that is carried has it in it. */
static bool is_in(const struct carried_item *item, const char *name)
{
	size_t length = strlen(item->name);
	return item->fd >= 0 && strncmp(item->name, name, length) == 0 &&
	       (!name[length] || name[length] == '/');
}

static int carry(struct finder *finder, const struct node *source, const char *name, int *fd)
{
	struct carried *out = finder->out;
	for (size_t i = 0; i < out->count; i++)
		if (is_in(&out->items[i], name))
			return 0;
	struct carried_item *item = new_item(finder, source, "binds");
	if (!item)
		return -1;
	item->name = name;
	item->fd = steal_fd(fd);
	return 0;
}

static void warn_of_empty(struct finder *finder, const struct node *mount, const char *path)
{
	const struct node *read_only = node_get(mount, "read_only");
	if (read_only && read_only->integer)
		problem_add(&finder->document->problems, PROBLEM_WARNING, mount->at, finder->path, NULL,
			    "./%.150s is not there: the container has an empty folder in its place", path);
}

/* The real path of the deepest folder on the way that is there; *rest: what is not. */
static const char *real_above(const struct finder *finder, const char *path, const char **rest)
{
	char above[PATH_MAX];
	snprintf(above, sizeof above, "%s", path);
	for (;;) {
		char *slash = strrchr(above, '/');
		*rest = path + (slash ? slash - above + 1 : 0);
		snprintf(slash ? slash : above, slash ? 1 : 2, "%s", slash ? "" : ".");
		_cleanup_close_ int fd = sys_openat2(finder->folder, above, O_PATH | O_DIRECTORY, 0,
						     RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
		if (fd >= 0)
			return real_path(finder, fd);
		if (errno != ENOENT || !slash)
			return NULL;
	}
}

/* As Docker does, the machine makes what is not there, unless the user's own archives have it. */
static int find_missing(struct finder *finder, const struct node *mount, struct node *source,
			const char *path)
{
	const struct node *create = node_at(mount, "bind.create_host_path");
	if (!finder->given->appended && create && !create->integer)
		return refuse_source(finder, source, path, ENOENT);
	if (!finder->given->appended)
		warn_of_empty(finder, mount, path);
	const char *rest = NULL, *above = real_above(finder, path, &rest);
	if (!above)
		return refuse_source(finder, source, path, errno);
	source->text = arena_printf(&finder->document->arena, VOLUME_BIND_FOLDER "%s%s/%s", *above ? "/" : "",
				    above, rest);
	return source->text ? 0 : complain_of(finder, source, "is too long");
}

static int find_bind(struct finder *finder, struct node *mount)
{
	struct arena *arena = &finder->document->arena;
	struct node *source = node_get(mount, "source");
	const char *stated = path_clean(arena, source->text);
	const char *path = stated ? below(finder, stated) : NULL;
	if (!path)
		return 0; /* "/berth/…": it comes with the user's own archive; or the machine's own */
	_cleanup_close_ int fd = open_source(finder, path);
	if (fd < 0 && errno == ENOENT)
		return find_missing(finder, mount, source, path);
	const char *real = fd < 0 ? NULL : real_path(finder, fd);
	if (!real)
		return refuse_source(finder, source, path, errno);
	const char *slash = *real ? "/" : "";
	const char *name = arena_printf(arena, CARRIED_BINDS "%s%s", slash, real);
	const char *bound = arena_printf(arena, VOLUME_BIND_FOLDER "%s%s", slash, real);
	if (!name || !bound)
		return complain_of(finder, source, "is too long");
	if (carry(finder, source, name, &fd) < 0)
		return -1;
	source->text = bound;
	return 0;
}

static int find_binds(struct finder *finder, const struct node *service)
{
	const struct node *list = node_get(service, "volumes");
	unsigned index = 0;
	int result = 0;
	for (struct node *mount = list ? list->first : NULL; mount; mount = mount->next) {
		snprintf(finder->path, sizeof finder->path, "services.%.100s.volumes[%u]",
			 service->key, index++);
		if (strcmp(node_get_text(mount, "type"), "bind") == 0 &&
		    find_bind(finder, mount) < 0)
			result = -1;
	}
	return result;
}

/* Carries what the volume is as a bind of it would be. */
static int find_bound_volume(struct finder *finder, const struct node *volume, struct node *device)
{
	struct machine_document *document = finder->document;
	struct normaliser normaliser = {.pool = &document->pool, .problems = &document->problems, .path = ""};
	struct node mount = {.kind = NODE_MAP, .at = volume->at, .text = ""};
	const char *path = path_absolute(&normaliser, device, &document->options);
	struct node *source = path ? node_text(&document->pool, path, device->at) : NULL;
	if (!source)
		return path ? complain_of(finder, device, "is more than there is memory for") : -1;
	node_put(&mount, "source", device->at, source);
	if (find_bind(finder, &mount) < 0)
		return -1;
	device->text = source->text;
	return 0;
}

static int find_bound_volumes(struct finder *finder)
{
	const struct node *volumes = node_get(finder->document->root, "volumes");
	int result = 0;
	for (const struct node *at = volumes ? volumes->first : NULL; at; at = at->next) {
		const struct node *options = node_get(at, "driver_opts");
		struct node *device = options ? node_get(options, "device") : NULL;
		snprintf(finder->path, sizeof finder->path, "volumes.%.100s.driver_opts.device", at->key);
		if (device && volume_is_bind(options) && is_given(finder, "volumes", at->key) &&
		    find_bound_volume(finder, at, device) < 0)
			result = -1;
	}
	return result;
}

/* The file of a profile of system calls: in the machine another one. */
static int find_profile(struct finder *finder, struct node *option)
{
	enum security_option kind;
	const char *path = NULL;
	struct arena *arena = &finder->document->arena;
	struct node file = *option;
	if (parse_security(option->text, &kind, &path, NULL) < 0 || kind != SECURITY_FILTER ||
	    *path == '{')
		return 0;
	file.text = *path == '/' ? path
				 : arena_printf(arena, "%s/%s", finder->document->options.folder, path);
	struct carried_item *item = file.text ? new_item(finder, &file, "profiles") : NULL;
	if (!item || !(item->bytes = read_value(finder, &file, NULL, &item->size)))
		return -1;
	option->text = arena_printf(arena, "seccomp=%s", item->name);
	return option->text ? 0 : complain_of(finder, option, "is more than there is memory for");
}

static int find_profiles(struct finder *finder, const struct node *service)
{
	const struct node *list = node_get(service, "security_opt");
	unsigned index = 0;
	int result = 0;
	for (struct node *option = list ? list->first : NULL; option; option = option->next) {
		snprintf(finder->path, sizeof finder->path, "services.%.100s.security_opt[%u]",
			 service->key, index++);
		if (find_profile(finder, option) < 0)
			result = -1;
	}
	return result;
}

int carried_find(struct machine_document *document, const struct carried_given *given,
		 struct carried *out)
{
	_cleanup_close_ int folder = open(document->options.folder,
					  O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct finder finder = {document, out, folder, given, ""};
	const struct node *services = node_get(document->root, "services");
	out->count = 0;
	if (folder < 0)
		return complain_of(&finder, document->root, "its folder cannot be opened");
	int result = find_values(&finder, "secrets", &given->secrets);
	if (find_values(&finder, "configs", &given->configs) < 0)
		result = -1;
	if (find_bound_volumes(&finder) < 0)
		result = -1;
	for (const struct node *at = services->first; at; at = at->next)
		if (find_binds(&finder, at) < 0 || find_profiles(&finder, at) < 0)
			result = -1;
	return result;
}
