/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/civil.h"
#include "base/words.h"
#include "scheduler/calendar.h"
#include "scheduler/ordered.h"

/* The last date it may have; INT64_MAX without end. */
static int64_t
last_day(const struct entry *e)
{
	if (e->date != NULL)
		return e->date->day;
	if (e->campaign != NULL)
		return e->campaign->until_day;
	return e->slot->until_day;
}

static bool
is_in_force(const struct entry *e, int64_t today)
{
	return e->slot->from_above && last_day(e) >= today;
}

static bool
has_ordered(const struct entry *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (e[i].slot->from_above)
			return true;
	return false;
}

static void
tell(const struct slot *lost, const struct entry *now,
    const struct schedule *after, int64_t today, struct problems *ps)
{
	struct civil_text date;

	civil_date_text(today, &date);
	if (now == NULL)
		problem_add(ps, after->files[0].name, 0,
		    _("the slot \"%s\" is ordered from above and is gone; put "
		      "it back. When the level above has ended it, leave it "
		      "there with its last date, such as until = \"%s\";"),
		    lost->id, date.s);
	else
		problem_add(ps, now->slot->file, now->slot->line,
		    _("the slot \"%s\" is ordered from above; write "
		      "from_above = true; again. When the level above has "
		      "ended it, give it its last date, such as until = "
		      "\"%s\";"),
		    lost->id, date.s);
}

/* Entries of one id follow each other: each id is told once. */
static int
check_all(const struct calendar *before, const struct calendar *after,
    const struct schedule *s, int64_t today, struct problems *ps)
{
	size_t n, m;
	const struct entry *e = calendar_entries(before, &n);
	const char *told = "";
	int added = 0;

	for (size_t i = 0; i < n; i++) {
		const struct entry *now;

		if (!is_in_force(&e[i], today) ||
		    strcmp(told, e[i].slot->id) == 0)
			continue;
		now = calendar_named(after, e[i].slot->id, &m);
		if (has_ordered(now, m))
			continue;
		tell(e[i].slot, now, s, today, ps);
		told = e[i].slot->id;
		added++;
	}
	return added;
}

int
ordered_check(const struct schedule *before, const struct schedule *after,
    int64_t today, struct problems *ps)
{
	struct calendar *b = NULL;
	struct calendar *a = NULL;
	int r = calendar_make(before, &b);

	if (r == 0)
		r = calendar_make(after, &a);
	if (r == 0)
		r = check_all(b, a, after, today, ps);
	calendar_free(b);
	calendar_free(a);
	return r;
}
