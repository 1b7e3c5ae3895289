/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>

#include "base/civil.h"
#include "ctl/muster_text.h"
#include "ctl/musterdata.h"
#include "ctl/say.h"
#include "ctl/summary.h"

/* CSV ---------------------------------------------------------------------- */

static void
put_head(const struct muster *m, const struct muster_row *row, FILE *out)
{
	struct civil_text from, to;
	char path[MUSTER_TEXT];

	fprintf(out, "%s,%s,%s,", civil_date_text(m->setup.from_day, &from),
	    civil_date_text(m->setup.to_day, &to), muster_by_word(m->setup.by));
	say_csv(out, row == NULL || row->n_path == 0
			 ? (row == NULL ? "total" : "")
			 : muster_path(row, path));
	fputc(',', out);
	say_csv(out, row == NULL ? "" : row->name);
	fputc(',', out);
	say_csv(out, row == NULL ? "" : row->about);
}

static void
put_log(const struct muster *m, const struct muster_row *row, FILE *out)
{
	size_t first;

	if (row != NULL && muster_logs(m, row, &first) > 0)
		fprintf(out, ",%" PRId64 ",%s\r\n", m->logs[first].size,
		    m->logs[first].root);
	else
		fputs(",,\r\n", out);
}

static void
put_cell(
    const struct muster *m, const struct muster_row *row, size_t i, FILE *out)
{
	const struct muster_cell *c = &row->cells[i];
	struct civil_text column;

	put_head(m, row, out);
	fprintf(out, ",%s,%" PRId64 ",%" PRId64,
	    civil_date_text(m->columns[i], &column), c->planned, c->aired);
	for (int k = 0; k < TALLY_CAUSES; k++)
		fprintf(out, ",%" PRId64, c->missed[k]);
	fprintf(out, ",%" PRId64 ",%" PRId64 ",%d,%d", c->external, c->open,
	    c->days, c->days_due);
	put_log(m, row, out);
}

static void
put_cells(const struct muster *m, FILE *out)
{
	fputs("from,to,by,path,name,id,column,planned,aired", out);
	for (int k = 0; k < TALLY_CAUSES; k++)
		fprintf(
		    out, ",missed_%s", tally_cause_word((enum tally_cause)k));
	fputs(",external,open,days,days_due,log_size,log_root\r\n", out);
	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < m->n_columns; k++)
			put_cell(m, &m->rows[i], k, out);
}

static void
put_row(const struct muster *m, const struct muster_row *row,
    const struct tally_sum *s, FILE *out)
{
	struct civil_text last = { "" };
	char remark[MUSTER_TEXT] = "";

	put_head(m, row, out);
	for (size_t i = 0; i < summary_n_fields; i++)
		fprintf(
		    out, ",%" PRId64, summary_figure(s, &summary_fields[i]));
	if (row != NULL && row->last_day != MUSTER_NO_DAY)
		civil_date_text(row->last_day, &last);
	if (row == NULL)
		fputs(",,,,,", out);
	else
		fprintf(out, ",%d,%d,%s,%d,", row->days, row->days_due, last.s,
		    row->rank);
	say_csv(out, row == NULL ? "" : muster_remark(m, row, remark));
	put_log(m, row, out);
}

int
muster_csv(const struct muster *m, FILE *out)
{
	if (m->n_columns > 0)
		put_cells(m, out);
	else {
		fputs("from,to,by,path,name,id", out);
		for (size_t i = 0; i < summary_n_fields; i++)
			fprintf(out, ",%s", summary_fields[i].name);
		fputs(",days,days_due,last_day,place,remark,log_size,log_root"
		      "\r\n",
		    out);
		for (size_t i = 0; i < m->n; i++)
			put_row(m, &m->rows[i], &m->rows[i].sum, out);
		put_row(m, NULL, &m->sum, out);
	}
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

/* JSON --------------------------------------------------------------------- */

static json_t *
sum_json(const struct tally_sum *s)
{
	json_t *o = json_object();

	for (size_t i = 0; i < summary_n_fields; i++)
		json_object_set_new(o, summary_fields[i].name,
		    json_integer(summary_figure(s, &summary_fields[i])));
	return o;
}

static json_t *
cell_json(const struct muster_cell *c)
{
	json_t *missed = json_object();

	for (int k = 0; k < TALLY_CAUSES; k++)
		json_object_set_new(missed,
		    tally_cause_word((enum tally_cause)k),
		    json_integer(c->missed[k]));
	return json_pack("{s:I,s:I,s:o,s:I,s:I,s:i,s:i}", "planned",
	    (json_int_t)c->planned, "aired", (json_int_t)c->aired, "missed",
	    missed, "external", (json_int_t)c->external, "open",
	    (json_int_t)c->open, "days", c->days, "days_due", c->days_due);
}

static json_t *
path_json(const struct muster_row *row)
{
	json_t *path = json_array();

	for (size_t i = 0; i < row->n_path; i++)
		json_array_append_new(
		    path, json_pack("{s:s,s:s}", "id", row->path[i]->id, "name",
			      row->path[i]->name));
	return path;
}

static json_t *
row_json(const struct muster *m, const struct muster_row *row)
{
	json_t *cells = json_array();
	json_t *o = sum_json(&row->sum);
	char remark[MUSTER_TEXT];
	struct civil_text last;

	for (size_t i = 0; i < m->n_columns; i++)
		json_array_append_new(cells, cell_json(&row->cells[i]));
	json_object_update_new(
	    o, json_pack("{s:s*,s:o,s:s,s:s,s:o,s:i,s:i,s:o,s:i,s:i,s:s}",
		   "title", row->title, "path", path_json(row), "name",
		   row->name, "id", row->about, "cells", cells, "days",
		   row->days, "days_due", row->days_due, "last_day",
		   row->last_day == MUSTER_NO_DAY
		       ? json_null()
		       : json_string(civil_date_text(row->last_day, &last)),
		   "place", row->rank, "twice", row->twice, "remark",
		   muster_remark(m, row, remark)));
	return o;
}

static json_t *
log_json(const struct muster_log *l)
{
	struct civil_text last;

	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:i,s:i,s:b,s:o,s:I,"
			 "s:s?}",
	    "key", l->key, "name", l->name, "ids", l->about, "origin",
	    l->origin, "root", l->root, "size", (json_int_t)l->size, "leaves",
	    (json_int_t)l->leaves, "counted", (json_int_t)l->rows, "trees",
	    l->trees, "forks", l->forks, "replaced", (int)l->replaced,
	    "last_utc",
	    l->last_us == 0 ? json_null()
			    : json_string(civil_utc_text(l->last_us, &last)),
	    "given_up", (json_int_t)l->given_up, "same_id_as", l->twin);
}

json_t *
muster_json(const struct muster *m)
{
	json_t *rows = json_array();
	json_t *logs = json_array();
	json_t *columns = json_array();
	struct civil_text from, to, as_of;

	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(rows, row_json(m, &m->rows[i]));
	for (size_t i = 0; i < m->n_logs; i++)
		json_array_append_new(logs, log_json(&m->logs[i]));
	for (size_t i = 0; i < m->n_columns; i++)
		json_array_append_new(columns,
		    json_string(civil_date_text(m->columns[i], &from)));
	return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:b,s:i,s:i,s:i,s:o}",
	    "from", civil_date_text(m->setup.from_day, &from), "to",
	    civil_date_text(m->setup.to_day, &to), "by",
	    muster_by_word(m->setup.by), "as_of",
	    m->setup.as_of == MUSTER_NO_DAY
		? json_null()
		: json_string(civil_date_text(m->setup.as_of, &as_of)),
	    "columns", columns, "rows", rows, "total", sum_json(&m->sum),
	    "holds", (int)muster_holds(m), "twice", m->twice, "days", m->days,
	    "days_due", m->days_due, "logs", logs);
}
