/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "evidence/store_in.h"

#define FORM 2 /* of the tables; another one is made anew */

int
store_id(const char *key, int64_t *ret_id)
{
	uint64_t id = 0;
	size_t n = 0;

	for (; key[n] != '\0'; n++) {
		const char *digits = "0123456789abcdef";
		const char *at = strchr(digits, key[n]);

		if (at == NULL)
			return -EINVAL;
		id = id << 4 | (uint64_t)(at - digits);
	}
	if (n != 16)
		return -EINVAL;
	*ret_id = (int64_t)id;
	return 0;
}

int64_t
store_month(int64_t day)
{
	int year, month, mday;

	civil_ymd(day, &year, &month, &mday);
	return year * 100 + month;
}

struct asked {
	int64_t value;
};

static int
take_first(void *arg, const struct sql_value *columns)
{
	struct asked *a = arg;

	if (columns[0].type == SQL_INT)
		a->value = columns[0].i;
	return 0;
}

int
store_ask(struct store *s, const char *text, const struct sql_value *v,
    size_t n, int64_t otherwise, int64_t *ret)
{
	struct asked a = { otherwise };
	int r = s->sql->run(s->sql, text, v, n, 0, take_first, &a);

	if (r == 0)
		*ret = a.value;
	return r;
}

/* Opening ------------------------------------------------------------------ */

/* The tables, made when there are none. */
static int
open_tables(struct store *s, bool write)
{
	int64_t form = 0;
	int r = s->sql->form(s->sql, &form);

	if (r < 0 || form == FORM)
		return r;
	if (!write)
		return form == 0 ? -ENOENT : -EBADMSG;
	return form == 0 ? s->sql->make(s->sql, FORM) : -EBADMSG;
}

static int
open_file(struct store *s, const char *path, bool write)
{
	int r = sql_sqlite(path, write, &s->sql);

	return r == 0 ? open_tables(s, write) : r;
}

static void
close_sql(struct store *s)
{
	if (s->sql != NULL)
		s->sql->close(s->sql);
	s->sql = NULL;
}

/* Only ever our own copy of what the trees say. */
static void
throw_away(const char *path)
{
	char journal[PATH_MAX];

	if (snprintf(journal, sizeof(journal), "%s-journal", path) <
	    (int)sizeof(journal))
		unlink(journal);
	unlink(path);
}

static int
open_path(const char *path, bool write, struct store **ret_store)
{
	struct store *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	r = open_file(s, path, write);
	if (r == -EBADMSG && write) {
		close_sql(s);
		throw_away(path);
		r = open_file(s, path, write);
	}
	if (r < 0)
		store_close(s);
	else
		*ret_store = s;
	return r;
}

int
store_open(const char *path, struct store **ret_store)
{
	return open_path(path, true, ret_store);
}

static int
open_at(const char *folder, bool write, struct store **ret_store)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/" STORE_FILE, folder) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	return open_path(path, write, ret_store);
}

int
store_at(const char *folder, struct store **ret_store)
{
	return open_at(folder, true, ret_store);
}

int
store_look(const char *folder, struct store **ret_store)
{
	return open_at(folder, false, ret_store);
}

struct store *
store_close(struct store *s)
{
	if (s == NULL)
		return NULL;
	close_sql(s);
	free(s);
	return NULL;
}

/* Counting ------------------------------------------------------------------ */

int64_t
store_trees(struct store *s)
{
	int64_t n = 0;
	int r = store_ask(s, "SELECT count(*) FROM tree", NULL, 0, 0, &n);

	return r < 0 ? r : n;
}

int64_t
store_rows(struct store *s, const char *key, int64_t number)
{
	int64_t id;
	int64_t rows = 0;
	int r = store_id(key, &id);

	if (r == 0)
		r = store_ask(s,
		    "SELECT count(*) FROM leaf WHERE station = $1"
		    " AND tree = $2",
		    (struct sql_value[]){ SQL_NUMBER(id), SQL_NUMBER(number) },
		    2, 0, &rows);
	return r < 0 ? r : rows;
}
