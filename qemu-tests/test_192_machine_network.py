# SPDX-License-Identifier: Apache-2.0
"""x-berth.network: several addresses, IPv6, routes, name servers, MTU, VLANs between two machines, a bond
whose first cable is pulled."""

import time

import pytest

from harness import initrd, programs, seeds
from harness.machine import Machine, run_machine
from harness.ports import free_port


def document(network, script):
    """One service on the machine's own network that runs the script."""
    lines = "".join(f"        {line}\n" for line in script.strip().splitlines())
    return (f"services:\n  app:\n    image: app:1\n    network_mode: host\n    command:\n      - sh\n"
            f"      - -c\n      - |\n{lines}x-berth:\n  network: {network}\n").encode()


def card(number, netdev):
    """A virtio card with an own hardware address, and what is behind it."""
    return ["-netdev", f"{netdev},id=net{number}",
            "-device", f"virtio-net-pci,netdev=net{number},mac=52:54:00:be:00:{number:02x}"]


def machine(app, folder, network, script, *words):
    folder.mkdir(exist_ok=True)
    return Machine("", initrds=[app], network=False, debug_exit=False,
                   extra=[*words, *seeds.fw_cfg(folder / "fw", document(network, script))])


def until(condition):
    """Lines of a script that go on when it holds: a local image starts before a lease is there."""
    return (f"i=0\nuntil {condition}\n"
            "do i=$$((i + 1)); [ $$i -lt 600 ] || exit 9; sleep 0.1\ndone\n")


def finish(running):
    result = running.finish()
    assert result.report, result
    return result


def test_addresses_routes_and_names(app, tmp_path):
    """On one card without DHCP."""
    network = ("{dhcp: false, address: [10.0.2.20/24, 10.9.0.1/16, 'fd00:9::1/64'], gateway: 10.0.2.2, "
               "mtu: 1400, dns: [10.0.2.3, 'fd00:9::3', 192.0.2.1], search: [a.example, b.example], "
               "routes: [{to: 198.51.100.0/24, via: 10.9.0.7}, {to: '::/0', via: 'fd00:9::7'}]}")
    script = """
ip -4 addr show eth0 | sed -n 's/.*inet /address /p'
ip -6 addr show eth0 | grep fd00 | sed 's/.*inet6 /address /'
cat /sys/class/net/eth0/mtu /etc/resolv.conf
ip route
ip -6 route
"""
    with machine(app, tmp_path, network, script, *card(0, "user")) as running:
        result = finish(running)
    lines = [" ".join(line.split()) for line in result.output("app")]
    text = "\n".join(lines)
    for part in ("address 10.0.2.20/24", "address 10.9.0.1/16", "address fd00:9::1/64", "1400",
                 "search a.example b.example\nnameserver 10.0.2.3\nnameserver fd00:9::3\n"
                 "nameserver 192.0.2.1", "default via 10.0.2.2", "198.51.100.0/24 via 10.9.0.7",
                 "default via fd00:9::7"):
        assert part in text, (part, result)


def test_more_addresses_beside_dhcp(app, tmp_path):
    """The lease's name server goes on when the document names none."""
    network = "{dhcp: true, address: 10.9.0.1/16, search: x.example}"
    script = (until("ip -4 addr show eth0 | grep -q 10.0.2.15 && grep -q nameserver /etc/resolv.conf") +
              "ip -4 addr show eth0 | sed -n 's/.*inet /address /p'\ncat /etc/resolv.conf")
    with machine(app, tmp_path, network, script, *card(0, "user")) as running:
        result = finish(running)
    text = "\n".join(result.output("app"))
    assert "address 10.0.2.15/24" in text and "address 10.9.0.1/16" in text, result
    assert "search x.example" in text and "nameserver 10.0.2.3" in text, result


def test_vlan_between_two_machines(app, tmp_path):
    """Tagged frames on one cable, IPv4 and IPv6; the machine's own address is on the VLAN."""
    port = free_port()
    server = ("{dhcp: false, interface: five, address: [10.5.0.1/24, 'fd00:5::1/64'], "
              "links: {five: {vlan: {id: 5, link: eth0}, mtu: 1300}}}")
    client = ("{dhcp: false, interface: v5, address: [10.5.0.2/24, 'fd00:5::2/64'], "
              "links: {v5: {vlan: {id: 5, link: eth0}}, v6: {vlan: {id: 6, link: eth0}, "
              "address: 10.6.0.2/24}}}")
    serve = """
mkdir /tmp/www
echo tagged >/tmp/www/word
cat /sys/class/net/five/mtu
httpd -p 8080 -h /tmp/www
while :; do sleep 1; done
"""
    ask = """
for address in 10.5.0.1 '[fd00:5::1]'; do
i=0
until wget -q -O - http://$$address:8080/word; do i=$$((i + 1)); [ $$i -lt 60 ] || exit 3; sleep 1; done
done
grep 'VID: 5' /proc/net/vlan/v5
ip addr show v6 | sed -n 's/.*inet /on v6 /p'
wget -q -T 3 -O - http://10.6.0.1:8080/word || echo nobody on 6
"""
    with machine(app, tmp_path / "a", server, serve,
                 *card(0, f"socket,listen=127.0.0.1:{port}")) as first:
        first.wait_for("app | 1300", 120)
        with machine(app, tmp_path / "b", client, ask,
                     *card(1, f"socket,connect=127.0.0.1:{port}")) as second:
            result = finish(second)
    lines = result.output("app")
    assert lines.count("tagged") == 2, result
    assert any("VID: 5" in line for line in lines) and "nobody on 6" in lines, result
    assert any(line.startswith("on v6 10.6.0.2/24") for line in lines), result


# Answers each question for an IPv6 address with the one that it is started with.
DNS = r"""
#include <arpa/inet.h>
#include <string.h>
int main(int argc, char **argv)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(53)}, from;
	unsigned char packet[512 + 28];
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (argc != 2 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
		return 1;
	for (;;) {
		socklen_t length = sizeof from;
		ssize_t size = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &length);
		if (size < 17)
			continue;
		int six = packet[size - 3] == 28;
		memcpy(packet + 2, "\x81\x80\0\1\0\0\0\0\0\0", 10);
		packet[7] = six;
		if (six) {
			memcpy(packet + size, "\xc0\x0c\0\x1c\0\1\0\0\0\x3c\0\x10", 12);
			inet_pton(AF_INET6, argv[1], packet + size + 12);
		}
		sendto(fd, packet, size + (six ? 28 : 0), 0, (struct sockaddr *)&from, length);
	}
}
"""


def test_ipv6_alone(app, tmp_path):
    """Two machines whose only addresses are IPv6, one told by a document, one by its command line: route,
    name server, published ports and the way out of a container that says nothing of IPv6."""
    port = free_port()
    programs.program(tmp_path / "dns", DNS)
    bound = initrd.archive(tmp_path / "dns.cpio", {"/berth/dns": tmp_path / "dns"})
    server = """services:
  web: {image: app:1, ports: ["80:80", "[fd00:5::1]:81:80"],
        command: [sh, -c, "mkdir /w; echo here >/w/word; httpd -f -p [::]:80 -h /w"]}
  names: {image: app:1, network_mode: host, volumes: ["./dns:/dns:ro"], command: [/dns, "fd00:5::1"]}
x-berth: {network: {dhcp: false, address: "fd00:5::1/64", gateway: "fe80::99"}}
""".encode()
    ask = "cat /etc/resolv.conf; ip -6 route; " + "".join(
        f"i=0; until wget -q -O - http://[fd00:5::1]:{at}/word; do i=$((i + 1)); [ $i -lt 60 ] || exit 3; "
        "sleep 1; done; " for at in (80, 81)) + "ip -6 -o addr show dev eth0"
    words = "ip=[fd00:5::2]::[fd00:5::1]:64:client:eth0:off:[fd00:5::1] "
    with Machine("", initrds=[app, bound], network=False, debug_exit=False,
                 extra=[*card(0, f"socket,listen=127.0.0.1:{port}"),
                        *seeds.fw_cfg(tmp_path / "fw", server)]) as first:
        first.wait_for("names started", 120)
        cable = card(1, f"socket,connect=127.0.0.1:{port}")
        with Machine(words + f'berth.image=app:1 berth.cmd="sh -c \'{ask}\'"', initrds=[app],
                     network=False, debug_exit=False, extra=cable) as second:
            result = finish(second)
        with Machine(words + "berth.image=registry.test:82/app berth.pull.deadline=20", initrds=[],
                     network=False, debug_exit=False, extra=cable) as third:
            names = finish(third)
        assert "eth0 has fd00:5::1/64, gateway fe80::99" in first.console, first.console
    lines = result.output("app")
    assert lines.count("here") == 2 and "nameserver fd00:5::1" in lines, result
    assert result.report["status"] == 0, result
    assert any(line.startswith("default via fd62:6572:7468:ffff::1") for line in lines), result
    assert "eth0 has fd00:5::2/64, gateway fd00:5::1" in result.console, result
    # The name is found, and whoever has its address has nothing there.
    assert "connect to registry.test:82: Connection refused" in names.report["reason"], names


def test_bond(app, tmp_path):
    """Two cards; the first one's cable is pulled while the machine runs, and the second takes over."""
    network = ("{interface: bond0, links: {bond0: {bond: {mode: active-backup, members: [eth0, eth1], "
               "miimon: 50}}}}")
    script = until("ip -4 addr show bond0 2>/dev/null | grep -q 10.0.2.15") + """
state() { sed -n 's/^Currently Active Slave: /active /p' /proc/net/bonding/bond0; }
state
ip -4 addr show bond0 | sed -n 's/.*inet /address /p'
echo pull it
i=0
until [ "$$(state)" = "active eth1" ]; do i=$$((i + 1)); [ $$i -lt 300 ] || exit 3; sleep 0.2; done
state
ping -c 1 -W 5 10.0.2.2 >/dev/null && echo still there
"""
    with machine(app, tmp_path, network, script, *card(0, "user"), *card(1, "user")) as running:
        running.wait_for("app | pull it", 120)
        running.control("set_link", name="net0", up=False)
        result = finish(running)
    lines = result.output("app")
    assert lines[0] == "active eth0" and "active eth1" in lines, result
    assert any(line.startswith("address 10.0.2.15/24") for line in lines), result
    assert "still there" in lines, result


@pytest.mark.parametrize("network, words", [
    ("{links: {v: {vlan: {id: 5, link: eth7}}}}", ["VLAN v", "eth7"]),
    ("{interface: other}", ["no network device other"]),
])
def test_devices_that_are_not_there(app, tmp_path, network, words):
    """Are named, soon or when the time for the network is over; a container with a local image runs."""
    with machine(app, tmp_path, network, "sleep 20; exit 4", *card(0, "user")) as running:
        result = finish(running)
    assert result.report["status"] == 4, result
    line = next(line for line in result.console.splitlines() if "berth: warning: 7 network:" in line)
    assert all(word in line for word in words), result


@pytest.mark.parametrize("network, words", [
    ("{links: {lo: {mtu: 1400}}}", "not a device"),
    ("{links: {v: {vlan: {id: 4095, link: eth0}}}}", "4094"),
    ("{links: {b: {bond: {mode: fast, members: [eth0]}}}}", "active-backup"),
    ("{address: 10.0.0.0/24}", "is the network or broadcast address"),
    ("{address: [10.0.0.1/24, '::1/128']}", "not an address that a machine can have"),
    ("{routes: [{to: 10.0.0.0/8, via: 'fd00::1'}]}", "no address of that kind"),
    ("{dns: [one.example]}", "not an address of a name server"),
    ("{dhcp: false, address: 'fd00::1/64', gateway: 10.0.0.1}", "one gateway of IPv4"),
    ("{dhcp: false, address: 'fd00::1/64', gateway: 'fd00::1'}", "is the <client-ip> itself"),
])
def test_mistakes(app, tmp_path, network, words):
    result = run_machine("", initrds=[app], network=False, debug_exit=False,
                         extra=seeds.fw_cfg(tmp_path / "fw", document(network, "true")))
    assert result.report["status"] == 125, result
    assert any("x-berth.network" in line and words in line for line in result.errors), result
