# SPDX-License-Identifier: Apache-2.0
#
# The initramfs: what rootfs/initramfs.list names, the same bytes for the same input.

$(build)/cert.pem: $(build)/musl.mk
	@cat $(CA_CERTIFICATES)/*.crt >$@

$(machine)/sbom.json: rootfs/sbom.py rootfs/sources.lock $(build)/musl.mk Makefile
	@mkdir -p $(machine)
	@rootfs/sources/apt.sh resolve >$@.resolved
	@/usr/bin/python3 rootfs/sbom.py '$(version)' '$(SOURCE_DATE_EPOCH)' rootfs/sources.lock <$@.resolved >$@
	@rm $@.resolved

$(machine)/initramfs: rootfs/initramfs.list rootfs/pack.py $(wildcard rootfs/etc/*) \
		$(build)/berth $(build)/cert.pem $(machine)/sbom.json
	$(say) initramfs $@
	@/usr/bin/python3 rootfs/pack.py rootfs/initramfs.list '$(SOURCE_DATE_EPOCH)' \
		program=$(build)/berth busybox='$(BUSYBOX)' certificates=$(build)/cert.pem \
		sbom=$(machine)/sbom.json >$@.cpio
	@$(initramfs_compressor) <$@.cpio >$@
	@rm $@.cpio

# Measured in docs/build.md.
initramfs_compressor := zstd -q --ultra -22 --no-check
