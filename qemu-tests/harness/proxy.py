# SPDX-License-Identifier: Apache-2.0
"""A real HTTP proxy, tinyproxy, on a free port of loopback."""

import subprocess
from pathlib import Path
from typing import Optional

from .command import end
from .ports import free_port, wait_for_port


class Proxy:
    """Runs until close(). With a user, it wants to know who asks."""

    def __init__(self, folder: Path, user: Optional[str] = None, password: str = "",
                 connect_port: Optional[int] = None):
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.log = folder / "proxy.log"
        config = folder / "proxy.conf"
        lines = [f"Port {self.port}", "Listen 127.0.0.1", "Timeout 60", "MaxClients 20",
                 f'LogFile "{self.log}"', "LogLevel Connect", "Allow 127.0.0.1"]
        lines += [f"BasicAuth {user} {password}"] if user else []
        lines += [f"ConnectPort {connect_port}"] if connect_port else []
        config.write_text("\n".join(lines) + "\n")
        self._process = subprocess.Popen(["tinyproxy", "-d", "-c", str(config)],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def requests(self) -> str:
        """What it logged."""
        return self.log.read_text(errors="replace")

    def close(self) -> None:
        end(self._process)

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
