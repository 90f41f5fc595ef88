// SPDX-License-Identifier: Apache-2.0
/* What `berth boot` finds beside a document, and the archive that it makes of it. */
#include "init/workstation/carried.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/berth-carried-XXXXXX";
static char memory[DOCUMENT_MEMORY];
static struct machine_document document;
static struct setting_list settings;
static struct carried carried;
static struct error err;
static struct string_list secrets, configs;

static ssize_t read_beside(void *context, unsigned layer, const char *path, char *out,
			   size_t capacity, struct error *why)
{
	(void)context;
	(void)layer;
	return file_read(AT_FDCWD, path, out, capacity, why);
}

static const char *find_variable(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "TOKEN") == 0 ? "of a variable" : NULL;
}

static int find(const char *text, bool appended)
{
	const struct document_layer layer = {"compose.yaml", text, strlen(text), false};
	const struct document_options options = {.variables = {find_variable, NULL},
						 .read_file = read_beside,
						 .folder = folder};
	if (document_read(&document, memory, sizeof memory, &layer, 1, &options) < 0 ||
	    document_settings(&document, &settings) < 0)
		return -2;
	const struct carried_given given = {appended, secrets, configs};
	return carried_find(&document, &given, &carried);
}

static const char *last_problem(void)
{
	static char line[800] = "(no problem)";
	if (document.problems.kept_count)
		problem_format(&document.problems,
			       &document.problems.kept[document.problems.kept_count - 1], line,
			       sizeof line);
	return line;
}

static void put(const char *name, const char *content, mode_t mode)
{
	file_write(AT_FDCWD, name, content, strlen(content), mode, NULL);
	chmod(name, mode);
}

static void make_files(void)
{
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return;
	mkdir("conf", 0750);
	mkdir("conf/deep", 0755);
	put("conf/private", "only mine", 0600);
	put("conf/deep/tool", "#!/bin/sh", 0755);
	ok(symlink("/etc/shadow", "conf/link") == 0 && symlink("/etc", "out") == 0 &&
		   symlink("conf", "near") == 0 && mkfifo("conf/pipe", 0600) == 0 &&
		   mkfifo("pipe", 0600) == 0,
	   "files are made");
	mkdir("deep", 0700);
	mkdir("deep/down", 0700);
	put("deep/down/tool", "far below", 0644);
	put("password", "of a file", 0600);
}

/* One entry of the archive: its header and content, or NULL. */
static const char *entry(const char *archive, size_t size, const char *name, const char **content)
{
	for (size_t at = 0; at + 110 < size;) {
		unsigned length, bytes;
		if (sscanf(archive + at + 54, "%8x", &bytes) != 1 ||
		    sscanf(archive + at + 94, "%8x", &length) != 1)
			return NULL;
		*content = archive + ((at + 110 + length + 3) & ~(size_t)3);
		if (strcmp(archive + at + 110, name) == 0)
			return archive + at;
		at = ((size_t)(*content - archive) + bytes + 3) & ~(size_t)3;
	}
	return NULL;
}

static void has(const char *archive, size_t size, const char *name, mode_t mode, const char *want)
{
	const char *content = NULL, *header = entry(archive, size, name, &content);
	unsigned found = 0, uid = 0;
	if (header)
		(void)!sscanf(header + 14, "%8x%8x", &found, &uid);
	ok(header && found == mode && (uid == getuid() || uid == 0), "%s is there, mode %o", name,
	   found);
	if (want)
		ok(header && strncmp(content, want, strlen(want)) == 0, "%s has its content", name);
}

static const char good[] =
	"services:\n  web:\n    image: x\n    secrets: [a, b, c]\n    configs: [d]\n"
	"    volumes: ['./deep/down/tool:/t', './conf:/conf:ro', './password:/p', './near:/near:ro',\n"
	"      './conf/deep:/deep', data:/data, './made:/made', '/srv/x:/srv']\n"
	"secrets:\n  a: {file: ./password}\n  b: {environment: TOKEN}\n  c: {content: inline}\n"
	"  unused: {file: ./password}\n"
	"configs: {d: {file: ./conf/deep/tool}}\nvolumes: {data: }\n";

static void test_archive(void)
{
	static char archive[64 * 1024];
	const char *content;
	ok(find(good, false) == 0, "all that is named is found: %s", last_problem());
	ok(carried.count == 6, "and nothing else: %zu", carried.count);
	_cleanup_close_ int fd = carried_archive(&carried, 1 << 20, &err);
	ssize_t size = fd < 0 ? -1 : pread(fd, archive, sizeof archive, 0);
	if (!ok(size > 0 && size % 512 == 0, "an archive is made: %s", err.text))
		return;
	size_t bytes = (size_t)size;
	has(archive, bytes, "carried", S_IFDIR | 0700, NULL);
	has(archive, bytes, "carried/secrets/0", S_IFREG | 0400, "of a file");
	has(archive, bytes, "carried/secrets/1", S_IFREG | 0400, "of a variable");
	has(archive, bytes, "carried/configs/2", S_IFREG | 0400, "#!/bin/sh");
	has(archive, bytes, "carried/binds/deep/down", S_IFDIR | 0755, NULL);
	has(archive, bytes, "carried/binds/deep/down/tool", S_IFREG | 0644, "far below");
	has(archive, bytes, "carried/binds/conf", S_IFDIR | 0750, NULL);
	has(archive, bytes, "carried/binds/conf/private", S_IFREG | 0600, "only mine");
	has(archive, bytes, "carried/binds/conf/deep/tool", S_IFREG | 0755, "#!/bin/sh");
	has(archive, bytes, "carried/binds/conf/link", S_IFLNK | 0777, "/etc/shadow");
	ok(!entry(archive, bytes, "carried/binds/conf/pipe", &content), "a FIFO is left out");
	has(archive, bytes, "carried/binds/password", S_IFREG | 0600, "of a file");
	ok(!entry(archive, bytes, "carried/binds/near", &content), "two names of one folder are one");
	is(node_get_text(node_at(document.root, "secrets.a"), "file"), "/carried/secrets/0",
	   "the document names what the machine has");
	ok(!node_at(document.root, "secrets.b.environment"), "and no variables");
	static const char *const sources[] = {"/berth/deep/down/tool", "/berth/conf", "/berth/password",
					      "/berth/conf", "/berth/conf/deep", NULL, "/berth/made",
					      "/srv/x"};
	const struct node *mount = node_at(document.root, "services.web.volumes")->first;
	for (size_t i = 0; i < countof(sources); i++, mount = mount->next)
		if (sources[i])
			is(node_get_text(mount, "source"), sources[i], "what is bound, too");
	char text[32];
	ok(carried_read(&carried, "/carried/secrets/1", text, sizeof text, &err) == 13 &&
		   carried_read(&carried, "/carried/binds/conf", text, sizeof text, &err) < 0,
	   "values can be read beforehand");
	ok(carried_archive(&carried, 1500, &err) < 0 &&
		   strstr(err.text, ": more than 0.0 MB in all") != NULL,
	   "there is a limit: %s", err.text);
}

static void refused(const char *volume, const char *why)
{
	char text[200];
	snprintf(text, sizeof text, "services: {web: {image: x, volumes: ['%s:/x:ro']}}\n", volume);
	ok(find(text, false) == -1 && strstr(last_problem(), why) != NULL &&
		   strstr(last_problem(), "compose.yaml:1:38: error: services.web.volumes[0]: ") != NULL,
	   "%s is refused: %s", volume, last_problem());
}

static void test_refusals(void)
{
	refused("./out", "leads out of the document's folder by a symbolic link");
	refused("./out/passwd", "leads out of the document's folder by a symbolic link");
	refused("./conf/link", "leads out of the document's folder by a symbolic link");
	ok(find("services: {web: {image: x, volumes: ['./gone:/x:ro']}}\n", false) == 0 &&
		   strstr(last_problem(), "warning: services.web.volumes[0]: ./gone is not there"),
	   "what is not there is empty: %s", last_problem());
	ok(find("services: {web: {image: x, volumes: [{type: bind, source: ./gone, target: /x, bind: "
		"{create_host_path: false}}]}}\n", false) == -1 &&
		   strstr(last_problem(), "./gone is not there, and is not to be made"),
	   "unless it must not: %s", last_problem());
	refused("./pipe", "is neither a file nor a folder");
	ok(find("services: {web: {image: x, volumes: ['./gone:/x:ro', '/berth/y:/y:ro']}}\n", true) == 0 &&
		   carried.count == 0,
	   "what is not there may come with an archive of the user's");
	is(node_get_text(node_at(document.root, "services.web.volumes")->first, "source"), "/berth/gone",
	   "and is then beside the document");
	ok(find("services: {web: {image: x, volumes: ['/etc:/x:ro']}}\n", false) == -2 &&
		   find("services: {web: {image: x, volumes: ['/carried/binds/0:/x:ro']}}\n", false) == -2,
	   "nothing is taken from elsewhere");
}

static void give(struct string_list *list, const char *text)
{
	static char block[4096];
	static struct arena arena;
	if (!arena.block)
		arena_init(&arena, block, sizeof block);
	string_list_add(list, &arena, text, NULL);
}

static void test_external(void)
{
	static const char text[] = "services: {web: {image: x, secrets: [a], configs: [c]}}\n"
				   "secrets: {a: {external: true, name: pass}, unused: {external: true}}\n"
				   "configs: {c: {external: true}}\n";
	char out[32];
	give(&configs, "c=conf/deep/tool");
	ok(find(text, false) == -1 &&
		   strstr(last_problem(), "compose.yaml:2:25: error: secrets.a: is external, and nobody gives it: "
					  "--secret pass=FILE"),
	   "what is not given is missed: %s", last_problem());
	ok(find(text, true) == 0 && carried.count == 1, "or left to an archive of the user's");
	give(&secrets, "pass=gone");
	give(&secrets, "pass=password");
	ok(find(text, false) == 0 && carried.count == 2, "what is given is carried: %s", last_problem());
	is(node_get_text(node_at(document.root, "secrets.a"), "file"), "/carried/secrets/0", "as a file");
	ok(!node_at(document.root, "secrets.a.external"), "and no longer external");
	ok(carried_read(&carried, "/carried/secrets/0", out, sizeof out, &err) == 9 &&
		   strcmp(out, "of a file") == 0, "the last one counts");
	give(&secrets, "other=password");
	ok(find(text, false) == -1 && strstr(last_problem(), "--secret other: is not asked for"), "%s",
	   last_problem());
	secrets.count = configs.count = 0;
}

static void test_bound_volume(void)
{
	static const char text[] = "services: {web: {image: x, volumes: ['v:/v:ro']}}\n"
				   "volumes: {v: {driver_opts: {type: none, o: bind, device: %s}}}\n";
	char document_text[300];
	snprintf(document_text, sizeof document_text, text, "./conf");
	ok(find(document_text, false) == 0 && carried.count == 1 && carried.items[0].fd >= 0,
	   "a volume that is a folder beside the document: %s", last_problem());
	is(node_get_text(node_at(document.root, "volumes.v.driver_opts"), "device"), "/berth/conf",
	   "is carried as what is bound");
	snprintf(document_text, sizeof document_text, text, "./gone");
	ok(find(document_text, false) == 0 && carried.count == 0, "one that is not there is made: %s",
	   last_problem());
	snprintf(document_text, sizeof document_text, text, "./out");
	ok(find(document_text, false) == -1 &&
		   strstr(last_problem(), "error: volumes.v.driver_opts.device: ./out leads out of"),
	   "%s", last_problem());
}

int main(void)
{
	char command[64];
	make_files();
	test_archive();
	test_refusals();
	test_external();
	test_bound_volume();
	snprintf(command, sizeof command, "rm -rf %s", folder);
	ok(system(command) == 0, "nothing is left");
	return tap_end();
}
