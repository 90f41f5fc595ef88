// SPDX-License-Identifier: Apache-2.0
/* Docker's conditions, seen from what the compiled program answers. */
#include "init/config/document/seccomp_profile.h"

#include "init/config/security.h"
#include "lib/tap.h"
#include "runtime/capabilities.h"
#include "runtime/tests/bpf.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>

static struct sock_filter code[SECCOMP_PROGRAM_MAX];
static size_t length;
static struct error err;

static int compile(const char *text, uint64_t capabilities)
{
	static unsigned char out[SECCOMP_HEADER + sizeof code];
	err = (struct error){0};
	ssize_t size = seccomp_profile_compile(text, strlen(text), capabilities, out, sizeof out, &err);
	if (size < 0)
		return -1;
	length = ((size_t)size - SECCOMP_HEADER) / sizeof *code;
	memcpy(code, out + SECCOMP_HEADER, length * sizeof *code);
	return 0;
}

static uint32_t answer(int call, uint64_t argument)
{
	return bpf_answer(code, length, AUDIT_ARCH_X86_64, call, argument);
}

static bool allowed(int call)
{
	return answer(call, 0) == SECCOMP_RET_ALLOW;
}

#define RULE(names, more) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\"" more "}"
#define PROFILE(rules) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" rules "]}"

static void test_conditions(void)
{
	static const char text[] = PROFILE(
		RULE("\"read\", \"no_such_call\"", "")
		"," RULE("\"mount\"", ",\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}")
		"," RULE("\"chroot\"", ",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}")
		"," RULE("\"ptrace\"", ",\"includes\":{\"minKernel\":\"4.8\"}")
		"," RULE("\"acct\"", ",\"includes\":{\"minKernel\":\"99.0\"}")
		"," RULE("\"swapon\"", ",\"excludes\":{\"minKernel\":\"4.8\"}")
		"," RULE("\"uname\"", ",\"includes\":{\"arches\":[\"amd64\",\"x32\"]}")
		"," RULE("\"sync\"", ",\"includes\":{\"arches\":[\"s390x\"]}")
		"," RULE("\"chown\"", ",\"excludes\":{\"arches\":[\"amd64\"]}")
		",{\"name\":\"write\",\"action\":\"SCMP_ACT_ALLOW\"}"
		",{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":28}"
		"," RULE("\"close\"", ",\"args\":[{\"index\":0,\"value\":7,\"op\":\"SCMP_CMP_EQ\"}]"));
	ok(compile(text, CAPABILITIES_DEFAULT) == 0, "Docker's form: %s", err.text);
	ok(allowed(SYS_read) && allowed(SYS_write), "calls that are named, also in the old way");
	ok(!allowed(SYS_mount) && allowed(SYS_chroot), "without a capability");
	ok(allowed(SYS_ptrace) && !allowed(SYS_acct) && !allowed(SYS_swapon), "by the kernel's version");
	ok(allowed(SYS_uname) && !allowed(SYS_sync) && !allowed(SYS_chown), "by the architecture");
	ok(answer(SYS_mkdir, 0) == (SECCOMP_RET_ERRNO | ENOSPC), "an error of its own");
	ok(answer(SYS_close, 7) == SECCOMP_RET_ALLOW && answer(SYS_close, 8) != SECCOMP_RET_ALLOW,
	   "by an argument");
	ok(answer(SYS_setuid, 0) == (SECCOMP_RET_ERRNO | EPERM), "the rest is refused");
	ok(answer(SYS_reboot, 0) == (SECCOMP_RET_ERRNO | ENOSYS), "and what is younger is not there");
	ok(compile(text, CAPABILITIES_DEFAULT | 1ULL << CAP_SYS_ADMIN) == 0 && allowed(SYS_mount) &&
		   !allowed(SYS_chroot),
	   "with the capability");
}

static void refused(const char *text, const char *why)
{
	ok(compile(text, 0) < 0 && strstr(err.text, why), "%s", err.text);
}

int main(void)
{
	test_conditions();
	refused("", "not valid JSON");
	refused("[]", "not an object");
	refused("{}", "defaultAction");
	refused("{\"defaultAction\":\"SCMP_ACT_NONE\"}", "SCMP_ACT_NONE");
	refused("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\"}", "no agent");
	refused("{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", "listenerPath");
	refused(PROFILE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{}]}"), "args");
	return tap_end();
}
