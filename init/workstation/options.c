// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/options.h"

#include "lib/suggest.h"

#include <string.h>

const struct option_row option_rows[OPTION_COUNT] = {
	[OPTION_PUBLISH] = {"publish", 'p', FOR_BOOT, true, "[ADDRESS:][PORT:]PORT[/udp]", NULL,
		"Makes a port of the container answer on the workstation: at ADDRESS, or only at "
		"127.0.0.1 when there is none. One PORT alone is used on both sides."},
	[OPTION_ENV] = {"env", 'e', FOR_BOOT, true, "NAME[=VALUE]", NULL,
		"Sets a variable in the container; NAME alone takes the value it has here, and is "
		"left out when it has none."},
	[OPTION_INTERACTIVE] = {"interactive", 'i', FOR_BOOT, false, NULL, "berth.stdin-open",
		"Passes standard input on to the container, as text; its end ends the container's "
		"input (docs/terminal.md)."},
	[OPTION_TTY] = {"tty", 't', FOR_BOOT, false, NULL, "berth.tty",
		"Gives the container a terminal. With -i every key goes to it, Ctrl-C too."},
	[OPTION_MEMORY] = {"memory", 'm', FOR_BOOT, false, "SIZE", NULL,
		"Memory of the machine, like 128M or 2G (default 1G). The unpacked image counts, "
		"unless there is a --disk."},
	[OPTION_CPUS] = {"cpus", 0, FOR_BOOT, false, "NUMBER", NULL,
		"CPUs of the machine (default 1). With a fraction the machine gets the next whole "
		"number and the container is limited to the fraction."},
	[OPTION_NAME] = {"name", 0, FOR_BOOT, false, "NAME", "berth.name",
		"Name of the container in console lines and in the report."},
	[OPTION_HOSTNAME] = {"hostname", 0, FOR_BOOT, false, "NAME", "berth.hostname",
		"Host name of the machine."},
	[OPTION_USER] = {"user", 'u', FOR_BOOT, false, "USER[:GROUP]", "berth.user",
		"Runs as this user instead of the image's."},
	[OPTION_WORKDIR] = {"workdir", 'w', FOR_BOOT, false, "PATH", "berth.workdir",
		"Working directory instead of the image's."},
	[OPTION_ENTRYPOINT] = {"entrypoint", 0, FOR_BOOT, false, "WORDS", "berth.entrypoint",
		"Entry point instead of the image's, split as a shell does."},
	[OPTION_NETWORK] = {"network", 0, FOR_BOOT, false, "bridge|host|none", "berth.network",
		"Network of the container: its own behind a bridge (default), the machine's, or "
		"only a loopback."},
	[OPTION_RESTART] = {"restart", 0, FOR_BOOT, false, "POLICY", "berth.restart",
		"When the container is started again: no (default), on-failure[:N], always, "
		"unless-stopped."},
	[OPTION_STOP_TIMEOUT] = {"stop-timeout", 0, FOR_BOOT, false, "SECONDS", "berth.stop-timeout",
		"Time between the stop signal and the kill (default 10)."},
	[OPTION_INSECURE] = {"insecure", 0, FOR_BOOT | FOR_IMAGES, true, "HOST[:PORT]", "berth.registry.insecure",
		"For this registry certificates are not checked and plain HTTP is allowed. "
		"Registries on the workstation's loopback are so without being named."},
	[OPTION_CREDENTIALS] = {"credentials", 0, FOR_IMAGES, false, "FILE", NULL,
		"Credentials for registries, in the form of Docker's config.json (default: "
		"$DOCKER_CONFIG/config.json or ~/.docker/config.json)."},
	[OPTION_SETTINGS] = {"settings", 0, FOR_IMAGES, false, "FILE", NULL,
		"How registries are spoken to and which images are trusted, as JSON "
		"(docs/registries.md, docs/signatures.md)."},
	[OPTION_CA] = {"ca", 0, FOR_IMAGES, false, "FILE", NULL,
		"Certificates in PEM that registries are checked against (default: "
		"/etc/ssl/certs/ca-certificates.crt)."},
	[OPTION_LAYOUTS] = {"layouts", 0, FOR_IMAGES, true, "FOLDER|FILE|URL", NULL,
		"Asked before the registry: an OCI layout as folder, tar file or below a URL, an "
		"archive of `docker save`, or a folder with such things in it."},
	[OPTION_DEADLINE] = {"deadline", 0, FOR_BOOT | FOR_IMAGES, false, "SECONDS", "berth.pull.deadline",
		"How long getting the image may take in all (default 21600, 6 hours; 0: any time)."},
	[OPTION_STORE] = {"store", 0, FOR_STORE, false, "FOLDER", NULL,
		"The image store (default: /var/lib/berth). On a machine's disk labelled berth-data "
		"it is the folder that the machine itself uses."},
	[OPTION_PLATFORM] = {"platform", 0, FOR_IMAGES, false, "ARCHITECTURE[/VARIANT]", NULL,
		"Platform of the image instead of amd64, like arm64 or arm/v7."},
	[OPTION_SECRET] = {"secret", 0, FOR_BOOT, true, "NAME=FILE", NULL,
		"The value of the secret that the document calls external and NAME."},
	[OPTION_CONFIG] = {"config", 0, FOR_BOOT, true, "NAME=FILE", NULL,
		"The value of the config that the document calls external and NAME."},
	[OPTION_DISK] = {"disk", 0, FOR_BOOT, false, "FILE", NULL,
		"Raw disk image with an ext4 file system labelled berth-data, which keeps images "
		"between boots."},
	[OPTION_ATTACH] = {"attach", 0, FOR_BOOT, true, "FILE[:ro]", NULL,
		"One more disk of the machine, a raw image, for the volumes of a document (driver_opts with "
		"device: LABEL=… or UUID=…). With :ro it cannot be written."},
	[OPTION_MEDIA] = {"images", 0, FOR_BOOT, true, "FOLDER|FILE|URL", NULL,
		"Where the image may be, asked before the registry: a folder with OCI layouts and "
		"archives of `docker save`; a disk or ISO image with a file system labelled "
		"berth-images; or an OCI layout on a web server."},
	[OPTION_PULL] = {"pull", 0, FOR_BOOT, false, "last-good|always|missing|never", "berth.pull.policy",
		"Whether an image that is on --disk is asked for again: yes, and it is used when "
		"nobody answers (last-good, the default); yes (always); no (missing); or no, nor is one "
		"that is nowhere in the machine (never)."},
	[OPTION_JSON] = {"json", 0, FOR_BOOT, false, "FILE", NULL,
		"Writes the machine's report to FILE; - is standard output, after the console's "
		"last line."},
	[OPTION_TIMEOUT] = {"timeout", 0, FOR_BOOT, false, "SECONDS", NULL,
		"Stops the container in order after this time and ends with status 124."},
	[OPTION_OFFLINE] = {"offline", 0, FOR_BOOT, false, NULL, NULL,
		"Gives the machine no network card: the image comes from --images, --disk or an "
		"appended initramfs."},
	[OPTION_PROFILE] = {"profile", 0, FOR_DOCUMENTS | FOR_BOOT, true, "NAME", NULL,
		"Takes in the services of this profile of the document; `*` takes in all."},
	[OPTION_FORMAT] = {"format", 0, FOR_EXPLAIN, false, "yaml|json|sources", NULL,
		"yaml: with the source of each value behind it (the default); json: values only; "
		"sources: JSON, a list of keys with their values and sources."},
	[OPTION_BOOT] = {"boot", 0, FOR_EXPLAIN, false, NULL, NULL,
		"FILE is the report of a machine: prints what it was told, and by whom."},
	[OPTION_KERNEL] = {"kernel", 0, FOR_BOOT, false, "FILE", NULL,
		"Kernel instead of the vmlinuz beside the program (or in $BERTH_MACHINE)."},
	[OPTION_INITRD] = {"initrd", 0, FOR_BOOT, false, "FILE", NULL,
		"Initramfs instead of the one beside the program (or in $BERTH_MACHINE)."},
	[OPTION_INITRD_APPEND] = {"initrd-append", 0, FOR_BOOT, true, "FILE", NULL,
		"One more cpio archive behind the initramfs: images, certificates, credentials."},
	[OPTION_APPEND] = {"append", 0, FOR_BOOT, true, "WORDS", NULL,
		"More words for the kernel command line, taken as they are."},
	[OPTION_ACCEL] = {"accel", 0, FOR_BOOT, false, "kvm|tcg", NULL,
		"QEMU's accelerator (default: kvm when it works, else tcg)."},
	[OPTION_DRY_RUN] = {"dry-run", 0, FOR_BOOT, false, NULL, NULL,
		"Prints QEMU's command line and starts nothing."},
	[OPTION_VERBOSE] = {"verbose", 'v', FOR_BOOT, false, NULL, NULL,
		"Shows the kernel's own messages."},
	[OPTION_HELP] = {"help", 'h', FOR_BOOT | FOR_IMAGES | FOR_DOCUMENTS, false, NULL, NULL, "Prints this text."},
};

static bool has_row(const struct command_form *form, size_t id)
{
	return option_rows[id].commands & form->command;
}

/* Names of the form's own rows; the others are skipped. */
static const char *nth_name(const void *context, size_t i)
{
	const struct command_form *form = context;
	for (size_t id = 0; id < OPTION_COUNT; id++)
		if (has_row(form, id) && i-- == 0)
			return option_rows[id].name;
	return NULL;
}

static int unknown_option(const struct command_form *form, const char *word, const char *name,
			  struct error *err)
{
	const char *near = suggest(name, nth_name, form);
	if (near)
		return error_set(err, "unknown option %.60s: did you mean --%s?", word, near);
	return error_set(err, "unknown option %.60s: see berth %s --help", word, form->name);
}

static enum option_id find_long(const struct command_form *form, const char *name, size_t length)
{
	int id = 0;
	while (id < OPTION_COUNT && !(has_row(form, (size_t)id) &&
				      strncmp(option_rows[id].name, name, length) == 0 &&
				      option_rows[id].name[length] == 0))
		id++;
	return (enum option_id)id;
}

static enum option_id find_letter(const struct command_form *form, char letter)
{
	int id = 0;
	while (id < OPTION_COUNT &&
	       !(has_row(form, (size_t)id) && option_rows[id].letter == letter))
		id++;
	return (enum option_id)id;
}

/* An option taken apart: which one, and the value attached to it ("--name=VALUE", "-nVALUE"). */
struct split_option {
	enum option_id id;
	const char *attached;
};

static int split_option(const struct command_form *form, const char *word,
			struct split_option *out, struct error *err)
{
	const char *name = word + (word[1] == '-' ? 2 : 1);
	if (word[1] == '-') {
		size_t length = strcspn(name, "=");
		out->id = find_long(form, name, length);
		out->attached = name[length] ? name + length + 1 : NULL;
	} else {
		out->id = find_letter(form, *name);
		out->attached = name[1] ? name + 1 + (name[1] == '=') : NULL;
	}
	if (out->id == OPTION_COUNT)
		return unknown_option(form, word, name, err);
	if (out->attached && !option_rows[out->id].argument)
		return word[1] == '-' ? error_set(err, "--%s takes no value",
						  option_rows[out->id].name)
				      : unknown_option(form, word, name, err);
	return 0;
}

static int add_value(struct options *options, enum option_id id, const char *value,
		     struct arena *arena, struct error *err)
{
	if (!value)
		return error_set(err, "--%s needs a value: --%s %s", option_rows[id].name,
				 option_rows[id].name, option_rows[id].argument);
	return string_list_add(&options->values[id], arena, value, err);
}

/* "-it": each letter but the last one is an option without a value. The word becomes the rest. */
static int take_flags(const struct command_form *form, char **word, struct options *out,
		      struct arena *arena, struct error *err)
{
	enum option_id id;
	while ((*word)[1] != '-' && (*word)[2] && (*word)[2] != '=' &&
	       (id = find_letter(form, (*word)[1])) != OPTION_COUNT && !option_rows[id].argument &&
	       find_letter(form, (*word)[2]) != OPTION_COUNT) {
		char *rest = arena_printf(arena, "-%s", *word + 2);
		if (!rest || add_value(out, id, "", arena, err) < 0)
			return error_set(err, "too many options");
		*word = rest;
	}
	return 0;
}

int options_parse(const struct command_form *form, int argc, char **argv, struct arena *arena,
		  struct options *out, struct error *err)
{
	*out = (struct options){0};
	int at = 1;
	for (; at < argc && argv[at][0] == '-' && argv[at][1]; at++) {
		if (strcmp(argv[at], "--") == 0) {
			at++;
			break;
		}
		struct split_option option;
		if (take_flags(form, &argv[at], out, arena, err) < 0 ||
		    split_option(form, argv[at], &option, err) < 0)
			return -1;
		const char *value = option.attached;
		if (!option_rows[option.id].argument)
			value = "";
		else if (!value)
			value = at + 1 < argc ? argv[++at] : NULL;
		if (add_value(out, option.id, value, arena, err) < 0)
			return -1;
	}
	if (at < argc) {
		out->image = argv[at];
		out->words = argv + at + 1;
	} else if (!option_given(out, OPTION_HELP)) {
		return error_set(err, "no %s given: berth %s [OPTIONS] %s",
				 form->command & FOR_DOCUMENTS ? "file" : "image", form->name,
				 form->words);
	}
	return 0;
}

bool option_given(const struct options *options, enum option_id id)
{
	return options->values[id].count > 0;
}

const char *option_text(const struct options *options, enum option_id id,
			const char *otherwise)
{
	const struct string_list *values = &options->values[id];
	return values->count ? values->items[values->count - 1] : otherwise;
}

/* Prints text in lines of at most 72 bytes behind `indent`. */
static void print_wrapped(FILE *out, const char *indent, const char *text)
{
	enum { WIDTH = 72 };
	while (*text) {
		size_t length = strlen(text), next = length;
		if (length > WIDTH) {
			for (length = WIDTH; length > 0 && text[length] != ' ';)
				length--;
			length = length ? length : WIDTH;
			next = length + (text[length] == ' ');
		}
		fprintf(out, "%s%.*s\n", indent, (int)length, text);
		text += next;
	}
}

void options_help(const struct command_form *form, FILE *out)
{
	fprintf(out, "Usage: berth %s [OPTIONS] %s\n\n%s\n", form->name, form->words, form->about);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		if (!has_row(form, i))
			continue;
		if (row->letter)
			fprintf(out, "  -%c, --%s", row->letter, row->name);
		else
			fprintf(out, "      --%s", row->name);
		fprintf(out, "%s%s\n", row->argument ? " " : "", row->argument ? row->argument : "");
		print_wrapped(out, "          ", row->help);
	}
	fprintf(out, "\nExit status: %s", form->status);
}

static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++)
		fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

void options_markdown(const struct command_form *form, FILE *out)
{
	fprintf(out, "\n## `berth %s [OPTIONS] %s`\n\n%s\nExit status: %s\n", form->name, form->words,
		form->about, form->status);
	fputs("| option | value | meaning |\n|---|---|---|\n", out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_rows[i];
		if (!has_row(form, i))
			continue;
		fputs("| ", out);
		if (row->letter)
			fprintf(out, "`-%c`, ", row->letter);
		fprintf(out, "`--%s`%s | ", row->name, row->repeats ? " (repeats)" : "");
		if (row->argument) {
			fputc('`', out);
			print_escaped(out, row->argument);
			fputc('`', out);
		}
		fputs(" | ", out);
		print_escaped(out, row->help);
		fputs(" |\n", out);
	}
}

int options_begin(const struct command_form *form, int argc, char **argv, struct arena *arena,
		  struct options *out, struct error *err)
{
	if (options_parse(form, argc, argv, arena, out, err) < 0)
		return -1;
	if (!option_given(out, OPTION_HELP))
		return OPTIONS_PARSED;
	options_help(form, stdout);
	return OPTIONS_HELPED;
}
