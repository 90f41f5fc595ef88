# SPDX-License-Identifier: Apache-2.0
"""The image store: layers shared between images, work done once, space given back, and what is left
when a pull is killed."""

import json
import os
import random
import shutil
import subprocess
import threading
import time

import pytest

from harness import programs, stores
from harness.command import run
from harness.layout import Layout
from harness.paths import BERTH

ROUNDS = 200 if os.environ.get("BERTH_SOAK") else 12


def berth(*words, check=True):
    done = subprocess.run([str(BERTH), *map(str, words)], capture_output=True, text=True,
                          check=False, timeout=300)
    assert not check or done.returncode == 0, done.stderr
    return done


def layers(store):
    return sorted(path.name for path in (store / "layers").iterdir()
                  if not path.name.startswith("."))


def settled(store):
    """Soon after a pull everything is on the disk, and no layer is marked any more."""
    deadline = time.monotonic() + 60
    while list((store / "layers").glob(".unsettled-*")):
        assert time.monotonic() < deadline, "the layers stay unsettled"
        time.sleep(0.05)


def records(store):
    return sorted(path.name for path in (store / "images").iterdir())


def write(name, size):
    def change(rootfs):
        (rootfs / name).write_bytes(os.urandom(size))
    return change


@pytest.fixture(scope="module", name="probe")
def static_program(tmp_path_factory):
    return programs.probe(tmp_path_factory.mktemp("probe") / "probe")


@pytest.fixture(scope="module", name="family")
def fixture_family(tmp_path_factory, registry):
    """Two images with the same two lower layers and one of their own."""
    references = {}
    base = Layout.new(tmp_path_factory.mktemp("base") / "layout", tmp_path_factory.mktemp("work"))
    base.layer(write("base-1", 3 << 20))
    base.layer(write("base-2", 1 << 20))
    for name in ("first", "second"):
        copy = tmp_path_factory.mktemp(name) / "layout"
        shutil.copytree(base.path, copy)
        layout = Layout(copy, tmp_path_factory.mktemp("work"))
        layout.layer(write(name, 1 << 20))
        layout.configure(entrypoint=["/none"])
        references[name] = registry.push(layout.path, f"family-{name}")
    return references


def test_layers_are_shared(family, registry, tmp_path):
    store = tmp_path / "store"
    berth("pull", "--store", store, family["first"])
    before = layers(store)
    assert len(before) == 3 and len(records(store)) == 1
    plan = berth("plan", "--store", store, family["second"]).stdout
    assert plan.count("here") == 2 and "to fetch: 1 of 3 layers, 1.0 MB" in plan, plan
    done = berth("pull", "--store", store, family["second"])
    assert " 1.0 MB fetched" in done.stdout, done.stdout
    assert set(before) < set(layers(store)) and len(layers(store)) == 4
    assert len(records(store)) == 2
    assert "to fetch: 0 of 3" in berth("plan", "--store", store, family["second"]).stdout
    again = berth("pull", "--store", store, family["second"])
    assert " 0.0 MB fetched, from store" in again.stdout, again.stdout


def test_two_pulls_at_once_do_the_work_once(family, tmp_path):
    store = tmp_path / "store"
    done = []
    pulls = [threading.Thread(target=lambda: done.append(
        berth("pull", "--store", store, family["first"]))) for _ in range(2)]
    for pull in pulls:
        pull.start()
    for pull in pulls:
        pull.join()
    fetched = sorted(pull.stdout.split(": ")[1].split(" MB")[0] for pull in done)
    assert fetched == ["0.0", "5.2"], fetched
    assert len(layers(store)) == 3


def test_inspect_says_what_umoci_says(family, tmp_path):
    shown = json.loads(berth("inspect", family["first"]).stdout)
    raw = json.loads(run("skopeo", "inspect", "--tls-verify=false", "--raw",
                         f"docker://{family['first']}"))
    assert [layer["digest"] for layer in shown["layers"]] == \
        [layer["digest"] for layer in raw["layers"]]
    assert [layer["size"] for layer in shown["layers"]] == \
        [layer["size"] for layer in raw["layers"]]
    assert shown["config"]["entrypoint"] == ["/none"]
    assert shown["platform"] == "linux/amd64"


def test_an_inspected_image_leaves_nothing(family, tmp_path):
    berth("plan", "--store", tmp_path / "store", family["first"])
    assert not (tmp_path / "store").exists()


def limited(tmp_path, megabytes):
    store = tmp_path / "store"
    store.mkdir()
    run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "store", store)
    return store


@pytest.fixture(name="small_store")
def fixture_small_store(tmp_path):
    store = limited(tmp_path, 7)
    yield store
    run("umount", store)


def test_the_oldest_image_makes_way(family, registry, small_store, tmp_path):
    layout = Layout.new(tmp_path / "layout", tmp_path)
    layout.layer(write("other", 4 << 20))
    layout.configure(entrypoint=["/none"])
    other = registry.push(layout.path, "other")
    berth("pull", "--store", small_store, family["first"])
    berth("pull", "--store", small_store, family["second"])
    berth("pull", "--store", small_store, other)
    assert len(records(small_store)) == 1
    assert len(layers(small_store)) == 1
    back = berth("pull", "--store", small_store, family["first"])
    assert " 5.2 MB fetched" in back.stdout


def test_what_does_not_fit_is_refused_with_the_numbers(registry, small_store, tmp_path):
    layout = Layout.new(tmp_path / "layout", tmp_path)
    layout.layer(write("big", 9 << 20))
    layout.configure(entrypoint=["/none"])
    done = berth("pull", "--store", small_store, registry.push(layout.path, "big"), check=False)
    assert done.returncode == 1
    assert "image needs" in done.stderr and "are free in" in done.stderr, done.stderr
    assert layers(small_store) == [] and records(small_store) == []


def kill_at(delay, store, reference):
    pull = subprocess.Popen([str(BERTH), "pull", "--store", store, reference],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            start_new_session=True)
    time.sleep(delay)
    # The puller has a process group of its own: this is for every process of the session.
    subprocess.run(["pkill", "-KILL", "-s", str(pull.pid)], check=False)
    pull.wait()
    while subprocess.run(["pgrep", "-s", str(pull.pid)], stdout=subprocess.DEVNULL,
                         check=False).returncode == 0:
        time.sleep(0.01)


def test_killed_pulls_leave_nothing_half_written(image, probe, tmp_path):
    reference, store, whole = image("perl"), tmp_path / "store", tmp_path / "whole"
    started = time.monotonic()
    digest = berth("pull", "--store", whole, reference).stdout.split()[1].rstrip(":")
    needed = time.monotonic() - started
    tree = stores.merged(whole, digest, probe)
    random.seed(ROUNDS)
    survived = 0
    for _ in range(ROUNDS):
        if random.random() < 0.5:
            shutil.rmtree(store, ignore_errors=True)
        kill_at(random.uniform(0, needed), store, reference)
        if (store / "images").exists() and records(store):
            survived += 1
            assert stores.merged(store, digest, probe) == tree
    assert survived < ROUNDS, "no pull was killed in time"
    berth("pull", "--store", store, reference)
    assert stores.merged(store, digest, probe) == tree
    assert not stores.leftovers(store)
    settled(store)
    assert layers(store) == layers(whole)
    assert abs(stores.size(store) - stores.size(whole)) <= stores.size(whole) // 100
