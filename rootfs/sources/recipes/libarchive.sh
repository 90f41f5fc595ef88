# SPDX-License-Identifier: Apache-2.0
# The tar reader alone; compression is done by other libraries. libarchive/config.h takes the
# place of configure, which takes longer than the compiler. There is no iconv in it on purpose: see
# images/layers/tar_reader.c.

# A time before 1970 with a fraction: "-1.5" is half a second before -1, not after it.
negative_times() {
    sed -i '/^pax_time(/,/^}/s/^\t} while (l \/= 10);$/&\n\tif (sign < 0 \&\& *pn > 0) {\n\t\t--*ps;\n\t\t*pn = 1000000000L - *pn;\n\t}/' \
        libarchive/archive_read_support_format_tar.c
    grep -q '\*pn = 1000000000L - \*pn' libarchive/archive_read_support_format_tar.c
}

build() {
    negative_times
    for part in acl check_magic cmdline entry entry_copy_stat entry_sparse entry_stat \
        entry_strmode entry_xattr options pack_dev pathmatch random rb read \
        read_append_filter read_open_fd read_open_memory read_set_format read_set_options \
        read_support_filter_none read_support_format_tar string string_sprintf util \
        version_details virtual; do
        echo "archive_$part"
    done | xargs -P"$(nproc)" -I{} sh -c \
        "$CC $CFLAGS -DHAVE_CONFIG_H -I$here/recipes/libarchive -c -o {}.o libarchive/{}.c"
    mkdir -p "$prefix/lib" "$prefix/include"
    ar rcsD "$prefix/lib/libarchive.a" archive_*.o
    cp libarchive/archive.h libarchive/archive_entry.h "$prefix/include/"
}
