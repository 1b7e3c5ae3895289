/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/owing.h"
#include "ctl/say.h"
#include "evidence/pairs.h"
#include "evidence/record.h"

#define PAIR_DAYS 35 /* so far back a set that is not complete is told */

/* Who only looks leaves no trace: a folder that is not there stays so. */
static int
open_log(const struct root *root, struct disk **ret_disk)
{
	bool there = access(root->log, F_OK) == 0;

	if (!there && errno != ENOENT)
		return -errno;
	return there ? disk_open(root->log, ret_disk) : disk_memory(ret_disk);
}

int
owing_pairs(const struct root *root, const char *station, int64_t from_day,
    json_t **ret_pairs)
{
	int64_t now_us = clock_read().wall_us;
	struct disk *disk;
	int64_t today;
	int second;
	int r = open_log(root, &disk);

	if (r < 0)
		return r;
	civil_from_us(now_us, &today, &second);
	if (from_day == INT64_MIN)
		from_day = today - PAIR_DAYS;
	r = pairs_read(
	    disk, station, earlier(from_day, today), today, now_us, ret_pairs);
	disk_close(disk);
	return r;
}

int
owing_read(const struct root *root, struct owed **ret_owed)
{
	struct disk *disk;
	int r = open_log(root, &disk);

	if (r < 0)
		return r;
	r = owed_read(disk, clock_read().wall_us, ret_owed);
	disk_close(disk);
	return r;
}

static char *
line_of(size_t n, int64_t since_us)
{
	struct civil_text since;
	char *line;

	if (n == 0 ||
	    asprintf(&line,
		_("owed from above: %zu, the oldest planned for %s; `loaxa "
		  "owed` lists them"),
		n, say_instant(since_us, &since)) < 0)
		return NULL;
	return line;
}

char *
owing_line(const struct owed *o, const char *station)
{
	int64_t since_us = 0;
	size_t n = owed_due(o, station, &since_us);

	return line_of(n, since_us);
}

void
owing_note(const struct root *root, json_t *stations)
{
	struct civil_text utc;
	struct owed *o;
	json_t *s;
	size_t i;

	if (owing_read(root, &o) < 0)
		return;
	json_array_foreach(stations, i, s)
	{
		int64_t us = 0;
		size_t n = owed_due(o, record_text(s, "station"), &us);

		json_object_set_new(s, "owed", json_integer((json_int_t)n));
		json_object_set_new(s, "owed_since_utc",
		    n == 0 ? json_null()
			   : json_string(civil_utc_text(us, &utc)));
	}
	owed_free(o);
}

char *
owing_noted(const json_t *station)
{
	int64_t us;

	if (civil_read_utc(record_text(station, "owed_since_utc"), &us) < 0)
		return NULL;
	return line_of((size_t)record_int(station, "owed", 0), us);
}
