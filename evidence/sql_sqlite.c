/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence/sql.h"
#include "evidence/sqlite_errno.h"

#define BUSY_MS 5000
#define COLUMNS_MAX 48 /* of an answer, and of a row */

struct sqlite {
	struct sql sql; /* first */
	sqlite3 *db;
	sqlite3_stmt *put; /* the last put()'s */
	char table[32];
};

static int
execute(struct sqlite *l, const char *text)
{
	return sqlite_errno(sqlite3_exec(l->db, text, NULL, NULL, NULL));
}

static void
bind_value(sqlite3_stmt *st, int at, const struct sql_value *v)
{
	switch (v->type) {
	case SQL_INT:
		sqlite3_bind_int64(st, at, v->i);
		break;
	case SQL_TEXT:
		sqlite3_bind_text(st, at, v->s, (int)v->n, SQLITE_STATIC);
		break;
	case SQL_BYTES:
		sqlite3_bind_blob(st, at, v->s, (int)v->n, SQLITE_STATIC);
		break;
	case SQL_NULL:
		sqlite3_bind_null(st, at);
		break;
	}
}

/* $1 is the first, wherever it stands. */
static void
bind_values(sqlite3_stmt *st, const struct sql_value *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char name[24];

		snprintf(name, sizeof(name), "$%zu", i + 1);
		bind_value(st, sqlite3_bind_parameter_index(st, name), &v[i]);
	}
}

static void
read_columns(
    sqlite3_stmt *st, unsigned texts, struct sql_value c[static COLUMNS_MAX])
{
	for (int i = 0; i < sqlite3_column_count(st) && i < COLUMNS_MAX; i++) {
		if (sqlite3_column_type(st, i) == SQLITE_NULL)
			c[i] = SQL_NONE;
		else if (i < 32 && (texts & 1u << i) != 0) {
			const char *s =
			    (const char *)sqlite3_column_text(st, i);

			c[i] =
			    SQL_WORDS(s, (size_t)sqlite3_column_bytes(st, i));
		} else {
			c[i] = SQL_NUMBER(sqlite3_column_int64(st, i));
		}
	}
}

static int
sqlite_run(struct sql *q, const char *text, const struct sql_value *v, size_t n,
    unsigned texts, int (*row)(void *arg, const struct sql_value *columns),
    void *arg)
{
	struct sqlite *l = (struct sqlite *)q;
	struct sql_value columns[COLUMNS_MAX];
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(l->db, text, -1, &st, NULL);
	int r = 0;

	if (rc != SQLITE_OK)
		return sqlite_errno(rc);
	bind_values(st, v, n);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && r == 0) {
		if (row == NULL)
			continue;
		read_columns(st, texts, columns);
		r = row(arg, columns);
	}
	sqlite3_finalize(st);
	return r != 0 ? r : sqlite_errno(rc);
}

static void
drop_put(struct sqlite *l)
{
	sqlite3_finalize(l->put);
	l->put = NULL;
	l->table[0] = '\0';
}

static int
prepare_put(struct sqlite *l, const char *table, size_t n)
{
	char text[64 + 8 * COLUMNS_MAX];
	int at = snprintf(text, sizeof(text), "INSERT INTO %s VALUES (", table);

	if (strcmp(l->table, table) == 0)
		return 0;
	drop_put(l);
	for (size_t i = 1; i <= n; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "$%zu%s",
		    i, i < n ? "," : ")");
	snprintf(l->table, sizeof(l->table), "%s", table);
	return sqlite_errno(sqlite3_prepare_v2(l->db, text, -1, &l->put, NULL));
}

static int
sqlite_put(
    struct sql *q, const char *table, const struct sql_value *v, size_t n)
{
	struct sqlite *l = (struct sqlite *)q;
	int r = prepare_put(l, table, n);

	if (r < 0) {
		drop_put(l);
		return r;
	}
	for (size_t i = 0; i < n; i++)
		bind_value(l->put, (int)i + 1, &v[i]);
	r = sqlite_errno(sqlite3_step(l->put));
	sqlite3_reset(l->put);
	sqlite3_clear_bindings(l->put);
	return r;
}

static int
sqlite_flush(struct sql *q)
{
	(void)q;
	return 0;
}

static int
sqlite_begin(struct sql *q)
{
	return execute((struct sqlite *)q, "BEGIN IMMEDIATE");
}

static void
sqlite_rollback(struct sql *q)
{
	struct sqlite *l = (struct sqlite *)q;

	drop_put(l);
	execute(l, "ROLLBACK");
}

static int
sqlite_commit(struct sql *q)
{
	int r;

	drop_put((struct sqlite *)q);
	r = execute((struct sqlite *)q, "COMMIT");
	if (r < 0)
		sqlite_rollback(q);
	return r;
}

static int
take_number(void *arg, const struct sql_value *columns)
{
	*(int64_t *)arg = columns[0].i;
	return 0;
}

static int
sqlite_form(struct sql *q, int64_t *ret_form)
{
	return sqlite_run(
	    q, "PRAGMA user_version", NULL, 0, 0, take_number, ret_form);
}

static int
make_tables(struct sqlite *l, int64_t form)
{
	char text[4096];
	int r = 0;

	for (size_t i = 0; r == 0 && i < sql_tables_n; i++) {
		snprintf(text, sizeof(text),
		    "CREATE TABLE %s (%s) WITHOUT ROWID", sql_tables[i].name,
		    sql_tables[i].columns);
		r = execute(l, text);
	}
	snprintf(text, sizeof(text), "%s; PRAGMA user_version = %lld",
	    sql_indexes, (long long)form);
	return r == 0 ? execute(l, text) : r;
}

/* Where another process was faster, theirs stay: that is -EBADMSG. */
static int
sqlite_make(struct sql *q, int64_t form)
{
	struct sqlite *l = (struct sqlite *)q;
	int r = execute(l, "BEGIN IMMEDIATE");

	if (r < 0)
		return r;
	r = make_tables(l, form);
	if (r == 0)
		return sqlite_commit(q);
	sqlite_rollback(q);
	return r;
}

static const char *
sqlite_said(struct sql *q)
{
	const struct sqlite *l = (struct sqlite *)q;

	return sqlite3_errcode(l->db) == SQLITE_OK ? "" : sqlite3_errmsg(l->db);
}

static void
sqlite_close(struct sql *q)
{
	struct sqlite *l = (struct sqlite *)q;

	if (l == NULL)
		return;
	drop_put(l);
	sqlite3_close(l->db);
	free(l);
}

/* The name that PostgreSQL has for the order of bytes, which is SQLite's own. */
static int
by_bytes(void *arg, int n, const void *a, int m, const void *b)
{
	int r = memcmp(a, b, (size_t)(n < m ? n : m));

	(void)arg;
	return r != 0 ? r : n - m;
}

static int
open_file(struct sqlite *l, const char *path, bool write)
{
	int rc = sqlite3_open_v2(path, &l->db,
	    write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
		  : SQLITE_OPEN_READONLY,
	    NULL);

	if (rc == SQLITE_CANTOPEN && !write && access(path, F_OK) < 0)
		return -ENOENT;
	if (rc != SQLITE_OK)
		return sqlite_errno(rc);
	sqlite3_busy_timeout(l->db, BUSY_MS);
	sqlite3_create_collation(l->db, "C", SQLITE_UTF8, NULL, by_bytes);
	return write ? execute(l, "PRAGMA journal_mode = TRUNCATE;"
				  "PRAGMA synchronous = EXTRA")
		     : 0;
}

int
sql_sqlite(const char *path, bool write, struct sql **ret)
{
	struct sqlite *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL)
		return -ENOMEM;
	l->sql = (struct sql){ .form = sqlite_form,
		.make = sqlite_make,
		.begin = sqlite_begin,
		.commit = sqlite_commit,
		.rollback = sqlite_rollback,
		.run = sqlite_run,
		.put = sqlite_put,
		.flush = sqlite_flush,
		.close = sqlite_close,
		.said = sqlite_said };
	r = open_file(l, path, write);
	if (r < 0)
		sqlite_close(&l->sql);
	else
		*ret = &l->sql;
	return r;
}
