# SPDX-License-Identifier: Apache-2.0
# mke2fs alone, compressed: it is unpacked only when an empty disk is to be used, and the initramfs
# takes memory. The table of Unicode, for file names whose case does not count, is left empty.

build() {
    sed -i '/^static const unsigned char utf8data\[64256\] = {$/,/^};$/{/^\t/d}' lib/ext2fs/utf8data.h
    # shellcheck disable=SC2086
    CC="${CC% -static-pie}" CFLAGS="$CFLAGS -Os -fPIE" \
        LDFLAGS="-static-pie -Wl,--gc-sections,--build-id=none" ./configure \
        --host=x86_64-linux-gnu --disable-nls --disable-debugfs --disable-imager \
        --disable-resizer --disable-defrag --disable-tdb --disable-e2initrd-helper \
        --disable-uuidd --disable-mmp --disable-bmap-stats --disable-testio-debug \
        --disable-rpath --disable-fsck --disable-backtrace --disable-fuse2fs \
        --without-libarchive --without-pthread
    make -j"$(nproc)" libs
    make -C misc mke2fs
    mkdir -p "$prefix/bin"
    strip -s misc/mke2fs
    zstd -q -19 -c misc/mke2fs >"$prefix/bin/mke2fs.zst"
}
