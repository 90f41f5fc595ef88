#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds one third-party library for one C library, once for each combination of
# version, recipe and compiler, and prints the folder it is installed in.
#
#   build.sh musl NAME     for the image: static, only what is used
#   build.sh glibc NAME    for the unit tests on the workstation: with symbols
#
# A recipe is recipes/NAME.sh: `needs` names the libraries it builds on, `build` runs in a
# copy of the source and installs to $prefix with $CC, $CFLAGS and $CPPFLAGS.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/berth
libc=$1
name=$2
recipe=$here/recipes/$name.sh
logs=${BERTH_LOGS:-$cache/log}
unset MAKEFLAGS MFLAGS MAKELEVEL
mkdir -p "$logs"

needs=
# shellcheck source=/dev/null
. "$recipe"

source=$("$here/apt.sh" fetch "$name" 2>>"$logs/sources.log") || {
    tail -n 5 "$logs/sources.log" >&2
    exit 1
}
SOURCE_DATE_EPOCH=$("$here/apt.sh" floor)
export SOURCE_DATE_EPOCH LC_ALL=C

CPPFLAGS=
inputs=
for need in $needs; do
    folder=$("$0" "$libc" "$need")
    CPPFLAGS="$CPPFLAGS -isystem $folder/include -L$folder/lib"
    inputs="$inputs $folder"
    eval "${need}_prefix=\$folder"
done

case $libc in
musl)
    if [ "$name" = musl ]; then
        CC=gcc
    else
        musl=$("$0" musl musl)
        inputs="$inputs $musl"
        CC="$musl/bin/musl-gcc -static-pie"
    fi
    CFLAGS="-O2 -fPIC -fno-asynchronous-unwind-tables -fno-unwind-tables
        -ffunction-sections -fdata-sections -fstack-protector-strong -D_FORTIFY_SOURCE=0"
    ;;
glibc)
    CC=gcc
    CFLAGS="-O1 -g -fPIC"
    ;;
*)
    echo "build.sh: the C library is musl or glibc, not $libc" >&2
    exit 1
    ;;
esac
CFLAGS=$(echo $CFLAGS)

key=$({
    echo "$libc $source $inputs $CFLAGS"
    cat "$recipe"
    [ ! -d "$here/recipes/$name" ] || cat "$here/recipes/$name"/*
    gcc --version
} | sha256sum | cut -c1-16)
done=$cache/built/$libc-$name-$key

# One build of a library at a time, whoever asks for it.
exec 9>"$cache/.$libc-$name"
flock 9

if [ ! -d "$done" ]; then
    work=$cache/build/$libc-$name
    rm -rf "$work" "$done.new"
    mkdir -p "$cache/build" "$cache/built"
    cp -a "$source" "$work"
    prefix=$done.new
    export CC CFLAGS CPPFLAGS prefix
    CFLAGS="$CFLAGS -ffile-prefix-map=$work=$name"
    # Not in a condition: there `set -e` would not hold inside the recipe.
    set +e
    (
        set -ex
        cd "$work"
        build
    ) >"$logs/$libc-$name.log" 2>&1
    status=$?
    set -e
    if [ $status -ne 0 ]; then
        tail -n 20 "$logs/$libc-$name.log" >&2
        echo "sources: $name for $libc failed, see $logs/$libc-$name.log" >&2
        exit 1
    fi
    rm -rf "$work"
    mv "$done.new" "$done"
fi
echo "$done"
