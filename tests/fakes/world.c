/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/labels.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "scheduler/schedule.h"
#include "tests/fakes/world.h"

#define MONDAY 20780 /* 2026-11-23 as a day number */
#define STATION "que-minh"

int64_t
world_us(int day, const char *time)
{
	int second = 0;

	assert_int_equal(civil_read_time(time, &second), 0);
	return civil_to_us(MONDAY + day, second);
}

static int
fake_open(struct library *lib, const char *id, int64_t hint,
    struct item **ret_item, int *ret_fd)
{
	struct world *w =
	    (struct world *)((char *)lib - offsetof(struct world, library));
	struct library *made;
	int r;

	(void)hint;
	for (size_t i = 0; i < w->n_items; i++) {
		if (strcmp(w->items[i].id, id) != 0)
			continue;
		if (w->items[i].frames <= 0)
			return w->items[i].frames == 0 ? -ENOENT : -EINVAL;
		assert_int_equal(library_assume(&made), 0);
		r = made->open(made, id, w->items[i].frames, ret_item, ret_fd);
		library_close(made);
		(*ret_item)->lufs = w->items[i].lufs;
		(*ret_item)->peak_db = w->items[i].peak_db;
		if (w->items[i].music)
			labels_genre((*ret_item)->more, "music");
		return r;
	}
	return -ENOENT;
}

static void
fake_close(struct library *lib)
{
	(void)lib;
}

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

void
world_schedule(struct world *w, const char *schedule, const char *week)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/" STATION ".cfg", w->folder);
	write_text(path, schedule);
	snprintf(path, sizeof(path), "%s/" STATION, w->folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/" STATION "/2026-W48.cfg", w->folder);
	if (week != NULL)
		write_text(path, week);
}

void
world_item(struct world *w, const char *id, int64_t ms)
{
	struct world_item *it = NULL;

	for (size_t i = 0; i < w->n_items; i++)
		if (strcmp(w->items[i].id, id) == 0)
			it = &w->items[i];
	if (it == NULL) {
		assert_true(w->n_items < WORLD_ITEMS_MAX);
		it = &w->items[w->n_items++];
	}
	snprintf(it->id, sizeof(it->id), "%s", id);
	it->frames = ms > 0 ? ms * 48 : ms;
	it->lufs = -HUGE_VAL;
	it->peak_db = -HUGE_VAL;
}

void
world_make(struct world *w, const char *schedule, const char *week)
{
	*w = (struct world){ .boot_id = "11111111-0000-4000-8000-000000000000",
		.to_h = 24 };
	assert_int_equal(civil_zone("Asia/Ho_Chi_Minh"), 0);
	snprintf(w->folder, sizeof(w->folder), "/tmp/loaxa-world-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	world_schedule(w, schedule, week);
	assert_int_equal(disk_memory(&w->log), 0);
	assert_int_equal(disk_memory(&w->state), 0);
	w->log_in_use = w->log;
	w->library = (struct library){ fake_open, fake_close };
	w->now = (struct now){ .wall_us = world_us(0, "04:00:00"),
		.boot_us = US_PER_DAY,
		.trust = TRUST_SYNCED };
}

void
world_end(struct world *w)
{
	char path[256];

	world_kill(w);
	disk_close(w->log);
	disk_close(w->state);
	snprintf(path, sizeof(path), "%s/" STATION "/2026-W48.cfg", w->folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/" STATION, w->folder);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/" STATION ".cfg", w->folder);
	unlink(path);
	rmdir(w->folder);
}

static int
make_deck(void *arg, const char *station, const struct site_output *out,
    struct deck **ret_deck)
{
	struct world *w = arg;
	int r = deck_sim_open(w->faults, w->n_faults, ret_deck);

	(void)station;
	(void)out;
	w->deck = *ret_deck;
	return r;
}

static void
copy_event(struct site_event *to, const struct site_event *from)
{
	to->command = calloc(from->n_command, sizeof(char *));
	assert_non_null(to->command);
	for (; to->n_command < from->n_command; to->n_command++)
		to->command[to->n_command] =
		    strdup(from->command[to->n_command]);
	to->longest_s = from->longest_s;
}

static char **
command(const char *last, size_t *ret_n)
{
	char **texts = calloc(1, sizeof(*texts));

	assert_non_null(texts);
	texts[0] = strdup(last);
	*ret_n = 1;
	return texts;
}

static struct site *
make_site(const struct world *w)
{
	struct site *s = site_nothing();

	assert_non_null(s);
	s->rules.hours = calloc(2, sizeof(*s->rules.hours));
	assert_non_null(s->rules.hours);
	s->rules.hours[s->rules.n_hours++] = (struct profile_hours){
		.days = 0x7f, .from_s = w->from_h * 3600, .to_s = w->to_h * 3600
	};
	if (w->to2_h != 0)
		s->rules.hours[s->rules.n_hours++] =
		    (struct profile_hours){ .days = 0x7f,
			    .from_s = w->from2_h * 3600,
			    .to_s = w->to2_h * 3600 };
	if (w->rules != NULL)
		w->rules(&s->rules);
	for (int r = 0; w->groups && r < RIGHTS; r++)
		s->groups[r] = strdup(rights_word((enum right)r));
	s->approval = w->approval;
	s->same_person = w->same_person;
	if (w->second != NULL) {
		s->second = calloc(1, sizeof(*s->second));
		assert_non_null(s->second);
		s->second[s->n_second++] = strdup(w->second);
	}
	s->relays = calloc(1, sizeof(*s->relays));
	assert_non_null(s->relays);
	s->n_relays = 1;
	s->relays[0].id = strdup("vov1");
	s->relays[0].title = strdup("VOV1");
	if (w->relay_url != NULL)
		s->relays[0].url = strdup(w->relay_url);
	s->relays[0].connect_ahead_s = 20;
	s->relays[0].silence_s = 20;
	s->relays[0].silence_db = -50;
	if (w->relay_fallback != NULL) {
		s->relays[0].fallback = calloc(1, sizeof(char *));
		assert_non_null(s->relays[0].fallback);
		s->relays[0].n_fallback = 1;
		s->relays[0].fallback[0] = strdup(w->relay_fallback);
	}
	if (w->on_event != NULL)
		copy_event(&s->on_event, w->on_event);
	if (w->no_output)
		return s;
	s->outputs = calloc(1, sizeof(*s->outputs));
	assert_non_null(s->outputs);
	s->n_outputs = 1;
	s->outputs[0].station = strdup(STATION);
	s->outputs[0].driver = strdup("alsa");
	s->outputs[0].device = strdup("plughw:CARD=Device");
	s->outputs[0].file = strdup("");
	s->outputs[0].loudness = s->loudness;
	s->outputs[0].warm_up_s = w->warm_up_s;
	if (w->errand == NULL || w->no_amplifier)
		return s;
	s->outputs[0].amplifier = (struct site_amplifier){
		.lead_s = 120, .lag_s = 30, .longest_s = 30
	};
	s->outputs[0].amplifier.before =
	    command("on", &s->outputs[0].amplifier.n_before);
	s->outputs[0].amplifier.after =
	    command("off", &s->outputs[0].amplifier.n_after);
	return s;
}

static struct errand *
find_errand(void *arg, const char *station)
{
	struct world *w = arg;

	(void)station;
	return w->errand;
}

static gid_t
find_group(const char *name)
{
	for (int r = 0; r < RIGHTS; r++)
		if (strcmp(name, rights_word((enum right)r)) == 0)
			return (gid_t)(200 + r);
	return RIGHTS_NO_GROUP;
}

/* The officer may only load; whoever is not p-... is nobody. */
static const char *
check_person(void *arg, const char *id, enum right needs, struct now now)
{
	(void)arg;
	(void)now;
	if (strncmp(id, "p-", 2) != 0)
		return "nobody";
	return strcmp(id, "p-officer") == 0 && needs != RIGHT_LOAD ? "role"
								   : NULL;
}

/* As loaxad before each turn. Returns the step since the last look. */
static int64_t
look(struct world *w)
{
	int64_t step = 0;

	if (w->judged)
		w->now.trust = trust_look(&w->trust, w->now, w->synced, &step);
	if (step != 0 && w->daemon != NULL)
		daemon_stepped(w->daemon, w->now, step);
	return step;
}

static int64_t
turn(struct world *w)
{
	look(w);
	return daemon_turn(w->daemon, w->now);
}

void
world_start(struct world *w)
{
	struct daemon_setup setup = {
		.site_path = w->site_path,
		.site_problem = w->site_problem,
		.trust = w->judged ? &w->trust : NULL,
		.synced = w->synced,
		.schedules = w->folder,
		.boot_id = w->boot_id,
		.log = w->log_in_use,
		.state = w->state,
		.library = &w->library,
		.deck = make_deck,
		.deck_arg = w,
		.user = WORLD_USER,
		.group = find_group,
		.person = check_person,
		.metrics = w->metrics,
		.metrics_arg = w->metrics_arg,
		.hook = w->hook,
		.sealer = w->sealer,
		.errand = w->errand == NULL ? NULL : find_errand,
		.errand_arg = w,
	};
	struct problems ps = { 0 };
	int r;

	assert_null(w->daemon);
	w->trust = (struct trust_state){ .plausible = w->plausible };
	r = daemon_open(&setup,
	    w->site_problem == NULL ? make_site(w) : site_nothing(), w->now,
	    &ps, &w->daemon);
	problems_free(&ps);
	if (r < 0 && w->may_fail)
		return;
	assert_int_equal(r, 0);
	turn(w);
}

void
world_kill(struct world *w)
{
	w->daemon = daemon_kill(w->daemon);
	w->deck = NULL;
}

void
world_stop(struct world *w)
{
	w->daemon = daemon_close(w->daemon, w->now);
	w->deck = NULL;
}

void
world_run(struct world *w, int64_t wall_us)
{
	int64_t offset = w->now.wall_us - w->now.boot_us;
	int64_t end = wall_us - offset;

	while (w->daemon != NULL && w->now.boot_us < end) {
		int64_t next = turn(w);

		next = earlier(later(next, w->now.boot_us + 1), end);
		if (w->watch != NULL)
			w->watch(w, next + offset);
		w->now.boot_us = next;
		w->now.wall_us = w->now.boot_us + offset;
	}
	w->now.boot_us = end;
	w->now.wall_us = wall_us;
	if (w->daemon != NULL)
		turn(w);
}

void
world_step(struct world *w, int64_t wall_us)
{
	int64_t step = wall_us - w->now.wall_us;

	w->now.wall_us = wall_us;
	if (w->judged)
		look(w);
	else if (w->daemon != NULL)
		daemon_stepped(w->daemon, w->now, step);
}

json_t *
world_answer(struct world *w, const char *json)
{
	json_t *req = json_loads(json, 0, NULL);
	json_t *answer;

	assert_non_null(req);
	answer = daemon_request(w->daemon, w->now, req);
	json_decref(req);
	return answer;
}

bool
world_ask(struct world *w, const char *json)
{
	json_t *answer = world_answer(w, json);
	bool ok = json_is_true(json_object_get(answer, "ok"));

	json_decref(answer);
	return ok;
}

struct search {
	const char *kind;
	struct civil_text date;
	const char *slot;
	json_t *found;
	int count;
};

static int
search_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct search *s = arg;
	json_t *r;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	if (strcmp(record_text(r, "kind"), s->kind) != 0 ||
	    strcmp(record_text(r, "date"), s->date.s) != 0 ||
	    strcmp(record_text(r, "slot"), s->slot) != 0) {
		json_decref(r);
		return 0;
	}
	json_decref(s->found);
	s->found = r;
	s->count++;
	return 0;
}

json_t *
world_record(struct world *w, const char *kind, int day, const char *slot,
    int *ret_count)
{
	struct search s = { .kind = kind, .slot = slot };

	civil_date_text(MONDAY + day, &s.date);
	ledger_each(w->log, search_line, &s);
	if (ret_count != NULL)
		*ret_count = s.count;
	return s.found;
}

struct gathering {
	const char *kind;
	json_t *all;
};

static int
gather_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct gathering *g = arg;
	json_t *r;

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	if (strcmp(record_text(r, "kind"), g->kind) == 0)
		json_array_append(g->all, r);
	json_decref(r);
	return 0;
}

json_t *
world_records(struct world *w, const char *kind)
{
	struct gathering g = { kind, json_array() };

	ledger_each(w->log, gather_line, &g);
	return g.all;
}

void
world_expect(struct world *w, int day, const char *slot, const char *status,
    const char *reason)
{
	int count;
	json_t *r = world_record(w, "slot", day, slot, &count);

	if (count != 1)
		fail_msg("day %d %s: %d outcomes, wanted 1", day, slot, count);
	if (strcmp(record_text(r, "status"), status) != 0 ||
	    strcmp(record_text(r, "reason"), reason) != 0)
		fail_msg("day %d %s: %s/%s, wanted %s/%s", day, slot,
		    record_text(r, "status"), record_text(r, "reason"), status,
		    reason);
	json_decref(r);
}

/* {"date slot": how many outcomes, or -1 for a sheet's open slot} */
static int
account_line(void *arg, const char *line, size_t n, int64_t seq)
{
	json_t *book = arg;
	json_t *r;
	json_t *slot;
	size_t i;
	char key[256];

	(void)seq;
	assert_int_equal(record_parse(line, n, &r), 0);
	json_array_foreach(json_object_get(r, "slots"), i, slot)
	{
		int64_t start = 0;

		snprintf(key, sizeof(key), "%s %s", record_text(r, "date"),
		    record_text(slot, "slot"));
		civil_read_utc(record_text(slot, "planned_utc"), &start);
		if (json_object_get(book, key) == NULL)
			json_object_set_new(book, key,
			    json_integer(-(start / 1000 +
					   record_int(slot, "planned_ms", 0))));
	}
	if (strcmp(record_text(r, "kind"), "slot") == 0) {
		snprintf(key, sizeof(key), "%s %s", record_text(r, "date"),
		    record_text(r, "slot"));
		if (json_object_get(book, key) == NULL)
			fail_msg("%s: an outcome that nobody planned", key);
		if (record_int(book, key, 0) > 0)
			fail_msg("%s: two outcomes", key);
		json_object_set_new(book, key, json_integer(1));
	}
	json_decref(r);
	return 0;
}

void
world_account(struct world *w)
{
	json_t *book = json_object();
	const char *key;
	json_t *value;

	assert_int_equal(ledger_each(w->log, account_line, book), 0);
	assert_true(json_object_size(book) > 0);
	json_object_foreach(book, key,
	    value) if (json_integer_value(value) < 0 &&
		       -json_integer_value(value) * 1000 < w->now.wall_us)
	    fail_msg("%s: no outcome", key);
	json_decref(book);
}
