; SPDX-License-Identifier: Apache-2.0
; Chooses the checksums that inflate uses, by what the processor can do.

default rel
[bits 64]

%include "reg_sizes.asm"
%include "multibinary.asm"

extern adler32_base
extern adler32_sse
extern adler32_avx2_4
extern crc32_gzip_refl_base
extern crc32_gzip_refl_by8
extern crc32_gzip_refl_by8_02

mbin_interface isal_adler32
mbin_dispatch_init5 isal_adler32, adler32_base, adler32_sse, adler32_sse, adler32_avx2_4

mbin_interface crc32_gzip_refl
mbin_dispatch_init_clmul crc32_gzip_refl, crc32_gzip_refl_base, crc32_gzip_refl_by8, crc32_gzip_refl_by8_02, crc32_gzip_refl_by8_02
