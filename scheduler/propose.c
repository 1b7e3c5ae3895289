/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/match.h"
#include "scheduler/propose.h"

#define BASE_MAX 44 /* bytes of an id before day and time are added */
#define GAP_S 60 /* a longer one ends a session */
#define WEEK_S (7 * SECONDS_PER_DAY)

/* One row on its way to a slot. */
struct draft {
	const struct sheet_row *row;
	int start_s; /* of the week */
	char *key; /* match_title() */
	enum content content;
	char *base; /* of the id; also the item's, relay's or segment's id */
	char *id;
	struct draft *of; /* the original of a repeat */
	unsigned days;
	bool hard;
	bool in_other; /* stands in another draft's days */
	bool opens; /* the first with its segment */
};

struct proposal {
	const struct propose_setup *up;
	struct problems *ps;
	struct problems *notes;
	struct draft *drafts; /* by start */
	size_t n;
	bool no_memory;
};

/* Reading rows ----------------------------------------------------------- */

static void
wrong(struct proposal *p, const struct sheet_row *row, const char *text)
{
	problem_add(p->ps, p->up->name, row->line, "%s", text);
}

static void
take_row(struct proposal *p, const struct sheet_row *row)
{
	struct draft *d = &p->drafts[p->n];

	if (row->weekday == SHEET_NO_DAY)
		wrong(p, row,
		    _("the row has no day; write T2 to T7 or CN in thu"));
	else if (row->at_s == SHEET_NO_TIME)
		wrong(p, row,
		    _("gio_bat_dau is empty; write when it starts, such as "
		      "05:00:00"));
	else if (row->for_s == 0)
		wrong(p, row,
		    _("thoi_luong is empty; a timetable needs it, such as "
		      "00:15:00"));
	else if (row->title[0] == '\0')
		wrong(p, row,
		    _("tieu_de is empty; write what the programme is called"));
	else {
		d->row = row;
		d->start_s = row->weekday * SECONDS_PER_DAY + row->at_s;
		d->days = 1u << row->weekday;
		d->key = match_title(row->title);
		p->no_memory |= d->key == NULL;
		p->n++;
	}
}

static int
by_start(const void *a, const void *b)
{
	const struct draft *x = a;
	const struct draft *y = b;

	return x->start_s != y->start_s ? x->start_s - y->start_s
					: x->row->line - y->row->line;
}

static void
check_overlaps(struct proposal *p)
{
	struct civil_text text;

	for (size_t i = 1; i < p->n; i++) {
		const struct draft *a = &p->drafts[i - 1];
		const struct draft *b = &p->drafts[i];

		if (a->start_s + a->row->for_s <= b->start_s)
			continue;
		problem_add(p->ps, p->up->name, b->row->line,
		    _("%s %s: the row on line %d is not over yet; correct the "
		      "times or its length"),
		    civil_weekday_text((enum weekday)b->row->weekday),
		    civil_time_text(b->row->at_s, &text), a->row->line);
	}
}

/* What kind of slot ------------------------------------------------------ */

static bool
has_words(const char *folded, const char *words)
{
	size_t n = strlen(words);

	for (const char *at = folded; n > 0 && (at = strstr(at, words)) != NULL;
	     at++)
		if ((at == folded || at[-1] == ' ') &&
		    (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

static bool
has_any(const char *folded, const char *const *phrases)
{
	for (; *phrases != NULL; phrases++)
		if (has_words(folded, *phrases))
			return true;
	return false;
}

static enum content
content_of(const struct sheet_row *row, const char *folded)
{
	static const char *const again[] = { "phat lai", "pl", NULL };
	static const char *const fixed[] = { "quoc ca", "nhac hieu", "dai hieu",
		"nhac cat", NULL };
	static const char *const music[] = { "nhac dem", "nhac nen", "nhac cho",
		"lap khoang trong", NULL };

	if (row->kind == SHEET_LIVE || row->kind == SHEET_RELAY)
		return CONTENT_RELAY;
	if (row->kind == SHEET_ABOVE)
		return CONTENT_SEGMENT;
	if (has_any(folded, again))
		return CONTENT_REPEAT;
	if (has_any(folded, fixed))
		return CONTENT_ITEM;
	return has_any(folded, music) ? CONTENT_FILLER : CONTENT_SEGMENT;
}

/* An id short enough to add to, cut between words. */
static char *
make_base(const char *text)
{
	char *id = text_make_id(text);

	if (id == NULL || strlen(id) <= BASE_MAX)
		return id;
	id[BASE_MAX] = '\0';
	if (strrchr(id, '-') != NULL)
		*strrchr(id, '-') = '\0';
	return id;
}

/* The relay of the site that the row means; NULL when it has none. */
static const struct site_relay *
relay_of(const struct site *site, const char *source, const char *title)
{
	const struct site_relay *found = NULL;
	size_t n = 0;

	for (size_t i = 0; site != NULL && i < site->n_relays; i++) {
		const struct site_relay *r = &site->relays[i];
		char *name = text_fold(r->title);
		char *id = text_fold(r->id);

		if (name != NULL && id != NULL &&
		    (strcmp(name, source) == 0 || has_words(source, id) ||
			has_words(title, id) || has_words(name, source))) {
			found = r;
			n++;
		}
		free(name);
		free(id);
	}
	return n == 1 ? found : NULL;
}

static char *
relay_base(struct proposal *p, const struct sheet_row *row, const char *folded)
{
	char *source = text_fold(row->source);
	const struct site_relay *r;
	char *base;

	if (source == NULL)
		return NULL;
	r = relay_of(p->up->site, source, folded);
	if (r != NULL)
		base = strdup(r->id);
	else
		base = make_base(source[0] != '\0' ? source : folded);
	if (r == NULL && base != NULL)
		problem_add(p->notes, p->up->name, row->line,
		    _("etc/loaxa.conf has no relay for \"%s\"; add \"%s\" to "
		      "its relays, or write the right id"),
		    row->source[0] != '\0' ? row->source : row->title, base);
	free(source);
	return base;
}

static void
classify(struct proposal *p, struct draft *d)
{
	const struct sheet_row *row = d->row;
	char *folded = text_fold(row->title);

	if (folded == NULL) {
		p->no_memory = true;
		return;
	}
	d->content = content_of(row, folded);
	if (d->content == CONTENT_RELAY)
		d->base = relay_base(p, row, folded);
	else if (text_is_id(row->items) &&
		 (d->content == CONTENT_ITEM || d->content == CONTENT_FILLER))
		d->base = strdup(row->items);
	else
		d->base = make_base(d->key);
	p->no_memory |= d->base == NULL;
	free(folded);
}

/* Repeats ---------------------------------------------------------------- */

/* How well a's title names b's: 2 the same, 1 its first words, 0 not. */
static int
likeness(const char *a, const char *b)
{
	size_t n = strlen(a);

	if (strcmp(a, b) == 0)
		return 2;
	return strncmp(a, b, n) == 0 && b[n] == ' ' ? 1 : 0;
}

/* The latest earlier row of that title, round the week's end; the very title
 * before one that only begins with it. */
static struct draft *
find_original(struct proposal *p, const struct draft *d)
{
	struct draft *best = NULL;
	int best_like = 0;
	int best_ago = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct draft *o = &p->drafts[i];
		int like = likeness(d->key, o->key);
		int ago = (d->start_s - o->start_s + WEEK_S) % WEEK_S;

		if (o->content != CONTENT_SEGMENT || like == 0 || ago == 0)
			continue;
		if (like < best_like || (like == best_like && ago > best_ago))
			continue;
		best = o;
		best_like = like;
		best_ago = ago;
	}
	return best;
}

static void
resolve_repeats(struct proposal *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct draft *d = &p->drafts[i];

		if (d->content != CONTENT_REPEAT)
			continue;
		d->of = find_original(p, d);
		if (d->of != NULL)
			continue;
		d->content = CONTENT_SEGMENT;
		problem_add(p->notes, p->up->name, d->row->line,
		    _("no row of the week has this title to repeat; it is "
		      "proposed as a programme of its own"));
	}
}

/* Segments --------------------------------------------------------------- */

/* One id for one title, and one title for one id. */
static void
name_segments(struct proposal *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct draft *d = &p->drafts[i];
		bool taken = false;

		if (d->content != CONTENT_SEGMENT)
			continue;
		d->opens = true;
		for (size_t k = 0; k < i; k++) {
			struct draft *o = &p->drafts[k];

			if (o->content != CONTENT_SEGMENT)
				continue;
			if (strcmp(o->key, d->key) == 0) {
				d->opens = false;
				free(d->base);
				d->base = strdup(o->base);
				break;
			}
			taken |= strcmp(o->base, d->base) == 0;
		}
		if (d->opens && taken) {
			char *other = NULL;

			if (asprintf(&other, "%s-%d", d->base, d->row->line) <
			    0)
				other = NULL;
			free(d->base);
			d->base = other;
		}
		if (d->base == NULL) {
			p->no_memory = true;
			return;
		}
	}
}

/* Slots ------------------------------------------------------------------ */

static void
find_hard_starts(struct proposal *p)
{
	int end_s = -WEEK_S;

	for (size_t i = 0; i < p->n; i++) {
		struct draft *d = &p->drafts[i];

		d->hard = d->content == CONTENT_RELAY ||
			  d->row->kind == SHEET_ABOVE ||
			  d->start_s > end_s + GAP_S;
		end_s = d->start_s + d->row->for_s;
	}
}

/* The same slot on another day? Programmes differ from day to day, so theirs
 * only when the sheet itself says so. */
static bool
is_same_slot(const struct draft *a, const struct draft *b)
{
	const struct sheet_row *x = a->row;
	const struct sheet_row *y = b->row;

	return a->content == b->content && x->at_s == y->at_s &&
	       x->for_s == y->for_s && x->kind == y->kind &&
	       a->hard == b->hard && a->of == b->of &&
	       strcmp(a->base, b->base) == 0 && strcmp(a->key, b->key) == 0 &&
	       strcmp(x->slot, y->slot) == 0 &&
	       (x->slot[0] != '\0' || (a->content != CONTENT_SEGMENT &&
					  a->content != CONTENT_REPEAT));
}

static void
gather_days(struct proposal *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < i; k++) {
			struct draft *first = &p->drafts[k];

			if (first->in_other ||
			    !is_same_slot(first, &p->drafts[i]))
				continue;
			first->days |= p->drafts[i].days;
			p->drafts[i].in_other = true;
			break;
		}
}

static bool
is_taken(const struct proposal *p, const char *id)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->drafts[i].id != NULL && strcmp(p->drafts[i].id, id) == 0)
			return true;
	return false;
}

static const char *
part_of(int at_s)
{
	return at_s < 12 * 3600 ? "sang" : at_s < 18 * 3600 ? "chieu" : "toi";
}

/* "nhac-cat-sang", "ttdn-t5", "ttdn-t6-pl". */
static int
first_id(const struct draft *d, char *buf, size_t size)
{
	const char *base = d->of != NULL ? d->of->base : d->base;
	const char *pl = d->of != NULL ? "-pl" : "";
	char day[4];
	int n;

	snprintf(day, sizeof(day), "%s",
	    civil_weekday_text((enum weekday)d->row->weekday));
	for (char *c = day; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	if (d->row->slot[0] != '\0')
		n = snprintf(buf, size, "%s", d->row->slot);
	else if ((d->days & (d->days - 1)) != 0)
		n = snprintf(
		    buf, size, "%s-%s%s", base, part_of(d->row->at_s), pl);
	else
		n = snprintf(buf, size, "%s-%s%s", base, day, pl);
	return n;
}

static void
name_slots(struct proposal *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct draft *d = &p->drafts[i];
		char id[ID_MAX + 1];
		int n = first_id(d, id, sizeof(id));

		if (d->in_other)
			continue;
		if (is_taken(p, id) && n < ID_MAX - 8)
			n += snprintf(id + n, sizeof(id) - (size_t)n,
			    "-%02d%02d", d->row->at_s / 3600,
			    d->row->at_s / 60 % 60);
		if (is_taken(p, id) && n < ID_MAX - 8)
			snprintf(id + n, sizeof(id) - (size_t)n, "-%d",
			    d->row->line);
		d->id = strdup(id);
		p->no_memory |= d->id == NULL;
	}
}

/* Writing ---------------------------------------------------------------- */

static void
write_text(FILE *f, const char *text)
{
	putc('"', f);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', f);
		putc(*text, f);
	}
	putc('"', f);
}

/* "T2-T4,T6" */
static void
write_days(FILE *f, unsigned days)
{
	bool some = false;

	for (int d = 0; d < WEEKDAYS; d++) {
		int last = d;

		if ((days & 1u << d) == 0)
			continue;
		while (last + 1 < WEEKDAYS && (days & 1u << (last + 1)) != 0)
			last++;
		fprintf(f, "%s%s", some ? "," : "",
		    civil_weekday_text((enum weekday)d));
		if (last > d)
			fprintf(f, "%s%s", last == d + 1 ? "," : "-",
			    civil_weekday_text((enum weekday)last));
		some = true;
		d = last;
	}
}

/* The title without "Chuyên mục:" in front. */
static const char *
segment_title(const char *title)
{
	char *folded = text_fold(title);
	const char *colon = strchr(title, ':');
	bool cut = folded != NULL && strncmp(folded, "chuyen muc ", 11) == 0 &&
		   colon != NULL && colon[1] != '\0';

	free(folded);
	if (!cut)
		return title;
	colon++;
	return colon + strspn(colon, " ");
}

static void
write_languages(FILE *f, const struct proposal *p, const struct draft *d)
{
	const char *seen[8];
	size_t n = 0;

	for (size_t i = 0; i < p->n && n < 8; i++) {
		const struct draft *o = &p->drafts[i];
		const char *language = o->row->language;
		bool known = language[0] == '\0';

		if (o->content != CONTENT_SEGMENT ||
		    strcmp(o->base, d->base) != 0)
			continue;
		for (size_t k = 0; k < n; k++)
			known |= strcmp(seen[k], language) == 0;
		if (!known)
			seen[n++] = language;
	}
	if (n > 0)
		fputs(" languages = [ ", f);
	for (size_t k = 0; k < n; k++)
		fprintf(f, "%s\"%s\"", k == 0 ? "" : ", ", seen[k]);
	if (n > 0)
		fputs(" ];", f);
}

static void
write_segments(FILE *f, const struct proposal *p)
{
	const char *comma = "";

	fputs("segments = (", f);
	for (size_t i = 0; i < p->n; i++) {
		const struct draft *d = &p->drafts[i];

		if (!d->opens)
			continue;
		fprintf(f, "%s\n  { id = \"%s\"; title = ", comma, d->base);
		write_text(f, segment_title(d->row->title));
		putc(';', f);
		write_languages(f, p, d);
		fputs(" }", f);
		comma = ",";
	}
	fputs("\n);\n\n", f);
}

static void
write_content(FILE *f, const struct draft *d)
{
	const char *ref = d->base;

	/* The original may stand for several days under one id. */
	if (d->content == CONTENT_REPEAT)
		ref = d->of->id;
	if (d->content != CONTENT_SEGMENT && d->content != CONTENT_REPEAT) {
		fputs("title = ", f);
		write_text(f, d->row->title);
		fputs("; ", f);
	}
	fprintf(f, "%s = \"%s\";", content_word(d->content), ref);
	if (d->row->kind == SHEET_ABOVE)
		fputs(" from_above = true;", f);
	if (d->hard)
		fputs(" start = \"hard\";", f);
}

static void
write_slots(FILE *f, const struct proposal *p)
{
	const char *comma = "";

	fputs("slots = (", f);
	for (size_t i = 0; i < p->n; i++) {
		const struct draft *d = &p->drafts[i];
		struct civil_text at, length;

		if (d->in_other)
			continue;
		fprintf(f, "%s\n  { id = \"%s\"; days = \"", comma, d->id);
		write_days(f, d->days);
		fprintf(f, "\"; at = \"%s\"; for = \"%s\";\n    ",
		    civil_time_text(d->row->at_s, &at),
		    civil_time_text(d->row->for_s, &length));
		write_content(f, d);
		fputs(" }", f);
		comma = ",";
	}
	fputs("\n);\n", f);
}

static int
write_all(const struct proposal *p, char **ret_text)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return -ENOMEM;
	fprintf(f,
	    "# Proposed by `loaxa load --timetable`: read it through, then "
	    "save it as\n# schedules/%s.cfg. The format is in "
	    "loaxa-schedule(5).\n\nstation = \"%s\";\nname = ",
	    p->up->station, p->up->station);
	write_text(f, p->up->title);
	fputs(";\n\n", f);
	write_segments(f, p);
	write_slots(f, p);
	if (fclose(f) == 0) {
		*ret_text = text;
		return 0;
	}
	free(text);
	return -ENOMEM;
}

/* A repeat's original, when its row stands in another's days, is that one. */
static void
follow_originals(struct proposal *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct draft *of = p->drafts[i].of;

		for (size_t k = 0; of != NULL && of->in_other && k < p->n; k++)
			if (!p->drafts[k].in_other &&
			    is_same_slot(&p->drafts[k], of))
				p->drafts[i].of = &p->drafts[k];
	}
}

static int
work_out(struct proposal *p)
{
	qsort(p->drafts, p->n, sizeof(*p->drafts), by_start);
	check_overlaps(p);
	for (size_t i = 0; i < p->n && !p->no_memory; i++)
		classify(p, &p->drafts[i]);
	if (p->no_memory)
		return -ENOMEM;
	resolve_repeats(p);
	name_segments(p);
	if (p->no_memory)
		return -ENOMEM;
	find_hard_starts(p);
	gather_days(p);
	follow_originals(p);
	name_slots(p);
	return p->no_memory ? -ENOMEM : 0;
}

int
propose_timetable(const struct sheet *sheet, const struct propose_setup *setup,
    struct problems *ps, struct problems *notes, char **ret_text)
{
	struct proposal p = { .up = setup, .ps = ps, .notes = notes };
	size_t before = problems_count(ps);
	int r = 0;

	p.drafts = calloc(sheet->n + 1, sizeof(*p.drafts));
	if (p.drafts == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < sheet->n; i++)
		take_row(&p, &sheet->rows[i]);
	if (p.no_memory)
		r = -ENOMEM;
	if (r == 0)
		r = work_out(&p);
	if (r == 0 && problems_count(ps) > before)
		r = -EINVAL;
	if (r == 0)
		r = write_all(&p, ret_text);
	problems_sort(ps);
	for (size_t i = 0; i < p.n; i++) {
		free(p.drafts[i].key);
		free(p.drafts[i].base);
		free(p.drafts[i].id);
	}
	free(p.drafts);
	return r;
}
