// SPDX-License-Identifier: Apache-2.0
#include "images/digest.h"
#include "images/sha256.h"
#include "lib/tap.h"

#include <stdlib.h>

/* FIPS 180-4 examples and the NIST CAVP long message of a million "a". */
static const struct {
	const char *text;
	unsigned repeat;
	const char *sum;
} vectors[] = {
	{"", 1, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", 1, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	 "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"a", 1000000, "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void test_vectors(enum sha256_engine engine, const char *name)
{
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		struct sha256 sha;
		struct digest digest;
		sha256_begin_with(&sha, engine);
		for (unsigned n = 0; n < vectors[i].repeat; n++)
			sha256_add(&sha, vectors[i].text, strlen(vectors[i].text));
		sha256_end(&sha, &digest);
		char label[80];
		snprintf(label, sizeof label, "%s: vector %zu", name, i);
		is(digest.text, vectors[i].sum, label);
	}
}

/* Every length up to 300, cut into pieces of every small size. */
static void test_engines_agree(void)
{
	unsigned char data[4096];
	unsigned seed = 1;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (unsigned char)((seed = seed * 1103515245 + 12345) >> 16);
	unsigned differences = 0, splits = 0;
	for (size_t size = 0; size <= 300; size++) {
		for (size_t piece = 1; piece <= 130; piece += 1 + size % 3) {
			struct sha256 one, two;
			struct digest a, b;
			sha256_begin_with(&one, SHA256_MBEDTLS);
			sha256_begin_with(&two, SHA256_INSTRUCTIONS);
			sha256_add(&one, data, size);
			for (size_t at = 0; at < size; at += piece)
				sha256_add(&two, data + at, size - at < piece ? size - at : piece);
			sha256_end(&one, &a);
			sha256_end(&two, &b);
			differences += strcmp(a.text, b.text) != 0;
			splits++;
		}
	}
	ok(differences == 0, "the engines agree on %u lengths and splits", splits);
}

static void test_resume_from_copy(void)
{
	struct sha256 sha, copy;
	struct digest a, b;
	sha256_begin(&sha);
	sha256_add(&sha, "hello ", 6);
	copy = sha;
	sha256_add(&sha, "world", 5);
	sha256_add(&copy, "world", 5);
	sha256_end(&sha, &a);
	sha256_end(&copy, &b);
	is(a.text, b.text, "a copied state goes on by itself");
}

static void test_parse(void)
{
	static const char *const bad[] = {
		"", "sha256:", "sha256:../../x", "md5:00", "SHA256:",
		"sha256:E3B0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555",
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85/",
		" sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	};
	struct digest digest;
	struct error err = ERROR_INIT;
	ok(digest_parse(vectors[0].sum, &digest, &err) == 0, "a good digest");
	is(digest.text, vectors[0].sum, "is kept as it is");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		err.text[0] = 0;
		ok(digest_parse(bad[i], &digest, &err) < 0 && strstr(err.text, "digest"),
		   "CVE-2024-3727, CVE-2014-9358: refused: \"%s\"", bad[i]);
	}
}

int main(void)
{
	test_vectors(SHA256_MBEDTLS, "mbedTLS");
	if (sha256_instructions_usable()) {
		test_vectors(SHA256_INSTRUCTIONS, "SHA instructions");
		test_engines_agree();
	} else {
		skip("SHA instructions", "this processor has none");
	}
	test_resume_from_copy();
	test_parse();
	return tap_end();
}
