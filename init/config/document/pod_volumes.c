// SPDX-License-Identifier: Apache-2.0
/* A Pod's volumes as those of Compose: what is in a ConfigMap or Secret becomes single files, in an
 * empty folder in memory. */
#include "init/config/document/pod.h"

#include "init/config/document/forms.h"

#include <string.h>

/* The files of a volume on one container's path. */
struct files {
	struct pod *pod;
	const struct node *container, *mount, *volume;
	struct node *service;
	const char *part; /* of them only this one is mounted, there; or NULL */
	long long mode;   /* of those that say none */
	unsigned count;   /* that there are, so that each has a name of its own */
	bool placed;      /* at least one */
};

static const struct node *find_volume(const struct pod *pod, const char *name)
{
	const struct node *list = node_get(pod->spec, "volumes");
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		if (strcmp(node_get_text(item, "name"), name) == 0)
			return item;
	return NULL;
}

static void grant(struct files *files, const char *kind, const char *name, const char *path,
		  const struct node *mode)
{
	struct pod *pod = files->pod;
	const struct node *group = pod_security(pod, NULL, "fsGroup");
	long long bits = mode ? mode->integer : files->mode;
	struct node *list = pod_member(pod, files->service, kind, NODE_LIST, files->mount);
	struct node *item = pod_put_new(pod, list, NULL, NODE_MAP, files->mount);
	const char *target = node_get_text(files->mount, "mountPath");
	size_t length = strlen(target);
	while (length > 1 && target[length - 1] == '/')
		length--;
	pod_put_text(pod, item, "source", name, files->mount);
	pod_put_text(pod, item, "target",
		     files->part
			     ? target
			     : pod_text(pod, files->mount, "%.*s/%s", (int)length, target, path),
		     files->mount);
	struct node *permissions =
		node_integer(pod->normaliser->pool, group ? bits | 0440 : bits, files->mount->at);
	if (permissions)
		node_put(item, "mode", files->mount->at, permissions);
	if (group)
		pod_put_text(pod, item, "gid", group->text, group);
	files->placed = true;
}

/* One file; its value stands under the document's configs or secrets, once for all mounts. */
static void place(struct files *files, bool secret, const char *path, const char *text,
		  const struct node *mode, const struct node *like)
{
	struct pod *pod = files->pod;
	const char *kind = secret ? "secrets" : "configs";
	const char *name = pod_text(pod, like, "%.80s-%u", node_get_text(files->volume, "name"),
				    files->count++);
	struct node *all = pod_member(pod, pod->root, kind, NODE_MAP, like);
	if (*path == '/' || strstr(path, "..")) {
		complain(pod->normaliser, like, "\"%.60s\" is no path in the volume", path);
		return;
	}
	if (files->part && strcmp(files->part, path) != 0)
		return;
	if (!node_get(all, name))
		pod_put_text(pod, pod_put_new(pod, all, name, NODE_MAP, like), "content", text,
			     like);
	grant(files, kind, name, path, mode);
}

static void place_key(struct files *files, const struct node *object, const char *key,
		      const char *path, const struct node *mode, const struct node *like)
{
	bool secret = strcmp(node_get_text(object, "kind"), "Secret") == 0;
	const char *text = pod_object_value(files->pod, object, key, like);
	if (text)
		place(files, secret, path, text, mode, like);
}

static void place_all(struct files *files, const struct node *object)
{
	static const char *const maps[] = {"data", "binaryData", "stringData"};
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
		const struct node *values = node_get(object, maps[i]);
		for (const struct node *at = values ? values->first : NULL; at; at = at->next)
			if (i != 2 || !node_get(node_get(object, "data"), at->key))
				place_key(files, object, at->key, at->key, NULL, at);
	}
}

/* configMap, secret: all keys, or those that are named. */
static void place_object(struct files *files, const struct node *source, const char *kind)
{
	const struct node *name = node_get(source, "name"), *items = node_get(source, "items");
	if (!name)
		name = node_get(source, "secretName");
	const struct node *object = name ? pod_find_object(files->pod, kind, name->text) : NULL;
	if (!object && pod_says(source, "optional"))
		return;
	if (!object) {
		complain(files->pod->normaliser, name ? name : source,
			 "there is no %s \"%.60s\" in this file: write it behind ---", kind,
			 name ? name->text : "");
		return;
	}
	if (!items)
		place_all(files, object);
	for (const struct node *at = items ? items->first : NULL; at; at = at->next)
		place_key(files, object, node_get_text(at, "key"), node_get_text(at, "path"),
			  node_get(at, "mode"), at);
}

static const struct node *next_by_name(const struct node *map, const struct node *last)
{
	const struct node *next = NULL;
	for (const struct node *at = map ? map->first : NULL; at; at = at->next)
		if ((!last || strcmp(at->key, last->key) > 0) && (!next || strcmp(at->key, next->key) < 0))
			next = at;
	return next;
}

static void print_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", out);
		else
			fprintf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
	fputc('"', out);
}

/* Labels or annotations as Kubernetes writes them into a file: NAME="VALUE" in the order of their names. */
static const char *text_of_map(struct pod *pod, const char *path)
{
	static char text[16 * 1024];
	const struct node *map = node_at(pod->pod, path);
	FILE *out = fmemopen(text, sizeof text, "w");
	for (const struct node *at = NULL; out && (at = next_by_name(map, at));) {
		fprintf(out, "%s%s=", ftell(out) ? "\n" : "", at->key);
		print_quoted(out, at->text);
	}
	bool good = out && fflush(out) == 0 && ftell(out) < (long)sizeof text;
	if (out)
		fclose(out);
	if (good)
		return arena_strdup(pod->normaliser->pool->arena, map ? text : "");
	complain(pod->normaliser, map ? map : pod->pod, "is too long for a file");
	return NULL;
}

static bool is_map_of_pod(const struct node *field)
{
	const char *path = node_get_text(field, "fieldPath");
	return path && (strcmp(path, "metadata.labels") == 0 || strcmp(path, "metadata.annotations") == 0);
}

/* downwardAPI. */
static void place_fields(struct files *files, const struct node *source)
{
	const struct node *items = node_get(source, "items");
	for (const struct node *at = items ? items->first : NULL; at; at = at->next) {
		const struct node *field = node_get(at, "fieldRef");
		const struct node *resource = node_get(at, "resourceFieldRef");
		const char *machine = NULL, *text = NULL;
		if (field && is_map_of_pod(field))
			text = text_of_map(files->pod, node_get_text(field, "fieldPath"));
		else if (field)
			text = pod_field(files->pod, field, &machine);
		else if (resource)
			text = pod_resource(files->pod, files->container, resource);
		if (machine)
			complain(files->pod->normaliser, field,
				 "is known only when the container runs: it is had as a variable");
		else if (text)
			place(files, false, node_get_text(at, "path"), text, node_get(at, "mode"),
			      at);
	}
}

static void place_source(struct files *files, const struct node *source)
{
	const struct node *config = node_get(source, "configMap"),
			  *secret = node_get(source, "secret");
	const struct node *fields = node_get(source, "downwardAPI");
	if (config)
		place_object(files, config, "ConfigMap");
	if (secret)
		place_object(files, secret, "Secret");
	if (fields)
		place_fields(files, fields);
}

static long long default_mode(const struct node *volume)
{
	static const char *const kinds[] = {"configMap", "secret", "downwardAPI", "projected"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct node *mode = node_get(node_get(volume, kinds[i]), "defaultMode");
		if (mode)
			return mode->integer;
	}
	return 0644;
}

static void convert_files(struct pod *pod, const struct node *container, const struct node *mount,
			  const struct node *volume, struct node *service, const char *part)
{
	struct files files = {pod, container, mount, volume, service, part, default_mode(volume),
			      0,   false};
	const struct node *sources = node_at(volume, "projected.sources");
	place_source(&files, volume);
	for (const struct node *at = sources ? sources->first : NULL; at; at = at->next)
		place_source(&files, at);
	if (part && !files.placed)
		complain(pod->normaliser, mount, "there is no \"%.60s\" in the volume", part);
	if (part)
		return;
	struct node *list = pod_member(pod, service, "volumes", NODE_LIST, mount);
	struct node *item = pod_put_new(pod, list, NULL, NODE_MAP, mount);
	pod_put_text(pod, item, "type", "tmpfs", mount);
	pod_put(pod, item, "target", node_get(mount, "mountPath"));
	struct node *tmpfs = pod_put_new(pod, item, "tmpfs", NODE_MAP, mount);
	pod_put_text(pod, tmpfs, "size", "1m", mount);
	struct node *mode = node_integer(pod->normaliser->pool, 0755, mount->at);
	if (mode)
		node_put(tmpfs, "mode", mount->at, mode);
}

/* Everyone may write into an empty folder; what is made in it has the group of the volume. */
static void open_to_all(struct pod *pod, struct node *options, const struct node *like)
{
	const struct node *group = pod_security(pod, NULL, "fsGroup");
	struct node *mode = node_integer(pod->normaliser->pool, group ? 02777 : 0777, like->at);
	if (mode)
		node_put(options, "x-berth-mode", like->at, mode);
	if (group)
		pod_put(pod, options, "x-berth-group", group);
}

static void convert_empty(struct pod *pod, const struct node *volume, const struct node *mount,
			  struct node *item, const char *part)
{
	pod_put_text(pod, item, "type", "volume", mount);
	pod_put(pod, item, "source", node_get(volume, "name"));
	struct node *options = pod_put_new(pod, item, "volume", NODE_MAP, mount);
	pod_put_bool(pod, options, "nocopy", true, mount);
	open_to_all(pod, options, mount);
	if (part)
		pod_put_text(pod, options, "subpath", part, mount);
}

static void convert_host(struct pod *pod, const struct node *volume, const struct node *mount,
			 struct node *item, const char *part)
{
	const struct node *host = node_get(volume, "hostPath"), *path = node_get(host, "path");
	const struct node *spread = node_get(mount, "mountPropagation");
	const char *type = node_get_text(host, "type");
	pod_put_text(pod, item, "type", "bind", mount);
	pod_put_text(pod, item, "source",
		     part ? pod_text(pod, path, "%s/%s", path->text, part) : path->text, path);
	bool made = !type || !*type || strcmp(type, "DirectoryOrCreate") == 0;
	bool spreads = spread && *spread->text != 'N';
	if (type && strcmp(type, "FileOrCreate") == 0)
		complain(pod->normaliser, node_get(host, "type"),
			 "only folders are made: File, or DirectoryOrCreate");
	if (made && !spreads)
		return;
	struct node *options = pod_put_new(pod, item, "bind", NODE_MAP, mount);
	if (!made)
		pod_put_bool(pod, options, "create_host_path", false, host);
	if (spreads)
		pod_put_text(pod, options, "propagation",
			     *spread->text == 'B' ? "rshared" : "rslave", spread);
}

/* A claim is a volume of that name, which is made when it is not there: then it is fsGroup's too. */
static void convert_claim(struct pod *pod, const struct node *claim, const struct node *mount,
			  struct node *item, const char *part)
{
	pod_put_text(pod, item, "type", "volume", mount);
	pod_put(pod, item, "source", node_get(claim, "claimName"));
	struct node *options = pod_put_new(pod, item, "volume", NODE_MAP, mount);
	const struct node *group = pod_security(pod, NULL, "fsGroup");
	struct node *mode = group || part
				    ? node_integer(pod->normaliser->pool, group ? 02775 : 0755, mount->at)
				    : NULL;
	if (mode)
		node_put(options, "x-berth-mode", mount->at, mode);
	if (group)
		pod_put(pod, options, "x-berth-group", group);
	if (part)
		pod_put_text(pod, options, "subpath", part, mount);
}

/* One file system for all containers that mount it. */
static void keep_in_memory(struct pod *pod, struct node *declared, const struct node *empty)
{
	const struct node *group = pod_security(pod, NULL, "fsGroup"), *limit = node_get(empty, "sizeLimit");
	struct node *options = pod_put_new(pod, declared, "driver_opts", NODE_MAP, empty);
	char size[80] = "";
	if (limit && pod_check_quantity(pod, limit))
		snprintf(size, sizeof size, ",size=%.0f", pod_quantity(limit->text));
	pod_put_text(pod, options, "type", "tmpfs", empty);
	pod_put_text(pod, options, "device", "tmpfs", empty);
	pod_put_text(pod, options, "o",
		     group ? pod_text(pod, empty, "mode=2777,gid=%s%s", group->text, size)
			   : pod_text(pod, empty, "mode=777%s", size),
		     empty);
}

static void declare_volume(struct pod *pod, const struct node *item, const struct node *volume)
{
	const char *source = node_get_text(item, "source");
	if (strcmp(node_get_text(item, "type"), "volume") != 0 || !source)
		return;
	struct node *volumes = pod_member(pod, pod->root, "volumes", NODE_MAP, volume);
	const struct node *empty = node_get(volume, "emptyDir");
	const char *medium = node_get_text(empty, "medium");
	if (node_get(volumes, source))
		return;
	if (medium && *medium)
		keep_in_memory(pod, pod_put_new(pod, volumes, source, NODE_MAP, volume), empty);
	else
		pod_put_new(pod, volumes, source, NODE_NULL, volume);
}

static void convert_mount(struct pod *pod, const struct node *container, const struct node *mount,
			  struct node *service)
{
	const struct node *name = node_get(mount, "name"), *volume = find_volume(pod, name->text);
	const struct node *claim = node_get(volume, "persistentVolumeClaim");
	const char *part = node_get_text(mount, "subPath");
	if (!volume) {
		complain(pod->normaliser, name, "\"%.60s\" is not among the Pod's volumes",
			 name->text);
		return;
	}
	if (part && !*part)
		part = NULL;
	if (!node_get(volume, "hostPath") && !claim && !node_get(volume, "emptyDir")) {
		convert_files(pod, container, mount, volume, service, part);
		return;
	}
	struct node *list = pod_member(pod, service, "volumes", NODE_LIST, mount);
	struct node *item = pod_put_new(pod, list, NULL, NODE_MAP, mount);
	if (node_get(volume, "hostPath"))
		convert_host(pod, volume, mount, item, part);
	else if (claim)
		convert_claim(pod, claim, mount, item, part);
	else
		convert_empty(pod, volume, mount, item, part);
	declare_volume(pod, item, volume);
	pod_put(pod, item, "target", node_get(mount, "mountPath"));
	if (pod_says(mount, "readOnly") || pod_says(claim, "readOnly"))
		pod_put_bool(pod, item, "read_only", true, mount);
}

void pod_mounts(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *list = node_get(container, "volumeMounts");
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		convert_mount(pod, container, item, service);
}
