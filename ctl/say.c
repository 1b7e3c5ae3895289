/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/say.h"

char *
say_safe(const char *s)
{
	return text_safe(s, "");
}

static void
say(FILE *out, const char *before, const char *fmt, va_list ap)
{
	char *text = NULL;
	char *safe = NULL;
	int n = vasprintf(&text, fmt, ap);

	if (n >= 0)
		safe = say_safe(text);
	fprintf(out, "%s%s\n", before, safe == NULL ? "?" : safe);
	if (n >= 0)
		free(text);
	free(safe);
}

void
say_line(FILE *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(out, "", fmt, ap);
	va_end(ap);
}

void
say_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(stderr, "loaxa: ", fmt, ap);
	va_end(ap);
}

static const struct {
	int error;
	const char *text;
	int code;
} errors[] = {
	{ ENOENT, N_("it does not exist"), EX_NOINPUT },
	{ ENOTDIR, N_("a part of the path is not a folder"), EX_NOINPUT },
	{ EISDIR, N_("it is a folder, not a file"), EX_NOINPUT },
	{ ENXIO,
	    N_("it is a device or a pipe, no ordinary file; choose another "
	       "name"),
	    EX_CANTCREAT },
	{ EACCES, N_("you have no permission; ask the administrator"),
	    EX_NOPERM },
	{ EPERM, N_("you have no permission; ask the administrator"),
	    EX_NOPERM },
	{ EROFS, N_("the disk can only be read"), EX_CANTCREAT },
	{ EEXIST, N_("it exists already"), EX_CANTCREAT },
	{ ENOSPC, N_("the disk is full; free some space and try again"),
	    EX_IOERR },
	{ EIO, N_("the disk failed; check it soon, and have a copy"),
	    EX_IOERR },
	{ ENAMETOOLONG, N_("the name is too long"), EX_NOINPUT },
	{ ENOMEM, N_("the machine is out of memory"), EX_OSERR },
	{ EINVAL, N_("its contents are not what was expected"), EX_DATAERR },
	{ EBADMSG,
	    N_("the airing log has a line that is not loaxa's; "
	       "do not change it: call support"),
	    EX_DATAERR },
	{ EWOULDBLOCK,
	    N_("another program is writing to it; try again in a "
	       "moment"),
	    EX_TEMPFAIL },
};

const char *
say_errno(int r)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].error == -r)
			return _(errors[i].text);
	return strerror(-r);
}

int
say_exit(int r)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].error == -r)
			return errors[i].code;
	return r == 0 ? EX_OK : EX_SOFTWARE;
}

const char *
say_length(int64_t us, struct civil_text *buf)
{
	int64_t ds = (us + US_PER_S / 20) / (US_PER_S / 10);
	int64_t s = (us + US_PER_S / 2) / US_PER_S;
	int h = (int)(s / 3600);
	int m = (int)(s / 60 % 60);
	int rest = (int)(s % 60);

	if (ds < 100 && ds % 10 != 0)
		snprintf(buf->s, sizeof(buf->s), _("%d.%d s"), (int)(ds / 10),
		    (int)(ds % 10));
	else if (s < 60)
		snprintf(buf->s, sizeof(buf->s), _("%d s"), rest);
	else if (h > 0 && rest > 0)
		snprintf(buf->s, sizeof(buf->s), _("%d h %02d min %02d s"), h,
		    m, rest);
	else if (h > 0)
		snprintf(buf->s, sizeof(buf->s), _("%d h %02d min"), h, m);
	else if (rest > 0)
		snprintf(buf->s, sizeof(buf->s), _("%d min %02d s"), m, rest);
	else
		snprintf(buf->s, sizeof(buf->s), _("%d min"), m);
	return buf->s;
}

static const char *
set_mark(struct civil_text *buf)
{
	char *point = strchr(buf->s, '.');

	if (point != NULL && strcmp(words_language(), "vi") == 0)
		*point = ',';
	return buf->s;
}

const char *
say_decimal(double v, int digits, struct civil_text *buf)
{
	snprintf(buf->s, sizeof(buf->s), "%.*f", digits, v);
	return set_mark(buf);
}

const char *
say_signed(double v, int digits, struct civil_text *buf)
{
	snprintf(buf->s, sizeof(buf->s), "%+.*f", digits, v);
	return set_mark(buf);
}

const char *
say_counter(int64_t ms, struct civil_text *buf)
{
	int64_t s = ms < 0 ? 0 : ms / 1000;

	if (s >= 3600)
		snprintf(buf->s, sizeof(buf->s),
		    "%" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600,
		    s / 60 % 60, s % 60);
	else
		snprintf(buf->s, sizeof(buf->s), "%" PRId64 ":%02" PRId64,
		    s / 60, s % 60);
	return buf->s;
}

const char *
say_date(int64_t day, struct civil_text *buf)
{
	return words_date(day, buf);
}

const char *
say_weekday(enum weekday d)
{
	static const char *const names[WEEKDAYS] = { N_("Monday"),
		N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"),
		N_("Saturday"), N_("Sunday") };

	return _(names[d]);
}

/* To the nearest second: a sample two microseconds early is on time. */
static void
nearest(int64_t us, int64_t *ret_day, int *ret_second)
{
	civil_from_us(us + US_PER_S / 2, ret_day, ret_second);
}

const char *
say_time(int64_t us, struct civil_text *buf)
{
	int64_t day;
	int second;

	nearest(us, &day, &second);
	return civil_time_text(second, buf);
}

const char *
say_end(int64_t us, struct civil_text *buf)
{
	int64_t day;
	int second;

	nearest(us, &day, &second);
	return civil_time_text(second == 0 ? SECONDS_PER_DAY : second, buf);
}

const char *
say_instant(int64_t us, struct civil_text *buf)
{
	struct civil_text date;
	struct civil_text time;
	int64_t day;
	int second;

	nearest(us, &day, &second);
	snprintf(buf->s, sizeof(buf->s), "%.20s %.20s", say_date(day, &date),
	    civil_time_text(second, &time));
	return buf->s;
}

void
say_csv(FILE *out, const char *s)
{
	char *safe = say_safe(s);

	fputc('"', out);
	if (safe != NULL && safe[0] != '\0' &&
	    strchr("=+-@\t\r", safe[0]) != NULL)
		fputc('\'', out);
	for (const char *p = safe; p != NULL && *p != '\0'; p++) {
		if (*p == '"')
			fputc('"', out);
		fputc(*p, out);
	}
	fputc('"', out);
	free(safe);
}
