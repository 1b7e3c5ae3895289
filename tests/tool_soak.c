/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_soak YEARS [FIRST-YEAR] - one daemon that lives for years without any
 * fault, on a made-up clock and deck, its log in real files that nobody syncs.
 * At the end of each year it says how much memory and how many descriptors it
 * holds; they must stay as they were after the second year.
 *
 * What may grow: the numbers of the dates that are over, 8 bytes a day, so
 * that no slot of them opens again; and the allocator's slack.
 */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "ctl/scene.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "playout/deck_sim.h"
#include "scheduler/daemon.h"

#define HEAP_A_YEAR (64 << 10) /* bytes in use that a year may add */
#define RSS_IN_ALL (2 << 20) /* bytes that all years may add */

struct hold {
	long heap; /* bytes in use */
	long rss;
	int fds;
};

/* Real files; a soak is about memory, and waits for no platter. */
static int
say_synced(struct disk *d, const char *name)
{
	(void)d;
	(void)name;
	return 0;
}

static int
open_deck(void *arg, const char *station, const struct site_output *out,
    struct deck **ret_deck)
{
	(void)arg;
	(void)station;
	(void)out;
	return deck_sim_open(NULL, 0, ret_deck);
}

static int
count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

static long
resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long size = 0;
	long pages = 0;

	if (f == NULL || fscanf(f, "%ld %ld", &size, &pages) != 2)
		pages = 0;
	if (f != NULL)
		fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

static struct hold
held(void)
{
	struct mallinfo2 m;

	malloc_trim(0);
	m = mallinfo2();
	return (struct hold){ .heap = (long)(m.uordblks + m.hblkhd),
		.rss = resident(),
		.fds = count_fds() };
}

static struct now
crank(struct daemon *d, struct now now, int64_t to_us)
{
	int64_t offset = now.wall_us - now.boot_us;

	while (now.wall_us < to_us) {
		int64_t next = daemon_turn(d, now);

		now.boot_us = later(next, now.boot_us + 1);
		now.wall_us = now.boot_us + offset;
	}
	return now;
}

static int64_t
year_us(int year)
{
	int64_t day = 0;

	civil_day(year, 1, 1, &day);
	return civil_to_us(day, 0);
}

/* Each year against the one before, once it has settled. */
static bool
is_flat(int nth, const struct hold *before, const struct hold *second,
    const struct hold *is)
{
	if (nth <= 2)
		return true;
	return is->heap <= before->heap + HEAP_A_YEAR &&
	       is->rss <= second->rss + RSS_IN_ALL && is->fds == second->fds;
}

struct tally {
	long long slots;
	long long aired;
};

static int
count_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct tally *t = arg;

	(void)seq;
	if (record_kind(line, n) != KIND_SLOT)
		return 0;
	t->slots++;
	t->aired += memmem(line, n, "\"status\":\"aired\"", 16) != NULL;
	return 0;
}

static int
live(struct daemon *d, struct now now, int first, int years)
{
	struct hold before = { 0 };
	struct hold second = { 0 };
	int bad = 0;

	for (int nth = 1; nth <= years; nth++) {
		struct hold is;

		now = crank(d, now, year_us(first + nth));
		is = held();
		if (nth == 2)
			second = is;
		printf("%d: %ld kB in use, %ld kB resident, %d descriptors\n",
		    first + nth - 1, is.heap >> 10, is.rss >> 10, is.fds);
		fflush(stdout);
		if (!is_flat(nth, &before, &second, &is)) {
			printf("%d: it has grown\n", first + nth - 1);
			bad = 1;
		}
		before = is;
	}
	return bad;
}

int
main(int argc, char **argv)
{
	int years = argc > 1 ? atoi(argv[1]) : 10;
	int first = argc > 2 ? atoi(argv[2]) : 2027;
	struct daemon_setup setup = {
		.boot_id = "11111111-0000-4000-8000-000000000000",
		.deck = open_deck,
	};
	struct now now = { .boot_us = US_PER_DAY, .trust = TRUST_SYNCED };
	struct problems ps = { 0 };
	struct tally t = { 0 };
	struct scene *scene;
	struct site *site;
	struct daemon *d;
	char folder[256];
	int64_t from_day;
	int bad;

	civil_zone("Asia/Ho_Chi_Minh");
	civil_day(first, 1, 1, &from_day);
	now.wall_us = year_us(first);
	if (scene_make(NULL, NULL, false, from_day, from_day, &scene) < 0 ||
	    site_read(scene_conf(scene), &ps, &site) < 0)
		return 2;
	snprintf(folder, sizeof(folder), "%s/log", scene_folder(scene));
	if (disk_open(folder, &setup.log) < 0 || disk_memory(&setup.state) < 0)
		return 2;
	setup.log->sync = say_synced;
	setup.schedules = scene_schedules(scene);
	setup.library = scene_library(scene);
	if (daemon_open(&setup, site, now, &ps, &d) < 0)
		return 2;
	bad = live(d, now, first, years);
	daemon_kill(d);
	ledger_each(setup.log, count_line, &t);
	printf("%lld slots, %lld of them aired\n", t.slots, t.aired);
	disk_close(setup.log);
	disk_close(setup.state);
	scene_free(scene);
	return bad || t.aired == 0;
}
