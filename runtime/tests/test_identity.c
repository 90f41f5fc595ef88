// SPDX-License-Identifier: Apache-2.0
/* User specifications against images' passwd and group files, with the strings of the CVEs. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"
#include "runtime/identity.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char PASSWD[] =
	"# comment\n"
	"root:x:0:0:root:/root:/bin/sh\n"
	"www:x:33:33:www:/var/www:/sbin/nologin\n"
	"-1:x:0:0::/evil:/bin/sh\n"
	"+0:x:0:0::/evil:/bin/sh\n"
	"0x0:x:0:0::/evil:/bin/sh\n"
	" 0:x:0:0::/evil:/bin/sh\n"
	"4294967296:x:0:0::/evil:/bin/sh\n"
	"2147483648:x:0:0::/evil:/bin/sh\n"
	"1000:x:0:0::/evil:/bin/sh\n"
	"badgid:x:5:minus:::\n"
	"bigid:x:4294967296:0:::\n"
	"nohome:x:44:44:no:\n"
	"www:x:0:0::/second:/bin/sh\n"
	"user:x:1001:1001::/home/user:/bin/sh";
static const char GROUP[] = "root:x:0:\nwheel:x:10:root,user\nwww:x:33:\nadm:x:4:root,www,user\n"
			    "userx:x:50:userx,xuser\nbig:x:9999999999:user\nuser:x:1001:user\n"
			    "docker:x:999:user";

static char directory[] = "/tmp/berth-identity-XXXXXX";
static int root_fd;

static void write_file(const char *path, const char *text)
{
	unlinkat(root_fd, path, 0);
	file_write(root_fd, path, text, strlen(text), 0644, NULL);
}

/* "uid:gid home [groups]", or "error" and the message on the next line. */
static const char *resolve(const char *user)
{
	static char text[1024];
	static struct identity identity;
	struct error err = ERROR_INIT;
	if (identity_resolve(root_fd, user, &identity, &err) < 0) {
		printf("# %s\n", err.text);
		return "error";
	}
	snprintf(text, sizeof text, "%u:%u %s [", identity.uid, identity.gid, identity.home);
	for (size_t i = 0; i < identity.group_count; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u", i ? "," : "",
			 identity.groups[i]);
	snprintf(text + strlen(text), sizeof text - strlen(text), "]");
	return text;
}

static void test_table(void)
{
	static const struct {
		const char *user, *want;
	} CASES[] = {
		{"", "0:0 /root [0,10,4]"},
		{"root", "0:0 /root [0,10,4]"},
		{"0", "0:0 /root [0,10,4]"},
		{"www", "33:33 /var/www [33,4]"},
		{"33", "33:33 /var/www [33,4]"},
		{"user", "1001:1001 /home/user [1001,10,4,999]"},
		{"1001", "1001:1001 /home/user [1001,10,4,999]"},
		{"user:www", "1001:33 /home/user [33]"},
		{"user:12", "1001:12 /home/user [12]"},
		{"4242", "4242:0 / [0]"},
		{"4242:4243", "4242:4243 / [4243]"},
		{"1000", "1000:0 / [0]"},
		{"0000000033", "33:33 /var/www [33,4]"},
		{"2147483647:2147483647", "2147483647:2147483647 / [2147483647]"},
		{"nohome", "44:44 / [44]"},
		{"1:1", "1:1 / [1]"},
		{":", "error"},
		{"1:", "error"},
		{":1", "error"},
		{"a:b", "error"},
		{"1:1:1", "error"},
		{"user:nosuch", "error"},
		{"nosuch", "error"},
		{"badgid", "error"},
		{"bigid", "error"},
		{"4294967296", "error"},
		{"2147483648", "error"},
		{"18446744073709551616", "error"},
		{"00000000000", "error"},
		{"-1", "error"},
		{"+0", "error"},
		{"0x0", "error"},
		{" 0", "error"},
		{"0 ", "error"},
		{"1e3", "error"},
		{"1000:-1", "error"},
		{"1000:2147483648", "error"},
		{"www\n", "error"},
		{"#", "error"},
		{"..", "error"},
	};
	write_file("etc/passwd", PASSWD);
	write_file("etc/group", GROUP);
	for (size_t i = 0; i < countof(CASES); i++) {
		char name[128];
		snprintf(name, sizeof name, "CVE-2026-46680 and kin: user \"%s\"", CASES[i].user);
		for (char *at = name; *at; at++)
			if (*at == '\n' || *at == '#')
				*at = '?';
		is(resolve(CASES[i].user), CASES[i].want, name);
	}
	is(resolve(NULL), "0:0 /root [0,10,4]", "no specification");
	char over_long[400];
	memset(over_long, 'a', sizeof over_long - 1);
	over_long[sizeof over_long - 1] = 0;
	is(resolve(over_long), "error", "an over-long name");
}

static void test_files(void)
{
	unlinkat(root_fd, "etc/passwd", 0);
	unlinkat(root_fd, "etc/group", 0);
	is(resolve(""), "0:0 / [0]", "an image without the files: root");
	is(resolve("7:8"), "7:8 / [8]", "an image without the files: numbers");
	is(resolve("www"), "error", "an image without the files: a name");
	mkfifoat(root_fd, "etc/passwd", 0666);
	is(resolve("www"), "error", "CVE-2024-9676: a FIFO neither hangs nor counts");
	unlinkat(root_fd, "etc/passwd", 0);
	mkdirat(root_fd, "etc/passwd", 0755);
	is(resolve(""), "error", "a directory");
	unlinkat(root_fd, "etc/passwd", AT_REMOVEDIR);
	symlinkat("/etc/passwd.real", root_fd, "etc/passwd");
	write_file("etc/passwd.real", "inside:x:7:7::/in:\n");
	is(resolve("inside"), "7:7 /in [7]", "an absolute link is resolved in the root");
	unlinkat(root_fd, "etc/passwd", 0);
	symlinkat("../../../../../../etc/passwd", root_fd, "etc/passwd");
	is(resolve("root"), "error", "a link out of the root leads nowhere");
	unlinkat(root_fd, "etc/passwd", 0);
	symlinkat("/proc/self/fd/0", root_fd, "etc/passwd");
	is(resolve("root"), "error", "a link to a descriptor leads nowhere");
	unlinkat(root_fd, "etc/passwd", 0);
}

static void test_huge(void)
{
	write_file("etc/passwd", PASSWD);
	write_file("etc/group", "");
	int fd = openat(root_fd, "etc/group", O_WRONLY | O_CLOEXEC);
	if (ftruncate(fd, 2LL << 30) == 0)
		is(resolve("user"), "error", "CVE-2026-47262: a 2 GiB group file is refused");
	close(fd);
	write_file("etc/group", "");
	char path[128];
	snprintf(path, sizeof path, "%s/etc/group", directory);
	FILE *file = fopen(path, "we");
	fputs("crowd:x:600:", file);
	for (int i = 0; i < 1000000; i++)
		fprintf(file, "u%d,", i);
	fputs("user\nlast:x:601:user\n", file);
	fclose(file);
	is(resolve("user"), "1001:1001 /home/user [1001,600,601]",
	   "a line of a million members is read as a stream");
	file = fopen(path, "we");
	for (int i = 0; i < 65; i++)
		fprintf(file, "g%d:x:%d:user\n", i, 2000 + i);
	fclose(file);
	is(resolve("user"), "error", "more groups than fit are an error, not a cut");
}

/* Groups beside those of the user "user", or "error". */
static const char *with_groups(const char *a, const char *b)
{
	static char text[200];
	static struct identity who;
	char *names[] = {(char *)(uintptr_t)a, (char *)(uintptr_t)b};
	const struct string_list list = {.count = 2, .capacity = 2, .items = names};
	if (identity_resolve(root_fd, "user", &who, NULL) < 0 ||
	    identity_add_groups(root_fd, &list, &who, NULL) < 0)
		return "error";
	int used = 0;
	for (size_t i = 0; i < who.group_count; i++)
		used += snprintf(text + used, sizeof text - (size_t)used, "%s%u", i ? "," : "",
				 who.groups[i]);
	return text;
}

static void test_more_groups(void)
{
	write_file("etc/group", "in:x:600:user\naudio:x:29:\n");
	is(with_groups("audio", "77"), "1001,600,29,77", "a name of the image and a number");
	is(with_groups("600", "in"), "1001,600", "what it has already");
	is(with_groups("audio", "video"), "error", "a name that the image does not have");
	is(with_groups("99999999999", "1"), "error", "a number beyond the range");
}

static void test_damage(void)
{
	char text[2048];
	memset(text, 'n', sizeof text);
	snprintf(text + 1000, sizeof text - 1000, ":x:0:0::/:\nok:x:8:9::/ok:");
	write_file("etc/passwd", text);
	is(resolve("ok"), "8:9 /ok [9]", "an over-long line is passed over");
	file_write(root_fd, "etc/passwd", "o\0k:x:0:0::/:\nok:x:8:9::/ok:\n", 30, 0644, NULL);
	is(resolve("ok"), "8:9 /ok [9]", "a name with a NUL matches nothing");
	write_file("etc/passwd", "ok:x:8\nok:x:8:9\n");
	is(resolve("ok"), "error", "the first line of a name counts, even a short one");
	write_file("etc/passwd", ":x:0:0::/:\n\n\n:::::\nok:x:8:9::/ok:sh:more:fields:0:0\n");
	is(resolve("ok"), "8:9 /ok [9]", "empty names and extra fields");
	write_file("etc/group", "g:x:5:a:ok\nh:x:6:ok:extra\ni:x:7:,,ok,,\n");
	is(resolve("ok"), "8:9 /ok [9,6,7]", "members stand in the fourth field only");
}

int main(void)
{
	if (!mkdtemp(directory) || (root_fd = open(directory, O_RDONLY | O_DIRECTORY)) < 0 ||
	    mkdirat(root_fd, "etc", 0755) < 0)
		return 1;
	test_table();
	test_files();
	test_huge();
	test_more_groups();
	test_damage();
	unlinkat(root_fd, "etc/passwd", 0);
	unlinkat(root_fd, "etc/passwd.real", 0);
	unlinkat(root_fd, "etc/group", 0);
	unlinkat(root_fd, "etc", AT_REMOVEDIR);
	rmdir(directory);
	return tap_end();
}
