#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A cloud's host for one machine: metadata services that enforce their real protocols, at their real
addresses, and the machine behind a tap device. Runs in a network namespace of its own.

    unshare --user --map-root-user --net metadata_host.py SETTINGS.json QEMU-COMMAND...

SETTINGS: {"cloud": NAME, "network": "tap", "link" or "user", "user_data": base64, "hostname": TEXT,
"log": FILE}. Every request becomes one JSON line of the log.
"""

import base64
import ctypes
import http.server
import json
import secrets
import signal
import socket
import subprocess
import sys
import threading

SERVICE, SCALEWAY, WIRE_SERVER = "169.254.169.254", "169.254.42.42", "168.63.129.16"
CONTAINER, INSTANCE = "5a1b2c3d-0000-4e5f-8a9b-c0ffee000001", "i-77.berth"

GOAL_STATE = f"""<?xml version="1.0" encoding="utf-8"?>
<GoalState><Version>2012-11-30</Version><Incarnation>3</Incarnation><Machine>
<ExpectedState>Started</ExpectedState></Machine><Container><ContainerId>{CONTAINER}</ContainerId>
<RoleInstanceList><RoleInstance><InstanceId>{INSTANCE}</InstanceId><State>Started</State>
</RoleInstance></RoleInstanceList></Container></GoalState>"""


class Cloud:
    """What one request gets: answer() returns status, body, and more headers."""

    def __init__(self, settings):
        self.user_data = base64.b64decode(settings["user_data"])
        self.hostname = settings["hostname"]
        self.tokens = set()
        self.asked = 0

    def answer(self, request):
        paths = self.paths()
        if request.command != "GET":
            return 405, b"", {}
        path = request.path
        return (200, paths[path], {}) if path in paths else (404, b"no such thing", {})

    def paths(self):
        return {}

    def token(self, request, lifetime, longest):
        """PUT for a token, as EC2 began it; what comes through a proxy is refused."""
        seconds = request.headers.get(lifetime, "")
        if request.headers.get("X-Forwarded-For"):
            return 403, b"", {}
        if not seconds.isdigit() or not 1 <= int(seconds) <= longest:
            return 400, b"", {}
        token = secrets.token_urlsafe(40)
        self.tokens.add(token)
        return 200, token.encode(), {lifetime: seconds}


class Ec2(Cloud):
    path, lifetime, header, longest = ("/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds",
                                       "X-aws-ec2-metadata-token", 21600)
    hop_limit = 1

    def paths(self):
        return {"/latest/user-data": self.user_data,
                "/latest/meta-data/local-hostname": self.hostname.encode()}

    def answer(self, request):
        if request.path == self.path:
            if request.command != "PUT":
                return 405, b"", {}
            return self.token(request, self.lifetime, self.longest)
        if request.headers.get(self.header) not in self.tokens:
            return 401, b"", {}
        return super().answer(request)


class Mmds(Ec2):
    lifetime, header = "X-metadata-token-ttl-seconds", "X-metadata-token"

    def paths(self):
        return {"/latest/user-data": self.user_data}


class Akamai(Ec2):
    path, lifetime, header, longest = ("/v1/token", "Metadata-Token-Expiry-Seconds",
                                       "Metadata-Token", 86400)

    def paths(self):
        return {"/v1/user-data": base64.b64encode(self.user_data)}


class Gcp(Cloud):
    def paths(self):
        instance = "/computeMetadata/v1/instance/"
        return {instance + "attributes/user-data": base64.b64encode(self.user_data),
                instance + "attributes/user-data-encoding": b"base64",
                instance + "hostname": self.hostname.encode()}

    def answer(self, request):
        host = request.headers.get("Host")
        if request.headers.get("Metadata-Flavor") != "Google" or \
                request.headers.get("X-Forwarded-For") or \
                host not in (SERVICE, "metadata.google.internal"):
            return 403, b"", {}
        status, body, headers = super().answer(request)
        return status, body, {**headers, "Metadata-Flavor": "Google"}


class Konlet(Gcp):
    """A machine with a container declaration and no user data."""

    def paths(self):
        instance = "/computeMetadata/v1/instance/"
        return {instance + "attributes/gce-container-declaration": self.user_data,
                instance + "hostname": self.hostname.encode()}


class Azure(Cloud):
    """Not ready at the first question, as it happens there."""
    ready = False

    def wire_server(self, request):
        if request.headers.get("x-ms-version") != "2012-11-30":
            return 400, b"", {}
        if request.command == "GET" and request.path == "/machine/?comp=goalstate":
            return 200, GOAL_STATE.encode(), {"Content-Type": "text/xml; charset=utf-8"}
        if request.command == "POST" and request.path == "/machine/?comp=health":
            body = request.body.decode()
            good = request.headers.get("Content-Type", "").startswith("text/xml") and \
                f"<ContainerId>{CONTAINER}</ContainerId>" in body and \
                f"<InstanceId>{INSTANCE}</InstanceId>" in body and \
                "<GoalStateIncarnation>3</GoalStateIncarnation>" in body and \
                "<State>Ready</State>" in body
            self.ready = self.ready or good
            return (200 if good else 400), b"", {}
        return 404, b"", {}

    def answer(self, request):
        if request.address == WIRE_SERVER:
            return self.wire_server(request)
        path, _, query = request.path.partition("?")
        values = dict(pair.split("=") for pair in query.split("&") if "=" in pair)
        if request.headers.get("Metadata") != "true" or "api-version" not in values or \
                request.headers.get("X-Forwarded-For"):
            return 400, b"", {}
        self.asked += 1
        if self.asked == 1:
            return 404, b"", {}
        texts = {"/metadata/instance/compute/userData": base64.b64encode(self.user_data),
                 "/metadata/instance/compute/name": self.hostname.encode()}
        if path not in texts or values.get("format") != "text":
            return 404, b"", {}
        return 200, texts[path], {}


class Openstack(Cloud):
    def paths(self):
        return {"/openstack/latest/user_data": self.user_data,
                "/openstack/latest/meta_data.json":
                    json.dumps({"hostname": self.hostname, "uuid": "x"}).encode()}


class Digitalocean(Cloud):
    def paths(self):
        return {"/metadata/v1/user-data": self.user_data,
                "/metadata/v1/hostname": self.hostname.encode()}


class Hetzner(Cloud):
    def paths(self):
        return {"/hetzner/v1/userdata": self.user_data,
                "/hetzner/v1/metadata/hostname": self.hostname.encode()}


class Vultr(Cloud):
    def paths(self):
        return {"/v1.json": json.dumps({"hostname": self.hostname,
                                        "user-data": self.user_data.decode()}).encode()}

    def answer(self, request):
        if request.headers.get("Metadata-Token") != "cloudinit":
            return 403, b"", {}
        return super().answer(request)


class Scaleway(Cloud):
    def paths(self):
        return {"/user_data/cloud-init": self.user_data,
                "/conf": f"ID=x\nHOSTNAME={self.hostname}\nTAGS=0\n".encode()}

    def answer(self, request):
        if request.address != SCALEWAY:
            return 404, b"", {}
        if request.path.startswith("/user_data") and request.client_address[1] >= 1024:
            return 403, b"", {}
        return super().answer(request)


class Oracle(Cloud):
    def paths(self):
        return {"/opc/v2/instance/metadata/user_data": base64.b64encode(self.user_data),
                "/opc/v2/instance/hostname": self.hostname.encode()}

    def answer(self, request):
        if request.headers.get("Authorization") != "Bearer Oracle":
            return 404, b"", {}
        return super().answer(request)


class Seed(Cloud):
    """A web server with a NoCloud seed, and documents under the machine's names."""

    def paths(self):
        return {"/seed/meta-data": f"instance-id: i\nlocal-hostname: {self.hostname}\n".encode(),
                "/seed/user-data": self.user_data,
                "/serial%20no%2F1/52%3A54%3A00%3A12%3A34%3A56.yaml": self.user_data}


class Nothing(Ec2):
    """EC2 without user data."""

    def paths(self):
        return {}


class Refusing(Ec2):
    def token(self, request, lifetime, longest):
        return 403, b"", {}


CLOUDS = {kind.__name__.lower(): kind for kind in (
    Ec2, Mmds, Akamai, Gcp, Konlet, Azure, Openstack, Digitalocean, Hetzner, Vultr, Scaleway, Oracle, Seed,
    Nothing, Refusing)}


def handler(cloud, log):
    """The request handler's class for one cloud."""
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "metadata"

        def setup(self):
            self.request.setsockopt(socket.IPPROTO_IP, socket.IP_TTL,
                                    getattr(cloud, "hop_limit", 64))
            super().setup()

        def serve(self):
            self.address = self.connection.getsockname()[0]
            self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body, headers = cloud.answer(self)
            with lock:
                print(json.dumps({"method": self.command, "path": self.path, "status": status,
                                  "address": self.address, "port": self.client_address[1],
                                  "ready": getattr(cloud, "ready", False)}), file=log, flush=True)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = serve

        def log_message(self, *_):
            pass

    return Handler


def make_network(kind):
    """The service's addresses: on a tap device of the machine's network, or on loopback."""
    ip = lambda *words: subprocess.run(["ip", *words], check=True)
    ip("link", "set", "lo", "up")
    ip("address", "add", f"{WIRE_SERVER}/32", "dev", "lo")
    if kind != "user":
        ip("tuntap", "add", "tap0", "mode", "tap")
        for address in (SERVICE, SCALEWAY):
            ip("address", "add", f"{address}/16", "dev", "tap0")
        ip("link", "set", "tap0", "up")
        ip("route", "add", "172.16.0.2/32", "dev", "tap0")


def main():
    settings = json.load(open(sys.argv[1], encoding="utf-8"))
    make_network(settings["network"])
    if settings["cloud"] != "silent":
        cloud = CLOUDS[settings["cloud"]](settings)
        server = http.server.ThreadingHTTPServer(
            ("0.0.0.0", 80), handler(cloud, open(settings["log"], "w", encoding="utf-8")))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    die = lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # with this process
    sys.exit(subprocess.run(sys.argv[2:], check=False, preexec_fn=die).returncode)


if __name__ == "__main__":
    main()
