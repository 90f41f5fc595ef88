# SPDX-License-Identifier: Apache-2.0
# HTTP and HTTPS client only, TLS by mbedTLS, certificates from the caller.

needs=mbedtls

# shellcheck disable=SC2154
build() {
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
    make -C lib -j"$(nproc)"
    make -C lib install-libLTLIBRARIES
    make -C include install
}
