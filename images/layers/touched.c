// SPDX-License-Identifier: Apache-2.0
#include "images/layers/touched.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_CAPACITY = 1024 };

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static void sip_round(struct sip *s)
{
	s->v0 += s->v1, s->v1 = rotate(s->v1, 13) ^ s->v0, s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3, s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3, s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1, s->v1 = rotate(s->v1, 17) ^ s->v2, s->v2 = rotate(s->v2, 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

/* SipHash-1-3 (Aumasson and Bernstein) of the directory and the name. Never 0. */
static uint64_t hash(const struct touched *touched, uint64_t directory, const char *name)
{
	struct sip s = {
		touched->key[0] ^ 0x736f6d6570736575, touched->key[1] ^ 0x646f72616e646f6d,
		touched->key[0] ^ 0x6c7967656e657261, touched->key[1] ^ 0x7465646279746573};
	size_t length = strlen(name), at = 0;
	uint64_t word;
	sip_word(&s, directory);
	for (; at + 8 <= length; at += 8) {
		memcpy(&word, name + at, 8);
		sip_word(&s, word);
	}
	word = 0;
	memcpy(&word, name + at, length - at);
	sip_word(&s, word | (uint64_t)length << 56);
	s.v2 ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	word = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	return word ? word : 1;
}

int touched_init(struct touched *touched, struct error *err)
{
	*touched = (struct touched){0};
	if (getrandom(touched->key, sizeof touched->key, 0) != sizeof touched->key)
		return error_errno(err, errno, "get random bytes");
	return 0;
}

static void insert(uint64_t *slots, size_t capacity, uint64_t value, size_t *count)
{
	size_t at = value & (capacity - 1);
	while (slots[at] && slots[at] != value)
		at = (at + 1) & (capacity - 1);
	*count += slots[at] == 0;
	slots[at] = value;
}

static int grow(struct touched *touched, struct error *err)
{
	size_t capacity = touched->capacity ? touched->capacity * 2 : FIRST_CAPACITY;
	uint64_t *slots = calloc(capacity, sizeof *slots);
	if (!slots)
		return error_errno(err, ENOMEM, "remember %zu entries of the layer",
				   touched->count);
	size_t count = 0;
	for (size_t i = 0; i < touched->capacity; i++)
		if (touched->slots[i])
			insert(slots, capacity, touched->slots[i], &count);
	free(touched->slots);
	touched->slots = slots;
	touched->capacity = capacity;
	return 0;
}

int touched_add(struct touched *touched, uint64_t directory, const char *name, struct error *err)
{
	if (touched->count + 1 > touched->capacity / 4 * 3 && grow(touched, err) < 0)
		return -1;
	insert(touched->slots, touched->capacity, hash(touched, directory, name),
	       &touched->count);
	return 0;
}

bool touched_has(const struct touched *touched, uint64_t directory, const char *name)
{
	if (touched->count == 0)
		return false;
	uint64_t value = hash(touched, directory, name);
	size_t at = value & (touched->capacity - 1);
	while (touched->slots[at] && touched->slots[at] != value)
		at = (at + 1) & (touched->capacity - 1);
	return touched->slots[at] == value;
}

void touched_free(struct touched *touched)
{
	free(touched->slots);
	touched->slots = NULL;
	touched->capacity = touched->count = 0;
}
