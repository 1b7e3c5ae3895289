/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log - lines for a person at 3 a.m.: who, what, and what we did about it.
 *
 * Only mains log; libraries return. Each line goes to standard error with the
 * priority prefix that the systemd journal understands, when standard error
 * is not a terminal. errno is preserved.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* The name in front of every line; borrowed. Say it once, first thing. */
void log_name(const char *program);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
