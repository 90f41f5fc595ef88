#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Merges configuration fragments over allnoconfig and checks that each option asked
# for came through: an option whose dependency is missing is dropped by Kconfig in silence.
#
#   merge.sh SOURCE OUTPUT FRAGMENT...     (OUTPUT is the kernel's O= folder)
set -eu

source=$1
output=$2
shift 2

mkdir -p "$output"
cat "$@" | sed -n '/^CONFIG_/p' >"$output/asked"

twice=$(cut -d= -f1 "$output/asked" | sort | uniq -d)
if [ -n "$twice" ]; then
    echo "kernel-config: asked for more than once: $twice" >&2
    exit 1
fi

make -s -C "$source" O="$output" KCONFIG_ALLCONFIG="$output/asked" allnoconfig >/dev/null
make -s -C "$source" O="$output" olddefconfig >/dev/null

lost=0
while IFS='=' read -r option value; do
    got=$(sed -n "s/^$option=//p" "$output/.config")
    if [ "${got:-n}" != "$value" ]; then
        echo "kernel-config: $option=$value was asked for, the kernel has ${got:-n}" >&2
        lost=1
    fi
done <"$output/asked"
exit $lost
