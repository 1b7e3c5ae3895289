/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "evidence/daysum.h"
#include "evidence/record.h"

#define APART '\x1f' /* in no station, date or segment: all are ids */

/* What is none, somebody made up: it may have any bytes. */
static const char *
id_or_none(const char *s)
{
	return text_is_id(s) ? s : "";
}

struct naming {
	char key[512];
};

static const char *
name_row(void *arg, const json_t *row)
{
	struct naming *n = arg;

	snprintf(n->key, sizeof(n->key), "%.128s%c%.10s%c%.200s",
	    id_or_none(record_text(row, "station")), APART,
	    record_text(row, "date"), APART,
	    id_or_none(record_text(row, "segment")));
	return n->key;
}

struct telling {
	int (*fn)(void *arg, const struct daysum *d);
	void *arg;
};

/* Takes the key apart in its place. */
static int
tell(const struct telling *t, char *key, const struct tally_sum *sum)
{
	struct daysum d = { .about = key, .sum = sum };
	char *date = strchr(key, APART);
	char *segment = date == NULL ? NULL : strchr(date + 1, APART);

	if (segment == NULL)
		return 0;
	*date++ = '\0';
	*segment++ = '\0';
	d.segment = segment;
	if (civil_read_date(date, &d.day) < 0)
		return 0;
	return t->fn(t->arg, &d);
}

/* Music is of no row: into the sum without a segment, also where that has
 * nothing else, or where several names that are none share it. */
static int
add_music(const struct tally *tally, struct tally_groups *g)
{
	const char *unused;
	const json_t *of;
	struct naming n;

	json_object_foreach(tally->music, unused, of)
	{
		struct tally_sum *s = tally_group(g, name_row(&n, of));

		if (s == NULL)
			return -ENOMEM;
		tally_add_music(s, of);
	}
	return 0;
}

int
daysum_of(const struct tally *tally,
    int (*fn)(void *arg, const struct daysum *d), void *arg)
{
	struct telling t = { fn, arg };
	struct tally_groups g = { 0 };
	struct naming n;
	int r = tally_by(tally, name_row, &n, &g);

	if (r == 0)
		r = add_music(tally, &g);
	for (size_t i = 0; r == 0 && i < g.n; i++)
		r = tell(&t, g.list[i].key, &g.list[i].sum);
	tally_groups_free(&g);
	return r;
}

int
daysum_each(struct disk *log, int64_t from_day, int64_t to_day,
    int (*fn)(void *arg, const struct daysum *d), void *arg)
{
	struct tally *tally;
	int r = tally_read(log, "", from_day, to_day, &tally);

	if (r < 0)
		return r;
	r = daysum_of(tally, fn, arg);
	tally_free(tally);
	return r;
}
