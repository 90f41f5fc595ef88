# SPDX-License-Identifier: Apache-2.0
# The tar reader; compression is done by other libraries. Only what is called gets linked.

build() {
    ./configure --prefix="$prefix" --host=x86_64-linux-gnu --disable-shared --enable-static \
        --disable-bsdtar --disable-bsdcat --disable-bsdcpio --disable-bsdunzip \
        --disable-acl --disable-xattr --disable-dependency-tracking \
        --without-zlib --without-bz2lib --without-libb2 --without-iconv --without-lz4 \
        --without-zstd --without-lzma --without-cng --without-mbedtls --without-nettle \
        --without-openssl --without-xml2 --without-expat
    make -j"$(nproc)" libarchive.la
    make install-libLTLIBRARIES install-includeHEADERS
}
