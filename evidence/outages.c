/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "evidence/ledger.h"
#include "evidence/outages.h"
#include "evidence/record.h"

#define SHORT_US (60 * US_PER_S)
#define SAME_US (2 * US_PER_S) /* the last sign of life, told twice */
#define LONGEST_MS (2 * 86400000LL) /* nothing of a day is longer */

struct lost { /* a slot that lacks something */
	json_t *record;
	int64_t start_us;
	int64_t end_us;
	bool missed; /* all of it */
	bool by_off; /* nobody sent: it was off, or stopped */
	bool by_clock;
};

struct outages {
	json_t *list; /* every outage there is */
	struct lost *lost;
	size_t lost_n;
	size_t lost_room;
	/* The clock is not trusted since this record; "" it is. */
	char unsure_boot[64];
	int64_t unsure_boot_us;
};

static int64_t
instant(const json_t *r, const char *key, int64_t otherwise)
{
	civil_read_utc(record_text(r, key), &otherwise);
	return otherwise;
}

static int
add(struct outages *rd, const char *cause, json_t *from, const char *to_utc)
{
	json_t *o = json_pack("{s:s, s:o, s:s}", "cause", cause, "from_utc",
	    from, "to_utc", to_utc);

	return json_array_append_new(rd->list, o) < 0 ? -ENOMEM : 0;
}

/* The power went again before the first life had done anything: its outage
 * began where the next one's does, and ends where that does. */
static int
take_outage(struct outages *rd, const json_t *r)
{
	size_t n = json_array_size(rd->list);
	const json_t *last = n == 0 ? NULL : json_array_get(rd->list, n - 1);
	json_t *from = json_object_get(r, "from_utc");
	int64_t from_us = instant(r, "from_utc", NEVER);
	int64_t before_us = instant(last, "from_utc", 0);

	if (from_us != NEVER && before_us != 0 &&
	    from_us - before_us < SAME_US && before_us - from_us < SAME_US)
		json_array_remove(rd->list, n - 1);
	return add(rd, record_text(r, "detail"),
	    json_is_string(from) ? json_incref(from) : json_null(),
	    record_text(r, "to_utc"));
}

/* No clock has run for longer than anybody can count. */
static int64_t
boot_of(const json_t *r)
{
	return earlier(later(record_int(r, "boot_us", 0), 0), NEVER / 4);
}

/* Trust regained: by the boot clock, how long it was missing. */
static int
take_trust(struct outages *rd, const json_t *r)
{
	struct civil_text from;
	int64_t boot_us = boot_of(r);
	int64_t to_us = instant(r, "utc", 0);
	bool same = strcmp(rd->unsure_boot, record_text(r, "boot_id")) == 0;

	rd->unsure_boot[0] = '\0';
	if (!same)
		return 0;
	return add(rd, "clock_unsure",
	    json_string(
		civil_utc_text(to_us - (boot_us - rd->unsure_boot_us), &from)),
	    record_text(r, "utc"));
}

static int
take_clock(struct outages *rd, const json_t *r)
{
	bool unsure = strcmp(record_text(r, "clock"), "unsure") == 0;

	if (!unsure)
		return rd->unsure_boot[0] == '\0' ? 0 : take_trust(rd, r);
	if (strcmp(rd->unsure_boot, record_text(r, "boot_id")) == 0)
		return 0;
	snprintf(rd->unsure_boot, sizeof(rd->unsure_boot), "%s",
	    record_text(r, "boot_id"));
	rd->unsure_boot_us = boot_of(r);
	return 0;
}

/* Of which outages may it be the cost? */
static void
look_at_reason(struct lost *l)
{
	static const char *const off[] = { "machine_off", "process_died",
		"disabled", "power_lost", "operator_stop", "rejoined" };
	const char *reason = record_text(l->record, "reason");

	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		l->by_off = l->by_off || strcmp(reason, off[i]) == 0;
	l->by_clock =
	    strcmp(reason, "clock_unsure") == 0 || strcmp(reason, "short") == 0;
}

static int
take_slot(struct outages *rd, json_t *r)
{
	const char *status = record_text(r, "status");
	struct lost l = { .record = r,
		.start_us = instant(r, "planned_utc", NEVER),
		.missed = strcmp(status, "not_aired") == 0 };
	struct lost *grown;

	if ((!l.missed && strcmp(status, "aired_partial") != 0) ||
	    l.start_us == NEVER)
		return 0;
	look_at_reason(&l);
	l.end_us =
	    l.start_us +
	    earlier(later(record_int(r, "planned_ms", 0), 0), LONGEST_MS) *
		US_PER_MS;
	if (rd->lost_n == rd->lost_room) {
		rd->lost_room = rd->lost_room == 0 ? 16 : rd->lost_room * 2;
		grown = reallocarray(rd->lost, rd->lost_room, sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		rd->lost = grown;
	}
	json_incref(r);
	rd->lost[rd->lost_n++] = l;
	return 0;
}

bool
outages_ask(int kind)
{
	return kind == KIND_BOOT || kind == KIND_CLOCK || kind == KIND_OP ||
	       kind == KIND_SLOT;
}

int
outages_take(struct outages *rd, int kind, json_t *r)
{
	if (kind == KIND_OP)
		return strcmp(record_text(r, "op"), "outage") == 0
			   ? take_outage(rd, r)
			   : 0;
	if (kind == KIND_SLOT)
		return take_slot(rd, r);
	return outages_ask(kind) ? take_clock(rd, r) : 0;
}

static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	static const char whole[] = "\"status\":\"aired\"";
	int kind = record_kind(line, n);
	json_t *r;
	int e;

	(void)seq;
	if (!outages_ask(kind) ||
	    (kind == KIND_SLOT &&
		memmem(line, n, whole, sizeof(whole) - 1) != NULL) ||
	    record_parse(line, n, &r) < 0)
		return 0;
	e = outages_take(arg, kind, r);
	json_decref(r);
	return e;
}

/* What it cost that station. */
static void
count(json_t *outage, const struct outages *rd, const char *station)
{
	bool of_clock =
	    strcmp(record_text(outage, "cause"), "clock_unsure") == 0;
	int64_t from_us = instant(outage, "from_utc", 0);
	int64_t to_us = instant(outage, "to_utc", 0);
	json_int_t missed = 0;
	json_int_t partial = 0;

	for (size_t i = 0; i < rd->lost_n; i++) {
		const struct lost *l = &rd->lost[i];

		if (l->start_us >= to_us || l->end_us <= from_us ||
		    !(of_clock ? l->by_clock : l->by_off) ||
		    (station[0] != '\0' &&
			strcmp(record_text(l->record, "station"), station) !=
			    0))
			continue;
		missed += l->missed;
		partial += !l->missed;
	}
	json_object_set_new(outage, "missed", json_integer(missed));
	json_object_set_new(outage, "partial", json_integer(partial));
}

/* Nobody asks for it: it cost nothing, and was no more than a restart. */
static bool
is_idle(const json_t *o)
{
	int64_t to_us = instant(o, "to_utc", 0);

	if (record_int(o, "missed", 0) + record_int(o, "partial", 0) > 0)
		return false;
	return strcmp(record_text(o, "cause"), "clock_unsure") == 0 ||
	       to_us - instant(o, "from_utc", 0) < SHORT_US;
}

static void
keep(json_t *list, int64_t from_us, int64_t to_us)
{
	for (size_t i = json_array_size(list); i-- > 0;) {
		const json_t *o = json_array_get(list, i);
		int64_t end_us = instant(o, "to_utc", 0);

		if (end_us < from_us || is_idle(o) ||
		    instant(o, "from_utc", end_us) > to_us)
			json_array_remove(list, i);
	}
}

struct outages *
outages_new(void)
{
	struct outages *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->list = json_array();
	return o->list == NULL ? outages_free(o) : o;
}

struct outages *
outages_free(struct outages *o)
{
	if (o == NULL)
		return NULL;
	for (size_t i = 0; i < o->lost_n; i++)
		json_decref(o->lost[i].record);
	free(o->lost);
	json_decref(o->list);
	free(o);
	return NULL;
}

int
outages_tell(struct outages *rd, const char *station, int64_t from_us,
    int64_t to_us, json_t **ret_list)
{
	json_t *o;
	size_t i;

	json_array_foreach(rd->list, i, o)
	{
		count(o, rd, station);
	}
	keep(rd->list, from_us, to_us);
	*ret_list = json_incref(rd->list);
	return 0;
}

int
outages_read(struct disk *disk, const char *station, int64_t from_us,
    int64_t to_us, json_t **ret_list)
{
	struct outages *o = outages_new();
	int r = o == NULL ? -ENOMEM : ledger_each(disk, take_line, o);

	if (r == 0)
		r = outages_tell(o, station, from_us, to_us, ret_list);
	outages_free(o);
	return r;
}
