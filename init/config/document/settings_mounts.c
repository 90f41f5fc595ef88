// SPDX-License-Identifier: Apache-2.0
/* What a service has mounted: berth.tmpfs and berth.volume, the latter in Compose's short form. */
#include "init/config/document/settings.h"
#include "init/config/volumes.h"

#include <string.h>

enum { TEXT_MAX = 1400 };

static bool is_true(const struct node *node)
{
	return node && node->integer;
}

/* {type: tmpfs, target: /run, tmpfs: {size: …, mode: …}} as berth.tmpfs has it. */
static void bind_tmpfs(struct binder *binder, const struct node *mount)
{
	char text[600];
	const struct node *size = node_at(mount, "tmpfs.size"), *mode = node_at(mount, "tmpfs.mode");
	int used = snprintf(text, sizeof text, "%.400s:%s", node_get_text(mount, "target"),
			    is_true(node_get(mount, "read_only")) ? "ro" : "rw");
	if (size)
		used += snprintf(text + used, sizeof text - (size_t)used, ",size=%.20s", size->text);
	if (mode)
		snprintf(text + used, sizeof text - (size_t)used, ",mode=%llo",
			 (unsigned long long)mode->integer);
	settings_add(binder, mount, NULL, "berth.tmpfs", text);
}

/* A colon or comma would be read as the end of a part. */
static bool fits(struct binder *binder, const struct node *node, const char *parting)
{
	if (!node || !strpbrk(node->text, parting))
		return true;
	settings_refuse(binder, node, "the machine mounts nothing with a colon or comma in its name");
	return false;
}

static bool is_plain_volume(struct binder *binder, const struct node *volume)
{
	const struct node *options = node_get(volume, "driver_opts");
	if (!options || !options->count)
		return true;
	settings_refuse(binder, options, "volumes of the machine are folders of its data disk, without "
					 "options");
	return false;
}

static void bind_volume(struct binder *binder, const struct node *mount)
{
	char text[TEXT_MAX];
	const struct node *source = node_get(mount, "source"), *target = node_get(mount, "target");
	const struct node *part = node_at(mount, "volume.subpath");
	const struct node *volume =
		source ? node_get(node_get(binder->document->root, "volumes"), source->text) : NULL;
	const char *name = volume ? node_get_text(volume, "name") : NULL;
	if (!fits(binder, target, ":") || !fits(binder, part, ":,") ||
	    (volume && !is_plain_volume(binder, volume)))
		return;
	int used = snprintf(text, sizeof text, "%.220s:%.420s:%s%s%s", name ? name : "", target->text,
			    is_true(node_get(mount, "read_only")) ? "ro" : "rw",
			    is_true(node_at(mount, "volume.nocopy")) ? ",nocopy" : "",
			    volume && is_true(node_get(volume, "external")) ? ",external" : "");
	if (part)
		snprintf(text + used, sizeof text - (size_t)used, ",subpath=%.420s", part->text);
	settings_add(binder, mount, NULL, "berth.volume", text);
}

/* What people bind most often, and what to do instead. */
static const char *reason_of(const char *source)
{
	static const struct {
		const char *path, *why;
	} known[] = {
		{"/var/run/docker.sock", "there is no Docker Engine in the machine"},
		{"/run/docker.sock", "there is no Docker Engine in the machine"},
		{"/etc/localtime", "the machine has no time zone: say one in the variable TZ"},
		{"/etc/timezone", "the machine has no time zone: say one in the variable TZ"},
		{"/lib/modules", "the machine's kernel has no modules"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].path, source) == 0)
			return known[i].why;
	return "only what lies in the folder of the document or below it can be bound, as ./NAME "
	       "(berth boot carries it; for other sources an initramfs has it in /berth); or make it a volume";
}

/* Below the folder of the document, wherever that is now; in the machine it is /berth. *in is that of the
 * machine. */
static const char *below_folder(const struct binder *binder, const char *source, const char **in)
{
	const char *folder = binder->document->options.folder;
	const char *const folders[] = {folder ? folder : VOLUME_BIND_FOLDER, VOLUME_BIND_FOLDER,
				       CARRIED_FOLDER};
	bool machine = strcmp(folders[0], VOLUME_BIND_FOLDER) == 0;
	for (size_t i = 0; i < (machine ? 3 : 2); i++) {
		size_t length = strlen(folders[i]);
		*in = i < 2 ? VOLUME_BIND_FOLDER : CARRIED_FOLDER;
		if (strncmp(source, folders[i], length) == 0 &&
		    (!source[length] || source[length] == '/'))
			return source + length;
	}
	return NULL;
}

static void bind_bind(struct binder *binder, const struct node *mount)
{
	static const struct schema_key row = {"", SCHEMA_ANY, SCHEMA_DANGEROUS, .help = ""};
	char text[TEXT_MAX];
	const struct node *source = node_get(mount, "source"), *target = node_get(mount, "target");
	const struct node *propagation = node_at(mount, "bind.propagation");
	const char *in, *below = below_folder(binder, source->text, &in);
	if (!below)
		settings_refuse(binder, source, reason_of(source->text));
	else if (propagation && strcmp(propagation->text, "rprivate") != 0 &&
		 strcmp(propagation->text, "private") != 0)
		settings_refuse(binder, propagation, "nothing is mounted below it later");
	else if (fits(binder, source, ":") && fits(binder, target, ":")) {
		if (!is_true(node_get(mount, "read_only")))
			problem_add(&binder->document->problems, PROBLEM_WARNING, mount->at,
				    binder->normaliser.path, NULL,
				    "the container can only read it, as all that is brought along: say so "
				    "with :ro (read_only: true); what it writes belongs into a volume");
		snprintf(text, sizeof text, "%s%.420s:%.420s:ro", in, below, target->text);
		settings_add(binder, mount, &row, "berth.volume", text);
	}
}

void settings_mounts(struct binder *binder, const struct node *list)
{
	unsigned index = 0;
	for (const struct node *mount = list->first; mount; mount = mount->next) {
		const char *type = node_get_text(mount, "type");
		size_t mark = path_push_index(&binder->normaliser, index++);
		if (strcmp(type, "tmpfs") == 0)
			bind_tmpfs(binder, mount);
		else if (strcmp(type, "bind") == 0)
			bind_bind(binder, mount);
		else
			bind_volume(binder, mount);
		path_pop(&binder->normaliser, mark);
	}
}
