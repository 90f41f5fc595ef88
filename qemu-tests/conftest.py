# SPDX-License-Identifier: Apache-2.0
"""Fixtures for the system tests."""

import os
from typing import Callable, Dict

import pytest

from harness import images, result
from harness.initrd import local_image
from harness.registry import Registry


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    """A plain HTTP registry for the whole run."""
    with Registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="session")
def image(registry) -> Callable[[str], str]:
    """image("nginx") → the reference to boot; made and pushed when first asked for."""
    pushed: Dict[str, str] = {}

    def reference(name: str) -> str:
        if name not in pushed:
            pushed[name] = registry.push(images.layout(name), name)
        return pushed[name]

    return reference


@pytest.fixture(scope="session", name="app")
def app_in_the_initramfs(tmp_path_factory):
    """An archive with the image app:1, so that a machine needs no network."""
    return local_image(tmp_path_factory.mktemp("app") / "app.cpio", images.layout("busybox"), "app:1")


def pytest_xdist_auto_num_workers() -> int:
    """Two for each processor: machines also wait for time to pass, for disks and for networks."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Puts the machines' consoles into the message of a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for number, machine in enumerate(result.recent[-3:], 1):
            report.sections.append((f"machine {number}", machine.excerpt()))


def pytest_runtest_setup(item):
    if "result" not in item.fixturenames:  # a machine that several tests look at is kept
        result.recent.clear()
