# SPDX-License-Identifier: Apache-2.0
#
# Set-up: Debian packages, then the third-party libraries. Both are looked at once and
# remembered by a stamp in build/.

$(build)/packages.build: rootfs/packages.build rootfs/install-packages.sh
	@mkdir -p $(build)
	@rootfs/install-packages.sh $<
	@touch $@

$(build)/packages.test: qemu-tests/packages.test rootfs/install-packages.sh $(build)/packages.build
	@rootfs/install-packages.sh $<
	@touch $@

$(build)/packages.bench: qemu-tests/packages.bench rootfs/install-packages.sh $(build)/packages.test
	@rootfs/install-packages.sh $<
	@touch $@

third_party := rootfs/sources.lock rootfs/sources/apt.sh rootfs/sources/build.sh \
	rootfs/sources/libraries.sh $(wildcard rootfs/sources/recipes/* rootfs/sources/recipes/*/*)

# Where the libraries are, as make variables: MUSL_CC, MUSL_CPPFLAGS, MUSL_LDFLAGS, …
$(build)/musl.mk $(build)/glibc.mk: $(build)/%.mk: $(third_party) $(build)/packages.build
	@rootfs/sources/libraries.sh $* >$@.new
	@mv $@.new $@

# Only goals that compile need them; `make help` and `make clean` fetch nothing.
goals := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out help clean,$(goals)),)
include $(build)/musl.mk
endif
ifneq ($(filter test unit fuzz soak check analyse bench $(build)/test/%,$(goals)),)
include $(build)/glibc.mk
endif
