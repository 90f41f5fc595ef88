# SPDX-License-Identifier: Apache-2.0
"""Published attacks on registry clients, by the names of their rows, against `berth unpack` on the
workstation. test_142 shows that each fails without the defence that it is for."""

import gzip
import json

from harness import faults, odd_images
from harness.command import run
from harness.faults import FaultServer, Rule
from harness.layout import entry, tar
from harness.registry import Registry, make_htpasswd
from harness.certificates import Authority
from harness.settings import credentials, image_settings
from harness.upload import OCI_LAYER, OCI_MANIFEST, Uploader, sha256
from harness.workstation import unpack


def small_image(registry, name: str, content: bytes = b"x" * 4096) -> str:
    """One uncompressed layer with one file; returns the manifest's digest."""
    archive = tar([entry("file", content=content)])
    uploader = Uploader(registry.port, name)
    layer = uploader.blob(archive, OCI_LAYER)
    return uploader.image([layer], [sha256(archive)])["digest"]


def test_cve_2020_15157_redirect(registry, tmp_path):
    """Blobs are elsewhere; what is elsewhere must not see the password."""
    small_image(registry, "redirected")
    htpasswd = make_htpasswd(tmp_path / "htpasswd", "alice", "s3cret")
    with Registry(tmp_path / "closed", registry.storage, htpasswd=htpasswd) as closed, \
            FaultServer(registry.port) as elsewhere, FaultServer(closed.port) as front:
        front.rules.append(Rule("GET .*/blobs/",
                                faults.redirect_to(f"http://127.0.0.1:{elsewhere.port}")))
        passwords = credentials(tmp_path, {front.host: ("alice", "s3cret")})
        unpack(f"{front.host}/redirected", tmp_path, "--credentials", passwords).check_done()
        assert any("Authorization" in seen.headers for seen in front.seen)
        assert elsewhere.count("GET .*/blobs/") >= 2
        assert not any("Authorization" in seen.headers for seen in elsewhere.seen)


def test_cve_2020_15157_foreign_layer(registry, tmp_path):
    """A layer that names another place for its bytes: nobody goes there."""
    archive = tar([entry("file", content=b"x")])
    allow = {"validation": {"manifests": {"urls": {"allow": ["^http://"]}}}}
    with FaultServer(registry.port) as thief, \
            Registry(tmp_path / "liberal", registry.storage, more=allow) as liberal:
        uploader = Uploader(liberal.port, "foreign-layer")
        layer = dict(uploader.blob(gzip.compress(archive), odd_images.GZIP),
                     urls=[f"http://127.0.0.1:{thief.port}/layer"])
        uploader.image([layer], [sha256(archive)])
        unpack(f"{registry.host}/foreign-layer", tmp_path).check_done()
        assert thief.seen == []


def test_cve_2014_5277_no_fallback_to_http(registry, tmp_path):
    """The registry's authority is stated, so it speaks TLS or is not spoken to."""
    small_image(registry, "downgraded")
    settings = image_settings(tmp_path, {registry.host: {
        "ca": Authority(tmp_path).root.certificate.read_text()}})
    before = registry.requests()
    line = unpack(f"{registry.host}/downgraded", tmp_path, "--settings", settings, "--insecure",
                  registry.host).check_failed()
    assert "TLS" in line, line
    assert "GET /v2/downgraded" not in registry.requests()[len(before):]


def challenged(registry, realm: str) -> FaultServer:
    """A registry that wants a token from the given service."""
    challenge = ("WWW-Authenticate", f'Bearer realm="{realm}",service="x"')
    return FaultServer(registry.port, Rule("GET .*/manifests/", faults.status(401, (challenge,))))


def test_realm_ssrf_link_local(registry, tmp_path):
    """A cloud's metadata service as the token service."""
    small_image(registry, "realm")
    with challenged(registry, "http://169.254.169.254/latest/meta-data") as front:
        line = unpack(f"{front.host}/realm", tmp_path).check_failed()
    assert "link-local address is refused" in line, line


def test_realm_ssrf_password(registry, tmp_path):
    """A registry that anybody could play names a token service at another host."""
    small_image(registry, "realm")
    with FaultServer(registry.port) as thief, \
            challenged(registry, f"http://[::ffff:127.0.0.1]:{thief.port}/token") as front:
        passwords = credentials(tmp_path, {front.host: ("alice", "s3cret")})
        unpack(f"{front.host}/realm", tmp_path, "--credentials", passwords).check_failed()
        assert thief.seen and not any("Authorization" in seen.headers for seen in thief.seen)


def test_cve_2021_41190_ambiguous_manifest(registry, tmp_path):
    """One text that is a manifest to one reader and an index to another."""
    inner = small_image(registry, "ambiguous")
    manifest = json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false",
                              f"docker://{registry.host}/ambiguous"))
    size = len(json.dumps(manifest).encode())
    both = dict(manifest, manifests=[{"mediaType": OCI_MANIFEST, "digest": inner, "size": size,
                                      "platform": {"os": "linux", "architecture": "amd64"}}])
    fault = faults.replace(json.dumps(both).encode(), OCI_MANIFEST)
    with FaultServer(registry.port, Rule("GET .*/manifests/latest", fault)) as front:
        line = unpack(f"{front.host}/ambiguous", tmp_path).check_failed()
    assert "ambiguous" in line, line


def test_cve_2024_3727_digest_that_is_a_path(registry, tmp_path):
    """Digests end in names of files: one that is no digest is not used."""
    small_image(registry, "path")
    manifest = run("skopeo", "inspect", "--raw", "--tls-verify=false",
                   f"docker://{registry.host}/path")
    document = json.loads(manifest)
    document["layers"][0]["digest"] = "sha256:../../../../etc/passwd"
    fault = faults.replace(json.dumps(document).encode())
    with FaultServer(registry.port, Rule("GET .*/manifests/", fault)) as front:
        line = unpack(f"{front.host}/path", tmp_path).check_failed()
        assert "digest" in line, line
        assert front.count("GET .*passwd") == 0


def test_digest_of_a_manifest(registry, tmp_path):
    """Asked for one image by its digest, the registry sends another."""
    wanted = small_image(registry, "swapped")
    small_image(registry, "swapped", b"not what was asked for")
    other = run("skopeo", "inspect", "--raw", "--tls-verify=false",
                f"docker://{registry.host}/swapped")
    with FaultServer(registry.port, Rule("GET .*/manifests/", faults.replace(other))) as front:
        line = unpack(f"{front.host}/swapped@{wanted}", tmp_path).check_failed()
    assert "does not match its digest" in line, line


def test_digest_of_a_layer(registry, tmp_path):
    """A byte of a file is another; the archive is well-formed all the same."""
    small_image(registry, "flipped")

    def flip(answer) -> None:
        answer.body = answer.body.replace(b"xxxx", b"yxxx")

    with FaultServer(registry.port, Rule("GET .*/blobs/", flip)) as front:
        line = unpack(f"{front.host}/flipped", tmp_path).check_failed()
    assert "corrupt" in line, line


def test_diff_id_of_a_layer(registry, tmp_path):
    """The manifest's digest is right and the configuration's is not."""
    odd_images.wrong_diff_id(Uploader(registry.port, "diff-id"))
    line = unpack(f"{registry.host}/diff-id", tmp_path).check_failed()
    assert "sha256:" in line, line
