// SPDX-License-Identifier: Apache-2.0
#include "images/http/link_header.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

#define PATH "referrers/sha256:aa"

int main(void)
{
	static const struct {
		const char *header, *next;
	} cases[] = {
		{"</v2/a/referrers/sha256:aa?last=x&n=2>; rel=\"next\"", PATH "?last=x&n=2"},
		{"<https://registry.example/v2/a/referrers/sha256:aa?p=2>; rel=\"next\"", PATH "?p=2"},
		{"<referrers/sha256:aa?p=2>;rel=next", PATH "?p=2"},
		{"<x?y>; rel=\"prev\", </v2/a/referrers/sha256:aa?p=2>; title=t; REL=\"NEXT\"",
		 PATH "?p=2"},
		{"</v2/a/referrers/sha256:aa?p=1>; rel=\"prev\", </v2/a/referrers/sha256:aa?p=3>; "
		 "rel=\"next\"", PATH "?p=3"},
		{"</v2/a/referrers/sha256:aa?p=2>; rel=\"prev\"", ""},
		{"</v2/a/referrers/sha256:aa?p=2>; rel=\"nextish\"", ""},
		{"</v2/a/referrers/sha256:aa?p=2>", ""},
		{"</v2/a/referrers/sha256:aa>; rel=\"next\"", ""},
		{"</v2/a/referrers/sha256:ab?p=2>; rel=\"next\"", ""},
		{"</v2/a/xreferrers/sha256:aa?p=2>; rel=\"next\"", ""},
		{"</v2/a/b?x=/referrers/sha256:aa?p=2>; rel=\"next\"", ""},
		{"</v2/a/referrers/sha256:aa?p=2 HTTP>; rel=\"next\"", ""},
		{"</v2/a/referrers/sha256:aa?p=2#x>; rel=\"next\"", ""},
		{"</v2/a/referrers/sha256:aa?p=0123456789012345678901234567890123456789>; rel=next", ""},
		{"</v2/a/referrers/sha256:aa?p=2", ""},
		{">; rel=\"next\"", ""},
		{"", ""},
	};
	for (size_t i = 0; i < countof(cases); i++) {
		char next[sizeof PATH + 20] = "?";
		bool found = link_next(cases[i].header, PATH "?p=1", next, sizeof next);
		is(next, cases[i].next, cases[i].header);
		ok(found == (*cases[i].next != 0), "and it is told");
	}
	return tap_end();
}
