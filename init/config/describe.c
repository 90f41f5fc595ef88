// SPDX-License-Identifier: Apache-2.0
/* From documents and the command line to the machine's description. */
#include "init/config/search.h"

#include "init/config/command_line.h"
#include "init/config/external.h"
#include "init/config/keys.h"
#include "init/config/volumes.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct describer {
	const struct config_texts *texts;
	const struct config_listener *listener;
	unsigned mistakes;
};

static void tell(struct describer *describer, const char *line)
{
	describer->listener->problem(describer->listener->context, false, line);
	describer->mistakes++;
}

/* Warnings too: who cannot see the workstation's `berth lint` sees them here. */
static void tell_problems(struct describer *describer, const struct problems *problems)
{
	char line[ERROR_TEXT_MAX];
	for (unsigned i = 0; i < problems->kept_count; i++) {
		problem_format(problems, &problems->kept[i], line, sizeof line);
		describer->listener->problem(describer->listener->context,
					     problems->kept[i].level == PROBLEM_WARNING, line);
	}
	describer->mistakes +=
		problems->count[PROBLEM_ERROR] + problems->count[PROBLEM_UNSUPPORTED];
}

/* Of the documents that have a part in it the one that is trusted least; what another file says is that of
 * all. */
static const struct config_text *text_of(const struct config_texts *texts, uint32_t layers)
{
	uint32_t all = (UINT32_C(1) << texts->count) - 1;
	size_t least = texts->count;
	if (layers & ~all || !layers)
		layers = all;
	for (size_t i = 0; i < texts->count; i++)
		if (layers & UINT32_C(1) << i &&
		    (least == texts->count || texts->items[i].trust < texts->items[least].trust))
			least = i;
	return &texts->items[least < texts->count ? least : 0];
}

/* Every document that the value is made from; one of no document is of all. */
static int check_trust(const struct config_texts *texts, const struct setting *setting,
		       struct error *err)
{
	const struct config_text *text = text_of(texts, setting->layers);
	return trust_check(setting->path, text->source, text->trust, texts->least, err);
}

static int apply(const struct config_texts *texts, const struct setting *setting,
		 struct machine *out, struct error *err)
{
	const struct config_key *key = setting_key_find(setting->key);
	while (setting->service >= out->container_count)
		if (machine_add_container(out, err) < 0)
			return -1;
	if (setting->dangerous && check_trust(texts, setting, err) < 0)
		return -1;
	if (!key)
		return error_set(err, "%s: this version of the machine has no %s", setting->path,
				 setting->key);
	return key->apply(out, setting->value, err) < 0 ? error_context(err, "%s", setting->path)
							 : 0;
}

static void apply_all(struct describer *describer, const struct machine_document *document,
		      const struct setting_list *settings, struct machine *out)
{
	char place[160], line[ERROR_TEXT_MAX + 400];
	for (size_t i = 0; i < settings->count; i++) {
		struct error err = ERROR_INIT;
		if (apply(describer->texts, &settings->items[i], out, &err) == 0)
			continue;
		snprintf(line, sizeof line, "%s: error: %s",
			 document_place(document, settings->items[i].at, place), err.text);
		tell(describer, line);
	}
}

static int open_beside(const struct config_text *text, const char *name)
{
	return sys_openat2(text->folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
			   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

/* A file beside a document: on the disk that it came from, else below /berth in the initramfs, which
 * is for documents that are trusted with it. */
static ssize_t read_file(void *context, unsigned layer, const char *path, char *out,
			 size_t capacity, struct error *err)
{
	static const char folder[] = VOLUME_BIND_FOLDER "/", carried[] = CARRIED_FOLDER "/";
	const struct config_texts *texts = context;
	bool is_carried = strncmp(path, carried, sizeof carried - 1) == 0;
	if (is_carried && texts->read_carried)
		return texts->read_carried(texts->carried, path, out, capacity, err);
	if (!is_carried && strncmp(path, folder, sizeof folder - 1) != 0)
		return error_set(err, "%.100s is not beside the document: write a path such as ./NAME",
				 path);
	const struct config_text *text = text_of(texts, layer < 32 ? UINT32_C(1) << layer : 0);
	if ((text->folder < 0 || is_carried) &&
	    trust_check(path, text->source, text->trust, texts->least, err) < 0)
		return -1;
	const char *name = is_carried ? path : path + sizeof folder - 1;
	_cleanup_close_ int fd =
		text->folder >= 0 && !is_carried
			? open_beside(text, name)
			: openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "open %s of %s", name, text->source);
	return file_read_fd(fd, name, out, capacity, err);
}

/* In the initramfs, or on the disk of the document. */
static ssize_t read_named(const struct config_text *text, bool own, const char *kind, const char *name,
			  char *out, size_t capacity, struct error *err)
{
	char path[EXTERNAL_NAME_MAX + 40];
	snprintf(path, sizeof path, VOLUME_BIND_FOLDER "/%s/%s", kind, name);
	_cleanup_close_ int of_machine =
		own ? openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
	if (of_machine >= 0 || (own && errno != ENOENT))
		return of_machine < 0 ? error_errno(err, errno, "open %s", path)
				      : file_read_fd(of_machine, path, out, capacity, err);
	const char *beside = path + sizeof VOLUME_BIND_FOLDER;
	_cleanup_close_ int of_disk = text->folder < 0 ? -1 : open_beside(text, beside);
	if (of_disk >= 0 || (text->folder >= 0 && errno != ENOENT))
		return of_disk < 0 ? error_errno(err, errno, "open %s of %s", beside, text->source)
				   : file_read_fd(of_disk, beside, out, capacity, err);
	return EXTERNAL_NOWHERE;
}

static int is_nowhere(const struct config_text *text, bool own, const char *kind, const char *name,
		      struct error *err)
{
	char beside[160] = "", firmware[160] = "";
	if (own)
		snprintf(firmware, sizeof firmware,
			 "opt/org.berth/%s and opt/io.systemd.credentials of fw_cfg, the credentials of "
			 "SMBIOS, /berth/%s of the initramfs", kind, kind);
	if (text->folder >= 0)
		snprintf(beside, sizeof beside, "%s%s on the disk of the document%s", own ? ", " : "", kind,
			 own ? "" : ", which is trusted with no other place");
	return error_set(err, "\"%.60s\" is external and not there: looked for it in %s%s", name, firmware,
			 beside);
}

/* What the firmware and the initramfs have is for documents that are trusted with it, as all files
 * there. */
static ssize_t read_external(void *context, uint32_t layers, const char *kind, const char *name,
			     char *out, size_t capacity, struct error *err)
{
	const struct config_texts *texts = context;
	const struct config_text *text = text_of(texts, layers);
	bool own = text->trust >= texts->least;
	ssize_t size = EXTERNAL_NOWHERE;
	if (texts->read_carried)
		return 0; /* on the workstation: only the machine can know */
	if (own && texts->external)
		size = external_of_firmware(texts->external, kind, name, out, capacity, err);
	if (size == EXTERNAL_NOWHERE)
		size = read_named(text, own, kind, name, out, capacity, err);
	if (size != EXTERNAL_NOWHERE)
		return size;
	return own || text->folder >= 0 ? is_nowhere(text, own, kind, name, err)
					: trust_check("external", text->source, text->trust,
						      texts->least, err);
}

static void fill_layers(const struct config_texts *texts, struct document_layer *layers)
{
	for (size_t i = 0; i < texts->count; i++) {
		const struct config_text *text = &texts->items[i];
		layers[i] = (struct document_layer){text->name, text->text, text->size,
						    text->trust < texts->least};
	}
}

static const char *name_of(const struct config_texts *texts)
{
	return texts->count == 1 ? texts->items[0].name : "the description";
}

static int read_documents(struct describer *describer, struct machine *out, struct error *err)
{
	static struct machine_document document;
	static struct setting_list settings;
	const struct config_texts *texts = describer->texts;
	struct document_layer layers[DOCUMENT_LAYERS_MAX];
	const struct document_options options = {
		.read_file = read_file,
		.read_external = read_external,
		.context = (void *)(uintptr_t)texts,
		.folder = VOLUME_BIND_FOLDER,
		.profiles = texts->profiles,
	};
	_cleanup_free_ void *block = malloc(DOCUMENT_MEMORY);
	if (!block || texts->count > DOCUMENT_LAYERS_MAX)
		return error_set(err, "no memory to read the document");
	fill_layers(texts, layers);
	bool good = document_read(&document, block, DOCUMENT_MEMORY, layers, texts->count,
				  &options) == 0 &&
		    document_settings(&document, &settings) == 0;
	tell_problems(describer, &document.problems);
	if (good)
		apply_all(describer, &document, &settings, out);
	if (!good || describer->mistakes)
		return error_set(err, "%s has %u mistake%s: see the lines above", name_of(texts),
				 describer->mistakes, describer->mistakes == 1 ? "" : "s");
	if (describer->listener->value)
		document_each_value(&document, describer->listener->value,
				    describer->listener->context);
	return 0;
}

/* It was good when PID 1 read it, but may not go together with the document. */
static int read_line(const char *line, const struct config_listener *listener, struct machine *out,
		     struct error *err)
{
	static struct command_line_problems problems;
	if (command_line_read(line, out, &problems) == 0) {
		if (listener->value)
			command_line_each(line, listener->value, listener->context);
		return 0;
	}
	*err = problems.kept[0];
	return error_context(err, "command line");
}

int config_describe(const struct config_texts *texts, const char *line, struct machine *out,
		    const struct config_listener *listener, struct error *err)
{
	struct describer describer = {texts, listener, 0};
	machine_init(out);
	if (read_documents(&describer, out, err) < 0 || read_line(line, listener, out, err) < 0)
		return -1;
	if (!out->hostname[0] && !out->ip.hostname[0])
		snprintf(out->hostname, sizeof out->hostname, "%s", texts->hostname);
	return machine_complete(out, err) < 0 ? error_context(err, "%s", name_of(texts)) : 0;
}
