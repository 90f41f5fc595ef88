// SPDX-License-Identifier: Apache-2.0
#include "runtime/label.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/mount.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool label_has_apparmor(void)
{
	char text[8];
	return file_read(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", text, sizeof text,
			 NULL) > 0 &&
	       text[0] == 'Y';
}

bool label_has_selinux(void)
{
	return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

/* Through a procfs of our own: a container's /proc could be anything (CVE-2019-16884). */
static int write_attribute(const char *path, const char *fallback, const char *text,
			   struct error *err)
{
	static const struct mount_option OWN[] = {{"subset", "pid"}, {NULL, NULL}};
	_cleanup_close_ int proc_fd = mount_new("proc", OWN, 0, err);
	if (proc_fd < 0)
		return error_context(err, "set the label");
	int rules = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
	_cleanup_close_ int fd = sys_openat2(proc_fd, path, O_WRONLY, 0, (uint64_t)rules);
	if (fd < 0 && errno == ENOENT && fallback) {
		fd = sys_openat2(proc_fd, fallback, O_WRONLY, 0, (uint64_t)rules);
	}
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return error_errno(err, errno, "set the label \"%.80s\"", text);
	return 0;
}

int label_set(const char *apparmor, const char *selinux, struct error *err)
{
	char text[512];
	if (selinux && write_attribute("thread-self/attr/exec", NULL, selinux, err) < 0)
		return error_context(err, "SELinux");
	if (!apparmor)
		return 0;
	if ((size_t)snprintf(text, sizeof text, "exec %s", apparmor) >= sizeof text)
		return error_set(err, "AppArmor profile name \"%.60s…\" is over-long", apparmor);
	struct error why = ERROR_INIT;
	if (write_attribute("thread-self/attr/apparmor/exec", "thread-self/attr/exec", text,
			    &why) == 0)
		return 0;
	return why.code == ENOENT
		       ? error_set(err, "AppArmor has no profile \"%.200s\": load it with "
					"apparmor_parser first", apparmor)
		       : error_set(err, "AppArmor: %s", why.text);
}
