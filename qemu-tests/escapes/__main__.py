# SPDX-License-Identifier: Apache-2.0
"""Runs cases against a runtime and says of each whether it held.

    python3 escapes RUNTIME IN_PROCESS [CASE…]   # "ok NAME" or "not ok NAME: why", with seconds
"""

import subprocess
import sys
import time
import traceback

import exec_rows
import identity_rows
import rootfs_rows
from place import CASES, Escaped, Place

assert exec_rows and identity_rows and rootfs_rows


def verdict(name: str, runtime: str, inside: str) -> str:
    try:
        CASES[name](Place(runtime, inside))
        return f"ok {name}"
    except Escaped as why:
        return f"not ok {name}: {' '.join(str(why).split())}"
    except subprocess.TimeoutExpired as why:
        return f"not ok {name}: hangs: {why}"
    except Exception:  # of the case itself: neither held nor escaped
        traceback.print_exc()
        return f"broken {name}"


def main() -> None:
    runtime, inside, *names = sys.argv[1:]
    for name in names or CASES:
        begin = time.monotonic()
        line = verdict(name, runtime, inside)
        print(f"{line} # {time.monotonic() - begin:.1f} s", flush=True)


if __name__ == "__main__":
    main()
