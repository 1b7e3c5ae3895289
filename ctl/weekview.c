/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "ctl/verdict.h"
#include "ctl/weekview.h"
#include "scheduler/mourning.h"

#define WIDTH_MIN 60
#define INDENT 19 /* where titles begin, and what is said of them */
#define STATE_MAX 26 /* columns; a longer state is told below its row */

struct weekview {
	const struct office *o;
	const struct schedule *s;
	const struct plan *p;
	int64_t from_day;
	int64_t to_day;
	struct outlook *slots; /* p->n of them */
	struct session *sessions;
	size_t n_sessions;
	struct weekview_sum sum;
};

/* The slots and sessions of one date: [i, i_end) and [k, k_end). */
struct span {
	int64_t day;
	size_t i, i_end;
	size_t k, k_end;
};

static const struct profile *
rules_of(const struct weekview *v)
{
	return &v->o->site->rules;
}

static void
add_slot(struct weekview_sum *sum, const struct outlook *o)
{
	sum->slots++;
	if (!outlook_is_whole(o))
		sum->lacking++;
	else if (o->prospect == PROSPECT_RELAY)
		sum->relays++;
	else
		sum->whole++;
}

static void
add_session(
    const struct weekview *v, struct weekview_sum *sum, const struct session *s)
{
	sum->sessions++;
	sum->breaches += rules_breaches(v->p, s, rules_of(v)) != 0;
	sum->total_us += s->end_us - s->start_us;
	sum->relay_us += s->relay_us;
}

static struct weekview_sum
sum_of(const struct weekview *v, const struct span *at)
{
	struct weekview_sum sum = { 0 };

	for (size_t i = at->i; i < at->i_end; i++)
		add_slot(&sum, &v->slots[i]);
	for (size_t k = at->k; k < at->k_end; k++)
		add_session(v, &sum, &v->sessions[k]);
	return sum;
}

int
weekview_make(const struct office *o, const struct schedule *s,
    const struct plan *p, int64_t from_day, int64_t to_day,
    struct weekview **ret_view)
{
	struct weekview *v = calloc(1, sizeof(*v));
	struct span all = { .i_end = p->n };

	if (v == NULL)
		return -ENOMEM;
	*v = (struct weekview){
		.o = o, .s = s, .p = p, .from_day = from_day, .to_day = to_day
	};
	v->slots = calloc(p->n + 1, sizeof(*v->slots));
	if (v->slots == NULL ||
	    rules_sessions(p, &v->sessions, &v->n_sessions) < 0)
		goto no_memory;
	for (size_t i = 0; i < p->n; i++)
		if (outlook_make(o, p, i, &v->slots[i]) < 0)
			goto no_memory;
	all.k_end = v->n_sessions;
	v->sum = sum_of(v, &all);
	*ret_view = v;
	return 0;

no_memory:
	weekview_free(v);
	return -ENOMEM;
}

struct weekview *
weekview_free(struct weekview *v)
{
	if (v == NULL)
		return NULL;
	for (size_t i = 0; v->slots != NULL && i < v->p->n; i++)
		outlook_clear(&v->slots[i]);
	free(v->slots);
	free(v->sessions);
	free(v);
	return NULL;
}

const struct weekview_sum *
weekview_sum(const struct weekview *v)
{
	return &v->sum;
}

/* Slots are in order, and a session belongs to the date it begins on. */
static struct span
next_day(const struct weekview *v, const struct span *before, int64_t day)
{
	struct span at = { day, before->i_end, before->i_end, before->k_end,
		before->k_end };

	while (at.i_end < v->p->n && v->p->slots[at.i_end].day == day)
		at.i_end++;
	while (
	    at.k_end < v->n_sessions && v->sessions[at.k_end].first < at.i_end)
		at.k_end++;
	return at;
}

/* Words, broken where a line would be longer than `width`, each line after so
 * many blanks. */
static void
put_wrapped(FILE *out, const char *text, int indent, int width)
{
	char *safe = say_safe(text);
	char *rest = safe;
	int at = indent;

	fprintf(out, "%*s", indent, "");
	for (char *word; (word = strsep(&rest, " ")) != NULL;) {
		int w = text_width(word);

		if (at > indent && at + 1 + w > width) {
			fprintf(out, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', out);
			at++;
		}
		fputs(word, out);
		at += w;
	}
	fputc('\n', out);
	free(safe);
}

/* Why the date is not as its weekday says, or is allowed at all. */
static const char *
reason_of(const struct weekview *v, int64_t day)
{
	const struct profile_exception *e = profile_exception(rules_of(v), day);

	for (size_t i = 0; i < v->s->n_dates; i++)
		if (v->s->dates[i].day == day &&
		    v->s->dates[i].reason[0] != '\0')
			return v->s->dates[i].reason;
	if (mourning_on(v->s, day) != NULL)
		return mourning_on(v->s, day);
	return e == NULL ? "" : e->reason;
}

static void
put_day_head(const struct weekview *v, int64_t day, FILE *out, int width)
{
	const char *reason = reason_of(v, day);
	struct civil_text date;
	char hours[300];
	char *line;

	rules_hours_text(rules_of(v), day, hours, sizeof(hours));
	if (asprintf(&line, _("%s %s (%s), allowed: %s%s%s"),
		say_weekday(civil_weekday(day)), say_date(day, &date),
		civil_weekday_text(civil_weekday(day)), hours,
		reason[0] == '\0' ? "" : "; ", reason) < 0)
		return;
	put_wrapped(out, line, 0, width);
	free(line);
}

struct printing {
	FILE *out;
	int width;
};

static void
put_fault(void *arg, const char *line)
{
	const struct printing *p = arg;
	char text[700];

	snprintf(text, sizeof(text), "! %s", line);
	put_wrapped(p->out, text, INDENT, p->width);
}

static void
put_padded(FILE *out, const char *text, int width)
{
	char *safe = say_safe(text);
	char *cut = safe == NULL ? NULL : table_cut(safe, width);

	fprintf(out, "%s%*s", cut == NULL ? "?" : cut,
	    cut == NULL ? 0 : width - text_width(cut), "");
	free(cut);
	free(safe);
}

/* The state in a few columns: "! file missing: quoc-ca" where that is short.
 * True when nothing is left to say below. */
static bool
state_of(const struct outlook *o, char *buf, size_t size)
{
	char word[120];
	bool lone = o->n_items == 1 && o->cut_us == 0 &&
		    o->items[0].standing != ITEM_READY &&
		    o->prospect != PROSPECT_OUTSIDE_HOURS;

	outlook_word(o, word, sizeof(word));
	if (outlook_is_whole(o)) {
		snprintf(buf, size, "%s", word);
		return true;
	}
	snprintf(buf, size, "! %s", word);
	if (!lone)
		return o->prospect == PROSPECT_AIR; /* only a cut, told */
	snprintf(buf, size, "! %s: %s", word, o->items[0].id);
	if (text_width(buf) <= STATE_MAX)
		return true;
	snprintf(buf, size, "! %s", word);
	return false;
}

static void
put_slot(
    const struct weekview *v, const struct outlook *o, FILE *out, int width)
{
	const struct planned *p = o->p;
	struct printing printing = { out, width };
	struct civil_text time, length;
	char *title = outlook_title(v->o, p);
	char *source = outlook_source(o);
	char state[400];
	bool told = state_of(o, state, sizeof(state));

	fprintf(out, "%s %8s  ", say_time(p->start_us, &time),
	    say_counter((p->end_us - p->start_us) / US_PER_MS, &length));
	put_padded(
	    out, title == NULL ? "?" : title, width - INDENT - 2 - STATE_MAX);
	fputs("  ", out);
	put_padded(out, state,
	    text_width(state) < STATE_MAX ? text_width(state) : STATE_MAX);
	fputc('\n', out);
	if (p->content == CONTENT_REPEAT && source != NULL)
		put_wrapped(out, source, INDENT, width);
	if (!told)
		outlook_faults(v->o, o, put_fault, &printing);
	free(title);
	free(source);
}

static void
put_session(
    const struct weekview *v, const struct session *s, FILE *out, int width)
{
	unsigned breaches = rules_breaches(v->p, s, rules_of(v));
	struct civil_text from, to, length, own, relay;
	char why[300];
	char *line;

	if (asprintf(&line, _("session %s-%s: %s, our own %s, relay %s%s%s"),
		say_time(s->start_us, &from), say_end(s->end_us, &to),
		say_counter((s->end_us - s->start_us) / US_PER_MS, &length),
		say_counter(
		    (s->end_us - s->start_us - s->relay_us) / US_PER_MS, &own),
		say_counter(s->relay_us / US_PER_MS, &relay),
		breaches == 0 ? "" : "; ! ",
		verdict_text(s, breaches, rules_of(v), why, sizeof(why))) < 0)
		return;
	put_wrapped(out, line, 2, width);
	free(line);
}

static void
put_sum(const char *what, const struct weekview_sum *sum, FILE *out, int width)
{
	struct civil_text total, own, relay;
	char *line;

	if (asprintf(&line,
		_("%s: sessions %zu, %s (our own %s, relay %s); slots %zu: "
		  "ready %zu, relayed %zu, lacking %zu"),
		what, sum->sessions,
		say_counter(sum->total_us / US_PER_MS, &total),
		say_counter((sum->total_us - sum->relay_us) / US_PER_MS, &own),
		say_counter(sum->relay_us / US_PER_MS, &relay), sum->slots,
		sum->whole, sum->relays, sum->lacking) < 0)
		return;
	put_wrapped(out, line, 2, width);
	free(line);
}

/* What a day of mourning leaves out, and why: it is no gap to wonder at. */
static void
put_silent(const struct weekview *v, int64_t day, FILE *out, int width)
{
	struct civil_text at;
	char line[600];

	for (size_t i = 0; i < v->p->n_silent; i++) {
		const struct silence *q = &v->p->silent[i];

		if (q->day != day)
			continue;
		snprintf(line, sizeof(line),
		    q->whole ? _("%s %s: silent, no music (%s)")
			     : _("%s %s: without its music (%s)"),
		    say_time(q->start_us, &at),
		    q->title[0] != '\0' ? q->title : q->slot, q->reason);
		put_wrapped(out, line, 2, width);
	}
}

static void
put_day(const struct weekview *v, const struct span *at, FILE *out, int width)
{
	struct weekview_sum sum = sum_of(v, at);
	size_t k = at->k;

	put_day_head(v, at->day, out, width);
	put_silent(v, at->day, out, width);
	if (at->i == at->i_end) {
		fprintf(out, "%s\n", _("  nothing planned"));
		return;
	}
	for (size_t i = at->i; i < at->i_end; i++) {
		const struct session *s = &v->sessions[k];

		put_slot(v, &v->slots[i], out, width);
		if (k < at->k_end && i + 1 == s->first + s->n) {
			put_session(v, s, out, width);
			k++;
		}
	}
	/* One that goes on over midnight is told on the date it began. */
	for (; k < at->k_end; k++)
		put_session(v, &v->sessions[k], out, width);
	put_sum(_("the day"), &sum, out, width);
}

static void
put_heads(FILE *out, int width)
{
	put_padded(out, _("TIME"), 8);
	fprintf(out, " ");
	for (int i = text_width(_("LASTS")); i < 8; i++)
		fputc(' ', out);
	fprintf(out, "%s  ", _("LASTS"));
	put_padded(out, _("WHAT"), width - INDENT - 2 - STATE_MAX);
	fprintf(out, "  %s\n", _("STATE"));
}

/* "Nhạc cổ truyền, khong-co (file missing)"; yours, or NULL. */
static char *
gap_titles(const struct weekview *v)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	for (size_t i = 0; f != NULL && i < v->s->n_gap_filler; i++) {
		const char *id = v->s->gap_filler[i];
		struct item *it;
		enum standing s = office_standing(v->o, id, &it);

		fprintf(f, "%s%s", i == 0 ? "" : ", ",
		    it != NULL && it->title[0] != '\0' ? it->title : id);
		if (s != ITEM_READY)
			fprintf(f, " (! %s)", prospect_text(office_why_not(s)));
		item_free(it);
	}
	return f != NULL && fclose(f) == 0 ? text : NULL;
}

/* It sounds on any day, so it is told once. */
static void
put_gap_filler(const struct weekview *v, FILE *out, int width)
{
	char *titles = v->s->n_gap_filler == 0 ? NULL : gap_titles(v);
	char *line;

	if (titles != NULL &&
	    asprintf(&line, _("music where a session leaves time free: %s"),
		titles) >= 0) {
		put_wrapped(out, line, 2, width);
		free(line);
	}
	free(titles);
}

int
weekview_print(const struct weekview *v, FILE *out, int width)
{
	struct span at = { 0 };

	if (width < WIDTH_MIN)
		width = WIDTH_MIN;
	put_heads(out, width);
	for (int64_t day = v->from_day; day <= v->to_day; day++) {
		at = next_day(v, &at, day);
		put_day(v, &at, out, width);
		fputc('\n', out);
	}
	put_sum(_("the week"), &v->sum, out, width);
	put_gap_filler(v, out, width);
	if (v->sum.breaches > 0)
		fprintf(out, _("  ! sessions that break a rule: %zu\n"),
		    v->sum.breaches);
	return 0;
}

static int
put_sum_json(json_t *into, const struct weekview_sum *sum)
{
	json_t *j = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "slots",
	    (json_int_t)sum->slots, "ready", (json_int_t)sum->whole, "relays",
	    (json_int_t)sum->relays, "lacking", (json_int_t)sum->lacking,
	    "sessions", (json_int_t)sum->sessions, "breaches",
	    (json_int_t)sum->breaches, "total_ms",
	    (json_int_t)(sum->total_us / US_PER_MS), "relay_ms",
	    (json_int_t)(sum->relay_us / US_PER_MS));

	return json_object_set_new(into, "sum", j);
}

static json_t *
hours_json(const struct weekview *v, int64_t day)
{
	struct profile_window w[16];
	struct civil_text from, to;
	size_t n = profile_windows(rules_of(v), day, w, COUNT(w));
	json_t *list = json_array();

	for (size_t i = 0; i < n && i < COUNT(w); i++)
		json_array_append_new(
		    list, json_pack("{s:s,s:s}", "from",
			      civil_time_text(w[i].from_s, &from), "to",
			      civil_time_text(w[i].to_s, &to)));
	return list;
}

static json_t *
day_json(const struct weekview *v, const struct span *at)
{
	struct weekview_sum sum = sum_of(v, at);
	struct civil_text date;
	json_t *slots = json_array();
	json_t *sessions = json_array();
	json_t *j;

	for (size_t i = at->i; i < at->i_end; i++)
		json_array_append_new(
		    slots, outlook_json(v->o, v->s->station, &v->slots[i]));
	for (size_t k = at->k; k < at->k_end; k++)
		json_array_append_new(sessions,
		    verdict_session_json(v->p, &v->sessions[k], rules_of(v)));
	j = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o}", "date",
	    civil_date_text(at->day, &date), "reason", reason_of(v, at->day),
	    "hours", hours_json(v, at->day), "slots", slots, "sessions",
	    sessions, "silent", plan_silent_json(v->p, at->day));
	put_sum_json(j, &sum);
	return j;
}

json_t *
weekview_json(const struct weekview *v)
{
	struct civil_text from, to;
	struct span at = { 0 };
	json_t *days = json_array();
	json_t *gap = json_array();
	json_t *j;

	for (int64_t day = v->from_day; day <= v->to_day; day++) {
		at = next_day(v, &at, day);
		json_array_append_new(days, day_json(v, &at));
	}
	for (size_t i = 0; i < v->s->n_gap_filler; i++)
		json_array_append_new(gap, json_string(v->s->gap_filler[i]));
	j = json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "station_id", v->s->station,
	    "name", v->s->name, "from", civil_date_text(v->from_day, &from),
	    "to", civil_date_text(v->to_day, &to), "days", days, "gap_filler",
	    gap);
	put_sum_json(j, &v->sum);
	return j;
}
