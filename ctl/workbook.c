/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/keyring.h"
#include "ctl/logbook.h"
#include "ctl/outcome.h"
#include "ctl/say.h"
#include "ctl/workbook.h"
#include "evidence/record.h"

#define MS_PER_DAY 86400000.0
#define DAYS_TO_1970 25569 /* from where spreadsheets count */
#define BYTES_MAX (512 << 20) /* no office opens a larger one */

struct book {
	const struct summary *m;
	lxw_worksheet *sheet;
	lxw_row_t row; /* the next one */
	lxw_format *bold;
	lxw_format *head; /* of a column */
	lxw_format *time;
	lxw_format *date;
	lxw_format *instant;
};

static void
put(struct book *b, lxw_col_t column, const char *text, lxw_format *f)
{
	char *safe = say_safe(text);

	if (safe != NULL && safe[0] != '\0')
		worksheet_write_string(b->sheet, b->row, column, safe, f);
	free(safe);
}

static void
put_figure(struct book *b, lxw_col_t column, const char *name, int64_t v)
{
	size_t n = strlen(name);

	if (n > 3 && strcmp(name + n - 3, "_ms") == 0)
		worksheet_write_number(
		    b->sheet, b->row, column, (double)v / MS_PER_DAY, b->time);
	else
		worksheet_write_number(
		    b->sheet, b->row, column, (double)v, NULL);
}

static void
put_line(void *arg, const char *line)
{
	struct book *b = arg;

	put(b, 0, line, NULL);
	b->row++;
}

static void
put_group(struct book *b, const char *name, const struct tally_sum *s)
{
	put(b, 0, name, NULL);
	for (size_t i = 0; i < summary_n_fields; i++)
		put_figure(b, (lxw_col_t)(i + 1), summary_fields[i].name,
		    summary_figure(s, &summary_fields[i]));
	b->row++;
}

static void
put_sums(struct book *b)
{
	const struct summary *m = b->m;
	char *title = summary_title(m);
	char code[TALLY_CODE];
	char line[600];

	put(b, 0, title == NULL ? "" : title, b->bold);
	free(title);
	b->row += 2;
	put(b, 0, heading_title(m->headings->by), b->bold);
	for (size_t i = 0; i < summary_n_fields; i++)
		put(b, (lxw_col_t)(i + 1), _(summary_fields[i].text), b->head);
	b->row++;
	for (size_t i = 0; i < m->groups->n; i++)
		put_group(b, headings_text(m->headings, m->groups->list[i].key),
		    &m->groups->list[i].sum);
	put_group(b, _("IN ALL"), &m->tally->sum);
	b->row++;
	logbook_identity(&m->tally->sum, line, sizeof(line));
	put_line(b, line);
	logbook_reach(m->tally, m->from_day, m->to_day, line, sizeof(line));
	if (line[0] != '\0')
		put_line(b, line);
	logbook_causes(&m->tally->sum, put_line, b);
	logbook_music(m->tally, line, sizeof(line));
	if (line[0] != '\0')
		put_line(b, line);
	seals_lines(m->seals, put_line, b);
	snprintf(
	    line, sizeof(line), _("  code %s"), tally_code(m->tally, code));
	put_line(b, line + 2);
	put_line(b, _("Aired means: sent to the amplifier (grade 2), as "
		      "measured. It does not prove that a loudspeaker "
		      "sounded."));
}

static const struct {
	const char *key;
	const char *text;
	enum { TEXT, DATE, INSTANT, NUMBER, STATUS, REASON, WORD, HEADED } kind;
} columns[] = {
	{ "station", N_("station"), HEADED },
	{ "date", N_("date"), DATE },
	{ "slot", N_("slot"), TEXT },
	{ "title", N_("title"), TEXT },
	{ "segment", N_("segment"), HEADED },
	{ "language", N_("language"), HEADED },
	{ "class", N_("class"), HEADED },
	{ "source", N_("from"), HEADED },
	{ "planned_utc", N_("planned"), INSTANT },
	{ "planned_ms", N_("planned, length"), NUMBER },
	{ "run", N_("new or PL"), WORD },
	{ "actual_utc", N_("actual"), INSTANT },
	{ "actual_ms", N_("actual, length"), NUMBER },
	{ "status", N_("outcome"), STATUS },
	{ "reason", N_("reason"), REASON },
	{ "cause", N_("cause"), WORD },
	{ "grade", N_("grade"), NUMBER },
	{ "signal_ms", N_("signal"), NUMBER },
	{ "leaf_index", N_("record of the log"), NUMBER },
};

static const char *
word_text(const char *word)
{
	static const struct {
		const char *word;
		const char *text;
	} words[] = {
		{ "first", N_("new") },
		{ "repeat", N_("PL") },
		{ "other", N_("tune or music") },
		{ "power", N_("power cut") },
		{ "fault", N_("fault") },
		{ "order", N_("order") },
		{ "work", N_("preparation") },
		{ "unknown", N_("not known") },
	};

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return _(words[i].text);
	return "";
}

static void
put_headed(struct book *b, lxw_col_t i, const char *key)
{
	struct headings h = *b->m->headings;

	if (heading_read(columns[i].key, &h.by) == 0 && key[0] != '\0')
		put(b, i, headings_text(&h, key), NULL);
}

/* A moment of local time, as spreadsheets count it; what is none stays away. */
static void
put_moment(struct book *b, lxw_col_t i, int64_t day, int second, lxw_format *f)
{
	if (day + DAYS_TO_1970 > 0)
		worksheet_write_number(b->sheet, b->row, i,
		    (double)(day + DAYS_TO_1970) + second * 1000 / MS_PER_DAY,
		    f);
}

static void
put_cell(struct book *b, lxw_col_t i, const json_t *row)
{
	const char *key = columns[i].key;
	const char *text = record_text(row, key);
	int64_t us, day;
	int second;

	switch (columns[i].kind) {
	case TEXT:
		put(b, i, text, NULL);
		break;
	case DATE:
		if (civil_read_date(text, &day) == 0)
			put_moment(b, i, day, 0, b->date);
		break;
	case INSTANT:
		if (civil_read_utc(text, &us) == 0) {
			civil_from_us(us, &day, &second);
			put_moment(b, i, day, second, b->instant);
		}
		break;
	case NUMBER:
		if (json_is_integer(json_object_get(row, key)))
			put_figure(b, i, key, record_int(row, key, 0));
		break;
	case STATUS:
		put(b, i, text[0] == '\0' ? "" : outcome_status(text), NULL);
		break;
	case REASON:
		put(b, i, outcome_reason(text), NULL);
		break;
	case WORD:
		put(b, i, word_text(text), NULL);
		break;
	case HEADED:
		put_headed(b, i, text);
		break;
	}
}

static void
put_slots(struct book *b)
{
	const json_t *row;
	size_t i;

	for (size_t c = 0; c < COUNT(columns); c++)
		put(b, (lxw_col_t)c, _(columns[c].text), b->head);
	json_array_foreach(b->m->tally->rows, i, row)
	{
		b->row++;
		for (size_t c = 0; c < COUNT(columns); c++)
			put_cell(b, (lxw_col_t)c, row);
	}
	worksheet_freeze_panes(b->sheet, 1, 0);
}

static int
make(const char *file, const void *m)
{
	lxw_workbook *w = workbook_new(file);
	struct book b = { .m = m };

	if (w == NULL)
		return -ENOMEM;
	b.bold = workbook_add_format(w);
	b.time = workbook_add_format(w);
	b.date = workbook_add_format(w);
	b.instant = workbook_add_format(w);
	b.head = workbook_add_format(w);
	if (b.head != NULL) {
		format_set_bold(b.head);
		format_set_text_wrap(b.head);
	}
	if (b.bold != NULL)
		format_set_bold(b.bold);
	if (b.time != NULL)
		format_set_num_format(b.time, "[h]:mm:ss");
	if (b.date != NULL)
		format_set_num_format(b.date, _("yyyy-mm-dd"));
	if (b.instant != NULL)
		format_set_num_format(b.instant, _("yyyy-mm-dd hh:mm:ss"));
	b.sheet = workbook_add_worksheet(w, _("Sums"));
	if (b.sheet != NULL) {
		worksheet_set_column(b.sheet, 0, 0, 44, NULL);
		put_sums(&b);
	}
	b.row = 0;
	b.sheet = workbook_add_worksheet(w, _("Slots"));
	if (b.sheet != NULL) {
		worksheet_set_column(b.sheet, 3, 3, 40, NULL);
		worksheet_set_column(b.sheet, 1, 1, 12, NULL);
		worksheet_set_column(b.sheet, 8, 8, 20, NULL);
		worksheet_set_column(b.sheet, 11, 11, 20, NULL);
		put_slots(&b);
	}
	errno = EIO;
	return workbook_close(w) == LXW_NO_ERROR ? 0 : -errno;
}

static int
make_apart(int (*fn)(const char *file, const void *arg), const void *arg,
    char **ret_bytes, size_t *ret_n)
{
	char folder[] = P_tmpdir "/loaxa-XXXXXX";
	char file[sizeof(folder) + 2];
	int said, nowhere;
	int r;

	if (mkdtemp(folder) == NULL)
		return -errno;
	snprintf(file, sizeof(file), "%s/x", folder);
	said = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (said >= 0 && nowhere >= 0)
		dup2(nowhere, STDERR_FILENO);
	r = fn(file, arg);
	if (said >= 0) {
		dup2(said, STDERR_FILENO);
		close(said);
	}
	if (nowhere >= 0)
		close(nowhere);
	if (r == 0)
		r = keyring_slurp(file, BYTES_MAX, ret_bytes, ret_n);
	unlink(file);
	rmdir(folder);
	return r;
}

int
workbook_put(const char *file, bool replace,
    int (*fn)(const char *file, const void *arg), const void *arg)
{
	char *bytes = NULL;
	size_t n = 0;
	int r = page_look(file, replace);

	if (r == 0)
		r = make_apart(fn, arg, &bytes, &n);
	if (r == 0)
		r = page_file(file, replace, bytes, n);
	free(bytes);
	return r;
}

int
workbook_write(const char *file, bool replace, const struct summary *m)
{
	return workbook_put(file, replace, make, m);
}
