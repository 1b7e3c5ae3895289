/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/civil.h"
#include "scheduler/outage.h"

/* A life that never began, for want of a trusted clock, wrote a `boot` record
 * and left the state file as it was. */
static const char *
cause_of(const json_t *alive, const struct registry *g, const char *boot_id)
{
	const char *last = registry_last_boot(g);
	const char *then = record_text(alive, "boot_id");
	bool same;

	if (last[0] == '\0')
		return "first";
	same = strcmp(then[0] != '\0' ? then : last, boot_id) == 0;
	if (json_is_true(json_object_get(alive, "clean")))
		return same ? "stopped" : "rebooted";
	return same ? "process_died" : "power_lost";
}

struct outage
outage_of(const json_t *alive, const struct registry *g, const char *boot_id,
    int64_t latest_us)
{
	struct outage o = { .cause = cause_of(alive, g, boot_id),
		.from_us = latest_us };

	/* The file is a minute old at most; the log's last record, hours. */
	civil_read_utc(record_text(alive, "utc"), &o.from_us);
	return o;
}

const char *
outage_missed(const char *cause)
{
	static const struct {
		const char *cause;
		const char *word;
	} rows[] = {
		{ "first", "" },
		{ "stopped", "operator_stop" },
		{ "rebooted", "machine_off" },
		{ "process_died", "process_died" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].cause, cause) == 0)
			return rows[i].word;
	return "power_lost";
}

int64_t
outage_length_us(const struct outage *o, struct now now)
{
	if (o->from_us == 0 || now.trust == TRUST_UNSURE)
		return 0;
	return later(0, now.wall_us - o->from_us);
}

int
outage_record(
    const struct outage *o, struct books *b, struct now now, int64_t to_us)
{
	struct civil_text from, to;
	/* Alive in the future: the clock was wrong then. */
	bool known = o->from_us != 0 && o->from_us <= to_us;
	json_t *r;

	if (strcmp(o->cause, "first") == 0)
		return 0;
	r = record_new(KIND_OP, "", now, b->boot_id);
	if (r == NULL)
		return -ENOMEM;
	json_object_set_new(r, "op", json_string("outage"));
	json_object_set_new(r, "person", json_string(""));
	json_object_set_new(r, "result", json_string("done"));
	json_object_set_new(r, "detail", json_string(o->cause));
	json_object_set_new(r, "from_utc",
	    known ? json_string(civil_utc_text(o->from_us, &from))
		  : json_null());
	json_object_set_new(
	    r, "to_utc", json_string(civil_utc_text(to_us, &to)));
	return books_add(b, r);
}
