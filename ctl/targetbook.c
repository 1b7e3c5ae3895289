/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <xlsxwriter.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "ctl/targetbook.h"
#include "ctl/workbook.h"
#include "evidence/record.h"

#define MS_PER_DAY 86400000.0
#define DAYS_TO_1970 25569 /* from the spreadsheets' first one */

struct book {
	const struct targetview *v;
	lxw_worksheet *sheet;
	lxw_row_t row; /* the next one */
	lxw_format *head;
	lxw_format *time;
	lxw_format *date;
};

static const char *const heads[] = { N_("station"), N_("plan"), N_("segment"),
	N_("period"), N_("first day"), N_("last day"), N_("target"),
	N_("planned, new"), N_("planned, PL"), N_("planned, length"),
	N_("aired, new"), N_("aired, PL"), N_("aired, length"), N_("lacking"),
	N_("state"), N_("remark") };

static void
put(struct book *b, lxw_col_t i, const char *text, lxw_format *f)
{
	char *safe = say_safe(text);

	if (safe != NULL && safe[0] != '\0')
		worksheet_write_string(b->sheet, b->row, i, safe, f);
	free(safe);
}

static void
put_line(void *arg, const char *line)
{
	struct book *b = arg;

	put(b, 0, line, NULL);
	b->row++;
}

static void
put_date(struct book *b, lxw_col_t i, const json_t *row, const char *key)
{
	int64_t day;

	if (civil_read_date(record_text(row, key), &day) == 0)
		worksheet_write_number(
		    b->sheet, b->row, i, (double)(day + DAYS_TO_1970), b->date);
}

/* New, PL, and how long both lasted: three columns from i on. */
static void
put_sums(struct book *b, lxw_col_t i, const json_t *sums)
{
	double ms = (double)record_int(sums, "first_ms", 0) +
		    (double)record_int(sums, "repeat_ms", 0);

	worksheet_write_number(
	    b->sheet, b->row, i, (double)record_int(sums, "first_n", 0), NULL);
	worksheet_write_number(b->sheet, b->row, i + 1,
	    (double)record_int(sums, "repeat_n", 0), NULL);
	worksheet_write_number(
	    b->sheet, b->row, i + 2, ms / MS_PER_DAY, b->time);
}

/* Its remarks, which are lines, in one. */
static void
put_remarks(struct book *b, lxw_col_t i, struct target_text *t)
{
	for (char *p = t->s; *p != '\0'; p++)
		if (*p == '\n')
			*p = ';';
	put(b, i, t->s, NULL);
}

static void
put_row(struct book *b, const json_t *row)
{
	const json_t *plan = json_object_get(row, "plan");
	char *text = json_is_object(plan) ? headings_plan(plan, true) : NULL;
	struct target_words w;

	targetview_words(row, &w);
	put(b, 0, headings_station(b->v->headings, record_text(row, "station")),
	    NULL);
	put(b, 1, text == NULL ? "" : text, NULL);
	free(text);
	put(b, 2, record_text(row, "title"), NULL);
	put(b, 3, w.period.s, NULL);
	put_date(b, 4, row, "from");
	put_date(b, 5, row, "to");
	put(b, 6, w.target.s, NULL);
	put_sums(b, 7, json_object_get(row, "planned"));
	put_sums(b, 10, json_object_get(row, "aired"));
	put(b, 13, w.lacking.s, NULL);
	put(b, 14, w.state, NULL);
	put_remarks(b, 15, &w.remarks);
	b->row++;
}

static void
put_all(struct book *b)
{
	const json_t *row;
	size_t i;

	worksheet_set_column(b->sheet, 0, 2, 28, NULL);
	worksheet_set_column(b->sheet, 3, 6, 14, NULL);
	for (i = 0; i < COUNT(heads); i++)
		put(b, (lxw_col_t)i, _(heads[i]), b->head);
	worksheet_freeze_panes(b->sheet, 1, 0);
	b->row++;
	json_array_foreach(b->v->targets->rows, i, row)
	{
		put_row(b, row);
	}
	b->row++;
	targetview_notes(b->v, put_line, b);
	seals_lines(b->v->seals, put_line, b);
}

static int
make(const char *file, const void *v)
{
	lxw_workbook *w = workbook_new(file);
	struct book b = { .v = v };

	if (w == NULL)
		return -ENOMEM;
	b.head = workbook_add_format(w);
	b.time = workbook_add_format(w);
	b.date = workbook_add_format(w);
	if (b.head != NULL) {
		format_set_bold(b.head);
		format_set_text_wrap(b.head);
	}
	if (b.time != NULL)
		format_set_num_format(b.time, "[h]:mm:ss");
	if (b.date != NULL)
		format_set_num_format(b.date, _("yyyy-mm-dd"));
	b.sheet = workbook_add_worksheet(w, _("Targets"));
	if (b.sheet != NULL)
		put_all(&b);
	errno = EIO;
	return workbook_close(w) == LXW_NO_ERROR ? 0 : -errno;
}

int
targetbook_write(const char *file, bool replace, const struct targetview *v)
{
	return workbook_put(file, replace, make, v);
}
