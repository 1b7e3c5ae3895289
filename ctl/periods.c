/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/words.h"
#include "ctl/periods.h"
#include "ctl/say.h"
#include "evidence/record.h"

#define FILE_NAME "periods.json"

static bool
is_date(const json_t *period, const char *key)
{
	int64_t day;

	return civil_read_date(record_text(period, key), &day) == 0;
}

static bool
are_periods(const json_t *all)
{
	const char *name;
	json_t *p;

	if (!json_is_object(all) || json_object_size(all) > PERIODS_MAX)
		return false;
	json_object_foreach((json_t *)all, name, p)
	{
		if (!is_date(p, "from") || !is_date(p, "to") ||
		    (record_text(p, "due")[0] != '\0' && !is_date(p, "due")))
			return false;
	}
	return true;
}

int
periods_read(const struct root *root, json_t **ret)
{
	struct disk *disk;
	json_t *all = NULL;
	char *text;
	size_t n;
	int r = disk_open(root->schedules, &disk);

	if (r < 0)
		return r;
	r = disk->read(disk, FILE_NAME, &text, &n);
	disk_close(disk);
	if (r == -ENOENT) {
		*ret = json_object();
		return *ret == NULL ? -ENOMEM : 0;
	}
	if (r < 0)
		return r;
	all = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	if (!are_periods(all)) {
		json_decref(all);
		return -EBADMSG;
	}
	*ret = all;
	return 0;
}

int
periods_write(const struct root *root, const json_t *all)
{
	struct disk *disk;
	char *text;
	int r;

	if (json_object_size(all) > PERIODS_MAX)
		return -E2BIG;
	text = json_dumps(all, JSON_INDENT(1));
	if (text == NULL)
		return -ENOMEM;
	r = disk_open(root->schedules, &disk);
	if (r == 0) {
		r = disk->replace(disk, FILE_NAME, text, strlen(text), 1);
		disk_close(disk);
	}
	free(text);
	return r;
}

const char *
periods_countdown(const json_t *period, int64_t today, char *buf, size_t size)
{
	struct civil_text date;
	int64_t due;
	long long left;

	buf[0] = '\0';
	if (civil_read_date(record_text(period, "due"), &due) < 0)
		return buf;
	left = due - today;
	say_date(due, &date);
	/* Before that date: on the day itself it is late. */
	if (left > 1)
		snprintf(buf, size, _("due before %s: %lld days left"), date.s,
		    left - 1);
	else if (left == 1)
		snprintf(buf, size, _("due before %s: today is the last day"),
		    date.s);
	else
		snprintf(buf, size, _("due before %s: OVERDUE by %lld days"),
		    date.s, 1 - left);
	return buf;
}

const char *
periods_deadline(const json_t *period, char *buf, size_t size)
{
	struct civil_text date;
	int64_t due;

	buf[0] = '\0';
	if (civil_read_date(record_text(period, "due"), &due) == 0)
		snprintf(buf, size, _("To be there before %s"),
		    say_date(due, &date));
	return buf;
}

void
periods_remind(const struct root *root, int64_t today,
    void (*fn)(void *arg, const char *line), void *arg)
{
	const char *name;
	json_t *all;
	json_t *p;
	int64_t due;

	if (periods_read(root, &all) < 0)
		return;
	json_object_foreach(all, name, p)
	{
		char left[160];
		char line[400];

		if (civil_read_date(record_text(p, "due"), &due) < 0 ||
		    due - today > PERIODS_SOON)
			continue;
		snprintf(line, sizeof(line),
		    _("Report \"%s\" %s; `loaxa report --period` makes it, "
		      "--forget once it is handed in"),
		    name, periods_countdown(p, today, left, sizeof(left)));
		fn(arg, line);
	}
	json_decref(all);
}
