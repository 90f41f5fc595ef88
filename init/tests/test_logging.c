// SPDX-License-Identifier: Apache-2.0
/* Where output goes: routes, the forms of lines, and the two processes with real sockets and files. */
#include "init/config/command_line.h"
#include "init/config/logging.h"
#include "init/supervise/log_line.h"
#include "init/supervise/log_sinks.h"
#include "lib/cleanup.h"
#include "lib/frame.h"
#include "lib/tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <yyjson.h>

static struct machine machine;
static struct error err;

static int describe(const char *words)
{
	static struct command_line_problems problems;
	char line[1024];
	snprintf(line, sizeof line, "berth.image=x berth.name=web %s", words);
	machine_init(&machine);
	err = (struct error){0};
	if (command_line_parse(line, &machine, &problems) == 0)
		return 0;
	err = problems.kept[0];
	return -1;
}

static struct log_route route_of(const char *words)
{
	struct log_route route;
	ok(describe(words) == 0, "%s: %s", words, err.text);
	log_route_find(&machine, machine.container, &route);
	return route;
}

static void test_routes(void)
{
	struct log_route route = route_of("");
	ok(route.console == LOG_CONSOLE_ALL && !route.kept && !route.syslog, "the console alone");
	route = route_of("berth.machine-log.syslog=udp://1.2.3.4 berth.machine-log.file=true "
			 "berth.machine-log.max-file=7 berth.machine-log.facility=local1");
	ok(route.kept && route.file_count == 7 && route.file_bytes == 10 << 20 &&
		   route.facility == 17 && route.syslog,
	   "who says nothing goes where the machine's lines go");
	is(route.tag, "web", "under the container's name");
	log_route_find(&machine, NULL, &route);
	is(route.tag, "berth", "and the machine's under its own");
	route = route_of("berth.machine-log.syslog=udp://1.2.3.4 berth.log.driver=json-file "
			 "berth.log.max-size=4K berth.log.max-file=1");
	ok(!route.syslog && route.kept && route.file_bytes == 4096 && route.file_count == 1 &&
		   route.console == LOG_CONSOLE_ALL,
	   "a driver of its own takes the place of the machine's");
	route = route_of("berth.machine-log.syslog=udp://1.2.3.4 berth.log.driver=syslog "
			 "berth.log.facility=3 berth.log.tag=t");
	is(route.syslog, "udp://1.2.3.4", "the machine's server");
	route = route_of("berth.log.driver=none berth.machine-log.file=true");
	ok(!route.kept && route.console == LOG_CONSOLE_NONE, "none is nowhere");
}

static void refused(const char *words, const char *reason)
{
	ok(describe(words) < 0 && strstr(err.text, reason), "%s: %s", words, err.text);
}

static void test_mistakes(void)
{
	struct syslog_server server;
	ok(parse_syslog_server("tcp://[fd00::1]:601", &server, NULL) == 0 && server.tcp &&
		   server.port == 601 && strcmp(server.host, "fd00::1") == 0,
	   "an address in brackets");
	ok(parse_syslog_server("udp://log.lan", &server, NULL) == 0 && server.port == 514,
	   "the usual port");
	refused("berth.log.driver=journald", "none of console, none, json-file, local, syslog");
	refused("berth.log.driver=syslog", "needs berth.log.syslog");
	refused("berth.log.syslog=udp://h", "need berth.log.driver=syslog");
	refused("berth.log.max-file=2", "need berth.log.driver=json-file");
	refused("berth.log.driver=json-file berth.log.max-file=0", "from 1 to 100");
	refused("berth.log.driver=json-file berth.log.max-size=1", "less than 4K");
	refused("berth.machine-log.syslog=log.lan", "not an address such as");
	refused("berth.machine-log.syslog=udp://:514", "not an address such as");
	refused("berth.machine-log.syslog=udp://h:0", "not an address such as");
	refused("berth.machine-log.syslog=tcp://[::1", "not an address such as");
	refused("berth.machine-log.syslog=udp://h/x", "not an address such as");
	refused("berth.machine-log.syslog=tcp+tls://h", "for TLS let a service pass it on");
	refused("berth.machine-log.facility=local8", "not a facility");
	refused("berth.machine-log.console=some", "none of all, problems, none");
	refused("berth.tty=80x", "a size such as 80x24");
	refused("berth.stdin-open=1", "neither true nor false");
}

static struct log_line line_of(const char *text, char mark)
{
	struct log_line line = {.time_ns = UINT64_C(1790000000123456789), .text = text,
				.size = strlen(text)};
	log_line_judge(&line, mark);
	return line;
}

static void test_forms(void)
{
	static char out[LOG_JSON_MAX + 1], syslog[LOG_SYSLOG_MAX + 1];
	static unsigned char packet[LOG_PACKED_MAX];
	struct log_line line = line_of("a \"b\"\t\x1b[31mred\x1b[0m \xff\x01 \xc3\xbc\r", '|'), back;
	syslog[log_line_syslog(&line, 3, "box", "my app", syslog)] = 0;
	is(syslog, "<30>1 2026-09-21T14:13:20.123456Z box my_app - - - a \"b\"\tred ?? \xc3\xbc",
	   "RFC 5424");
	size_t size = log_line_json(&line, "stdout", out);
	yyjson_doc *doc = yyjson_read(out, size, 0);
	ok(doc != NULL, "JSON");
	is(yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(doc), "log")),
	   "a \"b\"\t\x1b[31mred\x1b[0m \xef\xbf\xbd\x01 \xc3\xbc\r\n", "with the line as it was");
	is(yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(doc), "time")),
	   "2026-09-21T14:13:20.123456789Z", "and its time");
	yyjson_doc_free(doc);
	line.stream = 5;
	size = log_line_pack(&line, packet);
	ok(log_line_unpack(packet, size, &back) == 0 && back.stream == 5 && back.size == line.size &&
		   back.time_ns == line.time_ns && back.severity == SEVERITY_INFO,
	   "a packet there and back");
	ok(log_line_unpack(packet, 11, &back) < 0, "a packet that is cut off");
	ok(line_of("x", '!').severity == SEVERITY_ERROR, "standard error");
	line = line_of("[    1.104960] berth: warning: 7 network: x", 0);
	ok(line.severity == SEVERITY_WARNING && strncmp(line.text, "berth: ", 7) == 0,
	   "the machine's own line");
	ok(line_of("[    1.1] berth: error: x", 0).severity == SEVERITY_ERROR, "an error of its own");
	ok(line_of("[1.1", 0).size == 4, "no time since boot");
}

/* A process over a socket pair, as PID 1 has it. */
static pid_t run(int (*main)(const struct log_table *, int), const struct log_table *table,
		 int *ours)
{
	int ends[2];
	if (frame_socketpair(ends, &err) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		_exit(main(table, ends[1]));
	}
	close(ends[1]);
	*ours = ends[0];
	return pid;
}

static void put(int socket, unsigned stream, const char *text)
{
	static unsigned char packet[LOG_PACKED_MAX];
	struct log_line line = line_of(text, '|');
	line.stream = stream;
	size_t size = log_line_pack(&line, packet);
	ok(send(socket, packet, size, 0) == (ssize_t)size, "%.20s is on its way", text);
}

static int status_of(pid_t pid)
{
	int status = -1;
	waitpid(pid, &status, 0);
	return status;
}

static int bound(int type, char text[40])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (bind(fd, (struct sockaddr *)&address, length) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 5) < 0))
		abort();
	snprintf(text, 40, "%s://127.0.0.1:%u", type == SOCK_STREAM ? "tcp" : "udp",
		 ntohs(address.sin_port));
	return fd;
}

static struct log_table table;

static void aim(unsigned stream, const char *name, const char *server)
{
	table.targets[stream] = (struct log_target){.used = true, .stream = "stdout"};
	snprintf(table.targets[stream].name, sizeof table.targets[stream].name, "%s", name);
	snprintf(table.targets[stream].route.tag, sizeof table.targets[stream].route.tag, "%s",
		 name);
	table.targets[stream].route.syslog = server;
	table.targets[stream].route.facility = 16;
}

static void hear(int fd, const char *want)
{
	char text[4096];
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	ssize_t got = poll(&wait, 1, 20000) > 0 ? recv(fd, text, sizeof text - 1, 0) : -1;
	text[got > 0 ? got : 0] = 0;
	ok(strstr(text, want) != NULL, "%s", text);
}

/* Two servers; one of them is not there at first, and its lines come when it is. */
static void test_sender(void)
{
	char udp_text[40], tcp_text[40], waste[LOG_TOLD_MAX];
	int ours;
	_cleanup_close_ int udp = bound(SOCK_DGRAM, udp_text);
	_cleanup_close_ int placeholder = bound(SOCK_STREAM, tcp_text);
	uint16_t port = (uint16_t)strtoul(strrchr(tcp_text, ':') + 1, NULL, 10);
	cleanup_close_fd(&placeholder);
	memset(&table, 0, sizeof table);
	snprintf(table.hostname, sizeof table.hostname, "box");
	aim(0, "web", udp_text);
	aim(3, "db", tcp_text);
	pid_t pid = run(log_sender_main, &table, &ours);
	put(ours, 0, "first");
	put(ours, 3, "to nobody");
	put(ours, 1, "of a stream without a server");
	hear(udp, "box web - - - first");
	struct pollfd told = {.fd = ours, .events = POLLIN};
	ok(poll(&told, 1, 20000) == 1 && recv(ours, waste, sizeof waste, 0) > 0 && *waste == 'w' &&
		   strstr(waste, tcp_text),
	   "it is said that nobody is there: %.200s", waste);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	placeholder = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(placeholder, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	ok(bind(placeholder, (struct sockaddr *)&address, sizeof address) == 0 &&
		   listen(placeholder, 5) == 0,
	   "now it is there");
	_cleanup_close_ int connection = accept(placeholder, NULL, NULL);
	hear(connection, " <134>1 2026-09-21T14:13:20.123456Z box db - - - to nobody");
	put(ours, 0, "last");
	put(ours, 3, "also last");
	close(ours);
	ok(status_of(pid) == 0, "it ends when all is sent");
	hear(udp, "last");
	hear(connection, "also last");
}

/* More than a server that is away may keep waiting: the rest is counted, and the server told. */
static void test_loss(void)
{
	enum { LINES = 2000 };
	char text[40], line[200];
	unsigned came = 0, missing = 0;
	int ours;
	_cleanup_close_ int udp = bound(SOCK_DGRAM, text);
	memset(&table, 0, sizeof table);
	aim(0, "web", text);
	setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &(int){4 << 20}, sizeof(int));
	pid_t pid = run(log_sender_main, &table, &ours);
	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = 0;
	static unsigned char packet[LOG_PACKED_MAX];
	struct log_line sent = line_of(line, '|');
	size_t size = log_line_pack(&sent, packet);
	for (unsigned i = 0; i < LINES; i++) /* they come before the first one is known to be taken */
		if (send(ours, packet, size, 0) != (ssize_t)size)
			abort();
	struct pollfd wait = {.fd = udp, .events = POLLIN};
	while (came + missing < LINES && poll(&wait, 1, 20000) > 0) {
		char got[1024];
		ssize_t length = recv(udp, got, sizeof got - 1, 0);
		got[length > 0 ? length : 0] = 0;
		const char *loss = strstr(got, "- - - ");
		if (strstr(got, "lines were lost here"))
			missing += (unsigned)strtoul(loss + 6, NULL, 10);
		else
			came++;
	}
	ok(came > 100 && missing > 0 && came + missing == LINES, "%u came, %u were lost", came, missing);
	close(ours);
	ok(status_of(pid) == 0, "and it ends");
}

static long file_size(const char *folder, const char *name)
{
	char path[200];
	struct stat st;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return stat(path, &st) < 0 ? -1 : (long)st.st_size;
}

static void test_keeper(void)
{
	char folder[] = "/tmp/berth-logs-XXXXXX", path[80], text[512] = "";
	int ours;
	if (!mkdtemp(folder))
		abort();
	chmod(folder, 0777);
	memset(&table, 0, sizeof table);
	snprintf(table.folder, sizeof table.folder, "%s", folder);
	aim(0, "web", NULL);
	aim(1, "web", NULL);
	aim(2, "db", NULL);
	table.targets[1].stream = "stderr";
	for (unsigned i = 0; i < 3; i++) {
		table.targets[i].route.kept = true;
		table.targets[i].route.file_bytes = 4096;
		table.targets[i].route.file_count = 3;
	}
	pid_t pid = run(log_keeper_main, &table, &ours);
	put(ours, 2, "hello");
	for (unsigned i = 0; i < 300; i++)
		put(ours, i % 2, "a line of the other one");
	close(ours);
	ok(status_of(pid) == 0, "it ends when all is kept");
	snprintf(path, sizeof path, "%s/db.log", folder);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ok(read(fd, text, sizeof text - 1) > 0, "a file of the container's name");
	is(text, "{\"log\":\"hello\\n\",\"stream\":\"stdout\",\"time\":\"2026-09-21T14:13:20.123456789Z"
		 "\"}\n", "with its line");
	ok(file_size(folder, "web.log") > 0 && file_size(folder, "web.log.1") > 3900 &&
		   file_size(folder, "web.log.1") <= 4096 && file_size(folder, "web.log.2") <= 4096 &&
		   file_size(folder, "web.log.3") < 0,
	   "full files are put aside, three in all");
	pid = run(log_keeper_main, &table, &ours);
	put(ours, 2, "again");
	close(ours);
	status_of(pid);
	ok(file_size(folder, "db.log") == 2 * (long)strlen(text), "the next one goes on behind it");
	snprintf(path, sizeof path, "rm -r %s", folder);
	ok(system(path) == 0, "cleaned up");
}

int main(void)
{
	test_routes();
	test_mistakes();
	test_forms();
	test_sender();
	test_loss();
	test_keeper();
	return tap_end();
}
