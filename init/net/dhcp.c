// SPDX-License-Identifier: Apache-2.0
#include "init/net/dhcp.h"

#include "init/net/dhcp_confinement.h"
#include "init/supervise/children.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

enum { BACKOFF_FIRST_MS = 250, BACKOFF_MOST_MS = 30000, FRAMES_PER_EVENT = 8 };

/* Eight requests a second apart, then a pause: the first seconds of a boot count, and a network
 * without a server is not to be flooded. */
#define REQUESTS "8"
#define REQUEST_INTERVAL_S "1"
#define PAUSE_S "20"

static struct {
	struct dhcp_client client;
	dhcp_lease_callback *callback;
	void *context;
	pid_t pid;          /* 0 while none runs */
	int socket, output; /* leases; what udhcpc prints */
	bool fresh;         /* this udhcpc has not had a lease yet */
	uint64_t backoff_ms;
	char line[200]; /* the last thing printed: the reason when it dies */
	size_t line_used;
	char failure[320];
} dhcp = {.socket = -1, .output = -1};

static void start_again(void *context);

static void close_channel(int *fd)
{
	if (*fd < 0)
		return;
	loop_remove(*fd);
	close(*fd);
	*fd = -1;
}

static void receive_leases(int fd, uint32_t events, void *context)
{
	(void)events;
	(void)context;
	for (int i = 0; i < FRAMES_PER_EVENT && dhcp.socket == fd; i++) {
		struct error err = ERROR_INIT;
		uint8_t storage[DHCP_FRAME_MAX];
		struct frame frame;
		struct dhcp_lease lease;
		int got = frame_receive(fd, &frame, storage, sizeof storage, &err);
		if (got < 0 && err.code == EAGAIN)
			return;
		if (got == 0 || (got < 0 && err.code)) {
			close_channel(&dhcp.socket); /* the reaper tells the rest */
			return;
		}
		if (got < 0 || dhcp_lease_decode(&frame, &lease, &err) < 0) {
			log_warning("berth", "7 network: ignored: %s", err.text);
			continue;
		}
		/* A restarted udhcpc knows nothing of the lease that is in force until its time
		 * ends. */
		if (lease.event == DHCP_DECONFIG && dhcp.fresh)
			continue;
		if (lease.event == DHCP_BOUND) {
			dhcp.fresh = false;
			dhcp.backoff_ms = BACKOFF_FIRST_MS;
		}
		dhcp.callback(&lease, dhcp.context);
	}
}

static void end_line(void)
{
	if (dhcp.line_used == 0)
		return;
	dhcp.line[dhcp.line_used] = 0;
	dhcp.line_used = 0;
	log_debug("berth", "7 network: %s", dhcp.line);
}

static void read_output(int fd, uint32_t events, void *context)
{
	(void)events;
	(void)context;
	char buffer[512];
	ssize_t got = read(fd, buffer, sizeof buffer);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		end_line();
		close_channel(&dhcp.output);
		return;
	}
	for (ssize_t i = 0; i < got; i++) {
		if (buffer[i] == '\n')
			end_line();
		else if (dhcp.line_used < sizeof dhcp.line - 1)
			dhcp.line[dhcp.line_used++] = buffer[i];
	}
}

/* "0x3d:" and the identifier in hexadecimal: its type, then its bytes. */
static void format_client_id(char *out, size_t capacity)
{
	size_t used = (size_t)snprintf(out, capacity, "0x3d:%02x", dhcp.client.client_id_type);
	for (const char *at = dhcp.client.client_id; *at && used + 3 <= capacity; at++)
		used += (size_t)snprintf(out + used, capacity - used, "%02x", (unsigned char)*at);
}

_Noreturn static void execute(int socket, int output)
{
	struct error err = ERROR_INIT;
	char hostname[80], client_id[160];
	const char *argv[24] = {
		"udhcpc", "-f",     "-i", dhcp.client.device, "-s", dhcp.client.script,
		"-O",     "ntpsrv", "-t", REQUESTS,           "-T", REQUEST_INTERVAL_S,
		"-A",     PAUSE_S,
	};
	size_t count = 14;
	static char *const environment[] = {"PATH=/bin", NULL};
	if (*dhcp.client.hostname) {
		snprintf(hostname, sizeof hostname, "hostname:%s", dhcp.client.hostname);
		argv[count++] = "-x";
		argv[count++] = hostname;
	}
	if (*dhcp.client.client_id) {
		format_client_id(client_id, sizeof client_id);
		argv[count++] = "-x";
		argv[count++] = client_id;
	}
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* Out of the way of the numbers that they are copied to. */
	int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, DHCP_SOCKET + 1);
	int high_output = fcntl(output, F_DUPFD_CLOEXEC, DHCP_SOCKET + 1);
	if (null < 0 || high_socket < 0 || high_output < 0 || dup2(null, 0) < 0 ||
	    dup2(high_output, 1) < 0 || dup2(high_output, 2) < 0 ||
	    dup2(high_socket, DHCP_SOCKET) < 0)
		_exit(126);
	if (dhcp_confine(dhcp.client.busybox, dhcp.client.script, &err) == 0) {
		execve(dhcp.client.busybox, (char *const *)argv, environment);
		error_errno(&err, errno, "execute %s", dhcp.client.busybox);
	}
	dprintf(2, "%s\n", err.text);
	_exit(127);
}

static int watch(int *slot, int fd, loop_callback *callback, struct error *err)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return error_errno(err, errno, "make a descriptor of udhcpc non-blocking");
	if (loop_add(fd, EPOLLIN, callback, NULL, err) < 0)
		return -1;
	*slot = fd;
	return 0;
}

static int launch(struct error *err)
{
	int pair[2], output[2];
	close_channel(&dhcp.socket);
	close_channel(&dhcp.output);
	dhcp.line_used = 0;
	dhcp.line[0] = 0;
	if (frame_socketpair(pair, err) < 0)
		return -1;
	_cleanup_close_ int ours = pair[0], theirs = pair[1];
	if (pipe2(output, O_CLOEXEC) < 0)
		return error_errno(err, errno, "create a pipe for udhcpc");
	_cleanup_close_ int reader = output[0], writer = output[1];
	if (watch(&dhcp.socket, ours, receive_leases, err) < 0)
		return -1;
	ours = -1;
	if (watch(&dhcp.output, reader, read_output, err) < 0)
		return -1;
	reader = -1;
	pid_t pid = fork_worker((int[]){theirs, writer}, 2, err);
	if (pid == 0)
		execute(theirs, writer);
	if (pid < 0)
		return -1;
	dhcp.pid = pid;
	dhcp.fresh = true;
	return 0;
}

/* Sets the timer for the next attempt and doubles the wait after it. */
static int schedule(struct error *err)
{
	uint64_t wait = dhcp.backoff_ms;
	dhcp.backoff_ms = wait * 2 < BACKOFF_MOST_MS ? wait * 2 : BACKOFF_MOST_MS;
	log_warning("berth", "7 network: %s; starting it again in %llu ms", dhcp.failure,
		    (unsigned long long)wait);
	return loop_timer(wait, start_again, NULL, err) < 0 ? -1 : 0;
}

static void start_again(void *context)
{
	(void)context;
	struct error err = ERROR_INIT;
	if (launch(&err) == 0)
		return;
	snprintf(dhcp.failure, sizeof dhcp.failure, "the DHCP client could not be started: %.180s",
		 err.text);
	if (schedule(&err) < 0)
		log_error("berth", "7 network: %s", err.text);
}

int dhcp_start(const struct dhcp_client *client, dhcp_lease_callback *callback, void *context,
	       struct error *err)
{
	dhcp.client = *client;
	dhcp.callback = callback;
	dhcp.context = context;
	dhcp.backoff_ms = BACKOFF_FIRST_MS;
	if (launch(err) == 0)
		return 0;
	snprintf(dhcp.failure, sizeof dhcp.failure, "the DHCP client could not be started: %.180s",
		 err ? err->text : "");
	return schedule(err);
}

/* A child that has not been reaped keeps its number: the signals cannot reach anybody else. */
void dhcp_renew(void)
{
	if (dhcp.pid && !dhcp.fresh) /* before its first lease it asks all the time */
		kill(dhcp.pid, SIGUSR1);
}

void dhcp_restart(void)
{
	if (dhcp.pid)
		kill(dhcp.pid, SIGTERM);
}

bool dhcp_child_exited(pid_t pid, int wait_status)
{
	if (pid <= 0 || pid != dhcp.pid)
		return false;
	dhcp.pid = 0;
	char end[80];
	struct error err = ERROR_INIT;
	describe_end(wait_status, end, sizeof end);
	/* What it printed last may still be in the pipe, and a lease in the socket is worth
	 * nothing. */
	if (dhcp.output >= 0)
		read_output(dhcp.output, EPOLLIN, NULL);
	end_line();
	/* After a signal the last line is not the reason. */
	bool explained = WIFEXITED(wait_status) && *dhcp.line;
	snprintf(dhcp.failure, sizeof dhcp.failure, "udhcpc %s%s%s", end, explained ? ": " : "",
		 explained ? dhcp.line : "");
	close_channel(&dhcp.socket);
	close_channel(&dhcp.output);
	if (schedule(&err) < 0)
		log_error("berth", "7 network: %s", err.text);
	return true;
}

const char *dhcp_last_failure(void)
{
	return dhcp.failure;
}
