/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/gzip.h"
#include "base/hash.h"
#include "evidence/index.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/sqlite_errno.h"

#define FORM "3" /* of the tables; another one is made anew */
#define BUSY_MS 5000 /* longer than a year takes to be read in */
#define FRAMES_PER_MS 48
#define BLOCK 256 /* seqs; a block of them is a tenth of its lines */
#define BLOCK_HEAD 3 /* bytes before a line: its seq in the block, its length */
#define BLOCK_MAX (BLOCK * (BLOCK_HEAD + 65535))
#define ABOUT_KEY 512 /* bytes of what a record is about */

struct index {
	struct disk *disk;
	sqlite3 *db;
	char *path;
	int64_t leaves;
	bool remade;
	char last[HASH_HEX]; /* of the last leaf; "" when there is none */
	int64_t held; /* the block that is unpacked; -1: none */
	char *lines; /* of it */
	size_t lines_n;
};

/* The last lines lie in `record`, those before them in blocks, packed: beside
 * the log, they are a tenth of it. */

static const char schema[] =
    "CREATE TABLE record (seq INTEGER PRIMARY KEY, line TEXT NOT NULL);"
    "CREATE TABLE block (n INTEGER PRIMARY KEY, records INTEGER NOT NULL,"
    " packed BLOB NOT NULL);"
    "CREATE TABLE slot (seq INTEGER PRIMARY KEY, station TEXT NOT NULL,"
    " date TEXT NOT NULL, slot TEXT NOT NULL, from_us INTEGER NOT NULL,"
    " until_us INTEGER NOT NULL);"
    "CREATE INDEX slot_from ON slot (from_us);"
    "CREATE INDEX slot_date ON slot (date);"
    "CREATE TABLE airing (airing TEXT PRIMARY KEY, station TEXT NOT NULL,"
    " start_seq INTEGER, end_seq INTEGER, from_us INTEGER,"
    " until_us INTEGER) WITHOUT ROWID;"
    "CREATE INDEX airing_from ON airing (from_us);"
    "CREATE TABLE about (kind TEXT NOT NULL, key TEXT NOT NULL,"
    " seq INTEGER NOT NULL, PRIMARY KEY (kind, key, seq)) WITHOUT ROWID;"
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "INSERT INTO meta VALUES ('form', '" FORM "'), ('leaves', '0'),"
    " ('last', '');";

/* A row that is there already says that the index has what it does not know
 * of: it is made anew. */
static int
errno_of(int rc)
{
	int r = sqlite_errno(rc);

	return r == -EEXIST ? -EBADMSG : r;
}

static int
run(struct index *x, const char *sql)
{
	return errno_of(sqlite3_exec(x->db, sql, NULL, NULL, NULL));
}

/*
 * One statement with its values bound: s text (borrowed), i int64_t, n NULL.
 * 0 and *ret is yours (sqlite3_finalize).
 */
static int
prepare(struct index *x, sqlite3_stmt **ret, const char *sql, const char *types,
    ...)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(x->db, sql, -1, &st, NULL);
	va_list ap;

	if (rc != SQLITE_OK)
		return errno_of(rc);
	va_start(ap, types);
	for (int i = 1; types[i - 1] != '\0' && rc == SQLITE_OK; i++) {
		if (types[i - 1] == 's')
			rc = sqlite3_bind_text(st, i, va_arg(ap, const char *),
			    -1, SQLITE_TRANSIENT);
		else if (types[i - 1] == 'i')
			rc = sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
	}
	va_end(ap);
	if (rc != SQLITE_OK) {
		sqlite3_finalize(st);
		return errno_of(rc);
	}
	*ret = st;
	return 0;
}

/* Runs a prepared statement that answers nothing, and lets it go. */
static int
finish(sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	sqlite3_finalize(st);
	return errno_of(rc);
}

/* Copies a text of meta; -EBADMSG when it is not there. */
static int
read_meta(struct index *x, const char *key, char *ret, size_t size)
{
	sqlite3_stmt *st;
	int r =
	    prepare(x, &st, "SELECT value FROM meta WHERE key = ?", "s", key);
	int rc;

	if (r < 0)
		return r;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		snprintf(ret, size, "%s", sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	if (rc == SQLITE_DONE)
		return -EBADMSG;
	return errno_of(rc);
}

static int
write_meta(struct index *x, const char *key, const char *value)
{
	sqlite3_stmt *st;
	int r = prepare(x, &st, "UPDATE meta SET value = ? WHERE key = ?", "ss",
	    value, key);

	return r < 0 ? r : finish(st);
}

/* Blocks ------------------------------------------------------------------ */

/* Appends the lines of a block to `out`; how many they are, or an errno. */
static int
put_lines(struct index *x, int64_t n, FILE *out)
{
	sqlite3_stmt *st;
	int lines = 0;
	int rc;
	int r = prepare(x, &st,
	    "SELECT seq, line FROM record WHERE seq BETWEEN ? AND ?"
	    " ORDER BY seq",
	    "ii", n * BLOCK, n * BLOCK + BLOCK - 1);

	if (r < 0)
		return r;
	for (rc = sqlite3_step(st); rc == SQLITE_ROW; rc = sqlite3_step(st)) {
		const void *line = sqlite3_column_text(st, 1);
		int len = sqlite3_column_bytes(st, 1);

		fputc((int)(sqlite3_column_int64(st, 0) % BLOCK), out);
		fputc(len >> 8, out);
		fputc(len & 0xff, out);
		fwrite(line, 1, (size_t)len, out);
		lines++;
	}
	sqlite3_finalize(st);
	r = errno_of(rc);
	return r < 0 ? r : lines;
}

static int
put_block(
    struct index *x, int64_t n, int64_t records, const char *packed, size_t len)
{
	sqlite3_stmt *st;
	int r = prepare(
	    x, &st, "INSERT INTO block VALUES (?, ?, ?)", "ii", n, records);

	if (r < 0)
		return r;
	sqlite3_bind_blob(st, 3, packed, (int)len, SQLITE_TRANSIENT);
	r = finish(st);
	if (r == 0)
		r = prepare(x, &st,
		    "DELETE FROM record WHERE seq BETWEEN ? AND ?", "ii",
		    n * BLOCK, n * BLOCK + BLOCK - 1);
	return r < 0 ? r : finish(st);
}

/* No line of it is to come any more. */
static int
pack_block(struct index *x, int64_t n)
{
	char *bytes = NULL;
	char *packed = NULL;
	size_t len = 0;
	size_t packed_n = 0;
	FILE *out = open_memstream(&bytes, &len);
	int records = out == NULL ? -ENOMEM : put_lines(x, n, out);
	int r = records < 0 ? records : 0;

	if (out != NULL && fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r == 0)
		r = gzip_pack(bytes, len, &packed, &packed_n);
	if (r == 0)
		r = put_block(x, n, records, packed, packed_n);
	free(packed);
	free(bytes);
	return r;
}

static void
let_go_of_block(struct index *x)
{
	free(x->lines);
	x->lines = NULL;
	x->held = -1;
}

/* -ENOENT: it has none. */
static int
hold_block(struct index *x, int64_t n)
{
	sqlite3_stmt *st;
	int rc;
	int r;

	if (x->lines != NULL && x->held == n)
		return 0;
	let_go_of_block(x);
	r = prepare(x, &st, "SELECT packed FROM block WHERE n = ?", "i", n);
	if (r < 0)
		return r;
	rc = sqlite3_step(st);
	r = rc == SQLITE_DONE ? -ENOENT : errno_of(rc);
	if (r == 0)
		r = gzip_unpack(sqlite3_column_blob(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0), BLOCK_MAX, &x->lines,
		    &x->lines_n);
	sqlite3_finalize(st);
	if (r == 0)
		x->held = n;
	return r;
}

static int
find_in_block(struct index *x, int64_t seq, json_t **ret)
{
	const unsigned char *p;
	size_t left;
	int r = hold_block(x, seq / BLOCK);

	if (r < 0)
		return r;
	p = (const unsigned char *)x->lines;
	left = x->lines_n;
	while (left >= BLOCK_HEAD) {
		size_t n = (size_t)p[1] << 8 | p[2];

		if (left - BLOCK_HEAD < n)
			return -EBADMSG;
		if (p[0] == seq % BLOCK)
			return record_parse(
				   (const char *)p + BLOCK_HEAD, n, ret) < 0
				   ? -EBADMSG
				   : 0;
		p += BLOCK_HEAD + n;
		left -= BLOCK_HEAD + n;
	}
	return -ENOENT;
}

/* Taking records in ------------------------------------------------------ */

/* The window [from, until) that a slot record planned. */
static int
take_slot(struct index *x, const json_t *r, int64_t seq)
{
	sqlite3_stmt *st;
	int64_t from_us;
	int e;

	if (civil_read_utc(record_text(r, "planned_utc"), &from_us) < 0)
		return 0;
	e = prepare(x, &st, "INSERT INTO slot VALUES (?, ?, ?, ?, ?, ?)",
	    "isssii", seq, record_text(r, "station"), record_text(r, "date"),
	    record_text(r, "slot"), from_us,
	    from_us + record_int(r, "planned_ms", 0) * US_PER_MS);
	return e < 0 ? e : finish(st);
}

/* Until its end is known, an airing counts for as long as its frames last. */
static int
take_start(struct index *x, const json_t *r, int64_t seq)
{
	int64_t frames = record_int(r, "frames_planned", 0);
	sqlite3_stmt *st;
	int64_t from_us;
	int e;

	if (civil_read_utc(record_text(r, "cue_utc"), &from_us) < 0)
		return 0;
	e = prepare(x, &st,
	    "INSERT OR REPLACE INTO airing VALUES (?, ?, ?, NULL, ?, ?)",
	    "ssiii", record_text(r, "airing_id"), record_text(r, "station"),
	    seq, from_us, from_us + frames / FRAMES_PER_MS * US_PER_MS);
	return e < 0 ? e : finish(st);
}

/* P7: what sounded is what was measured; without sound it has no span. */
static int
take_end(struct index *x, const json_t *r, int64_t seq)
{
	int64_t wall_ms = record_int(r, "wall_ms", 0);
	sqlite3_stmt *st;
	int64_t from_us;
	bool heard =
	    civil_read_utc(record_text(r, "actual_utc"), &from_us) == 0;
	int e;

	if (!heard)
		from_us = INT64_MIN;
	e = prepare(x, &st,
	    "UPDATE airing SET end_seq = ?, from_us = ?, until_us = ?"
	    " WHERE airing = ?",
	    "iiis", seq, from_us,
	    heard ? from_us + wall_ms * US_PER_MS : INT64_MIN,
	    record_text(r, "airing_id"));
	return e < 0 ? e : finish(st);
}

/* What index_about() finds such a record by; false for one of another kind. */
static bool
key_of(const json_t *r, char key[static ABOUT_KEY])
{
	const char *kind = record_text(r, "kind");
	int n = 0;

	if (strcmp(kind, kind_word(KIND_DAY)) == 0)
		n = snprintf(key, ABOUT_KEY, "%s/%s", record_text(r, "station"),
		    record_text(r, "date"));
	else if (strcmp(kind, kind_word(KIND_WITHDRAW)) == 0)
		n = snprintf(key, ABOUT_KEY, "%s", record_text(r, "item"));
	else if (strcmp(kind, kind_word(KIND_ANCHOR)) == 0)
		n = snprintf(key, ABOUT_KEY, "%s", record_text(r, "origin"));
	else if (strcmp(kind, kind_word(KIND_CORRECT)) == 0)
		n = snprintf(key, ABOUT_KEY, "%lld",
		    (long long)record_int(r, "record", -1));
	return n > 0 && n < ABOUT_KEY;
}

static int
take_about(struct index *x, const json_t *r, int64_t seq)
{
	char key[ABOUT_KEY];
	sqlite3_stmt *st;
	int e;

	if (!key_of(r, key))
		return 0;
	e = prepare(x, &st, "INSERT INTO about VALUES (?, ?, ?)", "ssi",
	    record_text(r, "kind"), key, seq);
	return e < 0 ? e : finish(st);
}

static int
take_record(struct index *x, const char *line, size_t n, int64_t seq)
{
	json_t *r;
	sqlite3_stmt *st;
	const char *kind;
	int e;

	if (record_parse(line, n, &r) < 0)
		return -EBADMSG;
	kind = record_text(r, "kind");
	e = prepare(x, &st, "INSERT INTO record VALUES (?, ?)", "i", seq);
	if (e == 0) {
		sqlite3_bind_text(st, 2, line, (int)n, SQLITE_TRANSIENT);
		e = finish(st);
	}
	if (e == 0 && strcmp(kind, kind_word(KIND_SLOT)) == 0)
		e = take_slot(x, r, seq);
	else if (e == 0 && strcmp(kind, kind_word(KIND_START)) == 0)
		e = take_start(x, r, seq);
	else if (e == 0 && strcmp(kind, kind_word(KIND_END)) == 0)
		e = take_end(x, r, seq);
	else if (e == 0)
		e = take_about(x, r, seq);
	json_decref(r);
	return e;
}

struct taking {
	struct index *x;
	int64_t leaves; /* seen in the log */
	int64_t lines; /* records of it */
	int64_t block; /* of the last one taken; -1: none */
	char last[HASH_HEX];
};

/* -ESTALE when the leaf we ended on is not the log's. */
static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct taking *t = arg;
	char hash[HASH_HEX];
	int r;

	t->leaves = seq + 1;
	t->lines++;
	if (seq + 1 < t->x->leaves)
		return 0;
	if (seq + 1 == t->x->leaves) {
		r = hash_bytes(line, n, hash);
		if (r < 0)
			return r;
		return strcmp(hash, t->x->last) == 0 ? 0 : -ESTALE;
	}
	r = t->block >= 0 && t->block != seq / BLOCK
		? pack_block(t->x, t->block)
		: 0;
	t->block = seq / BLOCK;
	if (r == 0)
		r = take_record(t->x, line, n, seq);
	/* Every line of a year is taken: the last one's hash is enough. */
	return r < 0 ? r : hash_bytes(line, n, t->last);
}

/* Does it hold as many as the log has? */
static int
compare_count(struct index *x, int64_t want)
{
	sqlite3_stmt *st;
	int r = prepare(x, &st,
	    "SELECT (SELECT count(*) FROM record)"
	    " + (SELECT coalesce(sum(records), 0) FROM block)",
	    "");
	int rc;

	if (r < 0)
		return r;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW && sqlite3_column_int64(st, 0) != want)
		r = -ESTALE;
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? r : errno_of(rc);
}

static int
take_log(struct taking *t)
{
	struct index *x = t->x;
	char leaves[24];
	int r = ledger_each(x->disk, take_line, t);

	if (r == 0 && t->leaves < x->leaves)
		r = -ESTALE;
	/* A log that was damaged since, or mended. */
	if (r == 0)
		r = compare_count(x, t->lines);
	if (r < 0 || t->leaves == x->leaves)
		return r;
	snprintf(leaves, sizeof(leaves), "%lld", (long long)t->leaves);
	r = write_meta(x, "leaves", leaves);
	return r < 0 ? r : write_meta(x, "last", t->last);
}

static int
read_state(struct index *x)
{
	char form[8];
	char leaves[24];
	int r = read_meta(x, "form", form, sizeof(form));

	if (r == 0 && strcmp(form, FORM) != 0)
		r = -EBADMSG;
	if (r == 0)
		r = read_meta(x, "leaves", leaves, sizeof(leaves));
	if (r == 0)
		r = read_meta(x, "last", x->last, sizeof(x->last));
	if (r == 0)
		x->leaves = strtoll(leaves, NULL, 10);
	return r;
}

int
index_refresh(struct index *x)
{
	struct taking t = { .x = x };
	int r = run(x, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	/* Another process may have brought it forward meanwhile. */
	r = read_state(x);
	t.block = x->leaves > 0 ? (x->leaves - 1) / BLOCK : -1;
	if (r == 0)
		r = take_log(&t);
	if (r == 0)
		r = run(x, "COMMIT");
	if (r < 0) {
		run(x, "ROLLBACK");
		return r;
	}
	if (t.leaves > x->leaves) {
		x->leaves = t.leaves;
		memcpy(x->last, t.last, sizeof(x->last));
	}
	return 0;
}

/* Opening ---------------------------------------------------------------- */

static int
open_db(struct index *x)
{
	int rc = sqlite3_open_v2(
	    x->path, &x->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	int r;

	if (rc != SQLITE_OK)
		return errno_of(rc);
	sqlite3_busy_timeout(x->db, BUSY_MS);
	r = run(x, "PRAGMA journal_mode = TRUNCATE;"
		   "PRAGMA synchronous = EXTRA;"
		   "BEGIN IMMEDIATE");
	if (r < 0)
		return r;
	r = read_meta(x, "form", (char[8]){ 0 }, 8);
	if (r == -EBADMSG)
		r = run(x, schema);
	if (r == 0)
		r = run(x, "COMMIT");
	return r;
}

static void
close_db(struct index *x)
{
	sqlite3_close(x->db);
	x->db = NULL;
}

/* Only ever our own copy of what the lines say. */
static void
throw_away(const struct index *x)
{
	char journal[4096];

	if (snprintf(journal, sizeof(journal), "%s-journal", x->path) <
	    (int)sizeof(journal))
		unlink(journal);
	unlink(x->path);
}

static int
open_and_refresh(struct index *x)
{
	int r = open_db(x);

	return r < 0 ? r : index_refresh(x);
}

int
index_open(struct disk *disk, const char *path, struct index **ret_index)
{
	struct index *x = calloc(1, sizeof(*x));
	int r;

	if (x == NULL)
		return -ENOMEM;
	x->disk = disk;
	x->path = strdup(path);
	r = x->path == NULL ? -ENOMEM : open_and_refresh(x);
	if (r == -EBADMSG || r == -ESTALE) {
		close_db(x);
		let_go_of_block(x);
		throw_away(x);
		x->remade = true;
		x->leaves = 0;
		x->last[0] = '\0';
		r = open_and_refresh(x);
	}
	if (r < 0) {
		index_close(x);
		return r;
	}
	*ret_index = x;
	return 0;
}

struct index *
index_close(struct index *x)
{
	if (x == NULL)
		return NULL;
	close_db(x);
	free(x->lines);
	free(x->path);
	free(x);
	return NULL;
}

bool
index_remade(const struct index *x)
{
	return x->remade;
}

int64_t
index_leaves(const struct index *x)
{
	return x->leaves;
}

int
index_open_as_is(const char *path, struct index **ret_index)
{
	struct index *x = calloc(1, sizeof(*x));
	char form[8];

	if (x == NULL)
		return -ENOMEM;
	if (sqlite3_open_v2(path, &x->db, SQLITE_OPEN_READONLY, NULL) !=
		SQLITE_OK ||
	    read_meta(x, "form", form, sizeof(form)) < 0 ||
	    strcmp(form, FORM) != 0) {
		index_close(x);
		return -ENOENT;
	}
	*ret_index = x;
	return 0;
}

/* Questions -------------------------------------------------------------- */

int
index_record(struct index *x, int64_t seq, json_t **ret_record)
{
	sqlite3_stmt *st;
	int rc;
	int r;

	if (seq < 0)
		return -ENOENT;
	r = prepare(x, &st, "SELECT line FROM record WHERE seq = ?", "i", seq);
	if (r < 0)
		return r;
	rc = sqlite3_step(st);
	r = errno_of(rc);
	if (rc == SQLITE_ROW)
		r = record_parse((const char *)sqlite3_column_text(st, 0),
			(size_t)sqlite3_column_bytes(st, 0), ret_record) < 0
			? -EBADMSG
			: 0;
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? find_in_block(x, seq, ret_record) : r;
}

/* The record whose seq is in a column of the row at hand; NULL for none.
 * Yours. */
static json_t *
column_record(struct index *x, sqlite3_stmt *st, int column)
{
	json_t *r = NULL;

	if (sqlite3_column_type(st, column) != SQLITE_NULL &&
	    index_record(x, sqlite3_column_int64(st, column), &r) < 0)
		return NULL;
	return r;
}

/* Hands the record of each row's first column to fn; lets the statement go. */
static int
each_record(struct index *x, sqlite3_stmt *st,
    int (*fn)(void *arg, const json_t *r), void *arg)
{
	int rc = sqlite3_step(st);
	int r = 0;

	while (rc == SQLITE_ROW && r == 0) {
		json_t *record = column_record(x, st, 0);

		r = record == NULL ? -EBADMSG : fn(arg, record);
		json_decref(record);
		if (r == 0)
			rc = sqlite3_step(st);
	}
	sqlite3_finalize(st);
	return r != 0 ? r : errno_of(rc);
}

int
index_slots(struct index *x, const char *station, int64_t from_day,
    int64_t to_day, int (*fn)(void *arg, const json_t *slot), void *arg)
{
	struct civil_text from;
	struct civil_text to;
	sqlite3_stmt *st;
	int r = prepare(x, &st,
	    "SELECT seq FROM slot"
	    " WHERE date BETWEEN ? AND ? AND ? IN ('', station)"
	    " ORDER BY from_us, seq",
	    "sss", civil_date_text(from_day, &from),
	    civil_date_text(to_day, &to), station);

	return r < 0 ? r : each_record(x, st, fn, arg);
}

int
index_planned(struct index *x, const char *station, int64_t us,
    int (*fn)(void *arg, const json_t *slot), void *arg)
{
	sqlite3_stmt *st;
	int r = prepare(x, &st,
	    "SELECT seq FROM slot WHERE from_us <= ? AND until_us > ?"
	    " AND ? IN ('', station) ORDER BY from_us, seq",
	    "iis", us, us, station);

	return r < 0 ? r : each_record(x, st, fn, arg);
}

int
index_sounding(struct index *x, const char *station, int64_t us,
    int (*fn)(void *arg, const json_t *start, const json_t *end), void *arg)
{
	sqlite3_stmt *st;
	int rc;
	int r = prepare(x, &st,
	    "SELECT start_seq, end_seq FROM airing"
	    " WHERE from_us <= ? AND until_us > ?"
	    " AND ? IN ('', station) ORDER BY from_us, start_seq",
	    "iis", us, us, station);

	if (r < 0)
		return r;
	rc = sqlite3_step(st);
	while (rc == SQLITE_ROW && r == 0) {
		json_t *start = column_record(x, st, 0);
		json_t *end = column_record(x, st, 1);

		r = start == NULL ? -EBADMSG : fn(arg, start, end);
		json_decref(start);
		json_decref(end);
		if (r == 0)
			rc = sqlite3_step(st);
	}
	sqlite3_finalize(st);
	return r != 0 ? r : errno_of(rc);
}

static int64_t
column_seq(sqlite3_stmt *st, int column)
{
	return sqlite3_column_type(st, column) == SQLITE_NULL
		   ? -1
		   : sqlite3_column_int64(st, column);
}

int
index_airing(
    struct index *x, const char *airing, int64_t *ret_start, int64_t *ret_end)
{
	sqlite3_stmt *st;
	int rc;
	int r = prepare(x, &st,
	    "SELECT start_seq, end_seq FROM airing WHERE airing = ?", "s",
	    airing);

	if (r < 0)
		return r;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*ret_start = column_seq(st, 0);
		*ret_end = column_seq(st, 1);
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? -ENOENT : errno_of(rc);
}

int
index_slot(struct index *x, const char *station, const char *date,
    const char *slot, int64_t *ret_seq)
{
	sqlite3_stmt *st;
	int rc;
	int r = prepare(x, &st,
	    "SELECT seq FROM slot WHERE date = ? AND station = ? AND slot = ?",
	    "sss", date, station, slot);

	if (r < 0)
		return r;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*ret_seq = column_seq(st, 0);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? -ENOENT : errno_of(rc);
}

int
index_about(struct index *x, enum kind k, const char *key,
    int (*fn)(void *arg, int64_t seq), void *arg)
{
	sqlite3_stmt *st;
	int rc;
	int r = prepare(x, &st,
	    "SELECT seq FROM about WHERE kind = ? AND key = ? ORDER BY seq",
	    "ss", kind_word(k), key);

	if (r < 0)
		return r;
	rc = sqlite3_step(st);
	while (rc == SQLITE_ROW && r == 0) {
		r = fn(arg, column_seq(st, 0));
		if (r == 0)
			rc = sqlite3_step(st);
	}
	sqlite3_finalize(st);
	return r != 0 ? r : errno_of(rc);
}
