#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the program and the initramfs again, from nothing, in a copy of the tree at another path,
# and compares them with what is built here, byte by byte.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
copy=$work/second/two
mkdir -p "$copy"
(cd "$root" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C "$copy"
make -s -C "$copy" build/berth build/x86_64/initramfs >/dev/null
for file in build/berth build/x86_64/initramfs build/x86_64/sbom.json; do
    cmp "$root/$file" "$copy/$file"
    echo "the same bytes: $file $(sha256sum <"$copy/$file" | cut -c1-16)"
done
