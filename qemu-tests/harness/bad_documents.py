# SPDX-License-Identifier: Apache-2.0
"""Documents with one mistake each, and how it must be reported.

A case is (text, "LINE:COLUMN", key, words of the reason, suggestion or "").
"""

from typing import List, NamedTuple


class Case(NamedTuple):
    text: str
    place: str
    key: str
    reason: str
    suggestion: str = ""


def _service(line: str) -> str:
    """A service whose third line is the one that matters."""
    return f"services:\n  web:\n    image: nginx\n    {line}\n"


def _at(line: str, column: int, key: str, reason: str, suggestion: str = "") -> Case:
    return Case(_service(line), f"4:{column}", f"services.web.{key}", reason, suggestion)


CASES: List[Case] = [
    # Keys that do not exist
    Case("service:\n  web: {image: nginx}\n", "1:1", "service", "no such key", "services"),
    Case("services:\n  web:\n    imgae: nginx\n", "3:5", "services.web.imgae", "no such key", "image"),
    _at("port: ['80:80']", 5, "port", "no such key", "ports"),
    _at("enviroment: {A: 1}", 5, "enviroment", "no such key", "environment"),
    _at("volume: ['a:/b']", 5, "volume", "no such key", "volumes"),
    _at("depend_on: [db]", 5, "depend_on", "no such key", "depends_on"),
    _at("working-dir: /srv", 5, "working-dir", "no such key", "working_dir"),
    _at("healthcheck: {tests: [CMD, x]}", 19, "healthcheck.tests", "no such key", "test"),
    _at("deploy: {resources: {limit: {memory: 1g}}}", 26, "deploy.resources.limit", "no such key",
        "limits"),
    _at("ports: [{target: 80, publish: 80}]", 26, "ports[0].publish", "no such key", "published"),
    Case("services: {web: {image: nginx}}\nx-berth: {host-name: box}\n", "2:11", "x-berth.host-name",
         "no such key", "hostname"),
    Case("services: {web: {image: nginx}}\nvolumes: {data: {drivers: local}}\n", "2:18",
         "volumes.data.drivers", "no such key", "driver"),
    # Values of another type
    _at("ports: 80:80", 12, "ports", "not a list"),
    _at("environment: 5", 18, "environment", "not a map or a list of NAME=VALUE"),
    _at("command: {a: b}", 14, "command", "a map, not a list"),
    _at("read_only: maybe", 16, "read_only", "not true or false"),
    _at("working_dir: 5", 18, "working_dir", "put it in quotes"),
    _at("environment: [[a]]", 19, "environment[0]", "not a text NAME=VALUE"),
    _at("labels: ['=x']", 14, "labels[0]", "no name before the ="),
    _at("deploy: [a]", 13, "deploy", "a list, not a map"),
    Case("services: [web]\n", "1:11", "services", "not a map of names"),
    # Values that cannot be
    _at("restart: allways", 14, "restart", "not a restart policy", "always"),
    _at("mem_limit: 64q", 16, "mem_limit", "not a size"),
    _at("stop_grace_period: 10", 24, "stop_grace_period", "not a duration", "10s"),
    _at("cpus: lots", 11, "cpus", "not a number"),
    _at("ports: ['80:99999']", 13, "ports[0]", "is not a port"),
    _at("ports: ['8000-8002:80-81']", 13, "ports[0]", "not equally long"),
    _at("ports: ['80:80/tpc']", 13, "ports[0].protocol", "none of tcp|udp", "tcp"),
    _at("ports: [{published: 80}]", 13, "ports[0]", "lacks the key target"),
    _at("volumes: ['a:b:c:d']", 15, "volumes[0]", "not a volume"),
    _at("volumes: ['/a:/b:rx']", 15, "volumes[0]", "no option of a volume", "ro"),
    _at("volumes: ['/a:/b:nocpy']", 15, "volumes[0]", "no option of a volume", "nocopy"),
    _at("read_only: ture", 16, "read_only", "not true or false", "true"),
    _at("stop_signal: SIGTREM", 18, "stop_signal", "not a signal", "SIGTERM"),
    _at("ulimits: {nofil: 5}", 15, "ulimits.nofil", "no such limit", "nofile"),
    _at("mem_limit: 64mbb", 16, "mem_limit", "not a size", "64m"),
    _at("healthcheck: {interval: 5 minutes}", 29, "healthcheck.interval", "not a duration", "5m"),
    _at("tmpfs: '/run:sizee=1m'", 12, "tmpfs", "no option of a tmpfs", "size"),
    _at("network_mode: service:wbe", 19, "network_mode", "not under services", "web"),
    _at("links: [wbe]", 13, "links", "not under services", "web"),
    _at("depends_on: {web: {condition: service_helthy}}", 35, "depends_on.web.condition", "none of",
        "service_healthy"),
    _at("deploy: {restart_policy: {condition: on-failur}}", 42, "deploy.restart_policy.condition",
        "none of", "on-failure"),
    _at("secrets: [{source: s, mod: 0400}]\nsecrets: {s: {content: x}}", 27, "secrets[0].mod",
        "no such key", "mode"),
    _at("command: [run, 5]", 20, "command[1]", "put it in quotes"),
    Case("services: {web: {image: nginx}}\nx-berth: {on-exit: rebot}\n", "2:20", "x-berth.on-exit",
         "none of", "reboot"),
    _at("volumes: [{type: bnid, source: /a, target: /b}]", 22, "volumes[0].type", "none of", "bind"),
    _at("network_mode: hots", 19, "network_mode", "none of", "host"),
    _at("cap_add: [NET_ADMN]", 15, "cap_add", "not a capability", "NET_ADMIN"),
    _at("healthcheck: {test: [CMDSHELL, x]}", 25, "healthcheck.test", "begins with", "CMD-SHELL"),
    _at("pull_policy: alway", 18, "pull_policy", "none of", "always"),
    _at("extra_hosts: [db]", 19, "extra_hosts", "HOST=ADDRESS"),
    _at("mac_address: 02:xx", 18, "mac_address", "not a MAC address"),
    _at("oom_score_adj: 2000", 20, "oom_score_adj", "not between -999 and 1000"),
    _at("pid: hots", 10, "pid", "none of host|service:NAME", "host"),
    _at("ipc: shared", 10, "ipc", "none of private|shareable|none|host", ""),
    _at("devices: ['/dev/a:/dev/b:q']", 15, "devices[0].permissions", "not some of r, w and m"),
    _at("device_cgroup_rules: ['c 1']", 27, "device_cgroup_rules[0]", "not a rule for devices"),
    _at("userns_mode: hots", 18, "userns_mode", "none of host", "host"),
    _at("security_opt: ['seccomp={']", 20, "security_opt[0]", "not valid JSON"),
    Case("services: {web: {image: 'No Such Name'}}\n", "1:25", "services.web.image", "No Such Name"),
    # What is named and not there
    _at("depends_on: [dv]\n  db: {image: x}", 18, "depends_on", "not under services", "db"),
    _at("volumes: ['dta:/x']\nvolumes: {data: }", 15, "volumes[0]", "not under volumes", "data"),
    _at("networks: [bakc]\nnetworks: {back: }", 16, "networks", "not under networks", "back"),
    _at("secrets: [pasword]\nsecrets: {password: {file: ./p}}", 15, "secrets[0]",
        "not under secrets", "password"),
    Case("services:\n  web: {image: a, depends_on: [db]}\n  db: {image: b, profiles: [data]}\n", "2:32",
         "services.web.depends_on", 'its profile "data" is not asked for'),
    Case("name: ÄÖ\nservices: {web: {image: nginx}}\n", "1:7", "name", "not a project's name"),
    # What does not go together
    Case("services:\n  web:\n    image: x\n    networks: [a]\n    network_mode: host\nnetworks: {a: }\n",
         "5:19", "services.web.network_mode", "beside networks"),
    Case("services:\n  a: {image: x, ports: ['80:80']}\n  b: {image: x, ports: ['80:8080']}\n", "3:25",
         "services.b.ports", "published by a too"),
    Case("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n", "3:30",
         "services.b.depends_on", "which waits for it"),
    Case("services:\n  a: {extends: bse}\n  base: {image: x}\n", "2:16", "services.a.extends",
         "no service", "base"),
    _at("mem_limit: 1g\n    deploy: {resources: {limits: {memory: 2g}}}", 16, "mem_limit",
        "something else"),
    _at("ulimits: {nofile: {soft: 20, hard: 10}}", 30, "ulimits.nofile", "above the hard one"),
    Case("services:\n  web:\n    build: .\n", "3:5", "services.web.build", "pulled, not built"),
    Case("include: [{path: a.yaml, env_fil: b}]\nservices: {web: {image: x}}\n", "1:26",
         "include[0].env_fil", "no such key", "env_file"),
    Case("secrets: {a: {}}\nservices: {web: {image: x}}\n", "1:14", "secrets.a", "nowhere"),
    Case("services:\n  web:\n    restart: always\n", "3:5", "services.web", "names no image"),
    # Variables
    _at("user: ${NAME", 11, "user", "no closing brace"),
    _at("user: ${NAME:?who runs it}", 11, "user", "NAME is not set: who runs it"),
    _at("ports: ['${NAME:?which}:80']", 13, "ports[0]", "NAME is not set: which"),
    # The machine
    Case("x-berth: {network: {address: 10.0.0.5/33}}\nservices: {web: {image: x}}\n", "1:30",
         "x-berth.network.address", "not ADDRESS/PREFIX"),
    Case("x-berth: {network: {address: 10.0.0.5}}\nservices: {web: {image: x}}\n", "1:30",
         "x-berth.network.address", "not ADDRESS/PREFIX"),
    Case("x-berth: {credentials: {ghcr.io: {auth: '!'}}}\nservices: {web: {image: x}}\n", "1:24",
         "x-berth.credentials", "the entry for ghcr.io"),
    # YAML itself
    Case("services:\n  web:\n    image: a\n    image: b\n", "4:5", "", "there twice, first in line 3"),
    Case("services:\n  web:\n\timage: a\n", "3:1", "", "here is a tab"),
    Case("services:\n  web: *base\n", "2:8", "", "no anchor"),
    Case("services: {web: {image: x}}\n---\nservices: {}\n", "2:1", "", "second document"),
]
