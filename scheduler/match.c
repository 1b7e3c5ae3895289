/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/match.h"
#include "scheduler/plan.h"

struct matching {
	const struct match_setup *up;
	const struct sheet *sheet;
	struct problems *ps;
	struct problems *missing;
	struct plan *plan;
	struct match *match;
	int *lines; /* by slot of the plan: its row's line, or 0 */
	bool no_memory;
};

/* Titles ----------------------------------------------------------------- */

/* Cuts a folded phrase out, wherever it stands as whole words. */
static void
cut_words(char *folded, const char *words)
{
	size_t n = strlen(words);
	char *at = folded;

	while ((at = strstr(at, words)) != NULL) {
		if ((at > folded && at[-1] != ' ') ||
		    (at[n] != ' ' && at[n] != '\0')) {
			at += n;
			continue;
		}
		if (at[n] == ' ')
			memmove(at, at + n + 1, strlen(at + n + 1) + 1);
		else
			at[at > folded ? -1 : 0] = '\0';
	}
}

/* Each becomes a space. */
static void
blank_parentheses(char *s)
{
	int depth = 0;

	for (; *s != '\0'; s++) {
		char c = *s;

		depth += c == '(';
		if (depth > 0)
			*s = ' ';
		depth -= c == ')' && depth > 0;
	}
}

char *
match_title(const char *title)
{
	char *copy = strdup(title);
	char *folded;

	if (copy == NULL)
		return NULL;
	blank_parentheses(copy);
	folded = text_fold(copy);
	free(copy);
	if (folded == NULL)
		return NULL;
	cut_words(folded, "chuyen muc");
	cut_words(folded, "phat lai");
	if (folded[0] != '\0')
		return folded;
	free(folded);
	return text_fold(title); /* all of it stood in parentheses */
}

static bool
same_folded(const char *a, const char *b, char *(*fold)(const char *))
{
	char *x = fold(a);
	char *y = fold(b);
	bool same = x != NULL && y != NULL && x[0] != '\0' && strcmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

/* What the week has ------------------------------------------------------ */

static void
free_texts(char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
}

struct match *
match_free(struct match *m)
{
	if (m == NULL)
		return NULL;
	for (size_t i = 0; i < m->n; i++) {
		free(m->entries[i].slot);
		free(m->entries[i].set_before);
		free(m->entries[i].set);
		free_texts(m->entries[i].before, m->entries[i].n_before);
		free_texts(m->entries[i].after, m->entries[i].n_after);
	}
	free(m->entries);
	free(m);
	return NULL;
}

static int
add_text(char ***texts, size_t *n, const char *text)
{
	char **grown = reallocarray(*texts, *n + 1, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	*texts = grown;
	grown[*n] = strdup(text);
	if (grown[*n] == NULL)
		return -ENOMEM;
	(*n)++;
	return 0;
}

static struct match_entry *
entry_of(const struct match *m, const char *slot)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->entries[i].slot, slot) == 0)
			return &m->entries[i];
	return NULL;
}

static int
copy_set(char **to, const struct planned *p)
{
	const char *set = json_string_value(json_object_get(p->set, "id"));

	if (set == NULL)
		return 0;
	*to = strdup(set);
	return *to == NULL ? -ENOMEM : 0;
}

static int
add_entry(struct match *m, const struct planned *p)
{
	struct match_entry *e = &m->entries[m->n];
	int r = 0;

	e->slot = strdup(p->slot);
	if (e->slot == NULL)
		return -ENOMEM;
	m->n++;
	r = copy_set(&e->set_before, p);
	for (size_t i = 0; r == 0 && i < p->n_items; i++)
		r = add_text(&e->before, &e->n_before, p->items[i]);
	return r;
}

static int
make_entries(struct matching *g)
{
	const struct plan *plan = g->plan;
	int r = 0;

	g->match = calloc(1, sizeof(*g->match));
	g->lines = calloc(plan->n + 1, sizeof(*g->lines));
	if (g->match == NULL || g->lines == NULL)
		return -ENOMEM;
	g->match->entries = calloc(plan->n + 1, sizeof(*g->match->entries));
	if (g->match->entries == NULL)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < plan->n; i++)
		if (plan->slots[i].content == CONTENT_SEGMENT &&
		    entry_of(g->match, plan->slots[i].slot) == NULL)
			r = add_entry(g->match, &plan->slots[i]);
	return r;
}

/* A row's slot ----------------------------------------------------------- */

static void
wrong(struct matching *g, const struct sheet_row *row, const char *text)
{
	problem_add(g->ps, g->up->name, row->line, "%s", text);
}

static int64_t
day_of(const struct matching *g, const struct sheet_row *row)
{
	return row->weekday == SHEET_NO_DAY ? SHEET_NO_DATE
					    : g->up->monday + row->weekday;
}

static int
second_of(const struct planned *p)
{
	int64_t day;
	int second;

	civil_from_us(p->start_us, &day, &second);
	return second;
}

/* "T5 17:10:30" */
static const char *
moment(const struct planned *p, struct civil_text *buf)
{
	struct civil_text time;

	snprintf(buf->s, sizeof(buf->s), "%s %s",
	    civil_weekday_text(civil_weekday(p->day)),
	    civil_time_text(second_of(p), &time));
	return buf->s;
}

static const struct planned *
slot_named(struct matching *g, const struct sheet_row *row)
{
	const struct planned *other = NULL;
	int64_t day = day_of(g, row);
	struct civil_text a;

	for (size_t i = 0; i < g->plan->n; i++) {
		const struct planned *p = &g->plan->slots[i];

		if (strcmp(p->slot, row->slot) != 0)
			continue;
		if (day == SHEET_NO_DATE || p->day == day)
			return p;
		other = p;
	}
	if (other != NULL)
		problem_add(g->ps, g->up->name, row->line,
		    _("muc: the slot \"%s\" is not on %s but on %s; correct "
		      "thu, or leave muc empty"),
		    row->slot, civil_weekday_text((enum weekday)row->weekday),
		    moment(other, &a));
	else
		problem_add(g->ps, g->up->name, row->line,
		    _("muc: no slot \"%s\" is in this week's timetable; "
		      "correct the id, or leave muc empty"),
		    row->slot);
	return NULL;
}

/* The only slot of the day with the row's title; *ret_other is a second. */
static const struct planned *
slot_titled(struct matching *g, const struct sheet_row *row,
    const struct planned **ret_other)
{
	const struct planned *found = NULL;

	*ret_other = NULL;
	for (size_t i = 0; i < g->plan->n; i++) {
		const struct planned *p = &g->plan->slots[i];

		if (p->day != day_of(g, row) ||
		    !same_folded(p->title, row->title, match_title))
			continue;
		if (found != NULL)
			*ret_other = p;
		else
			found = p;
	}
	return found;
}

static const struct planned *
slot_running(struct matching *g, int64_t us)
{
	for (size_t i = 0; i < g->plan->n; i++)
		if (g->plan->slots[i].start_us <= us &&
		    us < g->plan->slots[i].end_us)
			return &g->plan->slots[i];
	return NULL;
}

static void
no_slot_then(struct matching *g, const struct sheet_row *row, int64_t us)
{
	const struct planned *other;
	const struct planned *near = slot_titled(g, row, &other);
	const struct planned *on = slot_running(g, us);
	const char *day = civil_weekday_text((enum weekday)row->weekday);
	struct civil_text at, text;

	civil_time_text(row->at_s, &at);
	if (near != NULL && other == NULL)
		problem_add(g->ps, g->up->name, row->line,
		    _("no slot begins on %s at %s; \"%s\" with this title "
		      "begins on %s: correct gio_bat_dau"),
		    day, at.s, near->slot, moment(near, &text));
	else if (on != NULL)
		problem_add(g->ps, g->up->name, row->line,
		    _("no slot begins on %s at %s: \"%s\" is on since %s; "
		      "correct the time, or write all its items into that "
		      "slot's tep with \";\" between"),
		    day, at.s, on->slot, moment(on, &text));
	else
		problem_add(g->ps, g->up->name, row->line,
		    _("no slot begins on %s at %s; correct the time, or put "
		      "the slot into the timetable first"),
		    day, at.s);
}

static const struct planned *
slot_at(struct matching *g, const struct sheet_row *row)
{
	int64_t us = civil_to_us(day_of(g, row), row->at_s);

	for (size_t i = 0; i < g->plan->n; i++)
		if (g->plan->slots[i].start_us == us)
			return &g->plan->slots[i];
	no_slot_then(g, row, us);
	return NULL;
}

static const struct planned *
slot_by_title(struct matching *g, const struct sheet_row *row)
{
	const struct planned *other;
	const struct planned *p = slot_titled(g, row, &other);
	struct civil_text a, b;

	if (p == NULL)
		wrong(g, row,
		    _("the row has no time, and no slot of the day has its "
		      "title; write gio_bat_dau"));
	else if (other != NULL)
		problem_add(g->ps, g->up->name, row->line,
		    _("the row has no time, and its title fits both %s and "
		      "%s; write gio_bat_dau"),
		    moment(p, &a), moment(other, &b));
	return other != NULL ? NULL : p;
}

static const struct planned *
slot_of(struct matching *g, const struct sheet_row *row)
{
	const struct planned *p;
	struct civil_text at, is;

	if (row->slot[0] == '\0')
		return row->at_s == SHEET_NO_TIME ? slot_by_title(g, row)
						  : slot_at(g, row);
	p = slot_named(g, row);
	if (p == NULL || row->at_s == SHEET_NO_TIME ||
	    row->at_s == second_of(p))
		return p;
	problem_add(g->ps, g->up->name, row->line,
	    _("the slot \"%s\" begins on %s, not at %s; correct gio_bat_dau: "
	      "only the timetable moves a slot"),
	    p->slot, moment(p, &is), civil_time_text(row->at_s, &at));
	return NULL;
}

/* Does it agree? --------------------------------------------------------- */

static void
check_length(
    struct matching *g, const struct sheet_row *row, const struct planned *p)
{
	int is_s = (int)((p->end_us - p->start_us) / US_PER_S);
	struct civil_text a, b;

	if (row->for_s != 0 && row->for_s != is_s)
		problem_add(g->ps, g->up->name, row->line,
		    _("thoi_luong: the slot \"%s\" lasts %s, not %s; correct "
		      "it here, or in the timetable"),
		    p->slot, civil_time_text(is_s, &a),
		    civil_time_text(row->for_s, &b));
}

static void
check_kind(
    struct matching *g, const struct sheet_row *row, const struct planned *p)
{
	bool relay = row->kind == SHEET_LIVE || row->kind == SHEET_RELAY;

	if (row->kind == SHEET_UNSAID)
		return;
	if (relay && p->content != CONTENT_RELAY)
		problem_add(g->ps, g->up->name, row->line,
		    _("loai: the row is a relay but the slot \"%s\" plays a "
		      "file; correct loai, or the timetable"),
		    p->slot);
	else if (!relay && p->content == CONTENT_RELAY)
		problem_add(g->ps, g->up->name, row->line,
		    _("loai: the slot \"%s\" is a relay; write tiep_am or "
		      "tiep_song, or correct the timetable"),
		    p->slot);
	else if (row->kind == SHEET_ABOVE && !p->from_above)
		problem_add(g->ps, g->up->name, row->line,
		    _("loai: the slot \"%s\" is not for programmes from "
		      "above; write file, or correct the timetable"),
		    p->slot);
}

/* Another segment's title in this slot: it would be counted for the wrong
 * one. */
static void
check_segment(
    struct matching *g, const struct sheet_row *row, const struct planned *p)
{
	const struct schedule *s = g->up->schedule;

	if (row->title[0] == '\0' ||
	    same_folded(row->title, p->title, match_title))
		return;
	for (size_t i = 0; i < s->n_segments; i++) {
		if (strcmp(s->segments[i].id, p->segment) == 0 ||
		    !same_folded(row->title, s->segments[i].title, match_title))
			continue;
		problem_add(g->ps, g->up->name, row->line,
		    _("the title is that of the segment \"%s\", but the slot "
		      "\"%s\" belongs to \"%s\"; move the row, or correct the "
		      "timetable"),
		    s->segments[i].id, p->slot, p->segment);
		return;
	}
}

/* Only a segment's items come from the sheet. */
static void
check_items(
    struct matching *g, const struct sheet_row *row, const struct planned *p)
{
	if (row->items[0] == '\0' || p->content == CONTENT_SEGMENT ||
	    (p->content != CONTENT_RELAY && strcmp(row->items, p->ref) == 0))
		return;
	problem_add(g->ps, g->up->name, row->line,
	    _("tep: what the slot \"%s\" plays stands in the timetable; leave "
	      "tep empty"),
	    p->slot);
}

/* Items ------------------------------------------------------------------ */

static const struct match_item *
item_by_id(const struct matching *g, const char *id)
{
	for (size_t i = 0; i < g->up->n_items; i++)
		if (strcmp(g->up->items[i].id, id) == 0)
			return &g->up->items[i];
	return NULL;
}

bool
match_is_file(const char *file, const char *name)
{
	const char *dot = strrchr(file, '.');
	char *stem;
	bool same = same_folded(file, name, text_fold);

	if (same || dot == NULL)
		return same;
	stem = strndup(file, (size_t)(dot - file));
	same = stem != NULL && same_folded(stem, name, text_fold);
	free(stem);
	return same;
}

/* The one item made from that file. */
static const struct match_item *
item_by_file(struct matching *g, const struct sheet_row *row, const char *name)
{
	const struct match_item *found = NULL;

	for (size_t i = 0; i < g->up->n_items; i++) {
		const struct match_item *it = &g->up->items[i];

		if (!match_is_file(it->source_name, name))
			continue;
		if (found == NULL) {
			found = it;
			continue;
		}
		problem_add(g->ps, g->up->name, row->line,
		    _("tep: \"%s\" is the file of both %s and %s; write the "
		      "item's id"),
		    name, found->id, it->id);
		return NULL;
	}
	if (found == NULL)
		problem_add(g->ps, g->up->name, row->line,
		    _("tep: no item of the library comes from \"%s\"; `loaxa "
		      "add FILE` brings it in, or write an item's id"),
		    name);
	return found;
}

/* The languages of a set that the slot plays, in their order. */
static size_t
languages_of(
    const struct matching *g, const struct planned *p, char *const **ret)
{
	const struct segment *seg =
	    schedule_segment(g->up->schedule, p->segment);

	if (p->one_part || seg == NULL || seg->n_languages == 0) {
		*ret = &p->language;
		return 1;
	}
	*ret = seg->languages;
	return seg->n_languages;
}

/* The part in that language, or in any (NULL). */
static const struct match_item *
part_of(const struct matching *g, const char *set, const char *language)
{
	for (size_t i = 0; i < g->up->n_items; i++) {
		const struct match_item *it = &g->up->items[i];

		if (it->set[0] != '\0' && strcmp(it->set, set) == 0 &&
		    (language == NULL || strcmp(it->language, language) == 0))
			return it;
	}
	return NULL;
}

/* A set stands for its parts, those that are there and those to come. */
static void
take_set(struct matching *g, const struct sheet_row *row,
    const struct planned *p, struct match_entry *e, const char *set)
{
	char *const *languages;
	size_t n = languages_of(g, p, &languages);

	for (size_t i = 0; i < n; i++) {
		const struct match_item *it = part_of(g, set, languages[i]);
		char id[ID_MAX + 1];

		text_part_id(set, languages[i], id);
		if (it == NULL)
			problem_add(g->missing, g->up->name, row->line,
			    _("the part in %s of \"%s\" is not in the library "
			      "yet; `loaxa add --part-of %s --language %s "
			      "FILE` brings it in"),
			    language_name(languages[i]), set, set,
			    languages[i]);
		if (add_text(&e->after, &e->n_after, it != NULL ? it->id : id) <
		    0)
			g->no_memory = true;
	}
	e->set = strdup(set);
	g->no_memory |= e->set == NULL;
}

static void
take_item(struct matching *g, const struct sheet_row *row,
    const struct planned *p, struct match_entry *e, const char *name)
{
	const struct match_item *it = item_by_id(g, name);
	char *const *all;

	if (it == NULL && e->n_after == 0 && part_of(g, name, NULL) != NULL) {
		take_set(g, row, p, e, name);
		return;
	}

	if (e->n_after == SLOT_ITEMS_MAX) {
		problem_add(g->ps, g->up->name, row->line,
		    _("tep: more than %d items; a slot takes no more"),
		    SLOT_ITEMS_MAX);
		return;
	}
	if (it == NULL && text_is_id(name) && languages_of(g, p, &all) > 1)
		problem_add(g->missing, g->up->name, row->line,
		    _("\"%s\" is neither an item nor a bilingual set of the "
		      "library yet; `loaxa add --id %s FILE` brings an item "
		      "in, `loaxa add --part-of %s --language %s FILE` the "
		      "first part of a set: then load the sheet again"),
		    name, name, name, all[0]);
	else if (it == NULL && text_is_id(name))
		problem_add(g->missing, g->up->name, row->line,
		    _("the item \"%s\" is not in the library yet; `loaxa add "
		      "--id %s FILE` brings it in"),
		    name, name);
	else if (it == NULL)
		it = item_by_file(g, row, name);
	if (it == NULL && !text_is_id(name))
		return;
	if (add_text(&e->after, &e->n_after, it != NULL ? it->id : name) < 0)
		g->no_memory = true;
}

/* ";", "|" or line ends between; names may hold spaces. */
char *
match_next_name(char **rest)
{
	char *part;

	while (*rest != NULL && (part = strsep(rest, ";|")) != NULL) {
		size_t n;

		part += strspn(part, " ");
		n = strlen(part);
		while (n > 0 && part[n - 1] == ' ')
			part[--n] = '\0';
		if (n > 0)
			return part;
	}
	return NULL;
}

static void
take_items(struct matching *g, const struct sheet_row *row,
    const struct planned *p, struct match_entry *e)
{
	char *copy = strdup(row->items);
	char *rest = copy;
	char *name;

	if (copy == NULL)
		g->no_memory = true;
	while ((name = match_next_name(&rest)) != NULL)
		if (e->n_after <= SLOT_ITEMS_MAX)
			take_item(g, row, p, e, name);
	free(copy);
}

/* The week before this one that had the item; NULL when none had. */
static const struct programme *
used_before(const struct matching *g, const char *item)
{
	const struct schedule *s = g->up->schedule;

	for (size_t i = s->n_programmes; i-- > 0;) {
		const struct programme *p = &s->programmes[i];

		if (p->monday >= g->up->monday)
			continue;
		for (size_t k = 0; k < p->n_items; k++)
			if (strcmp(p->items[k], item) == 0)
				return p;
	}
	return NULL;
}

/* The only item with the row's title, those of the slot's segment first.
 * *ret_n says how many there are. */
static const struct match_item *
item_titled(const struct matching *g, const char *title, const char *segment,
    size_t *ret_n)
{
	const struct match_item *any = NULL;
	const struct match_item *own = NULL;
	size_t n_any = 0;
	size_t n_own = 0;

	for (size_t i = 0; i < g->up->n_items; i++) {
		const struct match_item *it = &g->up->items[i];

		if (!same_folded(it->title, title, match_title))
			continue;
		any = it;
		n_any++;
		if (strcmp(it->segment, segment) != 0)
			continue;
		own = it;
		n_own++;
	}
	*ret_n = n_own > 0 ? n_own : n_any;
	return own != NULL ? own : any;
}

static void
keep_before(struct matching *g, struct match_entry *e)
{
	e->kept = true;
	for (size_t i = 0; i < e->n_before; i++)
		if (add_text(&e->after, &e->n_after, e->before[i]) < 0)
			g->no_memory = true;
}

static bool
titles_item(const struct matching *g, const char *title, const char *id)
{
	const struct match_item *it = item_by_id(g, id);

	return it != NULL && same_folded(it->title, title, match_title);
}

/* A title that is neither the slot's nor its items' may be the new programme
 * that somebody typed over the old one, and nothing of it would air. */
static void
tell_kept(struct matching *g, const struct sheet_row *row,
    const struct planned *p, const struct match_entry *e)
{
	bool known = row->title[0] == '\0' ||
		     same_folded(row->title, p->title, match_title);

	for (size_t i = 0; !known && i < e->n_before; i++)
		known = titles_item(g, row->title, e->before[i]);
	if (!known)
		problem_add(g->missing, g->up->name, row->line,
		    _("\"%s\" will not air: no item is called so, and the "
		      "slot \"%s\" keeps %s; if it is meant, write its "
		      "item's id into tep"),
		    row->title, p->slot, e->before[0]);
}

/* The row names no item: by its title, else as it is, else nothing. */
static void
take_title(struct matching *g, const struct sheet_row *row,
    const struct planned *p, struct match_entry *e)
{
	const struct programme *used = NULL;
	const struct match_item *it;
	struct civil_text week;
	size_t n;

	it = item_titled(g, row->title, p->segment, &n);
	if (it != NULL && n == 1)
		used = used_before(g, it->id);
	if (n == 1 && used == NULL) {
		if (add_text(&e->after, &e->n_after, it->id) < 0)
			g->no_memory = true;
	} else if (e->n_before > 0) {
		if (n == 0)
			tell_kept(g, row, p, e);
		keep_before(g, e);
	} else if (n > 1)
		problem_add(g->ps, g->up->name, row->line,
		    _("%zu items of the library have this title; write one's "
		      "id into tep, such as %s"),
		    n, it->id);
	else if (used != NULL)
		problem_add(g->missing, g->up->name, row->line,
		    _("nothing for the slot \"%s\": the item with this title, "
		      "%s, was in the week %s; write it into tep if it is to "
		      "air again"),
		    p->slot, it->id, civil_week_text(used->monday, &week));
	else
		problem_add(g->missing, g->up->name, row->line,
		    _("nothing for the slot \"%s\": no item has this title; "
		      "write an item's id into tep, and `loaxa add FILE` "
		      "brings it in"),
		    p->slot);
}

static bool
same_texts(char **a, size_t n_a, char **b, size_t n_b)
{
	for (size_t i = 0; n_a == n_b && i < n_a; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return n_a == n_b;
}

static bool
same_set(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
match_changes(const struct match_entry *e)
{
	return !same_texts(e->before, e->n_before, e->after, e->n_after) ||
	       !same_set(e->set_before, e->set);
}

/* Items that the library knows as the parts of one set, in the order of the
 * languages, are that set; and what was one stays one. */
static const char *
set_of(const struct matching *g, const struct planned *p,
    const struct match_entry *e)
{
	char *const *languages;
	size_t n = languages_of(g, p, &languages);
	const struct match_item *first =
	    e->n_after == 0 ? NULL : item_by_id(g, e->after[0]);

	if (e->n_after > 0 &&
	    same_texts(e->before, e->n_before, e->after, e->n_after) &&
	    e->set_before != NULL)
		return e->set_before;
	if (first == NULL || first->set[0] == '\0' || e->n_after > n)
		return NULL;
	for (size_t i = 0; i < e->n_after; i++) {
		const struct match_item *it = item_by_id(g, e->after[i]);

		if (it == NULL || strcmp(it->set, first->set) != 0 ||
		    strcmp(it->language, languages[i]) != 0)
			return NULL;
	}
	return first->set;
}

static void
resolve(struct matching *g, const struct sheet_row *row,
    const struct planned *p, struct match_entry *e)
{
	e->line = row->line;
	if (row->items[0] != '\0')
		take_items(g, row, p, e);
	else if (row->slot[0] == '\0')
		take_title(g, row, p, e);
	else
		problem_add(g->missing, g->up->name, row->line,
		    _("nothing for the slot \"%s\": its tep is empty; write "
		      "an item's id there"),
		    p->slot);
	if (e->set != NULL || set_of(g, p, e) == NULL)
		return;
	e->set = strdup(set_of(g, p, e));
	g->no_memory |= e->set == NULL;
}

/* A slot of several days plays the same on all of them. */
static void
resolve_again(struct matching *g, const struct sheet_row *row,
    const struct planned *p, struct match_entry *e)
{
	struct match_entry other = {
		.slot = e->slot,
		.before = e->before,
		.n_before = e->n_before,
		.set_before = e->set_before,
	};
	struct problems quiet = { 0 };
	struct problems *missing = g->missing;

	g->missing = &quiet;
	resolve(g, row, p, &other);
	g->missing = missing;
	problems_free(&quiet);
	if (!same_texts(other.after, other.n_after, e->after, e->n_after) ||
	    !same_set(other.set, e->set))
		problem_add(g->ps, g->up->name, row->line,
		    _("the slot \"%s\" plays the same all week, and line %d "
		      "names other items; make them the same, or give the "
		      "days slots of their own in the timetable"),
		    e->slot, e->line);
	free_texts(other.after, other.n_after);
	free(other.set);
}

/* ------------------------------------------------------------------------ */

static void
match_row(struct matching *g, const struct sheet_row *row)
{
	const struct planned *p = slot_of(g, row);
	struct match_entry *e;
	int *line;

	if (p == NULL)
		return;
	line = &g->lines[p - g->plan->slots];
	if (*line != 0) {
		problem_add(g->ps, g->up->name, row->line,
		    _("the slot \"%s\" has its row on line %d already; write "
		      "all of its items there, with \";\" between"),
		    p->slot, *line);
		return;
	}
	*line = row->line;
	check_length(g, row, p);
	check_kind(g, row, p);
	check_items(g, row, p);
	if (p->content != CONTENT_SEGMENT)
		return;
	check_segment(g, row, p);
	e = entry_of(g->match, p->slot);
	if (e->line == 0)
		resolve(g, row, p, e);
	else
		resolve_again(g, row, p, e);
}

static void
tell_rowless(struct matching *g)
{
	for (size_t i = 0; i < g->match->n; i++)
		if (g->match->entries[i].line == 0)
			problem_add(g->missing, g->up->name, 0,
			    _("nothing for the slot \"%s\": the sheet has no "
			      "row for it; add one"),
			    g->match->entries[i].slot);
}

static void
check_dates(struct matching *g)
{
	struct civil_text a, b;

	if (g->sheet->monday == SHEET_NO_DATE ||
	    g->sheet->monday == g->up->monday)
		return;
	for (size_t i = 0; i < g->sheet->n; i++) {
		if (g->sheet->rows[i].date == SHEET_NO_DATE)
			continue;
		problem_add(g->ps, g->up->name, g->sheet->rows[i].line,
		    _("the dates of the sheet are in the week %s, not %s; "
		      "load it for its own week, or correct ngay"),
		    civil_week_text(g->sheet->monday, &a),
		    civil_week_text(g->up->monday, &b));
		return;
	}
}

int
match_make(const struct sheet *sheet, const struct match_setup *setup,
    struct problems *ps, struct problems *missing, struct match **ret_match)
{
	struct matching g = { setup, sheet, ps, missing, NULL, NULL, NULL,
		false };
	size_t before = problems_count(ps);
	int r = plan_make(
	    setup->schedule, setup->monday, setup->monday + 6, &g.plan);

	if (r < 0)
		return r;
	r = make_entries(&g);
	if (r == 0)
		check_dates(&g);
	if (r == 0 && problems_count(ps) == before)
		for (size_t i = 0; i < sheet->n; i++)
			match_row(&g, &sheet->rows[i]);
	if (r == 0)
		tell_rowless(&g);
	if (r == 0 && g.no_memory)
		r = -ENOMEM;
	if (r == 0 && problems_count(ps) > before)
		r = -EINVAL;
	plan_free(g.plan);
	free(g.lines);
	if (r < 0)
		match_free(g.match);
	else
		*ret_match = g.match;
	return r;
}

static int
add_after(struct match *m, const struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->n; i++) {
		const struct planned *p = &plan->slots[i];
		struct match_entry *e =
		    p->content == CONTENT_SEGMENT ? entry_of(m, p->slot) : NULL;

		if (e == NULL || e->line != 0)
			continue;
		e->line = 1; /* its first day says it for all */
		r = copy_set(&e->set, p);
		for (size_t k = 0; r == 0 && k < p->n_items; k++)
			r = add_text(&e->after, &e->n_after, p->items[k]);
	}
	return r;
}

int
match_compare(const struct schedule *before, const struct schedule *after,
    int64_t monday, struct match **ret_match)
{
	struct matching g = { 0 };
	struct plan *then = NULL;
	int r = plan_make(before, monday, monday + 6, &g.plan);

	if (r == 0)
		r = plan_make(after, monday, monday + 6, &then);
	if (r == 0)
		r = make_entries(&g);
	if (r == 0)
		r = add_after(g.match, then);
	plan_free(g.plan);
	plan_free(then);
	free(g.lines);
	if (r < 0)
		match_free(g.match);
	else
		*ret_match = g.match;
	return r;
}

static void
write_entry(FILE *f, const struct match_entry *e)
{
	fprintf(f, "  { slot = \"%s\"; ", e->slot);
	if (e->set != NULL)
		fprintf(f, "set = \"%s\"; ", e->set);
	fputs("items = [ ", f);
	for (size_t i = 0; i < e->n_after; i++)
		fprintf(f, "%s\"%s\"", i == 0 ? "" : ", ", e->after[i]);
	fputs(" ]; }", f);
}

char *
match_text(const struct match *m, int64_t monday, const char *before)
{
	struct civil_text week;
	char *text = NULL;
	size_t n = 0;
	bool first = true;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return NULL;
	fprintf(f,
	    "# Written by `loaxa load`.\n# before: %s\n\nweek = \"%s\";\n\n"
	    "program = (\n",
	    before[0] == '\0' ? "none" : before,
	    civil_week_text(monday, &week));
	for (size_t i = 0; i < m->n; i++) {
		if (m->entries[i].n_after == 0)
			continue;
		if (!first)
			fputs(",\n", f);
		first = false;
		write_entry(f, &m->entries[i]);
	}
	fputs(first ? ");\n" : "\n);\n", f);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}
