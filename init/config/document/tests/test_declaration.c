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
	     "    volumes:\n    - {type: volume, source: tmp, target: /tmp, volume: {nocopy: true, x-berth-mode: 0777}}\n"
	     "    - {type: bind, source: /mnt/data, target: /data, read_only: true}\n"
	     "    privileged: true\n    stdin_open: true\n    tty: true\n    restart: 'no'\n"
	     "    network_mode: host\n"
	     "volumes: {tmp: {driver_opts: {type: tmpfs, device: tmpfs, o: 'mode=777'}}}\n",
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

#define HEAD "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"

static void pod(void)
{
	same(HEAD "spec:\n  terminationGracePeriodSeconds: 5\n  containers:\n  - name: web\n    image: nginx\n"
	     "    ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 81}]\n"
	     "    resources: {limits: {cpu: 500m, memory: 128Mi}, requests: {memory: 1M, cpu: 250m}}\n"
	     "    livenessProbe: {exec: {command: [check]}, periodSeconds: 5, failureThreshold: "
	     "2}\n"
	     "    securityContext: {runAsUser: 101, runAsGroup: 102, capabilities: {drop: [ALL]}}\n"
	     "    volumeMounts: [{name: d, mountPath: /d}]\n"
	     "  - {name: side, image: busybox, command: [sleep, '1'], ports: [{containerPort: 9, hostPort: 9, "
	     "protocol: UDP}]}\n"
	     "  volumes: [{name: d, emptyDir: {}}]\n",
	     "services:\n  web:\n    image: nginx\n    ports: ['8080:80', '9:9/udp']\n    cpus: 0.5\n"
	     "    mem_limit: 128m\n    mem_reservation: 1000000\n    cpu_shares: 256\n    user: '101:102'\n    "
	     "cap_drop: [ALL]\n    hostname: web\n"
	     "    healthcheck: {test: [CMD, check], interval: 5s, retries: 2, timeout: 1s, x-berth-delay: 0s, "
	     "x-berth-on-failure: stop}\n    restart: always\n"
	     "    stop_grace_period: 5s\n    volumes: [{type: volume, source: d, target: /d, volume: {nocopy: "
	     "true, x-berth-mode: 0777}}]\n"
	     "  side: {image: busybox, entrypoint: [sleep, '1'], restart: always, "
	     "stop_grace_period: 5s, hostname: web,\n"
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
	same(HEAD "spec:\n  restartPolicy: Never\n  initContainers:\n  - {name: one, image: x}\n"
	     "  - {name: log, image: x, restartPolicy: Always, startupProbe: {tcpSocket: {port: 5}}}\n"
	     "  - {name: two, image: x}\n  containers: [{name: web, image: y, ports: [{containerPort: 1, "
	     "hostPort: 2}]}]\n",
	     "services:\n  one: {image: x, restart: 'no', hostname: web, ports: ['2:1']}\n"
	     "  log: {image: x, restart: always, x-berth-companion: true, hostname: web, network_mode: "
	     "'service:one', x-berth-startup: {test: [X-BERTH-TCP, ':5'], interval: 10s, timeout: 1s, delay: 0s}, "
	     "depends_on: {one: {condition: service_completed_successfully}}}\n"
	     "  two: {image: x, restart: 'no', hostname: web, network_mode: 'service:one', depends_on: {one: "
	     "{condition: service_completed_successfully}, log: {condition: service_healthy}}}\n"
	     "  web: {image: y, restart: 'no', hostname: web, network_mode: 'service:one', depends_on: {one: "
	     "{condition: service_completed_successfully}, log: {condition: service_healthy}, two: {condition: "
	     "service_completed_successfully}}}\n",
	     "containers that run before the others");
	same(HEAD "spec:\n  securityContext: {runAsUser: 5, runAsNonRoot: true, fsGroup: 7, supplementalGroups: "
	     "[8], sysctls: [{name: net.core.somaxconn, value: '9'}, {name: kernel.shm_rmid_forced, value: '1'}]}\n"
	     "  dnsPolicy: None\n  dnsConfig: {nameservers: [192.0.2.1], searches: [a.b], options: [{name: ndots, "
	     "value: '2'}, {name: rotate}]}\n"
	     "  containers:\n  - {name: a, image: x, volumeMounts: [{name: m, mountPath: /m}, {name: c, "
	     "mountPath: /c}]}\n"
	     "  - {name: b, image: x, securityContext: {runAsUser: 6}}\n"
	     "  volumes: [{name: m, emptyDir: {medium: Memory, sizeLimit: 1Mi}}, {name: c, "
	     "persistentVolumeClaim: {claimName: kept}}]\n",
	     "services:\n  a: {image: x, restart: always, hostname: web, user: '5', group_add: ['8', '7'], sysctls: "
	     "{net.core.somaxconn: '9', kernel.shm_rmid_forced: '1'}, dns: [192.0.2.1], dns_search: [a.b], "
	     "dns_opt: ['ndots:2', rotate], volumes: [{type: volume, source: m, target: /m, volume: {nocopy: true, "
	     "x-berth-mode: 02777, x-berth-group: 7}}, {type: volume, source: kept, target: /c, volume: "
	     "{x-berth-mode: 02775, x-berth-group: 7}}]}\n"
	     "  b: {image: x, restart: always, hostname: web, network_mode: 'service:a', user: '6', group_add: "
	     "['8', '7'], sysctls: {kernel.shm_rmid_forced: '1'}, dns: [192.0.2.1], dns_search: [a.b], dns_opt: "
	     "['ndots:2', rotate]}\n"
	     "volumes: {m: {driver_opts: {type: tmpfs, device: tmpfs, o: 'mode=2777,gid=7,size=1048576'}}, "
	     "kept: }\n",
	     "what holds for all containers of a Pod");
	ok(read_text(HEAD "spec:\n  nodeSelector: {a: b}\n  tolerations: []\n  containers: [{name: a, image: x, "
		     "terminationMessagePath: /x}]\n---\napiVersion: v1\nkind: Service\nspec: {x: y}\n") == 0,
	   "what only a cluster has a use for");
	is(problem(), "given:5:3: warning: without a cluster this has no meaning: nodeSelector, tolerations, "
		      "terminationMessagePath, Service", "is named in one line");
	refused("apiVersion: apps/v1\nkind: Deployment\nspec: {containers: []}\n",
		"given:2:7: error: Deployment is for a cluster: write what stands under spec.template as a Pod");
	refused("apiVersion: v1\nkind: Pot\n",
		"given:2:7: error: \"Pot\" is none of Pod, ConfigMap and Secret, which a machine has use for");
	refused(HEAD "spec: {containers: [{name: a, image: x}]}\n---\n" HEAD
		"spec: {containers: [{name: a, image: x}]}\n",
		"given:6:1: error: there is another Pod before it, and a machine is one");
	refused("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "given:1:1: error: there is no Pod");
	refused("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
		"  - {name: a, image: x, resources: {limits: {memory: lots}}}\n",
		"given:5:54: error: \"lots\" is not a quantity such as 500m or 128Mi");
	refused("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
		"  - {name: a, image: x, volumeMounts: [{name: n, mountPath: /n}]}\n",
		"given:5:47: error: \"n\" is not among the Pod's volumes");
	refused(HEAD "spec: {securityContext: {runAsNonRoot: true}, containers: [{name: a, image: x, "
		"securityContext: {runAsUser: 0}}]}\n",
		"given:4:109: error: is root, and runAsNonRoot says that it is not");
}

static void probes(void)
{
	same(HEAD "spec:\n  containers:\n  - name: a\n    image: x\n    ports: [{name: http, containerPort: 8080}]\n"
	     "    readinessProbe: {httpGet: {path: /ok?x, port: http, scheme: HTTPS, httpHeaders: [{name: Host, "
	     "value: h}]}, initialDelaySeconds: 4, successThreshold: 2}\n"
	     "    livenessProbe: {tcpSocket: {port: http}, timeoutSeconds: 3}\n"
	     "    startupProbe: {exec: {command: [test, -e, $x]}, failureThreshold: 30}\n"
	     "    lifecycle:\n      postStart: {exec: {command: [a, b]}}\n      preStop: {sleep: {seconds: 5}}\n",
	     "services:\n  a:\n    image: x\n    restart: always\n    hostname: web\n"
	     "    healthcheck: {test: [X-BERTH-HTTP, 'https://:8080/ok?x', 'Host: h'], x-berth-delay: 4s, interval: "
	     "10s, timeout: 1s, x-berth-successes: 2}\n"
	     "    x-berth-liveness: {test: [X-BERTH-TCP, ':8080'], timeout: 3s, interval: 10s, delay: 0s}\n"
	     "    x-berth-startup: {test: [CMD, test, -e, $$x], retries: 30, timeout: 1s, interval: 10s, delay: "
	     "0s}\n"
	     "    post_start: [{command: [a, b], x-berth-on-failure: restart}]\n"
	     "    pre_stop: [{x-berth-test: [X-BERTH-SLEEP, 5s]}]\n",
	     "probes and hooks");
	refused(HEAD "spec: {containers: [{name: a, image: x, livenessProbe: {httpGet: {port: web}}}]}\n",
		"given:4:73: error: \"web\" is neither a port nor the name of one of the container's");
	refused(HEAD "spec: {containers: [{name: a, image: x, livenessProbe: {periodSeconds: 1}}]}\n",
		"given:4:56: error: says not what is done: exec, httpGet …");
	refused(HEAD "spec: {containers: [{name: a, image: x, livenessProbe: {grpc: {port: 1}}}]}\n",
		"given:4:57: error: spec.containers[0].livenessProbe.grpc: is not supported: the machine speaks no "
		"HTTP/2: ask with exec, or with tcpSocket");
}

#define OBJECTS                                                                                    \
	"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {colour: red, file.txt: 'a b'}\n" \
	"---\napiVersion: v1\nkind: Secret\nmetadata: {name: key}\ndata: {pass: c2VjcmV0}\nstringData: {more: m}\n"

static void objects(void)
{
	same("apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {a/b: c}, uid: u-1}\nspec:\n  containers:\n"
	     "  - name: a\n    image: x\n    command: [sh, '$(COLOUR)', '$$(COLOUR)', '$(NONE)', $, $x]\n"
	     "    args: ['$(B)']\n    resources: {limits: {cpu: 1500m, memory: 3Mi}}\n"
	     "    envFrom: [{configMapRef: {name: conf}, prefix: P_}, {secretRef: {name: no, optional: true}}]\n"
	     "    env:\n    - {name: COLOUR, valueFrom: {configMapKeyRef: {name: conf, key: colour}}}\n"
	     "    - {name: PASS, valueFrom: {secretKeyRef: {name: key, key: pass}}}\n"
	     "    - {name: GONE, valueFrom: {secretKeyRef: {name: key, key: x, optional: true}}}\n"
	     "    - {name: B, value: '$(COLOUR)-$(P_colour)'}\n"
	     "    - {name: LABEL, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a/b']\"}}}\n"
	     "    - {name: UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}\n"
	     "    - {name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}\n"
	     "    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}\n"
	     "    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}\n"
	     "    - {name: MEM, valueFrom: {resourceFieldRef: {resource: requests.memory, divisor: 1Mi}}}\n" OBJECTS,
	     "services:\n  a:\n    image: x\n    restart: always\n    hostname: web\n    labels: {a/b: c}\n"
	     "    entrypoint: [sh, red, '$$(COLOUR)', '$$(NONE)', $$, $$x]\n    command: [red-red]\n"
	     "    cpus: 1.5\n    mem_limit: 3m\n"
	     "    environment: {P_colour: red, P_file.txt: a b, COLOUR: red, PASS: secret, B: red-red, LABEL: c, UID: "
	     "u-1, NS: default, CPU: '2', MEM: '3'}\n    x-berth-variables: {IP: address}\n",
	     "variables from all over the file");
	same(HEAD "spec:\n  securityContext: {fsGroup: 9}\n  containers:\n  - name: a\n    image: x\n    volumeMounts:\n"
	     "    - {name: c, mountPath: /c/}\n    - {name: c, mountPath: /one, subPath: file.txt}\n"
	     "    - {name: s, mountPath: /s}\n"
	     "  volumes:\n  - {name: c, configMap: {name: conf}}\n"
	     "  - {name: s, projected: {defaultMode: 0400, sources: [{secret: {name: key, items: [{key: more, path: "
	     "x/y}]}}, {downwardAPI: {items: [{path: n, fieldRef: {fieldPath: metadata.name}}]}}]}}\n" OBJECTS,
	     "services:\n  a:\n    image: x\n    restart: always\n    hostname: web\n    group_add: ['9']\n"
	     "    volumes:\n    - {type: tmpfs, target: /c/, tmpfs: {size: 1m, mode: 0755}}\n"
	     "    - {type: tmpfs, target: /s, tmpfs: {size: 1m, mode: 0755}}\n"
	     "    configs:\n    - {source: c-0, target: /c/colour, mode: 0644, gid: '9'}\n"
	     "    - {source: c-1, target: /c/file.txt, mode: 0644, gid: '9'}\n"
	     "    - {source: c-1, target: /one, mode: 0644, gid: '9'}\n"
	     "    - {source: s-1, target: /s/n, mode: 0440, gid: '9'}\n"
	     "    secrets: [{source: s-0, target: /s/x/y, mode: 0440, gid: '9'}]\n"
	     "configs: {c-0: {content: red}, c-1: {content: a b}, s-1: {content: web}}\n"
	     "secrets: {s-0: {content: m}}\n",
	     "volumes of ConfigMaps and Secrets");
	same("apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {z: 'a \"q\"', b/c: \"1\\n2\"}}\nspec:\n"
	     "  containers:\n  - {name: a, image: x, volumeMounts: [{name: d, mountPath: /d}]}\n"
	     "  volumes:\n  - name: d\n    downwardAPI:\n      items:\n"
	     "      - {path: l, fieldRef: {fieldPath: metadata.labels}}\n"
	     "      - {path: n, fieldRef: {fieldPath: metadata.annotations}}\n",
	     "services:\n  a:\n    image: x\n    restart: always\n    hostname: web\n"
	     "    labels: {z: 'a \"q\"', b/c: \"1\\n2\"}\n"
	     "    volumes: [{type: tmpfs, target: /d, tmpfs: {size: 1m, mode: 0755}}]\n"
	     "    configs: [{source: d-0, target: /d/l, mode: 0644}, {source: d-1, target: /d/n, mode: 0644}]\n"
	     "configs: {d-0: {content: \"b/c=\\\"1\\\\n2\\\"\\nz=\\\"a \\\\\\\"q\\\\\\\"\\\"\"}, d-1: {content: ''}}\n",
	     "labels and annotations as files");
	refused(HEAD "spec: {containers: [{name: a, image: x, envFrom: [{configMapRef: {name: no}}]}]}\n",
		"given:4:73: error: there is no ConfigMap \"no\" in this file: write it behind ---");
	refused(HEAD "spec: {containers: [{name: a, image: x, args: ['$(IP)'], env: [{name: IP, valueFrom: {fieldRef: "
		"{fieldPath: status.podIP}}}]}]}\n",
		"given:4:48: error: $(IP) is known only when the container runs: nothing can be put "
		"together with it here");
	refused(HEAD "spec: {containers: [{name: a, image: x, env: [{name: IP, valueFrom: {fieldRef: {fieldPath: "
		"status.hostIP}}}]}]}\n",
		"given:4:92: error: \"status.hostIP\" is not known here");
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
	same(" $ sudo  docker run -e 'A=$B' -e C=\\$D x $ $1", "services: {x: {image: x, environment: {A: $$B, C: $$D}, command: [$$, $$1]}}",
	     "as it was copied");
	ok(document.problems.count[PROBLEM_WARNING] == 0, "a shell would have changed none of it");
	ok(read_text("docker run -e \"A=${B}\" x `ls` $C") == 0 && document.problems.count[PROBLEM_WARNING] == 3,
	   "what it would have changed is said");
	is(problem(), "given:1:15: warning: ${B} stays as it stands: no shell reads this line", "with its place");
	refused("docker run --volum a:/b x",
		"given:1:12: error: docker run has no option --volum (did you "
		"mean --volume?)");
	refused("docker run --gpus all x",
		"given:1:12: error: --gpus is not supported: the kernel has no "
		"GPU drivers");
	same("docker run --mount type=bind,src=/c,dst=/c,ro --mount 'source=v,target=/v,volume-nocopy=true,"
	     "\"volume-subpath=a,b\"' --mount type=tmpfs,destination=/t,tmpfs-size=10m,tmpfs-mode=1700 --mount "
	     "target=/anonymous --cpu-period 50000 --cpu-quota 25000 --device-read-bps /dev/vda:1m --network n "
	     "--network-alias other --network name=m,alias=a,alias=b,gw-priority=3 --annotation a=b --attach stdout --sig-proxy=false x",
	     "services: {x: {image: x, cpus: 0.5, blkio_config: {device_read_bps: [{path: /dev/vda, rate: 1m}]}, "
	     "networks: {n: {}, m: {aliases: [a, b, other], gw_priority: 3}}, annotations: {a: b}, volumes: [{type: bind, source: /c, target: /c, "
	     "read_only: true, bind: {create_host_path: false}}, {type: volume, source: v, target: /v, volume: {nocopy: true, subpath: 'a,b'}}, {type: "
	     "tmpfs, target: /t, tmpfs: {size: 10m, mode: 01700}}, {type: volume, target: /anonymous}]}}\nvolumes: {v: "
	     "}\nnetworks: {n: , m: }\n",
	     "mounts, rates and networks");
	refused("docker run --mount type=image,src=y,dst=/y x",
		"given:1:20: error: --mount: \"image\" is nothing that is mounted: type=bind, volume or tmpfs");
	refused("docker run --mount type=tmpfs,dst=/t,colour=red x",
		"given:1:20: error: --mount: \"colour\" is no part of a mount: type, source, target, readonly, "
		"bind-propagation, volume-nocopy, volume-subpath, volume-driver, volume-opt, tmpfs-size, tmpfs-mode");
	refused("docker run --network-alias n x",
		"given:1:28: error: --network-alias needs a network with a name: --network NAME");
	refused("docker run -P x", "given:1:12: error: --publish-all is not supported: nobody would know the "
				   "machine's ports: name each with --publish");
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
	probes();
	objects();
	docker_run();
	return tap_end();
}
