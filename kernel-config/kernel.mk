# SPDX-License-Identifier: Apache-2.0
#
# The kernel. It depends on nothing but its fragments and build script: a changed C file never
# rebuilds it.

kernel_fragments := $(addprefix kernel-config/,base.config container.config vm.config hardening.config)

$(machine)/vmlinuz: $(kernel_fragments) kernel-config/build.sh kernel-config/merge.sh \
		rootfs/sources.lock $(build)/packages.build
	$(say) kernel "$@ (10 to 20 minutes unless it is in the cache; log in build/log/kernel.log)"
	@mkdir -p $(machine) $(build)/log
	@kernel-config/build.sh vmlinuz $@ $(kernel_fragments) >$(build)/log/kernel.log 2>&1 || \
		{ tail -n 20 $(build)/log/kernel.log; exit 1; }
	@touch $@

# The same with kernel-config/conformance.config on top, for `make conformance` only. An option that
# it sets is taken out of the others: merge.sh takes each once.
conformance           := $(build)/conformance
conformance_fragments := $(kernel_fragments:kernel-config/%=$(conformance)/config/%)

$(conformance)/config/%: kernel-config/% kernel-config/conformance.config
	@mkdir -p $(@D)
	@sed -n 's/^\(CONFIG_[A-Z0-9_]*\)=.*/^\1=/p' kernel-config/conformance.config | \
		grep -v -f - $< >$@

$(conformance)/vmlinuz: $(conformance_fragments) kernel-config/conformance.config \
		kernel-config/build.sh kernel-config/merge.sh rootfs/sources.lock $(build)/packages.build
	$(say) kernel "$@ (10 to 20 minutes unless it is in the cache; log in build/log/conformance.log)"
	@mkdir -p $(build)/log
	@kernel-config/build.sh vmlinuz $@ $(conformance_fragments) kernel-config/conformance.config \
		>$(build)/log/conformance.log 2>&1 || { tail -n 20 $(build)/log/conformance.log; exit 1; }
	@touch $@
