# SPDX-License-Identifier: Apache-2.0
"""Machines in clouds: the firmware says which, and a host of tools/metadata_host.py serves it."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from .machine import run_machine
from .result import Result

TOOL = Path(__file__).resolve().parent.parent / "tools" / "metadata_host.py"

# What each cloud's firmware says: QEMU's words.
FIRMWARE: Dict[str, Sequence[str]] = {
    "ec2": ("type=1,manufacturer=Amazon EC2,uuid=ec2e1916-9099-7caf-fd21-012345abcdef",),
    "gcp": ("type=1,manufacturer=Google,product=Google Compute Engine",),
    "azure": ("type=1,manufacturer=Microsoft Corporation,product=Virtual Machine",
              "type=3,asset=7783-7084-3265-9085-8269-3286-77"),
    "openstack": ("type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova",),
    "digitalocean": ("type=1,manufacturer=DigitalOcean,product=Droplet",),
    "hetzner": ("type=1,manufacturer=Hetzner,product=vServer",),
    "vultr": ("type=1,manufacturer=Vultr,product=VHF",),
    "scaleway": ("type=1,manufacturer=Scaleway,product=SCW-DEV1-S",),
    "oracle": ("type=1,manufacturer=QEMU", "type=3,asset=OracleCloud.com"),
    "akamai": ("type=1,manufacturer=Akamai,product=Compute Instance",),
    "mmds": (),
}

TAP = ("ip=169.254.0.15::169.254.169.254:255.255.0.0::eth0:off",
       ["-nic", "tap,model=virtio-net-pci,ifname=tap0,script=no,downscript=no"])
# As Firecracker's guests are: no route leads to the service, which answers on the link.
LINK = ("ip=172.16.0.2::172.16.0.1:255.255.255.252::eth0:off", TAP[1])
USER = ("", ["-nic", "user,model=virtio-net-pci,net=169.254.169.0/24,host=169.254.169.254,"
                     "dhcpstart=169.254.169.15"])


def missing() -> Optional[str]:
    """Why there can be no such host here."""
    if not Path("/dev/net/tun").exists():
        return "no /dev/net/tun"
    trial = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--net", "ip", "tuntap", "add", "t", "mode", "tap"],
        check=False, stderr=subprocess.PIPE) if shutil.which("unshare") else None
    return None if trial and trial.returncode == 0 else "no tap device in a network namespace"


class Cloud:
    """One boot in one cloud."""

    def __init__(self, folder: Path, server: str, user_data: bytes, hostname: str = "cloud-1"):
        self._log = folder / "requests"
        self._settings = folder / "settings.json"
        self._about = {"cloud": server, "hostname": hostname, "log": str(self._log),
                       "user_data": base64.b64encode(user_data).decode()}

    def boot(self, append: str, firmware: Sequence[str] = (), initrds: Sequence[Path] = (),
             network: str = "tap") -> Result:
        address, words = {"tap": TAP, "link": LINK, "user": USER}[network]
        self._settings.write_text(json.dumps({**self._about, "network": network}))
        smbios = [word for text in firmware for word in ("-smbios", text)]
        within = ["unshare", "--user", "--map-root-user", "--net", sys.executable, str(TOOL),
                  str(self._settings)]
        return run_machine(f"{address} {append}", initrds=initrds, network=False, debug_exit=False,
                           extra=[*words, *smbios], within=within)

    @property
    def requests(self) -> List[dict]:
        """What the service was asked, in order."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]
