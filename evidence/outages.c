/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/civil.h"
#include "evidence/ledger.h"
#include "evidence/outages.h"
#include "evidence/record.h"

#define SHORT_US (60 * US_PER_S)
#define SAME_US (2 * US_PER_S) /* the last sign of life, told twice */

struct reading {
	json_t *list; /* every outage there is */
	json_t *lost; /* `slot` records that lack something */
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
add(struct reading *rd, const char *cause, json_t *from, const char *to_utc)
{
	json_t *o = json_pack("{s:s, s:o, s:s}", "cause", cause, "from_utc",
	    from, "to_utc", to_utc);

	return json_array_append_new(rd->list, o) < 0 ? -ENOMEM : 0;
}

/* The power went again before the first life had done anything: its outage
 * began where the next one's does, and ends where that does. */
static int
take_outage(struct reading *rd, const json_t *r)
{
	size_t n = json_array_size(rd->list);
	const json_t *last = n == 0 ? NULL : json_array_get(rd->list, n - 1);
	int64_t from_us = instant(r, "from_utc", NEVER);
	int64_t before_us = instant(last, "from_utc", 0);

	if (from_us != NEVER && before_us != 0 &&
	    from_us - before_us < SAME_US && before_us - from_us < SAME_US)
		json_array_remove(rd->list, n - 1);
	return add(rd, record_text(r, "detail"),
	    json_incref(json_object_get(r, "from_utc")),
	    record_text(r, "to_utc"));
}

/* Trust regained: by the boot clock, how long it was missing. */
static int
take_trust(struct reading *rd, const json_t *r)
{
	struct civil_text from;
	int64_t boot_us = record_int(r, "boot_us", 0);
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
take_clock(struct reading *rd, const json_t *r)
{
	bool unsure = strcmp(record_text(r, "clock"), "unsure") == 0;

	if (!unsure)
		return rd->unsure_boot[0] == '\0' ? 0 : take_trust(rd, r);
	if (strcmp(rd->unsure_boot, record_text(r, "boot_id")) == 0)
		return 0;
	snprintf(rd->unsure_boot, sizeof(rd->unsure_boot), "%s",
	    record_text(r, "boot_id"));
	rd->unsure_boot_us = record_int(r, "boot_us", 0);
	return 0;
}

static int
take_record(struct reading *rd, int kind, json_t *r)
{
	const char *status = record_text(r, "status");

	if (kind == KIND_OP)
		return strcmp(record_text(r, "op"), "outage") == 0
			   ? take_outage(rd, r)
			   : 0;
	if (kind != KIND_SLOT)
		return take_clock(rd, r);
	if (strcmp(status, "not_aired") != 0 &&
	    strcmp(status, "aired_partial") != 0)
		return 0;
	return json_array_append(rd->lost, r) < 0 ? -ENOMEM : 0;
}

static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	static const char whole[] = "\"status\":\"aired\"";
	int kind = record_kind(line, n);
	json_t *r;
	int e;

	(void)seq;
	if (kind != KIND_BOOT && kind != KIND_CLOCK && kind != KIND_OP &&
	    kind != KIND_SLOT)
		return 0;
	if (kind == KIND_SLOT &&
	    memmem(line, n, whole, sizeof(whole) - 1) != NULL)
		return 0;
	if (record_parse(line, n, &r) < 0)
		return 0;
	e = take_record(arg, kind, r);
	json_decref(r);
	return e;
}

/* Did this outage cost the slot something? */
static bool
is_cost(const json_t *slot, const json_t *outage, bool *ret_missed)
{
	static const char *const off[] = { "machine_off", "process_died",
		"disabled", "power_lost", "operator_stop", "rejoined" };
	const char *reason = record_text(slot, "reason");
	int64_t start_us = instant(slot, "planned_utc", NEVER);
	int64_t end_us =
	    start_us + record_int(slot, "planned_ms", 0) * US_PER_MS;
	bool its = false;

	*ret_missed = strcmp(record_text(slot, "status"), "not_aired") == 0;
	if (start_us == NEVER || start_us >= instant(outage, "to_utc", 0) ||
	    end_us <= instant(outage, "from_utc", 0))
		return false;
	if (strcmp(record_text(outage, "cause"), "clock_unsure") == 0)
		return strcmp(reason, "clock_unsure") == 0 ||
		       strcmp(reason, "short") == 0;
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		its = its || strcmp(reason, off[i]) == 0;
	return its;
}

static void
count(json_t *outage, const json_t *lost, const char *station)
{
	json_int_t missed = 0;
	json_int_t partial = 0;
	json_t *slot;
	bool is_missed;
	size_t i;

	json_array_foreach(lost, i, slot)
	{
		if (station[0] != '\0' &&
		    strcmp(record_text(slot, "station"), station) != 0)
			continue;
		if (!is_cost(slot, outage, &is_missed))
			continue;
		missed += is_missed;
		partial += !is_missed;
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

int
outages_read(struct disk *disk, const char *station, int64_t from_us,
    int64_t to_us, json_t **ret_list)
{
	struct reading rd = { .list = json_array(), .lost = json_array() };
	json_t *o;
	size_t i;
	int r = rd.list == NULL || rd.lost == NULL
		    ? -ENOMEM
		    : ledger_each(disk, take_line, &rd);

	json_array_foreach(rd.list, i, o)
	{
		count(o, rd.lost, station);
	}
	json_decref(rd.lost);
	if (r < 0) {
		json_decref(rd.list);
		return r;
	}
	keep(rd.list, from_us, to_us);
	*ret_list = rd.list;
	return 0;
}
