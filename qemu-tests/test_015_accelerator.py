# SPDX-License-Identifier: Apache-2.0
"""KVM where it works; where QEMU cannot use it, the machine is emulated without being asked."""

import os
import shutil

import pytest

from harness.boot import boot

QEMU = "qemu-system-x86_64"
pytestmark = pytest.mark.skipif(not os.access("/dev/kvm", os.R_OK | os.W_OK),
                                reason="needs a /dev/kvm that QEMU can fail to use")


@pytest.fixture(name="broken_kvm")
def fixture_broken_kvm(tmp_path, monkeypatch):
    """A QEMU that fails with KVM as it does inside many virtual machines: it aborts."""
    program = tmp_path / QEMU
    program.write_text('#!/bin/sh\ncase "$*" in *"-accel kvm"*) echo noise >&2; kill -ABRT $$;; '
                       f'*) exec {shutil.which(QEMU)} "$@";; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)


def test_kvm_that_fails_is_done_without(broken_kvm, image):
    result = boot(image("probe"), "probe", "exit", "42")
    assert result.status == 42, result
    assert "berth: KVM does not work here; the machine is emulated" in result.messages
    assert "noise" not in result.messages


def test_kvm_that_was_asked_for_is_not(broken_kvm):
    result = boot("--accel", "kvm", "--offline", "none.invalid/none")
    assert result.status == 125, result
    assert "noise" in result.messages
    assert "QEMU was killed by signal 6" in result.messages


def test_machine_without_its_own_choice_of_accelerator_boots(image):
    assert boot("--accel", "tcg", image("probe"), "probe", "exit", "3").status == 3
