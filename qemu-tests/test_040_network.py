# SPDX-License-Identifier: Apache-2.0
"""The machine's network and the container's."""

import urllib.error
import urllib.request

from harness.boot import Boot, boot
from harness.machine import run_machine
from harness.ports import free_port
from harness.recipes import PAGE


def fetch(port: int) -> str:
    """The page, or "" while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, OSError):
        return ""


def test_nginx_answers_through_a_published_port_and_stops_in_order(image):
    port = free_port()
    with Boot("-p", f"{port}:80", image("nginx")) as machine:
        machine.wait_until(lambda: fetch(port) == PAGE, f"page at port {port}")
        assert fetch(port) == PAGE
        machine.interrupt()
        result = machine.finish()
    # SIGQUIT is the image's stop signal: nginx then ends its workers in order, with status 0.
    assert result.container["exit_status"] == 0, result
    assert result.container["signal"] == 0
    assert result.status == 0
    errors = "\n".join(result.output("nginx", "!"))
    assert "signal 3 (SIGQUIT) received" in errors, result
    assert "GET / HTTP/1.1" in "\n".join(result.output("nginx"))


def raw(registry, reference: str, more: str) -> str:
    return (f"berth.image={reference} berth.registry.insecure={registry.host} "
            f"berth.registry.connect={registry.host}=10.0.2.2:{registry.port} {more}")


def test_address_by_dhcp_and_host_network(image, registry):
    result = run_machine(raw(registry, image("probe"), "berth.network=host berth.cmd=facts"))
    facts = result.facts("probe")
    assert facts["address"].startswith("eth0 10.0.2."), result
    assert facts["route"] == "10.0.2.2"
    assert int(facts["resolver"]) >= 1
    assert result.steps("network")[-1]["source"] == "dhcp"


def test_static_address(image, registry):
    line = "berth.network=host berth.cmd=facts ip=10.0.2.77::10.0.2.2:255.255.255.0:fixed:eth0:off"
    result = run_machine(raw(registry, image("probe"), line))
    facts = result.facts("probe")
    assert facts["address"].strip() == "eth0 10.0.2.77/24", result
    assert facts["route"] == "10.0.2.2"
    assert facts["hostname"] == "fixed"
    assert result.steps("network")[-1]["source"] == "static"


def test_no_network_for_the_container(image):
    result = boot("--network", "none", image("probe"), "facts")
    assert result.facts("probe")["interfaces"].split() == ["lo"], result
    assert result.facts("probe")["end"] == "yes"


def test_container_reaches_the_world_through_the_bridge(image, registry):
    result = boot(image("probe"), "probe", "connect", "10.0.2.2", str(registry.port))
    assert result.status == 0, result
    assert result.output("probe") == ["HTTP/1.0 200 OK"]
