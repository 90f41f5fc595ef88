# SPDX-License-Identifier: Apache-2.0
# The parser alone: nothing here writes YAML with it.

build() {
    version=$(sed -n 's/^AC_INIT(\[yaml\], *\[\([0-9.]*\)\].*/\1/p' configure.ac)
    [ -n "$version" ] || version=$(sed -n 's/^#define YAML_VERSION_STRING "\(.*\)"/\1/p' \
        include/config.h win32/config.h 2>/dev/null | head -n 1)
    [ -n "$version" ] || version=0.2.5
    # shellcheck disable=SC2086
    for part in api reader scanner parser; do
        $CC $CFLAGS -Iinclude -DYAML_VERSION_STRING="\"$version\"" -DYAML_VERSION_MAJOR=0 \
            -DYAML_VERSION_MINOR=2 -DYAML_VERSION_PATCH="${version##*.}" \
            -c -o $part.o src/$part.c
    done
    mkdir -p "$prefix/lib" "$prefix/include"
    ar rcsD "$prefix/lib/libyaml.a" api.o reader.o scanner.o parser.o
    cp include/yaml.h "$prefix/include/"
}
