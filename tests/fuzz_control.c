/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_control - whatever a peer of the control socket sends, a line at a
 * time, to a station that runs meanwhile. Every request gets an answer, and
 * none can make the log one that the next life does not read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "playout/deck_sim.h"
#include "scheduler/daemon.h"
#include "tests/fuzz.h"

#define LINES_MAX 32

struct place {
	struct disk *log;
	struct disk *state;
	struct library *library;
	struct daemon *daemon;
	struct now now;
};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_root();
	return civil_zone("Asia/Ho_Chi_Minh");
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

static const char *
check_person(void *arg, const char *id, enum right needs, struct now now)
{
	(void)arg;
	(void)needs;
	(void)now;
	return strncmp(id, "p-", 2) == 0 ? NULL : "nobody";
}

static void
start(struct place *p)
{
	static char schedules[128];
	struct problems ps = { 0 };
	struct site *site;
	struct daemon_setup setup = {
		.schedules = schedules,
		.boot_id = "11111111-0000-4000-8000-000000000000",
		.log = p->log,
		.state = p->state,
		.library = p->library,
		.deck = make_deck,
		.user = 1000,
		.person = check_person,
		.assume_items = true,
	};

	snprintf(schedules, sizeof(schedules), "%s", fuzz_path("schedules"));
	if (site_read(fuzz_path("loaxa.conf"), &ps, &site) < 0)
		abort();
	if (daemon_open(&setup, site, p->now, &ps, &p->daemon) < 0)
		abort();
	problems_free(&ps);
	daemon_turn(p->daemon, p->now);
}

static void
pass(struct place *p, int64_t us)
{
	int64_t end = p->now.boot_us + us;

	while (p->now.boot_us < end) {
		int64_t next = daemon_turn(p->daemon, p->now);

		next = earlier(later(next, p->now.boot_us + 1), end);
		p->now.wall_us += next - p->now.boot_us;
		p->now.boot_us = next;
	}
}

static void
ask(struct place *p, const char *line, size_t n)
{
	static const struct rights_peer who = { .uid = 1000 };
	/* As door.c reads it. */
	json_t *request = json_loadb(line, n, 0, NULL);
	json_t *answer;

	if (!json_is_object(request)) {
		json_decref(request);
		return;
	}
	answer = daemon_ask(p->daemon, p->now, &who, request);
	if (!json_is_boolean(json_object_get(answer, "ok")))
		abort();
	json_decref(request);
	json_decref(answer);
	pass(p, 20 * US_PER_S);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *at = (const char *)data;
	struct place p = { .now = { .wall_us = civil_to_us(20780, 17980),
			       .boot_us = US_PER_DAY,
			       .trust = TRUST_SYNCED } };

	unlink(fuzz_path("schedules/que-minh/2026-W48.cfg"));
	disk_memory(&p.log);
	disk_memory(&p.state);
	library_assume(&p.library);
	start(&p);
	for (int i = 0; n > 0 && i < LINES_MAX; i++) {
		const char *lf = memchr(at, '\n', n);
		size_t len = lf == NULL ? n : (size_t)(lf - at);

		ask(&p, at, len);
		at += len + (lf != NULL);
		n -= len + (lf != NULL);
	}
	daemon_kill(p.daemon);
	start(&p);
	pass(&p, 60 * US_PER_S);
	daemon_close(p.daemon, p.now);
	disk_close(p.log);
	disk_close(p.state);
	library_close(p.library);
	return 0;
}
