/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa load: a week's programme from a spreadsheet. It shows every problem,
 * or what would change, and only then has the daemon install it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/labels.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/bring.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/post.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "evidence/people.h"
#include "scheduler/day.h"
#include "scheduler/grid.h"
#include "scheduler/match.h"
#include "scheduler/propose.h"
#include "scheduler/weekfile.h"

struct load {
	struct ctl *ctl;
	struct office office;
	const char *file; /* the sheet, as named */
	const char *station;
	struct stations stations; /* lends the station */
	const char *by;
	bool yes, dry_run, json, timetable, undo;
	int64_t monday;
	char week[WEEKFILE_NAME]; /* file name */
	char folder[ROOT_PATH_MAX + ID_MAX + 2]; /* of the weeks */
	char kept[ROOT_PATH_MAX + 16]; /* var/revisions */
	char base[HASH_HEX];
	struct sheet *sheet;
	struct schedule *now; /* as it lies there */
	struct schedule *then; /* as it would be */
	struct match *match; /* rows and slots; then what changes */
	char *text; /* what would be installed */
	struct problems problems;
	struct problems missing; /* as the sheet tells it */
	struct problems not_ready; /* of the whole week */
	char person[PERSON_ID];
};

/* Saying ----------------------------------------------------------------- */

static json_t *
problems_json(const struct problems *ps)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ps->n; i++)
		json_array_append_new(list,
		    json_pack("{s:s,s:i,s:s}", "file", ps->list[i].file, "line",
			ps->list[i].line, "text", ps->list[i].text));
	return list;
}

static void
print_problems(FILE *out, const struct problems *ps)
{
	char line[4096];

	for (size_t i = 0; i < ps->n; i++)
		say_line(
		    out, "%s", problem_text(&ps->list[i], line, sizeof(line)));
	if (ps->hidden > 0)
		fprintf(out, _("and %zu more\n"), ps->hidden);
}

/* "a, b", "a, b (set c)"; "–" for none. Yours. */
static char *
list_items(char **items, size_t n, const char *set)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	if (n == 0)
		fputs("–", f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%s", i == 0 ? "" : ", ", items[i]);
	if (set != NULL)
		fprintf(f, _(" (set %s)"), set);
	fclose(f);
	return text;
}

/* What the slot's days in the week still allow. */
enum still { STILL_ALL, STILL_SOME, STILL_NEAR, STILL_OVER };

static const char *
still_text(enum still s)
{
	static const char *const texts[] = {
		[STILL_ALL] = "",
		[STILL_SOME] = N_("from its next day on"),
		[STILL_NEAR] = N_("on, or begins within 2 minutes: it keeps "
				  "what it had"),
		[STILL_OVER] = N_("over: the record stays as it is"),
	};

	return texts[s][0] == '\0' ? "" : _(texts[s]);
}

/* As the daemon will see it: a slot that is on, or begins so soon, stays. */
static enum still
still_of(const struct plan *p, const char *slot, int64_t now_us,
    const struct planned **ret_first)
{
	size_t ahead = 0, near = 0, over = 0;

	*ret_first = NULL;
	for (size_t i = 0; i < p->n; i++) {
		const struct planned *s = &p->slots[i];

		if (strcmp(s->slot, slot) != 0)
			continue;
		if (*ret_first == NULL)
			*ret_first = s;
		if (s->end_us <= now_us)
			over++;
		else if (s->start_us < now_us + DAY_KEEP_US)
			near++;
		else
			ahead++;
	}
	if (near > 0)
		return STILL_NEAR;
	if (over == 0)
		return STILL_ALL;
	return ahead > 0 ? STILL_SOME : STILL_OVER;
}

static size_t
count_changes(const struct match *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += match_changes(&m->entries[i]);
	return n;
}

static int
change_row(struct table *t, const struct plan *p, const struct match_entry *e)
{
	const struct planned *first;
	enum still still = still_of(p, e->slot, clock_read().wall_us, &first);
	struct civil_text time = { "" };
	char *before = list_items(e->before, e->n_before, e->set_before);
	char *after = list_items(e->after, e->n_after, e->set);
	char when[80] = "";
	int r = -ENOMEM;

	if (first != NULL)
		snprintf(when, sizeof(when), "%s %s",
		    civil_weekday_text(civil_weekday(first->day)),
		    say_time(first->start_us, &time));
	if (before != NULL && after != NULL)
		r = table_row(t, (const char *const[]){ when, e->slot, before,
				     after, still_text(still) });
	free(before);
	free(after);
	return r;
}

static int
print_changes(const struct load *l, const struct plan *p)
{
	static struct column columns[5];
	struct civil_text week;
	struct table *t;
	int r = 0;

	columns[0] = (struct column){ _("TIME"), 0 };
	columns[1] = (struct column){ _("SLOT"), 0 };
	columns[2] = (struct column){ _("BEFORE"), COLUMN_ELASTIC };
	columns[3] = (struct column){ _("AFTER"), COLUMN_ELASTIC };
	columns[4] = (struct column){ _("NOTE"), COLUMN_ELASTIC };
	t = table_new(columns, COUNT(columns));
	if (t == NULL)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < l->match->n; i++)
		if (match_changes(&l->match->entries[i]))
			r = change_row(t, p, &l->match->entries[i]);
	printf(_("%s (%s), week %s: %zu of %zu slots change.\n\n"),
	    l->now->name, l->station, civil_week_text(l->monday, &week),
	    count_changes(l->match), l->match->n);
	if (r == 0)
		table_print(t, stdout, table_width(stdout));
	table_free(t);
	return r;
}

static json_t *
items_json(char **items, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(items[i]));
	return list;
}

/* None without a plan: what was refused changes nothing. */
static json_t *
changes_json(const struct load *l, const struct plan *p)
{
	static const char *const words[] = { "all", "from_next_day", "near",
		"over" };
	json_t *list = json_array();

	for (size_t i = 0; p != NULL && i < l->match->n; i++) {
		const struct match_entry *e = &l->match->entries[i];
		const struct planned *first;

		if (!match_changes(e))
			continue;
		json_array_append_new(
		    list, json_pack("{s:s,s:o,s:o,s:s?,s:s}", "slot", e->slot,
			      "before", items_json(e->before, e->n_before),
			      "after", items_json(e->after, e->n_after), "set",
			      e->set, "takes_effect",
			      words[still_of(
				  p, e->slot, clock_read().wall_us, &first)]));
	}
	return list;
}

static int
print_json(const struct load *l, const struct plan *p, bool installed)
{
	struct civil_text week = { "" };

	if (l->monday != INT64_MIN)
		civil_week_text(l->monday, &week);
	return command_json(json_pack("{s:s?,s:s,s:o,s:o,s:o,s:o,s:b}",
	    "station", l->station, "week", week.s, "problems",
	    problems_json(&l->problems), "missing", problems_json(&l->missing),
	    "not_ready", problems_json(&l->not_ready), "changes",
	    changes_json(l, p), "installed", installed));
}

/* Every problem, and that nothing was changed. */
static int
refuse(struct load *l, int r)
{
	problems_sort(&l->problems);
	if (r == -ENOMEM || problems_count(&l->problems) == 0) {
		say_error("%s", say_errno(r));
		return say_exit(r);
	}
	if (l->json) {
		int code = print_json(l, NULL, false);

		return code != EX_OK ? code : EX_DATAERR;
	}
	print_problems(stdout, &l->problems);
	printf(_("Problems: %zu. Nothing was changed.\n"),
	    problems_count(&l->problems));
	return command_done(EX_DATAERR);
}

/* Reading ---------------------------------------------------------------- */

/* At most one byte more than a sheet may have: the reader then says so. */
static int
slurp(const char *file, char **ret_bytes, size_t *ret_n)
{
	FILE *f = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
	char *bytes = malloc(GRID_BYTES_MAX + 1);
	struct stat st;
	int r = f == NULL ? -errno : bytes == NULL ? -ENOMEM : 0;

	if (r == 0 && fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode))
		r = -EISDIR;
	if (r == 0) {
		*ret_n = fread(bytes, 1, GRID_BYTES_MAX + 1, f);
		r = ferror(f) ? -EIO : 0;
	}
	if (f != NULL && f != stdin)
		fclose(f);
	if (r < 0)
		free(bytes);
	else
		*ret_bytes = bytes;
	return r;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int
read_sheet(struct load *l)
{
	char *bytes;
	size_t n = 0;
	int r = slurp(l->file, &bytes, &n);

	if (r < 0) {
		problem_add(&l->problems, l->file, 0, "%s", say_errno(r));
		return r;
	}
	r = sheet_read(bytes, n, base_name(l->file), &l->problems, &l->sheet);
	free(bytes);
	return r;
}

/* The library as match.h wants it. */
struct facts {
	struct item **items;
	struct match_item *list;
	size_t n;
};

static void
free_facts(struct facts *f)
{
	for (size_t i = 0; i < f->n; i++)
		item_free(f->items[i]);
	free(f->items);
	free(f->list);
}

static int
add_fact(struct facts *f, const char *folder, const char *id)
{
	struct item **items;
	struct match_item *list;
	struct item *it;

	if (!text_is_id(id) || item_read(folder, id, &it) < 0)
		return 0; /* unreadable: it will be told as missing */
	items = reallocarray(f->items, f->n + 1, sizeof(*items));
	if (items != NULL)
		f->items = items;
	list = reallocarray(f->list, f->n + 1, sizeof(*list));
	if (list != NULL)
		f->list = list;
	if (items == NULL || list == NULL) {
		item_free(it);
		return -ENOMEM;
	}
	items[f->n] = it;
	list[f->n++] = (struct match_item){ it->id, it->title, it->source_name,
		it->segment, labels_text(it->more, "set"), it->language };
	return 0;
}

static int
read_library(const char *folder, struct facts *f)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	int r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		char *dot = strrchr(names[i]->d_name, '.');

		if (dot != NULL && strcmp(dot, ".json") == 0) {
			*dot = '\0';
			if (r == 0)
				r = add_fact(f, folder, names[i]->d_name);
		}
		free(names[i]);
	}
	free(names);
	return r;
}

static int
choose_station(struct load *l, const char *only)
{
	int r = stations_list(&l->ctl->root, only, &l->stations);

	if (r == -ENOENT && l->timetable) {
		say_error("%s", _("--station says whose timetable it is"));
		return EX_USAGE;
	}
	if (r < 0) {
		say_error(_("%s: there is no schedule; write one as "
			    "STATION.cfg"),
		    l->ctl->root.schedules);
		return EX_NOINPUT;
	}
	if (l->stations.n > 1) {
		say_error("%s", _("there are several stations; --station says "
				  "which"));
		return EX_USAGE;
	}
	l->station = l->stations.ids[0];
	if (!text_is_id(l->station)) {
		say_error(_("\"%s\" is not a station's id"), l->station);
		return EX_USAGE;
	}
	snprintf(l->folder, sizeof(l->folder), "%s/%s", l->ctl->root.schedules,
	    l->station);
	snprintf(l->kept, sizeof(l->kept), "%s/revisions", l->ctl->root.var);
	return EX_OK;
}

static int
choose_week(struct load *l)
{
	if (l->monday == INT64_MIN && l->sheet != NULL)
		l->monday = l->sheet->monday;
	if (l->monday == INT64_MIN) {
		say_error("%s", _("which week? --week 2026-W48 says it, or a "
				  "column ngay in the sheet"));
		return EX_USAGE;
	}
	weekfile_name(l->monday, l->week);
	return EX_OK;
}

/* What lies there now; a folder that is not there yet is not made. */
static int
read_base(struct load *l)
{
	struct disk *d;
	int r;

	if (access(l->folder, F_OK) < 0 && errno == ENOENT)
		return 0;
	r = disk_open(l->folder, &d);
	if (r < 0)
		return r;
	r = weekfile_base(d, l->week, l->base);
	disk_close(d);
	return r;
}

/* With this text in the week's place. */
static int
read_with(const struct load *l, const char *text, struct problems *ps,
    struct schedule **ret)
{
	char name[ID_MAX + WEEKFILE_NAME + 2];
	struct schedule_swap swap = { name, text, strlen(text) };

	snprintf(name, sizeof(name), "%s/%s", l->station, l->week);
	return schedule_read_with(l->ctl->root.schedules, l->station, INT64_MIN,
	    INT64_MAX, &swap, ps, ret);
}

/* What is in force; a week that nobody can read has nothing, and may be
 * replaced. */
static int
read_now(struct load *l)
{
	struct problems as_is = { 0 };
	struct civil_text week;
	char none[64];
	int r = read_base(l);

	if (r < 0)
		return r;
	r = schedule_read(l->ctl->root.schedules, l->station, INT64_MIN,
	    INT64_MAX, &as_is, &l->now);
	problems_free(&as_is);
	if (r == 0)
		return 0;
	snprintf(none, sizeof(none), "week = \"%s\";\nprogram = ();\n",
	    civil_week_text(l->monday, &week));
	return read_with(l, none, &l->problems, &l->now);
}

/* As it would be, judged as the daemon will. */
static int
read_then(struct load *l)
{
	struct plan *p;
	int r = read_with(l, l->text, &l->problems, &l->then);

	if (r == 0)
		r = plan_make(l->then, l->monday, l->monday + 6, &p);
	if (r < 0)
		return r;
	rules_missing(p, &l->office.look, &l->not_ready);
	if (!rules_fits_log(p)) {
		problem_add(&l->problems, l->week, 0,
		    _("a day has more items than its record in the log can "
		      "hold; leave some out"));
		r = -EINVAL;
	}
	plan_free(p);
	return r;
}

static int
match_sheet(struct load *l)
{
	struct facts f = { 0 };
	struct match_setup setup = {
		.schedule = l->now,
		.monday = l->monday,
		.name = base_name(l->file),
	};
	struct problems quiet = { 0 };
	int r = read_library(l->office.items, &f);

	setup.items = f.list;
	setup.n_items = f.n;
	if (r == 0)
		r = match_make(
		    l->sheet, &setup, &l->problems, &quiet, &l->match);
	free_facts(&f);
	if (r == 0) {
		/* What only the sheet knows; the rest is told by the plan. */
		for (size_t i = 0; i < quiet.n; i++)
			problem_add(&l->missing, quiet.list[i].file,
			    quiet.list[i].line, "%s", quiet.list[i].text);
		l->text = match_text(l->match, l->monday, l->base);
	}
	problems_free(&quiet);
	return r == 0 && l->text == NULL ? -ENOMEM : r;
}

/* Installing ------------------------------------------------------------- */

/* 1 yes, 0 no. */
static int
confirmed(const struct load *l)
{
	char line[16];

	if (l->yes)
		return 1;
	printf("%s", _("\nInstall this? [y/N] "));
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return 0;
	return strchr("yYcC", line[0]) != NULL && line[0] != '\0';
}

static int
stale(void)
{
	say_error("%s", _("the week's programme has changed in the meantime; "
			  "look at it, and load again"));
	return EX_TEMPFAIL;
}

static int
ask_daemon(struct load *l, struct post *post)
{
	struct civil_text week;
	json_t *answer;
	json_t *list;
	json_t *line;
	size_t i;
	json_t *request = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "cmd", "load",
	    "station", l->station, "week", civil_week_text(l->monday, &week),
	    "text", l->text, "base", l->base, "by", l->person);
	int r = request == NULL ? -ENOMEM : post_ask(post, request, &answer);

	json_decref(request);
	if (r < 0)
		return r;
	list = json_object_get(answer, "problems");
	if (json_is_true(json_object_get(answer, "ok"))) {
		json_decref(answer);
		return EX_OK;
	}
	if (json_is_true(json_object_get(answer, "stale"))) {
		json_decref(answer);
		return stale();
	}
	say_error(_("loaxad did not install it: %s"),
	    _(json_string_value(json_object_get(answer, "error"))));
	json_array_foreach(list, i, line)
	    say_error("%s", json_string_value(line));
	r = json_array_size(list) > 0 ? EX_DATAERR : EX_NOPERM;
	json_decref(answer);
	return r;
}

/* Without the record nobody would know who did it: then it is undone. */
static int
record_own(struct load *l, struct post *post, struct disk *weeks,
    struct disk *kept, char *old, size_t old_n)
{
	static const char none[] = "program = ();\n";
	struct civil_text week;
	char *empty = NULL;
	char now[HASH_HEX];
	int64_t seq;
	int r;

	civil_week_text(l->monday, &week);
	r = post_record(post, KIND_OP, l->station,
	    json_pack("{s:s,s:s,s:s,s:s}", "op", "load", "person", l->person,
		"result", "done", "detail", week.s),
	    &seq);
	if (r == 0)
		return EX_OK;
	if (old == NULL &&
	    asprintf(&empty, "week = \"%s\";\n%s", week.s, none) >= 0) {
		old = empty;
		old_n = strlen(empty);
	}
	if (old == NULL || weekfile_base(weeks, l->week, now) < 0 ||
	    weekfile_put(weeks, kept, l->week, old, old_n, now) < 0)
		say_error(_("%s/%s is new all the same: the disk did not take "
			    "the old one back"),
		    l->folder, l->week);
	free(empty);
	return command_not_posted(post, r);
}

static int
install_own(struct load *l, struct post *post)
{
	struct disk *weeks = NULL;
	struct disk *kept = NULL;
	char *old = NULL;
	size_t old_n = 0;
	int r = disk_open(l->folder, &weeks);

	if (r == 0)
		r = disk_open(l->kept, &kept);
	if (r == 0 && l->base[0] != '\0')
		r = weeks->read(weeks, l->week, &old, &old_n);
	if (r == 0)
		r = weekfile_put(
		    weeks, kept, l->week, l->text, strlen(l->text), l->base);
	if (r == -ESTALE || r == -ENOENT)
		r = stale();
	else if (r < 0) {
		say_error(_("%s/%s could not be written: %s; nothing was "
			    "changed"),
		    l->folder, l->week, say_errno(r));
		r = say_exit(r);
	} else
		r = record_own(l, post, weeks, kept, old, old_n);
	free(old);
	disk_close(weeks);
	disk_close(kept);
	return r;
}

static int
install(struct load *l)
{
	struct post *post;
	int r;

	if (strlen(l->text) > WEEKFILE_MAX) {
		say_error("%s", _("the programme is no text, or too long"));
		return EX_DATAERR;
	}
	r = command_post(l->ctl, &post);
	if (r != EX_OK)
		return r;
	r = ask_daemon(l, post);
	if (r == -ENOTCONN)
		r = install_own(l, post);
	if (r < 0) {
		say_error("%s", say_errno(r));
		r = say_exit(r);
	}
	post_close(post);
	return r;
}

static void
print_done(const struct load *l)
{
	struct civil_text week;

	if (l->json)
		return;
	printf(_("The week %s is installed. `loaxa week --week %s` shows it; "
		 "`loaxa load --undo` takes it back.\n"),
	    civil_week_text(l->monday, &week), week.s);
}

static void
print_missing(const struct load *l)
{
	struct civil_text week;

	if (problems_count(&l->missing) > 0) {
		printf("%s\n", _("\nWill not air as it stands:"));
		print_problems(stdout, &l->missing);
	}
	if (problems_count(&l->not_ready) > 0)
		printf(_("\nNot ready in this week: %zu. `loaxa check --week "
			 "%s` tells each, once installed.\n"),
		    problems_count(&l->not_ready),
		    civil_week_text(l->monday, &week));
}

/* The whole question, and what follows from the answer. */
static int
settle(struct load *l, const struct plan *p)
{
	size_t changes = count_changes(l->match);
	int r = 0;

	problems_sort(&l->missing);
	if (!l->json && changes > 0)
		r = print_changes(l, p);
	if (!l->json && changes == 0)
		printf("%s\n", _("Nothing changes: this is what is in force."));
	if (!l->json)
		print_missing(l);
	if (r < 0)
		return say_exit(r);
	if (changes == 0 || l->dry_run)
		return l->json ? print_json(l, p, false) : command_done(EX_OK);
	if (!l->yes && (l->json || !isatty(STDIN_FILENO))) {
		say_error("%s", _("nobody is there to ask: --yes installs it, "
				  "--dry-run only looks"));
		return EX_USAGE;
	}
	if (!confirmed(l)) {
		printf("%s\n", _("Nothing was changed."));
		return command_done(EX_TEMPFAIL);
	}
	r = install(l);
	if (r != EX_OK)
		return r;
	print_done(l);
	return l->json ? print_json(l, p, true) : command_done(EX_OK);
}

static int
compare(struct load *l)
{
	struct plan *p;
	int r = read_then(l);

	if (r < 0)
		return refuse(l, r);
	l->match = match_free(l->match);
	r = match_compare(l->now, l->then, l->monday, &l->match);
	if (r == 0)
		r = plan_make(l->then, l->monday, l->monday + 6, &p);
	if (r < 0)
		return refuse(l, r);
	r = settle(l, p);
	plan_free(p);
	return r;
}

/* Files that come with the sheet ----------------------------------------- */

enum { FOLDER_SHEET, FOLDER_STATION, FOLDER_INBOX, FOLDERS };

static int
bring_file(void *arg, const char *path, size_t folder)
{
	struct load *l = arg;

	if (l->dry_run) {
		if (!l->json)
			printf(_("Would be added first: %s\n"), path);
		return 0;
	}
	/* What is wrong with it has been said; the row will say it lacks it. */
	(void)command_add(
	    l->ctl, &(const struct command_addition){ .path = path,
			.station = l->station,
			.by = l->person,
			.inbox = folder != FOLDER_SHEET,
			.quiet = l->json });
	return 0;
}

/* A sheet from standard input lies nowhere. */
static int
bring_files(struct load *l)
{
	const char *slash = strrchr(l->file, '/');
	char beside[ROOT_PATH_MAX], station[ROOT_PATH_MAX + ID_MAX + 2];
	const char *const folders[FOLDERS] = { [FOLDER_SHEET] = beside,
		[FOLDER_STATION] = station,
		[FOLDER_INBOX] = l->ctl->root.inbox };
	const struct bring b = { l->office.items, folders, FOLDERS };

	snprintf(beside, sizeof(beside), "%.*s",
	    slash == NULL ? 1 : (int)(slash - l->file),
	    slash == NULL ? strcmp(l->file, "-") == 0 ? "" : "." : l->file);
	snprintf(
	    station, sizeof(station), "%s/%s", l->ctl->root.inbox, l->station);
	return bring_each(&b, l->sheet, bring_file, l);
}

/* The three ways in ------------------------------------------------------ */

static int
load_week(struct load *l)
{
	int r = read_sheet(l);

	if (r < 0)
		return r == -EINVAL ? refuse(l, r)
				    : (refuse(l, r), say_exit(r));
	r = choose_week(l);
	if (r != EX_OK)
		return r;
	r = read_now(l);
	if (r == 0)
		r = bring_files(l);
	if (r == 0)
		r = match_sheet(l);
	return r < 0 ? refuse(l, r) : compare(l);
}

static int
propose(struct load *l)
{
	struct propose_setup setup = {
		.station = l->station,
		.title = l->station,
		.site = l->office.site,
		.name = base_name(l->file),
	};
	struct problems quiet = { 0 };
	char *text;
	int r = read_sheet(l);

	if (r == 0 && schedule_read(l->ctl->root.schedules, l->station,
			  INT64_MIN, INT64_MAX, &quiet, &l->now) == 0)
		setup.title = l->now->name;
	problems_free(&quiet);
	if (r == 0)
		r = propose_timetable(
		    l->sheet, &setup, &l->problems, &l->missing, &text);
	if (r < 0)
		return refuse(l, r);
	print_problems(stderr, &l->missing);
	fputs(text, stdout);
	free(text);
	return command_done(EX_OK);
}

/* The week whose file was changed last. */
static void
find_last_week(struct load *l)
{
	struct dirent **names;
	struct timespec newest = { 0 };
	int n = scandir(l->folder, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[sizeof(l->folder) + 260];
		struct stat st;
		int year, week;

		snprintf(
		    path, sizeof(path), "%s/%s", l->folder, names[i]->d_name);
		if (strlen(names[i]->d_name) == WEEKFILE_NAME - 1 &&
		    stat(path, &st) == 0 &&
		    (st.st_mtim.tv_sec > newest.tv_sec ||
			(st.st_mtim.tv_sec == newest.tv_sec &&
			    st.st_mtim.tv_nsec > newest.tv_nsec))) {
			names[i]->d_name[WEEKFILE_NAME - 5] = '\0';
			if (civil_read_week(names[i]->d_name, &year, &week) ==
				0 &&
			    civil_week_monday(year, week, &l->monday) == 0)
				newest = st.st_mtim;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* What the file in force says it replaced. */
static int
read_before(struct load *l)
{
	struct civil_text week;
	struct disk *d;
	char *now = NULL;
	char hex[HASH_HEX];
	size_t n;
	int r = disk_open(l->folder, &d);

	if (r < 0)
		return r;
	r = d->read(d, l->week, &now, &n);
	disk_close(d);
	if (r == 0)
		r = weekfile_before(now, hex);
	free(now);
	if (r == 0 && hex[0] == '\0') {
		r = asprintf(&l->text, "week = \"%s\";\n\nprogram = ();\n",
		    civil_week_text(l->monday, &week));
		return r < 0 ? -ENOMEM : 0;
	}
	if (r == 0)
		r = disk_open(l->kept, &d);
	if (r < 0)
		return r;
	r = weekfile_kept(d, hex, &l->text, &n);
	disk_close(d);
	return r;
}

static int
undo(struct load *l)
{
	int r;

	if (l->monday == INT64_MIN)
		find_last_week(l);
	r = choose_week(l);
	if (r != EX_OK)
		return r;
	r = read_now(l);
	if (r < 0)
		return refuse(l, r);
	r = l->base[0] == '\0' ? -ENOENT : read_before(l);
	if (r == 0)
		return compare(l);
	if (r == -ENOENT)
		say_error(_("%s/%s was not loaded from a sheet, or what it "
			    "replaced is no longer kept; there is nothing to "
			    "go back to"),
		    l->station, l->week);
	else
		say_error("%s/%s: %s", l->station, l->week, say_errno(r));
	return r == -ENOENT ? EX_NOINPUT : say_exit(r);
}

/* --by is asked for before anything is read: who may not, need not wait. */
static int
choose_person(struct load *l, const char *command)
{
	struct people *people;
	struct person person;
	int r;

	if (l->timetable || (l->dry_run && l->by == NULL))
		return EX_OK;
	r = command_person(l->ctl, command, l->by, &people, &person);
	if (r != EX_OK)
		return r;
	snprintf(l->person, sizeof(l->person), "%s", person.id);
	people_free(people);
	return EX_OK;
}

static int
run(struct load *l, const char *station, const char *command)
{
	int r = choose_station(l, station);

	if (r == EX_OK)
		r = choose_person(l, command);
	if (r != EX_OK)
		return r;
	if (l->timetable)
		return propose(l);
	return l->undo ? undo(l) : load_week(l);
}

static void
clear(struct load *l)
{
	sheet_free(l->sheet);
	schedule_free(l->now);
	schedule_free(l->then);
	match_free(l->match);
	free(l->text);
	problems_free(&l->problems);
	problems_free(&l->missing);
	problems_free(&l->not_ready);
	stations_free(&l->stations);
	office_close(&l->office);
}

int
cmd_load(struct ctl *ctl, int argc, char **argv)
{
	static struct load l; /* paths are large for a stack */
	const char *station = NULL;
	const struct arg args[] = { { "station", ARG_TEXT, &station },
		{ "week", ARG_WEEK, &l.monday }, { "by", ARG_TEXT, &l.by },
		{ "yes", ARG_FLAG, &l.yes },
		{ "dry-run", ARG_FLAG, &l.dry_run },
		{ "json", ARG_FLAG, &l.json },
		{ "timetable", ARG_FLAG, &l.timetable },
		{ "undo", ARG_FLAG, &l.undo } };
	int r;

	l = (struct load){ .ctl = ctl, .monday = INT64_MIN };
	r = command_args(args, COUNT(args), &argc, argv);
	if (r != 0)
		return r;
	if (l.undo && l.timetable)
		return command_misused(
		    argv[0], _("choose one of --undo and --timetable"));
	if (argc != (l.undo ? 1 : 2))
		return command_misused(argv[0],
		    l.undo ? _("--undo takes no file")
			   : _("name one sheet, or - for standard input"));
	l.file = l.undo ? "" : argv[1];
	r = command_station(ctl, station);
	if (r == 0)
		r = command_office_warned(ctl, &l.office);
	if (r == 0 && !l.dry_run && !l.timetable)
		r = command_room(ctl->root.var, ROOM_LOAD_MB);
	if (r != 0)
		return r;
	r = run(&l, station, argv[0]);
	clear(&l);
	return r;
}
