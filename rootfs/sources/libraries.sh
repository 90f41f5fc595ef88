#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds every third-party library for one C library and prints where they are, as make variables.
#
#   libraries.sh musl|glibc
set -eu

here=$(cd "$(dirname "$0")" && pwd)
libc=$1
upper=$(echo "$libc" | tr a-z A-Z)
includes=
folders=
for name in yyjson libzstd libisal mbedtls libseccomp libarchive libyaml curl; do
    printf '  %-9s %s (%s)\n' library "$name" "$libc" >&2
    folder=$("$here/build.sh" "$libc" "$name")
    includes="$includes -isystem $folder/include"
    folders="$folders -L$folder/lib"
done
if [ "$libc" = musl ]; then
    echo "MUSL_CC := $("$here/build.sh" musl musl)/bin/musl-gcc"
    echo "BUSYBOX := $("$here/build.sh" musl busybox)/bin/busybox"
    echo "RESCUE := $("$here/build.sh" musl busybox)/bin/rescue.zst"
    echo "MKE2FS := $("$here/build.sh" musl e2fsprogs)/bin/mke2fs.zst"
    echo "CA_CERTIFICATES := $("$here/apt.sh" fetch ca-certificates)/usr/share/ca-certificates/mozilla"
fi
echo "${upper}_CPPFLAGS :=$includes"
echo "${upper}_LDFLAGS :=$folders"
echo "SOURCE_DATE_EPOCH := $("$here/apt.sh" floor)"
