# SPDX-License-Identifier: Apache-2.0
# The decoder alone.

build() {
    make -C lib -j"$(nproc)" libzstd.a ZSTD_LIB_COMPRESSION=0 ZSTD_LIB_DICTBUILDER=0 \
        ZSTD_LIB_DEPRECATED=0 ZSTD_LEGACY_SUPPORT=0 ZSTD_LIB_MINIFY=0 \
        CC="$CC" CFLAGS="$CFLAGS" UNAME=Linux
    mkdir -p "$prefix/lib" "$prefix/include"
    cp lib/libzstd.a "$prefix/lib/"
    cp lib/zstd.h lib/zstd_errors.h "$prefix/include/"
}
