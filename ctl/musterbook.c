/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/muster_text.h"
#include "ctl/musterbook.h"
#include "ctl/say.h"
#include "ctl/summary.h"
#include "ctl/workbook.h"

#define MS_PER_DAY 86400000.0

struct book {
	const struct muster *m;
	lxw_workbook *w;
	lxw_worksheet *sheet;
	lxw_row_t row; /* the next one */
	lxw_format *bold;
	lxw_format *head; /* of a column */
	lxw_format *time;
};

static void
put(struct book *b, size_t column, const char *text, lxw_format *f)
{
	char *safe = say_safe(text);

	if (safe != NULL && safe[0] != '\0')
		worksheet_write_string(
		    b->sheet, b->row, (lxw_col_t)column, safe, f);
	free(safe);
}

static void
put_number(struct book *b, size_t column, double v, lxw_format *f)
{
	worksheet_write_number(b->sheet, b->row, (lxw_col_t)column, v, f);
}

static void
put_line(void *arg, const char *line)
{
	struct book *b = arg;

	put(b, 0, line, NULL);
	b->row++;
}

static void
put_names(struct book *b, const struct muster_row *row)
{
	char text[MUSTER_TEXT];

	put(b, 0, muster_name(b->m, row, text), NULL);
	if (b->m->setup.units->n > 0 && b->m->setup.by != MUSTER_SEGMENT)
		put(b, 1, muster_path(row, text), NULL);
}

/* What the terminal shows, and the same words. */
static void
put_matrix(struct book *b)
{
	const struct muster *m = b->m;
	char text[MUSTER_TEXT];

	for (size_t k = 0; k < m->n_columns; k++)
		put(b, k + 2, muster_column(m, k, text), b->head);
	put(b, m->n_columns + 2, _("remark"), b->head);
	b->row++;
	for (size_t i = 0; i < m->n; i++) {
		put_names(b, &m->rows[i]);
		for (size_t k = 0; k < m->n_columns; k++)
			put(b, k + 2,
			    muster_cell_text(&m->rows[i].cells[k], false, text),
			    NULL);
		put(b, m->n_columns + 2, muster_remark(m, &m->rows[i], text),
		    NULL);
		b->row++;
	}
}

static void
put_rows(struct book *b)
{
	const struct muster *m = b->m;
	char text[MUSTER_TEXT];

	put(b, 2, _("place"), b->head);
	put(b, 3, _("share"), b->head);
	put(b, 4, _("remark"), b->head);
	b->row++;
	for (size_t i = 0; i < m->n; i++) {
		const struct tally_sum *s = &m->rows[i].sum;

		put_names(b, &m->rows[i]);
		if (m->rows[i].rank > 0)
			put_number(b, 2, m->rows[i].rank, NULL);
		put(b, 3, muster_share(s->aired, muster_in_hand(s), text),
		    NULL);
		put(b, 4, muster_remark(m, &m->rows[i], text), NULL);
		b->row++;
	}
}

static void
put_report(struct book *b)
{
	char title[MUSTER_TEXT];

	put(b, 0, muster_title(b->m, title), b->bold);
	b->row += 2;
	put(b, 0, muster_head(b->m), b->head);
	put(b, 1, b->m->setup.units->n > 0 ? _("unit") : "", b->head);
	if (b->m->n_columns > 0)
		put_matrix(b);
	else
		put_rows(b);
	b->row++;
	muster_notes(b->m, put_line, b);
	put_line(b, _("Aired means: sent to the amplifier (grade 2), as "
		      "measured. It does not prove that a loudspeaker "
		      "sounded."));
}

static void
put_figure(struct book *b, size_t column, const struct summary_field *f,
    const struct tally_sum *s)
{
	size_t n = strlen(f->name);
	double v = (double)summary_figure(s, f);

	if (n > 3 && strcmp(f->name + n - 3, "_ms") == 0)
		put_number(b, column, v / MS_PER_DAY, b->time);
	else
		put_number(b, column, v, NULL);
}

static void
put_figures(struct book *b)
{
	const struct muster *m = b->m;

	put(b, 0, muster_head(m), b->head);
	put(b, 1, m->setup.units->n > 0 ? _("unit") : "", b->head);
	for (size_t k = 0; k < summary_n_fields; k++)
		put(b, k + 2, _(summary_fields[k].text), b->head);
	put(b, summary_n_fields + 2, _("days that a log tells of"), b->head);
	put(b, summary_n_fields + 3, _("days of the period"), b->head);
	for (size_t i = 0; i <= m->n; i++) {
		const struct tally_sum *s =
		    i < m->n ? &m->rows[i].sum : &m->sum;

		b->row++;
		if (i < m->n)
			put_names(b, &m->rows[i]);
		else
			put(b, 0, _("IN ALL"), b->bold);
		for (size_t k = 0; k < summary_n_fields; k++)
			put_figure(b, k + 2, &summary_fields[k], s);
		if (i == m->n)
			break;
		put_number(b, summary_n_fields + 2, m->rows[i].days, NULL);
		put_number(b, summary_n_fields + 3, m->rows[i].days_due, NULL);
	}
}

static void
put_logs(struct book *b)
{
	const struct muster *m = b->m;

	put(b, 0, _("station"), b->head);
	put(b, 1, _("records"), b->head);
	put(b, 2, _("log"), b->head);
	put(b, 3, _("root"), b->head);
	for (size_t i = 0; i < m->n_logs; i++) {
		b->row++;
		put(b, 0, m->logs[i].name, NULL);
		put_number(b, 1, (double)m->logs[i].size, NULL);
		put(b, 2, m->logs[i].origin, NULL);
		put(b, 3, m->logs[i].root, NULL);
	}
}

static void
put_sheet(struct book *b, const char *name, void (*fill)(struct book *b))
{
	b->sheet = workbook_add_worksheet(b->w, name);
	b->row = 0;
	if (b->sheet == NULL)
		return;
	worksheet_set_column(b->sheet, 0, 1, 36, NULL);
	fill(b);
}

static int
make(const char *file, const void *m)
{
	struct book b = { .m = m, .w = workbook_new(file) };

	if (b.w == NULL)
		return -ENOMEM;
	b.bold = workbook_add_format(b.w);
	b.head = workbook_add_format(b.w);
	b.time = workbook_add_format(b.w);
	if (b.bold != NULL)
		format_set_bold(b.bold);
	if (b.head != NULL) {
		format_set_bold(b.head);
		format_set_text_wrap(b.head);
	}
	if (b.time != NULL)
		format_set_num_format(b.time, "[h]:mm:ss");
	put_sheet(&b, _("Stations"), put_report);
	put_sheet(&b, _("Sums"), put_figures);
	put_sheet(&b, _("Logs"), put_logs);
	errno = EIO;
	return workbook_close(b.w) == LXW_NO_ERROR ? 0 : -errno;
}

int
muster_xlsx(const struct muster *m, const char *file, bool replace)
{
	return workbook_put(file, replace, make, m);
}
