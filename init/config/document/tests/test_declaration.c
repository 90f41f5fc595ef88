// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/document.h"

#include "lib/tap.h"

static char memory[DOCUMENT_MEMORY];
static struct machine_document document;

static int read_text(const char *text)
{
	const struct document_layer layer = {"given", text, strlen(text), false};
	const struct document_options options = {.folder = NULL};
	return document_read(&document, memory, sizeof memory, &layer, 1, &options);
}

static const char *problem(void)
{
	static char line[800];
	if (!document.problems.kept_count)
		return "(none)";
	problem_format(&document.problems, &document.problems.kept[0], line, sizeof line);
	return line;
}

/* The declaration has the same normal form as the Compose document. */
static void same(const char *text, const char *compose, const char *name)
{
	static char printed[2][16384];
	const char *const texts[] = {text, compose};
	for (int i = 0; i < 2; i++) {
		memset(printed[i], 0, sizeof printed[i]);
		if (read_text(texts[i]) < 0) {
			ok(0, "%s: %s", name, problem());
			return;
		}
		FILE *out = fmemopen(printed[i], sizeof printed[i], "w");
		document_print_json(document.root, out);
		fclose(out);
	}
	static char again[DOCUMENT_MEMORY];
	static struct machine_document first, second;
	struct document_layer layer = {"first", printed[0], strlen(printed[0]), false};
	const struct document_options options = {.folder = NULL};
	int result = document_read(&first, memory, sizeof memory, &layer, 1, &options);
	layer = (struct document_layer){"second", printed[1], strlen(printed[1]), false};
	result |= document_read(&second, again, sizeof again, &layer, 1, &options);
	bool equal = result == 0 && node_equal(first.root, second.root);
	ok(equal, "%s", name);
	if (!equal)
		printf("# %s\n# %s\n", printed[0], printed[1]);
}

static void refused(const char *text, const char *want)
{
	ok(read_text(text) < 0, "refused");
	is(problem(), want, "with its reason");
}

static void konlet(void)
{
	same("spec:\n  containers:\n  - name: app\n    image: gcr.io/p/app:1\n    command: "
	     "[/bin/app]\n"
	     "    args: ['--port=$(PORT)']\n    env: [{name: A, value: 1}, {name: B}]\n"
	     "    volumeMounts:\n    - {name: tmp, mountPath: /tmp}\n"
	     "    - {name: host, mountPath: /data, readOnly: true}\n"
	     "    securityContext: {privileged: true}\n    stdin: true\n    tty: true\n"
	     "  volumes:\n  - {name: tmp, emptyDir: {medium: Memory}}\n"
	     "  - {name: host, hostPath: {path: /mnt/data}}\n  restartPolicy: Never\n",
	     "services:\n  app:\n    image: gcr.io/p/app:1\n    entrypoint: [/bin/app]\n"
	     "    command: ['--port=$$(PORT)']\n    environment: [A=1, B=]\n"
	     "    volumes:\n    - {type: tmpfs, target: /tmp, tmpfs: {}}\n"
	     "    - {type: bind, source: /mnt/data, target: /data, read_only: true}\n"
	     "    privileged: true\n    stdin_open: true\n    tty: true\n    restart: 'no'\n"
	     "    network_mode: host\n",
	     "konlet's declaration");
	refused("spec: {containers: [{name: a, image: x}, {name: b, image: y}]}\n",
		"given:1:20: error: there must be exactly one container");
	refused("spec:\n  containers:\n  - {name: a, image: x, volumeMount: []}\n",
		"given:3:25: error: spec.containers[0].volumeMount: there is no such key (did you "
		"mean "
		"volumeMounts?)");
	refused("spec:\n  containers: [{name: a, image: x}]\n  volumes: [{name: d, "
		"gcePersistentDisk: {}}]\n",
		"given:3:23: error: spec.volumes[0].gcePersistentDisk: is not supported: other "
		"disks are not mounted");
}

static void pod(void)
{
	same("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
	     "  terminationGracePeriodSeconds: 5\n  containers:\n  - name: web\n    image: nginx\n"
	     "    ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 81}]\n"
	     "    resources: {limits: {cpu: 500m, memory: 128Mi}, requests: {memory: 1M}}\n"
	     "    livenessProbe: {exec: {command: [check]}, periodSeconds: 5, failureThreshold: "
	     "2}\n"
	     "    securityContext: {runAsUser: 101, runAsGroup: 102, capabilities: {drop: [ALL]}}\n"
	     "    volumeMounts: [{name: d, mountPath: /d}]\n"
	     "  - {name: side, image: busybox, command: [sleep, '1']}\n"
	     "  volumes: [{name: d, emptyDir: {}}]\n",
	     "services:\n  web:\n    image: nginx\n    ports: ['8080:80']\n    cpus: 0.5\n"
	     "    mem_limit: 128m\n    mem_reservation: 1000000\n    user: '101:102'\n    "
	     "cap_drop: [ALL]\n"
	     "    healthcheck: {test: [CMD, check], interval: 5s, retries: 2, timeout: 1s, "
	     "x-berth-on-failure: stop}\n    restart: "
	     "always\n"
	     "    stop_grace_period: 5s\n    volumes: [{type: volume, source: d, target: /d}]\n"
	     "  side: {image: busybox, entrypoint: [sleep, '1'], restart: always, "
	     "stop_grace_period: 5s,\n"
	     "         network_mode: 'service:web'}\nvolumes: {d: }\n",
	     "a Pod");
	same("apiVersion: v1\nkind: Pod\nspec:\n  hostIPC: true\n  shareProcessNamespace: true\n"
	     "  containers: [{name: a, image: x, securityContext: {seccompProfile: {type: Unconfined}, "
	     "allowPrivilegeEscalation: false}}, {name: b, image: y}]\n",
	     "services:\n  a: {image: x, restart: always, ipc: host, security_opt: "
	     "['no-new-privileges:true', 'seccomp=unconfined']}\n"
	     "  b: {image: y, restart: always, ipc: host, network_mode: 'service:a', pid: "
	     "'service:a'}\n",
	     "what a Pod shares");
	refused("apiVersion: apps/v1\nkind: Deployment\nspec: {containers: []}\n",
		"given:1:13: error: apiVersion: \"apps/v1\" is none of v1");
	refused("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
		"  - {name: a, image: x, resources: {limits: {memory: lots}}}\n",
		"given:5:54: error: \"lots\" is not a quantity such as 500m or 128Mi");
	refused("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
		"  - {name: a, image: x, volumeMounts: [{name: n, mountPath: /n}]}\n",
		"given:5:47: error: \"n\" is not among the Pod's volumes");
}

static void docker_run(void)
{
	same("  docker  run -d --rm -it --name web \\\n  -p 8080:80 -p81:81/udp -e A=\"x y\" -v "
	     "data:/d:ro \\\n"
	     "  -m 64m --cpus=0.5 --restart=on-failure:3 --ulimit nofile=10:20 --ulimit core=0 \\\n"
	     "  --stop-timeout 5 --entrypoint '/x y' --health-cmd 'true' --log-opt max-size=1m \\\n"
	     "  --privileged=false nginx:1 sh -c 'echo \"$A\"' -d\n",
	     "services:\n  web:\n    image: nginx:1\n    container_name: web\n    stdin_open: "
	     "true\n"
	     "    tty: true\n    ports: ['8080:80', '81:81/udp']\n    environment: {A: x y}\n"
	     "    volumes: ['data:/d:ro']\n    mem_limit: 64m\n    cpus: 0.5\n    restart: "
	     "on-failure:3\n"
	     "    ulimits: {nofile: {soft: 10, hard: 20}, core: 0}\n    stop_grace_period: 5s\n"
	     "    entrypoint: ['/x y']\n    command: [sh, -c, 'echo \"$$A\"', -d]\n"
	     "    healthcheck: {test: 'true'}\n    logging: {options: {max-size: 1m}}\nvolumes: "
	     "{data: }\n",
	     "docker run");
	same("docker run --init --privileged --userns host --security-opt label=disable --pid host --ipc=none --uts host --device /dev/vdb:/dev/d "
	     "--device-cgroup-rule 'c 1:3 rw' --group-add 7 --cgroupns host x",
	     "services: {x: {image: x, init: true, privileged: true, userns_mode: host, security_opt: "
	     "[label=disable], pid: host, ipc: none, uts: host, devices: ['/dev/vdb:/dev/d'], "
	     "device_cgroup_rules: [c 1:3 rw], group_add: [7], cgroup: host}}",
	     "namespaces and devices");
	ok(read_text("docker run\n  -u 5 ghcr.io/a/b@sha256:"
		     "0123456789012345678901234567890123456789012345678901234567890123") == 0 &&
		   node_at(document.root, "services.b.user")->at.line == 2 &&
		   node_at(document.root, "services.b.user")->at.column == 6,
	   "the image names the service, and words have their places: %s", problem());
	refused("docker run --volum a:/b x",
		"given:1:12: error: docker run has no option --volum (did you "
		"mean volume?)");
	refused("docker run --gpus all x",
		"given:1:12: error: --gpus is not supported: the kernel has no "
		"GPU drivers");
	refused("docker run -e", "given:1:12: error: --env needs a value");
	refused("docker run -d", "given:1:12: error: there is no image behind docker run");
	refused("docker run 'x", "given:1:12: error: a quote is not closed in \"x\"");
	refused("docker run -p 80:x nginx",
		"given:1:15: error: services.nginx.ports[0]: \"80:x\" is not a port: "
		"[ADDRESS:][PORT:]PORT[/tcp|/udp], each 1 to 65535");
}

int main(void)
{
	konlet();
	pod();
	docker_run();
	return tap_end();
}
