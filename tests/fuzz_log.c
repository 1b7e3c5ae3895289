/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_log - whatever lies in var/log. Every reader of it either says that it
 * is no log, or reads it; who opens it for writing goes on with it, and what
 * was written then reads back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "evidence/asrun.h"
#include "evidence/audit.h"
#include "evidence/index.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/registry.h"
#include "playout/deck_sim.h"
#include "scheduler/daemon.h"
#include "tests/fuzz.h"

#define FILE_NAME "airing-2026-11.jsonl"

static const struct now later_on = { .wall_us = INT64_C(20790) * US_PER_DAY,
	.boot_us = US_PER_DAY,
	.trust = TRUST_SYNCED };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_root();
	mkdir(fuzz_path("log"), 0700);
	return civil_zone("Asia/Ho_Chi_Minh");
}

static int
read_line(void *arg, const char *line, size_t n, int64_t seq)
{
	json_t *r;

	(void)arg;
	(void)seq;
	if (record_parse(line, n, &r) == 0) {
		if (strcmp(record_text(r, "kind"), "") == 0)
			abort();
		json_decref(r);
	}
	return 0;
}

static void
read_all(struct disk *disk)
{
	struct registry *g = registry_new();
	struct index *x = NULL;
	struct asrun *a = NULL;
	FILE *out = fopen("/dev/null", "we");

	ledger_each(disk, read_line, NULL);
	registry_read(g, disk);
	registry_free(g);
	if (index_open(disk, ":memory:", &x) == 0)
		index_close(x);
	if (asrun_read(disk, "", NULL, 20779, 20800, &a) == 0) {
		asrun_csv(a, out);
		json_decref(asrun_json(a));
		asrun_free(a);
	}
	fclose(out);
}

static int
make_deck(void *arg, const char *station, const struct site_output *out,
    struct deck **ret_deck)
{
	(void)arg;
	(void)station;
	(void)out;
	return deck_sim_open(NULL, 0, ret_deck);
}

/* A life over that log. Who may not begin it, leaves it as it is. */
static void
live(struct disk *disk)
{
	char schedules[128];
	struct daemon_setup setup = {
		.schedules = schedules,
		.boot_id = "22222222-0000-4000-8000-000000000000",
		.log = disk,
		.deck = make_deck,
		.assume_items = true,
		.station = "que-minh",
	};
	struct problems ps = { 0 };
	struct now now = later_on;
	struct daemon *d;
	struct ledger *l;
	struct site *site;

	snprintf(schedules, sizeof(schedules), "%s", fuzz_path("schedules"));
	if (site_read(fuzz_path("loaxa.conf"), &ps, &site) < 0)
		abort();
	library_assume(&setup.library);
	if (daemon_open(&setup, site, now, &ps, &d) == 0) {
		for (int i = 0; i < 5; i++) {
			daemon_turn(d, now);
			now.wall_us += US_PER_MIN;
			now.boot_us += US_PER_MIN;
		}
		daemon_close(d, now);
		if (ledger_open(disk, NULL, &l) < 0)
			abort();
		ledger_close(l);
	}
	problems_free(&ps);
	library_close(setup.library);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct disk *disk;
	struct audit sum;

	fuzz_file("log/" FILE_NAME, data, n);
	audit_dir(fuzz_path("log"), NULL, NULL, &sum);
	disk_memory(&disk);
	disk->append(disk, FILE_NAME, 0, data, n);
	read_all(disk);
	live(disk);
	disk_close(disk);
	return 0;
}
