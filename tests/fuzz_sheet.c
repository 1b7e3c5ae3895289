/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_sheet - whatever a spreadsheet exports. What is accepted is written
 * and read back as the same rows, laid against the example's timetable, and
 * proposed as a timetable of its own, which must be one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "scheduler/match.h"
#include "scheduler/propose.h"
#include "scheduler/schedule.h"
#include "tests/fuzz.h"

#define STATION "que-minh"
#define MONDAY 20780 /* 2026-11-23, week 48 */

static struct schedule *schedule;
static struct site *site;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct problems ps = { 0 };

	(void)argc;
	(void)argv;
	civil_zone("Asia/Ho_Chi_Minh");
	if (site_read("etc/loaxa.conf", &ps, &site) < 0 ||
	    schedule_read("schedules", STATION, MONDAY - 7, MONDAY + 6, &ps,
		&schedule) < 0)
		abort();
	return 0;
}

static bool
same_row(const struct sheet_row *a, const struct sheet_row *b)
{
	return a->weekday == b->weekday && a->date == b->date &&
	       a->at_s == b->at_s && a->for_s == b->for_s &&
	       a->kind == b->kind && strcmp(a->title, b->title) == 0 &&
	       strcmp(a->source, b->source) == 0 &&
	       strcmp(a->language, b->language) == 0 &&
	       strcmp(a->slot, b->slot) == 0 && strcmp(a->items, b->items) == 0;
}

/* sheet.h: what is written reads back as the same rows. */
static void
round_trip(const struct sheet *s)
{
	struct problems ps = { 0 };
	struct sheet *again = NULL;
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	sheet_write(out, s->rows, s->n);
	fclose(out);
	if (sheet_read(text, n, "again.csv", &ps, &again) < 0 ||
	    again->n != s->n)
		abort();
	for (size_t i = 0; i < s->n; i++)
		if (!same_row(&s->rows[i], &again->rows[i]))
			abort();
	fuzz_problems(&ps);
	sheet_free(again);
	free(text);
}

static void
lay(const struct sheet *s)
{
	static const struct match_item items[] = {
		{ "ttdn-w48-vi", "Thông tin đối ngoại", "ttdn.mp3", "ttdn",
		    "ttdn-w48", "vi" },
		{ "ttdn-w48-km", "Thông tin đối ngoại (Khmer)", "ttdn-km.mp3",
		    "ttdn", "ttdn-w48", "km" },
		{ "nhac-hieu", "Nhạc hiệu", "nhac.wav", "", "", "vi" },
	};
	struct match_setup setup = { .schedule = schedule,
		.monday = MONDAY,
		.items = items,
		.n_items = sizeof(items) / sizeof(items[0]),
		.name = "t.csv" };
	struct problems ps = { 0 };
	struct problems missing = { 0 };
	struct match *m = NULL;
	struct schedule_swap swap = { .name = STATION "/2026-W48.cfg" };
	struct schedule *after = NULL;
	char *text;

	if (match_make(s, &setup, &ps, &missing, &m) == 0) {
		text = match_text(m, MONDAY, "");
		swap.bytes = text;
		swap.n = strlen(text);
		if (schedule_read_with("schedules", STATION, MONDAY - 7,
			MONDAY + 6, &swap, &ps, &after) < 0)
			abort();
		free(text);
	}
	schedule_free(after);
	match_free(m);
	fuzz_problems(&missing);
	fuzz_problems(&ps);
}

static void
propose(const struct sheet *s)
{
	struct propose_setup setup = { .station = "moi",
		.title = "Đài mới",
		.site = site,
		.name = "t.csv" };
	struct schedule_swap swap = { .name = "moi.cfg" };
	struct problems ps = { 0 };
	struct problems notes = { 0 };
	struct schedule *made = NULL;
	char *text = NULL;

	if (propose_timetable(s, &setup, &ps, &notes, &text) == 0) {
		swap.bytes = text;
		swap.n = strlen(text);
		if (schedule_read_with("schedules", "moi", MONDAY, MONDAY + 6,
			&swap, &ps, &made) < 0)
			abort();
	}
	schedule_free(made);
	free(text);
	fuzz_problems(&notes);
	fuzz_problems(&ps);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct problems ps = { 0 };
	struct sheet *s = NULL;
	int r = sheet_read(data, n, "t.csv", &ps, &s);

	if (r < 0 && problems_count(&ps) == 0)
		abort(); /* refused without a word */
	fuzz_problems(&ps);
	if (r < 0)
		return 0;
	round_trip(s);
	lay(s);
	propose(s);
	sheet_free(s);
	return 0;
}
