# SPDX-License-Identifier: Apache-2.0
#
# The one program, build/berth: every C file of the parts, static against musl.

parts   := lib images runtime init
sources := $(sort $(shell find $(parts) -name '*.c' \
	-not -path '*/tests/*' -not -path '*/fuzz/*' -not -path '*/tools/*' -not -path '*/bench/*' -not -path '*/inside/*'))
inside  := $(wildcard $(addsuffix /inside/*.c,$(parts)))
tools   := $(wildcard $(addsuffix /tools/gen_*.c,$(parts)))
made    := $(patsubst %.c,$(build)/gen/%.c,$(patsubst gen_%,%,$(notdir $(tools))))

CFLAGS   := -std=gnu17 -Wall -Wextra -Werror -Wno-format-truncation
CPPFLAGS  = -D_GNU_SOURCE -I. -DBERTH_VERSION='"$(version)"' -DBERTH_BUILD_TIME=$(SOURCE_DATE_EPOCH)
reproducible := -ffile-prefix-map=$(CURDIR)=. -frandom-seed=berth

# Small, but for what goes over every byte of an image.
optimised = $(if $(filter images/%,$<),-O2)
program_cflags  := $(CFLAGS) -Os -fPIE -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
	-fstack-protector-strong $(reproducible)
program_ldflags := -static-pie -s -Wl,--gc-sections,-z,relro,-z,now,--build-id=none
program_libs    := -lcurl -lmbedtls -lmbedx509 -lmbedcrypto -larchive -lzstd -lisal -lyyjson -lyaml -lseccomp -lm
program_objects := $(sources:%.c=$(build)/objects/%.o) $(made:$(build)/gen/%.c=$(build)/objects/gen/%.o)

# The compiler's flags and the place of the libraries are inputs like any other.
$(build)/objects/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(MUSL_CC) $(program_cflags) $(CPPFLAGS) $(MUSL_CPPFLAGS)' | cmp -s - $@ || \
		echo '$(MUSL_CC) $(program_cflags) $(CPPFLAGS) $(MUSL_CPPFLAGS)' >$@

$(build)/objects/%.o: %.c $(build)/objects/flags
	$(say) cc $<
	@mkdir -p $(@D)
	@$(MUSL_CC) $(program_cflags) $(optimised) $(CPPFLAGS) $(MUSL_CPPFLAGS) -MMD -MP -c -o $@ $<

$(build)/objects/gen/%.o: $(build)/gen/%.c $(build)/objects/flags
	@mkdir -p $(@D)
	@$(MUSL_CC) $(program_cflags) $(optimised) $(CPPFLAGS) $(MUSL_CPPFLAGS) -MMD -MP -c -o $@ $<

$(build)/berth: $(program_objects)
	$(say) link $@
	@$(MUSL_CC) $(program_ldflags) -o $@ $^ $(MUSL_LDFLAGS) $(program_libs)

# A program of its own: what a container with `init: true` has as its first process.
$(build)/reaper: runtime/inside/reaper.c $(build)/objects/flags
	$(say) link $@
	@$(MUSL_CC) $(CFLAGS) -Os -ffunction-sections -fdata-sections $(reproducible) $(CPPFLAGS) $(MUSL_CPPFLAGS) \
		-static -no-pie -fno-pie -s -Wl,--gc-sections,-z,noseparate-code,--build-id=none -o $@ $<

# Tables that a program of ours writes at build time: <part>/tools/gen_NAME.c → build/gen/NAME.c.
vpath gen_%.c $(addsuffix /tools,$(parts))
$(build)/tools/gen_%: gen_%.c $(build)/objects/flags $(wildcard $(addsuffix /tools/*.h,$(parts)))
	$(say) tool $@
	@mkdir -p $(@D)
	@$(MUSL_CC) $(CFLAGS) -O1 $(CPPFLAGS) $(MUSL_CPPFLAGS) -static-pie -fPIE -o $@ $< $(MUSL_LDFLAGS) -lseccomp

$(build)/gen/%.c: $(build)/tools/gen_%
	@mkdir -p $(@D)
	@$< >$@

.PRECIOUS: $(build)/tools/gen_% $(build)/gen/%.c
.PHONY: FORCE
FORCE:

-include $(program_objects:.o=.d)
