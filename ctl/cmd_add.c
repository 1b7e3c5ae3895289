/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa add: officers' files become items of the library, and the log says
 * so. What airs is the stored copy, so the record names its hash.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/frames.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/caption.h"
#include "ctl/commands.h"
#include "ctl/gain.h"
#include "ctl/inbox.h"
#include "ctl/inbox_watch.h"
#include "ctl/office.h"
#include "ctl/post.h"
#include "ctl/say.h"
#include "evidence/ledger.h"
#include "evidence/people.h"
#include "intake/admit.h"
#include "scheduler/schedule.h"

#define WATCH_S 60 /* between two looks at the inbox, where nothing happens */

struct adding {
	struct admit_setup setup;
	struct ctl *ctl;
	struct caption caption;
	struct post *post; /* opened for the first new item */
	json_t *json; /* what --json prints, or NULL */
	char by[PERSON_ID]; /* person id, or "" */
	char part_id[ID_MAX + 1]; /* of a part of a set, when none is given */
	char station[ID_MAX + 1]; /* whose folder it lay in; or "" */
	const char *file; /* being decoded: for the progress line */
	bool shown; /* a progress line stands on the terminal */
	bool inbox; /* files are put where they belong afterwards */
	bool watching; /* for ever */
	struct inbox_watch
	    *watch; /* NULL: it takes what lies there, and ends */
	int code; /* of the inbox: the first that could not be dealt with */
};

/* A line that moves, for a person only: a file may take a minute. */
static void
progress(void *arg, int64_t done_ms, int64_t total_ms)
{
	struct adding *a = arg;
	struct civil_text done;
	struct civil_text total;
	char *file;

	if (!isatty(STDERR_FILENO))
		return;
	file = say_safe(a->file);
	fprintf(stderr, "\r\033[K%s %s%s%s", file == NULL ? "" : file,
	    say_counter(done_ms, &done), total_ms < 0 ? "" : " / ",
	    total_ms < 0 ? "" : say_counter(total_ms, &total));
	fflush(stderr);
	free(file);
	a->shown = true;
}

static void
clear_progress(struct adding *a)
{
	if (a->shown)
		fputs("\r\033[K", stderr);
	a->shown = false;
}

/* What the player cannot make good, while the speaker is still there. */
static void
print_gain(const struct adding *a, const struct item *it)
{
	struct problems ps = { 0 };
	struct site *site = NULL;
	struct gain_text text;

	if (site_read(a->ctl->root.conf, &ps, &site) == 0) {
		if (gain_short(site, it, "", &text) != NULL)
			printf("  %s\n", text.s);
		site_free(site);
	}
	problems_free(&ps);
}

/* The log is opened only once there is something to write. */
static int
post_item(struct adding *a, const struct item *it)
{
	int64_t seq;
	int r;

	if (a->post == NULL) {
		r = command_post(a->ctl, &a->post);
		if (r != 0)
			return r;
	}
	r = post_record(
	    a->post, KIND_ITEM, a->station, caption_record(it, a->by), &seq);
	return r < 0 ? command_not_posted(a->post, r) : 0;
}

static void
print_item(const struct adding *a, const struct item *it, bool old)
{
	struct civil_text length;
	json_t *w;
	size_t i;
	char *safe = say_safe(it->title);

	if (a->json != NULL) {
		json_array_append_new(a->json, item_json(it));
		free(safe);
		return;
	}
	printf(
	    old ? _("%s was added before: %s, %s\n") : _("%s added: %s, %s\n"),
	    it->id, safe == NULL ? "" : safe,
	    say_length(frames_us(it->frames), &length));
	free(safe);
	if (old && caption_given(&a->caption))
		printf(_("  It stays as it is called; `loaxa edit %s` changes "
			 "that.\n"),
		    it->id);
	if (old && a->setup.trim &&
	    json_object_get(it->more, "trimmed_head_ms") == NULL)
		printf(_("  Its silence stays as it is; `loaxa trim %s` cuts "
			 "it away.\n"),
		    it->id);
	else if (a->setup.trim)
		command_trimmed(it);
	json_array_foreach(it->warnings, i, w)
	{
		safe = say_safe(json_string_value(w));
		printf("  %s\n", safe == NULL ? "" : safe);
		free(safe);
	}
	print_gain(a, it);
}

static void
print_problems(struct problems *ps)
{
	char line[4096];

	for (size_t i = 0; i < ps->n; i++)
		say_error("%s", problem_text(&ps->list[i], line, sizeof(line)));
	problems_free(ps);
}

static int
is_record_of(void *arg, const char *line, size_t n, int64_t seq)
{
	const char *sha256 = arg;

	(void)seq;
	return record_kind(line, n) == KIND_ITEM &&
	       memmem(line, n, sha256, HASH_HEX - 1) != NULL;
}

/* An item may be there without its record: the log could not be written when
 * it was added. Adding it again makes up for that, once. */
static bool
is_in_log(const struct ctl *ctl, const struct item *it)
{
	struct disk *disk;
	int r;

	if (access(ctl->root.log, R_OK) < 0 ||
	    disk_open(ctl->root.log, &disk) < 0)
		return false;
	r = ledger_each(disk, is_record_of, (void *)it->sha256);
	disk_close(disk);
	return r == 1;
}

/* What is wrong with the file is told where its owner will look. */
static int
give_back(const char *file, const struct problems *ps)
{
	char *text = strdup("");
	char line[4096];
	int r = 0;

	for (size_t i = 0; i < ps->n && text != NULL; i++) {
		char *more;

		problem_text(&ps->list[i], line, sizeof(line));
		if (asprintf(&more, "%s%s\n", text, line) < 0)
			more = NULL;
		free(text);
		text = more;
	}
	r = text == NULL ? -ENOMEM : inbox_return(file, text);
	free(text);
	return r;
}

/* A full disk or a library that cannot be written is no fault of the file's:
 * then it stays where it is, and is tried again. */
static int
refuse(struct adding *a, const char *file, struct problems *ps, int r)
{
	bool its_fault = r == -EINVAL || r == -EEXIST;
	int e = a->inbox && its_fault ? give_back(file, ps) : r;

	print_problems(ps);
	if (a->inbox && its_fault && e < 0)
		say_error("%s: %s", file, say_errno(e));
	if (e == 0)
		return 0;
	return access(file, F_OK) < 0 ? EX_NOINPUT : say_exit(e);
}

static int
put_away(const struct adding *a, const char *file)
{
	int r = a->inbox ? inbox_take(file) : 0;

	if (r == 0)
		return 0;
	say_error("%s: %s", file, say_errno(r));
	return say_exit(r);
}

static int
add_one(struct adding *a, const char *file)
{
	struct problems ps = { 0 };
	struct item *it;
	int r;

	a->file = file;
	a->setup.now_us = clock_read().wall_us;
	r = admit_file(&a->setup, file, &ps, &it);
	clear_progress(a);
	if (r < 0)
		return refuse(a, file, &ps, r);
	print_problems(&ps);
	print_item(a, it, r == 1);
	r = r == 1 && is_in_log(a->ctl, it) ? 0 : post_item(a, it);
	item_free(it);
	return r != 0 ? r : put_away(a, file);
}

static int
is_station(void *arg, const char *station)
{
	return strcmp(arg, station) == 0;
}

/* The folder's name, when it is a station's; for ROOT/audio/inbox it is not. */
static void
take_station(struct adding *a, const char *path)
{
	const char *inbox = a->ctl->root.inbox;
	const char *name = path + strlen(inbox) + 1;
	int n = (int)strcspn(name, "/");

	a->station[0] = '\0';
	if (n <= ID_MAX && name[n] == '/')
		snprintf(a->station, sizeof(a->station), "%.*s", n, name);
	if (schedule_stations(a->ctl->root.schedules, is_station, a->station) !=
	    1)
		a->station[0] = '\0';
}

static int
add_arrived(void *arg, const char *path)
{
	struct adding *a = arg;
	int r =
	    a->watch == NULL ? 0 : command_room(a->ctl->root.var, ROOM_ADD_MB);

	take_station(a, path);
	if (r == 0)
		r = add_one(a, path);
	a->code = a->code != 0 ? a->code : r;
	return 0;
}

static int
make_station_folder(void *arg, const char *station)
{
	const struct adding *a = arg;

	/* Without one, its files may still come into the inbox itself. */
	(void)inbox_make(a->ctl->root.inbox, station);
	return 0;
}

/* Everything that has arrived by now. */
static int
add_round(struct adding *a)
{
	const struct root *root = &a->ctl->root;
	int r;

	a->code = 0;
	schedule_stations(root->schedules, make_station_folder, a);
	if (a->watch != NULL)
		inbox_watch_folders(a->watch);
	r = inbox_each(root->inbox, clock_read().wall_us / US_PER_S, a->watch,
	    add_arrived, a);
	/* The daemon may be another one by the next round. */
	a->post = post_close(a->post);
	if (r == 0)
		return a->code;
	say_error("%s: %s", root->inbox, say_errno(r));
	return say_exit(r);
}

/* Until the next round is due: a while after something happened, so that it
 * may lie still, but no longer than a minute, whatever happens. */
static void
await_round(struct inbox_watch *watch)
{
	const int64_t last_us = clock_read().boot_us + WATCH_S * US_PER_S;
	int64_t due_us = last_us;
	int64_t now_us;

	while ((now_us = clock_read().boot_us) < due_us) {
		struct pollfd p = { inbox_watch_fd(watch), POLLIN, 0 };

		poll(&p, 1, (int)((due_us - now_us) / US_PER_MS) + 1);
		if (inbox_watch_read(watch) == 0)
			continue;
		due_us = clock_read().boot_us + (INBOX_CLOSED_S + 1) * US_PER_S;
		due_us = due_us < last_us ? due_us : last_us;
	}
}

/* Ends only with the process, or when the inbox itself is gone. */
static int
add_for_ever(struct adding *a)
{
	int r = inbox_watch_open(a->ctl->root.inbox, &a->watch);

	if (r < 0) {
		say_error("%s: %s", a->ctl->root.inbox, say_errno(r));
		return say_exit(r);
	}
	while (access(a->ctl->root.inbox, F_OK) == 0) {
		add_round(a);
		fflush(stdout);
		await_round(a->watch);
	}
	a->watch = inbox_watch_close(a->watch);
	return say_exit(-ENOENT);
}

static int
add_inbox(struct adding *a)
{
	a->inbox = true;
	return a->watching ? add_for_ever(a) : add_round(a);
}

/* After many files: how many, and what comes next. */
static void
say_added(int done, int n)
{
	fflush(stdout);
	if (done == n)
		printf(_("In the library: all %d files."), n);
	else
		printf(_("In the library: %d of %d files; why the others are "
			 "not is told above."),
		    done, n);
	printf(" %s\n",
	    _("`loaxa items` lists them, and what waits for approval."));
}

static int
add_all(struct adding *a, int n, char **files, bool json)
{
	int code = 0;
	int done = 0;

	a->json = json ? json_array() : NULL;
	if (n == 0)
		code = add_inbox(a);
	for (int i = 0; i < n; i++) {
		int r = add_one(a, files[i]);

		code = code != 0 ? code : r;
		done += r == 0;
	}
	post_close(a->post);
	if (!json && n > 1)
		say_added(done, n);
	if (json) {
		int r = command_json(a->json);

		code = code != 0 ? code : r;
	}
	return command_done(code);
}

static int
name_adder(struct adding *a, const char *by)
{
	struct people *people;
	struct person who;
	int r;

	if (by == NULL)
		return 0;
	r = command_person(a->ctl, "add", by, &people, &who);
	if (r != 0)
		return r;
	snprintf(a->by, sizeof(a->by), "%s", who.id);
	people_free(people);
	return 0;
}

/* ROOT/audio may not be there yet; admit_file() makes only its last part. */
static int
make_library(const char *items)
{
	char folder[ROOT_PATH_MAX];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", items);
	slash = strrchr(folder, '/');
	*slash = '\0';
	if (mkdir(folder, 0755) == 0 || errno == EEXIST)
		return 0;
	say_error("%s: %s", folder, say_errno(-errno));
	return say_exit(-errno);
}

/* What the options say of the item; labels become a->setup's, and yours. */
static int
read_caption(struct adding *a, json_t **ret_labels)
{
	json_t *labels = json_object();
	char wrong[600];
	int r = labels == NULL
		    ? -ENOMEM
		    : caption_labels(&a->caption, labels, wrong, sizeof(wrong));

	if (r < 0) {
		json_decref(labels);
		if (r == -EINVAL)
			return command_misused("add", wrong);
		say_error("%s", say_errno(r));
		return say_exit(r);
	}
	if (a->caption.set != NULL && a->caption.set[0] != '\0' &&
	    a->setup.id == NULL)
		a->setup.id = text_part_id(
		    a->caption.set, a->caption.language, a->part_id);
	a->setup.title = a->caption.title;
	a->setup.segment = a->caption.segment;
	a->setup.language = a->caption.language;
	a->setup.labels = labels;
	*ret_labels = labels;
	return 0;
}

/* Where things lie, and is there room? libexec is lent to a->setup. */
static int
equip(struct adding *a, char libexec[static PATH_MAX])
{
	int r = make_library(a->ctl->root.items);

	if (r == 0)
		r = command_room(a->ctl->root.var, ROOM_ADD_MB);
	command_libexec(libexec);
	a->setup.libexec = libexec;
	a->setup.items = a->ctl->root.items;
	a->setup.progress = progress;
	a->setup.arg = a;
	return r;
}

static int
add_files(struct adding *a, const char *by, int n, char **files, bool json)
{
	char libexec[PATH_MAX];
	json_t *labels = NULL;
	int r = read_caption(a, &labels);

	command_zone(a->ctl);
	if (r == 0)
		r = name_adder(a, by);
	if (r == 0)
		r = equip(a, libexec);
	if (r == 0)
		r = add_all(a, n, files, json);
	json_decref(labels);
	return r;
}

int
command_add(struct ctl *ctl, const struct command_addition *what)
{
	struct adding a = { .ctl = ctl, .inbox = what->inbox };
	char libexec[PATH_MAX];
	int r = equip(&a, libexec);

	if (r != 0)
		return r;
	snprintf(a.station, sizeof(a.station), "%s", what->station);
	snprintf(a.by, sizeof(a.by), "%s", what->by);
	a.json = what->quiet ? json_array() : NULL;
	r = add_one(&a, what->path);
	json_decref(a.json);
	post_close(a.post);
	return r;
}

int
cmd_add(struct ctl *ctl, int argc, char **argv)
{
	struct adding a = { .ctl = ctl };
	const char *by = NULL;
	bool json = false;
	bool inbox = false;
	const struct arg args[] = { { "id", ARG_TEXT, &a.setup.id },
		CAPTION_ARGS(&a.caption), { "by", ARG_TEXT, &by },
		{ "again", ARG_FLAG, &a.setup.again },
		{ "replace", ARG_FLAG, &a.setup.replace },
		{ "accept-cut", ARG_FLAG, &a.setup.accept_cut },
		{ "trim", ARG_FLAG, &a.setup.trim },
		{ "inbox", ARG_FLAG, &inbox },
		{ "watch", ARG_FLAG, &a.watching },
		{ "json", ARG_FLAG, &json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (a.watching && (!inbox || json))
		return command_misused(
		    argv[0], _("--watch goes with --inbox, without --json"));
	if (argc < 2 && !inbox)
		return command_misused(argv[0], _("name the files"));
	if (inbox &&
	    (argc > 1 || a.setup.id != NULL || a.caption.title != NULL))
		return command_misused(argv[0],
		    _("--inbox takes what lies there: no files, no --id and no "
		      "--title"));
	if (a.caption.set != NULL && (argc != 2 || a.caption.language == NULL))
		return command_misused(argv[0],
		    _("--part-of is for one file at a time, and --language "
		      "says which part it is, such as --language km"));
	if (argc > 2 && (a.setup.id != NULL || a.caption.title != NULL))
		return command_misused(
		    argv[0], _("--id and --title are for one file at a time"));
	return add_files(&a, by, argc - 1, argv + 1, json);
}
