/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa items, approve, withdraw: the library, and the word of the person who
 * answers for what airs.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/frames.h"
#include "base/labels.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/advice.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/post.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "ctl/uses.h"
#include "evidence/people.h"

/* What `items` is asked for. */
struct wanted {
	int n_words;
	char **words;
	const char *segment; /* or NULL */
	const char *sort; /* or NULL: by id */
	bool unapproved;
	bool unused;
	bool bank; /* `emergency --bank` asks, for ITEM_BANK */
	bool json;
};

/* One line of the list. */
struct listed {
	char *id;
	struct item *item; /* NULL: unreadable */
	struct item_state state;
	char *key; /* what it is sorted by */
};

struct listing {
	struct office office;
	struct ctl *ctl;
	struct wanted want;
	struct stations stations;
	json_t *segments; /* {id: title} */
	json_t *planned; /* {item: true} in the coming days, or beside slots */
	struct listed *rows;
	size_t n;
	size_t n_pending;
};

static bool
has_word(const char *text, const char *folded_word)
{
	char *folded = text_fold(text);
	bool has = folded != NULL && strstr(folded, folded_word) != NULL;

	free(folded);
	return has;
}

/* One word, diacritics or not, in anything that is said of the item. */
static bool
is_said(const struct listing *l, const char *id, const struct item *it,
    const char *word)
{
	const json_t *v;
	size_t i;

	if (has_word(id, word))
		return true;
	if (it == NULL)
		return false;
	if (has_word(it->title, word) || has_word(it->segment, word) ||
	    has_word(labels_text(l->segments, it->segment), word) ||
	    has_word(labels_text(it->more, "unit"), word))
		return true;
	json_array_foreach(labels_list(it->more, "tags"), i, v)
	{
		if (json_is_string(v) && has_word(json_string_value(v), word))
			return true;
	}
	json_array_foreach(labels_list(it->more, "credits"), i, v)
	{
		if (has_word(labels_text(v, "name"), word))
			return true;
	}
	return false;
}

/* Every word, as written in an id or as a person says it. */
static bool
matches(const struct listing *l, const char *id, const struct item *it)
{
	bool all = true;

	for (int i = 0; all && i < l->want.n_words; i++) {
		char *w = text_fold(l->want.words[i]);

		all = strstr(id, l->want.words[i]) != NULL ||
		      (w != NULL && w[0] != '\0' && is_said(l, id, it, w));
		free(w);
	}
	return all;
}

/* It has not aired anywhere, and nothing plays it. */
static bool
is_unused(const struct listing *l, const char *id, const struct item *it)
{
	if (json_object_get(l->planned, id) != NULL)
		return false;
	for (size_t i = 0; it != NULL && i < l->stations.n; i++)
		if (registry_aired(
			l->office.registry, l->stations.ids[i], it->sha256))
			return false;
	return true;
}

static bool
is_wanted(const struct listing *l, const char *id, const struct item *it,
    const char *state)
{
	const struct wanted *w = &l->want;

	if (w->segment != NULL &&
	    (it == NULL || strcmp(it->segment, w->segment) != 0))
		return false;
	if (w->unapproved && strcmp(state, "approved") == 0)
		return false;
	if (w->unused && !is_unused(l, id, it))
		return false;
	return matches(l, id, it);
}

/* Text that sorts as the items should: strcmp() order. */
static char *
sort_key(const struct wanted *w, const char *id, const struct item *it)
{
	char *key = NULL;
	char *title;

	if (w->sort == NULL || it == NULL)
		return strdup(id);
	if (strcmp(w->sort, "title") == 0)
		return text_fold(it->title);
	if (strcmp(w->sort, "added") == 0) /* the newest first */
		return asprintf(&key, "%020lld",
			   (long long)(INT64_MAX - it->added_us)) < 0
			   ? NULL
			   : key;
	if (strcmp(w->sort, "length") == 0)
		return asprintf(&key, "%020lld", (long long)it->frames) < 0
			   ? NULL
			   : key;
	title = text_fold(it->title); /* by segment, then title */
	if (title == NULL || asprintf(&key, "%s %s", it->segment, title) < 0)
		key = NULL;
	free(title);
	return key;
}

static int
keep_row(
    struct listing *l, const char *id, struct item *it, struct item_state state)
{
	struct listed *grown =
	    reallocarray(l->rows, l->n + 1, sizeof(*l->rows));
	struct listed row = { strdup(id), it, state,
		sort_key(&l->want, id, it) };

	if (grown != NULL)
		l->rows = grown;
	if (grown == NULL || row.id == NULL || row.key == NULL) {
		free(row.id);
		free(row.key);
		return -ENOMEM;
	}
	l->n_pending += strcmp(state.word, "pending") == 0 ||
			strcmp(state.word, "second") == 0;
	l->rows[l->n++] = row;
	return 0;
}

static int
list_item(void *arg, const char *id, const struct item *record)
{
	struct listing *l = arg;
	struct item_state words;
	struct item *it;
	enum standing s = office_standing(&l->office, id, &it);
	int r;

	/* A record whose sound is gone is still a record worth showing. */
	if (it == NULL && item_read(l->office.items, id, &it) < 0)
		it = NULL;
	(void)record;
	words = office_state(&l->office, it, s);
	if (!is_wanted(l, id, it, words.word)) {
		item_free(it);
		return 0;
	}
	r = keep_row(l, id, it, words);
	if (r < 0)
		item_free(it);
	return r;
}

static int
by_key(const void *a, const void *b)
{
	const struct listed *x = a;
	const struct listed *y = b;
	int c = strcmp(x->key, y->key);

	return c != 0 ? c : strcmp(x->id, y->id);
}

static json_t *
json_row(const struct listed *row)
{
	json_t *o = row->item != NULL ? item_json(row->item)
				      : json_pack("{s:s}", "id", row->id);

	if (o != NULL &&
	    json_object_set_new(o, "state", json_string(row->state.word)) < 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static int
print_json(const struct listing *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++)
		if (json_array_append_new(list, json_row(&l->rows[i])) < 0) {
			json_decref(list);
			return command_json(NULL);
		}
	return command_json(list);
}

static int
table_item(struct table *t, const struct listed *row)
{
	const struct item *it = row->item;
	struct civil_text length = { "" };
	struct civil_text added = { "" };
	struct civil_text lufs = { "" };
	int second;
	int64_t day;

	if (it != NULL) {
		say_length(frames_us(it->frames), &length);
		civil_from_us(it->added_us, &day, &second);
		say_date(day, &added);
		if (isfinite(it->lufs))
			say_decimal(it->lufs, 1, &lufs);
	}
	return table_row(
	    t, (const char *const[]){ row->id, it == NULL ? "" : it->title,
		   length.s, it == NULL ? "" : it->segment, added.s,
		   it == NULL ? "" : it->language, lufs.s, row->state.text });
}

static struct table *
items_table(void)
{
	static struct column columns[8];

	/* Whole on any terminal: it is what `loaxa approve` wants typed. */
	columns[0] = (struct column){ _("ITEM"), 0 };
	columns[1] = (struct column){ _("TITLE"), COLUMN_ELASTIC };
	columns[2] = (struct column){ _("LENGTH"), COLUMN_RIGHT };
	columns[3] =
	    (struct column){ _("SEGMENT"), COLUMN_ELASTIC | COLUMN_SPARE };
	columns[4] = (struct column){ _("ADDED"), COLUMN_SPARE };
	columns[5] = (struct column){ _("LANG"), COLUMN_SPARE };
	columns[6] = (struct column){ "LUFS", COLUMN_RIGHT | COLUMN_SPARE };
	columns[7] = (struct column){ _("STATE"), 0 };
	return table_new(columns, COUNT(columns));
}

static bool
is_choosy(const struct wanted *w)
{
	return w->n_words > 0 || w->segment != NULL || w->unapproved ||
	       w->unused;
}

/* There is nothing to show; why, and the remedy. */
static const char *
empty_text(const struct wanted *w)
{
	if (w->bank)
		return _("Nothing is ready for an emergency. `loaxa add "
			 "--segment khan-cap FILE…` puts a siren or a "
			 "message there; approve it, too.");
	if (!is_choosy(w))
		return _("The library is empty; `loaxa add FILE…` fills it.");
	return w->n_words > 0 ? _("No item has these words.")
			      : _("No item is like that.");
}

static int
print_table(const struct listing *l)
{
	struct table *t = items_table();
	int r = t == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < l->n && r == 0; i++)
		r = table_item(t, &l->rows[i]);
	if (r < 0) {
		table_free(t);
		say_error("%s", say_errno(r));
		return say_exit(r);
	}
	if (l->n > 0)
		table_print(t, stdout, table_width(stdout));
	else
		say_line(stdout, "%s", empty_text(&l->want));
	if (l->n_pending > 0)
		printf(_("\nTo be approved: %zu. `loaxa approve --by NAME "
			 "ITEM…` does it.\n"),
		    l->n_pending);
	table_free(t);
	return command_done(EX_OK);
}

static int
note_planned(void *arg, const char *station, const struct planned *p)
{
	struct listing *l = arg;

	(void)station;
	for (size_t i = 0; i < p->n_items; i++)
		if (json_object_set_new(l->planned, p->items[i], json_true()) <
		    0)
			return -ENOMEM;
	return 0;
}

static int
note_beside(void *arg, const char *item, const char *station, const char *relay)
{
	struct listing *l = arg;

	(void)station;
	(void)relay;
	return json_object_set_new(l->planned, item, json_true()) < 0 ? -ENOMEM
								      : 0;
}

/* What the schedules say, as far as it was asked for. */
static int
read_schedules(struct listing *l)
{
	const struct root *root = &l->ctl->root;
	int64_t today;
	int second;
	int r;

	if (l->want.n_words > 0)
		l->segments = uses_segments(root);
	if (!l->want.unused)
		return 0;
	l->planned = json_object();
	stations_list(root, NULL, &l->stations);
	civil_from_us(clock_read().wall_us, &today, &second);
	r = uses_each(
	    root, &l->office, today, today + USES_DAYS - 1, note_planned, l);
	return r == 0 ? uses_beside(root, l->office.site, note_beside, l) : r;
}

static void
end_listing(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->rows[i].id);
		free(l->rows[i].key);
		item_free(l->rows[i].item);
	}
	free(l->rows);
	json_decref(l->segments);
	json_decref(l->planned);
	stations_free(&l->stations);
	office_close(&l->office);
}

static int
list_items(struct listing *l)
{
	int r = read_schedules(l);

	if (r == 0)
		r = item_each(l->ctl->root.items, list_item, l);
	if (r < 0) {
		say_error("%s: %s", l->ctl->root.items, say_errno(r));
		return say_exit(r);
	}
	if (l->n > 0)
		qsort(l->rows, l->n, sizeof(*l->rows), by_key);
	return l->want.json ? print_json(l) : print_table(l);
}

static bool
is_sort(const char *word)
{
	static const char *const words[] = { "id", "title", "added", "length",
		"segment" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

int
cmd_items(struct ctl *ctl, int argc, char **argv)
{
	struct listing l = { .ctl = ctl };
	struct wanted *w = &l.want;
	const struct arg args[] = { { "segment", ARG_TEXT, &w->segment },
		{ "unapproved", ARG_FLAG, &w->unapproved },
		{ "unused", ARG_FLAG, &w->unused },
		{ "sort", ARG_TEXT, &w->sort },
		{ "json", ARG_FLAG, &w->json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (w->sort != NULL && !is_sort(w->sort))
		return command_misused(argv[0],
		    _("--sort is one of: id, title, added, length, segment"));
	if (w->sort != NULL && strcmp(w->sort, "id") == 0)
		w->sort = NULL;
	r = command_office(ctl, &l.office);
	if (r != 0)
		return r;
	w->n_words = argc - 1;
	w->words = argv + 1;
	r = list_items(&l);
	end_listing(&l);
	return r;
}

int
command_bank(struct ctl *ctl, bool json)
{
	struct listing l = { .ctl = ctl,
		.want = { .segment = ITEM_BANK, .bank = true, .json = json } };
	int r = command_office(ctl, &l.office);

	if (r != 0)
		return r;
	r = list_items(&l);
	end_listing(&l);
	return r;
}

/* Approving -------------------------------------------------------------- */

/* One run of approve or withdraw. */
struct desk {
	struct ctl *ctl;
	struct office office;
	struct people *people;
	struct person who;
	struct post *post;
	const char *behalf; /* id of whom the person signs for (KT.), or "" */
	const char *behalf_office;
	const char *reason; /* withdraw */
	bool unnamed; /* of something approved nobody is named as its author */
};

static int
unknown_item(const char *id)
{
	say_error(_("there is no item \"%s\"; `loaxa items` lists them"), id);
	return EX_NOINPUT;
}

/* P5: what is approved is what lies there now, not what a record says. */
static int
check_bytes(const struct item *it, int fd)
{
	char hex[HASH_HEX];
	int r = hash_fd(fd, hex);

	if (r < 0) {
		say_error("%s: %s", it->id, say_errno(r));
		return say_exit(r);
	}
	if (strcmp(hex, it->sha256) == 0)
		return 0;
	say_error(_("%s: its sound is not what was added: the file has "
		    "changed. Listen to it, add it again with --replace, then "
		    "approve it"),
	    it->id);
	return EX_DATAERR;
}

/* A deputy signs for whom he deputises (KT.) while that one holds an office;
 * else in his own name. */
static void
find_principal(struct desk *d, int64_t now_us)
{
	struct person p;

	if (d->who.deputy_of[0] == '\0' ||
	    people_find(d->people, d->who.deputy_of, now_us, &p) < 0 ||
	    !p.holds)
		return;
	d->behalf = p.id;
	d->behalf_office = p.office;
}

/* Nobody approves what he added or edited himself, unless the site says so. */
static int
check_author(const struct desk *d, const struct item *it)
{
	const struct registry *g = d->office.registry;

	if (d->office.site->same_person ||
	    !registry_edited(g, it->id, it->sha256, d->who.id))
		return 0;
	say_error(_("%s: %s added or edited it; have another person approve "
		    "it, or let the administrator set same_person = true"),
	    it->id, d->who.name);
	return EX_NOPERM;
}

static json_t *
approval_body(const struct desk *d, const struct item *it,
    const struct registry_approvals *before, int needs)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:o}", "item",
	    it->id, "sha256", it->sha256, "title", it->title, "person",
	    d->who.id, "office", d->who.office, "on_behalf", d->behalf,
	    "on_behalf_office", d->behalf_office, "needs", needs, "second_of",
	    before->seq < 0 ? json_null() : json_integer(before->seq));
}

static int
post_approval(struct desk *d, const struct item *it)
{
	const struct registry *g = d->office.registry;
	int needs = site_approvals(d->office.site, it, "");
	struct registry_approvals before;
	int64_t seq;
	int r;

	registry_approvals(
	    g, it->id, it->sha256, d->office.site->same_person, &before);
	r = post_record(d->post, KIND_APPROVE, "",
	    approval_body(d, it, &before, needs), &seq);
	if (r < 0)
		return command_not_posted(d->post, r);
	printf(_("%s is approved by %s (record %lld).\n"), it->id, d->who.name,
	    (long long)seq);
	if (before.persons + 1 < needs || before.persons + 1 < before.needs)
		printf(_("  It waits for a second approval, by another "
			 "person.\n"));
	advice_print(
	    &d->ctl->root, &d->office, it->id, clock_read().wall_us, stdout);
	d->unnamed =
	    d->unnamed || (!d->office.site->same_person &&
			      !registry_edited(g, it->id, it->sha256, NULL));
	return 0;
}

/* Once a person: saying it again changes nothing. */
static int
sign(struct desk *d, const struct item *it)
{
	int64_t seq =
	    registry_signed(d->office.registry, it->id, it->sha256, d->who.id);
	int r = check_author(d, it);

	if (r != 0)
		return r;
	if (seq < 0)
		return post_approval(d, it);
	printf(_("%s was approved before (record %lld).\n"), it->id,
	    (long long)seq);
	return 0;
}

static int
approve_one(struct desk *d, const char *id)
{
	struct item *it;
	int fd = -1;
	int r = d->office.library->open(d->office.library, id, 0, &it, &fd);

	if (r == -ENOENT)
		return unknown_item(id);
	if (r < 0) {
		say_error(_("%s cannot be read (%s); add it again with "
			    "--replace"),
		    id, say_errno(r));
		return say_exit(r);
	}
	r = check_bytes(it, fd);
	if (r == 0)
		r = sign(d, it);
	close(fd);
	item_free(it);
	return r;
}

/* The sound need not be there any more: its approvals end all the same. */
static int
withdraw_one(struct desk *d, const char *id)
{
	struct item *it = NULL;
	int64_t seq;
	int r;

	if (!text_is_id(id) || item_read(d->office.items, id, &it) == -ENOENT)
		return unknown_item(id);
	r = post_record(d->post, KIND_WITHDRAW, "",
	    json_pack("{s:s,s:s,s:s,s:s,s:s}", "item", id, "sha256",
		it == NULL ? "" : it->sha256, "person", d->who.id, "office",
		d->who.office, "reason", d->reason),
	    &seq);
	item_free(it);
	if (r < 0)
		return command_not_posted(d->post, r);
	printf(_("%s is withdrawn by %s (record %lld).\n"), id, d->who.name,
	    (long long)seq);
	return 0;
}

/* Each item by itself: what is wrong with one does not hold up the next. */
static int
at_desk(struct ctl *ctl, const char *command, const char *by,
    const char *reason, int (*one)(struct desk *d, const char *id), int n,
    char **ids)
{
	struct desk d = {
		.ctl = ctl, .behalf = "", .behalf_office = "", .reason = reason
	};
	int code = command_person(ctl, command, by, &d.people, &d.who);

	if (code != 0)
		return code;
	find_principal(&d, clock_read().wall_us);
	code = command_office(ctl, &d.office);
	if (code == 0) {
		code = command_post(ctl, &d.post);
		for (int i = 0; d.post != NULL && i < n; i++) {
			int r = one(&d, ids[i]);

			code = code != 0 ? code : r;
		}
		post_close(d.post);
		office_close(&d.office);
	}
	if (d.unnamed)
		puts(_("That another person added it is not proved: `loaxa "
		       "add --by NAME` would name who did."));
	people_free(d.people);
	return command_done(code);
}

int
cmd_approve(struct ctl *ctl, int argc, char **argv)
{
	const char *by = NULL;
	const struct arg args[] = { { "by", ARG_TEXT, &by } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc < 2)
		return command_misused(argv[0], _("name the items"));
	return at_desk(ctl, argv[0], by, NULL, approve_one, argc - 1, argv + 1);
}

int
cmd_withdraw(struct ctl *ctl, int argc, char **argv)
{
	const char *by = NULL;
	const char *reason = NULL;
	const struct arg args[] = { { "by", ARG_TEXT, &by },
		{ "reason", ARG_TEXT, &reason } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc < 2)
		return command_misused(argv[0], _("name the items"));
	if (reason == NULL || reason[0] == '\0' ||
	    !text_is_utf8(reason, strlen(reason)))
		return command_misused(
		    argv[0], _("--reason TEXT says why; the log keeps it"));
	return at_desk(
	    ctl, argv[0], by, reason, withdraw_one, argc - 1, argv + 1);
}
