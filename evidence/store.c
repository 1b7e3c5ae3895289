/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/text.h"
#include "evidence/record.h"
#include "evidence/store.h"
#include "evidence/tiles.h"

#define FORM 1 /* of the tables; another one is made anew */
#define BUSY_MS 5000
#define STEP 20000 /* rows in one transaction */

struct store {
	sqlite3 *db;
	char *path;
};

static const char schema[] =
    "CREATE TABLE station (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL);"
    "CREATE TABLE tree (station INTEGER NOT NULL, number INTEGER NOT NULL,"
    " leaves INTEGER NOT NULL, PRIMARY KEY (station, number)) WITHOUT ROWID;"
    "CREATE TABLE leaf (station INTEGER NOT NULL, tree INTEGER NOT NULL,"
    " leaf INTEGER NOT NULL, seq INTEGER, about TEXT, at_us INTEGER,"
    " kind TEXT NOT NULL, line, PRIMARY KEY (station, tree, leaf))"
    " WITHOUT ROWID;"
    "CREATE INDEX leaf_at ON leaf (station, at_us);"
    "PRAGMA user_version = 1;";

/* SQLite's answers, as errnos. */
static int
errno_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return -EACCES;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* a table that is not there */
		return -EBADMSG;
	default:
		return -EIO;
	}
}

static int
run(struct store *s, const char *sql)
{
	return errno_of(sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

/* One number as the answer; `otherwise` where there is no row. */
static int
ask(struct store *s, const char *sql, const char *text, int64_t a, int64_t b,
    int64_t otherwise, int64_t *ret)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (rc != SQLITE_OK)
		return errno_of(rc);
	if (text != NULL)
		sqlite3_bind_text(st, 1, text, -1, SQLITE_TRANSIENT);
	else {
		sqlite3_bind_int64(st, 1, a);
		sqlite3_bind_int64(st, 2, b);
	}
	rc = sqlite3_step(st);
	*ret = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : otherwise;
	sqlite3_finalize(st);
	return errno_of(rc);
}

/* A statement of the two numbers that name a tree, and a third. */
static int
tell(struct store *s, const char *sql, int64_t station, int64_t number,
    int64_t third)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (rc != SQLITE_OK)
		return errno_of(rc);
	sqlite3_bind_int64(st, 1, station);
	sqlite3_bind_int64(st, 2, number);
	if (sqlite3_bind_parameter_count(st) > 2)
		sqlite3_bind_int64(st, 3, third);
	rc = sqlite3_step(st);
	sqlite3_finalize(st);
	return errno_of(rc);
}

/* Opening ------------------------------------------------------------------ */

static int
open_db(struct store *s)
{
	int64_t form = 0;
	int rc = sqlite3_open_v2(
	    s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	int r;

	if (rc != SQLITE_OK)
		return errno_of(rc);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	r = run(s, "PRAGMA journal_mode = TRUNCATE;"
		   "PRAGMA synchronous = EXTRA;"
		   "BEGIN IMMEDIATE");
	if (r == 0)
		r = ask(s, "PRAGMA user_version", NULL, 0, 0, 0, &form);
	if (r == 0 && form == 0)
		r = run(s, schema);
	else if (r == 0 && form != FORM)
		r = -EBADMSG;
	return r < 0 ? r : run(s, "COMMIT");
}

static void
close_db(struct store *s)
{
	sqlite3_close(s->db);
	s->db = NULL;
}

/* Only ever our own copy of what the trees say. */
static void
throw_away(const struct store *s)
{
	char journal[PATH_MAX];

	if (snprintf(journal, sizeof(journal), "%s-journal", s->path) <
	    (int)sizeof(journal))
		unlink(journal);
	unlink(s->path);
}

int
store_open(const char *path, struct store **ret_store)
{
	struct store *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->path = strdup(path);
	r = s->path == NULL ? -ENOMEM : open_db(s);
	if (r == -EBADMSG) {
		close_db(s);
		throw_away(s);
		r = open_db(s);
	}
	if (r < 0) {
		store_close(s);
		return r;
	}
	*ret_store = s;
	return 0;
}

struct store *
store_close(struct store *s)
{
	if (s == NULL)
		return NULL;
	close_db(s);
	free(s->path);
	free(s);
	return NULL;
}

/* Taking in ---------------------------------------------------------------- */

static int
name_station(
    struct store *s, const char *key, const char *name, int64_t *ret_id)
{
	static const char sql[] =
	    "INSERT INTO station (key, name) VALUES (?, ?)"
	    " ON CONFLICT (key) DO UPDATE SET name = excluded.name"
	    " WHERE name <> excluded.name";
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (rc != SQLITE_OK)
		return errno_of(rc);
	sqlite3_bind_text(st, 1, key, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 2, name, -1, SQLITE_TRANSIENT);
	rc = sqlite3_step(st);
	sqlite3_finalize(st);
	if (errno_of(rc) < 0)
		return errno_of(rc);
	return ask(
	    s, "SELECT id FROM station WHERE key = ?", key, 0, 0, -1, ret_id);
}

/* What the record says of itself: the fourth parameter and those behind it. */
static void
bind_record(sqlite3_stmt *st, const char *entry, size_t n)
{
	int kind = record_kind(entry, n);
	json_t *r = NULL;
	int64_t us;

	sqlite3_bind_text(st, 7, kind < 0 ? "" : kind_word((enum kind)kind), -1,
	    SQLITE_STATIC);
	if (text_is_utf8(entry, n))
		sqlite3_bind_text(st, 8, entry, (int)n, SQLITE_STATIC);
	else
		sqlite3_bind_blob(st, 8, entry, (int)n, SQLITE_STATIC);
	if (kind < 0 || record_parse(entry, n, &r) < 0)
		return;
	sqlite3_bind_int64(st, 4, record_int(r, "seq", -1));
	sqlite3_bind_text(
	    st, 5, record_text(r, "station"), -1, SQLITE_TRANSIENT);
	if (civil_read_utc(record_text(r, "utc"), &us) == 0)
		sqlite3_bind_int64(st, 6, us);
	json_decref(r);
}

static int
add_rows(struct store *s, struct tiles *t, int64_t station, int64_t number,
    int64_t from, int64_t until)
{
	static const char sql[] =
	    "INSERT INTO leaf VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
	sqlite3_stmt *st;
	int r = errno_of(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL));

	if (r < 0)
		return r;
	for (int64_t i = from; r == 0 && i < until; i++) {
		const char *entry;
		size_t n;

		r = tiles_entry(t, i, &entry, &n);
		if (r < 0)
			break;
		sqlite3_clear_bindings(st);
		sqlite3_bind_int64(st, 1, station);
		sqlite3_bind_int64(st, 2, number);
		sqlite3_bind_int64(st, 3, i);
		bind_record(st, entry, n);
		r = errno_of(sqlite3_step(st));
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	return r;
}

/* One transaction; how many are there then. */
static int
step(struct store *s, struct tiles *t, const char *key, const char *name,
    int64_t number, int64_t size, int64_t *ret_has)
{
	int64_t station = 0;
	int64_t has = 0;
	int64_t until = 0;
	int r = name_station(s, key, name, &station);

	if (r == 0)
		r = ask(s,
		    "SELECT leaves FROM tree WHERE station = ? AND number = ?",
		    NULL, station, number, 0, &has);
	if (r == 0 && has > size)
		r = -ESTALE;
	if (r == 0) {
		until = size - has > STEP ? has + STEP : size;
		r = add_rows(s, t, station, number, has, until);
	}
	if (r == 0)
		r = tell(s, "INSERT OR REPLACE INTO tree VALUES (?, ?, ?)",
		    station, number, until);
	if (r == 0)
		*ret_has = until;
	return r;
}

int
store_take(struct store *s, const char *key, const char *name, int64_t number,
    const char *folder, int64_t size)
{
	struct tiles *t;
	int64_t has = -1;
	int r = tiles_open(folder, &t);

	if (r < 0)
		return r;
	tiles_size(t, size);
	while (r == 0 && has < size) {
		r = run(s, "BEGIN IMMEDIATE");
		if (r < 0)
			break;
		r = step(s, t, key, name, number, size, &has);
		if (r == 0)
			r = run(s, "COMMIT");
		if (r < 0)
			run(s, "ROLLBACK");
	}
	tiles_close(t);
	return r;
}

int
store_forget(struct store *s, const char *key, int64_t number)
{
	int64_t station;
	int r = ask(
	    s, "SELECT id FROM station WHERE key = ?", key, 0, 0, -1, &station);

	if (r == 0)
		r = run(s, "BEGIN IMMEDIATE");
	if (r < 0)
		return r;
	r = tell(s, "DELETE FROM leaf WHERE station = ? AND tree = ?", station,
	    number, 0);
	if (r == 0)
		r = tell(s, "DELETE FROM tree WHERE station = ? AND number = ?",
		    station, number, 0);
	if (r == 0)
		r = run(s, "COMMIT");
	if (r < 0)
		run(s, "ROLLBACK");
	return r;
}

int64_t
store_trees(struct store *s)
{
	int64_t n = 0;
	int r = ask(s, "SELECT count(*) FROM tree", NULL, 0, 0, 0, &n);

	return r < 0 ? r : n;
}

int64_t
store_rows(struct store *s, const char *key, int64_t number)
{
	int64_t station;
	int64_t rows = 0;
	int r = ask(
	    s, "SELECT id FROM station WHERE key = ?", key, 0, 0, -1, &station);

	if (r == 0)
		r = ask(s,
		    "SELECT count(*) FROM leaf WHERE station = ? AND tree = ?",
		    NULL, station, number, 0, &rows);
	return r < 0 ? r : rows;
}
