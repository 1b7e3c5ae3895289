/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/answer.h"
#include "ctl/commands.h"
#include "ctl/headings.h"
#include "ctl/logbook.h"
#include "ctl/page.h"
#include "ctl/paper.h"
#include "ctl/say.h"
#include "ctl/seals.h"
#include "evidence/record.h"
#include "evidence/tally.h"

#define WORDS 10.0 /* points of running text */

struct sheet {
	const struct answer *a;
	struct tally *tally;
	struct headings headings;
	struct seals seals;
};

static void
put_line(void *arg, const char *line)
{
	char text[1000];

	snprintf(text, sizeof(text), "– %s", line);
	page_text(arg, WORDS, 0, text);
}

/* "05:00:00–06:30:00, 17:00:00–18:30:00" */
static void
windows_text(const json_t *hours, char *buf, size_t size)
{
	struct civil_text from, to;
	int64_t from_us, to_us;
	size_t n = 0;
	json_t *w;
	size_t i;

	snprintf(buf, size, "%s", _("none"));
	json_array_foreach(hours, i, w)
	{
		if (civil_read_utc(record_text(w, "from_utc"), &from_us) < 0 ||
		    civil_read_utc(record_text(w, "to_utc"), &to_us) < 0 ||
		    n >= size)
			continue;
		n += (size_t)snprintf(buf + n, size - n, "%s%s–%s",
		    n > 0 ? ", " : "", say_time(from_us, &from),
		    say_end(to_us, &to));
	}
}

static bool
is_allowed(const json_t *hours, int64_t us)
{
	int64_t from_us, to_us;
	json_t *w;
	size_t i;

	json_array_foreach(hours, i, w)
	{
		if (civil_read_utc(record_text(w, "from_utc"), &from_us) == 0 &&
		    civil_read_utc(record_text(w, "to_utc"), &to_us) == 0 &&
		    us >= from_us && us < to_us)
			return true;
	}
	return false;
}

/* Which hours the station was allowed, by its own day sheet. */
static void
draw_hours(struct page *p, const struct sheet *s, const char *station)
{
	struct civil_text text;
	const json_t *hours;
	char windows[600];
	char line[900];
	int64_t day;
	int second;

	civil_from_us(s->a->us, &day, &second);
	hours = tally_hours(
	    s->tally, station, civil_date_text(day, &text), s->a->us);
	if (hours == NULL) {
		put_line(p, _("The log does not tell which hours were allowed "
			      "that day."));
		return;
	}
	windows_text(hours, windows, sizeof(windows));
	snprintf(line, sizeof(line),
	    is_allowed(hours, s->a->us)
		? _("%s: hours allowed that day: %s. The moment lies inside "
		    "them.")
		: _("%s: hours allowed that day: %s. The moment lies OUTSIDE "
		    "them."),
	    headings_station(&s->headings, station), windows);
	put_line(p, line);
}

static void
draw_all_hours(struct page *p, const struct sheet *s)
{
	const char *key;
	json_t *list;
	json_t *seen = json_object();

	if (s->a->station[0] != '\0')
		draw_hours(p, s, s->a->station);
	else
		json_object_foreach(s->tally->hours, key, list)
		{
			char station[128];

			snprintf(station, sizeof(station), "%.*s",
			    (int)strcspn(key, " "), key);
			if (json_object_get(seen, station) == NULL)
				draw_hours(p, s, station);
			json_object_set_new(seen, station, json_true());
		}
	json_decref(seen);
}

/* "que-minh: ..." with the station's name for its id. */
static void
draw_station_line(struct page *p, const struct sheet *s, const char *line)
{
	const char *rest = strstr(line, ": ");
	char station[128];
	char text[1200];

	snprintf(station, sizeof(station), "%.*s",
	    rest == NULL ? 0 : (int)(rest - line), line);
	snprintf(text, sizeof(text), "%s%s",
	    headings_station(&s->headings, station),
	    rest == NULL ? line : rest);
	page_text(p, WORDS, PAGE_BOLD, text);
}

/* The sentences of `loaxa what`: what stands at the margin is of a slot. */
static void
draw_text(struct page *p, const struct sheet *s, const char *text)
{
	const char *next;

	/* Its first line is the moment. */
	text += strcspn(text, "\n");
	for (text += *text == '\n'; *text != '\0'; text = next) {
		size_t n = strcspn(text, "\n");
		char line[900];

		next = text + n + (text[n] == '\n');
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		if (line[0] == ' ')
			page_text(p, WORDS, 0, line);
		else
			draw_station_line(p, s, line);
	}
}

static const char *
who(const struct sheet *s)
{
	return s->a->station[0] == '\0'
		   ? _("all stations of this log")
		   : headings_station(&s->headings, s->a->station);
}

static void
draw(struct page *p, void *arg)
{
	const struct sheet *s = arg;
	struct civil_text at, to;
	char line[300];

	logbook_letterhead(p, who(s));
	page_text(p, 15, PAGE_BOLD | PAGE_CENTRE,
	    _("WHAT WAS ON THE LOUDSPEAKER SYSTEM"));
	snprintf(line, sizeof(line), _("Asked about: %s"),
	    say_instant(s->a->us, &at));
	page_text(p, WORDS + 1, PAGE_CENTRE, line);
	page_gap(p, 6);
	page_text(p, WORDS, 0,
	    _("Asked by: ………………………………………………  on: ……/……/20……  No.: ……………"));
	page_gap(p, 4);
	page_text(p, WORDS, PAGE_BOLD, _("AT THAT MOMENT, BY THE AIRING LOG"));
	draw_text(p, s, s->a->text);
	draw_all_hours(p, s);
	page_gap(p, 6);
	snprintf(line, sizeof(line), _("PLAN AND FACT, %s TO %s"),
	    say_time(s->a->from_us, &at), say_end(s->a->to_us, &to));
	page_text(p, WORDS, PAGE_BOLD, line);
	logbook_span(p, s->tally, s->a->from_us, s->a->to_us);
	if (!tally_holds(&s->tally->sum))
		page_text(p, WORDS, PAGE_BOLD,
		    _("WARNING: the log of these days does not add up; `loaxa "
		      "report` names the slot."));
	page_text(p, WORDS - 1.5, PAGE_ITALIC,
	    _("Aired means: sent to the amplifier (grade 2), as measured. It "
	      "does not prove that a loudspeaker sounded."));
	page_gap(p, 4);
	page_text(p, WORDS, PAGE_BOLD, _("THE STATION'S ANSWER"));
	for (int i = 0; i < 3; i++)
		page_text(p, WORDS, 0,
		    "……………………………………………………………………………………………………………………………………………");
	/* No signature stands on a page that says nothing. */
	page_keep(p, 60 + LOGBOOK_SIGNING);
	page_gap(p, 4);
	page_text(p, WORDS, PAGE_BOLD, _("THE LOG BEHIND THIS PAPER"));
	seals_lines(&s->seals, put_line, p);
	logbook_signatures(p, _("DRAWN UP BY"), "", "");
}

/* 0 or the code. */
static int
write_sheet(struct sheet *s, const char *file, bool replace)
{
	struct page_setup setup = { .draw = draw, .arg = s };
	struct civil_text at;
	char title[400];
	int pages = 0;
	int code;

	snprintf(title, sizeof(title), "%s · %s", who(s),
	    say_instant(s->a->us, &at));
	setup.title = setup.foot = title;
	code = paper_write(&setup, file, replace, &pages);
	if (pages > 0)
		printf(_("%s: pages %d\n"), file, pages);
	return code;
}

/* Does the log of these days tell of one station only? */
static bool
is_alone(const struct tally *t, char ret[static 128])
{
	const json_t *row;
	size_t i;

	ret[0] = '\0';
	json_array_foreach(t->rows, i, row)
	{
		const char *station = record_text(row, "station");

		if (ret[0] != '\0' && strcmp(ret, station) != 0)
			return false;
		snprintf(ret, 128, "%s", station);
	}
	return ret[0] != '\0';
}

int
answer_write(const struct root *root, struct disk *disk, const struct answer *a,
    const char *file, bool replace, int *ret_code)
{
	struct answer one = *a;
	struct sheet s = { .a = &one };
	char station[128];
	int64_t from_day, to_day;
	int second;
	int r;

	civil_from_us(a->from_us, &from_day, &second);
	civil_from_us(a->to_us, &to_day, &second);
	r = tally_read(disk, a->station, from_day, to_day, &s.tally);
	if (r == 0)
		r = headings_read(root, &s.headings);
	if (r == 0 && a->station[0] == '\0' && is_alone(s.tally, station))
		one.station = station;
	if (r == 0)
		r = seals_read(root, disk, s.tally->last_seq, &s.seals);
	if (r == 0)
		*ret_code = write_sheet(&s, file, replace);
	if (r == 0 && *ret_code == EX_OK)
		*ret_code = seals_code(&s.seals);
	headings_clear(&s.headings);
	tally_free(s.tally);
	return r;
}
