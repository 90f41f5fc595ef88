# SPDX-License-Identifier: Apache-2.0
"""Networks of a document: who reaches whom, by which names and addresses, from inside and outside."""

import http.server
import json
import threading
import urllib.error
import urllib.request

import pytest

from harness import documents, seeds
from harness.boot import Boot
from harness.documents import lint, run_berth
from harness.machine import run_machine
from harness.ports import free_port
from harness.seeded import containers, machine


def told(app, tmp_path, text, **more):
    return machine(app, *seeds.fw_cfg(tmp_path / "seed", text.encode()), **more)


def facts(result, name):
    """What a container printed as "KEY: VALUE"."""
    return dict(line.split(": ", 1) for line in result.output(name) if ": " in line)


# A server that says who it is to each who asks, until it is stopped. `ask` goes on until it is answered,
# `miss` gives up after two seconds.
HTTP = "mkdir /w; echo {0} >/w/index.html; httpd -f -p {1} -h /w & "
SERVE = HTTP + "trap 'exit 0' TERM; wait"
ASK = "get() { printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w $$3 $$1 $$2 2>/dev/null | tail -n 1; }; " \
    "ask() { a=; until [ \"$$a\" ]; do a=$$(get $$2 $${3:-80} 9); done; echo \"$$1: $$a\"; }; " \
    "miss() { a=$$(get $$2 $${3:-80} 2); echo \"$$1: $${a:-nobody}\"; }; "
ANSWERS = "{test: 'nc 127.0.0.1 80 </dev/null', interval: 150ms, timeout: 60s, retries: 1000}"
SHOWN = ANSWERS.replace("nc 127.0.0.1 80 </dev/null", "test -e /shown")
HEALTHY = "{condition: service_healthy}"
DONE = "{condition: service_completed_successfully}"


def server(name):
    return json.dumps(["sh", "-c", SERVE.format(name, 80)])


def script(text):
    return json.dumps(["sh", "-c", text])


TIERS = f"""services:
  front:
    image: app:1
    networks: [front-tier]
    command: {script(ASK + "ask app app; ask alias api; miss db db; "
                     "miss address 172.18.0.3; miss gateway 172.18.0.1; cat /etc/hosts")}
    depends_on: {{app: {HEALTHY}, db: {HEALTHY}}}
  app:
    image: app:1
    networks: {{front-tier: {{aliases: [api]}}, back-tier: {{aliases: [backend]}}}}
    command: {script(ASK + HTTP.format("i am app", 80) + "trap 'exit 0' TERM; "
                     "ask db db; ip -4 -o addr show; ip -4 route; "
                     "cat /etc/hosts; echo >/shown; wait")}
    healthcheck: {SHOWN}
    depends_on: [db]
  db:
    image: app:1
    networks: [back-tier]
    command: {server("i am db")}
    healthcheck: {ANSWERS}
networks: {{front-tier: , back-tier: }}
x-berth: {{exit-code-from: front}}
"""


def test_three_tiers(app, tmp_path):
    """front reaches app and not db, neither by name nor by address, also without a way outside."""
    result = told(app, tmp_path, TIERS)
    assert result.report["status"] == 0, result
    front, middle = facts(result, "front"), facts(result, "app")
    assert front["app"] == front["alias"] == "i am app", result
    assert front["db"] == front["address"] == "nobody", result
    assert middle["db"] == "i am db", result
    assert containers(result)["app"]["networks"] == {
        "back-tier": {"device": "eth0", "address": "172.18.0.2"},
        "front-tier": {"device": "eth1", "address": "172.17.0.3"}}, result
    hosts = [line.split() for line in result.output("front")]
    assert ["172.17.0.3", "app", "api"] in hosts, result
    assert not [line for line in hosts if "db" in line[1:] or "backend" in line], result
    lines = [line.split() for line in result.output("app")]
    assert ["172.18.0.2", "app", "backend"] in lines and ["172.17.0.3", "app", "api"] in lines
    assert ["172.17.0.2", "front"] in lines and ["172.18.0.3", "db"] in lines, result
    devices = {line[1]: line[3] for line in lines if line[:1] and line[0].endswith(":")
               and len(line) > 3 and line[2] == "inet"}
    assert devices == {"lo": "127.0.0.1/8", "eth0": "172.18.0.2/16", "eth1": "172.17.0.3/16"}, lines
    assert ["default", "via", "172.18.0.1", "dev", "eth0"] in lines, lines


class Outside:
    """A server of the workstation, which machines reach as 10.0.2.2."""

    def __enter__(self):
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\ni am outside\n")

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self._server.server_address[1]

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def test_internal_network(app, tmp_path):
    """It leads nowhere: not outside, not to other networks, not to published ports, whatever routes a
    container makes itself. Who is on another one too gets out by that one."""
    with Outside() as port:
        where = {"outside": f"10.0.2.2 {port}", "published": "10.0.2.15 8080", "front": "172.17.0.2"}
        reaches = "".join(f"ask {name} {at}; " for name, at in where.items())
        misses = "".join(f"miss {name} {at}; " for name, at in where.items()) + "ask app app; "
        text = f"""services:
  front: {{image: app:1, networks: [front], ports: ["8080:80"], command: {server("i am front")},
          healthcheck: {ANSWERS}}}
  app:
    image: app:1
    networks: {{back: {{priority: 1}}, front: }}
    command: {script(ASK + HTTP.format("i am app", 80) + "trap 'exit 0' TERM; " + reaches +
                     "ip -4 route; echo >/shown; wait")}
    healthcheck: {SHOWN}
  db:
    image: app:1
    networks: [back]
    depends_on: {{front: {HEALTHY}, app: {HEALTHY}}}
    cap_add: [NET_ADMIN]
    command: {script(ASK + misses + "ip -4 route; ip route add default via 172.18.0.1; echo second; " +
                     misses.replace("miss ", "miss again-").replace("ask ", "ask again-"))}
networks: {{front: , back: {{internal: true}}}}
x-berth: {{exit-code-from: db}}
"""
        result = run_machine("", initrds=[app], debug_exit=False,
                             extra=seeds.fw_cfg(tmp_path / "seed", text.encode()))
    assert result.report["status"] == 0, result
    db, middle = facts(result, "db"), facts(result, "app")
    for which in ("", "again-"):
        assert db[which + "outside"] == db[which + "published"] == db[which + "front"] == "nobody", result
        assert db[which + "app"] == "i am app", result
    assert "default" not in "\n".join(result.output("db")[:result.output("db").index("second")])
    assert middle["outside"] == "i am outside", result
    assert middle["published"] == middle["front"] == "i am front", result
    assert "default via 172.17.0.1 dev eth1" in "\n".join(result.output("app")), result


def test_addresses(app, tmp_path):
    """Fixed and free ones, hardware addresses, device names, MTU, two families, order and way out."""
    show = "ip -o addr show; ip -o link show; ip -4 route; cat /etc/hosts; "
    text = f"""services:
  web:
    image: app:1
    mac_address: 02:00:00:00:00:11
    networks:
      alpha: {{ipv4_address: 10.20.0.9}}
      beta: {{priority: 5, interface_name: lan, ipv6_address: "fd20::9"}}
      gamma: {{gw_priority: 3}}
    command: {script(ASK + show + "ask six fd20::2; ask four 10.21.0.129; ask other 10.21.0.130")}
    depends_on: [one, two]
  one: {{image: app:1, networks: [beta], command: {server("i am one")}}}
  two: {{image: app:1, networks: [beta], command: {server("i am two")}}}
networks:
  alpha: {{ipam: {{config: [{{subnet: 10.20.0.0/24, gateway: 10.20.0.254}}]}}}}
  beta:
    enable_ipv6: true
    driver_opts: {{com.docker.network.driver.mtu: 1400}}
    ipam: {{config: [{{subnet: 10.21.0.0/24, ip_range: 10.21.0.128/25}}, {{subnet: "fd20::/64"}}]}}
  gamma:
x-berth: {{exit-code-from: web}}
"""
    result = told(app, tmp_path, text)
    assert result.report["status"] == 0, result
    shown = "\n".join(result.output("web"))
    lines = [line.split() for line in result.output("web")]
    has = {(line[1], line[2], line[3]) for line in lines if len(line) > 3}
    assert ("lan", "inet", "10.21.0.128/24") in has and ("lan", "inet6", "fd20::9/64") in has, result
    assert ("eth0", "inet", "10.20.0.9/24") in has and ("eth1", "inet", "172.17.0.2/16") in has
    links = {line[1].split("@")[0]: line for line in lines if "mtu" in line}
    assert links["lan:" if "lan:" in links else "lan"][4] == "1400", result
    assert "02:00:00:00:00:11" in next(" ".join(line) for line in lines if "1400" in line), result
    assert "default via 172.17.0.1 dev eth1" in shown and "via 10." not in shown, result
    assert {"10.21.0.129 one", "fd20::2 one", "10.21.0.130 two", "fd20::3 two"} <= \
        set(result.output("web")), result
    said = facts(result, "web")
    assert (said["six"], said["four"], said["other"]) == ("i am one", "i am one", "i am two"), result


def test_kept_apart_on_one_network(app, tmp_path):
    """enable_icc: false; and names for the machine's own network, for none, and for Docker's bridge."""
    text = f"""services:
  a: {{image: app:1, networks: [apart], command: {server("i am a")}, healthcheck: {ANSWERS}}}
  b:
    image: app:1
    networks: [apart]
    depends_on: {{a: {HEALTHY}, h: {HEALTHY}, d: {DONE}, n: {DONE}}}
    command: {script(ASK + "ask machine 172.17.0.1 81; miss a 172.17.0.2")}
  h:
    image: app:1
    networks: [hostnet]
    depends_on: [a]
    command: {script("trap 'exit 0' TERM; " + HTTP.format("i am h", 81) + ASK + "ip -o link; ask a a; "
                     "echo >/shown; wait")}
    healthcheck: {SHOWN}
  n: {{image: app:1, networks: [nonet], command: [ip, -o, link]}}
  d: {{image: app:1, networks: [dockers], depends_on: {{a: {HEALTHY}}},
      command: {script(ASK + "miss a 172.17.0.2; cat /etc/hosts")}}}
networks:
  apart: {{driver_opts: {{com.docker.network.bridge.enable_icc: "false",
                          com.docker.network.bridge.name: apart0}}}}
  hostnet: {{external: true, name: host}}
  nonet: {{external: true, name: none}}
  dockers: {{external: true, name: bridge}}
x-berth: {{exit-code-from: b}}
"""
    result = told(app, tmp_path, text)
    assert result.report["status"] == 0, result
    assert facts(result, "b")["a"] == "nobody", result
    assert facts(result, "b")["machine"] == "i am h", result
    assert facts(result, "h")["a"] == "i am a", result
    assert "apart0" in "\n".join(result.output("h")), result
    assert len(result.output("n")) == 1 and ": lo:" in result.output("n")[0], result
    assert facts(result, "d")["a"] == "nobody", result
    assert "172.18.0.2\td" in result.output("d"), result


def test_several_containers_of_a_service(app, tmp_path):
    """NAME-1, NAME-2, at the service's name all of them; who waits for the service waits for each."""
    result = told(app, tmp_path, f"""services:
  web:
    image: app:1
    scale: 3
    command: [sh, -c, "mkdir /w; hostname >/w/index.html; httpd -f -p 80 -h /w & \
trap 'exit 0' TERM; sleep 0.3; echo >/ready; wait"]
    healthcheck: {{test: "cat /ready", interval: 150ms, timeout: 60s, retries: 1000}}
  ask:
    image: app:1
    deploy: {{replicas: 2}}
    depends_on: {{web: {{condition: service_healthy}}, off: {{condition: service_started}}}}
    command: {script(ASK + "for i in 1 2 3; do ask $$i web-$$i; done; ask any web; grep -w web /etc/hosts")}
  last:
    image: app:1
    command: [sh, -c, "exit 6"]
    depends_on: {{ask: {{condition: service_completed_successfully}}}}
  off: {{image: app:1, scale: 0}}
x-berth: {{exit-code-from: last}}
""")
    found = containers(result)
    assert result.report["status"] == 6, result
    assert set(found) == {"web-1", "web-2", "web-3", "ask-1", "ask-2", "last"}, result
    for name in ("ask-1", "ask-2"):
        assert found[name]["started_ns"] >= max(found[f"web-{i}"]["health"]["healthy_ns"]
                                                for i in (1, 2, 3)), result
        assert found[name]["ended_ns"] <= found["last"]["started_ns"], result
        said = facts(result, name)
        assert [said["1"], said["2"], said["3"]] == ["web-1", "web-2", "web-3"], result
        assert said["any"] == "web-1", result
        assert [line for line in result.output(name) if line.startswith("172.")] == \
            [f"172.17.0.{i + 1} web web-{i}" for i in (1, 2, 3)], result


PUBLISHED = """services:
  front: {{image: {image}, networks: [front], ports: ["{front}:80"], command: {serve_front}}}
  app:
    image: {image}
    networks: {{back: , front: }}
    ports: ["{app}:80"]
    command: {serve_app}
  db:
    image: {image}
    networks: [other]
    depends_on: [front, app]
    command: {ask}
networks: {{front: , back: {{internal: true}}, other: }}
x-berth: {{exit-code-from: db}}
"""


def _ask(port, address="127.0.0.1"):
    try:
        with urllib.request.urlopen(f"http://{address}:{port}/", timeout=5) as answer:
            return answer.read()
    except (urllib.error.URLError, OSError):
        return b""


def test_published_ports(image, tmp_path):
    """They answer outside and to the containers of all networks, of which none reaches another's
    containers themselves; `berth boot` takes the document."""
    ports = {"front": free_port(), "app": free_port()}
    asked = ASK + "ask front 10.0.2.15 %(front)d; " \
        "ask app 10.0.2.15 %(app)d; miss direct 172.17.0.2; echo asked; trap 'exit 4' TERM; " \
        "while :; do sleep 0.1; done" % ports
    path = tmp_path / "compose.yaml"
    path.write_text(PUBLISHED.format(image=image("busybox"), serve_front=server("i am front"),
                                     serve_app=server("i am app"), ask=script(asked), **ports))
    with Boot(path) as running:
        running.wait_until(lambda: _ask(ports["front"]) == b"i am front\n", "front's port")
        running.wait_until(lambda: _ask(ports["app"]) == b"i am app\n", "app's port")
        running.wait_for("db | asked")
        running.interrupt()
        result = running.finish()
    said = facts(result, "db")
    assert (said["front"], said["app"], said["direct"]) == ("i am front", "i am app", "nobody"), result
    assert result.status == 4, result


def test_ports_at_addresses_of_the_machine(app, tmp_path):
    """127.0.0.1 is the machine and who is on its network; another one is itself alone; one that nobody has
    is said. A port without a number is told."""
    text = f"""services:
  web:
    image: app:1
    ports: ["127.0.0.1:8080:80", "10.0.2.15:8081:80", "8082:80", "192.0.2.1:8083:80", "80"]
    command: {server("i am web")}
    healthcheck: {ANSWERS}
  machine:
    image: app:1
    network_mode: host
    depends_on: {{web: {HEALTHY}}}
    command: {script(ASK + "ask own 10.0.2.15 8081; ask loop 127.0.0.1 8080; ask all 127.0.0.1 8082; "
                     "ask free 127.0.0.1 32768; miss other 127.0.0.1 8081; miss not-loop 10.0.2.15 8080")}
  other:
    image: app:1
    depends_on: {{machine: {DONE}}}
    command: {script(ASK + "ask own 10.0.2.15 8081; ask all 10.0.2.15 8082; miss loop 172.17.0.1 8080; "
                     "miss bridge 172.17.0.1 8081")}
x-berth: {{exit-code-from: other}}
"""
    result = run_machine("", initrds=[app], debug_exit=False,
                         extra=seeds.fw_cfg(tmp_path / "seed", text.encode()))
    assert result.report["status"] == 0, result
    inside, other = facts(result, "machine"), facts(result, "other")
    assert {inside[name] for name in ("own", "loop", "all", "free")} == {"i am web"}, result
    assert {other[name] for name in ("own", "all")} == {"i am web"}, result
    assert {inside["other"], inside["not-loop"], other["loop"], other["bridge"]} == {"nobody"}, result
    assert "published port 192.0.2.1:8083:80/tcp: no device of the machine has this address" in \
        result.console, result
    assert "services.web.ports[4]: answers at the machine's port 32768" in result.console, result


def test_ports_of_a_machine_without_a_network(app, tmp_path):
    """They are there for itself, by its loopback."""
    result = told(app, tmp_path, f"""services:
  web: {{image: app:1, ports: ["127.0.0.1:8080:80"], command: {server("i am web")}, healthcheck: {ANSWERS}}}
  machine: {{image: app:1, network_mode: host, depends_on: {{web: {HEALTHY}}},
            command: {script(ASK + "ask loop 127.0.0.1 8080")}}}
x-berth: {{exit-code-from: machine}}
""")
    assert result.report["status"] == 0, result
    assert facts(result, "machine") == {"loop": "i am web"}, result


def test_networks_with_ipv6(app, tmp_path):
    """A network without IPv4, one with both, link-local addresses, and ports at ::1."""
    text = f"""services:
  web:
    image: app:1
    networks: {{six: {{link_local_ips: [169.254.3.4, "fe80::9"]}}}}
    ports: ["[::1]:8080:80"]
    command: {script(HTTP.format("i am web", 80).replace("-p 80", "-p [::]:80") +
                     "ip -o addr show dev net0; trap 'exit 0' TERM; echo >/shown; wait")}
    healthcheck: {SHOWN}
  machine:
    image: app:1
    network_mode: host
    depends_on: {{web: {HEALTHY}}}
    command: {script(ASK + "ask direct fd06::81; ask loop ::1 8080")}
  both:
    image: app:1
    networks: [both]
    depends_on: {{machine: {DONE}}}
    command: {script(ASK + "miss direct fd06::81; ip -6 route; cat /etc/hosts")}
networks:
  six:
    enable_ipv4: false
    enable_ipv6: true
    driver_opts: {{com.docker.network.container_iface_prefix: net}}
    ipam: {{config: [{{subnet: "fd06::/64", ip_range: "fd06::80/121"}}]}}
  both: {{enable_ipv6: true}}
x-berth: {{exit-code-from: both}}
"""
    result = told(app, tmp_path, text)
    assert result.report["status"] == 0, result
    web = "\n".join(result.output("web"))
    for address in ("inet6 fd06::81/64", "inet 169.254.3.4/16", "inet6 fe80::9/64"):
        assert address in web, (address, result)
    assert "inet 172." not in web, result
    assert facts(result, "machine") == {"direct": "i am web", "loop": "i am web"}, result
    assert facts(result, "both")["direct"] == "nobody", result
    assert "default via fd62:6572:7468:1::1 dev eth0" in "\n".join(result.output("both")), result
    assert containers(result)["web"]["networks"] == {"six": {"device": "net0", "address6": "fd06::81"}}


def test_boot_publishes_at_addresses_of_the_workstation(image, tmp_path):
    """Where QEMU listens is what host_ip and host_binding_ipv4 say; the machine answers at its own."""
    ports = [free_port() for _ in range(3)]
    path = tmp_path / "compose.yaml"
    path.write_text(f"""services:
  web:
    image: {image("busybox")}
    networks: [bound]
    ports: ["127.0.0.2:{ports[0]}:80", "{ports[1]}:80"]
    command: {server("i am web")}
  other:
    image: {image("busybox")}
    networks: [bound]
    ports: [{{target: 80, published: "{ports[2]}", host_ip: 0.0.0.0}}]
    command: {server("i am other")}
networks: {{bound: {{driver_opts: {{com.docker.network.bridge.host_binding_ipv4: 127.0.0.3}}}}}}
""")
    with Boot(path) as running:
        running.wait_until(lambda: _ask(ports[0], "127.0.0.2") == b"i am web\n", "its own address")
        running.wait_until(lambda: _ask(ports[1], "127.0.0.3") == b"i am web\n", "the network's address")
        running.wait_until(lambda: _ask(ports[2], "127.0.0.9") == b"i am other\n", "any address")
        assert _ask(ports[0]) == _ask(ports[1]) == b""
        running.interrupt()
        running.finish()
    path.write_text(f"services: {{a: {{image: {image('busybox')}, ports: ['127.0.0.2:8443:443', "
                    "'0.0.0.0:53:53/udp']}}\n")
    shown = run_berth("boot", "--dry-run", path)
    assert "hostfwd=tcp:127.0.0.2:8443-:443,hostfwd=udp:0.0.0.0:53-:53" in shown.stdout, shown
    assert "berth.port=443 berth.port=53/udp" in shown.stdout, shown
    path.write_text(f"services: {{a: {{image: {image('busybox')}, networks: [n], ports: ['[::1]:80:80']}}}}\n"
                    "networks: {n: {enable_ipv6: true}}\n")
    refused = run_berth("boot", "--dry-run", path)
    assert refused.returncode == 125, refused
    assert "services.a.ports[0]: QEMU's user network forwards only from IPv4" in refused.stderr, refused


def test_boot_of_one_service_with_a_network_of_its_own(image, tmp_path):
    """What has no key of the kernel command line goes to the machine as a document."""
    path = tmp_path / "compose.yaml"
    path.write_text(f"""services:
  one:
    image: {image("busybox")}
    networks: {{n: {{ipv4_address: 10.7.0.9}}}}
    command: [sh, -c, "ip -4 -o addr show dev eth0; exit 3"]
networks: {{n: {{ipam: {{config: [{{subnet: 10.7.0.0/16}}]}}}}}}
""")
    with Boot(path) as running:
        result = running.finish()
    assert result.status == 3, result
    assert "inet 10.7.0.9/16" in result.output("one")[0], result


BAD = [
    ("{a: {image: x, networks: {n: {ipv4_address: 10.5.1.1}}}}",
     "2:32: error: services.a.networks.n: the address is none of a host in the network's subnet"),
    ("{a: {image: x, networks: {n: {ipv4_address: 10.5.0.1}}}}",
     "2:32: error: services.a.networks.n: the address is the machine's own, the network's gateway"),
    ("{a: {image: x, networks: [n], ports: ['80:80']}}",
     "not supported: services.a.ports: a port is published to those outside"),
    ("{a: {image: x, networks: [e]}}",
     "not supported: networks.e.external: nothing but the document makes networks"),
    ("{a: {image: x, networks: [m]}}",
     "not supported: networks.m.driver: containers are behind a bridge"),
    ("{a: {image: x, networks: [n, o]}}",
     "error: networks.o: some of its addresses are those of network n"),
]


@pytest.mark.parametrize("services, reason", BAD)
def test_refusals(tmp_path, services, reason):
    path = tmp_path / "compose.yaml"
    path.write_text(f"services:\n  {services}\n"
                    "networks:\n  n: {internal: true, ipam: {config: [{subnet: 10.5.0.0/24}]}}\n"
                    "  o: {ipam: {config: [{subnet: 10.5.0.0/16}]}}\n"
                    "  e: {external: true}\n  m: {driver: macvlan}\n")
    done = lint(path)
    assert done.returncode in (1, 3) and reason in done.stderr, done.stderr


def test_same_normal_form_as_docker_compose(tmp_path):
    """All that 2.26 knows of networks, key by key."""
    path = tmp_path / "compose.yaml"
    path.write_text("""name: nets
services:
  a:
    image: x
    mac_address: 02:00:00:00:00:01
    networks:
      one: {priority: 100, aliases: [b, c], ipv4_address: 10.1.0.9, link_local_ips: [169.254.3.4]}
      two: {mac_address: "02:00:00:00:00:02", ipv6_address: "fd01::9"}
  b: {image: x, networks: [one, default], links: ["a:other"]}
  c: {image: x, network_mode: "service:a"}
  d: {image: x, scale: 2, ports: ["8000-8001:80"]}
  f:
    image: x
    ports: ["127.0.0.1:8443:443", "[::1]:8443:443", "127.0.0.1:5000-5002:5000-5002/udp", "127.0.0.1::72", "73",
            "9000-9009:74", {target: 75, published: "9075", host_ip: 192.0.2.7, mode: host}]
  e: {image: x, deploy: {replicas: 3}}
networks:
  one:
    driver: bridge
    attachable: true
    labels: [a=b]
    driver_opts: {com.docker.network.driver.mtu: 1400}
    ipam:
      driver: default
      options: {a: b}
      config: [{subnet: 10.1.0.0/24, gateway: 10.1.0.1, ip_range: 10.1.0.128/25, aux_addresses: {r: 10.1.0.3}}]
  two: {internal: true, enable_ipv6: true, name: second, ipam: {config: [{subnet: "fd01::/64"}]}}
""")
    ours = documents.comparable(documents.explain(path))
    theirs = documents.comparable(documents.config(path))
    assert documents.differences(ours, theirs) == []


def test_one_network_is_as_it_was(app, tmp_path):
    """A document of one plain network has the machine's own one, and its names."""
    result = told(app, tmp_path, f"""services:
  a: {{image: app:1, networks: {{only: {{aliases: [first]}}}}, command: {server("i am a")}}}
  b: {{image: app:1, networks: [only], depends_on: [a],
      command: {script(ASK + "ask a first; ip -4 -o addr show dev eth0")}}}
networks: {{only: {{driver: bridge}}}}
x-berth: {{exit-code-from: b}}
""")
    assert containers(result)["b"]["exit_status"] == 0, result
    assert containers(result)["b"]["networks"] == {
        "bridge": {"device": "eth0", "address": "172.17.0.3"}}, result
    assert facts(result, "b")["a"] == "i am a", result
    assert "inet 172.17.0.3/16" in "\n".join(result.output("b")), result
