// SPDX-License-Identifier: Apache-2.0
/*
 * Log lines. In PID 1 a line goes to the console with the time since boot; in a worker it goes to
 * descriptor 2, which PID 1 reads line by line and prints under the worker's name; on the
 * workstation it goes to standard error.
 */
#ifndef BERTH_LIB_LOG_H
#define BERTH_LIB_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Where lines go and what stands before them; PID 1 sets it once. `stamp` adds "[  1.234567] ". */
void log_setup(int fd, int stamp, enum log_level most);
/* One line: "NAME: text". Control characters are replaced, long lines cut at 1,000 bytes. */
void log_line(enum log_level level, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_info(name, ...) log_line(LOG_LEVEL_INFO, name, __VA_ARGS__)
#define log_warning(name, ...) log_line(LOG_LEVEL_WARNING, name, __VA_ARGS__)
#define log_error(name, ...) log_line(LOG_LEVEL_ERROR, name, __VA_ARGS__)
#define log_debug(name, ...) log_line(LOG_LEVEL_DEBUG, name, __VA_ARGS__)

#endif
