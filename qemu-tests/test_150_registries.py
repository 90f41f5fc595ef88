# SPDX-License-Identifier: Apache-2.0
"""What can be pulled from what: every form of image from every kind of registry. The table of
docs/registries.md is what this test has seen; write it anew with BERTH_UPDATE_DOCS=1."""

import gzip
import json
import os
import re
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from harness import faults, images, odd_images
from harness.boot import boot
from harness.certificates import Authority
from harness.command import run
from harness.faults import FaultServer, Rule
from harness.initrd import archive
from harness.layout import entry, tar
from harness.machine import exit_code, run_machine
from harness.ports import free_port
from harness.proxy import Proxy
from harness.registry import Registry, make_htpasswd
from harness.settings import credentials, image_settings
from harness.upload import OCI_INDEX, OCI_MANIFEST, Uploader, sha256
from harness.vendors import VENDORS, VendorSite
from harness.workstation import unpack

PAGE = Path(__file__).parents[1] / "docs/registries.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
FORMS = ["OCI, gzip", "OCI, zstd", "Docker schema 2", "index"]


def listing(tree):
    """Paths with modes, targets and contents."""
    found = {}
    for path in sorted(tree.rglob("*")):
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else \
            path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(tree))] = (status.st_mode, status.st_uid, content)
    return found


class Place:
    """A registry to pull from."""

    def __init__(self, name, way_in, blobs, host, entry, options=(), check=None):
        self.row = (name, way_in, blobs)
        self.host = host
        self.entry = entry
        self.options = options
        self.check = check or (lambda: None)


@pytest.fixture(scope="module", name="expected")
def fixture_expected(tmp_path_factory):
    target = tmp_path_factory.mktemp("umoci") / "bundle"
    run("umoci", "unpack", "--image", f"{images.layout('busybox')}:latest", target)
    return listing(target / "rootfs")


@pytest.fixture(scope="module", name="store")
def fixture_store(tmp_path_factory):
    """A registry that the images are pushed to, form by form, as table/0, table/1 …"""
    folder = tmp_path_factory.mktemp("store")
    layout = images.layout("busybox")
    with Registry(folder / "registry") as registry:
        registry.push(layout, "table/0", "--format", "oci")
        changed = folder / "zstd"
        run("skopeo", "copy", "--quiet", "--insecure-policy", "--dest-compress-format", "zstd",
            f"oci:{layout}:latest", f"oci:{changed}:latest")
        registry.push(changed, "table/1", "--preserve-digests")
        registry.push(layout, "table/2", "--format", "v2s2")
        registry.push(layout, "table/3", "--format", "oci")
        plain = run("skopeo", "inspect", "--raw", "--tls-verify=false",
                    f"docker://{registry.host}/table/3")
        uploader = Uploader(registry.port, "table/3")
        document = dict(json.loads(plain), mediaType=OCI_MANIFEST)
        uploader.manifest(document, "plain")
        odd_images.index_around(uploader, json.dumps(document).encode(), OCI_MANIFEST)
        yield registry


@contextmanager
def simple_places(store, folder, authority):
    ca = authority.root.certificate
    entry = {"ca": ca.read_text()}
    client = authority.issue("client")
    htpasswd = make_htpasswd(folder / "htpasswd", "alice", "s3cret:colon")
    pair = authority.issue("localhost")
    with ExitStack() as stack:
        def serve(name, **options):
            return stack.enter_context(Registry(folder / name, store.storage, **options)).host
        yield_places = [
            Place("docker-registry", "nothing, plain HTTP", "the registry", store.host,
                  {"insecure": True}),
            Place("docker-registry", "nothing, private authority", "the registry",
                  serve("tls", tls=pair), entry),
            Place("docker-registry", "client certificate", "the registry",
                  serve("mutual", tls=pair, client_ca=ca),
                  dict(entry, client_certificate=client.certificate.read_text(),
                       client_key=client.key.read_text()))]
        closed = serve("closed", tls=pair, htpasswd=htpasswd)
        yield_places.append(
            Place("docker-registry", "Basic (htpasswd)", "the registry", closed, entry,
                  ["--credentials", credentials(folder, {closed: ("alice", "s3cret:colon")})]))
        cache = serve("cache", tls=pair, more={"storage": {"filesystem": {
            "rootdirectory": str(folder / "cached")}}, "proxy": {
                "remoteurl": f"http://127.0.0.1:{store.port}"}})
        mirror = dict(entry, url=f"https://{cache}", ns=True)
        yield_places.append(
            Place("docker-registry as a cache", "nothing, as a mirror", "the mirror",
                  "registry.invalid", {"mirrors": [mirror]}))
        yield yield_places


@contextmanager
def vendor_place(vendor, store, folder, authority):
    folder.mkdir()
    with VendorSite(vendor, folder, store.storage, authority) as site:
        yield Place(f"as {vendor.name}", vendor.way_in, f"another host ({vendor.redirect})",
                    site.host, site.entry, site.options(), site.check_storage)


def pull_all(place, expected, folder):
    """One row of the table."""
    settings = image_settings(folder, {place.host: place.entry})
    for number, form in enumerate(FORMS):
        unpacked = unpack(f"{place.host}/table/{number}", folder, "--settings", settings,
                          *place.options)
        assert unpacked.status == 0, (place.row, form, unpacked.lines)
        assert listing(unpacked.folder) == expected, (place.row, form)
    place.check()
    return "| " + " | ".join([*place.row, *["yes"] * len(FORMS)]) + " |\n"


def test_table(store, expected, tmp_path):
    authority = Authority(tmp_path)
    head = ["registry", "what it wants to see", "blobs come from", *FORMS]
    table = f"| {' | '.join(head)} |\n|{'---|' * len(head)}\n"
    with simple_places(store, tmp_path, authority) as places:
        for place in places:
            table += pull_all(place, expected, tmp_path)
    for number, vendor in enumerate(VENDORS):
        with vendor_place(vendor, store, tmp_path / f"vendor{number}", authority) as place:
            table += pull_all(place, expected, tmp_path)
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    written, after = rest.split(END)
    if os.environ.get("BERTH_UPDATE_DOCS"):
        PAGE.write_text(before + BEGIN + table + END + after)
        written = table
    assert table == written, "docs/registries.md says something else: BERTH_UPDATE_DOCS=1"


def pull_with(site, folder, *options, name="table/0", entry=None):
    settings = image_settings(folder, {site.host: entry or site.entry})
    return unpack(f"{site.host}/{name}", folder, "--settings", settings, *options)


@pytest.fixture(name="site")
def fixture_site(store, tmp_path):
    """site("Quay", lifetime=…) → VendorSite."""
    with ExitStack() as stack:
        def make(name, **options):
            vendor = [one for one in VENDORS if one.name == name][-1]
            (tmp_path / "site").mkdir()
            return stack.enter_context(VendorSite(vendor, tmp_path / "site", store.storage,
                                                  Authority(tmp_path), **options))
        yield make


@pytest.mark.parametrize("name", ["Docker Hub", "GHCR", "Quay", "Google", "ECR", "Azure"])
def test_without_credentials(site, tmp_path, name):
    line = pull_with(site(name), tmp_path).check_failed()
    assert re.search("localhost:[0-9]+ wants credentials .40[15]., and there are none for it|"
                     "token service of localhost:[0-9]+ answers 405", line), line


@pytest.mark.parametrize("name", ["Docker Hub", "ECR"])
def test_wrong_password(site, tmp_path, name):
    place = site(name)
    file = credentials(tmp_path, {place.host: ("alice", "wrong-password")})
    line = pull_with(place, tmp_path, "--credentials", file).check_failed()
    assert place.host in line and "wrong-password" not in line, line
    assert "accept the credentials" in line or "credentials do not suffice" in line, line


def test_one_token_for_all(site, tmp_path):
    """It lasts, so that it is fetched once; and it is for this repository alone."""
    place = site("Docker Hub")
    pull_with(place, tmp_path, *place.options()).check_done()
    assert place.tokens.scopes == ["repository:table/0:pull"]


def test_token_that_runs_out(site, tmp_path):
    """Berth knows when, and does not show an old one."""
    def slowly(answer):
        answer.delay = 1.2

    place = site("Google", lifetime=1)
    place.front.rules[0].fault = faults.both(slowly, place.front.rules[0].fault)
    pull_with(place, tmp_path, *place.options()).check_done()
    assert len(place.tokens.scopes) >= 2
    bare = [seen for seen in place.front.seen if "Authorization" not in seen.headers]
    assert len(bare) == len(place.tokens.scopes)


def test_token_that_is_too_narrow(site, tmp_path):
    """The registry says so, with insufficient_scope, and gets a wider one."""
    place = site("Quay")
    real, grants = place.tokens._token, []  # pylint: disable=protected-access

    def narrow_first(scopes):
        grants.append(scopes)
        return real(scopes if len(grants) > 1 else [])

    place.tokens._token = narrow_first  # pylint: disable=protected-access
    pull_with(place, tmp_path, *place.options()).check_done()
    assert grants == [["repository:table/0:pull"]] * 2


def test_several_scopes(site, tmp_path):
    """Each becomes a parameter of its own."""
    def ask_for_more(answer):
        for name, value in answer.headers.items():
            answer.headers[name] = value.replace("table/0:pull", "table/0:pull repository:x:pull")

    place = site("GHCR")
    place.front.rules.append(Rule("GET .*/manifests/", ask_for_more))
    pull_with(place, tmp_path, *place.options()).check_done()
    assert place.tokens.scopes == ["repository:table/0:pull", "repository:x:pull"]


def test_token_service_in_plain_http(site, tmp_path):
    """A registry in TLS cannot have its password sent over plain http."""
    def downgrade(answer):
        for name, value in answer.headers.items():
            answer.headers[name] = value.replace("https://", "http://")

    place = site("Docker Hub")
    place.front.rules.append(Rule("GET .*/manifests/", downgrade))
    line = pull_with(place, tmp_path, *place.options()).check_failed()
    assert "token fetched over plain http" in line and "refused" in line, line
    assert place.tokens.asked == []


def test_foreign_addresses_are_not_visited(store, tmp_path):
    """Descriptors may name other places for their blobs."""
    layer_tar = tar([entry("file", content=b"x")])
    allow = {"validation": {"manifests": {"urls": {"allow": ["^http://"]}}}}
    with FaultServer(store.port) as thief, \
            Registry(tmp_path / "liberal", store.storage, more=allow) as liberal:
        uploader = Uploader(liberal.port, "foreign")
        layer = dict(uploader.blob(gzip.compress(layer_tar), odd_images.GZIP),
                     urls=[f"http://127.0.0.1:{thief.port}/layer"])
        uploader.image([layer], [sha256(layer_tar)])
        unpack(f"{store.host}/foreign", tmp_path).check_done()
    assert thief.seen == []


def test_helper_is_named(site, tmp_path):
    place = site("ECR")
    file = credentials(tmp_path, {}, credHelpers={place.host: "ecr-login"})
    line = pull_with(place, tmp_path, "--credentials", file).check_failed()
    assert "kept by the helper docker-credential-ecr-login, which Berth does not run" in line, line


def test_registry_token(site, tmp_path):
    """A token that somebody else has fetched."""
    place = site("Quay")
    token = place.tokens._token(["repository:table/0:pull"])  # pylint: disable=protected-access
    file = tmp_path / "auth.json"
    for text, fails in ((token, False), (token[:-8], True)):
        file.write_text(json.dumps({"auths": {place.host: {"registrytoken": text}}}))
        unpacked = pull_with(place, tmp_path, "--credentials", file)
        assert (unpacked.status == 1) == fails, unpacked.lines
        assert not fails or "these credentials do not suffice" in unpacked.check_failed()
    assert place.tokens.asked == []


def test_password_by_post(site, tmp_path):
    """A token service that does not know GET gets the password in a form."""
    place = site("Azure")
    place.tokens.credentials = b"alice:s3cret"
    file = credentials(tmp_path, {place.host: ("alice", "s3cret")})
    pull_with(place, tmp_path, "--credentials", file).check_done()
    assert place.tokens.asked == ["GET", "POST password"]


def machine(tmp_path, registries, image, *options, ports=()):
    """Runs busybox from there; what listens on the workstation's loopback is dialled at 10.0.2.2."""
    files = {"/etc/berth/images.json": image_settings(tmp_path, registries)}
    files.update({"/etc/berth/auth.json": options[1]} if options else {})
    dialled = " ".join(f"berth.registry.connect={host}=10.0.2.2:{host.rsplit(':')[-1]}"
                       for host in ports)
    return run_machine(f'berth.image={image} {dialled} berth.cmd="sh -c \'exit 33\'"',
                       initrds=[archive(tmp_path / "settings.cpio", files)])


def test_machine_with_token_and_storage(site, tmp_path):
    """TLS with the private authority of the settings, a token, presigned addresses."""
    place = site("Quay")
    result = machine(tmp_path, {place.host: place.entry}, f"{place.host}/table/1",
                     *place.options(), ports=(place.host, f"127.0.0.1:{place.storage.port}"))
    assert result.status == exit_code(33), result
    assert result.container["source"] == f"registry {place.host}"
    assert place.tokens.scopes == ["repository:table/1:pull"]
    place.check_storage()


def test_machine_with_mirrors_and_client_certificate(store, tmp_path):
    """The first mirror is down, the second wants a certificate; the registry does not exist."""
    authority = Authority(tmp_path)
    ca, client = authority.root.certificate, authority.issue("client")
    with Registry(tmp_path / "mutual", store.storage, tls=authority.issue("localhost"),
                  client_ca=ca) as mutual:
        mirror = {"url": f"https://{mutual.host}/table", "ns": True, "ca": ca.read_text(),
                  "ca_only": True, "client_certificate": client.certificate.read_text(),
                  "client_key": client.key.read_text()}
        down = {"url": f"https://localhost:{free_port()}"}
        result = machine(tmp_path, {"registry.invalid": {"mirrors": [down, mirror]}},
                         "registry.invalid/0", ports=(mutual.host, down["url"][8:]))
    assert result.status == exit_code(33), result
    assert f"the mirror {down['url'][8:]} is passed over: " in result.console
    assert result.container["source"] == f"mirror {mutual.host} of registry.invalid"


def test_machine_behind_a_proxy(store, tmp_path):
    """The registry is known to the proxy alone: on the machine itself nothing listens there."""
    with Proxy(tmp_path / "proxy") as proxy:
        entry_ = {"insecure": True, "proxy": f"http://10.0.2.2:{proxy.port}"}
        result = machine(tmp_path, {store.host: entry_}, f"{store.host}/table/2")
        assert f"GET http://{store.host}/v2/table/2/manifests/latest" in proxy.requests()
    assert result.status == exit_code(33), result


def level_of(flags):
    """The level of the x86-64 psABI, from the names in /proc/cpuinfo."""
    two = {"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"}
    three = two | {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"}
    four = three | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
    return 4 if four <= flags else 3 if three <= flags else 2 if two <= flags else 1


@pytest.fixture(scope="module", name="levels")
def fixture_levels(store):
    """An index with a variant for each level of amd64, worst first; digests by variant."""
    raw = run("skopeo", "inspect", "--raw", "--tls-verify=false",
              f"docker://{store.host}/table/0")
    uploader = Uploader(store.port, "table/0")
    entries, digests = [], {}
    for variant in ("", "v1", "v2", "v3", "v4"):
        document = dict(json.loads(raw), mediaType=OCI_MANIFEST, annotations={"level": variant})
        descriptor = uploader.manifest(document, f"level{variant}")
        platform = {"os": "linux", "architecture": "amd64"}
        entries.append(dict(descriptor, platform=dict(platform, variant=variant) if variant
                            else platform))
        digests[variant] = descriptor["digest"]
    nested = uploader.manifest({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries},
                               "nested")
    uploader.manifest({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [nested]}, "levels")
    return digests


@pytest.mark.parametrize("platform, wanted", [
    ("linux/amd64", ""), ("linux/amd64/v1", ""), ("linux/amd64/v2", "v2"),
    ("linux/amd64/v3", "v3"), ("linux/amd64/v4", "v4")])
def test_level_that_is_asked_for(store, levels, tmp_path, platform, wanted):
    """In an index within an index."""
    before = store.requests()
    unpack(f"{store.host}/table/0:levels", tmp_path, "--platform", platform).check_done()
    asked = re.findall(r"manifests/(sha256:\w+)", store.requests()[len(before):])
    assert [digest for digest in asked if digest in levels.values()][-1] == levels[wanted]


def test_level_of_the_machine(store, levels):
    """The processor is asked, and its best variant taken."""
    result = boot(f"{store.host}/table/0:levels", "cat", "/proc/cpuinfo")
    assert result.status == 0, result
    flags = re.search(r"^flags\s*:(.*)$", "\n".join(result.output("0")), re.M)[1].split()
    level = level_of(set(flags))
    assert result.container["digest"] == levels[f"v{level}" if level > 1 else ""], level
