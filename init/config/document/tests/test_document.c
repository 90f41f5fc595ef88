// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/document.h"

#include "init/config/keys.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdlib.h>

static char memory[DOCUMENT_MEMORY];
static struct machine_document document;
static struct setting_list settings;

static bool second_is_untrusted;

static int read_layers(const char *first, const char *second)
{
	const struct document_layer layers[] = {
		{"first", first, strlen(first), false},
		{"second", second ? second : "", second ? strlen(second) : 0, second_is_untrusted}};
	const struct document_options options = {.folder = "/srv/shop"};
	return document_read(&document, memory, sizeof memory, layers, second ? 2 : 1, &options);
}

static const char *text_at(const char *path)
{
	const struct node *node = node_at(document.root, path);
	return node && node_is_scalar(node) ? node->text : NULL;
}

static const char *first_problem(void)
{
	static char line[800];
	if (!document.problems.kept_count)
		return "(no problem)";
	problem_format(&document.problems, &document.problems.kept[0], line, sizeof line);
	return line;
}

static void refused(const char *text, const char *want)
{
	ok(read_layers(text, NULL) < 0, "refused");
	is(first_problem(), want, "with its reason");
}

static void normal_form(void)
{
	ok(read_layers(
		   "services:\n  web:\n    image: nginx\n    ports: [\"8080-8081:80-81/udp\", 90]\n"
		   "    mem_limit: 1.5g\n    stop_grace_period: 90s\n    command: a 'b c'\n"
		   "    volumes: ['./x:/y:ro']\n    environment: [A=1, B=x=y]\n    cpus: '0.5'\n",
		   NULL) == 0,
	   "a document is read: %s", first_problem());
	const struct node *ports = node_at(document.root, "services.web.ports");
	ok(ports && ports->count == 3 && ports->first->next->at.line == 4,
	   "a range is as many ports");
	is(node_get_text(ports->first->next, "published"), "8081", "with their numbers");
	is(text_at("services.web.mem_limit"), "1610612736", "sizes are bytes");
	is(text_at("services.web.stop_grace_period"), "1m30s", "durations are as Go writes them");
	is(node_at(document.root, "services.web.command")->last->text, "b c", "commands are lists");
	is(text_at("services.web.environment.B"), "x=y", "pairs are maps");
	is(node_get_text(node_at(document.root, "services.web.volumes")->first, "source"),
	   "/srv/shop/x", "paths are absolute");
	is(text_at("name"), "shop", "the project has the folder's name");
	is(text_at("networks.default.name"), "shop_default", "and a network");
	ok(read_layers("name: My Shop.2\nservices: {a: {image: x}}\n", NULL) == 0, "another name");
	is(text_at("name"), "myshop2", "is made simple");
	is(first_problem(), "first:1:7: warning: name: \"My Shop.2\" is read as \"myshop2\": a project's name has "
			    "small letters, digits, - and _", "which is said");
}

/* Where each value of several documents came from. */
static void layers(void)
{
	ok(read_layers("services: {a: {image: x, command: [a], dns: [1.1.1.1], environment: {A: 1, "
		       "B: 2}}}",
		       "services:\n  a: {command: [b], dns: [2.2.2.2], environment: [B=3]}\n") == 0,
	   "two layers are read: %s", first_problem());
	const struct node *command = node_at(document.root, "services.a.command");
	ok(command->count == 1 && command->at.file == 1 && command->at.line == 2,
	   "a command replaces, and says where from");
	ok(node_at(document.root, "services.a.dns")->count == 2, "lists are joined");
	is(text_at("services.a.environment.A"), "1", "maps are joined");
	is(text_at("services.a.environment.B"), "3", "and later values win");
}

static const char *setting(const char *key)
{
	for (size_t i = 0; i < settings.count; i++)
		if (strcmp(settings.items[i].key, key) == 0)
			return settings.items[i].value;
	return NULL;
}

static void machine_settings(void)
{
	static struct machine machine;
	struct error err = ERROR_INIT;
	ok(read_layers("services:\n  web:\n    image: nginx\n    command: [sh, -c, \"it's\"]\n"
		       "    ports: ['8080:80']\n    stop_grace_period: 1500ms\n    environment: "
		       "{A: '1', N: }\n"
		       "    deploy: {resources: {limits: {memory: 64m, cpus: 0.25}}}\n    "
		       "pids_limit: -1\n"
			"    volumes: [{type: tmpfs, target: /run, tmpfs: {size: 1m, mode: 0755, x-berth-group: 7}}]\n"
		       "x-berth:\n  hostname: box\n  on-exit: reboot\n"
		       "  network: {address: 10.1.2.3/20, gateway: 10.1.0.1, dns: 10.1.0.2}\n"
		       "  registries: {'r.lan:5000': {insecure: true, connect: '10.0.0.9:5000'}}\n"
		       "  pull: {policy: always, deadline: 2m}\n",
		       NULL) == 0,
	   "a document is read: %s", first_problem());
	ok(document_settings(&document, &settings) == 0, "a machine can do it: %s",
	   first_problem());
	is(setting("berth.image"), "nginx", "image");
	is(setting("berth.name"), "web", "the service's name is the container's");
	is(setting("berth.cmd"), "'sh' '-c' 'it'\\''s'", "words are quoted");
	is(setting("berth.port"), "8080:80/tcp", "port");
	is(setting("berth.stop-timeout"), "2", "times are rounded up");
	is(setting("berth.memory"), "67108864", "memory");
	is(setting("berth.cpus"), "0.250", "cpus");
	is(setting("berth.pids"), "0", "no limit");
	is(setting("berth.tmpfs"), "/run:rw,size=1048576,mode=755,gid=7", "what is mounted in memory");
	is(setting("berth.env"), "A=1", "variables without a value are left out");
	is(setting("ip"), "10.1.2.3::10.1.0.1:255.255.240.0:::off", "address");
	is(setting("berth.machine-dns"), "10.1.0.2", "name server");
	is(setting("berth.registry.connect"), "r.lan:5000=10.0.0.9:5000", "registry");
	machine_init(&machine);
	int failed = 0;
	for (size_t i = 0; i < settings.count; i++) {
		const struct config_key *key = config_key_find(settings.items[i].key);
		if (!key || key->apply(&machine, settings.items[i].value, &err) < 0)
			failed = printf("# %s: %s\n", settings.items[i].key, err.text);
		ok(settings.items[i].dangerous ==
			   (strcmp(settings.items[i].key, "berth.registry.insecure") == 0),
		   "%s is dangerous or not", settings.items[i].key);
	}
	ok(!failed && machine_complete(&machine, &err) == 0, "and each is one of the command line");
	is(machine.container->command.items[2], "it's", "with the same words");
}

/* Volumes are in the short form, with the names that the machine has for them. */
static void mounts(void)
{
	ok(read_layers("services:\n  a:\n    image: x\n    volumes:\n      - /cache\n      - data:/d:ro\n"
		       "      - ./conf:/etc/c:ro\n      - {type: volume, source: old, target: /o, volume: "
		       "{nocopy: true, subpath: p/q}}\n      - ./rw:/rw\n      - '/srv/d:/s:rslave,z'\n      - '/proc:/p:ro'\n"
		       "      - {type: bind, source: ./must, target: /m, bind: {create_host_path: false}}\n"
		       "volumes: {data: , old: {external: true}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "volumes can be done: %s", first_problem());
	static const char *const want[] = {":/cache:rw", "shop_data:/d:ro", "/berth/conf:/etc/c:ro",
					   "old:/o:rw,nocopy,external,subpath=p/q", "/berth/rw:/rw:rw",
					   "/srv/d:/s:rw", "/proc:/p:ro", "/berth/must:/m:rw,external"};
	size_t found = 0;
	for (size_t i = 0; i < settings.count; i++)
		if (strcmp(settings.items[i].key, "berth.volume") == 0 && found < countof(want)) {
			ok(settings.items[i].dangerous ==
				   (strncmp(want[found], "/berth", 6) == 0 ||
				    strncmp(want[found], "/proc", 5) == 0),
			   "only a part of the machine is dangerous");
			is(settings.items[i].value, want[found++], "a volume");
		}
	ok(found == countof(want), "all of them");
	is(first_problem(), "first:9:9: warning: services.a.volumes[4]: what containers write to it and other "
			    "binds stays in the machine: on the disk labelled berth-data (berth boot --disk), "
			    "and without one in memory, gone at power-off", "once, where it goes");
	ok(document.problems.count[PROBLEM_WARNING] == 1, "and no more");
	ok(read_layers("services: {a: {image: x, volumes: ['/var/run/docker.sock:/s']}}\n", NULL) == 0 &&
		   document_settings(&document, &settings) < 0,
	   "the machine's folders are not for containers");
	is(first_problem(), "first:1:36: not supported: services.a.volumes[0]: there is no Docker "
			    "Engine in the machine, and no socket of one", "with the reason");
	ok(read_layers("services: {a: {image: x, privileged: true, volumes: ['./d:/s:rshared']}}\n", NULL) ==
			   0 &&
		   document_settings(&document, &settings) < 0,
	   "who may mount is told that nobody sees it: %s", first_problem());
	ok(read_layers("services: {a: {image: x, volumes: ['/proc:/s']}}\n", NULL) == 0 &&
		   document_settings(&document, &settings) < 0,
	   "nobody writes to the kernel's: %s", first_problem());
	ok(read_layers("services: {a: {image: x, volumes: ['d:/s']}}\nvolumes: {d: {driver_opts: {type: "
		       "nfs}}}\n", NULL) == 0 && document_settings(&document, &settings) < 0,
	   "nor are there drivers: %s", first_problem());
}

static int read_volume(const char *options)
{
	static char text[600];
	snprintf(text, sizeof text, "services: {a: {image: x, volumes: ['d:/s:ro']}}\nvolumes: {d: {driver_opts: %s}, "
		 "unused: {driver_opts: {type: nfs}}}\n", options);
	return read_layers(text, NULL) < 0 ? -1 : document_settings(&document, &settings);
}

/* Volumes that are no folders of the store. */
static void mounted_volumes(void)
{
	static const struct {
		const char *options, *want;
	} bad[] = {
		{"{type: nfs, device: ':/x'}", "first:2:35: not supported: volumes.d.driver_opts.type: \"nfs\": the "
					       "machine's kernel has no network file systems"},
		{"{type: ext4, device: vdb}", "first:2:49: not supported: volumes.d.driver_opts.device: \"vdb\" is "
					      "not a disk"},
		{"{type: ext4, device: /dev/vdb, o: 'ro,suid'}",
		 "first:2:62: not supported: volumes.d.driver_opts.o: \"suid\" is not for a container"},
		{"{type: ext4}", "first:2:28: error: volumes.d.driver_opts: lacks the key device"},
		{"{device: tmpfs}", "first:2:28: error: volumes.d.driver_opts: lacks the key type"},
		{"{type: tmpfs, device: tmpfs, size: 1m}", "first:2:63: error: volumes.d.driver_opts.size: the machine's"},
		{"{tpye: tmpfs}", "first:2:35: error: volumes.d.driver_opts.tpye: the driver local has no such"},
		{"{type: none, o: bind, device: /etc}", "first:2:58: not supported: services.a.volumes[0]: "},
	};
	for (size_t i = 0; i < countof(bad); i++)
		ok(read_volume(bad[i].options) < 0 &&
			   strncmp(first_problem(), bad[i].want, strlen(bad[i].want)) == 0,
		   "%s: %s", bad[i].options, first_problem());
	ok(read_volume("{type: tmpfs, device: tmpfs, o: 'size=8m,uid=1000'}") == 0, "one in memory: %s",
	   first_problem());
	is(setting("machine.volume"), "shop_d,tmpfs,tmpfs,size=8m,uid=1000", "is the machine's to mount");
	is(setting("berth.volume"), "shop_d:/s:ro", "and mounted as all are");
	ok(read_volume("[type=ext4, 'device=LABEL=data']") < 0, "as a map: %s", first_problem());
	ok(read_volume("{type: ext4, device: LABEL=data}") == 0, "a disk: %s", first_problem());
	is(setting("machine.volume"), "shop_d,ext4,LABEL=data", "by its label");
	ok(read_volume("{type: none, o: bind, device: ./conf}") == 0, "a folder: %s", first_problem());
	is(setting("berth.volume"), "/berth/conf:/s:ro", "is bound");
	ok(!setting("machine.volume"), "and no volume");
	is(text_at("volumes.d.driver_opts.device"), "./conf", "its path stays as docker compose has it");
	ok(read_layers("services: {a: {image: x}}\nvolumes: {d: {external: true, driver: local}}\n", NULL) < 0,
	   "nothing is said of what is not the document's: %s", first_problem());
}

static ssize_t read_external(void *context, uint32_t layers, const char *kind, const char *name, char *out,
			     size_t capacity, struct error *err)
{
	(void)context;
	(void)capacity;
	if (layers != 1 || strcmp(name, "gone") == 0)
		return error_set(err, "there is no %s", name);
	return sprintf(out, "%s %s", kind, name);
}

static int read_with_values(const char *text)
{
	const struct document_layer layer = {"first", text, strlen(text), false};
	const struct document_options options = {.folder = "/srv/shop", .read_external = read_external};
	if (document_read(&document, memory, sizeof memory, &layer, 1, &options) < 0)
		return -1;
	return document_settings(&document, &settings);
}

static void external_values(void)
{
	static const char good[] = "services: {a: {image: x, secrets: [s], configs: [c]}}\n"
				   "secrets: {s: {external: true, name: db}, u: {external: true, name: gone}}\n"
				   "configs: {c: {external: true}}\n";
	ok(read_with_values(good) == 0, "external values are found: %s", first_problem());
	is(settings.items[1].value, "configs/c:Y29uZmlncyBj", "by the key");
	is(text_at("secrets.s.name"), "db", "or the name");
	is(settings.items[0].value, "secrets/s:c2VjcmV0cyBkYg==", "which is another one");
	ok(read_layers(good, NULL) == 0 && document_settings(&document, &settings) == 0,
	   "where nobody can look they are left to the machine: %s", first_problem());
	is(settings.items[0].value, "secrets/s:", "empty");
	ok(read_with_values("services: {a: {image: x, secrets: [s]}}\n"
			    "secrets: {s: {external: true, name: gone}}\n") < 0,
	   "one that is not there is missed");
	is(first_problem(), "first:2:25: error: secrets.s: there is no gone", "with its place");
	ok(read_with_values("services: {a: {image: x, secrets: [s]}}\n"
			    "secrets: {s: {external: true, name: ../x}}\n") < 0,
	   "names are no paths: %s", first_problem());
	refused("services: {a: {image: x}}\nsecrets: {s: {external: true, file: ./x}}\n",
		"first:2:31: error: secrets.s: file does not go together with external, which says that it is "
		"made elsewhere");
	ok(read_with_values("services: {a: {image: x, configs: [s]}}\nconfigs: {s: {external: false, "
			    "content: y}}\n") == 0,
	   "external: false says nothing: %s", first_problem());
}

/* Registries, signatures and credentials become the two files that the puller reads. */
static void image_settings(void)
{
	static const char text[] =
		"services: {a: {image: x}}\nx-berth:\n  registries:\n    'r:5000':\n      "
		"insecure: true\n"
		"      mirrors: [{url: 'https://m.lan/hub', ns: true}]\n  signatures:\n"
		"    default: {policy: reject}\n    docker.io/library: {policy: accept}\n"
		"  credentials: {r: {username: u, password: \"p\\\"w\"}}\n";
	ok(read_layers(text, NULL) == 0 && document_settings(&document, &settings) == 0, "read: %s",
	   first_problem());
	is(setting("berth.images.settings"),
	   "{\"registries\": {\"r:5000\": {\"mirrors\": [{\"url\": \"https://m.lan/hub\",\"ns\": "
	   "true}]}},"
	   "\"signatures\": {\"default\": {\"policy\": \"reject\"},\"docker.io/library\": "
	   "{\"policy\": \"accept\"}}}",
	   "the image settings");
	is(setting("berth.images.credentials"),
	   "{\"auths\": {\"r\": {\"username\": \"u\",\"password\": \"p\\\"w\"}}}",
	   "the credentials");
	is(setting("berth.registry.insecure"), "r:5000", "what has a key of its own uses it");
	for (size_t i = 0; i < settings.count; i++)
		if (strcmp(settings.items[i].key, "berth.images.settings") == 0)
			ok(settings.items[i].dangerous,
			   "a policy of signatures is for trusted sources");
	ok(read_layers(
		   "services: {a: {image: x}}\nx-berth: {signatures: {default: {policy: require}}}",
		   NULL) == 0 &&
		   document_settings(&document, &settings) < 0,
	   "checked as the puller does");
	is(first_problem(),
	   "first:2:23: error: x-berth.signatures: image settings: signatures: \"default\": "
	   "\"require\" needs \"keys\"",
	   "with the place");
}

static void several_services(void)
{
	static struct machine machine;
	struct error err = ERROR_INIT;
	ok(read_layers("services:\n  web: {image: x, depends_on: {db: {condition: service_started, "
		       "required: false}},\n    links: ['db:base'], networks: {default: {aliases: "
		       "[front]}}, pull_policy: always}\n  db: {image: y, container_name: store}\n"
		       "x-berth: {exit-code-from: web}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "two services: %s", first_problem());
	is(setting("service.depends-on"), "db:service_started:optional", "who waits for whom");
	is(setting("service.link"), "db:base", "a link");
	is(setting("service.alias"), "front", "one more name");
	is(setting("service.exit-code-from"), "web", "whose status it is");
	machine_init(&machine);
	for (size_t i = 0; i < settings.count; i++) {
		while (settings.items[i].service >= machine.container_count)
			machine_add_container(&machine, &err);
		ok(setting_key_find(settings.items[i].key)
				   ->apply(&machine, settings.items[i].value, &err) == 0,
		   "%s: %s", settings.items[i].key, err.text);
	}
	ok(machine_complete(&machine, &err) == 0, "are a machine: %s", err.text);
	ok(machine.container_count == 2 && machine.containers[0]->has_pull_policy &&
		   !machine.containers[1]->has_pull_policy && machine.pull_policy == PULL_LAST_GOOD,
	   "each with what it says");
	ok(read_layers("services:\n  a: {image: x, depends_on: {b: {condition: service_completed_"
		       "successfully}}}\n  b: {image: y, restart: always}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) < 0,
	   "nobody waits for the end of what never ends");
}

static void sharing(void)
{
	ok(read_layers("services:\n  a: {image: x, container_name: one, ipc: shareable, devices: [/dev/vdb, "
		       "'/dev/vdc:/dev/d:r'], device_cgroup_rules: ['c 1:3 rw'], group_add: [7]}\n"
		       "  b: {image: x, pid: 'service:a', ipc: 'container:one', network_mode: "
		       "'container:one', cgroup: host}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "what is shared: %s", first_problem());
	is(setting("berth.device"), "/dev/vdb:/dev/vdb:rwm", "a device");
	is(setting("berth.device-cgroup-rule"), "c 1:3 rw", "a rule");
	is(setting("berth.group-add"), "7", "a group");
	is(setting("berth.pid"), "service:a", "another service");
	is(setting("service.network-of"), "a", "a container is a service");
	for (size_t i = 0; i < settings.count; i++) {
		const struct setting *item = &settings.items[i];
		bool dangerous = strncmp(item->key, "berth.device", 12) == 0 ||
				 strcmp(item->key, "berth.cgroup") == 0;
		ok(item->dangerous == dangerous, "%s %s is %sdangerous", item->key, item->value,
		   dangerous ? "" : "not ");
	}
	ok(read_layers("services: {a: {image: x, pid: 'container:b'}}\n", NULL) < 0, "nobody else");
	is(first_problem(),
	   "first:1:31: error: services.a.pid: no service of the document has the container name \"b\"",
	   "with the place");
	ok(read_layers("services:\n  a: {image: x, ipc: 'service:b'}\n  b: {image: x}\n", NULL) < 0,
	   "who is not shareable is not shared");
	is(first_problem(),
	   "first:2:22: error: services.a.ipc: b does not share its IPC namespace: it has to say ipc: "
	   "shareable",
	   "with the place");
	ok(read_layers("services:\n  a: {image: x, pid: 'service:b'}\n  b: {image: x, network_mode: "
		       "'service:a'}\n",
		       NULL) < 0,
	   "circles of what is shared");
}

static void health(void)
{
	ok(read_layers("services:\n  a: {image: x, depends_on: {b: {condition: service_healthy}}}\n"
		       "  b: {image: y, healthcheck: {test: \"it's\", interval: 1m0.5s, timeout: 1500ms, "
		       "retries: 4, start_period: 1s, start_interval: 100us}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "a service that waits for a healthy one: %s", first_problem());
	is(setting("service.depends-on"), "b:service_healthy", "who waits for whose health");
	is(setting("berth.health.test"), "'CMD-SHELL' 'it'\\''s'", "a text is for a shell");
	is(setting("berth.health.interval"), "60500ms", "times in milliseconds");
	is(setting("berth.health.timeout"), "1500ms", "");
	is(setting("berth.health.start-period"), "1000ms", "");
	is(setting("berth.health.start-interval"), "1ms", "rounded up");
	is(setting("berth.health.retries"), "4", "and a number");
	ok(read_layers("services: {a: {image: x, healthcheck: {test: [CMD, b], disable: true, "
		       "x-berth-on-failure: stop}}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "a test that is off: %s", first_problem());
	is(setting("berth.health.test"), "NONE", "is none");
	is(setting("berth.health.on-failure"), "stop", "what becomes of it");
	ok(read_layers("services:\n  a: {image: x, depends_on: {b: {condition: service_healthy}}}\n"
		       "  b: {image: y, healthcheck: {test: [NONE]}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) < 0,
	   "nobody waits for the health of what is not tested");
	is(first_problem(),
	   "first:2:33: not supported: services.a.depends_on.b: waits for the health of a "
	   "service whose test is turned off",
	   "with the place");
}

static void not_in_this_version(void)
{
	ok(read_layers("services:\n  a: {image: x, healthcheck: {test: true}}\n  b: {image: y}\n",
		       NULL) < 0,
	   "a mistake is found");
	ok(read_layers("services:\n  a: {image: x, networks: [n], labels: {a: b}}\n  b: {image: y}\n"
		       "networks: {n: {driver: macvlan}}\n",
		       NULL) == 0,
	   "two services are right");
	ok(document_settings(&document, &settings) < 0 &&
		   document.problems.count[PROBLEM_UNSUPPORTED] == 1,
	   "and more than a machine does");
	is(first_problem(),
	   "first:4:24: not supported: networks.n.driver: containers are behind a bridge and not on the "
	   "machine's own wire",
	   "with the place");
}

/* The setting of this key about a service. */
static const char *setting_of(unsigned service, const char *key)
{
	for (size_t i = 0; i < settings.count; i++)
		if (settings.items[i].service == service && strcmp(settings.items[i].key, key) == 0)
			return settings.items[i].value;
	return "(none)";
}

static void networks(void)
{
	ok(read_layers("services:\n  a: {image: x, networks: {one: {aliases: [w], priority: 1}}}\n"
		       "  b: {image: y, networks: [one]}\n"
		       "networks: {one: {driver: bridge, labels: {a: b}}, unused: {internal: true}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "one plain network: %s", first_problem());
	ok(!setting("machine.network"), "is what a machine has by itself");
	is(setting("service.alias"), "w", "with its names");
	ok(read_layers("services:\n  a: {image: x, networks: [one]}\n"
		       "  b: {image: y, mac_address: '02:00:00:00:00:01', networks: {two: {priority: 2}, "
		       "three: {interface_name: lan, gw_priority: 5, aliases: [p, q]},\n"
		       "    one: {ipv4_address: 10.1.0.9}}}\n"
		       "  c: {image: z, networks: [host]}\n  d: {image: z, network_mode: bridge}\n"
		       "networks:\n  one: {ipam: {config: [{subnet: 10.1.0.0/24, gateway: 10.1.0.2, "
		       "ip_range: 10.1.0.128/25, aux_addresses: {r: 10.1.0.3}}]}}\n"
		       "  two: {internal: true, enable_ipv6: true}\n"
		       "  three: {driver_opts: {com.docker.network.driver.mtu: 1400, "
		       "com.docker.network.bridge.enable_icc: 'false'}}\n"
		       "  host: {external: true}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "several: %s", first_problem());
	is(setting("machine.network"),
	   "one,subnet=10.1.0.0/24,gateway=10.1.0.2,range=10.1.0.128/25,taken=10.1.0.3", "addresses");
	is(setting_of(0, "service.network"), "one", "a place");
	is(setting_of(1, "service.network"), "two,mac=02:00:00:00:00:01",
	   "the first one has the highest priority, and the service's hardware address");
	is(setting_of(2, "berth.network"), "host", "Docker's own network by its name");
	is(setting_of(3, "service.network"), "(none)", "Docker's own bridge");
	const char *more[] = {"two,subnet6=fd62:6572:7468:1::/64,internal", "three,mtu=1400,separate",
			      "one,address=10.1.0.9", "three,device=lan,gateway-priority=5,alias=p,alias=q"};
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		bool found = false;
		for (size_t k = 0; k < settings.count; k++)
			found |= strcmp(settings.items[k].value, more[i]) == 0;
		ok(found, "%s", more[i]);
	}
}

static void replicas(void)
{
	ok(read_layers("services:\n  web: {image: x, scale: 3, ports: ['8000-8002:80'], links: [db]}\n"
		       "  db: {image: y, deploy: {replicas: 2}}\n  one: {image: z, scale: 1, "
		       "depends_on: [none]}\n  none: {image: z, scale: 0}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "services of several containers: %s", first_problem());
	is(setting_of(0, "berth.name"), "web-1", "names");
	is(setting_of(2, "berth.name"), "web-3", "");
	is(setting_of(4, "berth.name"), "db-2", "");
	is(setting_of(5, "berth.name"), "one", "of one it is the service's");
	is(setting_of(6, "berth.name"), "(none)", "of none there is none");
	is(setting_of(5, "service.depends-on"), "(none)", "and nobody waits for it");
	is(setting_of(4, "service.name"), "db", "the service's name is that of all");
	is(setting_of(0, "berth.port"), "8000:80/tcp", "each has a port of the range");
	is(setting_of(2, "berth.port"), "8002:80/tcp", "");
	ok(read_layers("services: {a: {image: x, scale: 2, container_name: b}}\n", NULL) < 0,
	   "one name is not that of two: %s", first_problem());
	ok(read_layers("services: {a: {image: x, network_mode: 'service:b'}, b: {image: x, scale: 0}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) < 0 &&
		   strstr(first_problem(), "services.a.network_mode: that service has no container"),
	   "nor is there a network of nobody: %s", first_problem());
	ok(read_layers("services: {a: {image: x, scale: 0}}\n", NULL) == 0 &&
		   document_settings(&document, &settings) < 0,
	   "nothing to run: %s", first_problem());
}

static void networks_not_done(void)
{
	static const struct {
		const char *service, *networks, *why;
	} rows[] = {
		{"networks: [n]", "n: {external: true}", "networks.n.external: nothing but the document"},
		{"networks: [n]", "n: {driver: macvlan}", "networks.n.driver: containers are behind"},
		{"networks: [n]", "n: {driver: host}", "networks.n.driver: there is one such network"},
		{"networks: [n]", "n: {driver: overlay}", "networks.n.driver: there is one machine"},
		{"networks: [n]", "n: {driver_opts: {a: b}}",
		 "networks.n.driver_opts.a: the machine's bridges have no such option"},
		{"networks: [n]", "n: {driver_opts: {com.docker.network.bridge.gateway_mode_ipv4: routed}}",
		 "networks.n.driver_opts.com.docker.network.bridge.gateway_mode_ipv4: containers are reached"},
		{"networks: {n: {driver_opts: {com.docker.network.endpoint.sysctls: 'net.ipv4.x=1'}}}", "n: ",
		 "services.a.networks.n.driver_opts.com.docker.network.endpoint.sysctls: a place on"},
		{"networks: [n], ports: ['[::1]:80:80']", "n: ",
		 "services.a.ports[0].host_ip: the service has no IPv6"},
		{"ports: ['8000-8001:80', '8000:81', '8001:82']", "n: ",
		 "services.a.ports[0]: no port of the machine is left for it"},
		{"networks: [n]", "n: {ipam: {config: [{subnet: 'fd00::/64'}]}}",
		 "networks.n.ipam: an IPv6 subnet needs"},
		{"networks: [n]", "n: {ipam: {config: [{subnet: 10.1.0.0/24}, {subnet: 10.2.0.0/24}]}}",
		 "networks.n.ipam.config[1]: a network has one subnet"},
		{"networks: {n: {aliases: ['b,internal']}}", "n: {internal: true}",
		 "services.a.networks.n: a name or value with a comma"},
		{"networks: [n], ports: ['80:80']", "n: {internal: true}",
		 "services.a.ports: a port is published"},
		{"networks: [n, h]", "n: , h: {external: true, name: host}",
		 "services.a.networks.h: who is on the machine's own"},
		{"network_mode: none, mac_address: '02:00:00:00:00:01'", "n: ",
		 "services.a.mac_address: it is for a service on a network"},
		{"scale: 2, ports: ['80:80']", "n: ", "services.a.ports[0]: the containers of the service"},
		{"scale: 3, ports: ['80-81:80']", "n: ", "services.a.ports[0]: the containers of the"},
		{"scale: 2, networks: {n: {ipv4_address: 10.1.0.9}}", "n: ",
		 "services.a.networks.n: a fixed address is for one"},
		{"networks: [n], links: [b]", "n: ", "services.a.links[0]: the two services are on no"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[500];
		snprintf(text, sizeof text,
			 "services:\n  a: {image: x, %s}\n  b: {image: y}\nnetworks: {%s}\n",
			 rows[i].service, rows[i].networks);
		ok(read_layers(text, NULL) == 0 && document_settings(&document, &settings) < 0 &&
			   strstr(first_problem(), rows[i].why) &&
			   document.problems.count[PROBLEM_UNSUPPORTED] == 1,
		   "%s; %s: %s", rows[i].service, rows[i].networks, first_problem());
	}
}

static bool has_setting(const char *key, const char *value)
{
	for (size_t i = 0; i < settings.count; i++)
		if (strcmp(settings.items[i].key, key) == 0 && strcmp(settings.items[i].value, value) == 0)
			return true;
	return false;
}

/* At which addresses and numbers of the machine ports answer. */
static void ports(void)
{
	static const char *const wanted[] = {"127.0.0.1:8443:443/tcp", "[::1]:8443:443/tcp",
					     "0.0.0.0:53:53/udp", "192.0.2.7:81:81/tcp",
					     "8000:9000/tcp", "32768:70/tcp", "32770:71/tcp",
					     "127.0.0.1:32769:72/tcp", "127.0.0.1:5000:5000/tcp",
					     "127.0.0.1:5001:5001/tcp", "32768:73/udp"};
	ok(read_layers("services:\n  a:\n    image: x\n    networks: [six]\n"
		       "    ports: ['127.0.0.1:8443:443', '[::1]:8443:443', '0.0.0.0:53:53/udp',\n"
		       "      {target: 81, published: '81', host_ip: 192.0.2.7}, '8000-8010:9000', 70, "
		       "'127.0.0.1::72', '71', '73/udp',\n"
		       "      '127.0.0.1:5000-5001:5000-5001']\n"
		       "  b: {image: y, ports: ['32771:1', '8001:2']}\n"
		       "networks: {six: {enable_ipv6: true}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "ports: %s", first_problem());
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		ok(has_setting("berth.port", wanted[i]), "%s", wanted[i]);
	ok(document.problems.count[PROBLEM_WARNING] == 5, "five are chosen, and said");
	is(first_problem(),
	   "first:6:58: warning: services.a.ports[4]: answers at the machine's port 8000, the first that nobody "
	   "else has",
	   "like this");
	ok(read_layers("services:\n  a: {image: x, ports: ['127.0.0.1:80:80']}\n"
		       "  b: {image: x, ports: ['127.0.0.2:80:80', '[::1]:80:80']}\n",
		       NULL) == 0,
	   "one port at several addresses: %s", first_problem());
	ok(read_layers("services:\n  a: {image: x, ports: ['127.0.0.1:80:80']}\n"
		       "  b: {image: x, ports: ['0.0.0.0:80:80']}\n",
		       NULL) < 0 &&
		   strstr(first_problem(), "services.b.ports: the machine's port 80 is published by a too"),
	   "not at all and at one: %s", first_problem());
	ok(read_layers("services: {a: {image: x, networks: [n], ports: ['80:80', '127.0.0.5:81:81']}}\n"
		       "networks: {n: {enable_ipv6: true, driver_opts: "
		       "{com.docker.network.bridge.host_binding_ipv4: 127.0.0.1}}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "a network's own address for ports: %s", first_problem());
	ok(has_setting("berth.port", "127.0.0.1:80:80/tcp") && has_setting("berth.port", "[::]:80:80/tcp") &&
		   has_setting("berth.port", "127.0.0.5:81:81/tcp"),
	   "is that of those that say none");
	ok(read_layers("services: {a: {image: x, ports: ['[::1]:80:80']}}\n"
		       "x-berth: {network: {dhcp: false, address: 'fd00::5/64'}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "behind a machine of IPv6 alone: %s", first_problem());
}

/* What driver_opts, ipam and a place on a network may say beside the usual. */
static void network_options(void)
{
	ok(read_layers("services: {a: {image: x, networks: {n: {link_local_ips: [169.254.3.4, 'fe80::9'], "
		       "driver_opts: {com.docker.network.endpoint.ifname: lan}}, six: }}}\n"
		       "networks:\n  n:\n    enable_ipv6: true\n"
		       "    driver_opts: {com.docker.network.container_iface_prefix: net, "
		       "com.docker.network.host_ipv4: 192.0.2.7, com.docker.network.host_ipv6: 'fd00::7',\n"
		       "      com.docker.network.bridge.gateway_mode_ipv4: nat, "
		       "com.docker.network.bridge.inhibit_ipv4: 'false'}\n"
		       "    ipam: {driver: default, options: {a: b}, config: [{subnet: 'fd01::/64', "
		       "ip_range: 'fd01::80/121', aux_addresses: {r: 'fd01::81'}}]}\n"
		       "  six: {enable_ipv4: false, enable_ipv6: true}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) == 0,
	   "options: %s", first_problem());
	is(setting("machine.network"),
	   "n,subnet6=fd01::/64,range=fd01::80/121,taken=fd01::81,inside=net,source=192.0.2.7,source=fd00::7",
	   "of a network");
	ok(has_setting("machine.network", "six,no-ipv4,subnet6=fd62:6572:7468:1::/64"), "IPv6 alone");
	ok(has_setting("service.network", "n,link-local=169.254.3.4,link-local=fe80::9,device=lan"),
	   "of a place on one");
	is(first_problem(),
	   "first:7:42: warning: networks.n.ipam.options.a: addresses are handed out by the default driver, as in "
	   "Docker, which has no options: it changes nothing",
	   "what has no effect is said");
}

/* The machine's own address, when it is IPv6 alone or with another one. */
static void machine_network(void)
{
	static const struct {
		const char *network, *ip, *route;
	} rows[] = {
		{"dhcp: false, address: 'fd00::5/64', gateway: 'fd00::1'",
		 "[fd00::5]::[fd00::1]:64:::off", NULL},
		{"dhcp: false, address: 'fd00::5/56', interface: eth1", "[fd00::5]:::56::eth1:off", NULL},
		{"address: 'fd00::5/64'", ":::::" ":dhcp", NULL},
		{"address: [10.0.0.5/24, 'fd00::5/64'], gateway: [10.0.0.1, 'fd00::1']",
		 "10.0.0.5::10.0.0.1:255.255.255.0:::off", "::/0=fd00::1"},
		{"gateway: 'fe80::1'", "::::::dhcp", "::/0=fe80::1"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[400];
		snprintf(text, sizeof text, "services: {a: {image: x}}\nx-berth: {network: {%s}}\n",
			 rows[i].network);
		ok(read_layers(text, NULL) == 0 && document_settings(&document, &settings) == 0, "%s: %s",
		   rows[i].network, first_problem());
		is(setting("ip"), rows[i].ip, rows[i].network);
		if (rows[i].route)
			is(setting("berth.machine-route"), rows[i].route, "and its route");
	}
	ok(read_layers("services: {a: {image: x}}\n"
		       "x-berth: {network: {dhcp: false, address: 'fd00::5/64', gateway: 10.0.0.1}}\n",
		       NULL) == 0 &&
		   document_settings(&document, &settings) < 0,
	   "a router of IPv4 alone: %s", first_problem());
}

/* A bomb of extends, and a document as large as may be. */
static void bounds(void)
{
	size_t size = 400 * 1024, used;
	char *text = malloc(size);
	used = (size_t)snprintf(text, size, "services:\n  a:\n    image: x\n    environment:\n");
	for (unsigned i = 0; used < size - 40; i++)
		used += (size_t)snprintf(text + used, size - used, "      V%u: x\n", i);
	ok(read_layers(text, NULL) < 0 && strstr(first_problem(), "more than 20000 values"),
	   "too many values: %s", first_problem());
	free(text);
}

int main(void)
{
	normal_form();
	layers();
	machine_settings();
	mounts();
	mounted_volumes();
	external_values();
	image_settings();
	several_services();
	health();
	sharing();
	not_in_this_version();
	networks();
	networks_not_done();
	replicas();
	ports();
	network_options();
	machine_network();
	bounds();
	refused("services:\n  web:\n    imgae: x\n",
		"first:3:5: error: services.web.imgae: there is no such "
		"key (did you mean image?)");
	refused("services:\n  web:\n    image: x\n    depends_on: [dv]\n  db: {image: y}\n",
		"first:4:18: error: services.web.depends_on: \"dv\" is not under services of the "
		"document "
		"(did you mean db?)");
	refused("services:\n  a: {image: x, build: .}\n",
		"first:2:17: error: services.a.build: is not supported: images are pulled, not "
		"built: "
		"build it elsewhere and name it with image");
	refused("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n",
		"first:3:30: error: services.b.depends_on: b waits for a, which waits for it");
	refused("services: {a: {extends: b}, b: {extends: a}}\n",
		"first:1:25: error: services.a.extends: services extend each other in a circle");
	refused("services: {a: {image: x, env_file: e}}\n",
		"first:1:36: error: services.a.env_file[0]: other files cannot be read here: write "
		"the "
		"variables under environment");
	refused("[]", "first:1:1: error: the document is a list, not a map with services");
	refused("", "first:1:1: error: the document is empty, not a map with services");
	return tap_end();
}
