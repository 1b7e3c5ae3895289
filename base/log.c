/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

/* Priorities of syslog(3), as the journal reads them: "<4>text". */
enum { PRIO_ERROR = 3, PRIO_WARN = 4, PRIO_INFO = 6 };

static const char *name = "loaxa";

void
log_name(const char *program)
{
	name = program;
}

__attribute__((format(printf, 2, 0))) static void
put(int prio, const char *fmt, va_list ap)
{
	int saved = errno;
	char line[1024];

	vsnprintf(line, sizeof(line), fmt, ap);
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%s: %s\n", name, line);
	else
		fprintf(stderr, "<%d>%s: %s\n", prio, name, line);
	errno = saved;
}

#define LOG_AT(prio) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		put((prio), fmt, ap); \
		va_end(ap); \
	} while (0)

void
log_info(const char *fmt, ...)
{
	LOG_AT(PRIO_INFO);
}

void
log_warn(const char *fmt, ...)
{
	LOG_AT(PRIO_WARN);
}

void
log_error(const char *fmt, ...)
{
	LOG_AT(PRIO_ERROR);
}
