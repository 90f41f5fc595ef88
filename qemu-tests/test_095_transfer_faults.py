# SPDX-License-Identifier: Apache-2.0
"""Transfers that go wrong in every way that a network, a server or a cache can think of. A proxy in
front of a real registry spoils its answers. Each case ends with the right tree or with one line
that says what was wrong; never in a hang, never with a part of a tree left."""

import base64
import fcntl
import gzip
import json
import os
import random
import re
import subprocess

import pytest

from harness import faults, odd_images, programs
from harness.boot import boot
from harness.certificates import Authority
from harness.command import run
from harness.faults import FaultServer, Rule
from harness.layout import entry, tar
from harness.odd_images import GZIP
from harness.paths import BERTH
from harness.registry import Registry, make_htpasswd
from harness.tokens import SERVICE, TokenService
from harness.upload import OCI_INDEX, OCI_LAYER, OCI_MANIFEST, Uploader, sha256
from harness.workstation import unpack

def zstd(data: bytes) -> bytes:
    return run("zstd", "-q", stdin=data)


TENTHS = range(0, 100, 10)


class Sample:
    """An image whose one layer holds so many files of 99,991 bytes that do not compress."""

    def __init__(self, registry, name, count=10, more=(), config=None):
        dice = random.Random(1)
        self.files = {f"file{n}": dice.randbytes(99_991) for n in range(count)}
        self.archive = tar([entry(path, content=data) for path, data in self.files.items()] +
                           list(more))
        self.blob = gzip.compress(self.archive, 1, mtime=0)
        self.name = name
        self.registry = registry
        self.uploader = Uploader(registry.port, name)
        self.layer = self.uploader.blob(self.blob, GZIP)
        self.uploader.image([self.layer], [sha256(self.archive)], config)
        self.document = json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false",
                                       f"docker://{registry.host}/{name}"))
        # Not the look at its last four bytes, which tell the unpacked size.
        self.pattern = f"GET .*/blobs/{self.layer['digest']}(?! bytes={len(self.blob) - 4}-)"

    def serve(self, fault, times=None):
        return FaultServer(self.registry.port, Rule(self.pattern, fault, times))

    def check(self, unpacked):
        unpacked.check_done()
        assert {path.name: path.read_bytes() for path in unpacked.folder.iterdir()} == self.files

    def check_pull(self, server, folder, *options, **more):
        """It works in spite of everything."""
        self.check(unpack(f"{server.host}/{self.name}", folder, *options, **more))

    def check_error(self, server, folder, *patterns, **more):
        """It does not, and the line says why."""
        line = unpack(f"{server.host}/{self.name}", folder, **more).check_failed()
        for pattern in patterns:
            assert re.search(pattern, line, re.I), (pattern, line)
        return line


@pytest.fixture(scope="module", name="sample")
def sample_image(registry):
    return Sample(registry, "transfer")


@pytest.fixture(scope="module", name="large")
def large_image(registry):
    """35 MB: large enough to be split once the first half second has shown that it is worth it."""
    return Sample(registry, "large", 350)


# Bodies that end too early.

@pytest.mark.parametrize("with_reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("tenth", TENTHS)
def test_broken_off_once(sample, tmp_path, tenth, with_reset):
    """The rest is asked for, and only the rest."""
    offset = len(sample.blob) * tenth // 100
    with sample.serve(faults.stop_at(offset, with_reset), 1) as server:
        sample.check_pull(server, tmp_path)
    first, second = server.requests(sample.pattern)
    assert "Range" not in first.headers
    # What was in flight at a reset may be lost.
    start = int(re.match(r"bytes=(\d+)-$", second.headers.get("Range", "bytes=0-"))[1])
    assert start <= offset and (with_reset or start == offset)


@pytest.mark.parametrize("with_reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("tenth", TENTHS)
def test_broken_off_for_ever(sample, tmp_path, tenth, with_reset):
    offset = len(sample.blob) * tenth // 100
    with sample.serve(faults.stop_at(offset, with_reset)) as server:
        sample.check_error(server, tmp_path, "broke off", sample.layer["digest"])
    assert server.count(sample.pattern) <= 12


def test_broken_off_again_and_again(sample, tmp_path):
    """Ten breaks with progress between them."""
    with sample.serve(faults.truncate, 0) as server:
        server.rules = [Rule(sample.pattern, faults.stop_at(len(sample.blob) * tenth // 100), 1)
                        for tenth in TENTHS]
        sample.check_pull(server, tmp_path)
    assert server.count(sample.pattern) == 11


def test_broken_off_more_than_twenty_times(large, tmp_path):
    """As long as each part is a large one, nobody loses patience."""
    def part(answer):
        answer.sent = min(len(answer.body), 1_600_000)
    with large.serve(part) as server:
        large.check_pull(server, tmp_path)
    assert server.count(large.pattern) > 20


def test_server_without_ranges(sample, tmp_path):
    """It begins anew each time; what was there before is passed over."""
    with sample.serve(faults.without_ranges(sample.blob)) as server:
        server.rules.insert(0, Rule(sample.pattern, faults.both(
            faults.without_ranges(sample.blob), faults.stop_at(700_000)), 2))
        sample.check_pull(server, tmp_path)
    assert server.count(sample.pattern) == 3


# Lengths that are wrong.

@pytest.mark.parametrize("difference, reason", [(1, "broke off"), (100_000, "broke off"),
                                                (-1, "bytes"), (-100_000, "bytes")])
def test_wrong_content_length(sample, tmp_path, difference, reason):
    with sample.serve(faults.announce(difference)) as server:
        sample.check_error(server, tmp_path, reason)


@pytest.mark.parametrize("fault", [faults.shorten, faults.lengthen], ids=["short", "long"])
def test_another_length_than_the_manifest_says(sample, tmp_path, fault):
    with sample.serve(fault) as server:
        sample.check_error(server, tmp_path, "bytes", str(len(sample.blob)))


@pytest.mark.parametrize("difference", [-1000, -1, 1, 1000])
def test_wrong_size_in_the_manifest(sample, registry, tmp_path, difference):
    uploader = Uploader(registry.port, f"size{difference}")
    uploader.blob(sample.blob, GZIP)
    uploader.image([dict(sample.layer, size=len(sample.blob) + difference)],
                   [sha256(sample.archive)])
    line = unpack(f"{registry.host}/{uploader.repository}", tmp_path).check_failed()
    assert re.search("bytes", line), line


@pytest.mark.parametrize("fault", [faults.chunked, faults.old], ids=["chunked", "http-1.0"])
def test_without_a_length(sample, tmp_path, fault):
    with sample.serve(fault) as server:
        server.rules.append(Rule("GET ", fault))  # manifest and configuration too
        sample.check_pull(server, tmp_path)


@pytest.mark.parametrize("fault", [faults.chunked, faults.old], ids=["chunked", "http-1.0"])
@pytest.mark.parametrize("offset", [0, 500_000])
def test_without_a_length_and_broken_off(sample, tmp_path, fault, offset):
    with sample.serve(faults.both(fault, faults.stop_at(offset)), 1) as server:
        sample.check_pull(server, tmp_path)
    assert server.count(sample.pattern) == 2


# Ranges that are wrong.

WRONG_RANGES = {
    "from the start": lambda first, last, total: f"bytes 0-{last - first}/{total}",
    "one early": lambda first, last, total: f"bytes {first - 1}-{last}/{total}",
    "one late": lambda first, last, total: f"bytes {first + 1}-{last}/{total}",
    "other size": lambda first, last, total: f"bytes {first}-{last}/{total + 1}",
    "beyond the end": lambda first, last, total: f"bytes {first}-{total}/{total}",
    "backwards": lambda first, last, total: f"bytes {last}-{first}/{total}",
    "other unit": lambda first, last, total: f"lines {first}-{last}/{total}",
    "no number": lambda first, last, total: "bytes x-y/z",
    "huge": lambda first, last, total: f"bytes {1 << 64}{first}-{last}/{total}",
    "missing": lambda first, last, total: None,
}


@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
@pytest.mark.parametrize("name", WRONG_RANGES)
def test_wrong_range(sample, tmp_path, name, times):
    """Never taken for the bytes that were asked for."""
    with sample.serve(faults.stop_at(500_000), 1) as server:
        server.rules.append(Rule(sample.pattern, faults.ranged(WRONG_RANGES[name]), times))
        if times:
            sample.check_pull(server, tmp_path)
        else:
            sample.check_error(server, tmp_path, "range")


def test_range_that_nobody_asked_for(sample, tmp_path):
    with sample.serve(faults.ranged(WRONG_RANGES["from the start"])) as server:
        sample.check_error(server, tmp_path, "range")


def test_less_than_the_range(sample, tmp_path):
    """A server may cut a range short, and say so: the rest is asked for."""
    def halves(answer):
        if answer.asked:
            answer.body = answer.body[:max(1, len(answer.body) // 2)]
            faults.ranged(lambda first, last, total: f"bytes {first}-{last}/{total}")(answer)
    with sample.serve(faults.stop_at(500_000), 1) as server:
        server.rules.append(Rule(sample.pattern, halves, 3))
        sample.check_pull(server, tmp_path)


def test_range_not_satisfiable(sample, tmp_path):
    """416 once: all is asked for again; for ever: an error."""
    with sample.serve(faults.stop_at(500_000), 1) as server:
        server.rules.append(Rule(sample.pattern, faults.status(416), 1))
        sample.check_pull(server, tmp_path)
    with sample.serve(faults.stop_at(500_000), 1) as server:
        server.rules.append(Rule(sample.pattern, faults.status(416)))
        sample.check_error(server, tmp_path, "416")


# Bytes that are wrong.

def test_corrupt(sample, tmp_path):
    with sample.serve(faults.corrupt) as server:
        sample.check_error(server, tmp_path, "corrupt", "sha256")


def test_corrupt_after_a_break(sample, tmp_path):
    """The digest goes over both parts."""
    with sample.serve(faults.stop_at(500_000), 1) as server:
        server.rules.append(Rule(sample.pattern, faults.corrupt))
        sample.check_error(server, tmp_path, "corrupt", "sha256")


@pytest.mark.parametrize("content_type", ["text/html", "application/json", "image/png", ""])
def test_wrong_content_type_of_a_layer(sample, tmp_path, content_type):
    """It says nothing that the manifest does not say better."""
    with sample.serve(faults.header("Content-Type", content_type)) as server:
        sample.check_pull(server, tmp_path)


@pytest.mark.parametrize("fault", [faults.encoded, faults.both(faults.encoded, faults.chunked)],
                         ids=["length", "chunked"])
@pytest.mark.parametrize("pattern", ["GET .*/manifests/", "GET .*/blobs/"])
def test_gzip_on_top(sample, tmp_path, pattern, fault):
    """A proxy compresses what it passes on, though we ask for identity."""
    with FaultServer(sample.registry.port, Rule(pattern, fault)) as server:
        sample.check_pull(server, tmp_path)
    assert all(seen.headers["Accept-Encoding"] == "identity" for seen in server.seen)


def test_gzip_on_top_and_broken_off(sample, tmp_path):
    """A range would be of other bytes: all is asked for again."""
    with sample.serve(faults.both(faults.encoded, faults.stop_at(500_000)), 2) as server:
        server.rules.append(Rule(sample.pattern, faults.encoded))
        sample.check_pull(server, tmp_path)
    assert not any("Range" in seen.headers for seen in server.requests(sample.pattern))


def test_gzip_on_top_and_corrupt(sample, tmp_path):
    with sample.serve(faults.both(faults.encoded, faults.corrupt)) as server:
        sample.check_error(server, tmp_path, "Content-Encoding gzip")


def test_gzip_that_is_not_on_top(sample, tmp_path):
    """The layer is gzip: some storage says so in the header too."""
    with sample.serve(faults.stop_at(500_000), 1) as server:
        server.rules[0].fault = faults.both(faults.header("Content-Encoding", "gzip"),
                                            server.rules[0].fault)
        server.rules.append(Rule(sample.pattern, faults.header("Content-Encoding", "gzip")))
        sample.check_pull(server, tmp_path)
    assert len(server.requests(sample.pattern)) == 2


def test_bomb_on_top(sample, tmp_path):
    """A gigabyte of zeros behind what should be there: it stops at the size that is right."""
    def bomb(answer):
        answer.body = gzip.compress(answer.body) + gzip.compress(b"\0" * (64 << 20)) * 16
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(answer.body))
    with sample.serve(bomb) as server:
        sample.check_error(server, tmp_path, "more than the expected")
        server.rules = [Rule("GET .*/manifests/", bomb)]
        sample.check_error(server, tmp_path, "more than the expected")


def test_unknown_content_encoding(sample, tmp_path):
    with sample.serve(faults.both(faults.lengthen,
                                  faults.header("Content-Encoding", "br"))) as server:
        sample.check_error(server, tmp_path, "Content-Encoding", "br")


# Statuses.

@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_status_that_passes(sample, tmp_path, code):
    with sample.serve(faults.status(code), 2) as server:
        sample.check_pull(server, tmp_path)
    assert server.count(sample.pattern) == 3


@pytest.mark.parametrize("code", [400, 403, 404, 410, 418, 451, 501, 505])
def test_status_that_does_not_pass(sample, tmp_path, code):
    with sample.serve(faults.status(code)) as server:
        sample.check_error(server, tmp_path, str(code))


@pytest.mark.parametrize("code", [429, 500, 503])
def test_status_for_ever(sample, tmp_path, code):
    with sample.serve(faults.status(code)) as server:
        sample.check_error(server, tmp_path, str(code))
    assert 2 <= server.count(sample.pattern) <= 8


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
@pytest.mark.parametrize("code", [429, 503])
def test_retry_after(sample, tmp_path, code, as_date):
    """Nobody asks before the time that the server named (a date has whole seconds)."""
    with sample.serve(faults.busy(code, 3, as_date), 1) as server:
        sample.check_pull(server, tmp_path)
    first, second = server.requests(sample.pattern)
    assert second.at - first.at >= (1.5 if as_date else 3)


def test_retry_after_an_hour(sample, tmp_path):
    """Not waited for here, but said."""
    with sample.serve(faults.busy(429, 3600)) as server:
        sample.check_error(server, tmp_path, "429", "3600")
    assert server.count(sample.pattern) == 1


@pytest.mark.parametrize("value", ["", "soon", "-5", "99999999999999999999", "1.5",
                                   "Mon, 99 Foo 2026 77:00:00 GMT"])
def test_retry_after_that_says_nothing(sample, tmp_path, value):
    with sample.serve(faults.status(503, (("Retry-After", value),)), 1) as server:
        result = unpack(f"{server.host}/{sample.name}", tmp_path)
    if value.startswith("999"):
        assert "503" in result.check_failed()  # longer than anybody waits
    else:
        sample.check(result)


@pytest.mark.parametrize("code", [201, 203, 204, 207, 300, 304, 305])
def test_status_that_means_something_else(sample, tmp_path, code):
    with sample.serve(faults.status(code)) as server:
        sample.check_error(server, tmp_path, f"{code}|bytes|redirect")


# Answers that are hardly HTTP.

@pytest.mark.parametrize("data, reason", [
    (b"", "broke off"),
    (b"SSH-2.0-OpenSSH_9.9\r\n", "HTTP"),
    (b"HTTP/9.9 200 OK\r\n\r\n", "HTTP"),
    (b"HTTP/1.1 2000 OK\r\n\r\n", "HTTP|bytes"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "bytes|HTTP"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "HTTP|Content-Length"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello", "broke off|chunk"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello",
     "broke off|chunk"),
    (b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(2000)),
     "header|HTTP|large|broke off"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 5_000_000, "header|HTTP|large"),
], ids=["nothing", "ssh", "version", "status", "two lengths", "negative length", "bad chunk",
        "huge chunk", "many headers", "huge header"])
def test_not_quite_http(sample, tmp_path, data, reason):
    with sample.serve(faults.raw(data)) as server:
        sample.check_error(server, tmp_path, reason)
    with sample.serve(faults.raw(data), 1) as server:  # once: an error, or made good
        result = unpack(f"{server.host}/{sample.name}", tmp_path)
        if result.status != 0:
            result.check_failed()


def test_interim_answers(sample, tmp_path):
    """What a 103 says of a body is not said of the one that follows."""
    hints = (b"HTTP/1.1 103 Early Hints\r\nContent-Encoding: br\r\nContent-Range: bytes 5-9/10\r\n"
             b"Location: /elsewhere\r\n\r\n")
    with sample.serve(faults.ahead(hints * 3)) as server:
        server.rules.insert(0, Rule(sample.pattern, faults.both(
            faults.ahead(hints), faults.stop_at(500_000)), 1))
        sample.check_pull(server, tmp_path)
    assert server.count(sample.pattern) == 2


def test_interim_answers_for_ever(sample, tmp_path):
    with sample.serve(faults.raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000)) as server:
        sample.check_error(server, tmp_path, "")


# Redirects.

def test_redirect_to_itself(sample, tmp_path):
    with sample.serve(lambda answer: None) as server:
        server.rules[0].fault = faults.redirect_to("")
        sample.check_error(server, tmp_path, "redirects")
    assert server.count(sample.pattern) <= 10


def test_redirect_between_two_servers(sample, tmp_path):
    with sample.serve(lambda answer: None) as one, sample.serve(lambda answer: None) as two:
        one.rules[0].fault = faults.redirect_to(f"http://127.0.0.1:{two.port}")
        two.rules[0].fault = faults.redirect_to(f"http://127.0.0.1:{one.port}")
        line = unpack(f"{one.host}/{sample.name}", tmp_path, "--insecure", f"127.0.0.1:{one.port}",
                      "--insecure", f"127.0.0.1:{two.port}").check_failed()
    assert "redirects" in line
    assert one.count(sample.pattern) + two.count(sample.pattern) <= 9


@pytest.mark.parametrize("target, reason", [
    ("", "without a target"),
    ("ftp://127.0.0.1/blob", "redirect"),
    ("file:///etc/passwd", "redirect"),
    ("gopher://127.0.0.1/", "redirect"),
    ("http://", "redirect"),
    ("http://user:password@127.0.0.1/", "redirect|connect"),
    ("http://169.254.169.254/latest/meta-data/", "link-local"),
    ("http://[fe80::1]/", "link-local|connect|redirect"),
    ("http://127.0.0.1:99999/", "redirect"),
    ("/" + "x" * 9000, "redirect"),
])
def test_redirect_to_nowhere(sample, tmp_path, target, reason):
    with sample.serve(faults.status(307, (("Location", target),))) as server:
        sample.check_error(server, tmp_path, reason)


def secret_of(path, host):
    """A credentials file in the form of Docker's, with one password."""
    auth = base64.b64encode(b"alice:s3cret").decode()
    path.write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    return path


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirect_carries_no_secret(sample, registry, tmp_path, code):
    """Another host gets the request, and nothing that says who asks or from where."""
    htpasswd = make_htpasswd(tmp_path / "htpasswd", "alice", "s3cret")
    with Registry(tmp_path / "registry", registry.storage, htpasswd=htpasswd) as closed, \
            FaultServer(registry.port) as elsewhere, FaultServer(closed.port) as front:
        front.rules.append(Rule(sample.pattern, faults.redirect_to(
            f"http://127.0.0.1:{elsewhere.port}", code)))
        elsewhere.rules.append(Rule(sample.pattern, faults.stop_at(500_000), 1))
        sample.check_pull(front, tmp_path, "--insecure", f"127.0.0.1:{elsewhere.port}",
                          "--credentials", secret_of(tmp_path / "auth.json", front.host))
    assert any("Authorization" in seen.headers for seen in front.seen)
    asked = elsewhere.requests(sample.pattern)
    assert len(asked) == 2 and "Range" in asked[1].headers
    for seen in asked:
        assert not {"authorization", "referer", "cookie"} & {name.lower() for name in seen.headers}
        assert "s3cret" not in str(seen.headers)


def test_redirect_out_of_tls(sample, registry, tmp_path):
    """Never from https to http, unless the user has said so of the other host."""
    key = Authority(tmp_path).issue("localhost")
    with FaultServer(registry.port, tls=key) as front, FaultServer(registry.port) as elsewhere:
        front.rules = [Rule(sample.pattern,
                            faults.redirect_to(f"http://127.0.0.1:{elsewhere.port}"))]
        sample.check_error(front, tmp_path, "redirect from https to plain http", "refused")
        assert not elsewhere.seen
        sample.check_pull(front, tmp_path, "--insecure", f"127.0.0.1:{elsewhere.port}")


@pytest.mark.parametrize("fault", [lambda answer: None, faults.chunked, faults.old],
                         ids=["length", "chunked", "http-1.0"])
def test_broken_off_in_tls(sample, registry, tmp_path, fault):
    """Whoever cuts the line cannot make a part pass for the whole."""
    key = Authority(tmp_path).issue("localhost")
    with FaultServer(registry.port, tls=key) as server:
        server.rules = [Rule(sample.pattern, faults.both(fault, faults.stop_at(500_000)), 1)]
        sample.check_pull(server, tmp_path)
        assert server.count(sample.pattern) == 2
        server.rules = [Rule(sample.pattern, faults.both(fault, faults.stop_at(500_000)))]
        sample.check_error(server, tmp_path, "broke off|ended after")


def test_presigned_address_that_expires(sample, registry, tmp_path):
    """403 behind a redirect: the registry is asked for a new address."""
    with FaultServer(registry.port) as elsewhere, FaultServer(registry.port) as front:
        front.rules.append(Rule(sample.pattern,
                                faults.redirect_to(f"http://127.0.0.1:{elsewhere.port}")))
        elsewhere.rules += [Rule(sample.pattern, faults.stop_at(300_000), 1),
                            Rule(sample.pattern, faults.status(403), 2)]
        sample.check_pull(front, tmp_path, "--insecure", f"127.0.0.1:{elsewhere.port}")
    assert front.count(sample.pattern) == elsewhere.count(sample.pattern) == 4


@pytest.mark.parametrize("code", [401, 403])
def test_address_that_is_always_refused(sample, registry, tmp_path, code):
    """The storage refuses, not the registry: so says the line. Its challenge is not answered."""
    with FaultServer(registry.port) as elsewhere, FaultServer(registry.port) as front, \
            FaultServer(registry.port) as thief:
        front.rules.append(Rule(sample.pattern,
                                faults.redirect_to(f"http://127.0.0.1:{elsewhere.port}")))
        challenge = f'Bearer realm="http://127.0.0.1:{thief.port}/token",service="x"'
        elsewhere.rules.append(Rule(sample.pattern, faults.status(
            code, (("WWW-Authenticate", challenge), ("WWW-Authenticate", 'Basic realm="x"')))))
        line = unpack(f"{front.host}/{sample.name}", tmp_path,
                      "--insecure", f"127.0.0.1:{elsewhere.port}",
                      "--insecure", f"127.0.0.1:{thief.port}", "--credentials",
                      secret_of(tmp_path / "auth.json", front.host)).check_failed()
    assert str(code) in line and f"127.0.0.1:{elsewhere.port}" in line, line
    assert not thief.seen
    assert not any("Authorization" in seen.headers for seen in elsewhere.seen)
    assert elsewhere.count(sample.pattern) <= 6


# Manifests that mean two things (CVE-2021-41190), or come oddly.

def index_of(document):
    """An index that names the same image."""
    data = json.dumps(document).encode()
    return {"mediaType": OCI_INDEX, "schemaVersion": 2, "manifests": [
        {"mediaType": OCI_MANIFEST, "digest": sha256(data), "size": len(data),
         "platform": {"os": "linux", "architecture": "amd64"}}]}


AMBIGUOUS = [
    ("both", lambda document: {**index_of(document), **document}, OCI_MANIFEST),
    ("both, as an index", lambda document: {**document, **index_of(document)}, OCI_INDEX),
    ("both, silent", lambda document: {**index_of(document), **document, "mediaType": None},
     OCI_MANIFEST),
    ("manifest sent as index", lambda document: document, OCI_INDEX),
    ("index sent as manifest", index_of, OCI_MANIFEST),
    ("index that calls itself a manifest",
     lambda document: dict(index_of(document), mediaType=OCI_MANIFEST), OCI_MANIFEST),
    ("manifest that calls itself an index",
     lambda document: dict(document, mediaType=OCI_INDEX), OCI_INDEX),
    ("two names of one kind", lambda document: document,
     "application/vnd.docker.distribution.manifest.v2+json"),
]


@pytest.mark.parametrize("change, content_type", [row[1:] for row in AMBIGUOUS],
                         ids=[row[0] for row in AMBIGUOUS])
def test_ambiguous_manifest(sample, tmp_path, change, content_type):
    body = json.dumps(change(sample.document)).encode()
    with FaultServer(sample.registry.port,
                     Rule("GET .*/manifests/", faults.replace(body, content_type))) as server:
        sample.check_error(server, tmp_path, "ambiguous")
        assert server.count("GET .*/blobs/") == 0


@pytest.mark.parametrize("content_type", ["application/octet-stream", "text/plain; charset=utf-8",
                                          OCI_MANIFEST + "; charset=utf-8", OCI_MANIFEST.upper()])
def test_content_type_of_a_manifest(sample, tmp_path, content_type):
    """The document says itself what it is; a careless type beside it is passed over."""
    with FaultServer(sample.registry.port, Rule("GET .*/manifests/", faults.header(
            "Content-Type", content_type))) as server:
        sample.check_pull(server, tmp_path)


@pytest.mark.parametrize("fault", [faults.truncate, faults.reset, faults.status(503)],
                         ids=["truncated", "reset", "503"])
def test_manifest_broken_off_once(sample, tmp_path, fault):
    with FaultServer(sample.registry.port, Rule("GET .*/manifests/", fault, 2)) as server:
        sample.check_pull(server, tmp_path)
    assert server.count("GET .*/manifests/") == 3


@pytest.mark.parametrize("fault", [faults.truncate, faults.reset, faults.corrupt,
                                   faults.shorten, faults.lengthen],
                         ids=["truncated", "reset", "corrupt", "short", "long"])
def test_configuration(sample, tmp_path, fault):
    digest = sample.document["config"]["digest"]
    with FaultServer(sample.registry.port, Rule(f"GET .*/blobs/{digest}", fault)) as server:
        sample.check_error(server, tmp_path, "configuration", "bytes|digest|broke off")


def test_deadline_behind_a_pull_that_never_ends(sample, tmp_path):
    """Somebody holds the store's lock and does nothing with it."""
    store = tmp_path / "store"
    store.mkdir()
    holder = os.open(store, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with FaultServer(sample.registry.port) as server:
        words = [BERTH, "pull", "--store", store, "--deadline", 1, f"{server.host}/{sample.name}"]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 1 and "has not ended in time" in done.stderr, done.stderr
        os.close(holder)
        assert run(*words)
    assert not list(store.glob("*/.partial*"))


# Layers that are not what they say, or more than they seem.

@pytest.mark.parametrize("said", ["", "+gzip", "+zstd"])
@pytest.mark.parametrize("kind", ["tar", "gzip", "gzip-members", "zstd", "zstd-frames"])
def test_media_type_that_lies(sample, registry, tmp_path, kind, said):
    """The first bytes tell the compression, as they do for containerd and podman."""
    half = len(sample.archive) // 2
    pack = {"tar": bytes, "gzip": gzip.compress, "zstd": zstd,
            "gzip-members": lambda data: gzip.compress(data[:half]) + gzip.compress(data[half:]) +
                            bytes(1000),
            "zstd-frames": lambda data: b"\x5a\x2a\x4d\x18\4\0\0\0skip" + zstd(data[:half]) +
                           zstd(data[half:])}
    uploader = Uploader(registry.port, f"is-{kind}-said{said.replace('+', '-')}")
    layer = uploader.blob(pack[kind](sample.archive), OCI_LAYER + said)
    uploader.image([layer], [sha256(sample.archive)])
    sample.check(unpack(f"{registry.host}/{uploader.repository}", tmp_path))


@pytest.mark.parametrize("said", ["+gzip", "+zstd"])
@pytest.mark.parametrize("data", [b"", b"hello\n" * 1000, b"BZh91AY&SY" + bytes(5000),
                                  b"\xfd7zXZ\0" + bytes(5000)],
                         ids=["nothing", "text", "bzip2", "xz"])
def test_compression_that_is_none(registry, tmp_path, data, said):
    uploader = Uploader(registry.port, f"nothing-{len(data)}{said.replace('+', '-')}")
    uploader.image([uploader.blob(data, OCI_LAYER + said)], [sha256(b"")])
    line = unpack(f"{registry.host}/{uploader.repository}", tmp_path).check_failed()
    assert said[1:] in line, line


@pytest.mark.parametrize("tail", [b"x", b"\0\0x", b"garbage" * 100])
@pytest.mark.parametrize("kind", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_bytes_behind_the_end(sample, registry, tmp_path, kind, tail):
    """Zeros are padding; anything else has been seen by nobody who made the digests."""
    uploader = Uploader(registry.port, f"tail-{len(tail)}-{kind.__name__}")
    said = OCI_LAYER + ("+gzip" if kind is gzip.compress else "+zstd")
    uploader.image([uploader.blob(kind(sample.archive) + tail, said)], [sha256(sample.archive)])
    line = unpack(f"{registry.host}/{uploader.repository}", tmp_path).check_failed()
    assert re.search("after the end|zstd data", line), line


@pytest.mark.parametrize("good", [True, False], ids=["right", "wrong"])
def test_deepest_path(registry, tmp_path, good):
    """2,040 folders in each other, as deep as a path may be long; what is refused goes away again."""
    archive = tar([entry("d/" * 2040 + "leaf", content=b"deep")])
    uploader = Uploader(registry.port, f"deep-{str(good).lower()}")
    uploader.image([uploader.blob(gzip.compress(archive), GZIP)],
                   [sha256(archive if good else b"something else")])
    result = unpack(f"{registry.host}/{uploader.repository}", tmp_path)
    if good:
        result.check_done()
        assert b"deep" == run("find", result.folder, "-name", "leaf", "-execdir", "cat", "{}", ";")
    else:
        assert "something else" not in result.check_failed()
    run("rm", "-rf", result.folder)


@pytest.mark.parametrize("name, reason", [("d/" * 2100 + "leaf", "4095|too long"),
                                          ("n" * 256, "255"), ("d/" * 3_000_000, "")],
                         ids=["path", "name", "header"])
def test_path_that_is_too_long(registry, tmp_path, name, reason):
    archive = tar([entry(name, content=b"x")])
    uploader = Uploader(registry.port, f"long-{len(name)}")
    uploader.image([uploader.blob(gzip.compress(archive), GZIP)], [sha256(archive)])
    line = unpack(f"{registry.host}/{uploader.repository}", tmp_path).check_failed()
    assert re.search(reason, line), line


BOMBS = {"one layer": [3 << 30], "two layers": [768 << 20, 768 << 20]}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb(registry, tmp_path, name):
    """Gigabytes from a few kilobytes: refused, whether one layer has them or all together."""
    uploader = Uploader(registry.port, f"bomb-{len(BOMBS[name])}")
    odd_images.zeros_behind(uploader, BOMBS[name])
    line = unpack(f"{registry.host}/{uploader.repository}", tmp_path).check_failed()
    assert "do harm" in line, line


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_zeros_that_are_no_bomb(registry, tmp_path, kind):
    """A file of zeros, as a database or a swap file begins, however well it packs."""
    size = 192 << 20
    archive = tar([entry("zeros", content=bytes(size))])
    uploader = Uploader(registry.port, f"zeros-{kind}")
    data = gzip.compress(archive, 9) if kind == "gzip" else zstd(archive)
    assert len(archive) / len(data) > (1000 if kind == "gzip" else 10_000)
    uploader.image([uploader.blob(data, f"{OCI_LAYER}+{kind}")], [sha256(archive)])
    result = unpack(f"{registry.host}/{uploader.repository}", tmp_path)
    result.check_done()
    assert (result.folder / "zeros").stat().st_size == size


# A large layer over several connections.

FAST = 3_000_000
CHUNK = r" bytes=\d+-\d+$"


def slow(fault):
    return faults.both(faults.rate(FAST), fault)


def chunks_of(server, sample):
    """First and last bytes of the chunks that were asked for."""
    found = [re.search(r" bytes=(\d+)-(\d+)$", seen.line)
             for seen in server.requests(sample.pattern)]
    return [(int(match[1]), int(match[2])) for match in found if match]


def test_large_layer(large, tmp_path):
    """Each byte is asked for once, by four connections; the first one shows how slow one is."""
    with large.serve(faults.rate(FAST)) as server:
        large.check_pull(server, tmp_path)
    assert server.most_at_once in (4, 5)  # the server may not have noticed the end of the first
    chunks = sorted(chunks_of(server, large))
    assert len(chunks) >= 6
    assert all(one[1] + 1 == two[0] for one, two in zip(chunks, chunks[1:]))
    assert chunks[0][0] >= 1_000_000 and chunks[-1][1] == len(large.blob) - 1


def test_large_layer_of_a_fast_server(large, tmp_path):
    """One connection that is as fast as the unpacking is left alone (on a busy machine it may not
    always be)."""
    requests = []
    while 1 not in requests and len(requests) < 5:
        with FaultServer(large.registry.port) as server:
            large.check_pull(server, tmp_path)
        requests.append(server.count(large.pattern))
    assert 1 in requests


def test_large_layer_of_a_server_without_ranges(large, tmp_path):
    with large.serve(slow(faults.without_ranges(large.blob))) as server:
        large.check_pull(server, tmp_path)
    assert server.count(large.pattern) == 1


def test_large_layer_of_a_server_that_only_says_it_does_ranges(large, tmp_path):
    with large.serve(slow(faults.both(faults.without_ranges(large.blob),
                                      faults.header("Accept-Ranges", "bytes")))) as server:
        large.check_pull(server, tmp_path)
    assert "Range" not in server.requests(large.pattern)[0].headers


CHUNK_FAULTS = {
    "closed": faults.truncate,
    "reset": faults.reset,
    "503": faults.status(503),
    "429": faults.busy(429, 1),
    "refused": faults.status(403),
    "unknown": faults.status(404),
    "not satisfiable": faults.status(416),
    "wrong range": faults.ranged(WRONG_RANGES["one late"]),
    "chunked": faults.both(faults.chunked, faults.truncate),
    "gzip on top": faults.encoded,
}


@pytest.mark.parametrize("name", CHUNK_FAULTS)
def test_chunk_that_fails(large, tmp_path, name):
    """Some of the chunks, some times."""
    rule = Rule(large.pattern + CHUNK, slow(CHUNK_FAULTS[name]), 3)
    with large.serve(faults.rate(FAST)) as server:
        server.rules.insert(0, rule)
        large.check_pull(server, tmp_path)
    assert rule.times == 0


def test_chunks_that_are_all_refused(large, tmp_path):
    """One stream serves the rest; a chunk asked for before may be logged after it."""
    with large.serve(faults.rate(FAST * 2)) as server:
        server.rules.insert(0, Rule(large.pattern + CHUNK, faults.status(403)))
        large.check_pull(server, tmp_path)
    assert len([seen for seen in server.requests(large.pattern)
                if re.search(r" bytes=\d+-$", seen.line)]) == 1


def test_corrupt_chunk(large, tmp_path):
    with large.serve(faults.rate(FAST)) as server:
        server.rules.insert(0, Rule(large.pattern + CHUNK, slow(faults.corrupt), 1))
        large.check_error(server, tmp_path, "corrupt", large.layer["digest"])


def test_large_layer_from_elsewhere(large, registry, tmp_path):
    """The registry is asked for the way once, not for each chunk; and again when it has expired."""
    with FaultServer(registry.port) as elsewhere, FaultServer(registry.port) as front:
        front.rules.append(Rule(large.pattern,
                                faults.redirect_to(f"http://127.0.0.1:{elsewhere.port}")))
        expired = Rule(large.pattern + CHUNK, faults.status(403), 1)
        elsewhere.rules += [expired, Rule(large.pattern, faults.rate(FAST))]
        large.check_pull(front, tmp_path, "--insecure", f"127.0.0.1:{elsewhere.port}")
    assert expired.times == 0
    assert front.count(large.pattern) == 2
    assert elsewhere.count(large.pattern) >= 7
    assert elsewhere.most_at_once in (4, 5)


# Slow bytes.

def test_slow_bytes_are_asked_for_again(sample, tmp_path):
    """Less than 512 bytes a second for 20 seconds: the connection is given up, not the pull."""
    with sample.serve(faults.rate(200), 1) as server:
        sample.check_pull(server, tmp_path)
    first, second = server.requests(sample.pattern)
    assert "Range" not in first.headers
    assert second.headers["Range"] and second.at - first.at >= 20


@pytest.mark.parametrize("where", ["layer", "manifest"])
@pytest.mark.parametrize("fault", [faults.rate(100), faults.rate(4000)],
                         ids=["too slow", "just fast enough"])
def test_deadline(sample, tmp_path, where, fault):
    """Bytes for ever: the deadline ends it, and the line says how far it came and how fast."""
    rule = Rule(sample.pattern, fault)
    if where == "manifest":  # a longer one, so that it takes its time
        rule = Rule("GET .*/manifests/", faults.both(faults.replace(b" " * 100_000), fault))
    with FaultServer(sample.registry.port, rule) as server:
        result = unpack(f"{server.host}/{sample.name}", tmp_path, "--deadline", 4)
    line = result.check_failed()
    if where == "layer":
        came = re.search(r"not done within 4 s: (\d+) of (\d+) bytes came, ([\d.]+) kB/s", line)
        assert came and int(came[1]) < int(came[2]) == len(sample.blob), line
    else:
        assert "within 4 s" in line, line


def test_deadline_of_a_silent_server(sample, tmp_path):
    with sample.serve(faults.silent(30)) as server:
        line = unpack(f"{server.host}/{sample.name}", tmp_path, "--deadline", 4).check_failed()
    assert "not done within 4 s: 0 of" in line, line


def test_deadline_that_is_kept(sample, tmp_path):
    with FaultServer(sample.registry.port) as server:
        sample.check_pull(server, tmp_path, "--deadline", 60)
        sample.check_pull(server, tmp_path, "--deadline", 0)


@pytest.mark.parametrize("value", ["-1", "soon", "1.5", "5s", "99999999999"])
def test_deadline_that_is_none(sample, tmp_path, value):
    with FaultServer(sample.registry.port) as server:
        line = unpack(f"{server.host}/{sample.name}", tmp_path, f"--deadline={value}").check_failed()
    assert "--deadline" in line and "seconds" in line and not server.seen


def test_retries_do_not_outlive_the_deadline(sample, tmp_path):
    with sample.serve(faults.busy(503, 25)) as server:
        line = unpack(f"{server.host}/{sample.name}", tmp_path, "--deadline", 3).check_failed()
    assert "within 3 s" in line, line


# Tokens that run out.

@pytest.mark.parametrize("where", ["one stream", "chunks"])
def test_token_that_runs_out(sample, large, registry, tmp_path, where):
    """A new one is asked for, as often as there was progress; what is here stays."""
    image = large if where == "chunks" else sample
    service = TokenService(Authority(tmp_path).root, "alice", "s3cret")
    with Registry(tmp_path / "registry", registry.storage,
                  token=service.registry_settings("127.0.0.1")) as bearer, \
            FaultServer(bearer.port) as front:
        challenge = (f'Bearer realm="http://127.0.0.1:{service.port}/token",service="{SERVICE}",'
                     f'scope="repository:{image.name}:pull",error="invalid_token"')
        refusal = faults.status(401, (("WWW-Authenticate", challenge),))
        if where == "chunks":
            front.rules = [Rule(image.pattern + CHUNK, faults.rate(FAST), 3),
                           Rule(image.pattern + CHUNK, refusal, 1),
                           Rule(image.pattern, faults.rate(FAST))]
        else:
            for tenth in range(20, 100, 20):
                stop = faults.stop_at(len(image.blob) * tenth // 100)
                front.rules += [Rule(image.pattern, stop, 1), Rule(image.pattern, refusal, 1)]
        image.check_pull(front, tmp_path, "--insecure", f"127.0.0.1:{service.port}",
                         "--credentials", secret_of(tmp_path / "auth.json", front.host))
    service.close()
    assert all(rule.times in (0, None) for rule in front.rules)
    first, *later = [int(re.search(r" bytes=(\d+)-|$", seen.line)[1] or 0)
                     for seen in front.requests(image.pattern)]
    assert first == 0 and all(later), "what was here was asked for again"


# In machines: the confined workers of the real thing.

@pytest.fixture(scope="module", name="runnable")
def runnable_image(registry, tmp_path_factory):
    """runnable(count): a sample of so many files once more, with a program that ends with 33."""
    source = "int main(void) { return 33; }"
    program = programs.program(tmp_path_factory.mktemp("program") / "run", source).read_bytes()

    def make(count):
        return Sample(registry, f"runnable-{count}", count,
                      [entry("run", content=program, mode=0o755)], {"Entrypoint": ["/run"]})
    return make


def test_machine_with_a_large_layer(runnable):
    """Chunks, some of them refused and some broken off, in memory."""
    image, rate = runnable(360), faults.rate(1_000_000)
    with image.serve(rate) as server:
        server.rules[:0] = [Rule(image.pattern + CHUNK, faults.both(rate, faults.truncate), 2),
                            Rule(image.pattern + CHUNK, faults.busy(429, 1), 1),
                            Rule(image.pattern + CHUNK, faults.status(403), 1)]
        result = boot(f"{server.host}/{image.name}")
    assert result.status == 33, result
    assert result.errors == []
    assert all(rule.times in (0, None) for rule in server.rules)
    assert server.most_at_once >= 4


def trees_on(disk):
    """What the store on a disk shows: names of layers and trees, of partial ones, and of records."""
    run("e2fsck", "-p", disk)  # what is only in the journal yet
    names = [line.split("/")[5] for folder in ("layers", "rootfs", "images") for line in
             run("debugfs", "-R", f"ls -p /{folder}", disk).decode().splitlines() if "/" in line]
    return [name for name in names if name not in (".", "..")]


def test_machine_that_never_gets_it_all(runnable, tmp_path):
    """The disk shows no tree until one is complete; then it does, and needs nobody any more."""
    disk = tmp_path / "disk"
    with open(disk, "wb") as file:
        file.truncate(256 << 20)
    run("mke2fs", "-q", "-t", "ext4", "-L", "berth-data", disk)
    image = runnable(30)
    with image.serve(faults.both(faults.encoded, faults.stop_at(2_000_000))) as server:
        reference = f"{server.host}/{image.name}"
        failed = boot("--disk", disk, reference)
        assert failed.status == 125 and len(failed.errors) == 1, failed
        assert "broke off" in failed.errors[0], failed.errors
        assert [name for name in trees_on(disk) if not name.startswith(".")] == []
        server.rules = [Rule(image.pattern, faults.encoded)]
        assert boot("--disk", disk, reference).status == 33
        assert len([name for name in trees_on(disk) if not name.startswith(".")]) == 2
        digest = json.loads(run("skopeo", "inspect", "--tls-verify=false",
                                f"docker://{reference}"))["Digest"]
        assert boot("--disk", disk, "--offline", f"{reference}@{digest}").status == 33


def test_machine_with_a_deadline(runnable):
    image = runnable(30)
    with image.serve(faults.rate(20_000)) as server:
        result = boot("--deadline", 9, f"{server.host}/{image.name}")
    assert result.status == 125 and len(result.errors) == 1, result
    assert re.search(r"not done within \d+ s: \d+ of \d+ bytes came, [\d.]+ kB/s", result.errors[0])
