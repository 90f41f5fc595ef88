# SPDX-License-Identifier: Apache-2.0
"""The corpus of images: `berth unpack` gives umoci's trees, in every form that layers come in.
Where Berth answers otherwise on purpose, the cases say so here and docs/pull.md gives the reasons."""

import gzip
import io
import subprocess
import tarfile
import time

import pytest

from harness import corpus, images, odd_images, programs, trees
from harness.command import run
from harness.layout import Layout, entry, tar
from harness.paths import BERTH, ROOT
from harness.upload import Uploader

DIR, LINK, HARD = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
ALL = ["nginx", "perl", "userland", "zoo", *corpus.IMAGES]


@pytest.fixture(scope="module", name="probe")
def static_program(tmp_path_factory):
    return programs.probe(tmp_path_factory.mktemp("probe") / "probe")


def listing(probe, path) -> dict:
    return trees.parse(run(probe, "tree", path).decode())


def implied(tree: dict, start: float) -> list:
    """The root, and folders that umoci made at this moment because no entry names them."""
    return ["."] + [path for path, values in tree.items()
                    if values["mode"].startswith("04") and float(values["mtime"]) >= start]


def compare(probe, name: str, reference: str, scratch) -> list:
    """The differences between Berth's tree of a pushed image and umoci's of its layout."""
    run(BERTH, "unpack", reference, scratch / "berth")
    time.sleep(0.02)  # the clock of file systems stands for some milliseconds
    start = time.time() - 0.01
    run("umoci", "unpack", "--image", f"{images.layout(name)}:latest", scratch / "umoci")
    expected = listing(probe, scratch / "umoci" / "rootfs")
    assert len(expected) > 4
    return trees.differences(expected, listing(probe, scratch / "berth"), implied(expected, start))


@pytest.mark.parametrize("name", ALL)
def test_tree_equals_umocis(image, probe, tmp_path, name):
    found = compare(probe, name, image(name), tmp_path)
    assert not found, "\n".join(found[:50])


def test_holes_stay_holes(image, tmp_path):
    run(BERTH, "unpack", image("sparse"), tmp_path / "tree")
    for path in (tmp_path / "tree").glob("*-*.*"):
        info = path.stat()
        if not path.name.startswith("dense"):
            assert info.st_size > 32 << 20 and info.st_blocks * 512 < 1 << 20, path


FORMS = ["schema2", "zstd", "uncompressed", "docker-archive"]


def push_in_form(registry, name: str, form: str, scratch) -> str:
    """Pushes a named image with its layers in another form; skopeo changes them."""
    source = f"oci:{images.layout(name)}:latest"
    changed, target = scratch / "changed", f"{name}-{form}"
    if form == "schema2":
        return registry.push(images.layout(name), target, "--format", "v2s2")
    copy = ("skopeo", "copy", "--quiet", "--insecure-policy")
    if form == "zstd":
        return registry.push_zstd(images.layout(name), target, scratch)
    if form == "docker-archive":
        run(*copy, source, f"docker-archive:{scratch / 'saved.tar'}:made.test/saved:1")
        run(*copy, f"docker-archive:{scratch / 'saved.tar'}", f"oci:{changed}:latest")
        return registry.push(changed, target)
    run(*copy, "--dest-decompress", source, f"dir:{changed}")
    run(*copy, "--dest-tls-verify=false", "--preserve-digests", f"dir:{changed}",
        f"docker://{registry.host}/{target}")
    return f"{registry.host}/{target}"


@pytest.mark.parametrize("form, name", zip(FORMS, ["capabilities", "names", "packages", "turns"]))
def test_form_of_layers(registry, probe, tmp_path, form, name):
    found = compare(probe, name, push_in_form(registry, name, form, tmp_path), tmp_path)
    assert not found, "\n".join(found[:50])


def typed(kind: bytes, name: str = "x") -> bytes:
    """An archive with an entry of an unusual type before a file."""
    odd, data = entry(name, kind, mode=0o644)
    return tar([(odd, data), entry("file", content=b"x")])


def with_global_header() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT,
                      pax_headers={"comment": "as git archive writes it"}) as archive:
        info, content = entry("file", content=b"x")
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def old_sparse(scratch) -> bytes:
    folder = scratch / "sparse"
    folder.mkdir()
    corpus.sparse_folder(folder, "old")
    return run("tar", "--format=gnu", "--sparse", "-C", folder, "-cf", "-", ".")


def attribute(name: str) -> dict:
    return {f"SCHILY.xattr.{name}": "value"}


# name → (layers, what umoci says or shows, what Berth says or shows). A text is a part of the
# reason for refusing; a mapping gives fields of some paths of the tree, None where there must be
# no such path.
FILE = {"file": {"mode": "100644"}}
DIFFERENCES = {
    "old GNU sparse": (old_sparse, "unknown typeflag",
                       {"many-old": {"size": str((32 << 20) + 12345)}}),
    "global pax header": (with_global_header(), "unknown typeflag", FILE),
    "volume header": (typed(b"V"), "unknown typeflag", FILE),
    "contiguous file": (typed(b"7"), "unknown typeflag", dict(FILE, x={"mode": "100644"})),
    "file as parent": ([[entry("a", content=b"x")], [entry("a/b", content=b"y")]],
                       "not a directory",
                       {"a": {"mode": "040755"}, "a/b": {"mode": "100644"}}),
    "hard link to itself": ([[entry("a", content=b"x"), entry("a", HARD, link="a")]],
                            "no such file", {"a": {"mode": "100644"}}),
    "trusted attribute": ([[entry("a", pax=attribute("trusted.berth"))]],
                          {"a": {"xattrs": "trusted.berth=value;"}}, {"a": {"xattrs": ""}}),
    "attribute of overlayfs": ([[entry("a", pax=attribute("user.overlay.opaque"))]],
                               {"a": {"xattrs": "user.overlay.opaque=value;"}},
                               {"a": {"xattrs": ""}}),
    "owner of -1": ([[entry("a", owner=(2**32 - 1, 0))]], {"a": {"owner": "0:0"}}, "out of range"),
    "below a whiteout": ([[entry(".wh.a/b", content=b"x")]], {".wh.a/b": {"size": "1"}},
                         "whiteout prefix"),
}


def layers_of(case, scratch) -> list:
    made = case(scratch) if callable(case) else case
    return [made] if isinstance(made, bytes) else [tar(entries) for entries in made]


def push_layers(registry, scratch, name: str, archives: list) -> tuple:
    """(layout for umoci, reference for Berth)"""
    image = Layout.new(scratch / "layout", scratch)
    for number, archive in enumerate(archives):
        path = scratch / f"{number}.tar"
        path.write_bytes(archive)
        run("umoci", "raw", "add-layer", "--image", image.image, path)
    return image, registry.push(image.path, "difference-" + name.replace(" ", "-").lower())


def check(done: subprocess.CompletedProcess, wanted, probe, tree) -> None:
    output = done.stdout + done.stderr
    if isinstance(wanted, str):
        assert done.returncode != 0 and wanted in output, (wanted, output)
        return
    assert done.returncode == 0, output
    found = listing(probe, tree)
    for path, fields in wanted.items():
        assert (path in found) == (fields is not None), (path, sorted(found))
        for field, value in (fields or {}).items():
            assert found[path][field] == value, (path, found[path])


def attempt(*words) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False,
                          timeout=120)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_deliberate_difference(registry, probe, tmp_path, name):
    case, umocis, berths = DIFFERENCES[name]
    image, reference = push_layers(registry, tmp_path, name, layers_of(case, tmp_path))
    check(attempt("umoci", "unpack", "--image", image.image, tmp_path / "umoci"), umocis, probe,
          tmp_path / "umoci" / "rootfs")
    check(attempt(BERTH, "unpack", reference, tmp_path / "berth"), berths, probe,
          tmp_path / "berth")


def test_old_sparse_files_are_gnu_tars(registry, probe, tmp_path):
    """What umoci refuses is held against tar itself."""
    archive = old_sparse(tmp_path)
    _, reference = push_layers(registry, tmp_path, "old sparse", [archive])
    run(BERTH, "unpack", reference, tmp_path / "berth")
    (tmp_path / "tar").mkdir()
    run("tar", "-x", "-p", "-C", tmp_path / "tar", stdin=archive)
    found = trees.differences(listing(probe, tmp_path / "tar"), listing(probe, tmp_path / "berth"))
    assert not found, "\n".join(found)


def test_image_without_a_platform(registry, tmp_path):
    """As `crane append --oci-empty-base` makes them: refused, and the reason says what is missing.
    """
    archive = tar([entry("file", content=b"x")])
    uploader = Uploader(registry.port, "no-platform")
    layer = uploader.blob(gzip.compress(archive), odd_images.GZIP)
    uploader.image([layer], [odd_images.sha256(archive)], {}, platform="")
    done = attempt(BERTH, "unpack", f"{registry.host}/no-platform", tmp_path / "tree")
    assert done.returncode != 0 and "no operating system or no architecture" in done.stderr


def test_every_difference_has_its_reason():
    text = (ROOT / "docs" / "pull.md").read_text()
    rows = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}
    assert set(DIFFERENCES) - rows == set()
