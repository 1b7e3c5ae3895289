/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa selftest: looks at everything that an airing takes, and says how it
 * is. What the findings mean is decided in ctl/selftest.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/need.h"
#include "ctl/office.h"
#include "ctl/post.h"
#include "ctl/say.h"
#include "ctl/selftest.h"
#include "ctl/tone.h"
#include "evidence/audit.h"
#include "evidence/record.h"
#include "evidence/registry.h"
#include "scheduler/schedule.h"
#include "scheduler/trust.h"

#define TONE_ROOM_US (5 * US_PER_S) /* of allowed hours that a tone takes */
#define TONE_WAIT_MS 15000 /* a device may take ten seconds to open */

struct selftest {
	const struct ctl *ctl;
	struct office office;
	const char *station; /* NULL: all */
	bool silent;
	json_t *status; /* the daemon's; NULL without one */
	bool runs; /* a daemon has the log's lock, or the socket */
	json_t *list; /* for --json; NULL: print */
	enum health worst;
};

static void
tell(struct selftest *t, const struct check *c)
{
	char *name;

	if (c->health > t->worst)
		t->worst = c->health;
	if (t->list != NULL) {
		json_array_append_new(
		    t->list, json_pack("{s:s,s:s,s:s,s:s}", "id", c->id,
				 "station", c->station, "verdict",
				 health_name(c->health), "text", c->text));
		return;
	}
	name = say_safe(c->station);
	say_line(stdout, "%s %s%s%s%s: %s", c->health == HEALTH_BAD ? "!" : " ",
	    _(c->name), c->station[0] == '\0' ? "" : " (",
	    c->station[0] == '\0' || name == NULL ? "" : name,
	    c->station[0] == '\0' ? "" : ")", c->text);
	fflush(stdout);
	free(name);
}

/* The folder for what is tried out: var/, which loaxad makes. */
static const char *
writable(const struct selftest *t)
{
	const struct root *root = &t->ctl->root;

	return access(root->var, F_OK) == 0 ? root->var : root->top;
}

/* ---- the daemon and its clock ---- */

static void
look_daemon(struct selftest *t)
{
	json_t *request = json_pack("{s:s}", "cmd", "status");
	struct client *c;
	struct check k;
	int r = client_open(t->ctl->root.socket, &c);

	t->runs = r != -ENOENT && r != -ECONNREFUSED;
	if (r == 0 && request != NULL && client_ask(c, request, &t->status) < 0)
		t->status = NULL;
	if (r == 0)
		client_close(c);
	json_decref(request);
	if (t->status != NULL &&
	    !json_is_true(json_object_get(t->status, "ok"))) {
		json_decref(t->status);
		t->status = NULL;
	}
	k = selftest_daemon(t->runs, t->status != NULL);
	tell(t, &k);
}

static enum trust
daemon_trust(const json_t *status)
{
	return trust_of(record_text(status, "clock"));
}

static void
look_clock(struct selftest *t)
{
	struct trust_state state = {
		.plausible = t->office.site->plausible_clock,
		.marks = *registry_marks(t->office.registry),
	};
	struct now now = clock_read();
	enum trust trust = t->status != NULL
			       ? daemon_trust(t->status)
			       : trust_look(&state, now, clock_synced(), NULL);
	struct check c = selftest_clock(trust, now.wall_us);
	struct civil_text local;
	const char *zone = t->office.site->zone;
	bool known = civil_zone(zone) == 0;

	tell(t, &c);
	civil_local_text(now.wall_us, &local);
	c = selftest_zone(zone, known ? local.s + strlen(local.s) - 6 : NULL);
	tell(t, &c);
	c = selftest_language(
	    words_language(), strcmp(words_language(), "en") == 0 ||
				  strcmp(_("clock"), "clock") != 0);
	tell(t, &c);
}

/* ---- the disk ---- */

static int
write_probe(const char *folder, int64_t *ret_us)
{
	static const char bytes[4096];
	int64_t begin_us = clock_read().boot_us;
	char path[ROOT_PATH_MAX + 32];
	int r = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/.selftest", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) ||
	    fsync(fd) < 0)
		r = errno == 0 ? -ENOSPC : -errno;
	close(fd);
	unlink(path);
	*ret_us = clock_read().boot_us - begin_us;
	return r;
}

static void
look_disk(struct selftest *t)
{
	const char *var = writable(t);
	struct disk_facts f = { 0 };
	struct statvfs fs;
	struct check c;

	if (statvfs(var, &fs) == 0) {
		f.free_bytes = (int64_t)(fs.f_bavail * fs.f_frsize);
		f.total_bytes = (int64_t)(fs.f_blocks * fs.f_frsize);
	}
	errno = 0;
	f.write = write_probe(var, &f.write_us);
	c = selftest_disk(&f);
	tell(t, &c);
}

/* ---- rights ---- */

struct owners {
	struct rights_facts *facts;
	uid_t uid;
	char path[ROOT_PATH_MAX];
	char owner[64];
	char wanted[64];
};

static void
name_user(uid_t uid, char name[static 64])
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL)
		snprintf(name, 64, "%s", pw->pw_name);
	else
		snprintf(name, 64, "%u", (unsigned)uid);
}

/* The first path with another owner than var/ has: a command that root ran
 * leaves files that the daemon's user cannot write. */
static void
look_owner(struct owners *o, const char *path)
{
	struct stat st;

	if (o->facts->path[0] != '\0' || stat(path, &st) < 0 ||
	    st.st_uid == o->uid)
		return;
	snprintf(o->path, sizeof(o->path), "%s", path);
	name_user(st.st_uid, o->owner);
	name_user(o->uid, o->wanted);
	o->facts->path = o->path;
	o->facts->owner = o->owner;
	o->facts->wanted = o->wanted;
}

static void
look_rights(struct selftest *t)
{
	const struct root *root = &t->ctl->root;
	const struct {
		const char *path;
		int mode;
		bool owned; /* by the daemon's user */
	} paths[] = {
		{ root->conf, R_OK, false },
		{ root->schedules, R_OK | X_OK, false },
		{ root->items, R_OK | W_OK | X_OK, true },
		{ root->var, R_OK | W_OK | X_OK, true },
		{ root->log, R_OK | W_OK | X_OK, true },
		{ root->people, R_OK, true },
	};
	struct rights_facts f = { .path = "", .owner = "", .wanted = "" };
	struct owners o = { .facts = &f };
	struct stat st;
	struct check c;

	for (size_t i = 0; i < COUNT(paths); i++)
		if (f.path[0] == '\0' &&
		    access(paths[i].path, paths[i].mode) < 0 &&
		    errno != ENOENT) {
			f.path = paths[i].path;
			f.error = -errno;
		}
	if (stat(root->var, &st) == 0) {
		o.uid = st.st_uid;
		for (size_t i = 0; i < COUNT(paths); i++)
			if (paths[i].owned)
				look_owner(&o, paths[i].path);
	}
	c = selftest_rights(&f);
	tell(t, &c);
}

/* ---- schedules, library, log ---- */

static int
count_station(void *arg, const char *station)
{
	struct schedule_facts *f = arg;

	(void)station;
	f->stations++;
	return 0;
}

struct reading {
	const struct root *root;
	struct problems problems;
};

static int
read_station(void *arg, const char *station)
{
	struct reading *rd = arg;
	struct schedule *s;
	int r = schedule_read(rd->root->schedules, station, INT64_MIN,
	    INT64_MAX, &rd->problems, &s);

	if (r == 0)
		schedule_free(s);
	return 0;
}

static void
look_schedules(struct selftest *t)
{
	struct reading rd = { .root = &t->ctl->root };
	const struct problems *site = &t->office.problems;
	struct schedule_facts f = {
		.site_problems = (int64_t)problems_count(site), .first = ""
	};
	char line[512];
	struct check c;

	schedule_stations(t->ctl->root.schedules, count_station, &f);
	schedule_stations(t->ctl->root.schedules, read_station, &rd);
	f.problems = (int64_t)problems_count(&rd.problems);
	if (site->n > 0)
		f.first = problem_text(&site->list[0], line, sizeof(line));
	else if (rd.problems.n > 0)
		f.first =
		    problem_text(&rd.problems.list[0], line, sizeof(line));
	c = selftest_schedules(&f);
	problems_free(&rd.problems);
	tell(t, &c);
}

/* ---- programs of other packages ---- */

static void
look_programs(struct selftest *t)
{
	const struct need intake = need_of_intake();
	const struct site_relay *r = need_lacking(t->office.site, need_has);
	const struct program_facts f = {
		.phones = need_has(intake.program),
		.phones_package = intake.package,
		.relay = r == NULL ? "" : r->id,
		.program = r == NULL ? "" : need_of_relay(r)->program,
		.package = r == NULL ? "" : need_of_relay(r)->package,
	};
	struct check c = selftest_programs(&f);

	tell(t, &c);
}

struct shelf {
	const struct office *office;
	struct library_facts facts;
	int64_t ready; /* items of the emergency bank that may air */
	char first[128];
};

static int
look_item(void *arg, const char *id, const struct item *it)
{
	struct shelf *s = arg;
	enum standing standing =
	    it == NULL ? ITEM_BAD : office_standing(s->office, id, NULL);

	s->facts.items++;
	if (standing == ITEM_READY && strcmp(it->segment, ITEM_BANK) == 0)
		s->ready++;
	if (standing != ITEM_BAD && standing != ITEM_MISSING)
		return 0;
	if (s->facts.bad++ == 0)
		snprintf(s->first, sizeof(s->first), "%s", id);
	return 0;
}

static void
look_library(struct selftest *t)
{
	struct shelf s = { .office = &t->office };
	struct check c;

	s.facts.first = s.first;
	s.facts.error = item_each(t->ctl->root.items, look_item, &s);
	c = selftest_library(&s.facts);
	tell(t, &c);
	if (s.facts.error < 0 || s.facts.items == 0)
		return;
	c = selftest_bank(s.ready);
	tell(t, &c);
}

struct first_finding {
	char text[512];
};

static void
keep_first(void *arg, const struct finding *f)
{
	struct first_finding *first = arg;

	if (first->text[0] == '\0')
		snprintf(first->text, sizeof(first->text), "%s: %s", f->promise,
		    f->text);
}

static void
look_log(struct selftest *t)
{
	struct first_finding first = { "" };
	struct audit sum = { 0 };
	struct log_facts f = { .first = first.text };
	struct check c;

	f.error = audit_dir(t->ctl->root.log, keep_first, &first, &sum);
	f.records = sum.records;
	f.findings = sum.findings;
	c = selftest_log(&f);
	tell(t, &c);
}

/* ---- the sound ---- */

static struct check
sound_status(const struct selftest *t, const char *station)
{
	json_t *s;
	size_t i;

	json_array_foreach(json_object_get(t->status, "stations"), i, s)
	{
		if (strcmp(record_text(s, "station"), station) == 0)
			return selftest_sound_status(station,
			    record_text(s, "device"),
			    record_text(s, "device_text"),
			    json_is_true(json_object_get(
				json_object_get(s, "sound"), "muted")));
	}
	return selftest_sound_status(station, "", "", false);
}

/* P1: a tone is sound; it has to fit into the allowed hours. */
static bool
may_sound(const struct selftest *t, int64_t *ret_end_us)
{
	int64_t now_us = clock_read().wall_us;

	return !t->silent && t->office.problems.n == 0 &&
	       site_allows(t->office.site, now_us, ret_end_us) &&
	       *ret_end_us - now_us > TONE_ROOM_US;
}

/* A station's WAV file is not to be begun anew: another one beside it. */
static void
set_up(const struct selftest *t, const char *libexec,
    const struct site_output *out, char file[static ROOT_PATH_MAX + 32],
    struct deck_setup *ret)
{
	snprintf(file, ROOT_PATH_MAX + 32, "%s/.selftest.wav", writable(t));
	*ret = (struct deck_setup){ .station = out->station,
		.libexec = libexec,
		.driver = out->driver,
		.device = out->device,
		.file = strcmp(out->driver, "wav") == 0 ? file : "",
		.buffer_ms = out->buffer_ms,
		.latency_ms = out->latency_ms };
}

static void
play_tone(const struct selftest *t, const struct site_output *out,
    struct sound_facts *f, struct tone_result *result)
{
	char file[ROOT_PATH_MAX + 32];
	char libexec[PATH_MAX];
	char hex[HASH_HEX];
	struct deck_setup setup;
	struct deck *deck = NULL;
	int64_t fence_us = NEVER;
	int fd;

	f->tone = may_sound(t, &fence_us);
	command_libexec(libexec);
	set_up(t, libexec, out, file, &setup);
	fd = tone_file(f->tone, hex);
	f->started = fd < 0 ? fd : deck_open(&setup, &deck);
	if (f->started == 0)
		f->started = tone_play(deck, fd, hex,
		    f->tone ? fence_us : NEVER, TONE_WAIT_MS, result);
	else if (fd >= 0)
		close(fd);
	deck_close(deck);
	unlink(file);
}

/* Whatever sounded is on record; but never by a user whose files the daemon
 * could not write. */
static void
record_tone(const struct selftest *t, const struct sound_facts *f)
{
	struct post *post;
	struct stat st;
	int64_t seq;

	if (!f->tone || f->to_file || !f->opened ||
	    stat(t->ctl->root.log, &st) < 0 || st.st_uid != geteuid() ||
	    command_post(t->ctl, &post) != 0)
		return;
	post_record(post, KIND_OP, f->station,
	    json_pack("{s:s,s:s,s:s,s:s}", "op", "tone", "person", "", "result",
		"done", "detail", f->output),
	    &seq);
	post_close(post);
}

static struct check
try_sound(const struct selftest *t, const char *station)
{
	const struct site_output *out = site_output(t->office.site, station);
	struct tone_result result = { 0 };
	char output[256] = "";
	struct sound_facts f = { .station = station,
		.output = output,
		.has_output = out != NULL,
		.said = result.said };

	if (out != NULL) {
		snprintf(output, sizeof(output), "%s%s%s", out->driver,
		    out->device[0] == '\0' ? "" : " ", out->device);
		f.to_file = strcmp(out->driver, "wav") == 0;
		play_tone(t, out, &f, &result);
	}
	f.opened = result.opened;
	f.ended = result.ended;
	f.all = result.sent == TONE_FRAMES;
	f.muted = result.muted;
	record_tone(t, &f);
	return selftest_sound(&f);
}

static void
look_card(struct selftest *t, const char *station)
{
	const struct site_output *out = site_output(t->office.site, station);
	struct check c;

	if (out == NULL || !selftest_numbered(out->driver, out->device))
		return;
	c = selftest_card(station, out->device);
	tell(t, &c);
}

static int
look_sound(struct selftest *t)
{
	struct stations list;
	size_t n = 0;

	if (stations_list(&t->ctl->root, NULL, &list) < 0)
		list = (struct stations){ 0 }; /* the schedules' line says so */
	for (size_t i = 0; i < list.n; i++) {
		struct check c;

		if (t->station != NULL && strcmp(t->station, list.ids[i]) != 0)
			continue;
		c = t->runs ? sound_status(t, list.ids[i])
			    : try_sound(t, list.ids[i]);
		tell(t, &c);
		look_card(t, list.ids[i]);
		n++;
	}
	stations_free(&list);
	if (t->station == NULL || n > 0)
		return 0;
	return command_no_station(t->ctl, t->station);
}

static int
look_all(struct selftest *t)
{
	int r;

	look_daemon(t);
	r = look_sound(t);
	if (r != 0)
		return r;
	look_clock(t);
	look_disk(t);
	look_rights(t);
	look_programs(t);
	look_schedules(t);
	look_library(t);
	look_log(t);
	return 0;
}

static int
finish(struct selftest *t)
{
	int code = t->worst == HEALTH_BAD ? EX_UNAVAILABLE : EX_OK;
	json_t *list = t->list;

	if (list == NULL) {
		printf("%s\n",
		    t->worst == HEALTH_BAD
			? _("Something needs a person: see the lines marked "
			    "\"!\".")
			: _("All is well."));
		return command_done(code);
	}
	t->list = NULL;
	return command_json(list) == EX_OK ? code : EX_IOERR;
}

int
cmd_selftest(struct ctl *ctl, int argc, char **argv)
{
	struct selftest t = { .ctl = ctl };
	bool json = false;
	const struct arg args[] = { { "station", ARG_TEXT, &t.station },
		{ "silent", ARG_FLAG, &t.silent },
		{ "json", ARG_FLAG, &json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 1)
		return command_misused(argv[0], _("it takes no words"));
	r = command_office(ctl, &t.office);
	if (r != 0)
		return r;
	t.list = json ? json_array() : NULL;
	r = look_all(&t);
	if (r == 0)
		r = finish(&t);
	json_decref(t.list);
	json_decref(t.status);
	office_close(&t.office);
	return r;
}
