# SPDX-License-Identifier: Apache-2.0
"""Images and indexes that skopeo, buildah, umoci and crane push to a real docker-registry. Each is
in the form that its row states, and Berth's tree of it is umoci's of the image it was made from."""

import json
import shutil
from dataclasses import dataclass
from typing import Callable

import pytest

from harness import images, programs, sandbox, suites, trees
from harness.command import run
from harness.layout import Layout
from harness.paths import BERTH, ROOT
from harness.registry import Registry

OCI, DOCKER = "application/vnd.oci.image.", "application/vnd.docker."
SHORT = {"OCI manifest": OCI + "manifest.v1+json", "OCI index": OCI + "index.v1+json",
         "Docker manifest": DOCKER + "distribution.manifest.v2+json",
         "Docker list": DOCKER + "distribution.manifest.list.v2+json",
         "OCI gzip": OCI + "layer.v1.tar+gzip", "OCI zstd": OCI + "layer.v1.tar+zstd",
         "OCI tar": OCI + "layer.v1.tar", "Docker gzip": DOCKER + "image.rootfs.diff.tar.gzip"}
NAMES = {media: name for name, media in SHORT.items()}


class Bench:
    """A registry and two images in layouts: ours, and one of the same name for another platform."""

    def __init__(self, registry, scratch):
        self.registry = registry
        self.scratch = scratch
        self.ours = images.layout("packages")
        self.other = scratch / "other"
        shutil.copytree(self.ours, self.other)
        image = Layout(self.other, scratch)
        image.layer(lambda rootfs: (rootfs / "arm64").write_text("another platform's\n"))
        run("umoci", "config", "--image", image.image, "--architecture", "arm64", "--os", "linux")

    def target(self, name: str) -> str:
        return f"{self.registry.host}/{name}"

    def skopeo(self, source, target: str, *options) -> None:
        run("skopeo", "copy", "--quiet", "--insecure-policy", "--src-tls-verify=false",
            "--dest-tls-verify=false", *options, source, f"docker://{target}")

    def buildah(self, *words) -> str:
        return run("buildah", "--root", self.scratch / "storage", "--runroot", self.scratch / "run",
                   "--storage-driver", "vfs", *words, timeout=300).decode().strip()

    def crane(self, *words) -> str:
        return run(suites.program("crane", "sid"), *words, "--insecure").decode().strip()


@pytest.fixture(scope="module", name="bench")
def registry_and_images(tmp_path_factory):
    """A registry of their own: where a layer lies in another compression, skopeo pushes that one."""
    with Registry(tmp_path_factory.mktemp("registry")) as registry:
        yield Bench(registry, tmp_path_factory.mktemp("producers"))


def skopeo_copy(*options):
    return lambda bench, target: bench.skopeo(f"oci:{bench.ours}:latest", target, *options)


def skopeo_zstd(bench, target):
    bench.registry.push_zstd(bench.ours, target.rpartition("/")[2], bench.scratch)


def skopeo_all(*options):
    def push(bench, target):
        buildah_index("oci")(bench, target + "-source")
        bench.skopeo(f"docker://{target}-source", target, "--all", *options)
    return push


def umoci_layout(bench, target):
    """umoci writes layouts and pushes nothing; skopeo carries the bytes as they are."""
    bench.skopeo(f"oci:{bench.ours}:latest", target, "--preserve-digests")


def need_mount_point():
    if not sandbox.root_is_mount_point():
        pytest.skip("buildah applies no layer where the root directory is no mount point (a chroot)")


def buildah_push(form):
    def push(bench, target):
        bench.skopeo(f"oci:{bench.ours}:latest", target + "-source")
        need_mount_point()
        name = bench.buildah("pull", "--quiet", "--tls-verify=false", f"docker://{target}-source")
        bench.buildah("push", "--quiet", "--tls-verify=false", "--format", form, name,
                      f"docker://{target}")
    return push


def buildah_index(form):
    def push(bench, target):
        listed = "localhost/" + target.rpartition("/")[2]
        bench.buildah("manifest", "create", listed)
        for layout in (bench.other, bench.ours):
            bench.buildah("manifest", "add", listed, f"oci:{layout}:latest")
        bench.buildah("manifest", "push", "--quiet", "--all", "--tls-verify=false", "--format",
                      form,
                      listed, f"docker://{target}")
    return push


def crane_push(source):
    """crane pushes a layout as it is, and an archive as docker save makes them as Docker's form."""
    def push(bench, target):
        if source == "layout":
            bench.crane("push", bench.ours, target)
            return
        saved = bench.scratch / "saved.tar"
        saved.unlink(missing_ok=True)
        run("skopeo", "copy", "--quiet", "--insecure-policy", f"oci:{bench.ours}:latest",
            f"docker-archive:{saved}:made.test/saved:1")
        bench.crane("push", saved, target)
    return push


def crane_append(*options):
    """The layers one by one onto nothing; crane's empty image has no platform until mutated."""
    def push(bench, target):
        manifest = json.loads(run("skopeo", "inspect", "--raw", f"oci:{bench.ours}:latest"))
        blobs = [bench.ours / "blobs" / layer["digest"].replace(":", "/")
                 for layer in manifest["layers"]]
        bench.crane("append", *options, "-t", target, "-f", ",".join(map(str, blobs)))
        bench.crane("mutate", target, "--set-platform", "linux/amd64", "-t", target)
    return push


def crane_index(*options):
    def push(bench, target):
        repository = target.rpartition(":")[0] if ":" in target.rpartition("/")[2] else target
        for tag, layout in (("arm64", bench.other), ("amd64", bench.ours)):
            bench.skopeo(f"oci:{layout}:latest", f"{repository}:{tag}")
        bench.crane("index", "append", *options, "-m", f"{repository}:arm64", "-m",
                    f"{repository}:amd64", "-t", target)
    return push


def crane_copy(bench, target):
    buildah_index("v2s2")(bench, target + "-source")
    bench.crane("copy", target + "-source", target)


@dataclass(frozen=True)
class Row:
    command: str
    push: Callable
    top: str       # what the tag names
    manifest: str  # what is behind it for this platform
    layers: str

    def text(self) -> str:
        return f"| `{self.command}` | {self.top} | {self.manifest} | {self.layers} |"


IMAGE = ("OCI manifest", "OCI manifest", "OCI gzip")
SCHEMA_2 = ("Docker manifest", "Docker manifest", "Docker gzip")
ROWS = [
    Row("skopeo copy", skopeo_copy(), *IMAGE),
    Row("skopeo copy --format v2s2", skopeo_copy("--format", "v2s2"), *SCHEMA_2),
    Row("skopeo copy --dest-compress-format zstd", skopeo_zstd, *IMAGE[:2], "OCI zstd"),
    Row("skopeo copy --all", skopeo_all(), "OCI index", *IMAGE[1:]),
    Row("skopeo copy --all --format v2s2", skopeo_all("--format", "v2s2"), "Docker list",
        *SCHEMA_2[1:]),
    Row("umoci repack", umoci_layout, *IMAGE),
    Row("buildah push --format oci", buildah_push("oci"), *IMAGE),
    Row("buildah push --format v2s2", buildah_push("v2s2"), *SCHEMA_2),
    Row("buildah manifest push --all --format oci", buildah_index("oci"), "OCI index", *IMAGE[1:]),
    Row("buildah manifest push --all --format v2s2", buildah_index("v2s2"), "Docker list",
        *SCHEMA_2[1:]),
    Row("crane push LAYOUT", crane_push("layout"), *IMAGE),
    Row("crane push ARCHIVE", crane_push("archive"), *SCHEMA_2),
    Row("crane append", crane_append(), *SCHEMA_2),
    Row("crane append --oci-empty-base", crane_append("--oci-empty-base"), *IMAGE),
    Row("crane index append", crane_index(), "OCI index", *IMAGE[1:]),
    Row("crane index append --docker-empty-base", crane_index("--docker-empty-base"), "Docker list",
        *IMAGE[1:]),
    Row("crane copy", crane_copy, "Docker list", *SCHEMA_2[1:]),
]


def raw(reference: str) -> dict:
    return json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false",
                          f"docker://{reference}"))


def stated_forms(reference: str) -> tuple:
    """What the registry holds under the tag: top document, manifest for us, kind of its layers."""
    top = manifest = raw(reference)
    if "manifests" in top:
        assert len(top["manifests"]) == 2
        ours = [entry for entry in top["manifests"] if entry["platform"]["architecture"] == "amd64"]
        manifest = raw(f"{reference}@{ours[0]['digest']}")
    kinds = {NAMES[layer["mediaType"]] for layer in manifest["layers"]}
    default = SHORT["OCI index" if "manifests" in top else "OCI manifest"]
    return (NAMES[top.get("mediaType", default)],
            NAMES[manifest.get("mediaType", SHORT["OCI manifest"])], ", ".join(sorted(kinds)))


@pytest.fixture(scope="module", name="expected")
def umocis_tree(bench, probe, tmp_path_factory):
    target = tmp_path_factory.mktemp("umoci") / "packages"
    run("umoci", "unpack", "--image", f"{bench.ours}:latest", target)
    return trees.parse(run(probe, "tree", target / "rootfs").decode())


@pytest.fixture(scope="module", name="probe")
def static_program(tmp_path_factory):
    return programs.probe(tmp_path_factory.mktemp("probe") / "probe")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.command.replace(" ", "-"))
def test_producer(bench, probe, expected, tmp_path, row):
    reference = bench.target("made-by-" + "".join(c if c.isalnum() else "-" for c in
                                                  row.command.lower().replace("--", "")))
    row.push(bench, reference)
    assert stated_forms(reference) == (row.top, row.manifest, row.layers)
    run(BERTH, "unpack", reference, tmp_path / "tree")
    actual = trees.parse(run(probe, "tree", tmp_path / "tree").decode())
    found = trees.differences(expected, actual)
    assert not found, "\n".join(found[:30])


def test_table_is_in_the_documentation():
    text = (ROOT / "docs" / "pull.md").read_text()
    missing = [row.text() for row in ROWS if row.text() not in text]
    assert not missing, "\n".join(missing)
