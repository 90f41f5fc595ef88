# SPDX-License-Identifier: Apache-2.0
"""Time servers on loopback, which a machine reaches as 10.0.2.2: good ones and others."""

import socket
import struct
import threading
import time

UNIX_TO_NTP = 2208988800


def _timestamp(seconds: float) -> bytes:
    whole = int(seconds)
    return struct.pack(">II", (whole + UNIX_TO_NTP) & 0xFFFFFFFF, int((seconds - whole) * 2**32))


class TimeServer:
    """Answers until close(), on a free port unless one is given. `ahead`: seconds that its time is after ours.
    `lie`: "origin" answers another question, "silent" answers nothing, and "DENY" or "RATE" is a
    kiss-o'-death."""

    def __init__(self, ahead: float = 0, lie: str = "", host: str = "127.0.0.1", port: int = 0):
        self.ahead = ahead
        self.lie = lie
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def address(self) -> str:
        """As a machine in QEMU's user network writes it."""
        return f"10.0.2.2:{self.port}"

    def _run(self) -> None:
        while True:
            try:
                question, peer = self._socket.recvfrom(512)
            except OSError:
                return
            self.asked += 1
            if len(question) >= 48 and self.lie != "silent":
                self._socket.sendto(self._answer(question), peer)

    def _answer(self, question: bytes) -> bytes:
        now = _timestamp(time.time() + self.ahead)
        origin = bytes(8) if self.lie == "origin" else question[40:48]
        kiss = self.lie in ("DENY", "RATE")
        reference = self.lie.encode() if kiss else b"\x0a\0\0\x01"
        head = bytes([4 << 3 | 4, 0 if kiss else 2, 6, 0xEC]) + struct.pack(">II", 0x100, 0x200)
        return head + reference + now + origin + now + now

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> "TimeServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
