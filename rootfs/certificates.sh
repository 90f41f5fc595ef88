#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Prints the public certificate authorities of Debian's ca-certificates as one PEM bundle.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
package=$("$here/sources/apt.sh" fetch ca-certificates)
find "$package/usr/share/ca-certificates/mozilla" -name '*.crt' | LC_ALL=C sort | xargs cat
