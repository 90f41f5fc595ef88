# SPDX-License-Identifier: Apache-2.0
# The DHCP and NTP clients and a small rescue shell; the options are in busybox/berth.config.

build() {
    make allnoconfig >/dev/null
    # The last word on an option counts.
    grep '^CONFIG_' "$here/recipes/busybox/berth.config" >asked
    cut -d= -f1 asked | while read -r option; do
        sed -i "/^$option=/d; /^# $option is not set/d" .config
    done
    sed 's/=n$/ is not set/; /is not set$/s/^/# /' asked >>.config
    # "yes" is ended by its reader.
    yes '' 2>/dev/null | make oldconfig >/dev/null
    while read -r option; do
        grep -q "^$option$" .config || {
            echo "busybox: $option was asked for and is not in .config"
            exit 1
        }
    done <asked
    # shellcheck disable=SC2086
    # One job: two of them may write the table of applets at once.
    make CC="${CC% -static-pie}" busybox \
        EXTRA_CFLAGS="-Os -fPIE -ffile-prefix-map=$PWD=busybox" CFLAGS_busybox="-static-pie -Wl,--build-id=none"
    mkdir -p "$prefix/bin"
    strip -s -o "$prefix/bin/busybox" busybox_unstripped
}
