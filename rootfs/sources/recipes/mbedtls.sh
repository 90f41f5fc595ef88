# SPDX-License-Identifier: Apache-2.0
# TLS 1.2 and 1.3 client, X.509; the options are in mbedtls/berth_mbedtls.h.

build() {
    cp "$here/recipes/mbedtls/berth_mbedtls.h" include/mbedtls/mbedtls_config.h
    for file in library/*.c 3rdparty/everest/library/everest.c \
        3rdparty/everest/library/Hacl_Curve25519_joined.c 3rdparty/everest/library/x25519.c \
        3rdparty/p256-m/p256-m_driver_entrypoints.c 3rdparty/p256-m/p256-m/p256-m.c; do
        echo "$file"
    done | xargs -P"$(nproc)" -I{} sh -c \
        "$CC $CFLAGS -Iinclude -Ilibrary -I3rdparty/everest/include \
            -I3rdparty/everest/include/everest -I3rdparty/p256-m \
            -c {} -o \$(echo {} | tr / _ | sed 's/c\$/o/')"
    mkdir -p "$prefix/lib" "$prefix/include"
    ar rcsD "$prefix/lib/libmbedtls.a" ./*.o
    cp -r include/mbedtls include/psa "$prefix/include/"
    # curl's configure looks for the three parts of the library.
    for part in mbedx509 mbedcrypto; do
        ar rcsD "$prefix/lib/lib$part.a"
    done
}
