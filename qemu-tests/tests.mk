# SPDX-License-Identifier: Apache-2.0
#
# Unit tests and fuzz targets are built with the workstation's own C library under ASan and UBSan,
# each linked with all of Berth except its main; then pytest boots the real thing.

sanitize     := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
test_cflags  := $(CFLAGS) -O1 -g $(sanitize)
test_libs    := $(program_libs)
test_sources := $(filter-out init/berth.c,$(sources))
test_objects := $(test_sources:%.c=$(build)/test/%.o) $(made:$(build)/gen/%.c=$(build)/test/gen/%.o)

unit_sources   := $(sort $(shell find $(parts) -path '*/tests/test_*.c'))
unit_helpers   := $(sort $(shell find $(parts) -path '*/tests/*.c' -not -name 'test_*.c'))
unit_programs  := $(unit_sources:%.c=$(build)/test/%)
fuzz_sources   := $(sort $(shell find $(parts) -path '*/fuzz/fuzz_*.c'))
fuzz_programs  := $(fuzz_sources:%.c=$(build)/test/%)
helper_objects := $(unit_helpers:%.c=$(build)/test/%.o)

$(build)/test/%.o: %.c $(build)/glibc.mk
	@mkdir -p $(@D)
	@gcc $(test_cflags) $(CPPFLAGS) $(GLIBC_CPPFLAGS) -MMD -MP -c -o $@ $<

$(build)/test/gen/%.o: $(build)/gen/%.c $(build)/glibc.mk
	@mkdir -p $(@D)
	@gcc $(test_cflags) $(CPPFLAGS) $(GLIBC_CPPFLAGS) -c -o $@ $<

$(build)/test/libberth.a: $(test_objects)
	$(say) archive $@
	@rm -f $@
	@ar rcs $@ $^

# The helpers of one tests/ folder serve the tests of that folder.
helpers_of = $(filter $(dir $(1))%,$(helper_objects))
.SECONDEXPANSION:
$(unit_programs): $(build)/test/%: $(build)/test/%.o $$(call helpers_of,$$@) $(build)/test/libberth.a
	@gcc $(sanitize) -o $@ $^ $(build)/test/libberth.a $(GLIBC_LDFLAGS) $(test_libs)

$(fuzz_programs): $(build)/test/%: $(build)/test/%.o $(build)/test/lib/fuzz/driver.o \
		$(build)/test/libberth.a
	@gcc $(sanitize) -o $@ $^ $(build)/test/libberth.a $(GLIBC_LDFLAGS) $(test_libs)

# How a file is compiled and a program linked, for tests that build weakened ones (test_142).
$(build)/test/commands: $(build)/glibc.mk $(build)/objects/flags qemu-tests/tests.mk
	@mkdir -p $(@D)
	@echo 'gcc $(test_cflags) $(CPPFLAGS) $(GLIBC_CPPFLAGS)' >$@
	@echo 'gcc $(sanitize) $(GLIBC_LDFLAGS) $(test_libs)' >>$@
	@cat $(build)/objects/flags >>$@
	@echo '$(MUSL_CC) $(program_ldflags) $(MUSL_LDFLAGS) $(program_libs)' >>$@

.PHONY: test unit soak bench fuzz check
.SECONDARY: $(unit_sources:%.c=$(build)/test/%.o) $(fuzz_sources:%.c=$(build)/test/%.o) $(helper_objects)

test: all $(build)/packages.test $(build)/test/commands $(unit_programs) $(fuzz_programs) ## run all tests; the last line counts them
	@qemu-tests/run-tests --unit $(unit_programs) --fuzz $(fuzz_programs) --boots

unit: $(unit_programs) $(fuzz_programs) ## run the unit tests and the fuzz corpora only
	@qemu-tests/run-tests --unit $(unit_programs) --fuzz $(fuzz_programs)

bench: all $(build)/packages.bench $(build)/bench_start ## measure sizes, memory, boots, pulls and container starts; rewrites docs/budgets.md, docs/pull-benchmark.md and docs/runtime-benchmark.md
	@bad=0; for part in run pull runtime; do qemu-tests/bench/$$part || bad=1; done; exit $$bad

$(build)/bench_start: runtime/bench/bench_start.c runtime/tests/harness.h $(program_objects)
	@$(MUSL_CC) $(program_cflags) $(CPPFLAGS) $(MUSL_CPPFLAGS) $(program_ldflags) -o $@ $< \
		$(filter-out %/init/berth.o,$(program_objects)) $(MUSL_LDFLAGS) $(program_libs)

soak: all $(build)/packages.test analyse fuzz ## the long runs: static analysis, fuzzing, 200 killed pulls, 50 power cuts, the whole suite three times over
	@for round in 1 2 3; do BERTH_SOAK=$$round qemu-tests/run-tests --boots || exit 1; done

# Coverage-guided, with clang's libFuzzer; FUZZ_SECONDS each.
FUZZ_SECONDS ?= 60
fuzz: $(fuzz_sources) $(build)/glibc.mk $(made) $(build)/packages.analyse ## fuzz each target for FUZZ_SECONDS (60)
	@qemu-tests/run-fuzzers '$(FUZZ_SECONDS)' '$(build)/fuzz' \
		'$(CFLAGS) $(subst ',,$(CPPFLAGS)) $(GLIBC_CPPFLAGS)' '$(GLIBC_LDFLAGS) $(test_libs)' \
		'$(test_sources) $(made)' $(fuzz_sources)

check: $(build)/glibc.mk $(made) ## the warnings of gcc and clang over all C files
	@for file in $(sources) $(inside) $(unit_sources) $(fuzz_sources); do \
		for compiler in gcc clang; do \
			$$compiler -fsyntax-only -O2 $(filter-out -Wno-format-truncation,$(CFLAGS)) \
				$$([ $$compiler = gcc ] && echo -Wno-format-truncation) \
				$(CPPFLAGS) $(GLIBC_CPPFLAGS) $$file || exit 1; \
		done; \
	done

-include $(test_objects:.o=.d) $(unit_sources:%.c=$(build)/test/%.d) $(fuzz_sources:%.c=$(build)/test/%.d)

.PHONY: conformance
conformance: all $(build)/packages.test $(conformance)/vmlinuz ## the suites of other OCI runtimes, beside crun and runc; rewrites docs/conformance.md
	@qemu-tests/conformance/run
