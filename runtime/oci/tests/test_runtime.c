// SPDX-License-Identifier: Apache-2.0
/*
 * The runtime as a command, with real containers: this program is the runtime when it is called
 * berth-runtime, and a container's program when it is called with --probe. The machine's own root,
 * below an overlay, serves as root file system.
 */
#include "init/net/rtnetlink.h"
#include "runtime/oci/commands.h"
#include "runtime/terminal.h"
#include "runtime/tests/harness.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/statvfs.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BUNDLE "/run/bundle"

static char output[65536];

static const char CONFIG[] =
	"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\"hostname\":\"boathouse\","
	"\"process\":{\"args\":[%s],\"cwd\":\"/\",\"env\":[\"PATH=/usr/bin:/bin:/usr/sbin:/sbin\"],"
	"\"user\":{\"uid\":0,\"gid\":0}%s},"
	"\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":"
	"[\"nosuid\",\"mode=755\"]},"
	"{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\",\"options\":"
	"[\"newinstance\",\"ptmxmode=0666\"]}%s],"
	"\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},"
	"{\"type\":\"mount\"},{\"type\":\"cgroup\"}%s],\"maskedPaths\":[\"/proc/kcore\",\"/proc/keys\"],"
	"\"readonlyPaths\":[\"/proc/sys\"]%s}%s}";

struct bundle {
	const char *args;      /* as JSON */
	const char *process;   /* further members, each with a comma before it */
	const char *mounts, *namespaces, *section, *top;
};

static const char *or_none(const char *text)
{
	return text ? text : "";
}

static void write_bundle(struct bundle bundle)
{
	char text[8192];
	snprintf(text, sizeof text, CONFIG, bundle.args, or_none(bundle.process),
		 or_none(bundle.mounts), or_none(bundle.namespaces), or_none(bundle.section),
		 or_none(bundle.top));
	file_write(AT_FDCWD, BUNDLE "/config.json", text, strlen(text), 0644, NULL);
}

/* A script for `sh -c` as args; without double quotes and backslashes in it. */
static const char *script(const char *text)
{
	static char args[4096];
	snprintf(args, sizeof args, "\"sh\",\"-c\",\"%s\"", text);
	return args;
}

/* Runs the runtime to its end; its exit status, its output in `output`. */
static int runtime(const char *const *words)
{
	int ends[2], status;
	const char *argv[24] = {"berth-runtime", "--root", "/run/oci"};
	for (size_t i = 3; (argv[i] = *words) && i + 1 < countof(argv); i++)
		words++;
	/* A created container keeps the pipe's end: files do not keep the reader waiting. */
	ends[1] = open("/run/output", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
		_exit(126);
	}
	waitpid(pid, &status, 0);
	memset(output, 0, sizeof output);
	if (pread(ends[1], output, sizeof output - 1, 0) < 0)
		output[0] = 0;
	close(ends[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
#define RUNTIME(...) runtime((const char *const[]){__VA_ARGS__, NULL})

static int run_bundle(struct bundle bundle)
{
	write_bundle(bundle);
	return RUNTIME("run", "--bundle", BUNDLE, "one");
}

static int is_status(const char *id, const char *want)
{
	char line[64];
	snprintf(line, sizeof line, "\"status\": \"%s\"", want);
	return RUNTIME("state", id) == 0 && strstr(output, line);
}

static void test_run(void)
{
	int status = run_bundle((struct bundle){.args = script("echo ahoy; hostname; exit 7")});
	ok(status == 7 && strcmp(output, "ahoy\nboathouse\n") == 0, "output and status (%d: %.200s)",
	   status, output);
	run_bundle((struct bundle){.args = script("cut -d' ' -f5 /proc/self/mountinfo")});
	is(output, "/\n/proc\n/dev\n/dev/pts\n/proc/keys\n/proc/sys\n",
	   "no mount of the host is left, masks on top of its root included");
	run_bundle((struct bundle){.args = "\"ls\",\"/proc/self/fd\""});
	is(output, "0\n1\n2\n3\n", "CVE-2024-21626: no descriptor beside the program's own");
	run_bundle((struct bundle){.args = "\"grep\",\"-E\",\"Cap(Inh|Prm|Eff|Bnd|Amb)\","
					   "\"/proc/self/status\""});
	ok(!strpbrk(output, "123456789abcdef") || strstr(output, "CapInh:\t0000000000000000"),
	   "without capabilities there are none");
	ok(strstr(output, "CapBnd:\t0000000000000000") && strstr(output, "CapEff:\t0000000000000000"),
	   "CVE-2022-29162: nor bounding or inheritable ones");
	status = run_bundle((struct bundle){.args = "\"no-such-program\""});
	ok(status == 1 && strstr(output, "executable file not found in $PATH"),
	   "a missing program fails at create (%d: %.200s)", status, output);
	ok(RUNTIME("list", "-q") == 0 && !*output, "nothing is left of it (%s)", output);
	status = run_bundle((struct bundle){.args = script("pwd"), .process = ""});
	write_bundle((struct bundle){.args = script("true")});
	ok(RUNTIME("--systemd-cgroup", "run", "-b", BUNDLE, "x") == 1 &&
		   strstr(output, "cgroups by systemd are not supported"),
	   "--systemd-cgroup is refused with words (%.200s)", output);
	ok(RUNTIME("run", "-b", BUNDLE, ".x") == 1 && strstr(output, "container ID"),
	   "an ID that list would not show");
	ok(RUNTIME("run", "-b", BUNDLE, "../x") == 1 && strstr(output, "container ID"),
	   "an ID that is a path is refused");
	ok(RUNTIME("checkpoint", "x") == 1 && strstr(output, "checkpoints are not supported"),
	   "checkpoint is refused with words");
}

static void test_lifecycle(void)
{
	write_bundle((struct bundle){.args = script("echo begun; sleep 1000")});
	ok(RUNTIME("create", "-b", BUNDLE, "--pid-file", "/run/pid", "two") == 0,
	   "create (%.200s)", output);
	ok(is_status("two", "created"), "it is created (%.300s)", output);
	ok(RUNTIME("create", "-b", BUNDLE, "two") == 1 && strstr(output, "already exists"),
	   "its ID is taken");
	ok(RUNTIME("delete", "two") == 0 && RUNTIME("state", "two") == 1,
	   "a created container can be deleted");
	RUNTIME("create", "-b", BUNDLE, "--pid-file", "/run/pid", "two");
	ok(RUNTIME("start", "two") == 0 && is_status("two", "running"), "it is running");
	ok(RUNTIME("delete", "two") == 1 && strstr(output, "not stopped"),
	   "a running container is not deleted without force");
	ok(RUNTIME("start", "two") == 1 && strstr(output, "which is running"), "it starts once");
	ok(RUNTIME("exec", "two", "sh", "-c", "echo $$; hostname; ls /proc/self/fd; exit 5") == 5 &&
		   strstr(output, "boathouse\n0\n1\n2\n3\n"),
	   "exec joins it (%.200s)", output);
	ok(RUNTIME("exec", "two", "no-such") == 255 && strstr(output, "not found"),
	   "exec of nothing (%.200s)", output);
	ok(RUNTIME("exec", "--user", "-1", "two", "id") == 255, "CVE-2026-30892: --user -1");
	ok(RUNTIME("exec", "--user", "1:", "two", "id") == 255, "CVE-2026-30892: --user 1:");
	ok(RUNTIME("exec", "--user", "1:2", "two", "id", "-u") == 0 && strcmp(output, "1\n") == 0,
	   "--user 1:2 (%.100s)", output);
	ok(RUNTIME("exec", "--cgroup", "..", "two", "true") == 255 &&
		   strstr(output, ".. is not a sub cgroup path"),
	   "exec stays in the container's group (%.200s)", output);
	ok(RUNTIME("exec", "--cgroup", "/", "two", "true") == 0, "which is / (%.200s)", output);
	ok(RUNTIME("kill", "two", "NOSUCH") == 1, "an unknown signal");
	ok(RUNTIME("kill", "two", "0") == 0, "signal 0 asks whether it is there");
	ok(RUNTIME("kill", "two", "KILL") == 0, "kill");
	for (int i = 0; i < 500 && !is_status("two", "stopped"); i++)
		usleep(10000);
	ok(is_status("two", "stopped"), "it is stopped");
	ok(RUNTIME("kill", "two", "0") == 1 && RUNTIME("kill", "--all", "two", "0") == 0,
	   "signal 0 says that it is not");
	ok(RUNTIME("kill", "two", "KILL") == 1 && strstr(output, "not running"),
	   "a stopped container gets no signal");
	ok(RUNTIME("delete", "two") == 0 && RUNTIME("state", "two") == 1, "it is deleted");
	ok(RUNTIME("delete", "--force", "two") == 0, "delete --force of nothing is nothing");
}

static void test_pause(void)
{
	write_bundle((struct bundle){.args = "\"sleep\",\"1000\""});
	RUNTIME("run", "-d", "-b", BUNDLE, "three");
	ok(RUNTIME("pause", "three") == 0 && is_status("three", "paused"), "pause (%.200s)", output);
	ok(RUNTIME("exec", "three", "true") == 255 && strstr(output, "in a paused container"),
	   "no exec into a paused container");
	ok(RUNTIME("resume", "three") == 0 && is_status("three", "running"), "resume");
	ok(RUNTIME("ps", "-f", "json", "three") == 0 && output[0] == '[' && output[1] != ']',
	   "ps (%.60s)", output);
	ok(RUNTIME("events", "--stats", "three") == 0 && strstr(output, "\"type\":\"stats\""),
	   "events --stats");
	ok(RUNTIME("delete", "--regex", "[") == 1 && strstr(output, "no regular expression"),
	   "delete --regex with a wrong one (%.200s)", output);
	ok(RUNTIME("delete", "-f", "--regex", "^tw") == 0 && is_status("three", "running"),
	   "delete --regex leaves others alone");
	ok(RUNTIME("delete", "-f", "--regex", "^thr?") == 0 && RUNTIME("list", "-q") == 0 && !*output,
	   "delete --force");
}

#define HOOK(name, command) \
	"\"" name "\":[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"" command "\"]}]"
#define NOTE(name) HOOK(name, "echo " name " >>/run/hooks")

static void test_hooks(void)
{
	char text[4096];
	unlink("/run/hooks");
	run_bundle((struct bundle){
		.args = script("echo ran"),
		.top = ",\"hooks\":{" NOTE("prestart") "," NOTE("createRuntime") "," NOTE(
			"createContainer") "," HOOK("startContainer", "echo inside") "," NOTE(
			"poststart") "," NOTE("poststop") "}"});
	is(output, "inside\nran\n", "startContainer before the program");
	file_read(AT_FDCWD, "/run/hooks", text, sizeof text, NULL);
	is(text, "prestart\ncreateRuntime\ncreateContainer\npoststart\npoststop\n",
	   "the others in their order");
	run_bundle((struct bundle){
		.args = script("echo ran"),
		.top = ",\"hooks\":{" HOOK("createContainer", "cat >/run/hooks") "}"});
	file_read(AT_FDCWD, "/run/hooks", text, sizeof text, NULL);
	ok(strstr(text, "\"id\":\"one\",\"status\":\"creating\",\"pid\":") && !strstr(text, "\"pid\":1,"),
	   "a hook reads the state, with the host's process ID (%.200s)", text);
	run_bundle((struct bundle){
		.args = script("echo ran"),
		.top = ",\"hooks\":{" HOOK("createRuntime", "nsenter -m -t $(grep -o 'pid.:[0-9]*' | tr "
						  "-cd 0-9) ls -d /run/bundle >/run/hooks 2>&1") "}"});
	file_read(AT_FDCWD, "/run/hooks", text, sizeof text, NULL);
	is(text, "/run/bundle\n", "createRuntime finds the host's root in the container's namespace");
	int status = run_bundle((struct bundle){
		.args = script("echo ran"),
		.top = ",\"hooks\":{" HOOK("createRuntime", "exit 3") "}"});
	ok(status == 1 && strstr(output, "failed with exit code 3") && !strstr(output, "ran"),
	   "a failing createRuntime hook ends the creation (%.200s)", output);
	status = run_bundle((struct bundle){
		.args = script("sleep 100"),
		.top = ",\"hooks\":{" HOOK("poststart", "exit 3") "}"});
	ok(status == 1 && strstr(output, "poststart hook failed"),
	   "a failing poststart hook stops the container (%.200s)", output);
	status = run_bundle((struct bundle){
		.args = script("echo ran"), .top = ",\"hooks\":{" HOOK("poststop", "exit 3") "}"});
	ok(status == 0 && strstr(output, "ran") && strstr(output, "warning"),
	   "a failing poststop hook is a warning (%.200s)", output);
	status = run_bundle((struct bundle){
		.args = script("echo ran"),
		.top = ",\"hooks\":{\"prestart\":[{\"path\":\"/bin/sleep\",\"args\":[\"sleep\","
		       "\"100\"],\"timeout\":1}]}"});
	ok(status == 1 && strstr(output, "took longer than 1 s"), "a hook has a time (%.200s)", output);
	ok(RUNTIME("list", "-q") == 0 && !*output, "nothing is left (%s)", output);
}

static void test_process(void)
{
	run_bundle((struct bundle){
		.args = "\"sh\",\"-c\",\"id -u; id -g; umask; ulimit -n; grep CapAmb /proc/self/status\"",
		.process = ",\"user\":{\"uid\":0,\"gid\":0}"});
	write_bundle((struct bundle){.args = script("id -u; id -G; umask; ulimit -n; echo $HOME; "
						    "grep CapAmb /proc/self/status")});
	RUNTIME("run", "-b", BUNDLE, "one");
	ok(strncmp(output, "0\n0\n0022\n", 9) == 0, "root, no groups, umask 022 (%.200s)", output);
	run_bundle((struct bundle){
		.args = script("ulimit -n; ulimit -Hn; nice"),
		.process = ",\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":9,\"hard\":12}],"
			   "\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":4}"});
	is(output, "9\n12\n4\n", "limits lower than the start needs, and a nice value");
	run_bundle((struct bundle){
		.args = script("mkdir /x; cat /proc/self/oom_score_adj"),
		.process = ",\"oomScoreAdj\":77,\"noNewPrivileges\":true",
		.section = ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":"
			   "[\"mkdir\",\"mkdirat\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":18}]}"});
	ok(strstr(output, "nvalid cross-device link") && strstr(output, "77\n"),
	   "a filter with its errno, and the OOM score (%.200s)", output);
}

static void test_mounts(void)
{
	mkdir("/run/volume", 0755);
	file_write(AT_FDCWD, "/run/volume/file", "x", 1, 0644, NULL);
	run_bundle((struct bundle){
		.args = script("cat /vol/file; touch /vol/new 2>&1; ls /etc/passwd; touch /etc/new && "
			       "ls /etc/new; ls /proc/kcore 2>&1; wc -c </proc/keys; echo 1 2>&1 "
			       ">/proc/sys/vm/swappiness"),
		.mounts = ",{\"destination\":\"/vol\",\"source\":\"/run/volume\",\"options\":"
			  "[\"rbind\",\"rro\"]},{\"destination\":\"/etc\",\"type\":\"tmpfs\","
			  "\"source\":\"tmpfs\",\"options\":[\"tmpcopyup\"]}"});
	ok(strncmp(output, "x", 1) == 0 && strstr(output, "Read-only file system"),
	   "a recursively read-only volume (%.300s)", output);
	ok(strstr(output, "/etc/passwd\n/etc/new\n") && access("/etc/new", F_OK) < 0,
	   "a tmpfs that begins with what was there");
	ok(strstr(output, "\n0\n") != NULL, "a masked file is empty");
	mkdir(BUNDLE "/rootfs/kept", 0755);
	chmod(BUNDLE "/rootfs/kept", 01750);
	run_bundle((struct bundle){
		.args = script("stat -c %a /kept /given; touch /dev/new; test -c /dev/null && ls -d /dev/pts"),
		.mounts = ",{\"destination\":\"/kept\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},"
			  "{\"destination\":\"/given\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
			  "\"options\":[\"mode=0710\"]},"
			  "{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
			  "\"options\":[\"ro\",\"mode=755\"]},{\"destination\":\"/dev/pts\",\"type\":"
			  "\"devpts\",\"source\":\"devpts\"}"});
	ok(strncmp(output, "1750\n710\n", 9) == 0,
	   "a tmpfs has the mode of what it covers, unless it says (%.200s)", output);
	ok(strstr(output, "Read-only file system") && strstr(output, "/dev/pts\n"),
	   "a read-only /dev is filled first");
	symlink("/run/volume", BUNDLE "/rootfs/link");
	run_bundle((struct bundle){
		.args = script("ls -d /run/volume"),
		.mounts = ",{\"destination\":\"/link/deep\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"}"});
	ok(access("/run/volume/deep", F_OK) < 0 && access(BUNDLE "/rootfs/run/volume/deep", F_OK) == 0,
	   "CVE-2021-30465: a link of the image leads inside it (%.200s)", output);
	symlink("/run/volume", BUNDLE "/rootfs/real");
	int status = run_bundle((struct bundle){
		.args = script("true"),
		.mounts = ",{\"destination\":\"/real\",\"type\":\"proc\",\"source\":\"proc\"}"});
	ok(status == 1 && strstr(output, "ordinary directory"),
	   "CVE-2023-28642: a procfs goes onto a real directory only (%.200s)", output);
}

static void test_user_namespace(void)
{
	int status = run_bundle((struct bundle){
		.args = script("cat /proc/self/uid_map; id -u; ls -n /vol; echo >/dev/null && echo null; "
			       "stat -c '%a %u:%g %t:%T' /dev/own; head -c 1 /dev/own | wc -c"),
		.namespaces = ",{\"type\":\"user\"}",
		.mounts = ",{\"destination\":\"/mnt\",\"source\":\"/run/volume\",\"options\":"
			  "[\"bind\"]},{\"destination\":\"/vol\",\"source\":\"/run/volume\","
			  "\"options\":[\"rbind\",\"idmap\"]}",
		.section = ",\"uidMappings\":[{\"containerID\":0,\"hostID\":70000,\"size\":1000}],"
			   "\"gidMappings\":[{\"containerID\":0,\"hostID\":70000,\"size\":1000}],"
			   "\"devices\":[{\"path\":\"/dev/own\",\"type\":\"c\",\"major\":1,\"minor\":5,"
			   "\"fileMode\":438,\"uid\":3,\"gid\":4}]"});
	if (status == 1 && (strstr(output, "map the IDs") || strstr(output, "user namespace"))) {
		skip("user namespaces", "a changed root or this file system has none");
		return;
	}
	ok(status == 0 && strstr(output, "70000       1000\n0\n"), "root of a user namespace (%.300s)",
	   output);
	ok(strstr(output, " 0 0 1 ") != NULL && strstr(output, "null\n"),
	   "an idmapped volume is its own, and /dev/null is the host's (%.300s)", output);
	ok(strstr(output, "\n666 3:4 1:5\n1\n") != NULL, "a device that the host has not (%.300s)",
	   output);
}

static void test_terminal(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/console"};
	struct error err = ERROR_INIT;
	_cleanup_close_ int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ok(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
		   listen(listener, 1) == 0,
	   "a socket for the terminal");
	write_bundle((struct bundle){.args = script("tty; stty size; test -c /dev/console && echo c"),
				     .process = ",\"terminal\":true,\"consoleSize\":{\"height\":33,"
						"\"width\":77}"});
	ok(RUNTIME("create", "-b", BUNDLE, "four") == 1 && strstr(output, "--console-socket"),
	   "a terminal needs somewhere to go");
	ok(RUNTIME("create", "-b", BUNDLE, "--console-socket", "/run/console", "four") == 0,
	   "create on a terminal (%.200s)", output);
	_cleanup_close_ int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	_cleanup_close_ int master = terminal_receive(connection, &err);
	ok(master >= 0 && isatty(master), "its other end comes over the socket (%s)", err.text);
	RUNTIME("start", "four");
	char text[256] = "";
	for (size_t used = 0; used + 1 < sizeof text;) {
		ssize_t got = read(master, text + used, sizeof text - 1 - used);
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	is(text, "/dev/pts/0\r\n33 77\r\nc\r\n", "its name, its size, /dev/console");
	RUNTIME("delete", "-f", "four");
	run_bundle((struct bundle){.args = script("echo a; echo b"),
				   .process = ",\"terminal\":true"});
	is(output, "a\nb\n", "a terminal whose output goes into a file writes plain lines");
}

static int bind_datagrams(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : fd;
}

static void test_notify(void)
{
	char text[256] = "", want[64];
	_cleanup_close_ int manager = bind_datagrams("/run/manager");
	setenv("NOTIFY_SOCKET", "/run/manager", 1);
	write_bundle((struct bundle){.args = "\"/proc/self/exe\",\"--ready\",\"stay\""});
	ok(RUNTIME("create", "-b", BUNDLE, "--pid-file", "/run/pid", "five") == 0 &&
		   recv(manager, text, sizeof text - 1, 0) < 0,
	   "nobody is ready at create (%.200s)", output);
	ok(RUNTIME("start", "five") == 0, "start waits until it is (%.200s)", output);
	ssize_t got = recv(manager, text, sizeof text - 1, 0);
	text[got > 0 ? got : 0] = 0;
	char number[16] = "";
	file_read(AT_FDCWD, "/run/pid", number, sizeof number, NULL);
	snprintf(want, sizeof want, "READY=1\nMAINPID=%s\n", number);
	is(text, want, "the service manager hears that, the process, and nothing else");
	ok(recv(manager, text, sizeof text, 0) < 0, "no other message comes through");
	ok(RUNTIME("delete", "-f", "five") == 0 && access("/run/oci/five", F_OK) < 0,
	   "nothing is left of it (%.200s)", output);
	ok(run_bundle((struct bundle){.args = "\"/proc/self/exe\",\"--ready\""}) == 0,
	   "in the foreground (%.200s)", output);
	got = recv(manager, text, sizeof text - 1, 0);
	text[got > 0 ? got : 0] = 0;
	ok(strncmp(text, "READY=1\nMAINPID=", 16) == 0, "the same (%.200s)", text);
	write_bundle((struct bundle){.args = script("exit 3")});
	ok(RUNTIME("run", "-d", "-b", BUNDLE, "five") == 0,
	   "a container that ends before it is ready keeps nobody waiting (%.200s)", output);
	RUNTIME("delete", "-f", "five");
	unsetenv("NOTIFY_SOCKET");
	run_bundle((struct bundle){.args = script("echo ${NOTIFY_SOCKET-none}; ls /run/notify/*")});
	ok(strncmp(output, "none\n", 5) == 0, "without a service manager nothing of it (%.200s)",
	   output);
}

/* Inside a container, executed as /proc/self/exe: says that it is ready, after something that is
 * nobody's business. */
static int say_ready(bool stay)
{
	static const char *const SAID[] = {"MAINPID=1\n", "STATUS=x\nREADY=1\nFDSTORE=1\n"};
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path ? path : "");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (size_t i = 0; i < countof(SAID); i++)
		if (sendto(fd, SAID[i], strlen(SAID[i]), 0, (struct sockaddr *)&address,
			   sizeof address) < 0)
			return 1;
	/* The reader of the foreground looks at the socket until this process has ended. */
	poll(NULL, 0, stay ? 1000000 : 200);
	return 0;
}

/* A device that can be moved; of veth the kernel makes and names the other end. */
static int add_kind(int fd, const char *name, const char *kind, struct error *err)
{
	_Alignas(struct nlmsghdr) uint8_t storage[512];
	struct netlink_batch batch;
	const struct ifinfomsg info = {0};
	netlink_batch_init(&batch, storage, sizeof storage);
	netlink_begin(&batch, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &info,
		      sizeof info);
	netlink_put_text(&batch, IFLA_IFNAME, name);
	size_t mark = netlink_nest(&batch, IFLA_LINKINFO);
	netlink_put_text(&batch, IFLA_INFO_KIND, kind);
	netlink_nest_end(&batch, mark);
	netlink_end(&batch);
	return netlink_exchange(fd, &batch, "make a device", err);
}

static int add_device(int fd, const char *name, struct error *err)
{
	return add_kind(fd, name, "dummy", NULL) == 0 ? 0 : add_kind(fd, name, "veth", err);
}

static void test_network_devices(void)
{
	struct error err = ERROR_INIT;
	struct in_addr address;
	_cleanup_close_ int before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (unshare(CLONE_NEWNET) < 0) {
		skip("network devices", "no network namespace can be made here");
		return;
	}
	_cleanup_close_ int fd = netlink_open(NETLINK_ROUTE, 0, &err);
	inet_aton("10.1.2.3", &address);
	const struct bundle bundle = {
		.args = script("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | sort; "
			       "grep -c 10.1.2.3 /proc/net/fib_trie; "
			       "read -r f </sys/class/net/inside/flags; echo up $((f & 1))"),
		.namespaces = ",{\"type\":\"network\"}",
		.mounts = ",{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\"}",
		.section = ",\"netDevices\":{\"moved0\":{\"name\":\"inside\"},"
			   "\"moved1\":{\"name\":\"lane%d\"}}"};
	if (add_device(fd, "moved0", &err) < 0)
		skip("network devices", "this kernel has neither dummy devices nor pairs");
	else {
		ok(add_device(fd, "moved1", &err) == 0 &&
			   rtnetlink_address_add(fd, "moved0", address, 24, 0, &err) == 0,
		   "two devices, one with an address (%s)", err.text);
		int status = run_bundle(bundle);
		ok(status == 0 && strncmp(output, "inside\nlane0\nlo\n", 16) == 0,
		   "a container gets them, under their names there (%d: %.300s)", status, output);
		ok(!strstr(output, "\n0\n") && strstr(output, "\nup 1\n"),
		   "with the address, and switched on (%.300s)", output);
		ok(run_bundle(bundle) == 1 && strstr(output, "moved0: find it"),
		   "a device that is not there (%.300s)", output);
		struct bundle taken = bundle;
		taken.section = ",\"netDevices\":{\"moved0\":{\"name\":\"lo\"}}";
		add_device(fd, "moved0", &err);
		ok(run_bundle(taken) == 1 && strstr(output, "has such a device") &&
			   rtnetlink_index(fd, "moved0", &err) > 0,
		   "a name that is taken there is refused, and the device stays (%.300s)", output);
	}
	if (setns(before, CLONE_NEWNET) < 0)
		ok(false, "back to the network namespace of before");
}

static void test_propagation(void)
{
	run_bundle((struct bundle){
		.args = script("mkdir -p /run/a /run/b; mount --bind / /run/a && "
			       "mount -t tmpfs x /run/b && cut -d' ' -f5,7- /proc/self/mountinfo"),
		.process = ",\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\"],\"effective\":"
			   "[\"CAP_SYS_ADMIN\"],\"permitted\":[\"CAP_SYS_ADMIN\"]}",
		.mounts = ",{\"destination\":\"/vol\",\"source\":\"/run/volume\",\"options\":"
			  "[\"bind\"]},{\"destination\":\"/mnt\",\"source\":\"/run/volume\","
			  "\"options\":[\"bind\",\"private\"]}",
		.section = ",\"rootfsPropagation\":\"shared\""});
	ok(strstr(output, "\n/run/a/run/b shared:") != NULL,
	   "below a shared root a mount shows in both places (%.900s)", output);
	ok(strncmp(output, "/ shared:", 9) == 0 && strstr(output, "\n/proc shared:") &&
		   strstr(output, "\n/vol shared:") && strstr(output, "\n/mnt - "),
	   "and what the bundle mounts is shared, unless it says otherwise (%.900s)", output);
}

static void test_own_program(void)
{
	int status = run_bundle((struct bundle){.args = "\"/proc/self/exe\",\"--probe\""});
	ok(status == 0 && strstr(output, "denied") != NULL,
	   "CVE-2019-5736: the runtime's program cannot be written by what a container executes as "
	   "/proc/self/exe (%d: %.200s)", status, output);
}

/* Inside a container, executed as /proc/self/exe. */
static int probe(void)
{
	int fd = open("/proc/self/exe", O_RDWR);
	int read_only = open("/proc/self/exe", O_RDONLY);
	char again[64];
	snprintf(again, sizeof again, "/proc/self/fd/%d", read_only);
	int second = open(again, O_WRONLY);
	/* A running program is busy whoever it belongs to; one that is sealed or read-only stays
	 * closed after that. */
	struct statvfs fs = {0};
	int seals = fcntl(read_only, F_GET_SEALS);
	bool closed = (seals >= 0 && seals & F_SEAL_WRITE) ||
		      (fstatvfs(read_only, &fs) == 0 && fs.f_flag & ST_RDONLY);
	puts(fd < 0 && second < 0 && closed ? "denied" : "open");
	return 0;
}

static int make_bundle(void)
{
	mkdir(BUNDLE, 0755);
	mkdir("/run/upper", 0755);
	mkdir("/run/work", 0755);
	mkdir(BUNDLE "/rootfs", 0755);
	mkdir("/run/upper/vol", 0777);
	mkdir("/run/upper/mnt", 0777);
	return mount("overlay", BUNDLE "/rootfs", "overlay", 0,
		     "lowerdir=/,upperdir=/run/upper,workdir=/run/work");
}

int main(int argc, char **argv)
{
	if (strcmp(argv[0], "berth-runtime") == 0)
		return oci_main(argc, argv);
	if (argc > 1 && strcmp(argv[1], "--probe") == 0)
		return probe();
	if (argc > 1 && strcmp(argv[1], "--ready") == 0)
		return say_ready(argc > 2);
	static void (*const TESTS[])(void) = {
		test_run,    test_lifecycle, test_pause,       test_hooks,
		test_process, test_mounts,   test_propagation, test_user_namespace,
		test_terminal, test_notify,  test_network_devices, test_own_program};
	const char *reason = harness_setup();
	if (!reason && make_bundle() < 0)
		reason = "no overlay over the machine's root";
	for (size_t i = 0; i < countof(TESTS); i++) {
		if (reason)
			skip("real containers", reason);
		else
			TESTS[i]();
	}
	return tap_end();
}
