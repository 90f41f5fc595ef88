#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs those Debian packages of a list that are missing.
#
#   install-packages.sh LIST      one package a line; "NAME @bookworm" only on that release
set -eu

list=$1
release=none
if [ -r /etc/os-release ]; then
    # shellcheck source=/dev/null
    release=$(. /etc/os-release && echo "${ID:-}:${VERSION_CODENAME:-}")
fi
case $release in
debian:bookworm | debian:trixie) ;;
*)
    echo "setup: this is $release; make sets up Debian 12 and 13 by itself." >&2
    echo "setup: elsewhere install what these packages hold: $(grep -hv '^#' "$list" | tr '\n' ' ')" >&2
    exit 1
    ;;
esac

missing=
while read -r name only _; do
    case $name in '' | '#'*) continue ;; esac
    case $only in '' | '#'* | "@${release#debian:}") ;; *) continue ;; esac
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' ||
        missing="$missing $name"
done <"$list"
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "setup: needs root or sudo to install:$missing" >&2
        exit 1
    }
    as_root=sudo
fi
printf '  %-9s%s\n' install "$missing"
$as_root apt-get -qq update
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
    -o Dpkg::Use-Pty=0 install --no-install-recommends $missing >/dev/null
