// SPDX-License-Identifier: Apache-2.0
#include "runtime/seccomp.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"
#include "runtime/hooks.h"
#include "runtime/terminal.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Shared with the helper, which shares the descriptors too. */
struct handover {
	atomic_int listener; /* -1: not there yet; -2: there will be none */
	atomic_int done;     /* 1: sent; -1: not */
};

static int install(const struct seccomp_filter *filter)
{
	struct sock_fprog program = {
		.len = filter->length,
		/* The kernel copies the program; its interface only lacks the const. */
		.filter = (struct sock_filter *)(uintptr_t)filter->code,
	};
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, filter->flags, &program);
}

/* The container process state of the specification ("Seccomp", listenerPath). */
static char *process_state(const struct seccomp_filter *filter,
			   const struct container_spec *container)
{
	_cleanup_free_ char *state = hooks_state(container, "creating", hooks_pid());
	char *text = NULL;
	if (!state ||
	    asprintf(&text, "{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":%d,"
			    "\"metadata\":\"%s\",\"state\":%s}",
		     hooks_pid(), filter->listener_metadata ? filter->listener_metadata : "",
		     state) < 0)
		return NULL;
	return text;
}

static _Noreturn void send_listener(struct handover *handover, int agent, const char *text)
{
	const struct timespec moment = {.tv_nsec = 200000};
	int listener;
	while ((listener = atomic_load(&handover->listener)) == -1)
		nanosleep(&moment, NULL);
	int sent = listener >= 0 ? terminal_send(agent, listener, text, NULL) : -1;
	if (listener >= 0)
		syscall(SYS_close, listener);
	atomic_store(&handover->done, sent == 0 ? 1 : -1);
	_exit(0);
}

static int apply_with_listener(const struct seccomp_filter *filter, int agent, const char *text,
			       struct error *err)
{
	struct handover *handover = mmap(NULL, sizeof *handover, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (handover == MAP_FAILED)
		return error_errno(err, errno, "share memory with a helper");
	atomic_store(&handover->listener, -1);
	atomic_store(&handover->done, 0);
	/* No signal at its end: nobody waits for it but this process, if the filter lets it. */
	struct clone_args args = {.flags = CLONE_FILES};
	pid_t helper = sys_clone3(&args);
	if (helper == 0)
		send_listener(handover, agent, text);
	if (helper < 0)
		return error_errno(err, errno, "start a helper for the filter's listener");
	int listener = install(filter);
	int code = errno;
	atomic_store(&handover->listener, listener < 0 ? -2 : listener);
	/* Not one system call until the agent has the listener: it could be one that it decides. */
	while (atomic_load(&handover->done) == 0)
		continue;
	if (listener < 0)
		return error_errno(err, code, "install the system call filter with a listener");
	if (atomic_load(&handover->done) < 0)
		return error_set(err, "the filter's listener could not be sent to %s",
				 filter->listener_path);
	waitpid(helper, NULL, __WCLONE);
	return 0;
}

int seccomp_apply(const struct seccomp_filter *filter, int agent,
		  const struct container_spec *container, struct error *err)
{
	if (!filter->code)
		return 0;
	if (filter->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		_cleanup_free_ char *text = process_state(filter, container);
		return text ? apply_with_listener(filter, agent, text, err)
			    : error_errno(err, ENOMEM, "describe the process to the agent");
	}
	if (install(filter) < 0)
		return error_errno(err, errno, "install the system call filter (%u instructions)",
				   filter->length);
	return 0;
}
