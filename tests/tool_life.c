/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_life - a station's months on a made-up clock: the real scheduler,
 * ledger and signer, a perfect sound device, and a log and a signed tree in the
 * station's own files.
 *
 *	tool_life [-w COSIGNED] ROOT FROM UNTIL [FROM UNTIL ...]
 *
 * It lives from FROM until UNTIL, local times as 2019-09-16T05:00. Between
 * two such pairs the power was cut; in the end it is ended in order, so that
 * the next call goes on where this one ended. Then what the log has is signed.
 * -w: before that it was brought what the upper level had cosigned, and begins
 * its tree anew where that has more.
 *
 * Every item is there, as long as its slot likes, but those that ROOT/lacking
 * names, one a line. What is approved is not asked (approval = "none").
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/root.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/seal.h"
#include "playout/deck_sim.h"
#include "scheduler/daemon.h"

#define ALIVE "alive.json"
#define LACKING_MAX 64
#define EPOCHS_MAX 4 /* a tree that begins anew is one */

struct station {
	struct library library; /* must be first */
	struct library *all;
	struct root root;
	struct disk *var; /* where the state is between two calls */
	struct disk *state;
	struct disk *log;
	char *lacking[LACKING_MAX];
	size_t n_lacking;
	char boot_id[64];
};

static void
die(const char *what, int r)
{
	fprintf(stderr, "tool_life: %s: %s\n", what, strerror(-r));
	exit(1);
}

static int64_t
instant(const char *text)
{
	char date[11] = "";
	int64_t day;
	int second;

	if (strlen(text) >= 16 && text[10] == 'T')
		memcpy(date, text, 10);
	if (civil_read_date(date, &day) < 0 ||
	    civil_read_time(text + 11, &second) < 0)
		die(text, -EINVAL);
	return civil_to_us(day, second);
}

/* The outside ---------------------------------------------------------------- */

static int
open_item(struct library *lib, const char *id, int64_t hint,
    struct item **ret_item, int *ret_fd)
{
	struct station *s = (struct station *)lib;

	for (size_t i = 0; i < s->n_lacking; i++)
		if (strcmp(s->lacking[i], id) == 0)
			return -ENOENT;
	return s->all->open(s->all, id, hint, ret_item, ret_fd);
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

/* A test waits for no platter. */
static int
say_synced(struct disk *d, const char *name)
{
	(void)d;
	(void)name;
	return 0;
}

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -EIO;
}

static void
read_lacking(struct station *s)
{
	char path[ROOT_PATH_MAX + 16];
	char line[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/lacking", s->root.top);
	f = fopen(path, "re");
	while (f != NULL && s->n_lacking < LACKING_MAX &&
	       fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		s->lacking[s->n_lacking++] = strdup(line);
	}
	if (f != NULL)
		fclose(f);
}

/* The file that says "alive" is written every minute of the months. */
static void
copy_state(struct disk *from, struct disk *to)
{
	char *bytes;
	size_t n;
	int r = from->read(from, ALIVE, &bytes, &n);

	if (r == -ENOENT)
		return;
	if (r == 0)
		r = to->replace(to, ALIVE, bytes, n, 0);
	if (r < 0)
		die(ALIVE, r);
	free(bytes);
}

static void
open_all(struct station *s, const char *top)
{
	int r = root_find(top, &s->root);

	if (r == 0)
		r = disk_open(s->root.var, &s->var);
	if (r == 0)
		r = disk_open(s->root.log, &s->log);
	if (r == 0)
		r = disk_memory(&s->state);
	if (r == 0)
		r = library_assume(&s->all);
	if (r < 0)
		die(top, r);
	s->log->sync = say_synced;
	s->library = (struct library){ open_item, NULL };
	read_lacking(s);
	copy_state(s->var, s->state);
}

static void
close_all(struct station *s)
{
	copy_state(s->state, s->var);
	for (size_t i = 0; i < s->n_lacking; i++)
		free(s->lacking[i]);
	library_close(s->all);
	disk_close(s->state);
	disk_close(s->log);
	disk_close(s->var);
}

/* Its life ------------------------------------------------------------------- */

static struct site *
read_site(const struct station *s)
{
	struct problems ps = { 0 };
	struct site *site = NULL;
	char line[2048];
	int r = site_read(s->root.conf, &ps, &site);

	for (size_t i = 0; i < ps.n; i++)
		fprintf(stderr, "%s\n",
		    problem_text(&ps.list[i], line, sizeof(line)));
	problems_free(&ps);
	if (r < 0)
		die(s->root.conf, r);
	civil_zone(site->zone);
	return site;
}

static struct daemon *
begin(struct station *s, struct now now)
{
	struct daemon_setup setup = {
		.schedules = s->root.schedules,
		.boot_id = s->boot_id,
		.log = s->log,
		.state = s->state,
		.library = &s->library,
		.deck = open_deck,
	};
	struct problems ps = { 0 };
	struct daemon *d = NULL;
	char line[2048];
	int r = daemon_open(&setup, read_site(s), now, &ps, &d);

	for (size_t i = 0; i < ps.n; i++)
		fprintf(stderr, "%s\n",
		    problem_text(&ps.list[i], line, sizeof(line)));
	if (r < 0 || ps.n > 0)
		die(s->root.schedules, r < 0 ? r : -EBADMSG);
	problems_free(&ps);
	return d;
}

static void
live(struct station *s, int64_t from_us, int64_t until_us, bool in_order)
{
	struct now now = {
		.wall_us = from_us, .boot_us = US_PER_MIN, .trust = TRUST_SYNCED
	};
	int64_t offset = now.wall_us - now.boot_us;
	struct daemon *d;

	snprintf(s->boot_id, sizeof(s->boot_id),
	    "00000000-0000-4000-8000-%012" PRIx64, from_us / US_PER_S);
	d = begin(s, now);
	while (now.wall_us < until_us) {
		int64_t next = daemon_turn(d, now);

		now.boot_us = later(next, now.boot_us + 1);
		now.boot_us = earlier(now.boot_us, until_us - offset);
		now.wall_us = now.boot_us + offset;
	}
	if (in_order)
		daemon_close(d, now);
	else
		daemon_kill(d);
}

/* What it signs -------------------------------------------------------------- */

static void
add_epoch(struct station *s, int64_t at_us, json_t *body)
{
	struct now now = {
		.wall_us = at_us, .boot_us = US_PER_DAY, .trust = TRUST_SYNCED
	};
	json_t *r = record_new(KIND_EPOCH, "", now, s->boot_id);
	struct ledger *l;

	json_object_update_missing(r, body);
	json_decref(body);
	if (ledger_open(s->log, NULL, &l) < 0 || ledger_add(l, r) < 0 ||
	    ledger_flush(l) < 0)
		die("the epoch", -EIO);
	ledger_close(l);
}

static int64_t
leaves(struct station *s)
{
	struct ledger *l;
	int64_t n;

	if (ledger_open(s->log, NULL, &l) < 0)
		die(s->root.log, -EIO);
	n = ledger_leaves(l);
	ledger_close(l);
	return n;
}

static void
take_cosigned(const struct seal_setup *setup, const char *file)
{
	char note[65536];
	FILE *f = fopen(file, "re");
	size_t n = f == NULL ? 0 : fread(note, 1, sizeof(note), f);
	int r = seal_witness(setup, note, n);

	if (f != NULL)
		fclose(f);
	if (r < 0)
		die(file, r);
}

static void
sign(struct station *s, int64_t at_us, const char *cosigned)
{
	struct seal_setup setup = { s->root.trees, s->root.keys, draw, true };
	struct seal *seal;
	json_t *epoch;
	int r;

	if (cosigned != NULL)
		take_cosigned(&setup, cosigned);
	r = seal_open(&setup, &seal);
	if (r < 0)
		die(s->root.keys, r);
	for (int i = 0; i < EPOCHS_MAX; i++) {
		epoch = NULL;
		r = seal_meet(seal, s->log, leaves(s), &epoch);
		if (r != 1)
			break;
		add_epoch(s, at_us, epoch);
	}
	if (r == 0)
		r = seal_publish(seal);
	if (r != 0)
		die(s->root.trees, r);
	seal_close(seal);
}

int
main(int argc, char **argv)
{
	struct station s = { 0 };
	const char *cosigned = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "w:")) == 'w')
		cosigned = optarg;
	argc -= optind;
	argv += optind;
	if (opt != -1 || argc < 3 || argc % 2 == 0) {
		fprintf(stderr,
		    "usage: tool_life [-w COSIGNED] ROOT FROM UNTIL ...\n");
		return 2;
	}
	open_all(&s, argv[0]);
	site_free(read_site(&s)); /* for its zone */
	for (int i = 1; i < argc; i += 2)
		live(&s, instant(argv[i]), instant(argv[i + 1]), i + 2 == argc);
	sign(&s, instant(argv[argc - 1]), cosigned);
	close_all(&s);
	return 0;
}
