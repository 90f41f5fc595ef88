# SPDX-License-Identifier: Apache-2.0

build() {
    # shellcheck disable=SC2086
    $CC $CFLAGS -DYYJSON_DISABLE_UTILS=0 -DYYJSON_DISABLE_NON_STANDARD=1 \
        -c -o yyjson.o src/yyjson.c
    mkdir -p "$prefix/lib" "$prefix/include"
    ar rcsD "$prefix/lib/libyyjson.a" yyjson.o
    cp src/yyjson.h "$prefix/include/"
}
