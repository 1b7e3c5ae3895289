/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/civil.h"
#include "base/text.h"
#include "base/words.h"
#include "scheduler/cfg.h"
#include "scheduler/grid.h"
#include "scheduler/sheet.h"

#define HEADER_ROWS 20 /* above it there may be a heading for people */
#define HEADER_MIN 2 /* names that make a row the header */
#define ITEMS_TEXT_MAX 8192 /* SLOT_ITEMS_MAX ids, with room */

enum column {
	C_DAY,
	C_DATE,
	C_PART,
	C_AT,
	C_FOR,
	C_KIND,
	C_TITLE,
	C_SOURCE,
	C_LANGUAGE,
	C_SLOT,
	C_ITEMS,
	C_OTHER, /* known, and no business of ours */
	COLUMNS
};

/* As written, in the order we write them in. */
static const char *const names[COLUMNS] = { "thu", "ngay", "buoi",
	"gio_bat_dau", "thoi_luong", "loai", "tieu_de", "nguon", "ngon_ngu",
	"muc", "tep", "stt" };

/* Other names that offices use, folded. */
static const struct {
	const char *name;
	enum column column;
} aliases[] = {
	{ "gio", C_AT },
	{ "bat dau", C_AT },
	{ "gio phat", C_AT },
	{ "ngay phat", C_DATE },
	{ "noi dung", C_TITLE },
	{ "ten tep", C_ITEMS },
	{ "so thu tu", C_OTHER },
	{ "tt", C_OTHER },
	{ "ghi chu", C_OTHER },
};

static const char *const kind_words[SHEET_KINDS] = { "", "file", "tiep_song",
	"tiep_am", "chi_dao" };

const char *
sheet_kind_word(enum sheet_kind k)
{
	return kind_words[k];
}

struct reading {
	const char *name;
	struct problems *ps;
	struct sheet *sheet;
	int at[COLUMNS]; /* which cell holds it; -1 none */
	size_t n_columns; /* of the header */
	char *cells[COLUMNS]; /* of the row under way; never NULL */
	int line;
	int weekday; /* what merged cells stand for */
	int64_t date;
	int last_s; /* the row before, of the same day */
	bool no_memory;
};

struct sheet *
sheet_free(struct sheet *s)
{
	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < s->n; i++) {
		free(s->rows[i].title);
		free(s->rows[i].source);
		free(s->rows[i].language);
		free(s->rows[i].slot);
		free(s->rows[i].items);
	}
	free(s->rows);
	free(s);
	return NULL;
}

/* Words ------------------------------------------------------------------ */

/* The same after folding: "Giờ bắt đầu", "GIO_BAT_DAU". -1 for none. */
static int
column_of(const char *cell)
{
	char *folded = text_fold(cell);
	int found = -1;

	for (int c = 0; folded != NULL && c < COLUMNS; c++) {
		char *name = text_fold(names[c]);

		if (name != NULL && strcmp(folded, name) == 0)
			found = c;
		free(name);
	}
	for (size_t i = 0; folded != NULL && found < 0 &&
			   i < sizeof(aliases) / sizeof(aliases[0]);
	     i++)
		if (strcmp(folded, aliases[i].name) == 0)
			found = (int)aliases[i].column;
	free(folded);
	return found;
}

/* Spaces that look like none, as word processors leave them, become plain. */
static void
plain_spaces(char *s)
{
	static const char *const odd[] = { "\u00a0", "\u2007", "\u202f",
		"\u200b", "\ufeff" };

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		size_t n = strlen(odd[i]);

		for (char *at = s; (at = strstr(at, odd[i])) != NULL;) {
			*at++ = ' ';
			memmove(at, at + n - 1, strlen(at + n - 1) + 1);
		}
	}
}

/* A copy without spaces around it; ';' for line ends where they divide. */
static char *
plain_text(const char *cell, bool divided)
{
	char *copy = strdup(grid_plain(cell));
	char *nfc;
	size_t n;
	size_t from = 0;

	if (copy != NULL)
		plain_spaces(copy);
	for (char *p = copy; p != NULL && divided && *p != '\0'; p++)
		if (*p == '\n')
			*p = ';';
	nfc = copy == NULL ? NULL : text_nfc(copy);
	free(copy);
	if (nfc == NULL)
		return NULL;
	n = strlen(nfc);
	while (n > 0 && nfc[n - 1] == ' ')
		nfc[--n] = '\0';
	while (nfc[from] == ' ')
		from++;
	memmove(nfc, nfc + from, n - from + 1);
	return nfc;
}

/* Minutes and seconds as signs: ' and ", also as typographers have them. */
static char *
spell_signs(const char *text)
{
	static const struct {
		const char *sign;
		const char *word;
	} signs[] = {
		{ "''", " giay " },
		{ "\"", " giay " },
		{ "\u201d", " giay " },
		{ "\u2033", " giay " },
		{ "'", " phut " },
		{ "\u2019", " phut " },
		{ "\u2032", " phut " },
	};
	char *out = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&out, &n);

	if (f == NULL)
		return NULL;
	while (*text != '\0') {
		size_t i = 0;

		while (i < sizeof(signs) / sizeof(signs[0]) &&
		       strncmp(text, signs[i].sign, strlen(signs[i].sign)) != 0)
			i++;
		if (i == sizeof(signs) / sizeof(signs[0])) {
			putc(*text++, f);
			continue;
		}
		fputs(signs[i].word, f);
		text += strlen(signs[i].sign);
	}
	fclose(f);
	return out;
}

/* Seconds in a unit; 0 when it is none. */
static int
unit_of(const char *word, size_t n)
{
	static const struct {
		const char *word;
		int seconds;
	} units[] = {
		{ "h", 3600 },
		{ "g", 3600 },
		{ "gio", 3600 },
		{ "tieng", 3600 },
		{ "p", 60 },
		{ "ph", 60 },
		{ "phut", 60 },
		{ "m", 60 },
		{ "min", 60 },
		{ "s", 1 },
		{ "giay", 1 },
		{ "sec", 1 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].word) == n &&
		    strncmp(units[i].word, word, n) == 0)
			return units[i].seconds;
	return 0;
}

/* "5h30", "15 phut 30 giay": falling units, the last one may be left out.
 * *ret_first is the first unit. */
static int
read_folded_units(const char *p, int *ret_second, int *ret_first)
{
	int last = 0;
	int first = 0;
	long sum = 0;

	while (*p != '\0') {
		size_t digits = strspn(p, "0123456789");
		long amount = strtol(p, NULL, 10);
		size_t word;
		int unit;

		if (digits == 0 || digits > 5)
			return -EINVAL;
		p += digits;
		p += strspn(p, " ");
		word = strcspn(p, "0123456789 ");
		unit = word == 0 ? last / 60 : unit_of(p, word);
		if (unit == 0 || (word == 0 && *p != '\0') ||
		    (last != 0 && (unit >= last || amount * unit >= last)))
			return -EINVAL;
		p += word;
		p += strspn(p, " ");
		sum += amount * unit;
		first = first == 0 ? unit : first;
		last = unit;
	}
	if (first == 0 || sum > SECONDS_PER_DAY)
		return -EINVAL;
	*ret_second = (int)sum;
	*ret_first = first;
	return 0;
}

static int
read_units(const char *text, int *ret_second, int *ret_first)
{
	char *spelt = spell_signs(text);
	char *folded = spelt == NULL ? NULL : text_fold(spelt);
	int r = -ENOMEM;

	if (folded != NULL)
		r = read_folded_units(folded, ret_second, ret_first);
	free(spelt);
	free(folded);
	return r;
}

/* H:MM[:SS], with one digit or two for the hour. */
static int
read_colons(const char *text, int *ret_second)
{
	char padded[16];

	if (strlen(text) > 8)
		return -EINVAL;
	snprintf(
	    padded, sizeof(padded), "%s%s", text[1] == ':' ? "0" : "", text);
	return civil_read_time(padded, ret_second);
}

/* Cuts "AM", "SA", "PM" or "CH" off; 12 for the latter two, -1 for none. */
static int
cut_half(char *text)
{
	static const char *const halves[] = { "AM", "SA", "PM", "CH" };
	size_t n = strlen(text);

	for (int i = 0; n > 2 && i < 4; i++) {
		if (strcasecmp(text + n - 2, halves[i]) != 0)
			continue;
		n -= 2;
		while (n > 0 && text[n - 1] == ' ')
			n--;
		text[n] = '\0';
		return i < 2 ? 0 : 12;
	}
	return -1;
}

static int
read_clock(const char *cell, int *ret_second)
{
	char text[32];
	int unit = 3600;
	int second;
	int half;
	int r;

	if (snprintf(text, sizeof(text), "%s", cell) >= (int)sizeof(text))
		return -EINVAL;
	half = cut_half(text);
	r = strchr(text, ':') != NULL ? read_colons(text, &second)
				      : read_units(text, &second, &unit);
	if (r < 0 || unit != 3600)
		return -EINVAL;
	if (half >= 0 && (second < 3600 || second >= 13 * 3600))
		return -EINVAL;
	if (half >= 0)
		second = second % (12 * 3600) + half * 3600;
	if (second >= SECONDS_PER_DAY)
		return -EINVAL;
	*ret_second = second;
	return 0;
}

/* "15:00" is a quarter of an hour to one and fifteen hours to another: with
 * one colon it is -ENOTUNIQ. */
static int
read_length(const char *text, int *ret_second)
{
	const char *colon = strchr(text, ':');
	int unit;

	if (colon == NULL)
		return read_units(text, ret_second, &unit);
	if (strchr(colon + 1, ':') == NULL)
		return -ENOTUNIQ;
	return read_colons(text, ret_second);
}

static int
read_weekday(const char *text)
{
	static const struct {
		const char *word;
		enum weekday day;
	} words[] = {
		{ "thuhai", MON },
		{ "thuba", TUE },
		{ "thutu", WED },
		{ "thunam", THU },
		{ "thusau", FRI },
		{ "thubay", SAT },
		{ "chunhat", SUN },
		{ "hai", MON },
		{ "ba", TUE },
		{ "tu", WED },
		{ "nam", THU },
		{ "sau", FRI },
		{ "bay", SAT },
	};
	char *folded = text_fold(text);
	enum weekday day = WEEKDAYS;
	size_t n = 0;

	if (folded == NULL)
		return SHEET_NO_DAY;
	for (const char *p = folded; *p != '\0'; p++)
		if (*p != ' ')
			folded[n++] = *p;
	folded[n] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(folded, words[i].word) == 0)
			day = words[i].day;
	if (strncmp(folded, "thu", 3) == 0 && folded[3] >= '2' &&
	    folded[3] <= '7' && folded[4] == '\0')
		day = (enum weekday)(folded[3] - '2');
	if (n == 1 && folded[0] >= '2' && folded[0] <= '7')
		day = (enum weekday)(folded[0] - '2');
	/* "Thu" with marks on it is the Vietnamese word for any weekday. */
	if (day == WEEKDAYS &&
	    (strcmp(folded, "thu") != 0 || strcasecmp(text, "thu") == 0))
		civil_read_weekday(folded, &day);
	free(folded);
	return day == WEEKDAYS ? SHEET_NO_DAY : (int)day;
}

/* 15/6/2023, 15-6-2023, 15.6.2023 or 2023-06-15. */
static int
read_date(const char *text, int64_t *ret_day)
{
	int a, b, c;
	int end = 0;

	if (sscanf(text, "%4d%*1[/.-]%2d%*1[/.-]%4d%n", &a, &b, &c, &end) !=
		3 ||
	    text[end] != '\0' || !isdigit((unsigned char)text[0]))
		return -EINVAL;
	if (a > 31)
		return civil_day(a, b, c, ret_day);
	return c < 1000 ? -EINVAL : civil_day(c, b, a, ret_day);
}

/* One row ---------------------------------------------------------------- */

static const char *
cell(const struct reading *r, enum column c)
{
	return r->cells[c];
}

static bool
said(const struct reading *r, enum column c)
{
	return r->cells[c][0] != '\0';
}

/* What a spreadsheet shows instead of a value. */
static bool
is_fault(const char *text)
{
	static const char *const faults[] = { "#REF!", "#N/A", "#NAME?",
		"#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "###" };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strncmp(text, faults[i], strlen(faults[i])) == 0)
			return true;
	return false;
}

static void
check_cell(struct reading *r, enum column c, const char *raw)
{
	size_t max = c == C_ITEMS ? ITEMS_TEXT_MAX : CFG_TEXT_MAX;

	if (raw[0] == '=')
		problem_add(r->ps, r->name, r->line,
		    _("%s: \"%.60s\" is a formula; in the spreadsheet copy the "
		      "column and paste it as values"),
		    names[c], raw);
	else if (is_fault(raw))
		problem_add(r->ps, r->name, r->line,
		    _("%s: \"%.60s\" is a spreadsheet's error; correct the "
		      "cell, or widen its column, and export anew"),
		    names[c], raw);
	else if (strlen(r->cells[c]) > max)
		problem_add(r->ps, r->name, r->line,
		    _("%s is longer than %zu bytes; shorten it"), names[c],
		    max);
	else
		return;
	r->cells[c][0] = '\0';
}

/* Cells beyond the header have no name, so nobody knows what they are. */
static void
check_nameless(struct reading *r, const struct grid_row *row)
{
	for (size_t i = r->n_columns; i < row->n; i++) {
		if (row->cells[i] == NULL)
			continue;
		problem_add(r->ps, r->name, r->line,
		    _("\"%.60s\" stands in column %zu, which has no name in "
		      "the header; name the column, or put a cell with the "
		      "separator in it in quotes"),
		    row->cells[i], i + 1);
		return;
	}
}

static void
take_cells(struct reading *r, const struct grid_row *row)
{
	r->line = row->line;
	for (int c = 0; c < COLUMNS; c++) {
		int at = r->at[c];
		const char *raw =
		    at >= 0 && (size_t)at < row->n && row->cells[at] != NULL
			? row->cells[at]
			: "";

		free(r->cells[c]);
		r->cells[c] = plain_text(raw, c == C_ITEMS);
		if (r->cells[c] == NULL) {
			r->no_memory = true;
			return;
		}
		if (c != C_OTHER)
			check_cell(r, (enum column)c, raw);
	}
	check_nameless(r, row);
}

/* "Thứ hai" in a row of its own, or what a merged cell left. */
static bool
is_label(const struct reading *r)
{
	for (int c = C_AT; c < C_OTHER; c++)
		if (said(r, (enum column)c))
			return false;
	return true;
}

static void
take_date(struct reading *r)
{
	int64_t day;

	if (read_date(cell(r, C_DATE), &day) == 0) {
		r->date = day;
		return;
	}
	problem_add(r->ps, r->name, r->line,
	    _("ngay: \"%.60s\" is no date of the calendar; write day/month/"
	      "year, such as 26/11/2026"),
	    cell(r, C_DATE));
}

static void
take_weekday(struct reading *r)
{
	int day = read_weekday(cell(r, C_DAY));

	if (day != SHEET_NO_DAY) {
		r->weekday = day;
		return;
	}
	problem_add(r->ps, r->name, r->line,
	    _("thu: \"%.60s\" is no day of the week; write T2 to T7 or CN"),
	    cell(r, C_DAY));
}

/* The row's day; what it does not say is as in the row above, as a merged
 * cell shows it. */
static void
take_day(struct reading *r)
{
	struct civil_text text;

	if (!said(r, C_DAY) && !said(r, C_DATE))
		return;
	r->weekday = SHEET_NO_DAY;
	r->date = SHEET_NO_DATE;
	r->last_s = SHEET_NO_TIME;
	if (said(r, C_DATE))
		take_date(r);
	if (said(r, C_DAY))
		take_weekday(r);
	if (r->date == SHEET_NO_DATE)
		return;
	if (r->weekday != SHEET_NO_DAY &&
	    r->weekday != (int)civil_weekday(r->date))
		problem_add(r->ps, r->name, r->line,
		    _("%s is a %s, not a %s; correct thu or ngay"),
		    civil_date_vn(r->date, &text),
		    civil_weekday_text(civil_weekday(r->date)),
		    civil_weekday_text((enum weekday)r->weekday));
	r->weekday = (int)civil_weekday(r->date);
}

static void
check_part(struct reading *r, int at_s)
{
	static const struct {
		const char *word;
		int from_s;
		int to_s;
	} parts[] = {
		{ "sang", 0, 12 * 3600 },
		{ "trua", 10 * 3600, 14 * 3600 },
		{ "chieu", 12 * 3600, 19 * 3600 },
		{ "toi", 18 * 3600, SECONDS_PER_DAY },
		{ "dem", 0, SECONDS_PER_DAY },
	};
	struct civil_text text;
	char *folded = text_fold(cell(r, C_PART));
	size_t i = 0;

	while (folded != NULL && i < sizeof(parts) / sizeof(parts[0]) &&
	       strcmp(folded, parts[i].word) != 0)
		i++;
	free(folded);
	if (i == sizeof(parts) / sizeof(parts[0]))
		problem_add(r->ps, r->name, r->line,
		    _("buoi: \"%.60s\" is no part of the day; write sáng, "
		      "trưa, chiều or tối"),
		    cell(r, C_PART));
	else if (at_s < parts[i].from_s || at_s >= parts[i].to_s)
		problem_add(r->ps, r->name, r->line,
		    _("%s is not in the part of the day \"%s\"; correct buoi, "
		      "or write the time with 24 hours, such as 17:00:00"),
		    civil_time_text(at_s, &text), cell(r, C_PART));
}

/* Merged cells that lost their day show as a time that goes back. */
static void
check_order(struct reading *r, int at_s)
{
	if (!said(r, C_DAY) && !said(r, C_DATE) && !said(r, C_SLOT) &&
	    at_s <= r->last_s)
		problem_add(r->ps, r->name, r->line,
		    _("the row has no day of its own and is earlier than the "
		      "row above; write its day in thu"));
	r->last_s = at_s;
}

static void
take_time(struct reading *r, struct sheet_row *row)
{
	if (!said(r, C_AT)) {
		if (!said(r, C_SLOT) && !said(r, C_TITLE))
			problem_add(r->ps, r->name, r->line,
			    _("gio_bat_dau is empty; write when it starts, "
			      "such as 05:00:00"));
		return;
	}
	if (read_clock(cell(r, C_AT), &row->at_s) < 0) {
		problem_add(r->ps, r->name, r->line,
		    _("gio_bat_dau: \"%.60s\" is no time of day; write hours, "
		      "minutes and seconds, such as 05:00:00"),
		    cell(r, C_AT));
		return;
	}
	check_order(r, row->at_s);
	if (said(r, C_PART))
		check_part(r, row->at_s);
}

static void
take_length(struct reading *r, struct sheet_row *row)
{
	int e;

	if (!said(r, C_FOR))
		return;
	e = read_length(cell(r, C_FOR), &row->for_s);
	if (e == -ENOTUNIQ)
		problem_add(r->ps, r->name, r->line,
		    _("thoi_luong: \"%.60s\" may be minutes and seconds or "
		      "hours and minutes; write all three, such as 00:15:00, "
		      "or \"15 phút\""),
		    cell(r, C_FOR));
	else if (e < 0 || row->for_s == 0)
		problem_add(r->ps, r->name, r->line,
		    _("thoi_luong: \"%.60s\" is no length; write hours, "
		      "minutes and seconds, such as 00:15:00, or \"15 phút\""),
		    cell(r, C_FOR));
}

static void
take_kind(struct reading *r, struct sheet_row *row)
{
	char *folded = text_fold(cell(r, C_KIND));
	int found = said(r, C_KIND) ? -1 : SHEET_UNSAID;

	for (int k = SHEET_FILE; folded != NULL && k < SHEET_KINDS; k++) {
		char *word = text_fold(kind_words[k]);

		if (word != NULL && strcmp(folded, word) == 0)
			found = k;
		free(word);
	}
	free(folded);
	if (found >= 0)
		row->kind = (enum sheet_kind)found;
	else
		problem_add(r->ps, r->name, r->line,
		    _("loai: \"%.60s\" is not known; write file, tiep_song, "
		      "tiep_am or chi_dao"),
		    cell(r, C_KIND));
}

static void
check_words(struct reading *r)
{
	if (said(r, C_LANGUAGE) && !text_is_language(cell(r, C_LANGUAGE)))
		problem_add(r->ps, r->name, r->line,
		    _("ngon_ngu: \"%.60s\" is no language's code; write vi, "
		      "km, en…"),
		    cell(r, C_LANGUAGE));
	if (said(r, C_SLOT) && !text_is_id(cell(r, C_SLOT)))
		problem_add(r->ps, r->name, r->line,
		    _("muc: \"%.60s\" is no slot's id; ids have a-z, 0-9 and "
		      "\"-\", as in the timetable"),
		    cell(r, C_SLOT));
	if (!said(r, C_SLOT) && r->weekday == SHEET_NO_DAY && !said(r, C_DAY) &&
	    !said(r, C_DATE))
		problem_add(r->ps, r->name, r->line,
		    _("the row has no day; write T2 to T7 or CN in thu"));
	if (!said(r, C_SLOT) && !said(r, C_TITLE) && !said(r, C_ITEMS))
		problem_add(r->ps, r->name, r->line,
		    _("tieu_de is empty; write what the programme is called"));
}

static char *
move_cell(struct reading *r, enum column c)
{
	char *text = r->cells[c];

	r->cells[c] = NULL;
	return text;
}

static void
take_row(struct reading *r, const struct grid_row *cells)
{
	struct sheet_row row = { .at_s = SHEET_NO_TIME, .line = cells->line };

	take_cells(r, cells);
	if (r->no_memory)
		return;
	take_day(r);
	if (is_label(r))
		return;
	take_time(r, &row);
	take_length(r, &row);
	take_kind(r, &row);
	check_words(r);
	/* With a slot's id and no day of its own, the slot says the day. */
	if (said(r, C_DAY) || said(r, C_DATE) || !said(r, C_SLOT)) {
		row.weekday = r->weekday;
		row.date = r->date;
	} else {
		row.weekday = SHEET_NO_DAY;
		row.date = SHEET_NO_DATE;
	}
	row.title = move_cell(r, C_TITLE);
	row.source = move_cell(r, C_SOURCE);
	row.language = move_cell(r, C_LANGUAGE);
	row.slot = move_cell(r, C_SLOT);
	row.items = move_cell(r, C_ITEMS);
	r->sheet->rows[r->sheet->n++] = row;
}

/* The whole -------------------------------------------------------------- */

/* Names in a row, each counted once. */
static int
count_names(const struct grid_row *row)
{
	bool seen[COLUMNS] = { false };
	int n = 0;

	for (size_t i = 0; i < row->n; i++) {
		int c = row->cells[i] == NULL ? -1 : column_of(row->cells[i]);

		if (c < 0 || seen[c])
			continue;
		seen[c] = true;
		n++;
	}
	return n;
}

static void
take_header(struct reading *r, const struct grid_row *row)
{
	for (int c = 0; c < COLUMNS; c++)
		r->at[c] = -1;
	r->n_columns = row->n;
	for (size_t i = 0; i < row->n; i++) {
		int c = row->cells[i] == NULL ? -1 : column_of(row->cells[i]);

		if (row->cells[i] == NULL)
			continue;
		if (c < 0)
			problem_add(r->ps, r->name, row->line,
			    _("there is no column \"%.60s\"; correct its name "
			      "or remove it (the columns: thu, ngay, buoi, "
			      "gio_bat_dau, thoi_luong, loai, tieu_de, nguon, "
			      "ngon_ngu, muc, tep)"),
			    row->cells[i]);
		else if (r->at[c] >= 0 && c != C_OTHER)
			problem_add(r->ps, r->name, row->line,
			    _("the column %s is there twice; remove one"),
			    names[c]);
		else
			r->at[c] = (int)i;
	}
}

/* What a row cannot do without, unless it names its slot. */
static void
check_header(struct reading *r, int line)
{
	if (r->at[C_SLOT] >= 0)
		return;
	if (r->at[C_DAY] < 0 && r->at[C_DATE] < 0)
		problem_add(r->ps, r->name, line,
		    _("the column %s is missing; add it"), names[C_DAY]);
	if (r->at[C_AT] < 0)
		problem_add(r->ps, r->name, line,
		    _("the column %s is missing; add it"), names[C_AT]);
	if (r->at[C_TITLE] < 0 && r->at[C_ITEMS] < 0)
		problem_add(r->ps, r->name, line,
		    _("the column %s is missing; add it"), names[C_TITLE]);
}

/* The first row below the header; 0 when there is no header. */
static size_t
find_header(struct reading *r, const struct grid *g)
{
	for (size_t i = 0; i < g->n && i < HEADER_ROWS; i++) {
		if (count_names(&g->rows[i]) < HEADER_MIN)
			continue;
		take_header(r, &g->rows[i]);
		check_header(r, g->rows[i].line);
		return i + 1;
	}
	problem_add(r->ps, r->name, g->n == 0 ? 1 : g->rows[0].line,
	    _("there is no header; the first row names the columns: thu, "
	      "buoi, gio_bat_dau, thoi_luong, loai, tieu_de, nguon, ngon_ngu, "
	      "separated by \",\" or \";\""));
	return 0;
}

static void
check_week(struct reading *r)
{
	struct sheet *s = r->sheet;
	struct civil_text a, b;

	s->monday = SHEET_NO_DATE;
	for (size_t i = 0; i < s->n; i++) {
		int64_t date = s->rows[i].date;
		int64_t monday;

		if (date == SHEET_NO_DATE)
			continue;
		monday = date - (int64_t)civil_weekday(date);
		if (s->monday == SHEET_NO_DATE)
			s->monday = monday;
		if (monday == s->monday)
			continue;
		problem_add(r->ps, r->name, s->rows[i].line,
		    _("the row is in the week %s, those above are in %s; load "
		      "each week from a sheet of its own"),
		    civil_week_text(monday, &a),
		    civil_week_text(s->monday, &b));
		return;
	}
}

static void
check_moments(struct reading *r)
{
	const struct sheet *s = r->sheet;
	struct civil_text text;

	for (size_t i = 1; i < s->n; i++)
		for (size_t k = 0; k < i; k++) {
			const struct sheet_row *a = &s->rows[k];
			const struct sheet_row *b = &s->rows[i];

			if (a->weekday != b->weekday || a->at_s != b->at_s ||
			    a->weekday == SHEET_NO_DAY ||
			    a->at_s == SHEET_NO_TIME)
				continue;
			problem_add(r->ps, r->name, b->line,
			    _("%s %s is taken by the row on line %d; two rows "
			      "cannot start at one moment"),
			    civil_weekday_text((enum weekday)b->weekday),
			    civil_time_text(b->at_s, &text), a->line);
			break;
		}
}

static int
read_rows(struct reading *r, const struct grid *g)
{
	size_t first = find_header(r, g);

	r->sheet->rows = calloc(g->n + 1, sizeof(*r->sheet->rows));
	if (r->sheet->rows == NULL)
		return -ENOMEM;
	for (size_t i = first; first > 0 && i < g->n && !r->no_memory; i++)
		take_row(r, &g->rows[i]);
	for (int c = 0; c < COLUMNS; c++)
		free(r->cells[c]);
	if (r->no_memory)
		return -ENOMEM;
	if (first > 0 && r->sheet->n == 0 && problems_count(r->ps) == 0)
		problem_add(r->ps, r->name, g->rows[first - 1].line,
		    _("there is no row below the header; write one for each "
		      "programme"));
	check_week(r);
	check_moments(r);
	return 0;
}

int
sheet_read(const void *bytes, size_t n, const char *name, struct problems *ps,
    struct sheet **ret_sheet)
{
	struct reading r = {
		.name = name,
		.ps = ps,
		.weekday = SHEET_NO_DAY,
		.date = SHEET_NO_DATE,
		.last_s = SHEET_NO_TIME,
	};
	size_t before = problems_count(ps);
	struct grid *g;
	int e = grid_read(bytes, n, name, ps, &g);

	if (e < 0)
		return e;
	r.sheet = calloc(1, sizeof(*r.sheet));
	e = r.sheet == NULL ? -ENOMEM : read_rows(&r, g);
	grid_free(g);
	if (e == 0 && problems_count(ps) > before)
		e = -EINVAL;
	problems_sort(ps);
	if (e < 0)
		sheet_free(r.sheet);
	else
		*ret_sheet = r.sheet;
	return e;
}

/* Writing ---------------------------------------------------------------- */

static const char *
part_of(int at_s)
{
	if (at_s < 11 * 3600)
		return "sáng";
	if (at_s < 13 * 3600)
		return "trưa";
	return at_s < 19 * 3600 ? "chiều" : "tối";
}

void
sheet_write(FILE *out, const struct sheet_row *rows, size_t n)
{
	fputs("\xef\xbb\xbf", out);
	grid_write(out, names, C_OTHER);
	for (size_t i = 0; i < n; i++) {
		const struct sheet_row *r = &rows[i];
		struct civil_text date = { "" };
		struct civil_text at = { "" };
		struct civil_text length = { "" };
		const char *cells[C_OTHER] = { NULL };

		if (r->weekday != SHEET_NO_DAY)
			cells[C_DAY] =
			    civil_weekday_text((enum weekday)r->weekday);
		if (r->date != SHEET_NO_DATE)
			cells[C_DATE] = civil_date_vn(r->date, &date);
		if (r->at_s != SHEET_NO_TIME) {
			cells[C_PART] = part_of(r->at_s);
			cells[C_AT] = civil_time_text(r->at_s, &at);
		}
		if (r->for_s > 0)
			cells[C_FOR] = civil_time_text(r->for_s, &length);
		cells[C_KIND] = kind_words[r->kind];
		cells[C_TITLE] = r->title;
		cells[C_SOURCE] = r->source;
		cells[C_LANGUAGE] = r->language;
		cells[C_SLOT] = r->slot;
		cells[C_ITEMS] = r->items;
		grid_write(out, cells, C_OTHER);
	}
}
