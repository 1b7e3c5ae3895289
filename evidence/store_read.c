/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "evidence/store_in.h"

/* A month number that no date has less than, and none more. */
#define FIRST_MONTH 0
#define LAST_MONTH 999999

static int64_t
month_at(int64_t us)
{
	if (us <= 0)
		return FIRST_MONTH;
	return us > INT64_C(200000000000) * US_PER_S
		   ? LAST_MONTH
		   : store_month(us / US_PER_DAY);
}

static int
find_station(struct store *s, const char *key, int64_t *ret_id)
{
	int64_t there = 0;
	int64_t id = 0;
	int r = store_id(key, &id);

	if (r < 0)
		return -ENOENT;
	r = store_ask(s, "SELECT count(*) FROM station WHERE id = $1",
	    (struct sql_value[]){ SQL_NUMBER(id) }, 1, 0, &there);
	if (r < 0)
		return r;
	*ret_id = id;
	return there > 0 ? 0 : -ENOENT;
}

/* Stations ------------------------------------------------------------------ */

struct telling {
	int (*fn)(void *arg, const struct store_station *st);
	void *arg;
};

static int
tell_station(void *arg, const struct sql_value *c)
{
	struct telling *t = arg;
	struct store_station st = { c[0].s, c[1].s, c[2].i, c[3].i, c[4].i };

	return t->fn(t->arg, &st);
}

int
store_stations(struct store *s,
    int (*fn)(void *arg, const struct store_station *st), void *arg)
{
	static const char text[] =
	    "SELECT s.key, s.name, count(*), sum(t.leaves),"
	    " (SELECT l.last_us FROM tree l WHERE l.station = s.id"
	    " ORDER BY l.number DESC LIMIT 1)"
	    " FROM station s JOIN tree t ON t.station = s.id"
	    " GROUP BY s.id, s.key, s.name ORDER BY s.key COLLATE \"C\"";
	struct telling t = { fn, arg };

	return s->sql->run(s->sql, text, NULL, 0, 3, tell_station, &t);
}

/* Lines --------------------------------------------------------------------- */

struct reading {
	int (*fn)(void *arg, const char *line, size_t n, int64_t seq);
	void *arg;
	int64_t last; /* seq of the last that was told */
};

/* Of a seq that one tree says twice, which no loaxa does, the first counts. */
static int
tell_line(void *arg, const struct sql_value *c)
{
	struct reading *rd = arg;

	if (c[0].i <= rd->last)
		return 0;
	rd->last = c[0].i;
	return rd->fn(rd->arg, c[1].s, c[1].n, c[0].i);
}

int
store_lines(struct store *s, const char *key, int64_t from_us, int64_t until_us,
    int (*fn)(void *arg, const char *line, size_t n, int64_t seq), void *arg)
{
	static const char text[] =
	    "SELECT l.seq, l.line FROM leaf l JOIN tree t"
	    " ON t.station = l.station AND t.number = l.tree"
	    " WHERE l.station = $1 AND l.month BETWEEN $2 AND $3"
	    " AND l.at_us >= $4 AND l.at_us < $5 AND l.seq < t.until"
	    " ORDER BY l.seq, l.tree, l.leaf";
	struct reading rd = { fn, arg, -1 };
	int64_t id;
	int r = find_station(s, key, &id);

	if (r < 0)
		return r;
	return s->sql->run(s->sql, text,
	    (struct sql_value[]){ SQL_NUMBER(id), SQL_NUMBER(month_at(from_us)),
		SQL_NUMBER(month_at(until_us)), SQL_NUMBER(from_us),
		SQL_NUMBER(until_us) },
	    5, 2, tell_line, &rd);
}

/* A log in memory ----------------------------------------------------------- */

#define BUFFER (256 << 10)

struct copying {
	struct disk *disk;
	char file[64];
	int64_t at; /* bytes there */
	int64_t last;
	char *bytes; /* BUFFER */
	size_t n;
};

static int
flush(struct copying *c)
{
	int r = c->n == 0
		    ? 0
		    : c->disk->append(c->disk, c->file, c->at, c->bytes, c->n);

	c->at += (int64_t)c->n;
	c->n = 0;
	return r;
}

static int
copy_line(void *arg, const struct sql_value *v)
{
	struct copying *c = arg;
	int r = 0;

	if (v[0].i <= c->last || v[1].n >= BUFFER)
		return 0;
	c->last = v[0].i;
	if (c->n + v[1].n + 1 > BUFFER)
		r = flush(c);
	memcpy(c->bytes + c->n, v[1].s, v[1].n);
	c->n += v[1].n;
	c->bytes[c->n++] = '\n';
	return r;
}

/* By its seq the last line is behind all that were copied, or one of them. */
static int
copy_last(struct store *s, int64_t id, int64_t tree, struct copying *c)
{
	static const char text[] =
	    "SELECT CAST($2 AS BIGINT), last FROM tree WHERE station = $1"
	    " AND last <> '' AND number <= $3 ORDER BY number DESC LIMIT 1";

	return s->sql->run(s->sql, text,
	    (struct sql_value[]){
		SQL_NUMBER(id), SQL_NUMBER(INT64_MAX), SQL_NUMBER(tree) },
	    3, 2, copy_line, c);
}

/* What counts of the trees up to one: `until` is of all of them. */
#define COUNTS \
	" FROM leaf l JOIN (SELECT t.number, coalesce((SELECT min(u.first)" \
	" FROM tree u WHERE u.station = $1 AND u.number > t.number" \
	" AND u.number <= $6), 9223372036854775807) AS until" \
	" FROM tree t WHERE t.station = $1 AND t.number <= $6) c" \
	" ON c.number = l.tree WHERE l.station = $1 AND l.seq < c.until"

static int
copy_lines(struct store *s, int64_t id, int64_t tree, int64_t from_day,
    int64_t to_day, struct copying *c)
{
	static const char text[] =
	    "SELECT l.seq, l.line" COUNTS " AND l.month >= $2"
	    " AND ((l.day IS NULL AND l.at_us >= $3 AND l.at_us < $7"
	    " AND l.kind <> 'schedule') OR l.day BETWEEN $4 AND $5)"
	    " UNION ALL "
	    "SELECT l.seq, l.line" COUNTS " AND l.kind = 'schedule'"
	    " ORDER BY 1";
	int64_t from_us = civil_to_us(from_day - STORE_BACK_DAYS, 0);
	int r = s->sql->run(s->sql, text,
	    (struct sql_value[]){ SQL_NUMBER(id), SQL_NUMBER(month_at(from_us)),
		SQL_NUMBER(from_us), SQL_NUMBER(from_day - 1),
		SQL_NUMBER(to_day + 1), SQL_NUMBER(tree),
		SQL_NUMBER(civil_to_us(to_day + STORE_AHEAD_DAYS, 0)) },
	    7, 2, copy_line, c);

	return r == 0 ? copy_last(s, id, tree, c) : r;
}

int
store_log_of(struct store *s, int64_t id, int64_t tree, int64_t from_day,
    int64_t to_day, struct disk **ret_disk)
{
	struct copying c = { .last = -1, .bytes = malloc(BUFFER) };
	int r = c.bytes == NULL ? -ENOMEM : disk_memory(&c.disk);
	int64_t month = store_month(from_day);

	snprintf(c.file, sizeof(c.file), "airing-%04d-%02d.jsonl",
	    (int)(month / 100), (int)(month % 100));
	if (r == 0)
		r = copy_lines(s, id, tree, from_day, to_day, &c);
	if (r == 0)
		r = flush(&c);
	free(c.bytes);
	if (r < 0)
		disk_close(c.disk);
	else
		*ret_disk = c.disk;
	return r;
}

int
store_log(struct store *s, const char *key, int64_t from_day, int64_t to_day,
    struct disk **ret_disk)
{
	int64_t id;
	int r = find_station(s, key, &id);

	return r < 0
		   ? r
		   : store_log_of(s, id, INT64_MAX, from_day, to_day, ret_disk);
}
