// SPDX-License-Identifier: Apache-2.0
/* A real container: what its process is, sees and may not do, and how its end is told. */
#include "runtime/tests/harness.h"

static struct run result;

static int shows(const char *script, const char *want)
{
	harness_script(script, &result);
	return strstr(result.output, want) != NULL;
}

static void check(const char *script, const char *want, const char *name)
{
	if (!ok(shows(script, want), "%s", name))
		printf("#   script: %s\n#   output: %.600s\n#   error: %s\n", script, result.output,
		       result.error.text);
}

/* The script must print "denied": `command` failed. */
static void check_denied(const char *command, const char *name)
{
	char script[1024];
	snprintf(script, sizeof script, "(%s) 2>/dev/null && echo done || echo denied", command);
	check(script, "denied\n", name);
}

static void test_process(void)
{
	check("cat /proc/self/status", "NoNewPrivs:\t1", "no_new_privs is set");
	check("cat /proc/self/status", "Seccomp:\t2", "a system call filter is installed");
	check("cat /proc/self/status", "CapEff:\t00000000a80425fb", "effective: Docker's set");
	check("cat /proc/self/status", "CapPrm:\t00000000a80425fb", "permitted: the same");
	check("cat /proc/self/status", "CapBnd:\t00000000a80425fb", "bounding: the same");
	check("cat /proc/self/status", "CapInh:\t0000000000000000",
	      "CVE-2022-29162: nothing inheritable");
	check("cat /proc/self/status", "CapAmb:\t0000000000000000", "nothing ambient");
	/* Without a shell, which may ignore signals on its own account. */
	struct container_spec spec =
		harness_spec((const char *const[]){"grep", "Sig", "/proc/self/status", NULL});
	harness_run(&spec, &result);
	ok(strstr(result.output, "SigIgn:\t0000000000000000") != NULL, "no signal is ignored");
	ok(strstr(result.output, "SigBlk:\t0000000000000000") != NULL, "no signal is blocked");
	check("umask", "0022", "umask 022");
	check("cat /proc/1/oom_score_adj", "0\n", "an ordinary OOM score");
	check("ls -x /proc/1/fd; true", "0  1  2\n", "descriptors 0, 1, 2 and no other");
	check("[ /proc/1/fd/0 -ef /dev/null ] && echo same", "same\n",
	      "a descriptor that is not given is the container's own /dev/null");
	check("echo $$; cat /proc/1/comm; true", "1\nsh\n", "it is process 1 of its namespace");
	check("ulimit -Sn", "1024\n", "1024 open files at first");
	check("hostname 2>/dev/null || cat /proc/sys/kernel/hostname", "boathouse\n", "host name");
	check("cat /proc/self/cgroup", "0::/\n", "its cgroup is the root of its namespace");
	check("echo $GREETING $HOSTNAME $HOME $PATH",
	      "ahoy boathouse /root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
	      "environment with its defaults");
}

static void test_user(void)
{
	struct container_spec spec = harness_spec(
		(const char *const[]){"sh", "-c", "id -u; id -g; id -G; cat /proc/self/status",
				      NULL});
	spec.process.user = "1234:77";
	harness_run(&spec, &result);
	ok(strncmp(result.output, "1234\n77\n77\n", 11) == 0, "a numeric user and group");
	ok(strstr(result.output, "CapEff:\t0000000000000000") &&
		   strstr(result.output, "CapPrm:\t0000000000000000") &&
		   strstr(result.output, "CapBnd:\t00000000a80425fb"),
	   "another user holds no capability; the bounding set stays");
	spec = harness_spec((const char *const[]){"sh", "-c", "id -un; echo $HOME", NULL});
	spec.process.user = "daemon";
	harness_run(&spec, &result);
	is(result.output, "daemon\n/usr/sbin\n", "a named user of the image, with its home");
	spec.process.user = "nobody-such";
	harness_run(&spec, &result);
	ok(result.start_status == 125 && strstr(result.error.text, "nobody-such"),
	   "an unknown user: 125 and its name (%s)", result.error.text);
}

static void test_files(void)
{
	check("cat /etc/hosts", "127.0.0.1 localhost\n", "/etc/hosts");
	check("cat /etc/hostname", "boathouse\n", "/etc/hostname");
	check("cat /etc/resolv.conf", "nameserver 192.0.2.1\n", "/etc/resolv.conf");
	check("cd /dev && echo $(ls | grep -v console)",
	      "core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero",
	      "/dev holds the default nodes and nothing else");
	check("stat -c '%a %t:%T' /dev/null /dev/full", "666 1:3\n666 1:7\n",
	      "nodes and their modes");
	check("stat -c %a /dev/shm; stat -Lc %a /dev/ptmx", "1777\n666\n", "modes of shm and ptmx");
	check("echo x > /dev/null; head -c3 /dev/zero | wc -c", "3\n", "the nodes work");
	check("stat -c %a /dev/pts/../fd/0", "", "links resolve");
	check("echo upper > /berth-made && cat /berth-made", "upper\n", "the root is writable");
	ok(access("/berth-made", F_OK) != 0, "and the image stays as it was");
	check("ls /; cat /proc/self/mountinfo | grep -c ' / / '", "1\n", "one root mount");
	check("cat /proc/self/mountinfo", " / /sys ro,nosuid,nodev,noexec", "/sys is read-only");
	check("cat /proc/self/mountinfo", "/ /sys/fs/cgroup ro,nosuid,nodev,noexec",
	      "CVE-2023-25809: the cgroup file system is read-only");
	check("grep -c shared: /proc/self/mountinfo", "0\n", "no mount propagates");
}

static void test_network(void)
{
	struct container_spec spec = harness_spec((const char *const[]){
		"sh", "-c",
		"cat /proc/sys/net/ipv4/ip_unprivileged_port_start; readlink /proc/self/ns/net; "
		"ls /sys/class/net", NULL});
	char link[64] = "", want[128];
	_cleanup_close_ int machine = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (unshare(CLONE_NEWNET) < 0) {
		skip("network namespace", "not available");
		return;
	}
	_cleanup_close_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (readlink("/proc/self/ns/net", link, sizeof link - 1) < 0 || setns(machine, 0) < 0)
		printf("# %s\n", strerror(errno));
	defaults_join_network(&spec, own);
	harness_run(&spec, &result);
	snprintf(want, sizeof want, "0\n%s\nlo\n", link);
	is(result.output, want, "the given network namespace: low ports free, its own /sys");
	defaults_join_network(&spec, -1);
	harness_run(&spec, &result);
	ok(result.start_status == 0 && !strstr(result.output, link),
	   "otherwise the machine's, unchanged (%.4s)", result.output);
}

static void test_masks(void)
{
	check_denied("head -c1 /proc/kcore | grep .", "CVE-2025-31133: /proc/kcore shows nothing");
	check_denied("head -c1 /proc/timer_list | grep .", "/proc/timer_list shows nothing");
	check("stat -c '%s %a' /proc/timer_list /proc/interrupts", "0 0\n0 0\n",
	      "a mask is an empty file that nobody has permissions for");
	check_denied("echo x > /proc/timer_list", "a mask cannot be written");
	check_denied("mkdir /proc/acpi/x || ls /proc/acpi | grep .", "/proc/acpi is empty");
	check_denied("ls -A /sys/firmware | grep .", "/sys/firmware is empty");
	check_denied("chmod 644 /proc/kcore", "a mask cannot be changed");
	check_denied("echo 1 > /proc/sys/kernel/panic", "/proc/sys is read-only");
	check_denied("echo h > /proc/sysrq-trigger", "/proc/sysrq-trigger is read-only");
	check_denied("mkdir /sys/fs/cgroup/x", "no cgroup can be made");
	check_denied("mount -t tmpfs none /mnt", "mounting is refused");
	check_denied("unshare -U true", "CVE-2022-0492: no new namespaces");
	check_denied("mknod /b b 254 0 && head -c1 /b", "a disk's node cannot be opened");
	check("mknod /z c 1 5 && head -c2 /z | wc -c", "2\n", "an allowed device's node can");
}

static void status_of(const char *const *args, int want, const char *part, const char *name)
{
	struct container_spec spec = harness_spec(args);
	harness_run(&spec, &result);
	ok(result.status == want && (!part || strstr(result.error.text, part)), "%s (%d: %s)", name,
	   result.status, result.error.text);
}

static void test_exit(void)
{
	status_of((const char *const[]){"true", NULL}, 0, NULL, "0");
	status_of((const char *const[]){"sh", "-c", "exit 42", NULL}, 42, NULL, "42");
	status_of((const char *const[]){"no-such-program", NULL}, 127, "executable file not found in $PATH",
		  "not in PATH: 127");
	status_of((const char *const[]){"/no/such", NULL}, 127, "No such file",
		  "no such path: 127");
	status_of((const char *const[]){"/etc", NULL}, 126, "directory", "a directory: 126");
	status_of((const char *const[]){"/etc/passwd", NULL}, 126, "not executable",
		  "mode 644: 126");
	status_of((const char *const[]){"/run/x", NULL}, 127, NULL, "hidden by nothing: 127");
	status_of((const char *const[]){"sh", "-c", "sh -c 'kill -9 $$'; exit $?", NULL}, 137, NULL,
		  "137 told by a shell inside");
	status_of((const char *const[]){NULL}, 125, "no command", "no command: 125");
	status_of((const char *const[]){"", NULL}, 127, "empty", "an empty command: 127");
}

static void test_working_directory(void)
{
	struct container_spec spec = harness_spec((const char *const[]){"pwd", NULL});
	spec.process.working_dir = "/made/for/this";
	harness_run(&spec, &result);
	is(result.output, "/made/for/this\n", "a missing working directory is made");
	int escaped = 0;
	for (int fd = 0; fd < 64; fd++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		spec.process.working_dir = path;
		harness_run(&spec, &result);
		escaped += result.start_status != 125;
	}
	ok(escaped == 0, "CVE-2024-21626: no descriptor serves as working directory");
	spec.process.working_dir = "relative";
	harness_run(&spec, &result);
	ok(result.start_status == 125 && strstr(result.error.text, "absolute"),
	   "a relative working directory is refused");
}

static void start_sleeper(struct container *container)
{
	struct container_spec spec = harness_spec(
		(const char *const[]){"sh", "-c", "trap 'exit 7' TERM; sleep 100 & wait", NULL});
	int status;
	struct error err = ERROR_INIT;
	if (container_start(&spec, -1, container, &err) < 0)
		printf("# %s\n", err.text);
	struct pollfd ready = {.fd = container->status_fd, .events = POLLIN};
	poll(&ready, 1, 10000);
	ok(container_start_result(container->status_fd, &status, &err) == 0,
	   "end of file on the status socket: it executes %s", err.text);
	usleep(200000); /* until the trap is set */
}

static void test_signals(void)
{
	struct container container;
	struct error err = ERROR_INIT;
	start_sleeper(&container);
	ok(container_signal(&container, SIGTERM, &err) == 0 && harness_wait(&container) == 7,
	   "a signal reaches the first process");
	harness_clean(&container, harness_id);
	start_sleeper(&container);
	ok(container_kill(&container, &err) == 0 && harness_wait(&container) == 137,
	   "container_kill: 137");
	harness_clean(&container, harness_id);
	ok(container.pidfd == -1 && container.cgroup_fd == -1, "cleanup closes the descriptors");
}

int main(void)
{
	const char *reason = harness_setup();
	if (reason) {
		skip("containers", reason);
		return tap_end();
	}
	test_process();
	test_user();
	test_files();
	test_network();
	test_masks();
	test_exit();
	test_working_directory();
	test_signals();
	return tap_end();
}
