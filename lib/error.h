// SPDX-License-Identifier: Apache-2.0
/*
 * The error object. A function that can fail takes `struct error *err` as its last argument and
 * returns -1 after filling it. The message is one line, made where the failure happened: what
 * failed, on what, why, and what to do about it when that is known.
 */
#ifndef BERTH_LIB_ERROR_H
#define BERTH_LIB_ERROR_H

#include <stdarg.h>

enum { ERROR_TEXT_MAX = 512 };

/* What the reader of an error can do about it; decides between a retry and giving up. */
enum error_kind {
	ERROR_PERMANENT = 0, /* trying again gives the same answer */
	ERROR_TEMPORARY = 1, /* network, time-out, server busy: worth a retry */
};

struct error {
	int code;                  /* errno value, or 0 when none applies */
	enum error_kind kind;
	char text[ERROR_TEXT_MAX]; /* one line, no newline, always NUL-terminated */
};

#define ERROR_INIT {0}

/* Fills err with the formatted text and returns -1. `err` may be NULL. Control characters in the
 * result are replaced by '?', so that bytes from outside cannot forge console lines. */
int error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As error_set, for a failed system call: appends ": " and the text of errno value `code`. */
int error_errno(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As error_set, and marks the error as worth a retry. */
int error_temporary(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "context: " before the message that is already there. Returns -1. */
int error_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `make analyse` looks into one file at a time; so it sees what comes back. */
#ifdef BERTH_ANALYSE
static inline int error_is_minus_one(int result)
{
	(void)result;
	return -1;
}
#define error_set(...) error_is_minus_one((error_set)(__VA_ARGS__))
#define error_errno(...) error_is_minus_one((error_errno)(__VA_ARGS__))
#define error_temporary(...) error_is_minus_one((error_temporary)(__VA_ARGS__))
#define error_context(...) error_is_minus_one((error_context)(__VA_ARGS__))
#endif

#endif
