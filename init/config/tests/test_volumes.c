// SPDX-License-Identifier: Apache-2.0
#include "init/config/volumes.h"

#include "init/config/command_line.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

static char block[64 * 1024];
static struct machine machine;

static const struct {
	const char *text;
	struct volume_request want;
} good[] = {
	{"/data", {.target = "/data"}},
	{":/data:ro", {.target = "/data", .read_only = true}},
	{"db:/var/lib/db", {.name = "db", .target = "/var/lib/db"}},
	{"shop_db:/d:rw,nocopy", {.name = "shop_db", .target = "/d", .nocopy = true}},
	{"db:/d:ro,external,subpath=a/b",
	 {.name = "db", .target = "/d", .read_only = true, .external = true, .part = "a/b"}},
	{"/berth:/b", {.bind = BIND_BESIDE, .bound = "", .target = "/b"}},
	{"/berth/conf/x.toml:/etc/x:ro",
	 {.bind = BIND_BESIDE, .bound = "conf/x.toml", .target = "/etc/x", .read_only = true}},
	{"/berth/x:/b:rw,external", {.bind = BIND_BESIDE, .bound = "x", .target = "/b", .external = true}},
	{"/berthx:/b", {.bind = BIND_FOLDER, .bound = "berthx", .target = "/b"}},
	{"/srv/data:/b:ro", {.bind = BIND_FOLDER, .bound = "srv/data", .target = "/b", .read_only = true}},
	{"/var/lib/dockerd:/b", {.bind = BIND_FOLDER, .bound = "var/lib/dockerd", .target = "/b"}},
	{"/proc:/host/proc:ro", {.bind = BIND_KERNEL, .bound = "proc", .target = "/host/proc", .read_only = true}},
	{"/sys:/sys:ro", {.bind = BIND_KERNEL, .bound = "sys", .target = "/sys", .read_only = true}},
	{"/sys/fs/cgroup:/sys/fs/cgroup:ro",
	 {.bind = BIND_KERNEL, .bound = "sys/fs/cgroup", .target = "/sys/fs/cgroup", .read_only = true}},
	{"/lib/modules:/lib/modules:rw",
	 {.bind = BIND_EMPTY, .bound = "lib/modules", .target = "/lib/modules", .read_only = true}},
	{"/etc/localtime:/etc/localtime",
	 {.bind = BIND_CLOCK, .bound = "etc/localtime", .target = "/etc/localtime", .read_only = true}},
	{"db:/dev/shm", {.name = "db", .target = "/dev/shm"}},
	{"db:/process", {.name = "db", .target = "/process"}},
};

static const struct {
	const char *text, *why;
} bad[] = {
	{"", "not an absolute path"},
	{"data", "not an absolute path"},
	{"a:b:c:d", "not of the form"},
	{"a:/", "not an absolute path"},
	{"a:/x/../proc", "not an absolute path"},
	{"a:/x//y", "not an absolute path"},
	{"a:/proc", "stay what they are"},
	{"a:/proc/sys/kernel", "stay what they are"},
	{"a:/sys/fs", "stay what they are"},
	{"a:/dev", "stay what they are"},
	{"../a:/b", "not a volume's name"},
	{".a:/b", "not a volume's name"},
	{"a/b:/c", "not a volume's name"},
	{"/etc:/b", "not for containers: the machine has no configuration"},
	{"/etc/passwd:/b", "not for containers: the machine has no configuration"},
	{"/:/b", "the machine's root"},
	{"/usr/share/zoneinfo:/b:ro", "no programs, libraries or data"},
	{"/var/run/docker.sock:/b", "no Docker Engine"},
	{"/run/dbus:/b:ro", "no D-Bus"},
	{"/dev/ttyUSB0:/b", "under devices"},
	{"/dev/shm:/b", "ipc: shareable"},
	{"/var/lib/berth/images:/b", "own store"},
	{"/carried/binds/x:/b", "the machine's own"},
	{"/proc:/b", "can only be given to read"},
	{"/sys:/b:rw", "can only be given to read"},
	{"/proc:/proc:ro", "stay what they are"},
	{"/sys:/sys/fs:ro", "stay what they are"},
	{"/srv:/sys:ro", "stay what they are"},
	{"/berth/../etc:/b", "without \"..\""},
	{"/srv//x:/b", "without \"..\""},
	{"/srv/x/:/b", "without \"..\""},
	{"/berth/x:/b:nocopy", "no option"},
	{":/b:external", "no option"},
	{"a:/b:subpath=../c", "not a path in the volume"},
	{"a:/b:subpath=/c", "not a path in the volume"},
	{"a:/b:subpath=", "not a path in the volume"},
	{"a:/b:exec", "no option"},
	{"a:/b:", "no option"},
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void parses(void)
{
	for (size_t i = 0; i < countof(good); i++) {
		struct arena arena;
		struct volume_request got;
		struct error err = ERROR_INIT;
		const struct volume_request *want = &good[i].want;
		arena_init(&arena, block, sizeof block);
		int result = parse_volume(good[i].text, &arena, &got, &err);
		ok(result == 0 && same(got.name, want->name) && same(got.bound, want->bound) &&
			   got.bind == want->bind && same(got.target, want->target) && same(got.part, want->part) &&
			   got.read_only == want->read_only && got.nocopy == want->nocopy &&
			   got.external == want->external,
		   "%s %s", good[i].text, err.text);
	}
	for (size_t i = 0; i < countof(bad); i++) {
		struct arena arena;
		struct volume_request got;
		struct error err = ERROR_INIT;
		arena_init(&arena, block, sizeof block);
		ok(parse_volume(bad[i].text, &arena, &got, &err) < 0 && strstr(err.text, bad[i].why),
		   "\"%s\": %s", bad[i].text, err.text);
	}
}

static const char *line_problem(const char *line)
{
	static struct command_line_problems problems;
	machine_init(&machine);
	return command_line_parse(line, &machine, &problems) == 0 ? "" : problems.kept[0].text;
}

static void on_the_line(void)
{
	is(line_problem("berth.image=x berth.volume=a:/a berth.volume=/b berth.tmpfs=/c:size=1m"), "",
	   "volumes on the command line");
	ok(machine.container->volumes.count == 2, "both of them");
	is(line_problem("berth.image=x berth.volume=a:/a berth.tmpfs=/a:ro"),
	   "two things are to be mounted on /a", "one target twice");
	is(line_problem("berth.image=x berth.volume=a:/a berth.volume=/a"),
	   "two things are to be mounted on /a", "of two volumes");
	ok(strstr(line_problem("berth.image=x berth.volume=a:/proc"), "berth.volume: nothing can be") !=
		   NULL,
	   "a mistake is named with its key");
}

static void donors(void)
{
	char name[64];
	bool read_only = true;
	struct error err = ERROR_INIT;
	ok(parse_donor("db", name, &read_only, &err) == 0 && strcmp(name, "db") == 0 && !read_only,
	   "another service");
	ok(parse_donor("db:ro", name, &read_only, &err) == 0 && read_only, "to be read");
	ok(parse_donor("db:rx", name, NULL, &err) < 0 && parse_donor("", name, NULL, &err) < 0 &&
		   parse_donor("../x", name, NULL, &err) < 0,
	   "and nothing else: %s", err.text);
}

int main(void)
{
	parses();
	donors();
	on_the_line();
	return tap_end();
}
