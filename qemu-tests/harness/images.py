# SPDX-License-Identifier: Apache-2.0
"""Real images, made by umoci from Debian packages, kept in a cache under the hash of their recipe.

    path = images.layout("nginx")     # an OCI layout, tag "latest"
"""

import fcntl
import hashlib
import inspect
import json
import shutil
import tempfile
from pathlib import Path
from typing import Callable, Dict

from . import corpus, recipes, zoo
from .layout import Layout
from .paths import TOOLS, cache

RECIPES: Dict[str, Callable[[Layout], None]] = {
    "busybox": recipes.busybox,
    "probe": recipes.probe,
    "nginx": recipes.nginx,
    "perl": recipes.perl,
    "userland": recipes.userland,
    "zoo": zoo.zoo,
    **corpus.IMAGES,
}


def _recipe_hash(name: str) -> str:
    """Changes with the code that makes the image and with the Debian release."""
    digest = hashlib.sha256(name.encode())
    here = Path(__file__).parent
    files = [here / "layout.py", here / "debs.py"]
    if name in corpus.IMAGES:
        digest.update(inspect.getsource(corpus).encode())
    files += [here / "zoo.py"] if name == "zoo" else [here / "recipes.py"]
    files += sorted(TOOLS.glob("probe*.c")) + [TOOLS / "facts.sh"] if name == "probe" else []
    for path in files + [Path("/etc/os-release")]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def layout(name: str) -> Path:
    """The OCI layout of a named image; made when it is not in the cache."""
    final = cache() / f"{name}-{_recipe_hash(name)}"
    with open(cache() / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.exists():
            _make(name, final)
    return final


def variant(name: str, scratch: Path, **settings: object) -> Path:
    """A named image with other settings, such as user="alice"; names as in Layout.configure()."""
    copy = scratch / f"{name}-variant"
    shutil.copytree(layout(name), copy)
    Layout(copy, scratch).configure(**settings)
    return copy


def edited(name: str, scratch: Path, **config: object) -> Path:
    """A named image with keys of its configuration that umoci has no option for, such as Healthcheck."""
    copy = scratch / f"{name}-edited"
    shutil.copytree(layout(name), copy)
    blobs = copy / "blobs" / "sha256"

    def read(descriptor: dict) -> dict:
        return json.loads((blobs / descriptor["digest"].split(":")[1]).read_bytes())

    def put(descriptor: dict, value: dict) -> None:
        data = json.dumps(value).encode()
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        descriptor.update(digest=f"sha256:{digest}", size=len(data))

    index = json.loads((copy / "index.json").read_text())
    manifest = read(index["manifests"][0])
    settings = read(manifest["config"])
    settings.setdefault("config", {}).update(config)
    put(manifest["config"], settings)
    put(index["manifests"][0], manifest)
    (copy / "index.json").write_text(json.dumps(index))
    return copy


def _make(name: str, final: Path) -> None:
    scratch = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=cache()))
    try:
        image = Layout.new(scratch / "layout", scratch)
        RECIPES[name](image)
        image.finish()
        for old in cache().glob(f"{name}-" + "[0-9a-f]" * 16):
            shutil.rmtree(old)
        image.path.rename(final)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
