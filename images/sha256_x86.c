// SPDX-License-Identifier: Apache-2.0
/*
 * SHA-256 with the x86 SHA extensions (FIPS 180-4; Intel SDM volume 2: SHA256RNDS2, SHA256MSG1,
 * SHA256MSG2). mbedTLS has no such code, and the plain C one costs a puller more than inflating.
 */
#include "images/sha256.h"

#if defined __x86_64__

#include <cpuid.h>
#include <immintrin.h>

#define SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

static const uint32_t CONSTANTS[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

bool sha256_instructions_usable(void)
{
	unsigned a, b, c, d;
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/* The instructions want the eight words as (A,B,E,F) and (C,D,G,H), highest first. */
SHA_TARGET static void load_state(const uint32_t state[8], __m128i *abef, __m128i *cdgh)
{
	__m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
	__m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
	*abef = _mm_alignr_epi8(cdab, efgh, 8);
	*cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

SHA_TARGET static void store_state(uint32_t state[8], __m128i abef, __m128i cdgh)
{
	__m128i feba = _mm_shuffle_epi32(abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

SHA_TARGET void sha256_instructions_blocks(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i abef, cdgh;
	load_state(state, &abef, &cdgh);
	for (; blocks > 0; blocks--, data += 64) {
		__m128i abef_before = abef, cdgh_before = cdgh;
		__m128i words[4];
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			__m128i word;
			if (i < 4) {
				word = _mm_loadu_si128((const __m128i *)(data + 16 * i));
				word = _mm_shuffle_epi8(word, swap);
			} else {
				__m128i last = words[(i + 3) & 3];
				word = _mm_sha256msg1_epu32(words[i & 3], words[(i + 1) & 3]);
				word = _mm_add_epi32(word,
						     _mm_alignr_epi8(last, words[(i + 2) & 3], 4));
				word = _mm_sha256msg2_epu32(word, last);
			}
			words[i & 3] = word;
			__m128i sum = _mm_add_epi32(
				word, _mm_load_si128((const __m128i *)(CONSTANTS + 4 * i)));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
		}
		abef = _mm_add_epi32(abef, abef_before);
		cdgh = _mm_add_epi32(cdgh, cdgh_before);
	}
	store_state(state, abef, cdgh);
}

#else

bool sha256_instructions_usable(void)
{
	return false;
}

void sha256_instructions_blocks(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	(void)state, (void)data, (void)blocks;
	__builtin_trap();
}

#endif
