#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the kernel once for each combination of fragments, kernel version and compiler;
# later calls copy it from the cache.
#
#   build.sh vmlinuz OUTPUT FRAGMENT...   the compressed kernel, with its .config beside it
#   build.sh headers OUTPUT               the user space headers (include/linux, include/asm ...)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
apt=$here/../rootfs/sources/apt.sh
cache=${XDG_CACHE_HOME:-$HOME/.cache}/berth/kernel
what=$1
output=$2
shift 2
unset MAKEFLAGS MFLAGS MAKELEVEL

package=$("$apt" fetch linux-source-6.12)
version=${package##*_}
tree=$cache/linux-$version

unpack() {
    exec 7>"$cache/.unpack"
    flock 7
    if [ ! -e "$tree/.complete" ]; then
        rm -rf "$tree"
        mkdir -p "$tree"
        tar -xf "$package/usr/src/linux-source-6.12.tar.xz" -C "$tree" --strip-components=1
        touch "$tree/.complete"
    fi
    exec 7>&-
}

headers() {
    done=$cache/headers-$version
    if [ ! -d "$done" ]; then
        unpack
        make -s -C "$tree" O="$cache/headers-objects" INSTALL_HDR_PATH="$done.$$" headers_install
        mv "$done.$$" "$done"
        rm -rf "$cache/headers-objects"
    fi
    rm -rf "$output"
    cp -a "$done/include" "$output"
}

key() {
    {
        echo "$version"
        cat "$here/build.sh" "$here/merge.sh" "$@"
        gcc --version
        ld --version
    } | sha256sum | cut -c1-20
}

vmlinuz() {
    done=$cache/$(key "$@")
    if [ ! -e "$done/vmlinuz" ]; then
        unpack
        objects=$cache/objects-$version
        "$here/merge.sh" "$tree" "$objects" "$@"
        export KBUILD_BUILD_TIMESTAMP="@$("$apt" floor)" KBUILD_BUILD_VERSION=1
        export KBUILD_BUILD_USER=berth KBUILD_BUILD_HOST=berth
        make -C "$tree" O="$objects" -j"$(nproc)" bzImage
        mkdir -p "$done.$$"
        cp "$objects/arch/x86/boot/bzImage" "$done.$$/vmlinuz"
        cp "$objects/.config" "$done.$$/config"
        mv "$done.$$" "$done"
    fi
    mkdir -p "$(dirname "$output")"
    cp "$done/vmlinuz" "$output"
    cp "$done/config" "$output.config"
}

# One build of each kind at a time: the objects are shared.
mkdir -p "$cache"
exec 8>"$cache/.$what"
flock 8

"$what" "$@"
