# SPDX-License-Identifier: Apache-2.0
"""A busybox container in a machine of 48 MiB."""

from harness import images
from harness.boot import boot
from harness.initrd import local_image
from harness.machine import exit_code, run_machine


def test_pull_from_a_registry(image):
    result = boot("-m", "48M", image("busybox"), "sh", "-c", "echo small; exit 12")
    assert result.status == 12, result
    assert result.output("busybox") == ["small"]


def test_image_in_the_initramfs(tmp_path):
    initrd = local_image(tmp_path / "image.cpio", images.layout("busybox"), "busybox")
    result = run_machine('berth.image=busybox ip=off berth.cmd="sh -c \'exit 12\'"',
                         initrds=[initrd], memory=48)
    assert result.status == exit_code(12), result


def test_resident_memory_is_reported(image):
    """The figure behind docs/budgets.md."""
    result = boot(image("busybox"), "true")
    memory = result.report["memory"]
    assert 0 < memory["berth_bytes"] <= 6 << 20, memory
