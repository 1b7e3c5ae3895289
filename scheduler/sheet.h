/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sheet - a week as an office keeps it in a spreadsheet: one row a slot, with
 * its day, time, length, kind and title. The form is in man/loaxa-schedule.5.
 *
 * Reading collects every problem with its line and is then all or nothing.
 * What a row means for a station is match.h's and propose.h's.
 */
#ifndef SCHEDULER_SHEET_H
#define SCHEDULER_SHEET_H

#include <stdint.h>
#include <stdio.h>

#include "base/problem.h"

#define SHEET_NO_DAY (-1)
#define SHEET_NO_DATE INT64_MIN
#define SHEET_NO_TIME (-1)

/* The column `loai`. */
enum sheet_kind {
	SHEET_UNSAID,
	SHEET_FILE, /* file: a file of our own */
	SHEET_LIVE, /* tiep_song: relayed, of a nearer level */
	SHEET_RELAY, /* tiep_am: relayed sound */
	SHEET_ABOVE, /* chi_dao: a file from the level above */
	SHEET_KINDS
};

/* What a cell does not say is "", or the value that its comment names. Texts
 * are NFC. */
struct sheet_row {
	int line;
	int weekday; /* thu: 0 Monday to 6; SHEET_NO_DAY */
	int64_t date; /* ngay: a day number; SHEET_NO_DATE */
	int at_s; /* gio_bat_dau: seconds of the day; SHEET_NO_TIME */
	int for_s; /* thoi_luong: seconds; 0 */
	enum sheet_kind kind; /* loai */
	char *title; /* tieu_de */
	char *source; /* nguon */
	char *language; /* ngon_ngu: a code, as "vi" */
	char *slot; /* muc: the slot's id */
	char *items; /* tep: item ids or file names, with ";" between */
};

struct sheet {
	struct sheet_row *rows;
	size_t n;
	int64_t monday; /* of the week that the dates lie in; SHEET_NO_DATE */
};

/*
 * From the file's bytes; problems call it `name`. 0 and *ret_sheet is yours;
 * -EINVAL with every problem in ps; -ENOMEM.
 */
int sheet_read(const void *bytes, size_t n, const char *name,
    struct problems *ps, struct sheet **ret_sheet);

/* Accepts NULL; returns NULL. */
struct sheet *sheet_free(struct sheet *s);

/*
 * Writes such a sheet: UTF-8 with the mark that Excel wants, RFC 4180. What is
 * written reads back as the same rows. The texts are borrowed.
 */
void sheet_write(FILE *out, const struct sheet_row *rows, size_t n);

/* The word of the column `loai`; "" for SHEET_UNSAID. */
const char *sheet_kind_word(enum sheet_kind k);

#endif
