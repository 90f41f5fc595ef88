// SPDX-License-Identifier: Apache-2.0
/*
 * The two SHA-256 engines behind digest.h, visible so that the tests can hold them against each
 * other. sha256_begin() takes the processor's instructions where there are any.
 */
#ifndef BERTH_IMAGES_SHA256_H
#define BERTH_IMAGES_SHA256_H

#include "images/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sha256_engine { SHA256_MBEDTLS, SHA256_INSTRUCTIONS };

/* True when this processor, and the build, have the SHA extensions of x86. */
bool sha256_instructions_usable(void);
/* Mixes `blocks` blocks of 64 bytes into the state. Call only where usable. */
void sha256_instructions_blocks(uint32_t state[8], const uint8_t *data, size_t blocks);

/* As sha256_begin with a given engine. */
void sha256_begin_with(struct sha256 *sha, enum sha256_engine engine);

#endif
