# SPDX-License-Identifier: Apache-2.0
"""The harness itself, held against skopeo: a test that fails here says nothing about Berth."""

import json
import os

import pytest

from harness import faults, images, odd_images, programs, trees
from harness.certificates import Authority
from harness.command import CommandFailed, run
from harness.faults import FaultServer, Rule
from harness.initrd import local_image
from harness.layout import entry
from harness.registry import Registry, make_htpasswd
from harness.tokens import TokenService
from harness.upload import Uploader


def inspect(reference: str, *options: str) -> dict:
    return json.loads(run("skopeo", "inspect", *options, f"docker://{reference}"))


@pytest.fixture(scope="module", name="storage")
def storage_with_busybox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    with Registry(folder) as registry:
        registry.push(images.layout("busybox"), "busybox")
        yield folder / "storage"


def test_registry_with_private_authority_and_password(storage, tmp_path):
    authority = Authority(tmp_path)
    htpasswd = make_htpasswd(tmp_path / "htpasswd", "alice", "secret")
    with Registry(tmp_path / "tls", storage, tls=authority.issue("localhost"),
                  htpasswd=htpasswd) as registry:
        certificates = tmp_path / "certs"
        certificates.mkdir()
        (certificates / "ca.crt").write_bytes(authority.root.certificate.read_bytes())
        options = ["--cert-dir", str(certificates)]
        with pytest.raises(CommandFailed, match="authentication required|unauthorized"):
            inspect(f"{registry.host}/busybox", "--no-creds", *options)
        with pytest.raises(CommandFailed, match="certificate|x509"):
            inspect(f"{registry.host}/busybox", "--creds", "alice:secret")
        assert inspect(f"{registry.host}/busybox", "--creds", "alice:secret", *options)["Layers"]


def test_registry_with_token_service(storage, tmp_path):
    service = TokenService(Authority(tmp_path).root, "alice", "secret")
    with Registry(tmp_path / "token", storage,
                  token=service.registry_settings("localhost")) as registry:
        reference = f"{registry.host}/busybox"
        with pytest.raises(CommandFailed, match="unauthorized|authentication"):
            inspect(reference, "--tls-verify=false", "--no-creds")
        assert inspect(reference, "--tls-verify=false", "--creds", "alice:secret")["Layers"]
        assert "repository:busybox:pull" in service.scopes
    service.close()


@pytest.mark.parametrize("fault", [faults.corrupt, faults.truncate, faults.shorten,
                                   faults.lengthen, faults.status(404), faults.reset])
def test_fault_server_spoils_a_layer(storage, tmp_path, fault):
    layout = images.layout("busybox")
    with Registry(tmp_path, storage) as registry, FaultServer(registry.port) as server:
        source = f"docker://{server.host}/busybox"
        run("skopeo", "copy", "--insecure-policy", "--src-tls-verify=false", source,
            f"dir:{tmp_path / 'good'}")
        layer = inspect(f"{server.host}/busybox", "--tls-verify=false")["Layers"][0]
        server.rules.append(Rule(f"GET .*/blobs/{layer}", fault))
        with pytest.raises(CommandFailed):
            run("skopeo", "copy", "--insecure-policy", "--src-tls-verify=false", source,
                f"dir:{tmp_path / 'bad'}")
    assert layout.exists()


def test_forms_of_an_image(tmp_path):
    layout = images.layout("busybox")
    kinds = {}
    with Registry(tmp_path) as registry:
        registry.push(layout, "oci", "--format", "oci")
        registry.push(layout, "schema2", "--format", "v2s2")
        registry.push_zstd(layout, "zstd", tmp_path)
        for name in ("oci", "schema2", "zstd"):
            raw = json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false",
                                 f"docker://{registry.host}/{name}"))
            kinds[name] = (raw.get("mediaType"), raw["layers"][0]["mediaType"])
    # umoci leaves the manifest's optional mediaType out, and skopeo keeps that.
    assert kinds["oci"] == (None, "application/vnd.oci.image.layer.v1.tar+gzip")
    assert kinds["schema2"] == ("application/vnd.docker.distribution.manifest.v2+json",
                                "application/vnd.docker.image.rootfs.diff.tar.gzip")
    assert kinds["zstd"] == (None, "application/vnd.oci.image.layer.v1.tar+zstd")


def test_upload_by_hand(tmp_path):
    with Registry(tmp_path) as registry:
        uploader = Uploader(registry.port, "hand")
        layer = uploader.blob(b"\0" * 1024, "application/vnd.oci.image.layer.v1.tar")
        uploader.image([layer], [layer["digest"]])
        assert inspect(f"{registry.host}/hand", "--tls-verify=false")["Architecture"] == "amd64"


def test_real_images_have_what_the_cases_need(tmp_path):
    run("umoci", "unpack", "--image", f"{images.layout('zoo')}:latest", tmp_path / "zoo")
    rootfs = tmp_path / "zoo" / "rootfs"
    assert os.getxattr(rootfs / "attributes", "user.berth.test") == b"\xc3\xa4 value"
    assert len(os.getxattr(rootfs / "capable", "security.capability")) == 20
    assert (rootfs / "usr/lib/through-symlink").exists()
    assert not (rootfs / "opaque" / "lower").exists()


def test_odd_images_are_taken_by_the_registry(tmp_path):
    with Registry(tmp_path) as registry:
        def uploader(name: str) -> Uploader:
            return Uploader(registry.port, name)

        odd_images.zeros(uploader("zeros"), 1)
        odd_images.lying_zeros(uploader("lying"), 1)
        odd_images.wrong_diff_id(uploader("diffid"))
        odd_images.index(uploader("index"), "s390x")
        odd_images.from_entries(uploader("entries"), [entry("file", content=b"x")])
        for name in ("zeros", "lying"):  # as far as skopeo looks, both are sound
            run("skopeo", "copy", "--insecure-policy", "--src-tls-verify=false",
                f"docker://{registry.host}/{name}", f"oci:{tmp_path / name}:latest")
            run("umoci", "unpack", "--image", f"{tmp_path / name}:latest", tmp_path / f"{name}-d")
            assert (tmp_path / f"{name}-d/rootfs/zeros").stat().st_size == 1 << 20
        with pytest.raises(CommandFailed):
            inspect(f"{registry.host}/index", "--tls-verify=false")


def test_trees_are_compared(tmp_path):
    program = programs.probe(tmp_path / "probe")
    for name in ("left", "right"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a").write_text("content")
        os.link(folder / "a", folder / "b")
        (folder / "link").symlink_to("a")
        for path in (folder / "a", folder / "link"):
            os.utime(path, ns=(10**18, 10**18), follow_symlinks=False)

    def listed(name: str) -> dict:
        return trees.parse(run(program, "tree", tmp_path / name).decode())

    assert trees.differences(listed("left"), listed("right")) == []
    (tmp_path / "right" / "b").unlink()
    (tmp_path / "right" / "b").write_text("content")
    os.utime(tmp_path / "right" / "b", ns=(10**18, 10**18))
    found = trees.differences(listed("left"), listed("right"))
    assert any("links" in line for line in found) and any("inode" in line for line in found)


def test_variants_and_archives(tmp_path):
    layout = images.variant("busybox", tmp_path, user="alice", cmd=["a", "b"])
    initrd = local_image(tmp_path / "image.cpio", layout, "some/name:1")
    names = run("cpio", "-t", "--quiet", stdin=initrd.read_bytes()).decode().split()
    assert "berth/images/local/index.json" in names
    config = json.loads(run("skopeo", "inspect", "--config", f"oci:{layout}:latest"))["config"]
    assert (config["User"], config["Cmd"]) == ("alice", ["a", "b"])
