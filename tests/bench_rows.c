/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_rows - the logs of many stations into the store, and the questions of
 * an upper level: tests/scale.sh.
 *
 *	bench_rows make FOLDER N DAYS	the trees of N stations, FOLDER/KEY/v1,
 *					signed after a third, two thirds and all
 *					of the days; FOLDER.forks: of every
 *					hundredth a second history
 *	bench_rows take WHERE FOLDER	all of them into that database, whole
 *	bench_rows thirds WHERE FOLDER	a third of each, two thirds, those once
 *					more, and the rest of those that are not
 *					offline then: every twentieth is
 *	bench_rows copy WHERE FOLDER	nothing but rows, by one process
 *	bench_rows collect STORE FOLDER	as `loaxa collect` does: checked, kept,
 *					cosigned, and into STORE's database
 *	bench_rows ask WHERE FROM TO	the report of one station of the month
 *					from FROM to TO, and the matrix of all
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
#include "base/gzip.h"
#include "evidence/checkpoint.h"
#include "evidence/collect.h"
#include "evidence/signer.h"
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
write_file(const char *tree, const char *name, const void *bytes, size_t n)
{
	char path[600];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", tree, name);
	*strrchr(path, '/') = '\0';
	disk_folders(path);
	path[strlen(path)] = '/';
	f = fopen(path, "w");
	if (f == NULL || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
		die(path, -errno);
}

/* The bundles of the first `count` leaves; full ones as gzip. */
static void
write_bundles(const char *tree, const struct lines *l, size_t count)
{
	for (size_t from = 0; from < count; from += TILE_WIDTH) {
		size_t n =
		    count - from < TILE_WIDTH ? count - from : TILE_WIDTH;
		char name[TILE_PATH];
		char *bytes = NULL, *packed;
		size_t size = 0;
		FILE *f = open_memstream(&bytes, &size);

		for (size_t i = from; i < from + n; i++) {
			putc((int)(l->n[i] >> 8), f);
			putc((int)(l->n[i] & 255), f);
			fwrite(l->list[i], 1, l->n[i], f);
		}
		fclose(f);
		tile_path(
		    TILE_ENTRIES, (int64_t)(from / TILE_WIDTH), (int)n, name);
		if (n == TILE_WIDTH &&
		    gzip_pack(bytes, size, &packed, &size) == 0) {
			free(bytes);
			bytes = packed;
		}
		write_file(tree, name, bytes, size);
		free(bytes);
	}
}

static void
write_checkpoint(const char *tree, const char *name,
    const struct note_signer *k, const struct lines *l, size_t count)
{
	struct checkpoint c = { .size = (int64_t)count };
	char text[CHECKPOINT_TEXT];
	struct merkle t = { 0 };
	char *note;
	size_t n;

	snprintf(c.origin, sizeof(c.origin), "%s", k->key.name);
	for (size_t i = 0; i < count; i++) {
		struct merkle_hash leaf;

		merkle_leaf(l->list[i], l->n[i], &leaf);
		merkle_add(&t, &leaf, NULL, NULL);
	}
	merkle_root(&t, &c.root);
	if (note_make(k, text, (size_t)checkpoint_text(&c, text), &note, &n) <
	    0)
		die(tree, -EIO);
	write_file(tree, name, note, n);
	free(note);
}

static void
write_tree(const char *tree, const struct note_signer *k, const struct lines *l)
{
	char vkey[NOTE_VKEY + 1];

	note_key_text(&k->key, vkey);
	strcat(vkey, "\n");
	write_file(tree, "vkey", vkey, strlen(vkey));
	for (size_t part = 1; part <= 3; part++) {
		size_t count = l->count / RECORDS * part / 3 * RECORDS;
		char name[32];

		snprintf(name, sizeof(name), "checkpoint.%zu", part);
		write_bundles(tree, l, count);
		write_checkpoint(tree, name, k, l, count);
	}
	write_checkpoint(tree, "checkpoint", k, l, l->count);
}

/* The same key has signed another end. */
static void
write_fork(const char *tree, const struct note_signer *k, const struct lines *l)
{
	char *last = l->list[l->count - 1];
	char *at = strstr(last, "\"70\"");

	at[1] = '6';
	write_tree(tree, k, l);
	at[1] = '7';
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
		unsigned char seed[NOTE_KEY] = { (unsigned char)i,
			(unsigned char)(i >> 8), 77 };
		char origin[NOTE_NAME], hex[SIGNER_HEX], tree[300];
		struct note_signer k;

		if (signer_origin(seed, 1, origin) < 0 ||
		    note_signer(origin, NOTE_ED25519, seed, &k) < 0)
			die("no key", -EIO);
		signer_hex(k.key.key, hex);
		rename_station(&l, i);
		snprintf(tree, sizeof(tree), "%s/%s/v1", folder, hex);
		write_tree(tree, &k, &l);
		snprintf(tree, sizeof(tree), "%s.forks/%s/v1", folder, hex);
		if (i % 100 == 0)
			write_fork(tree, &k, &l);
	}
	printf("%zu records each\n", l.count);
}

/* Taking --------------------------------------------------------------------- */

struct names { /* of the stations' folders */
	char **list;
	size_t n;
};

static struct names
read_names(const char *folder)
{
	struct names k = { NULL, 0 };
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);

	if (n < 0)
		die(folder, -errno);
	k.list = calloc((size_t)n, sizeof(*k.list));
	for (int i = 0; i < n; i++)
		if (names[i]->d_name[0] != '.')
			k.list[k.n++] = names[i]->d_name;
	return k;
}

static int64_t
read_size(const char *tree, int part)
{
	char path[400];
	int64_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/checkpoint.%d", tree, part);
	f = fopen(path, "r");
	if (f == NULL || fscanf(f, "%*[^\n]%" SCNd64, &size) != 1)
		die(path, -EIO);
	fclose(f);
	return size;
}

/* So many parts of each; `offline`: every twentieth has no third one. */
static void
take_part(struct store *st, const char *folder, const struct names *names,
    int part, bool offline)
{
	struct store_tree *list = calloc(names->n, sizeof(*list));
	size_t n = 0;
	int r;

	for (size_t i = 0; i < names->n; i++) {
		char tree[300];

		if (offline && i % 20 == 0)
			continue;
		snprintf(
		    tree, sizeof(tree), "%s/%s/v1", folder, names->list[i]);
		list[n++] = (struct store_tree){ .key = names->list[i],
			.name = "Xã",
			.number = 1,
			.folder = strdup(tree),
			.size = read_size(tree, part) };
	}
	r = store_take_all(st, list, n);
	/* After a kill there may be more of it already. */
	for (size_t i = 0; i < n; i++)
		if (list[i].error < 0 && list[i].error != -ESTALE)
			die(list[i].key, list[i].error);
	if (r < 0 && r != -ESTALE)
		die(folder, r);
	for (size_t i = 0; i < n; i++)
		free((char *)list[i].folder);
	free(list);
}

static int
add_leaves(void *arg, const struct store_station *st)
{
	*(int64_t *)arg += st->leaves;
	return 0;
}

static int64_t
count_leaves(struct store *st)
{
	int64_t n = 0;

	if (store_stations(st, add_leaves, &n) < 0)
		die("stations", -EIO);
	return n;
}

static void
tell_speed(int64_t rows, double seconds)
{
	printf("%" PRId64 " records in %.1f s: %.0f a second\n", rows, seconds,
	    (double)rows / seconds);
}

static void
take(struct store *st, const char *folder, bool thirds)
{
	struct names names = read_names(folder);
	int64_t had = count_leaves(st);
	double begun = now_s();

	for (int part = 1; thirds && part <= 2; part++)
		take_part(st, folder, &names, part, false);
	if (thirds)
		take_part(st, folder, &names, 2, false);
	take_part(st, folder, &names, 3, thirds);
	tell_speed(count_leaves(st) - had, now_s() - begun);
}

/* Collecting ------------------------------------------------------------------ */

static int
draw(void *bytes, size_t n)
{
	memset(bytes, 7, n);
	return 0;
}

static int outcomes[COLLECT_FAILED + 1], unkept;

static void
on_result(void *arg, const struct collect_result *r)
{
	(void)arg;
	outcomes[r->outcome]++;
	unkept += r->rows_error < 0;
}

/* Who they are, as a person would have entered them. */
static void
trust(const char *store, const char *folder, const struct names *names)
{
	char stations[300];

	snprintf(stations, sizeof(stations), "%s/stations", store);
	for (size_t i = 0; i < names->n; i++) {
		struct roster_station s;
		char path[400], vkey[NOTE_VKEY], name[40];
		struct note_key k;
		FILE *f;

		if (roster_read(stations, names->list[i], &s) == 0) {
			roster_clear(&s);
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s/v1/vkey", folder,
		    names->list[i]);
		f = fopen(path, "r");
		snprintf(name, sizeof(name), "Xã %zu", i);
		if (f == NULL || fscanf(f, "%319s", vkey) != 1 ||
		    note_key_read(vkey, &k) < 0 ||
		    roster_new(&k, name, 0, &s) < 0 ||
		    roster_write(stations, &s) < 0)
			die(path, -EIO);
		fclose(f);
		roster_clear(&s);
	}
}

static void
collect(const char *store, const char *folder)
{
	struct names names = read_names(folder);
	struct collector *c;
	int64_t now_us = INT64_C(1800000000) * US_PER_S + clock_read().boot_us;
	double begun;
	int r = collect_open(store, draw, &c);

	if (r < 0)
		die(store, r);
	trust(store, folder, &names);
	begun = now_s();
	r = collect_folder(c, folder, now_us, on_result, NULL);
	if (r < 0)
		die(folder, r);
	printf("%zu stations in %.1f s: %d taken, %d the same, %d of two "
	       "histories, %d others, %d without rows\n",
	    names.n, now_s() - begun, outcomes[COLLECT_TAKEN],
	    outcomes[COLLECT_SAME], outcomes[COLLECT_FORKED],
	    (int)names.n - outcomes[COLLECT_TAKEN] - outcomes[COLLECT_SAME] -
		outcomes[COLLECT_FORKED],
	    unkept);
	collect_close(c);
}

static int
put_all(struct sql *q, struct tiles *t, int64_t id, int64_t number, int64_t all)
{
	int r = 0;

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
	return r;
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
	all = read_size(tree, 3);
	r = store_id(key, &id);
	if (r == 0)
		r = tiles_open(tree, &t);
	if (r < 0)
		die(tree, r);
	tiles_size(t, all);
	/* A month that has no table yet is made by the next begin(). */
	for (int turn = 0; turn < 2 && (r == 0 || r == -EAGAIN); turn++) {
		r = q->begin(q);
		if (r == 0)
			r = put_all(q, t, id, number, all);
		if (r == 0)
			r = q->commit(q);
		if (r == 0)
			break;
	}
	tiles_close(t);
	if (r < 0)
		die(key, r);
	return all;
}

static void
copy_all(struct store *st, const char *folder)
{
	struct names names = read_names(folder);
	double begun = now_s();
	int64_t rows = 0;

	for (size_t i = 0; i < names.n; i++)
		rows += copy(st, folder, names.list[i], 999);
	tell_speed(rows, now_s() - begun);
}

/* Asking --------------------------------------------------------------------- */

/* The tenth: one among many, also where the first came by another way. */
static int
keep_key(void *arg, const struct store_station *st)
{
	static int n;

	snprintf(arg, 17, "%s", st->key);
	return ++n == 10;
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
ask(struct store *st, const char *from, const char *to)
{
	struct store_want want = { .span = STORE_WEEK };
	int64_t n[2] = { 0, 0 };
	char key[17] = "";
	struct disk *log;
	struct tally *t;
	double begun;

	if (civil_read_date(from, &want.from_day) < 0 ||
	    civil_read_date(to, &want.to_day) < 0)
		die("no dates", -EINVAL);
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
	if (argc == 4 && strcmp(argv[1], "collect") == 0) {
		collect(argv[2], argv[3]);
		return 0;
	}
	if (argc < 4)
		die("make, take, thirds, copy, collect or ask", -EINVAL);
	if (strcmp(argv[1], "ask") == 0 && argc == 5) {
		struct store look = { .where = argv[2] };

		/* As who only looks. */
		r = sql_postgres(argv[2], false, NULL, &look.sql);
		if (r < 0)
			die(argv[2], r);
		ask(&look, argv[3], argv[4]);
		look.sql->close(look.sql);
		return 0;
	}
	r = store_open(argv[2], &st);
	if (r < 0)
		die(argv[2], r);
	if (strcmp(argv[1], "copy") == 0)
		copy_all(st, argv[3]);
	else
		take(st, argv[3], strcmp(argv[1], "thirds") == 0);
	store_close(st);
	return 0;
}
