# SPDX-License-Identifier: Apache-2.0
# The tar reader alone; compression is done by other libraries. libarchive/config.h takes the
# place of configure, which takes longer than the compiler.

build() {
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
