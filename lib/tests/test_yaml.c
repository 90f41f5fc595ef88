// SPDX-License-Identifier: Apache-2.0
#include "lib/yaml.h"

#include "lib/tap.h"

static char memory[8 * 1024 * 1024];

struct result {
	struct node *root;
	struct position where;
	struct error err;
	int status;
};

static struct result parse_size(const char *text, size_t size)
{
	static struct arena arena;
	static struct node_pool pool;
	struct result result = {.err = ERROR_INIT};
	arena_init(&arena, memory, sizeof memory);
	pool = (struct node_pool){&arena, YAML_NODES_MAX};
	result.status = yaml_read(text, size, 7, &pool, &result.root, &result.where, &result.err);
	return result;
}

static struct result parse(const char *text)
{
	return parse_size(text, strlen(text));
}

static void refused(const char *text, unsigned line, unsigned column, const char *words)
{
	struct result result = parse(text);
	ok(result.status < 0 && result.where.line == line && result.where.column == column &&
		   strstr(result.err.text, words),
	   "%u:%u %s", line, column, words);
	if (result.status == 0 || result.where.line != line || result.where.column != column ||
	    !strstr(result.err.text, words))
		printf("#   got: %d %u:%u %s\n", result.status, result.where.line, result.where.column,
		       result.err.text);
}

static void types(void)
{
	struct result result = parse(
		"a: 1\nb: 0x1F\nc: 0440\nd: 0o17\ne: -2.5\nf: true\ng: ~\nh: '1'\ni: yes\nj: 1e3\nk: .inf\n"
		"l: 99999999999999999999\nm: 09\nn:\no: !!str 5\np: 22:22\nq: \"\"\nr: 1_000\ns: -1_0.5\n"
		"t: _1\nu: '1_0'\nv: 1_x\n");
	const struct node *root = result.root;
	static const struct {
		const char *key;
		enum node_kind kind;
		int64_t integer;
	} want[] = {
		{"a", NODE_INTEGER, 1}, {"b", NODE_INTEGER, 31}, {"c", NODE_INTEGER, 0440},
		{"d", NODE_INTEGER, 017}, {"e", NODE_FLOAT, 0}, {"f", NODE_BOOL, 1}, {"g", NODE_NULL, 0},
		{"h", NODE_TEXT, 0}, {"i", NODE_TEXT, 0}, {"j", NODE_FLOAT, 0}, {"k", NODE_FLOAT, 0},
		{"l", NODE_FLOAT, 0}, {"m", NODE_FLOAT, 0}, {"n", NODE_NULL, 0}, {"o", NODE_TEXT, 0},
		{"p", NODE_TEXT, 0}, {"q", NODE_TEXT, 0}, {"r", NODE_INTEGER, 1000}, {"s", NODE_FLOAT, 0},
		{"t", NODE_TEXT, 0}, {"u", NODE_TEXT, 0}, {"v", NODE_TEXT, 0},
	};
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		const struct node *node = node_get(root, want[i].key);
		ok(node && node->kind == want[i].kind && node->integer == want[i].integer,
		   "the type of %s", want[i].key);
	}
	const struct node *e = node_get(root, "e");
	ok(e && e->number == -2.5 && e->at.file == 7 && e->at.line == 5 && e->at.column == 4 &&
		   e->key_at.column == 1, "a value has its place, and its key too");
}

static void merges(void)
{
	struct result result = parse("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\n"
				     "z: {<<: [*x, *y], a: 5}\nw: {a: 0, <<: *y}\nl: [*x]\n");
	is(node_get_text(node_get(result.root, "z"), "a"), "5", "an own key wins over a merged one");
	is(node_get_text(node_get(result.root, "z"), "b"), "2", "the earlier map wins");
	is(node_get_text(node_get(result.root, "z"), "c"), "4", "all maps are merged");
	is(node_get_text(node_get(result.root, "w"), "c"), "4", "a merge key may stand last");
	ok(node_at(result.root, "z.<<") == NULL, "the merge key itself is gone");
	ok(node_equal(node_get(result.root, "l")->first, node_get(result.root, "x")),
	   "an alias is the anchor's value");
}

/* Nine levels of nine aliases: 387 million values from 300 bytes. */
static void bomb(void)
{
	char text[2048] = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
	for (int i = 1; i < 9; i++) {
		char line[200];
		snprintf(line, sizeof line, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n",
			 i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
		size_t used = strlen(text);
		snprintf(text + used, sizeof text - used, "%s", line);
	}
	struct result result = parse(text);
	ok(result.status < 0 && strstr(result.err.text, "aliases count"), "an alias bomb ends early: %s",
	   result.err.text);
	char deep[400];
	memset(deep, '[', sizeof deep);
	result = parse_size(deep, sizeof deep);
	ok(result.status < 0 && strstr(result.err.text, "too deep"), "nesting has a bound");
}

static void json(void)
{
	struct result result = parse("{\"a\": [1, 2.5, null, true, \"x\\u00e4\\/\\n\"],\n\t\"b\":{\"c\":\"d\"}}");
	ok(result.status == 0 && node_get(result.root, "a")->count == 5, "JSON is read: %s",
	   result.err.text);
	is(node_get(result.root, "a")->last->text, "x\xc3\xa4/\n", "with its escapes");
	is(node_get_text(node_get(result.root, "b"), "c"), "d", "and without blanks");
}

/* Several documents in one text. */
static void documents(void)
{
	static char memory[1024 * 1024];
	static const char text[] = "a: &x 1\n---\n---\n- b\n...\n---\nc: *x\n";
	struct arena arena;
	struct node_pool pool = {&arena, 1000};
	struct node *list;
	struct position where;
	struct error err = ERROR_INIT;
	arena_init(&arena, memory, sizeof memory);
	ok(yaml_read_documents(text, strlen("a: 1\n---\n---\n- b\n..."), 0, &pool, 8, &list, &where, &err) < 0 ||
		   list->count == 2, "two documents, and an empty one that is left out");
	ok(yaml_read_documents(text, strlen(text), 0, &pool, 8, &list, &where, &err) < 0 && where.line == 7,
	   "an anchor is of its document: %s", err.text);
	ok(yaml_read_documents("a\n---\nb\n---\nc\n", 14, 0, &pool, 2, &list, &where, &err) < 0,
	   "too many: %s", err.text);
	ok(yaml_read_documents("", 0, 0, &pool, 2, &list, &where, &err) == 0 && list->count == 0, "none");
}

int main(void)
{
	types();
	merges();
	bomb();
	json();
	refused("a: 1\nb: 2\na: 3\n", 3, 1, "there twice, first in line 1");
	refused("a: *b\n", 1, 4, "no anchor");
	refused("a: &a [*a]\n", 1, 8, "no anchor");
	refused("a:\n\t- b\n", 2, 1, "not YAML");
	refused("a: \"b\n", 2, 1, "not YAML");
	refused("a: [1, 2\nb: 3\n", 2, 2, "not YAML");
	refused("a: \"x\\0y\"\n", 1, 4, "NUL");
	refused("? [a]\n: b\n", 1, 3, "a key must be a text");
	refused("a: 1\n---\nb: 2\n", 2, 1, "second document");
	refused("a: !foo 1\n", 1, 4, "means nothing");
	refused("a: {<<: 1}\n", 1, 9, "only maps can be merged");
	struct result empty = parse("");
	ok(empty.status == 0 && empty.root->kind == NODE_NULL, "an empty text is null");
	struct result reset = parse("a: !reset null\nb: !override [1]\n");
	ok(reset.status == 0 && node_get(reset.root, "a")->tag == NODE_RESET &&
		   node_get(reset.root, "b")->tag == NODE_OVERRIDE, "Compose's tags are kept");
	documents();
	return tap_end();
}
