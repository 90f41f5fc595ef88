// SPDX-License-Identifier: Apache-2.0
/* Bind mounts of a service: berth.volume with a path of the machine (init/config/binds.h). */
#include "init/config/document/paths.h"
#include "init/config/document/settings.h"
#include "init/config/volumes.h"

#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1400, PATH_ROOM = 460 };

static bool is_true(const struct node *node)
{
	return node && node->integer;
}

static void warn(struct binder *binder, const struct node *mount, const char *why)
{
	problem_add(&binder->document->problems, PROBLEM_WARNING, mount->at, binder->normaliser.path,
		    NULL, "%s", why);
}

/* On the workstation relative paths are below another folder than in the machine. */
static bool is_workstation(const struct binder *binder)
{
	const char *folder = binder->document->options.folder;
	return folder && strcmp(folder, VOLUME_BIND_FOLDER) != 0;
}

/* What is below the folder of the document, wherever that is now, is below /berth in the machine. */
static const char *machine_path(const struct binder *binder, const char *source, char out[PATH_ROOM])
{
	const char *folder = is_workstation(binder) ? binder->document->options.folder : NULL;
	size_t length = folder && strcmp(folder, "/") != 0 ? strlen(folder) : 0;
	if (!folder || strncmp(source, folder, length) != 0 || (source[length] && source[length] != '/'))
		return source;
	snprintf(out, PATH_ROOM, "%s%.420s", VOLUME_BIND_FOLDER,
		 strcmp(source + length, "/") == 0 ? "" : source + length);
	return out;
}

/* Once: who has no data disk loses what is written, as nowhere else. */
static void tell_of_disk(struct binder *binder, const struct node *mount)
{
	if (binder->told_of_disk || !is_workstation(binder) || binder->document->options.kept ||
	    node_at(binder->document->root, "x-berth.disks.data"))
		return;
	binder->told_of_disk = true;
	warn(binder, mount, "what containers write to it and other binds stays in the machine: on the disk "
			    "labelled berth-data (berth boot --disk), and without one in memory, gone at "
			    "power-off");
}

static void tell_of_twin(struct binder *binder, const struct node *mount, const char *path)
{
	if (is_workstation(binder) && binder->replica == 0 && access(path, F_OK) == 0)
		warn(binder, mount, "the machine has a folder of its own by this name, and not the one that "
				    "is here: what is to come along belongs beside the document, as ./NAME");
}

/* Mounts of a container pass to nobody, which only those notice that may mount. */
static bool may_mount(const struct node *service)
{
	const struct node *list = node_get(service, "cap_add");
	for (const struct node *at = list ? list->first : NULL; at; at = at->next)
		if (strcmp(at->text, "ALL") == 0 || strcmp(at->text, "SYS_ADMIN") == 0 ||
		    strcmp(at->text, "CAP_SYS_ADMIN") == 0)
			return true;
	return is_true(node_get(service, "privileged"));
}

static bool passes(struct binder *binder, const struct node *service, const struct node *mount)
{
	const struct node *propagation = node_at(mount, "bind.propagation");
	const char *word = propagation ? propagation->text : "rprivate";
	if ((strcmp(word, "shared") != 0 && strcmp(word, "rshared") != 0) || !may_mount(service))
		return true;
	settings_refuse(binder, propagation, "what a container mounts is not seen by the machine and other "
					     "containers: leave it out, or write rslave");
	return false;
}

static bool has_own_users(const struct binder *binder, const struct node *service)
{
	const char *users = node_get_text(node_get(binder->document->root, "x-berth"), "userns");
	return users && strcmp(users, "auto") == 0 && !node_get(service, "userns_mode");
}

static bool fits_kind(struct binder *binder, const struct node *service, const struct node *mount,
		      enum bind_kind kind)
{
	const char *source = node_get_text(mount, "source");
	if (kind == BIND_BESIDE && has_own_users(binder, service) && is_workstation(binder) &&
	    access(source, F_OK) == 0) {
		settings_refuse(binder, mount, "what is brought along does not go with users of the container's "
					       "own (x-berth.userns): say userns_mode: host in the service, and "
					       "bind it with :ro");
		return false;
	}
	if (kind != BIND_KERNEL)
		return true;
	if (!is_true(node_get(mount, "read_only")))
		settings_refuse(binder, mount, "the kernel's own file systems can only be given to read: say "
					       ":ro (read_only: true)");
	else if (has_own_users(binder, service))
		settings_refuse(binder, mount, "the kernel's own file systems do not go with users of the "
					       "container's own (x-berth.userns): say userns_mode: host in the "
					       "service");
	else
		return true;
	return false;
}

/* The project that the folder belongs to on a disk; said once for all. */
static void name_project(struct binder *binder, const struct node *mount)
{
	const char *name = node_get_text(binder->document->root, "name");
	if (!binder->named_project && name && strcmp(name, "berth") != 0)
		settings_add(binder, mount, NULL, "machine.project", name);
	binder->named_project = true;
}

static void add(struct binder *binder, const struct node *mount, const char *path, enum bind_kind kind)
{
	char text[TEXT_MAX];
	const struct node *create = node_at(mount, "bind.create_host_path");
	bool read_only = is_true(node_get(mount, "read_only")), kept = kind == BIND_BESIDE || kind == BIND_FOLDER;
	bool dangerous = kind == BIND_BESIDE || kind == BIND_KERNEL;
	snprintf(text, sizeof text, "%.440s:%.420s:%s%s", path, node_get_text(mount, "target"),
		 read_only ? "ro" : "rw", kept && create && !create->integer ? ",external" : "");
	if (kept && !read_only)
		tell_of_disk(binder, mount);
	if (kind == BIND_FOLDER)
		tell_of_twin(binder, mount, path);
	if (kind == BIND_BESIDE)
		name_project(binder, mount);
	settings_add(binder, mount, dangerous ? &settings_dangerous : NULL, "berth.volume", text);
}

void settings_bind(struct binder *binder, const struct node *service, const struct node *mount)
{
	char room[PATH_ROOM];
	const char *why = NULL, *target = node_get_text(mount, "target");
	const struct node *source = node_get(mount, "source");
	const char *stated = path_clean(&binder->document->arena, source->text);
	const char *path = stated ? machine_path(binder, stated, room) : "";
	enum bind_kind kind = bind_kind_of(path, &why);
	if (!stated || strlen(stated) > 420)
		settings_refuse(binder, source, "is too long a path");
	else if (kind == BIND_REFUSED)
		settings_refuse(binder, source, why);
	else if (strchr(source->text, ':') || strchr(target, ':'))
		settings_refuse(binder, mount, "the machine mounts nothing with a colon in its name");
	else if (fits_kind(binder, service, mount, kind) && passes(binder, service, mount))
		add(binder, mount, path, kind);
}
