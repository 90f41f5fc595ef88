// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/late_disks.h"

#include "init/boot/ide.h"
#include "init/supervise/errand.h"
#include "init/supervise/ledger.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PROBE_MS = 8000, LIMIT_MS = 10000, WAITING_MAX = 4, LIST = 1, FAILURE };

static struct {
	struct volumes *volumes;
	enum ide_policy policy;
	bool looked, running, found;
	struct {
		void (*done)(void *context);
		void *context;
	} waiting[WAITING_MAX];
	size_t waiting_count;
} late;

void volumes_put(struct frame *frame, const struct volumes *volumes)
{
	frame_put_u64(frame, volumes->count);
	for (size_t i = 0; i < volumes->count; i++) {
		frame_put_string(frame, volumes->items[i].device);
		frame_put_u64(frame, volumes->items[i].format);
		frame_put_string(frame, volumes->items[i].label);
		frame_put_string(frame, volumes->items[i].uuid);
	}
}

void volumes_get(struct frame *frame, struct volumes *out)
{
	uint64_t count = frame_get_u64(frame);
	frame->bad = frame->bad || count > VOLUMES_MAX;
	out->count = frame->bad ? 0 : (size_t)count;
	for (size_t i = 0; i < out->count; i++) {
		struct volume *volume = &out->items[i];
		frame_get_text(frame, volume->device, sizeof volume->device);
		uint64_t format = frame_get_u64(frame);
		frame_get_text(frame, volume->label, sizeof volume->label);
		frame_get_text(frame, volume->uuid, sizeof volume->uuid);
		volume->format = format <= VOLUME_ISO9660 ? (enum volume_format)format : VOLUME_OTHER;
		frame->bad = frame->bad || format > VOLUME_ISO9660 || !*volume->device ||
			     strchr(volume->device, '/');
	}
}

/* Labels are bytes from outside. */
static int confine(struct error *err)
{
	__attribute__((unused)) static const uint16_t calls[] = {
		__NR_pread64, __NR_read, __NR_write, __NR_sendto, __NR_sendmsg, __NR_close,
		__NR_brk, __NR_mmap, __NR_munmap, __NR_fcntl, __NR_rt_sigreturn, __NR_exit,
		__NR_exit_group, UINT16_MAX};
	static const struct confine_path nothing[] = {{NULL, 0, false}};
	const struct confine_policy policy = {
		.name = "berth-disks",
		.uid = CONFINE_UID_CONFIG,
		.gid = CONFINE_UID_CONFIG,
		.paths = nothing,
		.open_files = VOLUMES_MAX + 16,
#ifndef __GLIBC__
		.syscalls = calls,
#endif
	};
	return confine_self(&policy, true, err);
}

static int look_at_all(struct volumes *volumes, struct error *err)
{
	if (ide_probe("/sys", "/dev", PROBE_MS, err) < 0)
		return -1;
	/* A disk's first opening reads its table of partitions, … */
	volumes_open(volumes);
	volumes_close(volumes);
	/* … which are then devices of their own. */
	volumes_open(volumes);
	if (confine(err) < 0)
		return -1;
	volumes_read(volumes);
	return 0;
}

static void run(int fd, void *context)
{
	static struct volumes volumes;
	static unsigned char storage[ERRAND_FRAME_MAX];
	struct error err = ERROR_INIT;
	struct frame frame;
	(void)context;
	bool good = look_at_all(&volumes, &err) == 0;
	frame_begin(&frame, good ? LIST : FAILURE, storage, sizeof storage);
	if (good)
		volumes_put(&frame, &volumes);
	else
		frame_put_string(&frame, err.text);
	frame_send(fd, &frame, NULL);
}

static void take_answer(struct frame *frame, const char *how)
{
	static struct volumes volumes;
	char why[ERROR_TEXT_MAX];
	snprintf(why, sizeof why, "%s", how);
	if (frame && frame->type == LIST) {
		volumes_get(frame, &volumes);
		late.found = frame_done(frame);
		snprintf(why, sizeof why, "malformed answer");
	} else if (frame) {
		frame_get_text(frame, why, sizeof why);
	}
	if (!late.found) {
		char what[ERROR_TEXT_MAX + 32];
		snprintf(what, sizeof what, "disks at IDE controllers: %s", why);
		ledger_fail(STEP_DEVICES, 0, "ide", what);
		return;
	}
	size_t before = late.volumes->count;
	*late.volumes = volumes;
	ledger_end(STEP_DEVICES, 0, "ide", "%zu disks and CDs, before the IDE controllers %zu",
		   volumes.count, before);
}

static void on_ended(struct frame *frame, const char *how, void *context)
{
	(void)context;
	late.running = false;
	take_answer(frame, how);
	size_t count = late.waiting_count;
	late.waiting_count = 0;
	for (size_t i = 0; i < count; i++)
		late.waiting[i].done(late.waiting[i].context);
}

void late_disks_init(struct volumes *volumes, enum ide_policy policy)
{
	late.volumes = volumes;
	late.policy = policy;
}

bool late_disks_may_help(void)
{
	return late.running ||
	       (!late.looked && late.policy != IDE_NEVER && ide_waits("/sys"));
}

bool late_disks_wanted(void)
{
	return late.policy == IDE_ALWAYS;
}

bool late_disks_found(void)
{
	return late.found;
}

void late_disks_look(void (*done)(void *context), void *context)
{
	static struct errand errand = {.timeout_ms = LIMIT_MS, .run = run, .ended = on_ended};
	struct error err = ERROR_INIT;
	bool may_help = late_disks_may_help() && late.waiting_count < WAITING_MAX;
	late.looked = true;
	if (may_help && !late.running) {
		ledger_begin(STEP_DEVICES);
		late.running = errand_start(&errand, &err) == 0;
		if (!late.running)
			log_warning("berth", "6 devices: %s", err.text);
	}
	if (!late.running) {
		done(context);
		return;
	}
	late.waiting[late.waiting_count].done = done;
	late.waiting[late.waiting_count++].context = context;
}
