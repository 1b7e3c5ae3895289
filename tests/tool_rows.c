/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_rows - the store's functions as a program, for tests/check_postgres.sh.
 *
 *	tool_rows make FOLDER N		N stations' signed trees, FOLDER/KEY/v1
 *	tool_rows take WHERE FOLDER	all of them, into that store
 *	tool_rows tell WHERE		what every question is answered
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "evidence/store.h"
#include "tests/fakes/fake_days.h"
#include "tests/fakes/fake_seal.h"

static void
die(const char *what, int r)
{
	fprintf(stderr, "tool_rows: %s: %s\n", what, strerror(-r));
	exit(1);
}

/* The same days in each, and more and more records. */
static void
make(const char *folder, int n)
{
	for (int i = 0; i < n; i++) {
		struct fake_seal s;
		char to[300];

		fake_seal_init(&s);
		for (int k = 0; fake_days_write(&s.log, k); k++)
			;
		fake_seal_add(&s, 40 * i);
		fake_seal_publish(&s);
		snprintf(to, sizeof(to), "cp -R %s %s/%016x", s.trees, folder,
		    i + 1);
		if (system(to) != 0)
			die(folder, -EIO);
		fake_seal_free(&s);
	}
}

static int64_t
read_size(const char *tree)
{
	char path[600];
	int64_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/checkpoint", tree);
	f = fopen(path, "r");
	if (f == NULL || fscanf(f, "%*[^\n]%" SCNd64, &size) != 1)
		die(path, -EIO);
	fclose(f);
	return size;
}

static void
take(struct store *st, const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	struct store_tree *list =
	    n < 0 ? NULL : calloc((size_t)n, sizeof(*list));
	size_t trees = 0;
	int r;

	if (list == NULL)
		die(folder, -errno);
	for (int i = 0; i < n; i++) {
		char *tree;

		if (names[i]->d_name[0] == '.' ||
		    asprintf(&tree, "%s/%s/v1", folder, names[i]->d_name) < 0)
			continue;
		list[trees++] = (struct store_tree){ .key = names[i]->d_name,
			.name = "Xã Đông",
			.number = 1,
			.folder = tree,
			.size = read_size(tree) };
	}
	r = store_take_all(st, list, trees);
	if (r < 0)
		die(store_said(), r);
	for (size_t i = 0; i < trees; i++)
		free((char *)list[i].folder);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	free(list);
}

static int
tell_line(void *arg, const char *line, size_t n, int64_t seq)
{
	(void)arg;
	printf("%" PRId64 " %.*s\n", seq, (int)n, line);
	return 0;
}

static int
tell_day(void *arg, const struct store_day *d)
{
	const int64_t *v = (const int64_t *)&d->sum;

	(void)arg;
	printf("%s %s %s %" PRId64 " [%s]", d->key, d->name, d->about, d->day,
	    d->segment);
	for (size_t i = 0; i < sizeof(d->sum) / sizeof(*v); i++)
		printf(" %" PRId64, v[i]);
	putchar('\n');
	return 0;
}

struct keys {
	char list[256][17];
	int n;
};

static int
tell_station(void *arg, const struct store_station *st)
{
	struct keys *k = arg;

	printf("%s %s %" PRId64 " %" PRId64 " %" PRId64 "\n", st->key, st->name,
	    st->trees, st->leaves, st->last_us);
	if (k->n < 256)
		snprintf(k->list[k->n++], 17, "%s", st->key);
	return 0;
}

/* Of one station: its lines, and what a tally makes of its log. */
static void
tell_one(struct store *st, const char *key, int64_t from_day, int64_t to_day)
{
	struct disk *log;
	struct tally *t;
	char *text;

	if (store_lines(st, key, 0, INT64_MAX, tell_line, NULL) < 0 ||
	    store_log(st, key, from_day, to_day, &log) < 0 ||
	    tally_read(log, "", from_day, to_day, &t) < 0)
		die(key, -EIO);
	text = json_dumps(t->rows, JSON_SORT_KEYS | JSON_COMPACT);
	printf("%" PRId64 " %s %s\n", store_rows(st, key, 1), t->digest, text);
	free(text);
	tally_free(t);
	disk_close(log);
}

static void
tell(struct store *st)
{
	static const enum store_span spans[] = { STORE_DAY, STORE_WEEK,
		STORE_ALL };
	struct store_want want = { 0 };
	struct keys keys = { .n = 0 };

	civil_read_date("2026-11-01", &want.from_day);
	civil_read_date("2026-12-31", &want.to_day);
	printf("%" PRId64 "\n", store_trees(st));
	if (store_stations(st, tell_station, &keys) < 0)
		die("stations", -EIO);
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		for (int segments = 0; segments < 2; segments++) {
			want.span = spans[i];
			want.segments = segments;
			if (store_days(st, &want, tell_day, NULL) < 0)
				die("days", -EIO);
		}
	for (int i = 0; i < keys.n; i++)
		tell_one(st, keys.list[i], want.from_day, want.to_day);
}

int
main(int argc, char **argv)
{
	struct store *st;
	int r;

	civil_zone("Asia/Ho_Chi_Minh");
	if (argc == 4 && strcmp(argv[1], "make") == 0) {
		make(argv[2], atoi(argv[3]));
		return 0;
	}
	if (argc < 3)
		die("make, take or tell", -EINVAL);
	r = store_open(argv[2], &st);
	if (r < 0)
		die(store_said(), r);
	if (argc == 4)
		take(st, argv[3]);
	else
		tell(st);
	store_close(st);
	return 0;
}
