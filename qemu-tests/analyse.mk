# SPDX-License-Identifier: Apache-2.0
#
# Static analysis of all our C: gcc's analyzer, clang-tidy (.clang-tidy) and cppcheck. Each file is
# looked at again only when it, a header of it or the settings have changed. What is silenced stands,
# with its reason, in .clang-tidy, in qemu-tests/cppcheck.suppressions and, for single places, in the
# code.

analysed := $(sources) $(unit_sources) $(unit_helpers) $(fuzz_sources) lib/fuzz/driver.c \
	$(sort $(shell find $(parts) qemu-tests -path '*/tools/*.c' -o -path '*/bench/*.c'))
by_gcc   := $(analysed:%.c=$(build)/analyse/%.gcc)
by_tidy  := $(analysed:%.c=$(build)/analyse/%.tidy)

$(build)/packages.analyse: qemu-tests/packages.analyse rootfs/install-packages.sh $(build)/packages.build
	@rootfs/install-packages.sh $<
	@touch $@

$(build)/analyse/%.gcc: %.c $(build)/glibc.mk $(build)/packages.analyse qemu-tests/analyse.mk
	@mkdir -p $(@D)
	@gcc $(CFLAGS) -O1 -fanalyzer $(CPPFLAGS) $(GLIBC_CPPFLAGS) -MMD -MP -MF $@.d -MT $@ -c -o $@.o $<
	@rm -f $@.o && touch $@

# After gcc, which knows the headers.
$(build)/analyse/%.tidy: $(build)/analyse/%.gcc .clang-tidy
	@clang-tidy --quiet --warnings-as-errors='*' $*.c -- $(filter-out -Wno-format-truncation,$(CFLAGS)) \
		$(CPPFLAGS) $(GLIBC_CPPFLAGS) >$@.log 2>&1 || { cat $@.log; exit 1; }
	@touch $@

$(build)/analyse/cppcheck: $(analysed) qemu-tests/cppcheck.suppressions $(build)/packages.analyse
	@mkdir -p $(@D)/cppcheck.files
	@cppcheck --quiet -j$(shell nproc) --enable=warning,performance,portability --std=c11 --language=c \
		--inline-suppr --suppressions-list=qemu-tests/cppcheck.suppressions --error-exitcode=1 \
		--cppcheck-build-dir=$(@D)/cppcheck.files -D__x86_64__ -D__linux__ -D__SIZEOF_POINTER__=8 \
		$(CPPFLAGS) $(analysed)
	@touch $@

.PHONY: analyse
analyse: $(by_gcc) $(by_tidy) $(build)/analyse/cppcheck ## static analysis of all C: gcc, clang-tidy, cppcheck
	@echo "  analyse   $(words $(analysed)) files: nothing found"

-include $(by_gcc:=.d)
