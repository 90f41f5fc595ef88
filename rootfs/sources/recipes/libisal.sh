# SPDX-License-Identifier: Apache-2.0
# igzip's inflate alone. libisal/checksums.asm takes the place of the dispatchers of the whole
# library, which pull in deflate and every other checksum.

build() {
    for file in igzip/igzip_decode_block_stateless_01.asm \
        igzip/igzip_decode_block_stateless_04.asm igzip/igzip_inflate_multibinary.asm \
        igzip/rfc1951_lookup.asm igzip/adler32_sse.asm igzip/adler32_avx2_4.asm \
        crc/crc32_gzip_refl_by8.asm crc/crc32_gzip_refl_by8_02.asm \
        "$here/recipes/libisal/checksums.asm"; do
        nasm -f elf64 -I include/ -I igzip/ -I crc/ -o "$(basename "$file" .asm).o" "$file"
    done
    for file in igzip/igzip_inflate.c igzip/adler32_base.c igzip/hufftables_c.c crc/crc_base.c \
        "$here/recipes/libisal/headers.c"; do
        # shellcheck disable=SC2086
        $CC $CFLAGS -Iinclude -Iigzip -Icrc -c -o "$(basename "$file" .c).o" "$file"
    done
    mkdir -p "$prefix/lib" "$prefix/include/isa-l"
    ar rcsD "$prefix/lib/libisal.a" ./*.o
    cp include/igzip_lib.h include/crc.h "$prefix/include/isa-l/"
}
