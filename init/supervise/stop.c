// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/stop.h"

#include "images/store/unsettled.h"
#include "init/clock/clock.h"
#include "init/supervise/binds.h"
#include "init/supervise/debug_exit.h"
#include "init/supervise/errand.h"
#include "init/supervise/ledger.h"
#include "init/supervise/output.h"
#include "init/supervise/report.h"
#include "init/supervise/volume_mounts.h"
#include "init/supervise/watchdog.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/syscalls.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

enum { DISKS_MS = 5000 };

static struct {
	int status;
	enum exit_action action;
	bool held;
} ending;

/* Without ACPI nothing would switch the machine off: microVMs end at a reset instead. */
static bool can_power_off(void)
{
	return access("/sys/firmware/acpi", F_OK) == 0 || access("/proc/device-tree", F_OK) == 0;
}

/* The kernel's own lines do not go through the logger: it waits for a console that takes nothing, with
 * the processor, for many milliseconds a byte. */
static void silence_kernel(void)
{
	if (output_is_held_up())
		file_put(AT_FDCWD, "/proc/sys/kernel/printk", "0", NULL);
}

static void leave_disks(void)
{
	struct error err = ERROR_INIT;
	clock_save();
	sync();
	/* What the machine pulled in its last moments must not be fetched again after the next start. */
	if (unsettled_settle("/var/lib/berth", &err) < 0)
		log_error("berth", "11 stop: %s", err.text);
	binds_release();
	/* A disk that is left clean needs no recovery at the next start. */
	volume_mounts_release();
	if (umount2("/var/lib/berth", 0) < 0)
		mount(NULL, "/var/lib/berth", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	sync();
}

/* sync() waits for a disk that does not answer; the others get their time, and no more. */
static void leave_disks_in_time(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		leave_disks();
		_exit(0);
	}
	_cleanup_close_ int pidfd = pid < 0 ? -1 : sys_pidfd_open(pid, 0);
	struct pollfd ended = {pidfd, POLLIN, 0};
	if (pidfd >= 0 && poll(&ended, 1, DISKS_MS) == 0)
		log_error("berth", "11 stop: a disk does not answer: the machine ends without it");
}

static _Noreturn void leave(int status, enum exit_action action)
{
	silence_kernel();
	watchdog_last_time();
	if (errand_was_left())
		leave_disks_in_time();
	else
		leave_disks();
	watchdog_stop();
	if (action != EXIT_REBOOT)
		debug_exit(debug_exit_value(status));
	reboot(action == EXIT_REBOOT || !can_power_off() ? RB_AUTOBOOT : RB_POWER_OFF);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

unsigned char debug_exit_value(int status)
{
	if (status >= 0 && status <= 60)
		return (unsigned char)status;
	if (status >= 125 && status <= 127)
		return (unsigned char)(status - 125 + 61);
	if (status > 128 && status <= 128 + 62)
		return (unsigned char)(status - 128 + 64);
	return 127;
}

_Noreturn void machine_abandon(int status)
{
	output_spill();
	leave(status, EXIT_POWEROFF);
}

static void on_drained(void)
{
	leave(ending.status, ending.action);
}

static void send_report(int status, const char *reason, const struct instance *instances,
			size_t count)
{
	static char text[REPORT_MAX];
	struct error err = ERROR_INIT;
	bool sent;
	int length = report_build(status, reason, instances, count, text, sizeof text, &err);
	if (length < 0 || report_send(text, (size_t)length, &sent, &err) < 0)
		log_error("berth", "11 stop: %s", err.text);
}

static const char *action_name(enum exit_action action)
{
	static const char *const names[] = {"power off", "reboot", "hold"};
	return names[action];
}

void machine_end(int status, const char *reason, enum exit_action action,
		 const struct instance *instances, size_t count)
{
	ledger_begin(STEP_STOP);
	ending.status = status;
	ending.action = action;
	ledger_end(STEP_STOP, 0, "", "status %d, %s: %s", status, reason, action_name(action));
	send_report(status, reason, instances, count);
	if (action == EXIT_HOLD)
		ending.held = true;
	else
		output_finish(on_drained);
}

bool machine_leave(void)
{
	if (!ending.held)
		return false;
	ending.held = false;
	ending.action = EXIT_POWEROFF;
	output_finish(on_drained);
	return true;
}
