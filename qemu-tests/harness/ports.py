# SPDX-License-Identifier: Apache-2.0
"""TCP ports on loopback."""

import socket
import time


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def free_port(address: str = "127.0.0.1") -> int:
    """A port that was free a moment ago."""
    with socket.socket(_family(address)) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def wait_for_port(port: int, timeout: float = 20, address: str = "127.0.0.1") -> None:
    """Returns when something listens on the port of loopback."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing listens on {address}:{port}: {error}") from error
            time.sleep(0.02)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False
