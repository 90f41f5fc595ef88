# SPDX-License-Identifier: Apache-2.0
# HTTP and HTTPS client only, TLS by mbedTLS, certificates from the caller.

needs=mbedtls

# shellcheck disable=SC2154
build() {
    # Debian's patches are newer than the generated files; nothing here needs autoconf.
    find . -name aclocal.m4 -exec touch {} +
    find . \( -name configure -o -name Makefile.in -o -name '*.h.in' \) -exec touch {} +
    ./configure --prefix="$prefix" --host=x86_64-linux-gnu \
        --disable-shared --enable-static --with-mbedtls="$mbedtls_prefix" \
        --without-ca-bundle --without-ca-path --without-zlib --without-zstd --without-brotli \
        --without-libpsl --without-libidn2 --without-nghttp2 --without-libgsasl \
        --without-librtmp --without-libssh2 --without-ngtcp2 \
        --disable-ldap --disable-ldaps --disable-rtsp --disable-ftp --disable-file \
        --disable-dict --disable-telnet --disable-tftp --disable-pop3 --disable-imap \
        --disable-smb --disable-smtp --disable-gopher --disable-mqtt --disable-ipfs \
        --disable-manual --disable-docs --disable-threaded-resolver --disable-ares \
        --disable-cookies --disable-ntlm --disable-negotiate-auth --disable-kerberos-auth \
        --disable-aws --disable-digest-auth --disable-doh --disable-netrc --disable-mime \
        --disable-dateparse --disable-progress-meter --disable-unix-sockets --disable-tls-srp \
        --disable-alt-svc --disable-headers-api --disable-hsts --disable-websockets \
        --disable-libcurl-option --disable-debug --disable-symbol-hiding \
        --disable-dependency-tracking
    # Without libtool, which takes longer than the compiler.
    mkdir objects
    find lib -name '*.c' | sort | xargs -P"$(nproc)" -I{} sh -c \
        "$CC $CPPFLAGS $CFLAGS -D_GNU_SOURCE -Werror=implicit-function-declaration \
            -DHAVE_CONFIG_H -DBUILDING_LIBCURL -Iinclude -Ilib \
            -c -o objects/\$(echo {} | tr / _).o {}"
    mkdir -p "$prefix/lib" "$prefix/include"
    ar rcsD "$prefix/lib/libcurl.a" objects/*.o
    cp -r include/curl "$prefix/include/"
}
