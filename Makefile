# SPDX-License-Identifier: Apache-2.0
#
# The build of Berth. `make help` lists what there is to make; each part's rules stand beside it.

MAKEFLAGS += --no-builtin-rules --no-print-directory --jobs=$(shell nproc)
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

version := 0.1.0
build   := build
machine := $(build)/x86_64
say      = @printf '  %-9s %s\n'

include rootfs/setup.mk
include kernel-config/kernel.mk
include lib/program.mk
include rootfs/rootfs.mk
include qemu-tests/tests.mk
include qemu-tests/analyse.mk

.PHONY: all run clean help

all: $(build)/berth $(machine)/vmlinuz $(machine)/initramfs $(machine)/sbom.json ## build everything

run: all $(build)/packages.test ## boot the machine, pull an image, run it (IMAGE=… PORT=…)
	@IMAGE='$(IMAGE)' PORT='$(PORT)' qemu-tests/run-demo

clean: ## remove what was built; the cache of sources, libraries and kernels stays
	rm -rf $(build)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | expand -t 22
