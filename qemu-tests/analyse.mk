# SPDX-License-Identifier: Apache-2.0
#
# Static analysis of all our C: gcc's analyzer, clang-tidy (.clang-tidy) and cppcheck. Each file is
# looked at again only when it, a header of it or the settings have changed. What is silenced stands,
# with its reason, in .clang-tidy, in qemu-tests/cppcheck.suppressions and, for single places, in the
# code.

analysed := $(sources) $(inside) $(unit_sources) $(unit_helpers) $(fuzz_sources) lib/fuzz/driver.c \
	$(sort $(shell find $(parts) qemu-tests -path '*/tools/*.c' -o -path '*/bench/*.c'))
# What the tools are told beside how a file is compiled: lib/error.h looks at BERTH_ANALYSE, and programs
# for the test images set _GNU_SOURCE themselves.
analysing  = -DBERTH_ANALYSE $(filter-out $(if $(filter qemu-tests/%,$1),-D_GNU_SOURCE),$(CPPFLAGS)) \
	$(GLIBC_CPPFLAGS)
# A test goes on after a check that has failed, on paths on which ASan ends it; it may leak, and its
# buffers are as large as its own texts.
is_test    = $(findstring /tests/,$1)$(findstring /fuzz/,$1)$(filter qemu-tests/%,$1)
comma     := ,
tidy_less := -clang-analyzer-core.* -clang-analyzer-unix.StdCLibraryFunctions \
	-clang-analyzer-security.insecureAPI.strcpy -bugprone-suspicious-realloc-usage \
	-bugprone-suspicious-memory-comparison -cert-exp42-c -cert-flp37-c \
	-bugprone-suspicious-string-compare -cert-env33-c
gcc_less  := -Wno-analyzer-malloc-leak -Wno-analyzer-possible-null-argument \
	-Wno-analyzer-possible-null-dereference -Wno-analyzer-use-of-uninitialized-value
# Of descriptors that the `cleanup` attribute closes, or to which dup2() gives their number, gcc's
# analyzer knows nothing.
gcc_never := -Wno-analyzer-fd-leak -Wno-analyzer-fd-use-without-check
empty     :=
tidy_list  = $(subst $(empty) ,$(comma),$(strip $(tidy_less)))
by_gcc   := $(analysed:%.c=$(build)/analyse/%.gcc)
by_tidy  := $(analysed:%.c=$(build)/analyse/%.tidy)

$(build)/packages.analyse: qemu-tests/packages.analyse rootfs/install-packages.sh $(build)/packages.build
	@rootfs/install-packages.sh $<
	@touch $@

$(build)/analyse/%.gcc: %.c $(build)/glibc.mk $(build)/packages.analyse qemu-tests/analyse.mk
	@mkdir -p $(@D)
	@gcc $(CFLAGS) -O1 -fanalyzer $(gcc_never) $(if $(call is_test,$<),$(gcc_less)) \
		$(call analysing,$<) -MMD -MP -MF $@.d -MT $@ -c -o $@.o $<
	@rm -f $@.o && touch $@

# After gcc, which knows the headers.
$(build)/analyse/%.tidy: $(build)/analyse/%.gcc .clang-tidy
	@clang-tidy --quiet --warnings-as-errors='*' $(if $(call is_test,$*.c),'--checks=$(tidy_list)') \
		$*.c -- $(filter-out -Wno-format-truncation,$(CFLAGS)) $(call analysing,$*.c) >$@.log 2>&1 || { cat $@.log; exit 1; }
	@touch $@

$(build)/analyse/cppcheck: $(analysed) qemu-tests/cppcheck.suppressions $(build)/packages.analyse
	@rm -rf $(@D)/cppcheck.files && mkdir -p $(@D)/cppcheck.files
	@cppcheck --quiet -j$(shell nproc) --enable=warning,performance,portability --std=c11 --language=c \
		--inline-suppr --suppressions-list=qemu-tests/cppcheck.suppressions --error-exitcode=1 \
		--cppcheck-build-dir=$(@D)/cppcheck.files -D__x86_64__ -D__linux__ -D__SIZEOF_POINTER__=8 \
		$(CPPFLAGS) $(analysed) 2>$@.log; status=$$?; cat $@.log; [ $$status = 0 ] && [ ! -s $@.log ]
	@touch $@

.PHONY: analyse
analyse: $(by_gcc) $(by_tidy) $(build)/analyse/cppcheck ## static analysis of all C: gcc, clang-tidy, cppcheck
	@echo "  analyse   $(words $(analysed)) files: nothing found"

-include $(by_gcc:=.d)
