/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/logbook.h"
#include "ctl/muster_text.h"
#include "ctl/musterview.h"
#include "ctl/say.h"
#include "ctl/table.h"

#define WORDS 11 /* points of running text */
#define CELLS 8.5 /* points of a table */
#define COLUMNS_WHOLE 6 /* with more of them a terminal gets the brief form */
#define LOGS_SHOWN 40 /* on a terminal */
#define COLUMNS_PAGE 8 /* of weeks in one table of a page */

static const char *
length(int64_t ms, struct civil_text *buf)
{
	return say_length(ms * US_PER_MS, buf);
}

/* Cells ------------------------------------------------------------------- */

/* The figures of a row that is no matrix, as texts. */
struct figures {
	char s[9][64];
	size_t n;
};

static void
put_count(struct figures *f, int64_t v)
{
	snprintf(f->s[f->n], sizeof(f->s[0]), "%lld", (long long)v);
	f->n++;
}

static void
put_days(struct figures *f, const struct muster_row *row)
{
	snprintf(
	    f->s[f->n], sizeof(f->s[0]), "%d/%d", row->days, row->days_due);
	f->n++;
}

static void
put_share(struct figures *f, const struct tally_sum *s)
{
	char text[MUSTER_TEXT];

	snprintf(f->s[f->n], sizeof(f->s[0]), "%s",
	    muster_share(s->aired, muster_in_hand(s), text));
	f->n++;
}

static int64_t
missed(const struct tally_sum *s, enum tally_cause c)
{
	return s->lost_n[c] + s->part_n[c];
}

static void
rank_figures(const struct muster_row *row, struct figures *f)
{
	const struct tally_sum *s = &row->sum;

	snprintf(f->s[0], sizeof(f->s[0]), "%d", row->rank);
	if (row->rank == 0)
		strcpy(f->s[0], "–");
	f->n = 1;
	put_share(f, s);
	put_count(f, s->aired);
	put_count(f, missed(s, TALLY_WORK));
	put_count(f, missed(s, TALLY_FAULT));
	put_count(f, missed(s, TALLY_POWER));
	put_count(f, missed(s, TALLY_ORDER));
	put_count(f, missed(s, TALLY_UNKNOWN));
}

/* In the words of the formula below (muster_notes()), and in its order. */
static const char *const rank_heads[] = { N_("PLACE"), N_("SHARE"),
	N_("AIRED WHOLE"), N_("PREPARATION"), N_("FAULT"), N_("POWER"),
	N_("ORDER"), N_("NOT KNOWN") };

/* How wide they are on a page: no word is to break. */
static const double rank_shares[COUNT(rank_heads)] = { 40, 42, 46, 74, 44, 46,
	46, 52 };

static void
sum_figures(const struct muster *m, const struct muster_row *row,
    const struct tally_sum *s, struct figures *f)
{
	struct civil_text text;

	f->n = 0;
	put_count(f, s->planned);
	put_count(f, s->aired);
	put_count(f, s->aired_partial);
	put_count(f, s->not_aired);
	put_count(f, s->external);
	put_count(f, missed(s, TALLY_POWER));
	snprintf(f->s[f->n++], sizeof(f->s[0]), "%s",
	    length(tally_sent_ms(s), &text));
	if (m->setup.by == MUSTER_SEGMENT)
		return;
	if (row == NULL)
		f->s[f->n++][0] = '\0';
	else
		put_days(f, row);
}

static const char *const sum_heads[] = { N_("PLANNED"), N_("AIRED"),
	N_("IN PART"), N_("NOT AIRED"), N_("RELAYS"), N_("OF THESE POWER"),
	N_("SENT IN ALL"), N_("DAYS TOLD") };

/* A terminal --------------------------------------------------------------- */

struct printing {
	const struct musterview *v;
	FILE *out;
	struct table *table;
	size_t n_cells; /* between the name and the remark */
	char path[MUSTER_TEXT]; /* of the row before */
};

static bool
has_remarks(const struct muster *m)
{
	return m->setup.by != MUSTER_SEGMENT && m->setup.by != MUSTER_UNIT;
}

/* The unit, above the first of its stations. */
static int
print_path(struct printing *p, const struct muster_row *row)
{
	char path[MUSTER_TEXT];
	enum muster_by by = p->v->muster->setup.by;

	if (by == MUSTER_UNIT || by == MUSTER_SEGMENT || by == MUSTER_RANK ||
	    p->v->muster->setup.units->n == 0 ||
	    strcmp(muster_path(row, path), p->path) == 0)
		return 0;
	strcpy(p->path, path);
	return table_line(p->table, path);
}

static int
print_matrix_row(struct printing *p, const struct muster_row *row)
{
	const struct muster *m = p->v->muster;
	char(*text)[MUSTER_TEXT] = calloc(m->n_columns + 2, MUSTER_TEXT);
	const char **cells = calloc(m->n_columns + 2, sizeof(*cells));
	int r = text == NULL || cells == NULL ? -ENOMEM : 0;

	if (r == 0) {
		cells[0] = muster_name(m, row, text[0]);
		for (size_t i = 0; i < m->n_columns; i++)
			cells[i + 1] = muster_cell_text(&row->cells[i],
			    m->n_columns > COLUMNS_WHOLE, text[i + 1]);
		cells[m->n_columns + 1] =
		    muster_remark(m, row, text[m->n_columns + 1]);
		r = table_row(p->table, cells);
	}
	free(cells);
	free(text);
	return r;
}

static int
print_figures_row(struct printing *p, const char *name, const struct figures *f,
    const char *remark)
{
	const char *cells[COUNT(f->s) + 2] = { name };

	for (size_t i = 0; i < f->n; i++)
		cells[i + 1] = f->s[i];
	cells[f->n + 1] = remark;
	return table_row(p->table, cells);
}

static int
print_row(struct printing *p, const struct muster_row *row)
{
	const struct muster *m = p->v->muster;
	char name[MUSTER_TEXT], remark[MUSTER_TEXT];
	struct figures f;

	if (m->n_columns > 0)
		return print_matrix_row(p, row);
	if (m->setup.by == MUSTER_RANK)
		rank_figures(row, &f);
	else
		sum_figures(m, row, &row->sum, &f);
	return print_figures_row(p, muster_name(m, row, name), &f,
	    has_remarks(m) ? muster_remark(m, row, remark) : "");
}

/* Of all; a matrix and an order have none. */
static int
print_total(struct printing *p)
{
	const struct muster *m = p->v->muster;
	struct figures f;

	if (m->n_columns > 0 || m->setup.by == MUSTER_RANK)
		return 0;
	sum_figures(m, NULL, &m->sum, &f);
	return print_figures_row(p, _("IN ALL"), &f, "");
}

/* Its heads; how many columns. Texts of weeks lie in `text`. */
static size_t
columns_of(
    const struct muster *m, struct column *columns, char (*text)[MUSTER_TEXT])
{
	bool rank = m->setup.by == MUSTER_RANK;
	size_t n = rank ? COUNT(rank_heads)
			: COUNT(sum_heads) - (m->setup.by == MUSTER_SEGMENT);

	columns[0] = (struct column){ muster_head(m), 0 };
	for (size_t i = 0; m->n_columns == 0 && i < n; i++)
		columns[i + 1] =
		    (struct column){ rank ? _(rank_heads[i]) : _(sum_heads[i]),
			    COLUMN_RIGHT };
	for (size_t i = 0; i < m->n_columns; i++)
		columns[i + 1] =
		    (struct column){ muster_column(m, i, text[i]), 0 };
	n = m->n_columns > 0 ? m->n_columns : n;
	columns[n + 1] = (struct column){ "", COLUMN_ELASTIC };
	return n + 2;
}

static void
print_line(void *arg, const char *line)
{
	say_line(arg, "%s", line);
}

static void
print_rest(const struct musterview *v, FILE *out)
{
	const struct muster *m = v->muster;
	char text[MUSTER_TEXT];

	muster_notes(m, print_line, out);
	say_line(out, "%s", _("The logs that this is made of:"));
	for (size_t i = 0; i < m->n_logs && i < LOGS_SHOWN; i++)
		say_line(out, "  %s", muster_log_text(&m->logs[i], text));
	if (m->n_logs > LOGS_SHOWN)
		say_line(out,
		    _("  and %zu more: all of them are in --csv, --json, "
		      "--xlsx and -o"),
		    m->n_logs - LOGS_SHOWN);
}

int
musterview_print(const struct musterview *v, FILE *out, int width)
{
	const struct muster *m = v->muster;
	size_t most = m->n_columns + COUNT(sum_heads) + 2;
	struct column *columns = calloc(most, sizeof(*columns));
	char(*text)[MUSTER_TEXT] = calloc(most, MUSTER_TEXT);
	struct printing p = { .v = v, .out = out };
	int r = columns == NULL || text == NULL ? -ENOMEM : 0;

	if (r == 0) {
		p.table = table_new(columns, columns_of(m, columns, text));
		r = p.table == NULL ? -ENOMEM : 0;
	}
	for (size_t i = 0; i < m->n && r == 0; i++) {
		r = print_path(&p, &m->rows[i]);
		if (r == 0)
			r = print_row(&p, &m->rows[i]);
	}
	if (r == 0)
		r = print_total(&p);
	if (r == 0) {
		char title[MUSTER_TEXT];

		say_line(out, "%s%s%s", muster_title(m, title),
		    v->due[0] == '\0' ? "" : "; ", v->due);
		table_print(p.table, out, width);
		print_rest(v, out);
	}
	table_free(p.table);
	free(columns);
	free(text);
	return r;
}

/* Pages -------------------------------------------------------------------- */

static void
draw_line(void *arg, const char *line)
{
	char text[2 * MUSTER_TEXT + 16];

	snprintf(text, sizeof(text), "– %s", line);
	page_text(arg, WORDS - 1, 0, text);
}

/* A band for the unit, as print_path(). */
static void
draw_path(struct page *p, const struct muster *m, const struct muster_row *row,
    char before[static MUSTER_TEXT])
{
	char path[MUSTER_TEXT];

	if (!has_remarks(m) || m->setup.by == MUSTER_RANK ||
	    m->setup.units->n == 0 ||
	    strcmp(muster_path(row, path), before) == 0)
		return;
	strcpy(before, path);
	page_band(p, PAGE_BOLD | PAGE_SHADE, path);
}

/* Some weeks of all stations. */
static void
draw_weeks(struct page *p, const struct muster *m, size_t from, size_t to)
{
	struct page_column columns[COLUMNS_PAGE + 1] = { { NULL, muster_head(m),
	    130, 0 } };
	char heads[COLUMNS_PAGE][MUSTER_TEXT];
	char before[MUSTER_TEXT] = "";

	for (size_t i = from; i < to; i++)
		columns[i - from + 1] = (struct page_column){ NULL,
			muster_column(m, i, heads[i - from]), 54, 0 };
	page_table(p, CELLS, columns, to - from + 1);
	for (size_t i = 0; i < m->n; i++) {
		char text[COLUMNS_PAGE + 1][MUSTER_TEXT];
		const char *cells[COLUMNS_PAGE + 1] = { muster_name(
		    m, &m->rows[i], text[COLUMNS_PAGE]) };

		draw_path(p, m, &m->rows[i], before);
		for (size_t k = from; k < to; k++)
			cells[k - from + 1] = muster_cell_text(
			    &m->rows[i].cells[k], false, text[k - from]);
		page_row(p, cells, 0);
	}
	page_table_end(p);
	page_gap(p, 6);
}

static void
draw_figures(struct page *p, const struct muster *m)
{
	bool rank = m->setup.by == MUSTER_RANK;
	const char *const *heads = rank ? rank_heads : sum_heads;
	size_t n = rank ? COUNT(rank_heads)
			: COUNT(sum_heads) - (m->setup.by == MUSTER_SEGMENT);
	struct page_column columns[COUNT(sum_heads) + 1] = { { NULL,
	    muster_head(m), 130, 0 } };
	const char *cells[COUNT(sum_heads) + 1];
	char name[MUSTER_TEXT], before[MUSTER_TEXT] = "";
	struct figures f;

	for (size_t i = 0; i < n; i++)
		columns[i + 1] = (struct page_column){ NULL, _(heads[i]),
			rank ? rank_shares[i] : 48, PAGE_RIGHT };
	page_table(p, CELLS, columns, n + 1);
	for (size_t i = 0; i <= m->n; i++) {
		const struct muster_row *row = i < m->n ? &m->rows[i] : NULL;

		if (row == NULL && rank)
			break;
		if (row != NULL)
			draw_path(p, m, row, before);
		if (rank)
			rank_figures(row, &f);
		else
			sum_figures(
			    m, row, row == NULL ? &m->sum : &row->sum, &f);
		cells[0] =
		    row == NULL ? _("IN ALL") : muster_name(m, row, name);
		for (size_t k = 0; k < n; k++)
			cells[k + 1] = f.s[k];
		page_row(p, cells, row == NULL ? PAGE_BOLD | PAGE_SHADE : 0);
	}
	page_table_end(p);
}

static void
draw_remarks(struct page *p, const struct muster *m)
{
	char remark[MUSTER_TEXT], name[MUSTER_TEXT];
	char line[2 * MUSTER_TEXT];
	bool any = false;

	for (size_t i = 0; i < m->n && has_remarks(m); i++) {
		if (muster_remark(m, &m->rows[i], remark)[0] == '\0')
			continue;
		if (!any) {
			page_gap(p, 6);
			page_text(p, WORDS, PAGE_BOLD,
			    _("STATIONS OF WHICH SOMETHING IS TO BE SAID"));
		}
		any = true;
		snprintf(line, sizeof(line), "%s: %s",
		    muster_name(m, &m->rows[i], name), remark);
		draw_line(p, line);
	}
}

static void
draw_logs(struct page *p, const struct muster *m)
{
	char text[MUSTER_TEXT];

	page_gap(p, 6);
	page_text(p, WORDS, PAGE_BOLD, _("THE LOGS BEHIND THIS PAPER"));
	for (size_t i = 0; i < m->n_logs; i++)
		draw_line(p, muster_log_text(&m->logs[i], text));
}

/* The unit that all of it is below, where there is one. */
static const char *
whose(const struct muster *m)
{
	const struct unit *top = NULL;

	for (size_t i = 0; i < m->n; i++) {
		const struct muster_row *row = &m->rows[i];

		if (row->n_path == 0 || (top != NULL && top != row->path[0]))
			return _("UPPER LEVEL");
		top = row->path[0];
	}
	return top == NULL ? _("UPPER LEVEL") : top->name;
}

void
musterview_draw(struct page *p, void *arg)
{
	const struct musterview *v = arg;
	const struct muster *m = v->muster;
	char text[MUSTER_TEXT];
	struct civil_text at;

	logbook_letterhead(p, whose(m));
	page_text(p, 14, PAGE_BOLD | PAGE_CENTRE, muster_title(m, text));
	if (v->deadline[0] != '\0')
		page_text(p, WORDS, PAGE_CENTRE | PAGE_ITALIC, v->deadline);
	page_gap(p, 8);
	for (size_t i = 0; i < m->n_columns; i += COLUMNS_PAGE)
		draw_weeks(p, m, i,
		    i + COLUMNS_PAGE < m->n_columns ? i + COLUMNS_PAGE
						    : m->n_columns);
	if (m->n_columns == 0)
		draw_figures(p, m);
	page_gap(p, 6);
	muster_notes(m, draw_line, p);
	draw_remarks(p, m);
	draw_logs(p, m);
	page_keep(p, 40 + LOGBOOK_SIGNING);
	snprintf(text, sizeof(text), _("Made at %s by loaxa %s."),
	    say_instant(v->now_us, &at), LOAXA_VERSION);
	draw_line(p, text);
	page_text(p, WORDS - 1, PAGE_ITALIC,
	    _("Aired means: sent to the amplifier (grade 2), as measured. It "
	      "does not prove that a loudspeaker sounded."));
	logbook_signatures(p, _("PREPARED BY"), "", "");
}
