/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sql - the few things the store (store.h) asks of a database, as a table of
 * functions: SQLite's, one file; and PostgreSQL's, a server.
 *
 * One text of SQL serves both: parameters are $1, $2, ...; integers are 64 bits;
 * texts are UTF-8 and sort by their bytes. All functions return 0 or a negative
 * errno: -ENOSPC the disk is full, -EACCES no leave, -EROFS, -EBUSY another one
 * writes, -EAGAIN begin the transaction again, -EEXIST a row of that key is
 * there, -ENOMEM, -EBADMSG a damaged file, or tables that are not there,
 * -ENOTCONN no server answers, -ECONNRESET it went away, -ENOPKG its library is
 * not installed, -EIO.
 */
#ifndef EVIDENCE_SQL_H
#define EVIDENCE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sql_type { SQL_NULL, SQL_INT, SQL_TEXT, SQL_BYTES };

struct sql_value { /* a plain value; text and bytes borrowed */
	enum sql_type type;
	int64_t i;
	const char *s; /* with a NUL behind it, where it came as an answer */
	size_t n; /* its bytes */
};

#define SQL_NONE ((struct sql_value){ .type = SQL_NULL })
#define SQL_NUMBER(x) ((struct sql_value){ .type = SQL_INT, .i = (x) })
#define SQL_WORDS(x, len) \
	((struct sql_value){ .type = SQL_TEXT, .s = (x), .n = (len) })
#define SQL_STRING(x) SQL_WORDS(x, strlen(x))

struct sql {
	/* The form that was written with the tables; 0: there are none. */
	int (*form)(struct sql *q, int64_t *ret_form);
	/* All tables, and that form; what a server has of another form goes.
	 * Not within a transaction. */
	int (*make)(struct sql *q, int64_t form);
	/* A writing transaction: the only one, whoever else writes waits; with
	 * `among`, one of those that write rows of other stations each. After
	 * begin() has returned 0, commit() or rollback() ends it; a commit() that
	 * fails has ended it, too. -EAGAIN of flush() or commit(): after a
	 * rollback(), begin() makes what was not there. */
	bool among;
	int (*begin)(struct sql *q);
	int (*commit)(struct sql *q);
	void (*rollback)(struct sql *q);
	/* One statement. `row` (or NULL) gets each row of the answer, lent for
	 * the call, and may not use q; its non-zero return stops and is
	 * returned. Answers are numbers but where `texts` has the column's bit:
	 * those are SQL_TEXT, or SQL_NULL. */
	int (*run)(struct sql *q, const char *text, const struct sql_value *v,
	    size_t n, unsigned texts,
	    int (*row)(void *arg, const struct sql_value *columns), void *arg);
	/* One row more of a table, within a transaction: all its columns, in
	 * their order. run() knows of it after flush() alone, which also says
	 * whether it could be put; so does commit(). */
	int (*put)(struct sql *q, const char *table, const struct sql_value *v,
	    size_t n);
	int (*flush)(struct sql *q);
	/* Accepts NULL. */
	void (*close)(struct sql *q);
	/* What the database itself said last of what failed; "" nothing. */
	const char *(*said)(struct sql *q);
};

/* A file; `write` false: nothing is made or changed, -ENOENT when there is
 * none. 0 and *ret is yours: close(). */
int sql_sqlite(const char *path, bool write, struct sql **ret);

/* A server, by libpq's connection text (postgresql://...). It is asked for at
 * once, and again by begin() when it had gone. `said`, when not NULL, gets its
 * own words (SQL_SAID bytes) when that fails. */
#define SQL_SAID 400
int sql_postgres(const char *where, bool write, char *said, struct sql **ret);

/* The tables, the same in both; see store.h. */
struct sql_table {
	const char *name;
	const char *columns;
	bool by_month; /* divided by its column `month`, where that helps */
};

extern const struct sql_table sql_tables[];
extern const size_t sql_tables_n;

/* What else is made with them. */
extern const char sql_indexes[];

#endif
