# SPDX-License-Identifier: Apache-2.0
# The C library with its compiler wrapper, and the kernel's headers for user space.

# shellcheck disable=SC2154
build() {
    ./configure --prefix="$prefix" --disable-shared --enable-wrapper=gcc \
        CFLAGS="-fPIC -ffunction-sections -fdata-sections -ffile-prefix-map=$PWD=musl"
    make -j"$(nproc)"
    make install
    "$here/../../kernel-config/build.sh" headers "$prefix/linux"
    cp -a "$prefix/linux/." "$prefix/include/"
    rm -r "$prefix/linux"
    # The wrapper and its specs name the folder they were installed in.
    sed -i "s|$prefix|$done|g" "$prefix/bin/musl-gcc" "$prefix/lib/musl-gcc.specs"
}
