# SPDX-License-Identifier: Apache-2.0
"""Pulling from real registries: forms of images, transports, credentials, faults that pass."""

import base64
import json

import pytest

from harness import faults, images, odd_images, programs
from harness.boot import boot
from harness.certificates import Authority
from harness.command import run
from harness.faults import FaultServer, Rule
from harness.initrd import archive
from harness.layout import entry
from harness.machine import exit_code, run_machine
from harness.registry import Registry, make_htpasswd
from harness.tokens import TokenService
from harness.upload import OCI_MANIFEST, Uploader

COMMAND = ["sh", "-c", "exit 33"]


def raw_manifest(reference: str) -> bytes:
    return run("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{reference}")


@pytest.mark.parametrize("form", ["oci", "schema2", "zstd"])
def test_forms(registry, tmp_path, form):
    layout = images.layout("probe")
    if form == "zstd":
        reference = registry.push_zstd(layout, "form-zstd", tmp_path)
    else:
        kind = {"oci": "oci", "schema2": "v2s2"}[form]
        reference = registry.push(layout, f"form-{form}", "--format", kind)
    result = boot(reference, *COMMAND)
    assert result.status == 33, result
    assert result.errors == []
    assert result.container["source"] == f"registry {registry.host}"
    assert result.steps("pull")[-1]["bytes"] > 500_000


def test_uncompressed_layer(registry, tmp_path):
    program = programs.program(tmp_path / "run", "int main(void) { return 33; }")
    odd_images.from_entries(Uploader(registry.port, "uncompressed"),
                            [entry("run", content=program.read_bytes(), mode=0o755)],
                            {"Entrypoint": ["/run"]})
    result = boot(f"{registry.host}/uncompressed")
    assert result.status == 33, result


def test_index_by_tag_and_digest(image, registry):
    """The index has an attestation, two other platforms and the image; asked for by digest."""
    manifest = raw_manifest(image("probe"))
    document = dict(json.loads(manifest), mediaType=OCI_MANIFEST)
    uploader = Uploader(registry.port, "probe")
    descriptor = uploader.manifest(document, "plain")
    digest = odd_images.index_around(uploader, json.dumps(document).encode(), OCI_MANIFEST)
    result = boot(f"{registry.host}/probe@{digest}", *COMMAND)
    assert result.status == 33, result
    assert result.container["digest"] == descriptor["digest"]
    assert result.container["platform"] == "linux/amd64"


def connect(name: str, port: int) -> str:
    return f"berth.registry.connect={name}=10.0.2.2:{port} "


def credentials(host: str, user: str, password: str) -> bytes:
    secret = base64.b64encode(f"{user}:{password}".encode()).decode()
    return json.dumps({"auths": {host: {"auth": secret}}}).encode()


@pytest.fixture(scope="module", name="secure")
def secure_registry(image, registry, tmp_path_factory):
    """HTTPS with a private authority and a password; (registry, authority)."""
    image("probe")
    folder = tmp_path_factory.mktemp("secure")
    authority = Authority(folder)
    htpasswd = make_htpasswd(folder / "htpasswd", "alice", "s3cret:colon")
    with Registry(folder / "registry", registry.storage, tls=authority.issue("registry.test"),
                  htpasswd=htpasswd) as running:
        yield running, authority


def boot_secure(secure, tmp_path, files: dict):
    running, _ = secure
    initrd = archive(tmp_path / "extra.cpio", files)
    return run_machine("berth.image=registry.test:5000/probe " +
                       connect("registry.test:5000", running.port) +
                       'berth.cmd="probe exit 33"', initrds=[initrd])


def test_https_with_private_authority_and_password(secure, tmp_path):
    _, authority = secure
    result = boot_secure(secure, tmp_path, {
        "/etc/ssl/cert.pem": authority.root.certificate,
        "/etc/berth/auth.json": credentials("registry.test:5000", "alice", "s3cret:colon")})
    assert result.status == exit_code(33), result


def test_https_with_compressed_authorities(secure, tmp_path):
    """The form that the machine's own list has."""
    _, authority = secure
    packed = tmp_path / "cert.pem.zst"
    run("zstd", "-q", "-o", packed, authority.root.certificate)
    result = boot_secure(secure, tmp_path, {
        "/etc/ssl/cert.pem.zst": packed,
        "/etc/berth/auth.json": credentials("registry.test:5000", "alice", "s3cret:colon")})
    assert result.status == exit_code(33), result


def test_https_with_unknown_authority_is_refused(secure, tmp_path):
    result = boot_secure(secure, tmp_path, {"/berth/unused": b""})
    assert result.status == exit_code(61), result
    assert len(result.errors) == 1 and "ertificate" in result.errors[0], result.errors


def test_wrong_password_is_refused(secure, tmp_path):
    _, authority = secure
    result = boot_secure(secure, tmp_path, {
        "/etc/ssl/cert.pem": authority.root.certificate,
        "/etc/berth/auth.json": credentials("registry.test:5000", "alice", "wrong")})
    assert result.status == exit_code(61), result
    assert len(result.errors) == 1 and "registry.test:5000" in result.errors[0], result.errors
    assert "wrong" not in result.errors[0].split("name is wrong")[0]  # no secret in the message


@pytest.mark.parametrize("field", ["token", "access_token"])
def test_bearer_token(image, registry, tmp_path, field):
    image("probe")
    service = TokenService(Authority(tmp_path).root, "alice", "s3cret", field=field)
    with Registry(tmp_path / "registry", registry.storage,
                  token=service.registry_settings("10.0.2.2")) as bearer:
        initrd = archive(tmp_path / "auth.cpio", {
            "/etc/berth/auth.json": credentials(bearer.host, "alice", "s3cret")})
        result = run_machine(f"berth.image={bearer.host}/probe " +
                             connect(bearer.host, bearer.port) +
                             f"berth.registry.insecure={bearer.host} "
                             f"berth.registry.insecure=10.0.2.2:{service.port} "
                             'berth.cmd="probe exit 33"', initrds=[initrd])
    service.close()
    assert result.status == exit_code(33), result
    assert "repository:probe:pull" in service.scopes


def test_redirect_to_another_host_carries_no_credentials(image, registry, tmp_path):
    """Blobs come from elsewhere, as from registries that keep them in object storage."""
    image("probe")
    htpasswd = make_htpasswd(tmp_path / "htpasswd", "alice", "s3cret")
    with Registry(tmp_path / "registry", registry.storage, htpasswd=htpasswd) as closed, \
            FaultServer(registry.port) as elsewhere, FaultServer(closed.port) as front:
        front.rules.append(Rule("GET .*/blobs/",
                                faults.redirect_to(f"http://10.0.2.2:{elsewhere.port}")))
        initrd = archive(tmp_path / "auth.cpio", {
            "/etc/berth/auth.json": credentials(front.host, "alice", "s3cret")})
        result = run_machine(f"berth.image={front.host}/probe " + connect(front.host, front.port) +
                             f"berth.registry.insecure={front.host} "
                             f"berth.registry.insecure=10.0.2.2:{elsewhere.port} "
                             'berth.cmd="probe exit 33"', initrds=[initrd])
    assert result.status == exit_code(33), result
    assert elsewhere.count("GET .*/blobs/") >= 3
    assert any("Authorization" in seen.headers for seen in front.seen)
    assert not any("Authorization" in seen.headers for seen in elsewhere.seen)


def test_faults_that_pass_are_survived(image, registry):
    """503 for the manifest, "too many requests" for the configuration, resets within a layer."""
    image("nginx")
    rules = [Rule("GET .*/manifests/", faults.status(503), 1),
             Rule("GET .*/blobs/", faults.status(429, (("Retry-After", "1"),)), 1),
             Rule("GET .*/blobs/", faults.reset, 3),
             Rule("GET .*/blobs/", faults.truncate, 2)]
    with FaultServer(registry.port, *rules) as server:
        result = boot("--entrypoint", "/usr/sbin/nginx", f"{server.host}/nginx", "-v")
    assert result.status == 0, result
    assert result.errors == []
    assert all(rule.times == 0 for rule in rules)


def test_progress_is_shown(registry, image):
    """A slow registry: the console says how far the pull is."""
    image("nginx")

    def slowly(answer):
        answer.rate = 1_500_000

    with FaultServer(registry.port, Rule("GET .*/blobs/", slowly)) as server:
        result = boot("--entrypoint", "/usr/sbin/nginx", f"{server.host}/nginx", "-v")
    assert result.status == 0, result
    assert "of 6 layers" in result.console and "MB/s" in result.console
