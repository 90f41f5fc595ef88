# SPDX-License-Identifier: Apache-2.0
"""Images that must be signed: the real cosign against a real registry, and the policy of
docs/signatures.md. Most cases are `berth unpack`; three are machines."""

import json
import re
import shutil
import subprocess
from itertools import count

import pytest

from harness import images, suites
from harness.boot import boot
from harness.command import run
from harness.cosign import (Signer, copy_tag, copy_with_referrers, digest_of, pinned, require,
                            rewrite_payload, settings, signature_tag)
from harness.faults import FaultServer, Rule
from harness.initrd import archive
from harness.paths import BERTH
from harness.registry import Registry
from harness.upload import OCI_INDEX, OCI_MANIFEST, Uploader
from harness.workstation import unpack

pytestmark = pytest.mark.xdist_group("signatures")  # one set of keys for all

NUMBERS = count()


@pytest.fixture(scope="module", name="signer")
def signer_with_an_elliptic_key(tmp_path_factory):
    return Signer(tmp_path_factory.mktemp("keys") / "p256")


@pytest.fixture(scope="module", name="rsa_signer")
def signer_with_an_rsa_key(tmp_path_factory):
    return Signer(tmp_path_factory.mktemp("keys") / "rsa", rsa=True)


@pytest.fixture(name="pushed")
def unsigned_image(registry):
    """A new repository with the busybox image in it: HOST/signed/N."""
    return registry.push(images.layout("busybox"), f"signed/{next(NUMBERS)}")


def pull(reference, tmp_path, rules, *options):
    return unpack(reference, tmp_path, "--settings", settings(tmp_path.parent / "rules.json", rules),
                  *options)


def refused(reference, tmp_path, rules, registry, *words):
    """One line with all the words, no tree, and no layer was asked for."""
    before = len(registry.requests())
    line = pull(reference, tmp_path, rules).check_failed()
    for word in words:
        assert word in line, line
    raw = json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{reference}"))
    asked = registry.requests()[before:]
    assert "manifests/" in asked, asked
    for layer in raw.get("layers", []):
        assert f"blobs/{layer['digest']}" not in asked, asked
    return line


@pytest.fixture(name="work")
def folder_for_trees(tmp_path):
    """Trees go into an empty folder, so that what is left behind shows."""
    (tmp_path / "trees").mkdir()
    return tmp_path / "trees"


@pytest.mark.parametrize("classic", [True, False], ids=["classic", "bundle"])
def test_a_signed_image_is_accepted(registry, signer, pushed, work, classic):
    """cosign's own verdict stands beside ours."""
    name = {} if classic else {"docker-reference": pushed}
    signer.sign(pinned(pushed), classic=classic, annotations=name)
    signer.verify(pinned(pushed), classic=classic)
    result = pull(pushed, work, {registry.host: require(signer)})
    result.check_done()
    assert any("is signed with the key sha256:" in line for line in result.lines), result


@pytest.mark.parametrize("classic", [True, False], ids=["classic", "bundle"])
def test_an_rsa_key(registry, rsa_signer, pushed, work, classic):
    rsa_signer.sign(pinned(pushed), classic=classic)
    rsa_signer.verify(pinned(pushed), classic=classic)
    pull(pushed, work, {"default": require(rsa_signer, identity="any")}).check_done()


@pytest.mark.parametrize("pages", [1, 3])
def test_the_referrers_api(registry, signer, pushed, work, pages):
    """docker-registry has only the fallback tag: here that is hidden, and its content answers to the
    API's address, as distribution-spec 1.1 has it; the signature is on the last page."""
    signer.sign(pinned(pushed), classic=False)
    digest = digest_of(pushed)
    name = pushed.split("/", 1)[1]
    index = run("curl", "-sf", "-H", f"Accept: {OCI_INDEX}",
                f"http://{registry.host}/v2/{name}/manifests/{digest.replace(':', '-')}")
    empty = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}).encode()

    def answer(got):
        page = int((re.search(r"page=(\d)", got.path) or [0, 1])[1])
        got.status, got.body = 200, index if page == pages else empty
        got.headers = {"Content-Type": OCI_INDEX, "Content-Length": str(len(got.body))}
        if page < pages:
            got.headers["Link"] = f'</v2/{name}/referrers/{digest}?page={page + 1}>; rel="next"'

    def hide(got):
        got.status = 404

    rules = [Rule("/referrers/sha256:", answer), Rule("/manifests/sha256-[0-9a-f]{64}$", hide)]
    with FaultServer(registry.port, *rules) as front:
        pull(f"{front.host}/{name}", work,
             {front.host: require(signer, identity="any")}).check_done()
        assert front.count(f"/referrers/{digest}") == pages
        assert front.count("/manifests/sha256-[0-9a-f]{64}$") == 0


@pytest.mark.parametrize("strangers", [49, 50])
def test_fifty_signatures_are_looked_at(registry, signer, pushed, work, tmp_path, strangers):
    """So many of a stranger stand before the one that counts."""
    stranger = Signer(tmp_path / "stranger")
    stranger.sign(pinned(pushed))
    signer.sign(pinned(pushed))
    name, tag = pushed.split("/", 1)[1], signature_tag(digest_of(pushed))
    manifest = json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false",
                              f"docker://{pushed}:{tag}"))
    assert len(manifest["layers"]) == 2
    manifest["layers"] = strangers * manifest["layers"][:1] + manifest["layers"][1:]
    Uploader(registry.port, name).manifest(manifest, tag)
    if strangers < 50:
        pull(pushed, work, {registry.host: require(signer)}).check_done()
    else:
        refused(pushed, work, {registry.host: require(signer)}, registry, "among 50: no key of the")


def test_an_unsigned_image_is_refused(registry, signer, pushed, work):
    line = refused(pushed, work, {registry.host: require(signer)}, registry, "is not signed",
                   digest_of(pushed), f'"{registry.host}"')
    assert len(line) < 400, line


@pytest.mark.parametrize("classic", [True, False], ids=["classic", "bundle"])
def test_another_key_is_refused(registry, signer, rsa_signer, pushed, work, classic):
    signer.sign(pinned(pushed), classic=classic)
    refused(pushed, work, {registry.host: require(rsa_signer)}, registry, "no valid signature",
            "no key of the rule made it")


def test_one_valid_signature_among_others_suffices(registry, signer, rsa_signer, pushed, work,
                                                   tmp_path):
    """The first ones are of another key and of another repository."""
    Signer(tmp_path / "stranger").sign(pinned(pushed))
    signer.sign(pinned(pushed), identity="registry.example/other")
    rsa_signer.sign(pinned(pushed))
    pull(pushed, work, {registry.host: require(signer, rsa_signer)}).check_done()


@pytest.mark.parametrize("classic", [True, False], ids=["classic", "bundle"])
def test_a_moved_image_is_refused(registry, signer, pushed, work, classic):
    """Image and signatures are copied to another repository, byte for byte."""
    name = {} if classic else {"docker-reference": pushed}
    signer.sign(pinned(pushed), classic=classic, annotations=name)
    moved = pushed.replace("/signed/", "/moved/")
    copy_with_referrers(f"{pushed}:latest", f"{moved}:latest")
    if classic:
        tag = signature_tag(digest_of(pushed))
        copy_tag(f"{pushed}:{tag}", f"{moved}:{tag}")
    signer.verify(pinned(moved), classic=classic)  # cosign does not look at the name
    refused(moved, work, {registry.host: require(signer)}, registry,
            f"it is for the repository {pushed}, not for {moved}")
    rules = {registry.host: require(signer),
             f"{registry.host}/moved": require(signer, identity=f"{registry.host}/signed")}
    pull(moved, work, rules).check_done()


def test_a_bundle_without_a_repository_needs_any(registry, signer, pushed, work):
    signer.sign(pinned(pushed), classic=False)
    refused(pushed, work, {registry.host: require(signer)}, registry,
            "does not say for which repository", f"-a docker-reference={pushed}")
    pull(pushed, work, {registry.host: require(signer, identity="any")}).check_done()


@pytest.mark.parametrize("classic", [True, False], ids=["classic", "bundle"])
def test_annotations(registry, signer, pushed, work, classic):
    signer.sign(pinned(pushed), classic=classic, annotations={"stage": "production", "team": "a"})
    rule = {"identity": "any", "annotations": {"stage": "production"}}
    pull(pushed, work, {registry.host: require(signer, **rule)}).check_done()
    shutil.rmtree(work)
    work.mkdir()
    rule["annotations"] = {"stage": "test"}
    refused(pushed, work, {registry.host: require(signer, **rule)}, registry,
            'the annotation stage is "production", not "test"')
    rule["annotations"] = {"approved": "yes"}
    refused(pushed, work, {registry.host: require(signer, **rule)}, registry,
            "the annotation approved=yes is not signed")


def test_a_changed_payload_is_refused(registry, signer, pushed, work):
    """The payload is made to name another image; its signature stays."""
    other = registry.push(images.layout("probe"), pushed.split("/", 1)[1] + "-other")
    signer.sign(pinned(other), identity=pushed)
    digest, wanted = digest_of(other), digest_of(pushed)
    copy_tag(f"{other}:{signature_tag(digest)}", f"{pushed}:{signature_tag(wanted)}")
    rules = {registry.host: require(signer)}
    refused(pushed, work, rules, registry, f"it is of another image ({digest})")
    rewrite_payload(registry, pushed.split("/", 1)[1], wanted, digest.encode(), wanted.encode())
    refused(pushed, work, rules, registry, "no key of the rule made it, or it was changed")
    signer.verify(pinned(other))  # which is as it was


def test_rules_by_repository(registry, signer, pushed, work):
    """The longest rule decides; "reject" asks the registry for nothing."""
    rules = {"default": {"policy": "reject"}, registry.host: require(signer),
             f"{registry.host}/signed": {"policy": "accept"}}
    pull(pushed, work, rules).check_done()
    shutil.rmtree(work)
    work.mkdir()
    rules[pushed] = {"policy": "reject"}
    before = len(registry.requests())
    line = pull(pushed, work, rules).check_failed()
    assert f'the image settings reject the image (signatures, rule "{pushed}")' in line
    assert pushed.split("/", 1)[1] not in registry.requests()[before:]
    line = pull("registry.invalid/app", work, rules).check_failed()
    assert 'reject the image (signatures, rule "default")' in line


def test_a_mistake_in_the_settings(registry, signer, pushed, work):
    rule = require(signer)
    rule["key"] = rule.pop("keys")
    line = pull(pushed, work, {registry.host: rule}).check_failed()
    assert 'unknown member "key": did you mean "keys"?' in line
    line = pull(pushed, work, {"busybox": require(signer)}).check_failed()
    assert 'write it in full' in line and "docker.io/library/busybox" in line


def test_an_ed25519_key_is_refused(registry, pushed, work, tmp_path):
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", tmp_path / "key.pem")
    public = run("openssl", "pkey", "-in", tmp_path / "key.pem", "-pubout").decode()
    line = pull(pushed, work, {"default": {"policy": "require", "keys": [public]}}).check_failed()
    assert "key 1: Ed25519 keys are not supported" in line


def push_index(registry, name):
    """An index with the image NAME in it, under the tag "many"."""
    reference = f"{registry.host}/{name}"
    raw = run("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{reference}")
    entry = {"mediaType": OCI_MANIFEST, "digest": digest_of(reference), "size": len(raw),
             "platform": {"os": "linux", "architecture": "amd64"}}
    Uploader(registry.port, name).manifest({"schemaVersion": 2, "mediaType": OCI_INDEX,
                                            "manifests": [entry]}, "many")
    return f"{reference}:many"


@pytest.mark.parametrize("what", ["index", "manifest"])
def test_an_index(registry, signer, work, what):
    """cosign signs what the tag points to, here an index; its platform's manifest will do as well."""
    name = f"signed/{next(NUMBERS)}"
    reference = registry.push(images.layout("busybox"), name)
    manifest = digest_of(reference)
    push_index(registry, name)
    assert digest_of(f"{reference}:many") != manifest
    if what == "index":
        signer.sign(pinned(f"{reference}:many"))
    else:
        signer.sign(f"{reference}@{manifest}")
    pull(f"{reference}:many", work, {registry.host: require(signer)}).check_done()
    shutil.rmtree(work)
    work.mkdir()
    if what == "index":  # by itself the manifest has no signature
        refused(reference, work, {registry.host: require(signer)}, registry, "is not signed")


def test_a_registry_that_fails_is_no_unsigned_image(registry, signer, pushed, work):
    """Where the signature cannot be had, the reason is the registry's, and no tree is made."""
    signer.sign(pinned(pushed))

    def fail(got):
        got.status, got.body = 403, b"{}"
        got.headers = {"Content-Length": "2"}

    with FaultServer(registry.port, Rule(r"\.sig$", fail)) as front:
        reference = f"{front.host}/{pushed.split('/', 1)[1]}"
        line = pull(reference, work, {front.host: require(signer, identity="any")}).check_failed()
    assert "look for a signature of" in line and "(403" in line, line


def test_a_mirror_has_the_signatures_too(registry, signer, pushed, work, tmp_path):
    """The name in the reference and in the signature is the registry's, which nobody can reach."""
    name = pushed.split("/", 1)[1]
    signer.sign(pinned(pushed), identity=f"registry.invalid/{name}")
    file = tmp_path / "both.json"
    mirrors = {"registry.invalid": {"mirrors": [{"url": f"http://{registry.host}"}]}}
    file.write_text(json.dumps({"registries": mirrors,
                                "signatures": {"registry.invalid": require(signer)}}))
    unpack(f"registry.invalid/{name}", work, "--settings", file).check_done()


@pytest.fixture(name="layout")
def signed_layout(signer, pushed, tmp_path):
    """What `cosign save` writes: image and classic signature."""
    signer.sign(pinned(pushed))
    (tmp_path / "layouts").mkdir()
    return pinned(pushed), signer.save(pinned(pushed), tmp_path / "layouts" / "saved")


def test_a_layout_with_its_signature(registry, signer, rsa_signer, layout, work):
    reference, saved = layout
    before = len(registry.requests())
    pull(reference, work, {registry.host: require(signer)}, "--layouts", saved.parent).check_done()
    assert registry.requests()[before:] == ""
    shutil.rmtree(work)
    work.mkdir()
    result = pull(reference, work, {registry.host: require(rsa_signer)}, "--layouts", saved.parent)
    assert result.status == 1 and not result.folder.exists(), result
    assert "no key of the rule made it" in result.lines[0] and "saved" in result.lines[0], result


def test_a_layout_with_referrers(registry, signer, pushed, work, tmp_path):
    """What `oras copy -r` writes: image and bundle."""
    oras = suites.program("oras", "sid")
    signer.sign(pinned(pushed), classic=False)
    (tmp_path / "layouts").mkdir()
    run(oras, "copy", "-r", "--from-plain-http", f"{pushed}:latest", "--to-oci-layout",
        f"{tmp_path / 'layouts' / 'copied'}:latest")
    reference = pinned(pushed)
    before = len(registry.requests())
    pull(reference, work, {registry.host: require(signer, identity="any")}, "--layouts",
         tmp_path / "layouts").check_done()
    assert registry.requests()[before:] == ""


def test_a_layout_without_its_signature(registry, signer, pushed, work, tmp_path):
    """It is passed over, and the registry is asked: for the signature, too."""
    places = tmp_path / "layouts"
    places.mkdir()
    shutil.copytree(images.layout("busybox"), places / "plain")
    rules = {registry.host: require(signer)}
    result = pull(pinned(pushed), work, rules, "--layouts", places)
    assert result.status == 1 and not result.folder.exists(), result
    assert "is not signed: the layout has no signature of" in result.lines[0], result
    assert f"is not signed: {registry.host} has no signature of" in result.lines[-1], result
    signer.sign(pinned(pushed))
    result = pull(pinned(pushed), work, rules, "--layouts", places)
    result.check_done()
    assert "is not signed: the layout has no signature of" in result.lines[0], result


def disk(path):
    with open(path, "wb") as file:
        file.truncate(48 << 20)
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", path)
    return path


def machine_settings(tmp_path, rules):
    return archive(tmp_path / f"settings-{next(NUMBERS)}.cpio",
                   {"/etc/berth/images.json": settings(tmp_path / "rules.json", rules)})


def test_a_machine_and_its_store(signer, rsa_signer, tmp_path):
    """A policy that is added later holds for stored images too; the signature that an image was let in
    with is kept, and is enough without the registry."""
    data = disk(tmp_path / "data")
    required = machine_settings(tmp_path, {"default": require(signer)})
    others = machine_settings(tmp_path, {"default": require(rsa_signer)})
    with Registry(tmp_path / "registry") as registry:
        reference = pinned(registry.push(images.layout("busybox"), "stored"))

        def start(initrd, status):
            result = boot("--disk", data, *(["--initrd-append", initrd] if initrd else []),
                          reference, "sh", "-c", "exit 3")
            assert result.status == status, result
            return result

        start(None, 3)
        assert "the image is not signed" in "\n".join(start(required, 125).errors)
        signer.sign(reference)
        assert start(required, 3).container["source"] == "store"
        assert "no key of the rule made it" in "\n".join(start(others, 125).errors)
    assert start(required, 3).container["source"] == "store"


def test_the_last_good_image_passes_the_gate(signer, rsa_signer, tmp_path):
    """The registry is away, and the image that it had last is in the store."""
    data = disk(tmp_path / "data")
    required = machine_settings(tmp_path, {"default": require(signer)})
    others = machine_settings(tmp_path, {"default": require(rsa_signer)})
    with Registry(tmp_path / "registry") as registry:
        reference = registry.push(images.layout("busybox"), "stored")
        signer.sign(pinned(reference))
        first = boot("--disk", data, "--initrd-append", required, reference, "sh", "-c", "exit 3")
        assert first.status == 3, first
    second = boot("--disk", data, "--initrd-append", required, reference, "sh", "-c", "exit 4")
    assert second.status == 4, second
    assert "last good" in second.container["source"], second
    third = boot("--disk", data, "--initrd-append", others, reference, "true")
    assert third.status == 125, third


def test_a_small_machine_pulls_a_signed_image(registry, signer, pushed, tmp_path):
    signer.sign(pinned(pushed), classic=False)
    initrd = machine_settings(tmp_path, {registry.host: require(signer, identity="any")})
    result = boot("-m", "48M", "--initrd-append", initrd, pushed, "sh", "-c", "exit 5")
    assert result.status == 5, result
    assert re.search(r'is signed with the key sha256:[0-9a-f]{12}… \(rule "localhost:',
                     result.console), result


@pytest.mark.parametrize("what", ["image", "index"])
def test_a_store_on_the_workstation(signer, rsa_signer, tmp_path, what):
    """As in a machine: whatever is stored passes the gate each time."""
    with Registry(tmp_path / "registry") as registry:
        tagged = registry.push(images.layout("busybox"), "stored")
        image = pinned(tagged)
        if what == "index":
            tagged = push_index(registry, "stored")

        def berth_pull(reference, *signers):
            rules = {"default": require(*signers)} if signers else {}
            done = subprocess.run(
                [str(BERTH), "pull", "--store", str(tmp_path / "store"), "--settings",
                 str(settings(tmp_path / "rules.json", rules)), reference],
                capture_output=True, text=True, check=False, timeout=100)
            return done.returncode, done.stderr

        assert berth_pull(tagged)[0] == 0
        status, words = berth_pull(image, signer)
        assert status == 1 and "the image is not signed" in words, words
        signer.sign(pinned(tagged))
        status, words = berth_pull(tagged, signer)
        assert status == 0 and "is signed with the key" in words, words
        status, words = berth_pull(image, rsa_signer)
        assert status == 1 and "no key of the rule made it" in words, words
    status, words = berth_pull(image, rsa_signer, signer)
    assert status == 0 and "is signed with the key" in words, words
    kept = list((tmp_path / "store" / "signatures").iterdir())
    assert [file.name for file in kept] == [image.split("sha256:")[1]]
    kept[0].write_bytes(kept[0].read_bytes().replace(b'"type"', b'"tYpe"'))
    status, words = berth_pull(image, rsa_signer, signer)
    assert status == 1 and "look for a signature of" in words, words
