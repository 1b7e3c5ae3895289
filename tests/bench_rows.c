/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_rows - the logs of many stations into the store, and the questions of
 * an upper level: tests/scale.sh.
 *
 *	bench_rows make FOLDER N DAYS	the records of N stations, as they are
 *					published, FOLDER/KEY/v1: no signatures
 *	bench_rows take WHERE FOLDER	each up to a third, two thirds, that
 *					once more, and all; every twentieth
 *					is offline in the last third
 *	bench_rows copy WHERE FOLDER	the same rows, and nothing but the rows
 *	bench_rows ask WHERE		a month of one, and of all
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/civil.h"
#include "evidence/store_in.h"
#include "evidence/tiles.h"
#include "tests/fakes/fake_log.h"

#define SLOTS 8
#define RECORDS (1 + 3 * SLOTS + 5) /* of a day */
#define NAME "que-minh" /* fake_log's station, and as long as ours */

static void
die(const char *what, int r)
{
	fprintf(stderr, "bench_rows: %s: %s %s\n", what, strerror(-r),
	    store_said());
	exit(1);
}

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Making --------------------------------------------------------------------- */

/* One slot: it aired, or the power was out; every third is a repeat. */
static void
write_slot(struct fake_log *l, const char *date, int i, bool out)
{
	static const char *const segments[] = { "ttdn", "tin-xa", "nong" };
	char slot[16], at[80], more[64], own[64];

	snprintf(slot, sizeof(slot), "s%d", i);
	snprintf(own, sizeof(own), "{\"segment\":\"%s\"}", segments[i % 3]);
	snprintf(more, sizeof(more), "{\"segment\":\"%s\",\"first_run\":%s}",
	    segments[i % 3], i % 3 == 2 ? "false" : "true");
	snprintf(at, sizeof(at), "%s %02d:00:00", date, 5 + i);
	fake_log_at(l, at);
	fake_log_start(l, date, slot, 1, more);
	snprintf(at, sizeof(at), "%s %02d:15:00", date, 5 + i);
	fake_log_at(l, at);
	fake_log_end(l, date, slot, 1, out ? 600000 : 900000, NULL);
	fake_log_slot(l, date, slot, out ? "aired_partial" : "aired",
	    out ? "device_lost" : "", 1, out ? 600000 : 900000, own);
}

static void
write_days(struct fake_log *l, int days)
{
	int64_t first;

	civil_read_date("2026-11-01", &first);
	for (int d = 0; d < days; d++) {
		struct civil_text date;
		char at[80], slots[256];
		int n = 0;

		civil_date_text(first + d, &date);
		for (int i = 0; i < SLOTS; i++)
			n += snprintf(slots + n, sizeof(slots) - (size_t)n,
			    "%ss%d %02d:00:00 900", i == 0 ? "" : ", ", i,
			    5 + i);
		snprintf(at, sizeof(at), "%s 04:00:00", date.s);
		fake_log_at(l, at);
		fake_log_day(l, date.s, slots);
		for (int i = 0; i < SLOTS; i++)
			write_slot(l, date.s, i, (d * SLOTS + i) % 23 == 0);
		for (int i = 0; i < 5; i++)
			fake_log_add(l, KIND_OP,
			    "{\"op\":\"volume\",\"person\":\"p-3f9a01c7\","
			    "\"result\":\"done\",\"detail\":\"70\"}",
			    NULL);
	}
}

struct lines {
	char **list;
	size_t *n;
	size_t count;
};

static int
keep_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct lines *l = arg;

	(void)seq;
	l->list = realloc(l->list, (l->count + 1) * sizeof(*l->list));
	l->n = realloc(l->n, (l->count + 1) * sizeof(*l->n));
	l->list[l->count] = strndup(line, n);
	l->n[l->count++] = n;
	return 0;
}

static void
rename_station(struct lines *l, int i)
{
	static char was[16] = NAME;
	char is[16];

	snprintf(is, sizeof(is), "xa-%05d", i % 100000);
	for (size_t k = 0; k < l->count; k++)
		for (char *at = l->list[k]; (at = strstr(at, was)) != NULL;
		     at += strlen(is))
			memcpy(at, is, strlen(is));
	memcpy(was, is, sizeof(was));
}

static void
write_bundles(const char *tree, const struct lines *l)
{
	for (size_t from = 0; from < l->count; from += TILE_WIDTH) {
		size_t n =
		    l->count - from < TILE_WIDTH ? l->count - from : TILE_WIDTH;
		char name[TILE_PATH], path[600];
		FILE *f;

		tile_path(
		    TILE_ENTRIES, (int64_t)(from / TILE_WIDTH), (int)n, name);
		snprintf(path, sizeof(path), "%s/%s", tree, name);
		*strrchr(path, '/') = '\0';
		disk_folders(path);
		path[strlen(path)] = '/';
		f = fopen(path, "w");
		if (f == NULL)
			die(path, -errno);
		for (size_t i = from; i < from + n; i++) {
			putc((int)(l->n[i] >> 8), f);
			putc((int)(l->n[i] & 255), f);
			fwrite(l->list[i], 1, l->n[i], f);
		}
		fclose(f);
	}
}

static void
make(const char *folder, int stations, int days)
{
	struct lines l = { NULL, NULL, 0 };
	struct fake_log log;

	fake_log_init(&log, NULL);
	write_days(&log, days);
	ledger_each(log.disk, keep_line, &l);
	fake_log_free(&log);
	for (int i = 1; i <= stations; i++) {
		char tree[300];

		/* No two keys of a kind stand together. */
		snprintf(tree, sizeof(tree), "%s/%08x%08x/v1", folder,
		    (unsigned)i * 2654435761u, (unsigned)i);
		rename_station(&l, i);
		write_bundles(tree, &l);
	}
	printf("%zu records each\n", l.count);
}

/* Taking --------------------------------------------------------------------- */

static int64_t
count_leaves(const char *tree)
{
	char path[400], name[TILE_PATH];
	struct stat st;
	int64_t full = 0;

	for (;; full++) {
		tile_path(TILE_ENTRIES, full, TILE_WIDTH, name);
		snprintf(path, sizeof(path), "%s/%s", tree, name);
		if (stat(path, &st) < 0)
			break;
	}
	for (int w = TILE_WIDTH - 1; w > 0; w--) {
		tile_path(TILE_ENTRIES, full, w, name);
		snprintf(path, sizeof(path), "%s/%s", tree, name);
		if (stat(path, &st) == 0)
			return full * TILE_WIDTH + w;
	}
	return full * TILE_WIDTH;
}

static int64_t
take(struct store *st, const char *folder, const char *key, int i)
{
	char tree[300];
	int64_t all;
	int r = 0;

	snprintf(tree, sizeof(tree), "%s/%s/v1", folder, key);
	all = count_leaves(tree);
	for (int part = 1; r == 0 && part <= (i % 20 == 0 ? 3 : 4); part++) {
		static const int thirds[] = { 0, 1, 2, 2, 3 };
		int64_t size = all / RECORDS * thirds[part] / 3 * RECORDS;
		int64_t has = store_rows(st, key, 1);

		/* What it has already, as after a kill. */
		if (has < size || part == 3)
			r = store_take(
			    st, key, "Xã", 1, tree, has > size ? has : size);
	}
	if (r < 0)
		die(key, r);
	return i % 20 == 0 ? all / RECORDS * 2 / 3 * RECORDS : all;
}

/* Only what a database does: the rows of one transaction. */
static int64_t
copy(struct store *st, const char *folder, const char *key, int64_t number)
{
	char tree[300];
	struct tiles *t;
	struct sql *q = st->sql;
	int64_t id, all;
	int r;

	snprintf(tree, sizeof(tree), "%s/%s/v1", folder, key);
	all = count_leaves(tree);
	r = store_id(key, &id);
	if (r == 0)
		r = tiles_open(tree, &t);
	if (r < 0)
		die(tree, r);
	tiles_size(t, all);
	r = q->begin(q);
	for (int64_t i = 0; r == 0 && i < all; i++) {
		const char *entry;
		size_t n;
		struct sql_value v[11] = { SQL_NUMBER(id), SQL_NUMBER(202612),
			SQL_NUMBER(number), SQL_NUMBER(i), SQL_NUMBER(i),
			SQL_STRING(NAME), SQL_NUMBER(INT64_C(1796000000000000)),
			SQL_NUMBER(20700), SQL_STRING("slot") };

		r = tiles_entry(t, i, &entry, &n);
		v[9] = SQL_WORDS(entry, n);
		if (r == 0)
			r = q->put(q, "leaf", v, 11);
	}
	if (r == 0)
		r = q->commit(q);
	tiles_close(t);
	if (r < 0)
		die(key, r);
	return all;
}

static void
each(struct store *st, const char *folder, bool only_rows)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	double begun = now_s();
	int64_t rows = 0;

	for (int i = 0; i < n; i++)
		if (names[i]->d_name[0] != '.')
			rows += only_rows
				    ? copy(st, folder, names[i]->d_name, 999)
				    : take(st, folder, names[i]->d_name, i);
	printf("%" PRId64 " records in %.1f s: %.0f a second\n", rows,
	    now_s() - begun, (double)rows / (now_s() - begun));
}

/* Asking --------------------------------------------------------------------- */

static int
keep_key(void *arg, const struct store_station *st)
{
	snprintf(arg, 17, "%s", st->key);
	return 0;
}

static int
count_sum(void *arg, const struct store_day *d)
{
	int64_t *n = arg;

	n[0]++;
	n[1] += d->sum.planned;
	return 0;
}

static void
ask(struct store *st)
{
	struct store_want want = { .span = STORE_WEEK };
	int64_t n[2] = { 0, 0 };
	char key[17] = "";
	struct disk *log;
	struct tally *t;
	double begun;

	civil_read_date("2026-11-01", &want.from_day);
	civil_read_date("2026-11-30", &want.to_day);
	if (store_stations(st, keep_key, key) < 0)
		die("stations", -EIO);
	begun = now_s();
	if (store_log(st, key, want.from_day, want.to_day, &log) < 0 ||
	    tally_read(log, "", want.from_day, want.to_day, &t) < 0)
		die("a month of one", -EIO);
	printf("month report of one station: %.0f ms (%" PRId64
	       " slots, %" PRId64 " aired)\n",
	    (now_s() - begun) * 1000, t->sum.planned, t->sum.aired);
	begun = now_s();
	if (store_days(st, &want, count_sum, n) < 0)
		die("a month of all", -EIO);
	printf("month matrix of all, by week: %.0f ms (%" PRId64
	       " sums, %" PRId64 " slots)\n",
	    (now_s() - begun) * 1000, n[0], n[1]);
	tally_free(t);
	disk_close(log);
}

int
main(int argc, char **argv)
{
	struct store *st;
	int r;

	civil_zone("Asia/Ho_Chi_Minh");
	if (argc == 5 && strcmp(argv[1], "make") == 0) {
		make(argv[2], atoi(argv[3]), atoi(argv[4]));
		return 0;
	}
	if (argc < 3)
		die("make, take, copy or ask", -EINVAL);
	r = store_open(argv[2], &st);
	if (r < 0)
		die(argv[2], r);
	if (argc == 4)
		each(st, argv[3], strcmp(argv[1], "copy") == 0);
	else
		ask(st);
	store_close(st);
	return 0;
}
