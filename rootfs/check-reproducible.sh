#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the program and the initramfs from two copies of the tree at different paths, and compares them byte by byte.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
for copy in one second/two; do
    mkdir -p "$work/$copy"
    (cd "$root" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C "$work/$copy"
    make -s -C "$work/$copy" build/berth build/x86_64/initramfs >/dev/null
done
for file in build/berth build/x86_64/initramfs build/x86_64/sbom.json; do
    cmp "$work/one/$file" "$work/second/two/$file"
    echo "the same bytes: $file $(sha256sum <"$work/one/$file" | cut -c1-16)"
done
