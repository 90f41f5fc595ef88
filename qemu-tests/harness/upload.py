# SPDX-License-Identifier: Apache-2.0
"""Pushing by hand, for images that no tool agrees to make: the distribution API's two requests."""

import hashlib
import http.client
import json
from typing import Optional
from urllib.parse import urlsplit

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Uploader:
    """One repository of a plain HTTP registry on loopback."""

    def __init__(self, port: int, repository: str):
        self.port = port
        self.repository = repository

    def _request(self, method: str, path: str, body: bytes = b"",
                 content_type: Optional[str] = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": content_type} if content_type else {}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read()
        if response.status >= 300:
            raise OSError(f"{method} {path}: {response.status} {text!r}")
        return response

    def blob(self, data: bytes, media_type: str) -> dict:
        """Uploads a blob; returns its descriptor."""
        start = self._request("POST", f"/v2/{self.repository}/blobs/uploads/")
        target = urlsplit(start.headers["Location"])
        path = f"{target.path}?{target.query}&digest={sha256(data)}"
        self._request("PUT", path, data, "application/octet-stream")
        return {"mediaType": media_type, "digest": sha256(data), "size": len(data)}

    def manifest(self, document: dict, reference: str = "latest") -> dict:
        """Uploads a manifest or an index under a tag; returns its descriptor."""
        data = json.dumps(document).encode()
        media_type = document["mediaType"]
        self._request("PUT", f"/v2/{self.repository}/manifests/{reference}", data, media_type)
        return {"mediaType": media_type, "digest": sha256(data), "size": len(data)}

    def image(self, layers: list, diff_ids: list, config: Optional[dict] = None,
              reference: str = "latest", platform: str = "amd64") -> dict:
        """An OCI image from layer descriptors and diff IDs; returns the manifest's descriptor."""
        document = {"architecture": platform, "os": "linux", "config": config or {},
                    "rootfs": {"type": "layers", "diff_ids": diff_ids}}
        manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST,
                    "config": self.blob(json.dumps(document).encode(), OCI_CONFIG),
                    "layers": layers}
        return self.manifest(manifest, reference)
