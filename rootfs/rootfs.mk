# SPDX-License-Identifier: Apache-2.0
#
# The initramfs, and the bill of materials in it and beside it.

$(machine)/sbom.json: rootfs/sbom.py rootfs/sources.lock $(build)/musl.mk
	$(say) sbom $@
	@mkdir -p $(machine)
	@rootfs/sources/apt.sh resolve >$(build)/resolved
	@SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) rootfs/sbom.py $(version) <$(build)/resolved >$@

$(build)/certificates.pem: rootfs/certificates.sh rootfs/sources.lock $(build)/packages.build
	@rootfs/certificates.sh >$@

$(build)/busybox: $(third_party) $(build)/packages.build
	$(say) library "busybox (musl)"
	@cp "$$(rootfs/sources/build.sh musl busybox)/bin/busybox" $@

initramfs_files := berth=$(build)/berth busybox=$(build)/busybox certificates=$(build)/certificates.pem \
	passwd=rootfs/passwd group=rootfs/group sbom=$(machine)/sbom.json

$(machine)/initramfs: rootfs/initramfs.py rootfs/initramfs.list \
		$(foreach file,$(initramfs_files),$(lastword $(subst =, ,$(file))))
	$(say) initramfs $@
	@SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) rootfs/initramfs.py rootfs/initramfs.list \
		$(build)/initramfs.cpio $(initramfs_files)
	@zstd -q -f -19 --no-check -o $@ $(build)/initramfs.cpio
	@chmod 644 $@

.PHONY: check-reproducible
check-reproducible: ## build program and initramfs twice, in different folders, and compare the bytes
	@rootfs/check-reproducible.sh
