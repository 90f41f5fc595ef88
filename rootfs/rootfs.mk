# SPDX-License-Identifier: Apache-2.0
#
# The initramfs: what rootfs/initramfs.list names, the same bytes for the same input; and the
# bill of materials in it and beside it.

$(build)/cert.pem: rootfs/certificates.py $(build)/musl.mk
	@LC_ALL=C sh -c '/usr/bin/python3 rootfs/certificates.py $(CA_CERTIFICATES)/*.crt' >$@

$(build)/cert.pem.zst: $(build)/cert.pem
	@zstd -q -19 -c $< >$@

$(machine)/sbom.json: rootfs/sbom.py rootfs/sources.lock $(build)/musl.mk
	$(say) sbom $@
	@mkdir -p $(machine)
	@rootfs/sources/apt.sh resolve >$(build)/resolved
	@/usr/bin/python3 rootfs/sbom.py '$(version)' '$(SOURCE_DATE_EPOCH)' rootfs/sources.lock \
		<$(build)/resolved >$@

# lz4: a quarter of zstd's instructions to unpack, for a quarter of a megabyte (docs/build.md). Four
# zeros are the end mark that the kernel looks for; another archive may be appended behind them.
$(machine)/initramfs: rootfs/initramfs.list rootfs/pack.py rootfs/etc/passwd rootfs/etc/group \
		$(build)/berth $(build)/reaper $(build)/cert.pem.zst $(machine)/sbom.json
	$(say) initramfs $@
	@/usr/bin/python3 rootfs/pack.py rootfs/initramfs.list '$(SOURCE_DATE_EPOCH)' \
		program=$(build)/berth reaper=$(build)/reaper busybox='$(BUSYBOX)' mke2fs='$(MKE2FS)' rescue='$(RESCUE)' certificates=$(build)/cert.pem.zst \
		sbom=$(machine)/sbom.json >$(build)/initramfs.cpio
	@{ lz4 -l -12 -q -c $(build)/initramfs.cpio; printf '\0\0\0\0'; } >$@
	@chmod 644 $@

.PHONY: check-reproducible
check-reproducible: $(build)/berth $(machine)/initramfs ## build program and initramfs again, in another folder, and compare the bytes
	@rootfs/check-reproducible.sh
