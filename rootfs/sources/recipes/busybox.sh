# SPDX-License-Identifier: Apache-2.0
# The applets that recipes/busybox/config names.

# shellcheck disable=SC2154
build() {
    make allnoconfig
    sed '/^#/d' "$here/recipes/busybox/config" | while IFS='=' read -r option value; do
        sed -i "/^$option=/d; /^# $option is not set/d" .config
        [ "$value" = n ] && echo "# $option is not set" >>.config || echo "$option=$value" >>.config
    done
    yes '' | make oldconfig >/dev/null
    make -j"$(nproc)" SKIP_STRIP=n KBUILD_BUILD_TIMESTAMP="@$SOURCE_DATE_EPOCH" \
        CC="$CC" HOSTCC=gcc CFLAGS_busybox="-static-pie" EXTRA_CFLAGS="$CFLAGS" busybox
    mkdir -p "$prefix/bin"
    cp busybox "$prefix/bin/"
}
