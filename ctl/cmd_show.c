/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa show: everything there is to know about one item, on a page.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/frames.h"
#include "base/labels.h"
#include "base/language.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/gain.h"
#include "ctl/history.h"
#include "ctl/office.h"
#include "ctl/outcome.h"
#include "ctl/picture.h"
#include "ctl/say.h"
#include "ctl/sound.h"
#include "ctl/uses.h"
#include "ctl/waveform.h"
#include "evidence/people.h"
#include "evidence/record.h"

#define LABEL_COLUMNS 22 /* the longest role, in either language */

struct page {
	struct ctl *ctl;
	struct office office;
	const char *id;
	struct item *item;
	struct people *people; /* NULL when they cannot be read */
	struct history history;
	json_t *planned; /* of the coming days */
	bool wave; /* drawn, although nobody looks */
	const char *png, *svg; /* files to draw it into, or NULL */
};

#define WIDTH_MAX 200 /* columns of a waveform */
#define WIDTH_USUAL 80
#define READ_FRAMES 4800

/* The name that stands for an id at that instant, or the bare id. */
static const char *
name_of(const struct page *p, const char *id, int64_t at_us,
    struct person *ret_person)
{
	*ret_person = (struct person){ .office = "" };
	if (p->people == NULL ||
	    people_find(p->people, id, at_us, ret_person) < 0)
		return id;
	return ret_person->name;
}

/* Who a record names: "Lê Thị Bình, Phó Chủ tịch UBND xã, KT. Chủ tịch UBND
 * xã (Nguyễn Văn An)", with the offices that the record holds; yours. */
static char *
person_text(const struct page *p, const json_t *r)
{
	const char *by = record_text(r, "person");
	const char *behalf = record_text(r, "on_behalf");
	const char *office = record_text(r, "office");
	struct person who, head;
	int64_t at_us = 0;
	char *text = NULL;
	int n;

	civil_read_utc(record_text(r, "utc"), &at_us);
	by = name_of(p, by[0] != '\0' ? by : record_text(r, "by"), at_us, &who);
	if (office[0] == '\0')
		office = who.office;
	if (behalf[0] != '\0')
		n = asprintf(&text, "%s, %s, KT. %s (%s)", by, office,
		    record_text(r, "on_behalf_office"),
		    name_of(p, behalf, at_us, &head));
	else
		n = asprintf(
		    &text, "%s%s%s", by, office[0] == '\0' ? "" : ", ", office);
	return n < 0 ? NULL : text;
}

static void
put(const char *label, const char *text)
{
	int gap = LABEL_COLUMNS - text_width(label);

	if (text[0] != '\0')
		say_line(
		    stdout, "  %s%*s%s", label, gap < 1 ? 1 : gap, "", text);
}

static void
put_sound(const struct page *p)
{
	const struct item *it = p->item;
	struct civil_text lufs, peak;
	struct civil_text length;
	struct gain_text gain;
	char text[200];

	snprintf(text, sizeof(text), "%s, %s",
	    say_length(frames_us(it->frames), &length),
	    it->channels == 1 ? _("mono") : _("stereo"));
	put(_("length"), text);
	if (isfinite(it->lufs)) {
		snprintf(text, sizeof(text), _("%s LUFS, peak %s dB"),
		    say_decimal(it->lufs, 1, &lufs),
		    say_decimal(it->peak_db, 1, &peak));
		put(_("loudness"), text);
	}
	for (size_t i = 0; gain_line(p->office.site, it, i, &gain); i++)
		put(i == 0 ? _("at play") : "", gain.s);
}

static void
put_lists(const struct item *it)
{
	const json_t *v;
	size_t i;

	json_array_foreach(labels_list(it->more, "tags"), i, v)
	{
		put(i == 0 ? _("tags") : "",
		    json_string_value(v) == NULL ? "" : json_string_value(v));
	}
	json_array_foreach(labels_list(it->more, "credits"), i, v)
	{
		put(label_text(LABEL_ROLE, labels_text(v, "role")),
		    labels_text(v, "name"));
	}
	json_array_foreach(it->warnings, i, v)
	{
		put(_("warning"), json_string_value(v));
	}
}

static struct item_state
state_of(const struct page *p)
{
	return office_state(
	    &p->office, p->item, office_standing(&p->office, p->id, NULL));
}

static const char *
state_text(const struct page *p)
{
	struct item_state s = state_of(p);

	return strcmp(s.word, "withdrawn") != 0
		   ? s.text
		   : _("withdrawn; only a new approval lets it air again");
}

static void
put_caption(const struct page *p)
{
	const struct item *it = p->item;
	json_t *titles = uses_segments(&p->ctl->root);
	const char *segment = labels_text(titles, it->segment);
	struct civil_text added;

	say_line(stdout, "%s", it->id);
	put(_("title"), it->title);
	put(_("state"), state_text(p));
	put_sound(p);
	put(_("segment"), segment[0] == '\0' ? it->segment : segment);
	put(_("language"), language_name(it->language));
	put(_("part of the set"), labels_text(it->more, "set"));
	put(_("genre"),
	    label_text(LABEL_GENRE, labels_text(it->more, "genre")));
	put(_("unit"), labels_text(it->more, "unit"));
	put_lists(it);
	put(_("added"), say_instant(it->added_us, &added));
	put(_("source"), it->source_name);
	put("SHA-256", it->sha256);
	put(_("of source"), it->source_sha256);
	json_decref(titles);
}

static const char *
instant_of(const json_t *r, const char *key, struct civil_text *buf)
{
	int64_t us;

	if (civil_read_utc(record_text(r, key), &us) < 0)
		return "";
	return say_instant(us, buf);
}

static const char *
word_text(const json_t *r)
{
	const char *kind = record_text(r, "kind");

	if (strcmp(kind, "approve") == 0)
		return _("approved by");
	if (strcmp(kind, "withdraw") == 0)
		return _("withdrawn by");
	return _("added or called anew by");
}

/* An approval of bytes or under a title that are no longer the item's. */
static const char *
word_note(const struct page *p, const json_t *r)
{
	const char *kind = record_text(r, "kind");

	if (strcmp(kind, "withdraw") == 0)
		return record_text(r, "reason");
	if (p->item != NULL &&
	    strcmp(record_text(r, "sha256"), p->item->sha256) != 0)
		return _("another sound than the one stored now");
	if (p->item == NULL || strcmp(kind, "approve") != 0 ||
	    strcmp(record_text(r, "title"), p->item->title) != 0)
		return record_text(r, "title");
	return "";
}

static void
put_words(const struct page *p)
{
	struct civil_text at;
	const json_t *r;
	size_t i;

	if (json_array_size(p->history.words) > 0)
		printf("\n%s\n", _("What the log says of it:"));
	json_array_foreach(p->history.words, i, r)
	{
		const char *note = word_note(p, r);
		char *who = person_text(p, r);

		say_line(stdout, "  %s  %s %s (%lld)%s%s",
		    instant_of(r, "utc", &at), word_text(r),
		    who == NULL || who[0] == '\0' ? _("nobody named") : who,
		    (long long)record_int(r, "seq", 0),
		    note[0] == '\0' ? "" : ": ", note);
		free(who);
	}
}

static int
put_beside(void *arg, const char *item, const char *station, const char *relay)
{
	const struct page *p = arg;

	if (strcmp(item, p->id) != 0)
		return 0;
	if (relay != NULL)
		say_line(stdout, _("  while the signal of %s is lost"), relay);
	else
		say_line(stdout, _("  in what the sessions of %s leave free"),
		    station);
	return 0;
}

static void
put_planned(struct page *p)
{
	struct civil_text at;
	const json_t *r;
	size_t i;

	printf(_("\nPlanned in the coming %d days: %zu\n"), USES_DAYS,
	    json_array_size(p->planned));
	json_array_foreach(p->planned, i, r)
	{
		say_line(stdout, "  %s  %s  %s  %s",
		    instant_of(r, "planned_utc", &at),
		    record_text(r, "station_id"), record_text(r, "slot"),
		    record_text(r, "title"));
	}
	uses_beside(&p->ctl->root, p->office.site, put_beside, p);
}

static void
put_airings(const struct page *p)
{
	struct civil_text at;
	struct civil_text length;
	const json_t *r;
	size_t i;

	printf(_("\nSent to the amplifier so far: %zu\n"),
	    json_array_size(p->history.airings));
	json_array_foreach(p->history.airings, i, r)
	{
		say_line(stdout, "  %s  %s  %s  %s  %s",
		    instant_of(r, "actual_utc", &at), record_text(r, "station"),
		    record_text(r, "slot"),
		    say_length(
			record_int(r, "actual_ms", 0) * US_PER_MS, &length),
		    outcome_status(record_text(r, "status")));
	}
}

/* The waveform ---------------------------------------------------------- */

static int
read_waveform(const struct page *p, int columns, struct waveform *w)
{
	int16_t pcm[READ_FRAMES * 2];
	struct sound *s = NULL;
	int n;
	int r = waveform_make(columns, p->item->frames, w);

	if (r == 0)
		r = sound_open(p->office.items, p->item, 0, &s);
	while (r == 0 && (n = sound_read(s, pcm, READ_FRAMES)) != 0) {
		if (n < 0)
			r = n;
		else
			waveform_add(w, pcm, n);
	}
	sound_close(s);
	return r;
}

static int
no_waveform(const struct page *p, int r)
{
	if (r == -ESTALE) {
		say_error(_("%s: the stored sound is not the one that was "
			    "added; add it again"),
		    p->id);
		return EX_DATAERR;
	}
	say_error(_("%s: its sound cannot be read: %s"), p->id, say_errno(r));
	return say_exit(r);
}

/* Does the terminal show more than ASCII? Its user's variables say so. */
static bool
has_blocks(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *v = getenv(names[i]);

		if (v != NULL && v[0] != '\0')
			return strcasestr(v, "utf-8") != NULL ||
			       strcasestr(v, "utf8") != NULL;
	}
	return false;
}

static int
terminal_columns(void)
{
	struct winsize size;
	const char *v = getenv("COLUMNS");
	int n = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;

	if (n <= 0)
		n = v == NULL ? 0 : atoi(v);
	if (n <= 0)
		n = WIDTH_USUAL;
	n -= 4;
	return n < 20 ? 20 : n > WIDTH_MAX ? WIDTH_MAX : n;
}

static int
print_waveform(const struct page *p)
{
	struct waveform w;
	int r = read_waveform(p, terminal_columns(), &w);

	if (r == 0) {
		putchar('\n');
		waveform_print(stdout, &w, p->item, has_blocks());
	}
	waveform_clear(&w);
	return r < 0 ? no_waveform(p, r) : EX_OK;
}

/* "3:25 · mono · -23.1 LUFS, peak -5.2 dB · at play: +7.1 dB ..." */
static void
picture_facts(const struct page *p, char *text, size_t size)
{
	struct civil_text lufs, peak;
	const struct item *it = p->item;
	struct gain_text gain = { "" };
	struct civil_text length;
	char level[100] = "";

	if (isfinite(it->lufs))
		snprintf(level, sizeof(level), _("%s LUFS, peak %s dB"),
		    say_decimal(it->lufs, 1, &lufs),
		    say_decimal(it->peak_db, 1, &peak));
	gain_line(p->office.site, it, 0, &gain);
	snprintf(text, size, "%s  ·  %s%s%s  ·  %s: %s",
	    say_length(frames_us(it->frames), &length),
	    it->channels == 1 ? _("mono") : _("stereo"),
	    level[0] == '\0' ? "" : "  ·  ", level, _("at play"), gain.s);
}

static int
draw_files(const struct page *p)
{
	const char *files[] = { p->png, p->svg };
	struct waveform w;
	char facts[600];
	int r;

	if (p->png == NULL && p->svg == NULL)
		return EX_OK;
	picture_facts(p, facts, sizeof(facts));
	r = read_waveform(p, PICTURE_COLUMNS, &w);
	if (r < 0) {
		waveform_clear(&w);
		return no_waveform(p, r);
	}
	for (size_t i = 0; i < COUNT(files) && r == 0; i++)
		if (files[i] != NULL) {
			r = picture_write(files[i], i == 1, &w, p->item, facts);
			if (r < 0)
				say_error(_("%s cannot be written: %s"),
				    files[i], say_errno(r));
		}
	waveform_clear(&w);
	return r < 0 ? say_exit(r) : EX_OK;
}

static int
print_page(struct page *p)
{
	if (p->item != NULL) {
		put_caption(p);
		if (p->wave || isatty(STDOUT_FILENO))
			print_waveform(p);
	} else {
		say_line(stdout, "%s", p->id);
		put(_("state"), _("unreadable; add it again"));
	}
	put_words(p);
	put_planned(p);
	put_airings(p);
	return command_done(EX_OK);
}

static int
print_json(const struct page *p)
{
	json_t *o = p->item != NULL ? item_json(p->item)
				    : json_pack("{s:s}", "id", p->id);

	if (o != NULL &&
	    json_object_update_new(
		o, json_pack("{s:s, s:O, s:O, s:O}", "state", state_of(p).word,
		       "words", p->history.words, "planned", p->planned,
		       "airings", p->history.airings)) < 0) {
		json_decref(o);
		o = NULL;
	}
	return command_json(o);
}

static int
add_planned(void *arg, const char *station, const struct planned *s)
{
	struct page *p = arg;
	struct civil_text date, utc;

	if (s->end_us < clock_read().wall_us)
		return 0;
	for (size_t i = 0; i < s->n_items; i++)
		if (strcmp(s->items[i], p->id) == 0)
			return json_array_append_new(p->planned,
				   json_pack("{s:s, s:s, s:s, s:s, s:s}",
				       "station_id", station, "date",
				       civil_date_text(s->day, &date), "slot",
				       s->slot, "planned_utc",
				       civil_utc_text(s->start_us, &utc),
				       "title", s->title)) < 0
				   ? -ENOMEM
				   : 0;
	return 0;
}

static int
read_history(struct page *p)
{
	const char *log = p->ctl->root.log;
	struct disk *disk;
	int r;

	p->history =
	    (struct history){ .words = json_array(), .airings = json_array() };
	if (access(log, F_OK) < 0)
		return errno == ENOENT ? 0 : -errno;
	r = disk_open(log, &disk);
	if (r < 0)
		return r;
	history_clear(&p->history);
	r = history_read(disk, p->id, &p->history);
	disk_close(disk);
	return r;
}

static int
read_page(struct page *p)
{
	int64_t today;
	int second;
	int r = read_history(p);

	if (r < 0)
		return r;
	if (people_read(p->ctl->root.people, &p->people) < 0)
		p->people = NULL;
	p->planned = json_array();
	civil_from_us(clock_read().wall_us, &today, &second);
	return uses_each(&p->ctl->root, &p->office, today,
	    today + USES_DAYS - 1, add_planned, p);
}

static int
show(struct page *p, bool json)
{
	int r = item_read(p->office.items, p->id, &p->item);

	if (r == -ENOENT) {
		say_error(
		    _("there is no item \"%s\"; `loaxa items` lists them"),
		    p->id);
		return EX_NOINPUT;
	}
	if (r < 0)
		p->item = NULL;
	r = read_page(p);
	if (r < 0) {
		say_error("%s: %s", p->ctl->root.log, say_errno(r));
		return say_exit(r);
	}
	r = p->item == NULL ? EX_OK : draw_files(p);
	if (r != EX_OK)
		return r;
	return json ? print_json(p) : print_page(p);
}

int
cmd_show(struct ctl *ctl, int argc, char **argv)
{
	struct page p = { .ctl = ctl };
	bool json = false;
	const struct arg args[] = { { "json", ARG_FLAG, &json },
		{ "wave", ARG_FLAG, &p.wave }, { "png", ARG_TEXT, &p.png },
		{ "svg", ARG_TEXT, &p.svg } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused(argv[0], _("name one item"));
	r = command_office(ctl, &p.office);
	if (r != 0)
		return r;
	p.id = argv[1];
	r = show(&p, json);
	history_clear(&p.history);
	json_decref(p.planned);
	people_free(p.people);
	item_free(p.item);
	office_close(&p.office);
	return r;
}
