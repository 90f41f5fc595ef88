# SPDX-License-Identifier: Apache-2.0

build() {
    # Debian's patches are newer than the generated files; nothing here needs autoconf.
    find . -name aclocal.m4 -exec touch {} +
    find . \( -name configure -o -name Makefile.in -o -name '*.h.in' \) -exec touch {} +
    ./configure --prefix="$prefix" --host=x86_64-linux-gnu --disable-shared --enable-static \
        --disable-dependency-tracking GPERF=true
    mkdir objects
    find src -maxdepth 1 -name '*.c' ! -name 'arch-*-check.c' ! -name 'arch-syscall-*.c' \
        ! -name syscalls.perf.c | sort | xargs -P"$(nproc)" -I{} sh -c \
        "$CC $CFLAGS -DHAVE_CONFIG_H -I. -Iinclude -Isrc \
            -c -o objects/\$(basename {} .c).o {}"
    # shellcheck disable=SC2086
    $CC $CFLAGS -DHAVE_CONFIG_H -I. -Iinclude -Isrc -c -o objects/syscalls.perf.o \
        src/syscalls.perf.c
    mkdir -p "$prefix/lib" "$prefix/include"
    ar rcsD "$prefix/lib/libseccomp.a" objects/*.o
    cp include/seccomp.h include/seccomp-syscalls.h "$prefix/include/"
}
