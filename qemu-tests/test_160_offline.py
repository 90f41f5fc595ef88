# SPDX-License-Identifier: Apache-2.0
"""Images that do not come from a registry: from every form of archive, on every kind of medium, from
a web server, and from the store when nobody answers."""

import re
import shutil

import pytest

from harness import archives, images, media, programs, trees
from harness.boot import boot
from harness.certificates import Authority
from harness.command import run
from harness.cosign import Signer, pinned, require, settings
from harness.faults import FaultServer, Rule
from harness.initrd import archive
from harness.machine import run_machine
from harness.paths import BERTH
from harness.registry import Registry
from harness.workstation import unpack

MEMORY = 256


def unpack_from(reference, work, place):
    """Unpacks from a place; the tree."""
    done = unpack(reference, work, "--layouts", place)
    done.check_done()
    assert any(line.startswith(f"berth: from layout {place}") for line in done.lines), done
    return done.folder


def lines_with(text, word):
    return [line for line in text.splitlines() if word in line]


@pytest.fixture(scope="module", name="busybox")
def busybox_layout():
    return images.layout("busybox")


# What is where: each form that an image can have, and the reference that it is found by.
FORMS = {
    "folder": ("registry.example/team/app:1",
               lambda layout, folder, scratch: archives.copy(
                   layout, f"oci:{folder / 'anything'}:registry.example/team/app:1")),
    "folder-with-a-tag": ("registry.example/team/app:1",
                          lambda layout, folder, scratch: archives.copy(
                              layout, f"oci:{folder / 'app'}:1")),
    "umoci": ("app", lambda layout, folder, scratch: shutil.copytree(layout, folder / "app")),
    "oci-archive": ("quay.io/team/app:1",
                    lambda layout, folder, scratch: archives.copy(
                        layout, f"oci-archive:{folder / 'x.tar'}:quay.io/team/app:1")),
    "docker-archive": ("app:1",
                       lambda layout, folder, scratch: archives.copy(
                           layout, f"docker-archive:{folder / 'x.tar'}:app:1")),
    "docker-save": ("docker.io/library/app:1",
                    lambda layout, folder, scratch: archives.docker_save(
                        layout, folder / "x.tar", "docker.io/library/app:1", scratch)),
    "compressed-layers": ("app:1",
                          lambda layout, folder, scratch: archives.compressed_docker_archive(
                              layout, folder / "x.tar", "app:1", scratch)),
}


@pytest.fixture(name="form")
def made_form(tmp_path):
    def make(name, layout):
        folder = tmp_path / "place"
        folder.mkdir()
        reference, maker = FORMS[name]
        maker(layout, folder, tmp_path)
        return reference, folder
    return make


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_tree(form, tmp_path, name):
    layout = images.layout("zoo")
    reference, folder = form(name, layout)
    tree = unpack_from(reference, tmp_path, folder)
    run("umoci", "unpack", "--image", f"{layout}:latest", tmp_path / "umoci")
    probe = programs.probe(tmp_path / "probe")
    expected = trees.parse(run(probe, "tree", tmp_path / "umoci" / "rootfs").decode())
    actual = trees.parse(run(probe, "tree", tree).decode())
    implied = [path for path in expected if path == "." or path.startswith("deep")]
    assert not trees.differences(expected, actual, implied)


def test_a_digest_is_found_whatever_the_name(form, tmp_path, busybox):
    _, folder = form("oci-archive", busybox)
    index = run("tar", "-xOf", folder / "x.tar", "index.json").decode()
    digest = re.search(r"sha256:[0-9a-f]{64}", index)[0]
    assert (unpack_from(f"nowhere.invalid/x@{digest}", tmp_path, folder) / "bin").exists()


# Every kind of medium, each with another form; the machine has no network.

def check_offline(append, extra, source):
    result = run_machine(f'ip=off {append} berth.cmd="sh -c \'echo it runs; exit 7\'" berth.name=c',
                         memory=MEMORY, network=False, extra=extra)
    assert result.report, result
    assert result.report["status"] == 7, result
    assert result.output("c") == ["it runs"]
    assert result.container["source"].startswith(f"layout /run/berth/sources/{source}"), result
    return result


def test_ext4(form, tmp_path, busybox):
    reference, folder = form("docker-archive", busybox)
    disk = media.ext4(tmp_path / "disk", folder)
    result = check_offline(f"berth.image={reference}", media.disks(disk), "vda/x.tar")
    assert "images on vda (ext4)" in result.steps("devices")[0]["decision"]
    assert result.steps("pull")[0]["source"] == "layout /run/berth/sources/vda/x.tar"


def test_fat(form, tmp_path, busybox):
    reference, folder = form("oci-archive", busybox)
    disk = media.fat(tmp_path / "disk", folder)
    check_offline(f"berth.image={reference}", media.disks(disk), "vda/x.tar")


def test_iso(form, tmp_path, busybox):
    reference, folder = form("folder", busybox)
    disk = media.iso(tmp_path / "disk", folder)
    check_offline(f"berth.image={reference}", media.disks(disk), "vda/anything")


def test_9p(form, busybox):
    reference, folder = form("docker-save", busybox)
    result = check_offline(f"berth.image={reference}", media.share(folder), "9p/x.tar")
    assert "images on 9p;" in result.steps("devices")[0]["decision"]


def test_virtiofs(form, tmp_path, busybox):
    if not media.find_virtiofsd():
        pytest.skip("there is no virtiofsd here (Debian 13: the package virtiofsd)")
    reference, folder = form("folder-with-a-tag", busybox)
    with media.VirtioFs(tmp_path, folder, MEMORY) as daemon:
        check_offline(f"berth.image={reference}", daemon.words, "virtiofs/app")


def test_several_media_and_what_was_not_used(form, tmp_path, busybox):
    reference, folder = form("oci-archive", busybox)
    other = tmp_path / "other"
    other.mkdir()
    archives.copy(busybox, f"oci:{other / 'other'}:registry.example/other:1")
    first, second = media.iso(tmp_path / "first", other), media.ext4(tmp_path / "second", folder)
    result = check_offline(f"berth.image={reference}", media.disks(first, second), "vdb/x.tar")
    line = lines_with(result.console, "MB, unpacked")
    assert len(line) == 1 and "from layout /run/berth/sources/vdb/x.tar; not from " \
        "/run/berth/sources/vda: no such image" in line[0], line
    assert "not from" in result.steps("pull")[0]["decision"]


def test_berth_boot_takes_a_folder_and_disks(form, tmp_path, busybox):
    reference, folder = form("docker-archive", busybox)
    result = boot("-m", "48M", "--offline", "--images", folder, reference, "sh", "-c", "exit 8")
    assert result.status == 8, result
    assert result.container["source"] == "layout /run/berth/sources/9p/x.tar"
    disk = media.fat(tmp_path / "disk", folder)
    result = boot("--offline", "--images", disk, reference, "sh", "-c", "exit 9")
    assert result.status == 9, result
    for wrong, why in ((folder / "x.tar", "tar file and no disk"),
                       (tmp_path / "none", "No such file"), (BERTH, "no ext4, FAT or ISO 9660")):
        refused = boot("--offline", "--images", wrong, reference)
        assert refused.status == 125 and why in refused.messages, refused


def test_an_image_that_is_nowhere(form, tmp_path, busybox):
    _, folder = form("folder", busybox)
    disk = media.ext4(tmp_path / "disk", folder)
    result = run_machine("ip=off berth.image=registry.example/team/app:2", memory=MEMORY,
                         network=False, extra=media.disks(disk))
    assert result.report["status"] == 125, result
    assert len(result.errors) == 1
    assert "no network to pull" in result.errors[0]
    assert "/run/berth/sources/vda: no such image" in result.errors[0]


# Broken media.

def garbage_ext4(path):
    """The label is there, and the file system is not."""
    empty = path.parent / "empty"
    empty.mkdir()
    media.ext4(path, empty, "8M")
    with open(path, "r+b") as disk:
        superblock = disk.read(2048)
        disk.write(b"\xa5" * (8 * 1024 * 1024 - 2048))
        disk.seek(1024 + 4)
        disk.write(b"\xff" * 4)
    assert superblock[1024 + 0x78:].startswith(media.LABEL.encode())
    return path


def test_broken_media_are_passed_over(image, tmp_path, busybox):
    reference = image("busybox")
    registry_host = reference.partition("/")[0]
    truncated, wrong, escape = (tmp_path / name for name in ("truncated", "wrong", "escape"))
    for folder in (truncated, wrong, escape):
        folder.mkdir()
    archives.copy(busybox, f"oci-archive:{truncated / 'x.tar'}:{reference}:latest")
    run("truncate", "-s", "700000", truncated / "x.tar")
    archives.copy(busybox, f"oci:{wrong / 'x'}:{reference}:latest")
    blob = archives.largest_blob(wrong / "x")
    blob.write_bytes(blob.read_bytes()[:-1000] + b"\0" * 1000)
    (escape / "out").symlink_to("/etc")
    (escape / "loop").symlink_to("loop")
    archives.copy(busybox, f"oci:{escape / 'x'}:{reference}:latest")
    blob = archives.largest_blob(escape / "x")
    blob.unlink()
    blob.symlink_to("../../../../../../../../dev/urandom")
    made = [garbage_ext4(tmp_path / "a"), media.ext4(tmp_path / "b", truncated),
            media.iso(tmp_path / "c", wrong), media.ext4(tmp_path / "d", escape)]
    words = [word for disk in made for word in ("--images", disk)]
    result = boot(*words, reference, "sh", "-c", "exit 5")
    assert result.status == 5, result
    assert result.container["source"] == f"registry {registry_host}"
    warnings = lines_with(result.console, "berth: warning:")
    for word in ("6 devices: vda (ext4", "vdb/x.tar: it is cut off", "vdc/x: layer sha256",
                 "is a link that leads out of it"):
        assert len([line for line in warnings if word in line]) == 1, (word, warnings)
    assert len(warnings) == 4, warnings
    pulled = lines_with(result.console, f"from registry {registry_host}")
    assert len(pulled) == 1 and "/run/berth/sources/vdb/x.tar: it is cut off; " \
        "/run/berth/sources/vdc/x: layer sha256" in pulled[0] and "leads out of it" in pulled[0], pulled


def test_a_disk_that_hardly_answers(form, tmp_path, busybox):
    """A file system with many groups, whose descriptors are read one by one, and one read a second:
    it would be mounted after many seconds."""
    reference, folder = form("docker-archive", busybox)
    disk = media.ext4(tmp_path / "disk", folder, "256M",
                      ["-b", "1024", "-g", "256", "-O", "^flex_bg,^resize_inode"])
    result = run_machine(f"ip=off berth.image={reference}", memory=MEMORY, network=False,
                         extra=media.disks(disk, more=",throttling.iops-total=1"))
    assert result.report["status"] == 125, result
    warnings = lines_with(result.console, "berth: warning:")
    assert "vda (ext4, berth-images) is not used: mount: Operation timed out" in warnings[0], warnings
    # The requests that are still on their way may hold up the kernel's next look for disks, too.
    assert len(warnings) == 1 or (len(warnings) == 2 and "disks at IDE controllers: no answer in 10 s"
                                  in warnings[1]), warnings
    step = result.steps("devices")[0]
    assert step["duration_ns"] >= 3e9, step  # that long it was given


# A layout on a web server.

def test_web_folder(tmp_path, busybox):
    (tmp_path / "web").mkdir()
    archives.copy(busybox, f"oci:{tmp_path / 'web/app'}:registry.example/team/app:1")
    with media.WebFolder(tmp_path / "web") as server:
        tree = unpack_from("registry.example/team/app:1", tmp_path, f"{server.url}/app/")
        assert (tree / "bin").exists()
        url = f"http://10.0.2.2:{server.port}/app"
        result = boot("--images", url, "registry.example/team/app:1", "sh", "-c", "exit 6")
        assert result.status == 6, result
        assert result.container["source"] == f"layout {url}"


def test_web_folder_in_tls(tmp_path, busybox):
    archives.copy(busybox, f"oci:{tmp_path / 'web'}:localhost:1/team/app:1")
    authority = Authority(tmp_path)
    with media.TlsFolder(tmp_path / "web", authority.issue("localhost")) as server:
        known = unpack("localhost:1/team/app:1", tmp_path, "--ca", authority.root.certificate,
                       "--layouts", server.url)
        known.check_done()
        assert f"berth: from layout {server.url}" in known.lines
        unknown = unpack("localhost:1/team/app:1", tmp_path, "--layouts", server.url)
        assert unknown.status == 1 and len(unknown.lines) == 2, unknown
        assert "certificate" in unknown.lines[0] and "warning" in unknown.lines[0]
        assert "not used: " in unknown.lines[1]


def test_web_folder_goes_on_after_an_interruption(tmp_path, busybox):
    archives.copy(busybox, f"oci:{tmp_path / 'web'}:registry.example/team/app:1")
    blob = archives.largest_blob(tmp_path / "web")

    def cut(answer):
        answer.sent = 400000

    with media.WebFolder(tmp_path / "web") as server, \
            FaultServer(server.port, Rule(rf"GET /blobs/sha256/{blob.name}$", cut, 1)) as proxy:
        unpack_from("registry.example/team/app:1", tmp_path, f"http://localhost:{proxy.port}")
        asked = [seen for seen in proxy.seen if blob.name in seen.line]
        assert [seen.headers.get("Range") for seen in asked][-1] == "bytes=400000-", asked


def test_web_folder_without_the_image(image, tmp_path, busybox):
    archives.copy(busybox, f"oci:{tmp_path / 'web'}:registry.example/team/app:1")
    reference = image("busybox")
    with media.WebFolder(tmp_path / "web") as server:
        url = f"http://10.0.2.2:{server.port}"
        result = boot("--images", f"{url}/none", "--images", url, reference, "sh", "-c", "exit 3")
    assert result.status == 3, result
    line = lines_with(result.console, "MB, unpacked")
    assert len(line) == 1 and f"not from {url}/none: no such image; {url}: no such image" in line[0]


def test_web_folder_with_a_wrong_blob(image, tmp_path, busybox):
    reference = image("busybox")
    archives.copy(busybox, f"oci:{tmp_path / 'web'}:{reference}:latest")
    blob = archives.largest_blob(tmp_path / "web")
    with open(blob, "r+b") as damaged:
        damaged.seek(500000)
        damaged.write(b"\0" * 1000)
    with media.WebFolder(tmp_path / "web") as server:
        result = boot("--images", f"http://10.0.2.2:{server.port}", reference, "sh", "-c", "exit 4")
    assert result.status == 4, result
    assert result.container["source"].startswith("registry ")
    assert len(lines_with(result.console, "corrupt")) == 2  # the warning, and the pull's own line


def test_never_pulled(app, registry, image):
    """`never` runs what is in the machine, and asks nobody for what is not."""
    words = "berth.pull.policy=never berth.cmd=\"sh -c 'exit 5'\" "
    here = run_machine(words + "berth.image=app:1", initrds=[app])
    assert here.report["status"] == 5, here
    name, asked = image("busybox"), registry.requests()
    result = boot("--pull", "never", name, "true")
    assert result.status == 125, result
    assert "is not in the machine, and it is never to be pulled" in result.report["reason"], result
    assert registry.requests() == asked


# The order: the store, offline sources, the registry, the last good image.

@pytest.fixture(name="data")
def data_disk(tmp_path):
    path = tmp_path / "data"
    run("truncate", "-s", "64M", path)
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", path)
    return path


def test_offline_sources_come_before_the_registry(image, tmp_path, registry, busybox):
    reference = image("busybox")
    (tmp_path / "place").mkdir()
    archives.copy(busybox, f"oci:{tmp_path / 'place/busybox'}:latest")
    before = len(registry.requests())
    result = boot("--images", tmp_path / "place", reference, "sh", "-c", "exit 2")
    assert result.status == 2, result
    assert result.container["source"] == "layout /run/berth/sources/9p/busybox"
    assert len(registry.requests()) == before


def test_the_store_comes_first_when_there_is_a_digest(image, form, data, busybox):
    reference = image("busybox")
    _, folder = form("folder", busybox)
    words = ("--disk", data, "--images", folder)
    first = boot(*words, reference, "sh", "-c", "exit 2")
    assert first.status == 2 and first.container["source"].startswith("registry "), first
    assert "not from /run/berth/sources/9p: no such image" in first.steps("pull")[0]["decision"]
    digest = first.container["digest"]
    second = boot(*words, f"nowhere.invalid/x@{digest}", "sh", "-c", "exit 2")
    assert second.status == 2 and second.container["source"] == "store", second
    assert "not from" not in second.steps("pull")[0]["decision"]


def test_last_good(data, tmp_path, busybox):
    other = images.variant("busybox", tmp_path, env=["OTHER=1"])
    storage = tmp_path / "registry"
    say = ("sh", "-c", "echo other=$OTHER")

    def run_it(*options):
        return boot("--disk", data, *options, reference, *say)

    with Registry(storage) as server:
        port = server.port
        reference = server.push(busybox, "app")
        first = run_it()
        assert first.status == 0 and first.output("app") == ["other="], first
        server.push(other, "app")
        assert run_it().output("app") == ["other=1"]
        server.push(busybox, "app")
        back = run_it()
        assert back.output("app") == ["other="] and back.container["source"] == "store", back
        server.push(other, "app")
        asked = len(server.requests())
        missing = run_it("--pull", "missing")
        assert missing.output("app") == ["other="] and missing.container["source"] == "store"
        assert len(server.requests()) == asked

    # Now nobody answers. The image that was used last counts, not the one that was fetched last.
    result = run_it()
    assert result.status == 0 and result.output("app") == ["other="], result
    assert result.container["source"] == "store (last good)"
    assert result.container["digest"] == first.container["digest"]
    warning = lines_with(result.console, "last time is used")
    assert len(warning) == 1 and "berth: warning: 8 pull: " in warning[0], result
    assert "not from" in result.steps("pull")[-1]["decision"]

    result = run_it("--offline")
    assert result.output("app") == ["other="], result
    assert result.container["source"] == "store (last good)"
    assert "turned off by ip=off" in result.steps("pull")[-1]["decision"]

    result = run_it("--pull", "always")
    assert result.status == 125 and len(result.errors) == 1, result

    # A registry that answers, and does not have it, is no reason to go on with an old image.
    with Registry(tmp_path / "empty", port=port):
        result = run_it()
    assert result.status == 125 and "has no repository" in result.errors[0], result


def test_the_last_good_image_needs_its_signature(data, tmp_path, busybox):
    signer, stranger = Signer(tmp_path / "signer"), Signer(tmp_path / "stranger")

    def run_it(key, status):
        rules = settings(tmp_path / "rules.json", {"default": require(key)})
        initrd = archive(tmp_path / "rules.cpio", {"/etc/berth/images.json": rules})
        result = boot("--disk", data, "--initrd-append", initrd, reference, "sh", "-c", "exit 3")
        assert result.status == status, result
        return result

    with Registry(tmp_path / "registry") as server:
        reference = server.push(busybox, "app")
        signer.sign(pinned(reference))
        run_it(signer, 3)
    assert run_it(signer, 3).container["source"] == "store (last good)"
    assert "the image of last time: " in run_it(stranger, 125).errors[0]


def test_no_last_good(data, registry):
    result = boot("--disk", data, "--offline", f"{registry.host}/never-pulled")
    assert result.status == 125, result
    assert len(result.errors) == 1 and "no network to pull" in result.errors[0]


def test_the_appended_initramfs_has_archives_too(form, tmp_path, busybox):
    reference, folder = form("docker-save", busybox)
    initrd = archive(tmp_path / "images.cpio", {"/berth/images/x.tar": folder / "x.tar"})
    result = boot("--offline", "--initrd-append", initrd, reference, "sh", "-c", "exit 1")
    assert result.status == 1, result
    assert result.container["source"] == "layout /berth/images/x.tar"
