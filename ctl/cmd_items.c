/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa items, approve, withdraw: the library, and the word of the person who
 * answers for what airs.
 */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/frames.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/post.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "evidence/people.h"

/* How an item stands, in the word for machines and the one for people. */
struct standing_words {
	const char *word;
	const char *text;
};

static struct standing_words
standing_words(const struct office *o, const char *id, const struct item *it,
    enum standing s)
{
	switch (s) {
	case ITEM_MISSING:
		return (struct standing_words){ "missing_item",
			_("its sound is missing") };
	case ITEM_BAD:
		return (struct standing_words){ "bad_item",
			_("unreadable; add it again") };
	case ITEM_READY:
	case ITEM_NOT_APPROVED:
		break;
	}
	if (registry_withdrawn(o->registry, id))
		return (struct standing_words){ "withdrawn", _("withdrawn") };
	if (registry_approved(o->registry, id, it->sha256, NULL))
		return (struct standing_words){ "approved", _("approved") };
	return (struct standing_words){ "pending", _("to be approved") };
}

/* Every word is somewhere in the id or the title, diacritics or not. */
static bool
matches(const char *id, const char *title, int n_words, char **words)
{
	char *folded = text_fold(title);
	bool all = true;

	for (int i = 0; all && i < n_words; i++) {
		char *w = text_fold(words[i]);

		all = strstr(id, words[i]) != NULL ||
		      (w != NULL && folded != NULL && w[0] != '\0' &&
			  strstr(folded, w) != NULL);
		free(w);
	}
	free(folded);
	return all;
}

struct listing {
	struct office office;
	struct table *table;
	json_t *json; /* an array, instead of the table; or NULL */
	int n_words;
	char **words;
	size_t n_pending;
};

static int
json_row(struct listing *l, const char *id, const struct item *it,
    struct standing_words s)
{
	json_t *row = it != NULL ? item_json(it) : json_pack("{s:s}", "id", id);

	if (row == NULL ||
	    json_object_set_new(row, "state", json_string(s.word)) < 0) {
		json_decref(row);
		return -ENOMEM;
	}
	return json_array_append_new(l->json, row) < 0 ? -ENOMEM : 0;
}

static int
table_item(struct listing *l, const char *id, const struct item *it,
    struct standing_words s)
{
	struct civil_text length = { "" };
	struct civil_text added = { "" };
	char lufs[32] = "";
	int second;
	int64_t day;

	if (it != NULL) {
		say_length(frames_us(it->frames), &length);
		civil_from_us(it->added_us, &day, &second);
		say_date(day, &added);
		if (isfinite(it->lufs))
			snprintf(lufs, sizeof(lufs), "%.1f", it->lufs);
	}
	return table_row(l->table,
	    (const char *const[]){ id, it == NULL ? "" : it->title, length.s,
		it == NULL ? "" : it->segment, it == NULL ? "" : it->language,
		lufs, added.s, s.text });
}

static int
list_item(struct listing *l, const char *id)
{
	struct standing_words words;
	struct item *it;
	enum standing s = office_standing(&l->office, id, &it);
	int r = 0;

	/* A record whose sound is gone is still a record worth showing. */
	if (it == NULL && item_read(l->office.items, id, &it) < 0)
		it = NULL;
	if (it == NULL && s == ITEM_READY)
		s = ITEM_BAD;
	words = standing_words(&l->office, id, it, s);
	if (matches(id, it == NULL ? "" : it->title, l->n_words, l->words)) {
		l->n_pending += strcmp(words.word, "pending") == 0;
		r = l->json != NULL ? json_row(l, id, it, words)
				    : table_item(l, id, it, words);
	}
	item_free(it);
	return r;
}

static int
is_record(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 5 &&
	       strcmp(e->d_name + n - 5, ".json") == 0;
}

static int
list_folder(struct listing *l, const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, is_record, alphasort);
	int r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		names[i]->d_name[strlen(names[i]->d_name) - 5] = '\0';
		if (r == 0 && text_is_id(names[i]->d_name))
			r = list_item(l, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return r;
}

static void
print_items(const struct listing *l)
{
	if (table_rows(l->table) == 0) {
		printf("%s\n", l->n_words > 0
				   ? _("No item has these words.")
				   : _("The library is empty; `loaxa add "
				       "FILE…` fills it."));
		return;
	}
	table_print(l->table, stdout, table_width(stdout));
	if (l->n_pending > 0)
		printf(_("\nTo be approved: %zu. `loaxa approve --by NAME "
			 "ITEM…` does it.\n"),
		    l->n_pending);
}

static struct table *
items_table(void)
{
	static struct column columns[8];

	columns[0] = (struct column){ _("ITEM"), COLUMN_ELASTIC };
	columns[1] = (struct column){ _("TITLE"), COLUMN_ELASTIC };
	columns[2] = (struct column){ _("LENGTH"), COLUMN_RIGHT };
	columns[3] = (struct column){ _("SEGMENT"), COLUMN_ELASTIC };
	columns[4] = (struct column){ _("LANG"), 0 };
	columns[5] = (struct column){ "LUFS", COLUMN_RIGHT };
	columns[6] = (struct column){ _("ADDED"), 0 };
	columns[7] = (struct column){ _("STATE"), 0 };
	return table_new(columns, COUNT(columns));
}

int
cmd_items(struct ctl *ctl, int argc, char **argv)
{
	struct listing l = { 0 };
	bool json = false;
	const struct arg args[] = { { "json", ARG_FLAG, &json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	r = command_office(ctl, &l.office);
	if (r != 0)
		return r;
	l.n_words = argc - 1;
	l.words = argv + 1;
	l.json = json ? json_array() : NULL;
	l.table = items_table();
	r = l.table == NULL || (json && l.json == NULL)
		? -ENOMEM
		: list_folder(&l, ctl->root.items);
	if (r < 0)
		say_error("%s: %s", ctl->root.items, say_errno(r));
	else if (json)
		r = command_json(json_incref(l.json));
	else
		print_items(&l);
	json_decref(l.json);
	table_free(l.table);
	office_close(&l.office);
	return r < 0 ? say_exit(r) : command_done(r);
}

/* Approving -------------------------------------------------------------- */

/* One run of approve or withdraw. */
struct desk {
	struct ctl *ctl;
	struct office office;
	struct people *people;
	struct person who;
	struct post *post;
	const char *reason; /* withdraw */
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

static int
post_approval(struct desk *d, const struct item *it)
{
	int64_t seq;
	int r;

	if (registry_approved(d->office.registry, it->id, it->sha256, &seq)) {
		printf(_("%s was approved before (record %lld).\n"), it->id,
		    (long long)seq);
		return 0;
	}
	r = post_record(d->post, KIND_APPROVE, "",
	    json_pack("{s:s,s:s,s:s,s:s,s:s}", "item", it->id, "sha256",
		it->sha256, "title", it->title, "person", d->who.id, "office",
		d->who.office),
	    &seq);
	if (r < 0)
		return command_not_posted(d->post, r);
	printf(_("%s is approved by %s (record %lld).\n"), it->id, d->who.name,
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
		r = post_approval(d, it);
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
	struct desk d = { .ctl = ctl, .reason = reason };
	int code = command_person(ctl, command, by, &d.people, &d.who);

	if (code != 0)
		return code;
	if (d.who.until[0] != '\0') {
		say_error(_("%s has left that office; register the new one "
			    "with `loaxa person add`"),
		    d.who.name);
		people_free(d.people);
		return EX_NOUSER;
	}
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
