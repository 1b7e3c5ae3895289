/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libpq is loaded when a server is first asked for, and by no other run: a
 * playout PC has neither it nor the memory that it takes, and one program
 * serves both levels.
 */
#include <dlfcn.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <postgresql/libpq-fe.h>

#include "evidence/sql.h"

#define LIBRARY "libpq.so.5"
#define SCHEMA "loaxa" /* all tables are in it, and nothing else */
#define LOCK "7809639175262758" /* one that writes: a number of our own */
#define COLUMNS_MAX 48
#define SENT_AT_ONCE (128 << 10)
#define BUFFERED (4 << 20) /* bytes of rows that wait here */

/* Months that have tables of their own; what is beside them is in one more. */
#define FIRST_YEAR 2020
#define MONTHS (80 * 12)

#define FUNCTIONS(X) \
	X(PQconnectdb) \
	X(PQstatus) \
	X(PQreset) \
	X(PQfinish) \
	X(PQerrorMessage) \
	X(PQexec) \
	X(PQsendQueryParams) \
	X(PQsetSingleRowMode) \
	X(PQgetResult) \
	X(PQresultStatus) \
	X(PQresultErrorField) \
	X(PQresultErrorMessage) \
	X(PQntuples) \
	X(PQnfields) \
	X(PQgetisnull) \
	X(PQgetvalue) \
	X(PQgetlength) \
	X(PQclear) \
	X(PQputCopyData) \
	X(PQputCopyEnd) \
	X(PQsetClientEncoding)

/* What a function of that name is called by here: pq.PQexec(). */
#define POINTER(name) __typeof__(name) *name;
static struct {
	void *library;
	FUNCTIONS(POINTER)
} pq;

struct rows { /* of one of sql_tables, and not sent yet */
	char *bytes; /* as COPY's binary form has them */
	size_t n;
	size_t room;
	uint64_t small; /* its columns of four bytes, a bit each */
	bool months[MONTHS]; /* that have a table */
	bool wanted[MONTHS]; /* that lack one */
};

struct postgres {
	struct sql sql; /* first */
	PGconn *conn;
	bool write;
	bool wants; /* a month */
	size_t waits; /* bytes */
	struct rows *rows; /* as many as sql_tables_n */
	char said[SQL_SAID];
};

static int
load(void)
{
	if (pq.library != NULL)
		return 0;
	pq.library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (pq.library == NULL)
		return -ENOPKG;
#define FIND(name) \
	*(void **)&pq.name = dlsym(pq.library, #name); \
	if (pq.name == NULL) \
		goto another_version;
	FUNCTIONS(FIND)
	return 0;

another_version:
	dlclose(pq.library);
	pq.library = NULL;
	return -ENOPKG;
}

/* Errors -------------------------------------------------------------------- */

/* Its first line, without "ERROR:  ". */
static void
keep_said(char said[static SQL_SAID], const char *text)
{
	const char *at = strstr(text, ":  ");

	snprintf(said, SQL_SAID, "%s", at == NULL ? text : at + 3);
	said[strcspn(said, "\n")] = '\0';
}

static const struct {
	const char *state; /* SQLSTATE, or how it begins */
	int error;
} states[] = {
	{ "53100", ENOSPC },
	{ "53200", ENOMEM },
	{ "53", EBUSY },
	{ "28", EACCES },
	{ "42501", EACCES },
	{ "42P01", EBADMSG },
	{ "3F000", EBADMSG },
	{ "23505", EEXIST },
	{ "25006", EROFS },
	{ "40", EBUSY },
	{ "55P03", EBUSY },
	{ "57P03", ENOTCONN },
	{ "57P", ECONNRESET },
	{ "08", ECONNRESET },
};

static int
fail(struct postgres *p, const PGresult *res)
{
	const char *state =
	    res == NULL ? NULL : pq.PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = res == NULL ? "" : pq.PQresultErrorMessage(res);

	keep_said(p->said, text[0] != '\0' ? text : pq.PQerrorMessage(p->conn));
	if (pq.PQstatus(p->conn) == CONNECTION_BAD)
		return -ECONNRESET;
	for (size_t i = 0;
	     state != NULL && i < sizeof(states) / sizeof(states[0]); i++)
		if (strncmp(state, states[i].state, strlen(states[i].state)) ==
		    0)
			return -states[i].error;
	return -EIO;
}

/* Asking -------------------------------------------------------------------- */

/* Some statements, without parameters or an answer. */
static int
execute(struct postgres *p, const char *text)
{
	PGresult *res = pq.PQexec(p->conn, text);
	ExecStatusType is = pq.PQresultStatus(res);
	int r = is == PGRES_COMMAND_OK || is == PGRES_TUPLES_OK ||
			is == PGRES_COPY_IN
		    ? 0
		    : fail(p, res);

	pq.PQclear(res);
	return r;
}

static int
read_rows(const PGresult *res, unsigned texts,
    int (*row)(void *arg, const struct sql_value *columns), void *arg)
{
	struct sql_value c[COLUMNS_MAX];
	int r = 0;

	for (int i = 0; r == 0 && i < pq.PQntuples(res); i++) {
		for (int k = 0; k < pq.PQnfields(res) && k < COLUMNS_MAX; k++) {
			const char *s = pq.PQgetvalue(res, i, k);

			if (pq.PQgetisnull(res, i, k))
				c[k] = SQL_NONE;
			else if (k < 32 && (texts & 1u << k) != 0)
				c[k] = SQL_WORDS(
				    s, (size_t)pq.PQgetlength(res, i, k));
			else
				c[k] = SQL_NUMBER(strtoll(s, NULL, 10));
		}
		r = row(arg, c);
	}
	return r;
}

/* All that comes is read, also when nobody wants it any more. */
static int
read_answer(struct postgres *p, unsigned texts,
    int (*row)(void *arg, const struct sql_value *columns), void *arg)
{
	PGresult *res;
	int r = 0;

	while ((res = pq.PQgetResult(p->conn)) != NULL) {
		ExecStatusType is = pq.PQresultStatus(res);

		if (is != PGRES_COMMAND_OK && is != PGRES_TUPLES_OK &&
		    is != PGRES_SINGLE_TUPLE)
			r = r != 0 ? r : fail(p, res);
		else if (r == 0 && row != NULL)
			r = read_rows(res, texts, row, arg);
		pq.PQclear(res);
	}
	return r;
}

static int
postgres_run(struct sql *q, const char *text, const struct sql_value *v,
    size_t n, unsigned texts,
    int (*row)(void *arg, const struct sql_value *columns), void *arg)
{
	struct postgres *p = (struct postgres *)q;
	const char *values[COLUMNS_MAX];
	int lengths[COLUMNS_MAX];
	int binary[COLUMNS_MAX]; /* texts: no NUL stands behind them */
	char numbers[COLUMNS_MAX][24];

	for (size_t i = 0; i < n && i < COLUMNS_MAX; i++) {
		values[i] = v[i].type == SQL_NULL ? NULL : v[i].s;
		lengths[i] = (int)v[i].n;
		binary[i] = v[i].type != SQL_INT;
		if (v[i].type != SQL_INT)
			continue;
		snprintf(numbers[i], sizeof(numbers[i]), "%" PRId64, v[i].i);
		values[i] = numbers[i];
	}
	if (!pq.PQsendQueryParams(
		p->conn, text, (int)n, NULL, values, lengths, binary, 0))
		return fail(p, NULL);
	pq.PQsetSingleRowMode(p->conn);
	return read_answer(p, texts, row, arg);
}

/* Putting ------------------------------------------------------------------- */

/* Which of the columns take four bytes, a bit each; the others of a number take
 * eight. */
static uint64_t
small_columns(const char *columns)
{
	static const char word[] = " INTEGER";
	uint64_t bits = 0;

	for (int i = 0; i < 64 && *columns != '\0'; i++) {
		size_t n = strcspn(columns, ",");

		if (memmem(columns, n, word, sizeof(word) - 1) != NULL)
			bits |= UINT64_C(1) << i;
		columns += n;
		columns += strspn(columns, ", ");
	}
	return bits;
}

static size_t
find_table(const char *name)
{
	size_t i = 0;

	while (i + 1 < sql_tables_n && strcmp(sql_tables[i].name, name) != 0)
		i++;
	return i;
}

/* The place of a month among those with a table of their own; -1. */
static int
month_place(int64_t month)
{
	int64_t year = month / 100;
	int64_t i = (year - FIRST_YEAR) * 12 + month % 100 - 1;

	return year < FIRST_YEAR || i >= MONTHS ? -1 : (int)i;
}

/* A row of a month without a table would go where those of no month are, and
 * keep it from ever having one. */
static void
want_month(struct postgres *p, size_t table, int64_t month)
{
	struct rows *t = &p->rows[table];
	int i = sql_tables[table].by_month ? month_place(month) : -1;

	if (i < 0 || t->months[i])
		return;
	t->wanted[i] = true;
	p->wants = true;
}

static int
make_room(struct rows *t, size_t n)
{
	char *grown;

	if (t->n + n <= t->room)
		return 0;
	grown = realloc(t->bytes, (t->n + n) * 2);
	if (grown == NULL)
		return -ENOMEM;
	t->bytes = grown;
	t->room = (t->n + n) * 2;
	return 0;
}

static void
put_bytes(struct rows *t, const void *bytes, size_t n)
{
	memcpy(t->bytes + t->n, bytes, n);
	t->n += n;
}

static void
put_length(struct rows *t, int32_t n)
{
	uint32_t big = htobe32((uint32_t)n);

	put_bytes(t, &big, sizeof(big));
}

static void
put_number(struct rows *t, int64_t i, bool is_small)
{
	uint64_t big = htobe64((uint64_t)i);

	put_length(t, is_small ? 4 : 8);
	if (is_small)
		put_length(t, (int32_t)i);
	else
		put_bytes(t, &big, sizeof(big));
}

/* There is room for it. */
static void
put_value(struct rows *t, const struct sql_value *v, bool is_small)
{
	switch (v->type) {
	case SQL_NULL:
		put_length(t, -1);
		break;
	case SQL_INT:
		put_number(t, v->i, is_small);
		break;
	case SQL_TEXT:
	case SQL_BYTES:
		put_length(t, (int32_t)v->n);
		put_bytes(t, v->s, v->n);
		break;
	}
}

static int
send_bytes(struct postgres *p, const char *bytes, size_t n)
{
	while (n > 0) {
		size_t now = n < SENT_AT_ONCE ? n : SENT_AT_ONCE;

		if (pq.PQputCopyData(p->conn, bytes, (int)now) != 1)
			return fail(p, NULL);
		bytes += now;
		n -= now;
	}
	return 0;
}

/* A table's rows: they are in it, or why they are not. */
static int
copy_rows(struct postgres *p, const char *table, struct rows *t)
{
	/* The form's name; no flags, and nothing more of a head: 19 bytes, the
	 * last one the NUL. */
	static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
	static const char foot[] = "\377\377";
	char text[64];
	int r, end;

	snprintf(
	    text, sizeof(text), "COPY %.30s FROM STDIN (FORMAT binary)", table);
	r = execute(p, text);
	if (r < 0)
		return r;
	r = send_bytes(p, head, sizeof(head));
	if (r == 0)
		r = send_bytes(p, t->bytes, t->n);
	if (r == 0)
		r = send_bytes(p, foot, sizeof(foot) - 1);
	if (pq.PQputCopyEnd(p->conn, NULL) != 1 && r == 0)
		r = fail(p, NULL);
	end = read_answer(p, 0, NULL, NULL);
	return end < 0 ? end : r;
}

static void
drop_rows(struct postgres *p)
{
	for (size_t i = 0; i < sql_tables_n; i++)
		p->rows[i].n = 0;
	p->waits = 0;
}

static int
postgres_flush(struct sql *q)
{
	struct postgres *p = (struct postgres *)q;
	int r = p->wants ? -EAGAIN : 0;

	for (size_t i = 0; r == 0 && i < sql_tables_n; i++)
		if (p->rows[i].n > 0)
			r = copy_rows(p, sql_tables[i].name, &p->rows[i]);
	drop_rows(p);
	return r;
}

static int
postgres_put(
    struct sql *q, const char *table, const struct sql_value *v, size_t n)
{
	struct postgres *p = (struct postgres *)q;
	size_t i = find_table(table);
	struct rows *t = &p->rows[i];
	uint16_t columns = htobe16((uint16_t)n);
	size_t need = sizeof(columns);
	size_t before = t->n;
	int r;

	for (size_t k = 0; k < n; k++)
		need += 4 + (v[k].type == SQL_INT ? 8 : v[k].n);
	r = make_room(t, need);
	if (r < 0)
		return r;
	want_month(p, i, v[1].i);
	put_bytes(t, &columns, sizeof(columns));
	for (size_t k = 0; k < n; k++)
		put_value(t, &v[k], (t->small >> k & 1) != 0);
	p->waits += t->n - before;
	return p->waits >= BUFFERED ? postgres_flush(q) : 0;
}

/* A transaction that writes, alone or among others. */
static int
lock(struct postgres *p, bool among)
{
	return execute(
	    p, among ? "BEGIN; SELECT pg_advisory_xact_lock_shared(" LOCK ")"
		     : "BEGIN; SELECT pg_advisory_xact_lock(" LOCK ")");
}

/* Months -------------------------------------------------------------------- */

/* "leaf_202611" */
static int
take_month(void *arg, const struct sql_value *columns)
{
	struct postgres *p = arg;
	const char *name = columns[0].s;
	const char *month = strrchr(name, '_');
	int at = month == NULL ? -1 : month_place(strtoll(month + 1, NULL, 10));

	for (size_t i = 0; at >= 0 && i < sql_tables_n; i++) {
		const char *table = sql_tables[i].name;

		if (strlen(table) == (size_t)(month - name) &&
		    memcmp(table, name, strlen(table)) == 0)
			p->rows[i].months[at] = true;
	}
	return 0;
}

/* Asked for in every transaction: somebody may have made the tables anew. */
static int
read_months(struct postgres *p)
{
	for (size_t i = 0; i < sql_tables_n; i++)
		memset(p->rows[i].months, 0, sizeof(p->rows[i].months));
	return postgres_run(&p->sql,
	    "SELECT c.relname FROM pg_class c JOIN pg_namespace n"
	    " ON n.oid = c.relnamespace WHERE n.nspname = '" SCHEMA "'"
	    " AND c.relkind = 'r'",
	    NULL, 0, 1, take_month, p);
}

static int
make_month(struct postgres *p, const char *table, int i)
{
	char text[160];
	int month = (FIRST_YEAR + i / 12) * 100 + i % 12 + 1;

	snprintf(text, sizeof(text),
	    "CREATE TABLE IF NOT EXISTS %s_%d PARTITION OF %s"
	    " FOR VALUES FROM (%d) TO (%d)",
	    table, month, table, month, month + 1);
	return execute(p, text);
}

/* Alone, and in a transaction of their own: whoever makes one holds everybody
 * up who has asked for a row. */
static int
make_months(struct postgres *p)
{
	int r = p->wants ? lock(p, false) : 0;

	if (!p->wants || r < 0)
		return r;
	for (size_t i = 0; i < sql_tables_n; i++)
		for (int m = 0; r == 0 && m < MONTHS; m++)
			if (p->rows[i].wanted[m])
				r = make_month(p, sql_tables[i].name, m);
	/* What cannot be made is asked for again by who needs it. */
	for (size_t i = 0; i < sql_tables_n; i++)
		memset(p->rows[i].wanted, 0, sizeof(p->rows[i].wanted));
	p->wants = false;
	return r == 0 ? execute(p, "COMMIT") : r;
}

/* Transactions -------------------------------------------------------------- */

/* Before a server has counted what came in at once, it takes two large tables for
 * small ones, and goes through one of them for each row of the other. */
static int
set_session(struct postgres *p)
{
	drop_rows(p);
	if (pq.PQstatus(p->conn) != CONNECTION_OK) {
		keep_said(p->said, pq.PQerrorMessage(p->conn));
		return -ENOTCONN;
	}
	pq.PQsetClientEncoding(p->conn, "UTF8");
	return execute(p, p->write
			      ? "SET search_path = " SCHEMA ";"
				"SET client_min_messages = warning;"
				"SET lock_timeout = '30s'; SET jit = off"
			      : "SET search_path = " SCHEMA ";"
				"SET default_transaction_read_only = on;"
				"SET enable_nestloop = off; SET jit = off");
}

static void
postgres_rollback(struct sql *q)
{
	struct postgres *p = (struct postgres *)q;
	char said[SQL_SAID];

	memcpy(said, p->said, sizeof(said));
	drop_rows(p);
	execute(p, "ROLLBACK");
	memcpy(p->said, said, sizeof(said));
}

static int
begin(struct postgres *p)
{
	int r = make_months(p);

	if (r == 0)
		r = lock(p, p->sql.among);
	return r == 0 ? read_months(p) : r;
}

/* A server that went away while nobody looked is asked for again. */
static int
postgres_begin(struct sql *q)
{
	struct postgres *p = (struct postgres *)q;
	int r = begin(p);

	if (r == -ECONNRESET) {
		pq.PQreset(p->conn);
		r = set_session(p);
		if (r == 0)
			r = begin(p);
	}
	if (r < 0 && r != -ENOTCONN)
		postgres_rollback(q);
	return r;
}

static int
postgres_commit(struct sql *q)
{
	struct postgres *p = (struct postgres *)q;
	int r = postgres_flush(q);

	if (r == 0)
		r = execute(p, "COMMIT");
	if (r < 0)
		postgres_rollback(q);
	return r;
}

/* Tables -------------------------------------------------------------------- */

static int
take_number(void *arg, const struct sql_value *columns)
{
	*(int64_t *)arg = columns[0].i;
	return 0;
}

static int
postgres_form(struct sql *q, int64_t *ret_form)
{
	int64_t there = 0;
	int r = postgres_run(q,
	    "SELECT count(*) FROM pg_tables"
	    " WHERE schemaname = '" SCHEMA "' AND tablename = 'form'",
	    NULL, 0, 0, take_number, &there);

	*ret_form = 0;
	return r < 0 || there == 0 ? r
				   : postgres_run(q, "SELECT version FROM form",
					 NULL, 0, 0, take_number, ret_form);
}

static int
make_table(struct postgres *p, const struct sql_table *t)
{
	char text[4096];
	int n = snprintf(text, sizeof(text),
	    "DROP TABLE IF EXISTS %s; CREATE TABLE %s (%s)", t->name, t->name,
	    t->columns);

	if (t->by_month)
		snprintf(text + n, sizeof(text) - (size_t)n,
		    " PARTITION BY RANGE (month);"
		    "CREATE TABLE %s_rest PARTITION OF %s DEFAULT",
		    t->name, t->name);
	return execute(p, text);
}

static int
make_form(struct postgres *p, int64_t form)
{
	char text[200];

	snprintf(text, sizeof(text),
	    "DROP TABLE IF EXISTS form;"
	    "CREATE TABLE form (version BIGINT PRIMARY KEY);"
	    "INSERT INTO form VALUES (%" PRId64 ")",
	    form);
	return execute(p, text);
}

static int
postgres_make(struct sql *q, int64_t form)
{
	struct postgres *p = (struct postgres *)q;
	int r = postgres_begin(q);

	if (r < 0)
		return r;
	r = execute(p, "CREATE SCHEMA IF NOT EXISTS " SCHEMA);
	for (size_t i = 0; r == 0 && i < sql_tables_n; i++)
		r = make_table(p, &sql_tables[i]);
	if (r == 0)
		r = execute(p, sql_indexes);
	if (r == 0)
		r = make_form(p, form);
	if (r == 0)
		return postgres_commit(q);
	postgres_rollback(q);
	return r;
}

/* Opening ------------------------------------------------------------------- */

static const char *
postgres_said(struct sql *q)
{
	return ((struct postgres *)q)->said;
}

static void
postgres_close(struct sql *q)
{
	struct postgres *p = (struct postgres *)q;

	if (p == NULL)
		return;
	if (p->conn != NULL)
		pq.PQfinish(p->conn);
	for (size_t i = 0; p->rows != NULL && i < sql_tables_n; i++)
		free(p->rows[i].bytes);
	free(p->rows);
	free(p);
}

int
sql_postgres(const char *where, bool write, char *said, struct sql **ret)
{
	struct postgres *p;
	int r = load();

	if (r < 0)
		return r;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	p->sql = (struct sql){ .form = postgres_form,
		.make = postgres_make,
		.begin = postgres_begin,
		.commit = postgres_commit,
		.rollback = postgres_rollback,
		.run = postgres_run,
		.put = postgres_put,
		.flush = postgres_flush,
		.close = postgres_close,
		.said = postgres_said };
	p->write = write;
	p->rows = calloc(sql_tables_n, sizeof(p->rows[0]));
	p->conn = p->rows == NULL ? NULL : pq.PQconnectdb(where);
	for (size_t i = 0; p->rows != NULL && i < sql_tables_n; i++)
		p->rows[i].small = small_columns(sql_tables[i].columns);
	r = p->conn == NULL ? -ENOMEM : set_session(p);
	if (r < 0) {
		if (said != NULL)
			memcpy(said, p->said, SQL_SAID);
		postgres_close(&p->sql);
	} else {
		*ret = &p->sql;
	}
	return r;
}
