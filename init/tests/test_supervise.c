// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/binds.h"
#include "init/supervise/config_values.h"
#include "init/supervise/output.h"
#include "init/supervise/probe_result.h"
#include "init/supervise/report.h"
#include "init/supervise/specification.h"
#include "init/supervise/stop.h"
#include "init/supervise/volumes.h"
#include "lib/cleanup.h"
#include "lib/syscalls.h"
#include "lib/tap.h"

#include <stdlib.h>
#include <unistd.h>
#include <yyjson.h>

static void lines(void)
{
	static const struct {
		const char *in, *want;
	} table[] = {
		{"hello", "web | hello\n"},
		{"dos\r", "web | dos\n"},
		{"\x1b[1;31mred\x1b[0m", "web | \x1b[1;31mred\x1b[0m\n"},
		{"\x1b[2Jcleared", "web | ?[2Jcleared\n"},
		{"over\rwritten", "web | over?written\n"},
		{"tab\there", "web | tab\there\n"},
		{"\xff\xc3\xbc", "web | ?\xc3\xbc\n"},
		{"", "web | \n"},
	};
	for (size_t i = 0; i < countof(table); i++) {
		char out[128];
		size_t length = output_format("web", '|', table[i].in, strlen(table[i].in), out,
					      sizeof out - 1);
		out[length] = 0;
		is(out, table[i].want, "console line");
	}
}

static void debug_exit_values(void)
{
	static const int table[][2] = {{0, 0},     {1, 1},     {42, 42},   {60, 60},  {61, 127},
				       {124, 127}, {125, 61},  {126, 62},  {127, 63}, {128, 127},
				       {129, 65},  {137, 73},  {143, 79},  {190, 126}, {191, 127},
				       {255, 127}, {-1, 127}};
	for (size_t i = 0; i < countof(table); i++)
		ok(debug_exit_value(table[i][0]) == table[i][1], "status %d", table[i][0]);
}

static struct machine machine;
static struct instance instance;
static struct pull_result image;
static char image_block[4096], block[16384];
static struct arena image_arena, arena;

static void on_end(struct instance *ended)
{
	(void)ended;
}

static void prepare(void)
{
	machine_init(&machine);
	machine.container->name = "web";
	machine.container->image = "web";
	snprintf(machine.hostname, sizeof machine.hostname, "berth");
	static const struct instance_callbacks callbacks = {on_end, on_end, on_end};
	instance_init(&instance, &machine, 0, &callbacks);
	arena_init(&image_arena, image_block, sizeof image_block);
	arena_init(&arena, block, sizeof block);
	image = (struct pull_result){.reference = "docker.io/library/web:latest",
				     .digest = "sha256:00", .platform = "linux/amd64",
				     .source = "registry", .layers = {1, 1, (char *[]){(char *)"/r", NULL}}};
	string_list_add(&image.config.entrypoint, &image_arena, "/entry", NULL);
	string_list_add(&image.config.cmd, &image_arena, "default", NULL);
	string_list_add(&image.config.env, &image_arena, "PATH=/bin", NULL);
	string_list_add(&image.config.env, &image_arena, "A=image", NULL);
	instance.image = &image;
}

static void specification(void)
{
	struct container_spec spec;
	struct error err = ERROR_INIT;
	prepare();
	ok(specification_build(&instance, &arena, &spec, &err) == 0, "from the image alone");
	ok(spec.process.args.count == 2 && spec.process.env.count == 2, "entry point, command and environment");
	string_list_add(&machine.container->env, &machine.arena, "A=own", NULL);
	string_list_add(&machine.container->env, &machine.arena, "AB=new", NULL);
	machine.container->has_command = true;
	string_list_add(&machine.container->command, &machine.arena, "other", NULL);
	specification_build(&instance, &arena, &spec, &err);
	is(spec.process.args.items[1], "other", "a command replaces the image's");
	is(spec.process.env.items[1], "A=own", "a variable replaces the image's");
	is(spec.process.env.items[2], "AB=new", "a variable with a longer name does not");
	is(spec.hostname, "web", "host name");
	machine.container->has_command = false;
	machine.container->has_entrypoint = true;
	string_list_add(&machine.container->entrypoint, &machine.arena, "/own", NULL);
	specification_build(&instance, &arena, &spec, &err);
	ok(spec.process.args.count == 1, "an entry point drops the image's command");
	machine.container->entrypoint.count = 0;
	ok(specification_build(&instance, &arena, &spec, &err) == -1 &&
	   strstr(err.text, "neither an entry point nor a command"), "nothing to run");
}

/* Bytes of a test's output from outside the machine: cut, with control characters, no UTF-8. */
static void probe_results(void)
{
	static struct probe_result from, to;
	static uint8_t storage[PROBE_FRAME_MAX];
	struct error err = ERROR_INIT;
	struct frame frame;
	char text[300];
	from = (struct probe_result){PROBE_EXITED, 4, "a\x1b[2J\xff\xc3\xbc\nthe end \n"};
	probe_result_encode(&from, &frame, storage);
	frame.at = 1;
	ok(probe_result_decode(&frame, &to, &err) == 0, "a result: %s", err.text);
	is(to.output, "a?[2J?\xc3\xbc\nthe end \n", "what the test printed, cleaned");
	probe_result_describe(&to, 500, text, sizeof text);
	is(text, "exited with status 4: the end", "in one line");
	to.exit_status = 137;
	to.output[0] = 0;
	probe_result_describe(&to, 500, text, sizeof text);
	is(text, "was killed by signal 9", "a killed one");
	to.end = PROBE_TIMED_OUT;
	probe_result_describe(&to, 500, text, sizeof text);
	is(text, "took longer than 500 ms and was killed", "a slow one");
	memset(from.output, 'x', PROBE_OUTPUT_MAX);
	probe_result_encode(&from, &frame, storage);
	frame.at = 1;
	ok(!frame.bad && probe_result_decode(&frame, &to, &err) == 0 &&
		   strlen(to.output) == PROBE_OUTPUT_MAX, "the longest output");
	probe_result_describe(&to, 500, text, sizeof text);
	ok(strlen(text) < 200, "is shown in part");
	frame = (struct frame){.type = PROBE_RESULT, .at = 1, .size = 10, .capacity = 10, .data = storage};
	ok(probe_result_decode(&frame, &to, &err) < 0, "a cut frame is refused: %s", err.text);
}

static void health_report(void)
{
	static char text[REPORT_MAX];
	struct error err = ERROR_INIT;
	static char *words[] = {(char *)"CMD", (char *)"check", NULL};
	prepare();
	machine.container->health.test = (struct string_list){2, 2, words};
	monitor_plan(&instance, &image.config);
	ok(instance_health(&instance) == HEALTH_STARTING, "one that does not run yet is starting");
	instance.state = INSTANCE_RUNNING;
	struct watch *watch = &instance.monitor.watches[CHECK_HEALTH];
	watch->health = (struct health){.status = HEALTH_UNHEALTHY, .failing = 3};
	ok(instance_health(&instance) == HEALTH_UNHEALTHY, "one that runs is what its tests say");
	snprintf(watch->failure, sizeof watch->failure, "exited with status 1");
	int length = report_build(0, "", &instance, 1, text, sizeof text, &err);
	yyjson_doc *doc = yyjson_read(text, (size_t)length, 0);
	yyjson_val *list = yyjson_obj_get(yyjson_doc_get_root(doc), "containers");
	yyjson_val *health = yyjson_obj_get(yyjson_arr_get_first(list), "health");
	is(yyjson_get_str(yyjson_obj_get(health, "status")), "unhealthy", "its status is reported");
	ok(yyjson_get_int(yyjson_obj_get(health, "failing_streak")) == 3, "with its failures");
	is(yyjson_get_str(yyjson_obj_get(health, "last_failure")), "exited with status 1", "and why");
	yyjson_doc_free(doc);
}

/* A bind that has been added to the rest, or NULL with the error. */
static const struct spec_mount *bind_one(const char *store, const char *text, struct error *err)
{
	static struct spec_mount mount;
	struct volume_request request;
	mount = (struct spec_mount){0};
	*err = (struct error){0};
	return parse_volume(text, &arena, &request, err) == 0 &&
			       binds_mount(&machine, store, &request, &arena, &mount, err) == 0
		       ? &mount
		       : NULL;
}

/* Folders with absolute paths are made in the store; what is a link there is not followed. */
static void binds(const char *store)
{
	char path[256];
	struct error err = ERROR_INIT;
	const struct spec_mount *mount = bind_one(store, "/srv/a/b:/x", &err);
	snprintf(path, sizeof path, "%s/binds/absolute/srv/a/b", store);
	ok(mount && access(path, F_OK) == 0 && mount->no_links, "a folder is made: %s", err.text);
	is(mount ? mount->within : "", "srv/a/b", "and bound by its path");
	ok(bind_one(store, "/srv/a:/y", &err) != NULL, "one above it is the same tree");
	ok(!bind_one(store, "/srv/gone:/y:external", &err) && strstr(err.text, "create_host_path"),
	   "one that must be there: %s", err.text);
	ok(symlink("/etc", path) < 0 && rmdir(path) == 0 && symlink("/etc", path) == 0 &&
		   !bind_one(store, "/srv/a/b:/y", &err) && strstr(err.text, "symbolic link"),
	   "%s", err.text);
	ok(!bind_one(store, "/srv/a/b/ssl:/y", &err) && strstr(err.text, "symbolic link"), "nor on the way");
	mount = bind_one(store, "/sys/fs/cgroup:/y:ro", &err);
	ok(mount && mount->recursive && mount->recursive_set & MOUNT_ATTR_RDONLY, "the kernel's, read-only");
	is(mount ? mount->within : "", "fs/cgroup", "a part of it");
}

static void clock_files(void)
{
	struct container_spec spec = {0};
	struct error err = ERROR_INIT;
	prepare();
	string_list_add(&machine.container->volumes, &machine.arena, "/etc/localtime:/etc/localtime:ro", NULL);
	string_list_add(&machine.container->volumes, &machine.arena, "/etc/timezone:/tz", NULL);
	ok(volumes_mount(&instance, "/nowhere", &arena, &spec, &err) == 0 && spec.mount_count == 0 &&
		   spec.file_count == 2,
	   "files that say UTC: %s", err.text);
	ok(spec.files[0].size == 114 && memcmp(spec.files[0].bytes, "TZif2", 5) == 0, "a TZif file");
	ok(memcmp((const char *)spec.files[0].bytes + 108, "\nUTC0\n", 6) == 0, "with a footer");
	ok(memcmp(spec.files[1].bytes, "Etc/UTC\n", spec.files[1].size) == 0 && spec.files[1].mode == 0444,
	   "and a name");
}

/* What lies deeper is mounted later; folders of volumes are made. */
static void mounts(void)
{
	char store[] = "/tmp/berth-volumes-XXXXXX", path[256];
	struct container_spec spec = {0};
	struct error err = ERROR_INIT;
	static const char *const volumes[] = {"data:/a/b:ro", "/cache", "data:/a/b/c/d:subpath=x"};
	prepare();
	if (!mkdtemp(store))
		return skip("volumes", "no folder for them");
	string_list_add(&machine.container->tmpfs, &machine.arena, "/a/b/c:size=1m", NULL);
	for (size_t i = 0; i < countof(volumes); i++)
		string_list_add(&machine.container->volumes, &machine.arena, volumes[i], NULL);
	ok(volumes_mount(&instance, store, &arena, &spec, &err) == 0 &&
		   spec.mount_count == 4,
	   "four mounts %s", err.text);
	is(spec.mounts[0].destination, "/cache", "the least deep first");
	is(spec.mounts[2].destination, "/a/b/c", "in between a tmpfs");
	is(spec.mounts[3].within, "x", "the deepest last");
	ok(spec.mounts[1].set & MOUNT_ATTR_RDONLY && spec.mounts[1].fill_lock, "read-only, filled");
	ok(!spec.mounts[3].fill_lock, "a part is not filled");
	snprintf(path, sizeof path, "%s/volumes/data/data", store);
	is(spec.mounts[1].source, path, "a volume with a name");
	ok(access(path, F_OK) == 0, "is there");
	snprintf(path, sizeof path, "%s/volumes/web@%%2Fcache/data", store);
	is(spec.mounts[0].source, path, "one without has the container's");
	binds(store);
	static const char *const mounted[] = {"disk:/disk:ro", "mem:/mem", "mem:/part:subpath=p"};
	machine.container->volumes.count = machine.container->tmpfs.count = 0;
	string_list_add(&machine.volumes, &machine.arena, "disk,ext4,LABEL=x", NULL);
	string_list_add(&machine.volumes, &machine.arena, "mem,tmpfs,tmpfs,size=1m", NULL);
	for (size_t i = 0; i < countof(mounted); i++)
		string_list_add(&machine.container->volumes, &machine.arena, mounted[i], NULL);
	spec = (struct container_spec){0};
	ok(volumes_mount(&instance, store, &arena, &spec, &err) == 0 && spec.mount_count == 3,
	   "volumes that are no folders %s", err.text);
	is(spec.mounts[0].source, "/run/berth/volumes/disk", "a disk has its place");
	ok(!spec.mounts[0].fill_lock && spec.mounts[0].set & MOUNT_ATTR_RDONLY, "and is not filled");
	is(spec.mounts[1].fill_lock, "/run/berth/volumes/mem@lock", "one in memory is");
	ok(!spec.mounts[2].fill_lock && strcmp(spec.mounts[2].within, "p") == 0, "a part of it");
	string_list_add(&machine.container->volumes, &machine.arena, "old:/o:external", NULL);
	ok(volumes_mount(&instance, store, &arena, &spec, &err) < 0 &&
		   strstr(err.text, "is external and is not there"),
	   "%s", err.text);
}

static void report(void)
{
	static char text[REPORT_MAX];
	struct error err = ERROR_INIT;
	prepare();
	instance.exit_status = 137;
	instance.signal = 9;
	instance.oom = true;
	instance.started = 1700000000;
	static char large[CONFIG_VALUES_BYTES];
	memset(large, 'x', sizeof large - 1);
	config_values_clear();
	config_values_add("services.a.user", "a\"b", "seed:1:2");
	config_values_add("services.a.labels.b", large, "seed:2:1");
	config_values_add_line("quiet berth.name=web -- a=b");
	int length = report_build(137, "web \"quoted\"", &instance, 1, text, sizeof text, &err);
	ok(length > 0 && text[length - 1] == '\n', "built");
	yyjson_doc *doc = yyjson_read(text, (size_t)length, 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	ok(yyjson_get_int(yyjson_obj_get(root, "status")) == 137, "status");
	is(yyjson_get_str(yyjson_obj_get(root, "reason")), "web \"quoted\"", "reason");
	yyjson_val *first = yyjson_arr_get_first(yyjson_obj_get(root, "containers"));
	ok(yyjson_get_bool(yyjson_obj_get(first, "oom")), "oom");
	is(yyjson_get_str(yyjson_obj_get(first, "started")), "2023-11-14T22:13:20Z", "started");
	ok(yyjson_is_null(yyjson_obj_get(first, "ended")), "not ended");
	ok(yyjson_is_null(yyjson_obj_get(first, "health")), "not tested");
	ok(yyjson_is_arr(yyjson_obj_get(root, "ledger")), "ledger");
	yyjson_val *value = yyjson_arr_get_first(yyjson_obj_get(root, "config"));
	is(yyjson_get_str(yyjson_obj_get(value, "value")), "a\"b", "what it was told");
	is(yyjson_get_str(yyjson_obj_get(value, "source")), "seed:1:2", "and by whom");
	ok(yyjson_arr_size(yyjson_obj_get(root, "config")) == 2 &&
		   yyjson_get_bool(yyjson_obj_get(root, "config_cut")), "as far as there is room");
	yyjson_doc_free(doc);
	ok(report_build(0, "", &instance, 1, text, 100, &err) == -1, "too small a buffer");
}

/* What waits for the logger when PID 1 falls. */
static void last_words(void)
{
	struct error err = ERROR_INIT;
	char shown[64] = "";
	int console[2], own = output_stream("", 0, &err), second = output_stream("web", '|', &err);
	if (pipe(console) < 0 || own < 0 || second < 0)
		abort();
	output_start(console[1], 60000);
	ok(write(own, "one\n", 4) == 4 && write(second, "two\n", 4) == 4, "two lines wait");
	output_spill();
	ok(read(console[0], shown, sizeof shown - 1) == 8, "they reach the console");
	is(shown, "one\ntwo\n", "as they are");
}

int main(void)
{
	lines();
	last_words();
	debug_exit_values();
	specification();
	mounts();
	clock_files();
	report();
	probe_results();
	health_report();
	return tap_end();
}
