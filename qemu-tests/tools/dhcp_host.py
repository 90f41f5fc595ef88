#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A network for one machine behind a tap device: dnsmasq hands out its address, with the options that
are named, and a time server answers at the host's. Runs in a network namespace of its own.

    unshare --user --map-root-user --net dhcp_host.py FOLDER AHEAD OPTION,... QEMU-COMMAND...

AHEAD: seconds that the time server's time is after ours. OPTION: as --dhcp-option takes it, with `;`
between two of them; the host is 10.9.0.1, the network 10.9.0.0/24.
"""

import ctypes
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.command import end  # noqa: E402
from harness.time_server import TimeServer  # noqa: E402

HOST = "10.9.0.1"


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def make_network():
    for words in ("link set lo up", "tuntap add tap0 mode tap", f"addr add {HOST}/24 dev tap0",
                  "link set tap0 up"):
        subprocess.run(["ip", *words.split()], check=True)


def hand_out_addresses(folder, options):
    return subprocess.Popen(
        ["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--pid-file=", "--port=0",
         "--interface=tap0", "--bind-interfaces", "--leasefile-ro", "--no-ping", "--log-dhcp",
         "--dhcp-range=10.9.0.50,10.9.0.60,1h", "--dhcp-authoritative",
         f"--log-facility={folder / 'dnsmasq.log'}",
         *(f"--dhcp-option={option}" for option in options)],
        preexec_fn=die_with_parent)


def main():
    folder, ahead, options = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3].split(";")
    make_network()
    server = hand_out_addresses(folder, options)
    with TimeServer(ahead, host=HOST, port=123):
        status = subprocess.run(sys.argv[4:], check=False, preexec_fn=die_with_parent).returncode
    end(server)
    sys.exit(status)


if __name__ == "__main__":
    main()
