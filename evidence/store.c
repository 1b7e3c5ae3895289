/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static char said[SQL_SAID]; /* by the database, of the last that failed */

const char *
store_said(void)
{
	return said;
}

void
store_hear(struct store *s)
{
	snprintf(said, sizeof(said), "%s", s->sql->said(s->sql));
}

void
store_hear_of(const char *words)
{
	snprintf(said, sizeof(said), "%s", words);
}

bool
store_is_server(const char *where)
{
	return strncmp(where, "postgresql://", 13) == 0 ||
	       strncmp(where, "postgres://", 11) == 0;
}

/* The tables, made when there are none, and a server's when they are of another
 * form: a file is thrown away as a whole. */
static int
open_tables(struct store *s, bool write, bool server)
{
	int64_t form = 0;
	int r = s->sql->form(s->sql, &form);

	if (r == 0 && form != FORM && write && (form == 0 || server))
		r = s->sql->make(s->sql, FORM);
	else if (r == 0 && form != FORM)
		r = form == 0 ? -ENOENT : -EBADMSG;
	if (r < 0)
		store_hear(s);
	return r;
}

static int
open_sql(struct store *s, const char *where, bool write)
{
	bool server = store_is_server(where);
	int r = server ? sql_postgres(where, write, said, &s->sql)
		       : sql_sqlite(where, write, &s->sql);

	return r == 0 ? open_tables(s, write, server) : r;
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
open_where(const char *where, bool write, struct store **ret_store)
{
	struct store *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	said[0] = '\0';
	s->where = strdup(where);
	r = s->where == NULL ? -ENOMEM : open_sql(s, where, write);
	if (r == -EBADMSG && write && !store_is_server(where)) {
		close_sql(s);
		throw_away(where);
		r = open_sql(s, where, write);
	}
	if (r < 0)
		store_close(s);
	else
		*ret_store = s;
	return r;
}

int
store_open(const char *where, struct store **ret_store)
{
	return open_where(where, true, ret_store);
}

/* The line of STORE/rows, or the file beside it. */
static int
read_where(const char *folder, char **ret_where)
{
	struct disk *d;
	char *text;
	size_t n;
	int r = disk_open(folder, &d);

	if (r < 0)
		return r;
	r = d->read(d, STORE_ROWS, &text, &n);
	disk_close(d);
	if (r == -ENOENT)
		return asprintf(ret_where, "%s/" STORE_FILE, folder) < 0
			   ? -ENOMEM
			   : 0;
	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	if (!store_is_server(text)) {
		free(text);
		return -EINVAL;
	}
	*ret_where = text;
	return 0;
}

static int
open_at(const char *folder, bool write, struct store **ret_store)
{
	char *where;
	int r = read_where(folder, &where);

	if (r < 0)
		return r;
	r = open_where(where, write, ret_store);
	free(where);
	return r;
}

int
store_at(const char *folder, struct store **ret_store)
{
	return open_at(folder, true, ret_store);
}

int
store_look(const char *folder, struct store **ret_store)
{
	struct stat st;

	if (stat(folder, &st) < 0)
		return -errno;
	return open_at(folder, false, ret_store);
}

static int
write_where(const char *folder, const char *where)
{
	char line[1024];
	struct disk *d;
	int n = snprintf(line, sizeof(line), "%s\n", where);
	int r = n >= (int)sizeof(line) ? -ENAMETOOLONG : disk_open(folder, &d);

	if (r < 0)
		return r;
	r = d->replace(d, STORE_ROWS, line, (size_t)n, 1);
	disk_close(d);
	return r;
}

int
store_use(const char *folder, const char *where)
{
	struct store *s;
	char path[PATH_MAX];
	int r;

	if (where[0] == '\0') {
		snprintf(path, sizeof(path), "%s/" STORE_ROWS, folder);
		return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
	}
	if (!store_is_server(where) || strchr(where, '\n') != NULL)
		return -EINVAL;
	r = open_where(where, true, &s);
	if (r < 0)
		return r;
	store_close(s);
	r = disk_folders(folder);
	return r == 0 ? write_where(folder, where) : r;
}

struct store *
store_close(struct store *s)
{
	if (s == NULL)
		return NULL;
	close_sql(s);
	free(s->where);
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
