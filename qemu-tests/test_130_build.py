# SPDX-License-Identifier: Apache-2.0
"""The same input gives the same bytes."""

from harness.command import run
from harness.paths import ROOT


def test_two_builds_are_equal():
    run("make", "-s", "check-reproducible", cwd=ROOT, timeout=600)
