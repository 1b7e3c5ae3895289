/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libpq is loaded when a server is first asked for, and by no other run: a
 * playout PC has neither it nor the memory that it takes, and one program
 * serves both levels.
 */
#include <dlfcn.h>
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
#define BUFFER (128 << 10)
#define KNOWN_MAX 128

/* Months that have tables of their own; what is beside them is in one more. */
#define FIRST_MONTH 202001
#define LAST_MONTH 209912

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

struct known {
	const char *table; /* of sql_tables */
	int64_t month;
};

struct postgres {
	struct sql sql; /* first */
	PGconn *conn;
	bool write;
	char table[32]; /* that is copied into now; "" none */
	char *buffer; /* of it, not sent yet */
	size_t n;
	size_t room;
	struct known known[KNOWN_MAX]; /* months that have a table */
	size_t known_n;
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

static int end_copy(struct postgres *p);

static int
postgres_run(struct sql *q, const char *text, const struct sql_value *v,
    size_t n, unsigned texts,
    int (*row)(void *arg, const struct sql_value *columns), void *arg)
{
	struct postgres *p = (struct postgres *)q;
	const char *values[COLUMNS_MAX];
	char numbers[COLUMNS_MAX][24];
	int r = end_copy(p);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n && i < COLUMNS_MAX; i++) {
		values[i] = v[i].type == SQL_NULL ? NULL : v[i].s;
		if (v[i].type != SQL_INT)
			continue;
		snprintf(numbers[i], sizeof(numbers[i]), "%" PRId64, v[i].i);
		values[i] = numbers[i];
	}
	if (!pq.PQsendQueryParams(
		p->conn, text, (int)n, NULL, values, NULL, NULL, 0))
		return fail(p, NULL);
	pq.PQsetSingleRowMode(p->conn);
	return read_answer(p, texts, row, arg);
}

/* Putting ------------------------------------------------------------------- */

static int
send_buffer(struct postgres *p)
{
	int r = 0;

	if (p->n > 0 && pq.PQputCopyData(p->conn, p->buffer, (int)p->n) != 1)
		r = fail(p, NULL);
	p->n = 0;
	return r;
}

/* What was put is a table's; or why it is not. */
static int
end_copy(struct postgres *p)
{
	int r, end;

	if (p->table[0] == '\0')
		return 0;
	r = send_buffer(p);
	p->table[0] = '\0';
	if (pq.PQputCopyEnd(p->conn, NULL) != 1 && r == 0)
		r = fail(p, NULL);
	end = read_answer(p, 0, NULL, NULL);
	return end < 0 ? end : r;
}

static int
begin_copy(struct postgres *p, const char *table)
{
	char text[64];
	int r;

	if (strcmp(p->table, table) == 0)
		return 0;
	r = end_copy(p);
	snprintf(text, sizeof(text), "COPY %.30s FROM STDIN", table);
	if (r == 0)
		r = execute(p, text);
	if (r == 0)
		snprintf(p->table, sizeof(p->table), "%s", table);
	return r;
}

static const struct sql_table *
find_table(const char *name)
{
	for (size_t i = 0; i < sql_tables_n; i++)
		if (strcmp(sql_tables[i].name, name) == 0)
			return &sql_tables[i];
	return NULL;
}

/* The month's own table, of which there may be none yet. */
static int
make_month(struct postgres *p, const char *table, int64_t month)
{
	const struct sql_table *t = find_table(table);
	char text[160];
	int r;

	if (t == NULL || !t->by_month || month < FIRST_MONTH ||
	    month > LAST_MONTH)
		return 0;
	for (size_t i = 0; i < p->known_n; i++)
		if (p->known[i].table == t->name && p->known[i].month == month)
			return 0;
	r = end_copy(p);
	snprintf(text, sizeof(text),
	    "CREATE TABLE IF NOT EXISTS %s_%" PRId64 " PARTITION OF %s"
	    " FOR VALUES FROM (%" PRId64 ") TO (%" PRId64 ")",
	    t->name, month, t->name, month, month + 1);
	if (r == 0)
		r = execute(p, text);
	if (r == 0)
		p->known[p->known_n++ % KNOWN_MAX] =
		    (struct known){ t->name, month };
	if (p->known_n > KNOWN_MAX)
		p->known_n = KNOWN_MAX;
	return r;
}

/* A place for n bytes behind what is there. */
static int
make_room(struct postgres *p, size_t n)
{
	char *grown;

	if (p->n + n <= p->room)
		return 0;
	grown = realloc(p->buffer, (p->n + n) * 2);
	if (grown == NULL)
		return -ENOMEM;
	p->buffer = grown;
	p->room = (p->n + n) * 2;
	return 0;
}

/* As COPY's text form has it. */
static void
put_text(struct postgres *p, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '\\' || c == '\t' || c == '\n' || c == '\r') {
			p->buffer[p->n++] = '\\';
			c = c == '\t'   ? 't'
			    : c == '\n' ? 'n'
			    : c == '\r' ? 'r'
					: c;
		}
		p->buffer[p->n++] = c;
	}
}

static void
put_bytes(struct postgres *p, const char *s, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	memcpy(p->buffer + p->n, "\\\\x", 3);
	p->n += 3;
	for (size_t i = 0; i < n; i++) {
		p->buffer[p->n++] = digits[(unsigned char)s[i] >> 4];
		p->buffer[p->n++] = digits[(unsigned char)s[i] & 15];
	}
}

static int
put_value(struct postgres *p, const struct sql_value *v, char behind)
{
	int r = make_room(p, 2 * v->n + 32);

	if (r < 0)
		return r;
	switch (v->type) {
	case SQL_NULL:
		memcpy(p->buffer + p->n, "\\N", 2);
		p->n += 2;
		break;
	case SQL_INT:
		p->n += (size_t)sprintf(p->buffer + p->n, "%" PRId64, v->i);
		break;
	case SQL_TEXT:
		put_text(p, v->s, v->n);
		break;
	case SQL_BYTES:
		put_bytes(p, v->s, v->n);
		break;
	}
	p->buffer[p->n++] = behind;
	return 0;
}

static int
postgres_put(
    struct sql *q, const char *table, const struct sql_value *v, size_t n)
{
	struct postgres *p = (struct postgres *)q;
	int r = make_month(p, table, v[1].i);

	if (r == 0)
		r = begin_copy(p, table);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = put_value(p, &v[i], i + 1 < n ? '\t' : '\n');
	return r == 0 && p->n >= BUFFER ? send_buffer(p) : r;
}

/* Transactions -------------------------------------------------------------- */

static int
set_session(struct postgres *p)
{
	p->table[0] = '\0';
	p->n = 0;
	p->known_n = 0;
	if (pq.PQstatus(p->conn) != CONNECTION_OK) {
		keep_said(p->said, pq.PQerrorMessage(p->conn));
		return -ENOTCONN;
	}
	pq.PQsetClientEncoding(p->conn, "UTF8");
	return execute(p, p->write ? "SET search_path = " SCHEMA ";"
				     "SET client_min_messages = warning;"
				     "SET lock_timeout = '30s'; SET jit = off"
				   : "SET search_path = " SCHEMA ";"
				     "SET default_transaction_read_only = on;"
				     "SET jit = off");
}

static int
lock(struct postgres *p)
{
	int r = execute(p, "BEGIN");

	return r == 0 ? execute(p, "SELECT pg_advisory_xact_lock(" LOCK ")")
		      : r;
}

static void
postgres_rollback(struct sql *q)
{
	struct postgres *p = (struct postgres *)q;
	char said[SQL_SAID];

	memcpy(said, p->said, sizeof(said));
	p->n = 0;
	if (p->table[0] != '\0') {
		p->table[0] = '\0';
		pq.PQputCopyEnd(p->conn, "given up");
		read_answer(p, 0, NULL, NULL);
	}
	p->known_n = 0;
	execute(p, "ROLLBACK");
	memcpy(p->said, said, sizeof(said));
}

/* A server that went away while nobody looked is asked for again. */
static int
postgres_begin(struct sql *q)
{
	struct postgres *p = (struct postgres *)q;
	int r = lock(p);

	if (r == -ECONNRESET) {
		pq.PQreset(p->conn);
		r = set_session(p);
		if (r == 0)
			r = lock(p);
	}
	if (r < 0 && r != -ENOTCONN)
		postgres_rollback(q);
	return r;
}

static int
postgres_commit(struct sql *q)
{
	struct postgres *p = (struct postgres *)q;
	int r = end_copy(p);

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
	free(p->buffer);
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
		.close = postgres_close,
		.said = postgres_said };
	p->write = write;
	p->conn = pq.PQconnectdb(where);
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
