# SPDX-License-Identifier: Apache-2.0
# Two programs: the DHCP client (busybox/berth.config), and the rescue shell, which is compressed, for
# few machines need it (busybox/rescue.config).

configure() { # the file of options
    make allnoconfig >/dev/null
    # The last word on an option counts.
    grep '^CONFIG_' "$here/recipes/busybox/$1" | sed 's/=n$/ is not set/; /is not set$/s/^/# /' >asked
    sed 's/^# //; s/ is not set$//; s/=.*//' asked | while read -r option; do
        sed -i "/^$option=/d; /^# $option is not set/d" .config
    done
    cat asked >>.config
    # "yes" is ended by its reader.
    yes '' 2>/dev/null | make oldconfig >/dev/null
    while read -r line; do
        grep -q "^$line$" .config || [ "${line#\# }" != "$line" ] || {
            echo "busybox: $line was asked for and is not in .config"
            exit 1
        }
    done <asked
}

build_one() { # the file of options
    make clean >/dev/null
    configure "$1"
    # shellcheck disable=SC2086
    # One job: two of them may write the table of applets at once.
    make CC="${CC% -static-pie}" busybox \
        EXTRA_CFLAGS="-Os -fPIE -ffile-prefix-map=$PWD=busybox" CFLAGS_busybox="-static-pie -Wl,--build-id=none"
}

build() {
    mkdir -p "$prefix/bin"
    build_one berth.config
    strip -s -o "$prefix/bin/busybox" busybox_unstripped
    build_one rescue.config
    strip -s -o rescue busybox_unstripped
    zstd -q -19 -c rescue >"$prefix/bin/rescue.zst"
}
