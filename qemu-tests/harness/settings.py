# SPDX-License-Identifier: Apache-2.0
"""Files that tell Berth how registries are spoken to."""

import base64
import json
from pathlib import Path
from typing import Dict, Tuple


def image_settings(folder: Path, registries: dict) -> Path:
    """The image settings with this member "registries"."""
    path = folder / "images.json"
    path.write_text(json.dumps({"registries": registries}))
    return path


def credentials(folder: Path, passwords: Dict[str, Tuple[str, str]], **more: object) -> Path:
    """A config.json of Docker's form: host → (user, password), and other members."""
    auths = {host: {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
             for host, (user, password) in passwords.items()}
    path = folder / "auth.json"
    path.write_text(json.dumps(dict({"auths": auths}, **more)))
    return path
