/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa trim: the silence at an item's head and tail is cut away. What is left
 * is another sound under the same id, as after `loaxa add --replace`: what
 * plans it goes on naming it, and an approval of the old bytes is none of the
 * new ones.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/frames.h"
#include "base/words.h"
#include "ctl/caption.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/post.h"
#include "ctl/say.h"
#include "evidence/people.h"
#include "intake/admit.h"

struct trimming {
	struct ctl *ctl;
	const struct item *old;
	char by[PERSON_ID];
	bool json;
	bool approved; /* it was, as it was */
	int code; /* why it was not agreed to */
};

static double
seconds_cut(const struct item *it, const char *key)
{
	json_int_t ms = json_integer_value(json_object_get(it->more, key));

	return (double)ms / 1000;
}

void
command_trimmed(const struct item *it)
{
	double head = seconds_cut(it, "trimmed_head_ms");
	double tail = seconds_cut(it, "trimmed_tail_ms");
	struct civil_text at_head, at_tail;

	if (head + tail > 0)
		printf(_("  Silence cut away: %s s at the head, %s s at "
			 "the tail.\n"),
		    say_decimal(head, 1, &at_head),
		    say_decimal(tail, 1, &at_tail));
	else
		printf("%s\n",
		    _("  There is no silence to be cut away at its ends."));
}

/* Whoever made the old sound has made the new one: he does not approve it. */
static json_t *
record_of(const struct trimming *t, const struct item *it)
{
	json_t *body = caption_record(it, t->by);

	if (body != NULL && json_object_set_new(body, "trimmed_of",
				json_string(t->old->sha256)) == 0)
		return body;
	json_decref(body);
	return NULL;
}

/* The log first: a sound that nobody can account for must not be there, nor
 * the old one be lost for it. */
static int
log_it(void *arg, const struct item *it)
{
	struct trimming *t = arg;
	struct post *post;
	int64_t seq;
	int r;

	t->code = command_post(t->ctl, &post);
	if (t->code != 0)
		return t->code;
	r = post_record(post, KIND_ITEM, "", record_of(t, it), &seq);
	if (r < 0)
		t->code = command_not_posted(post, r);
	post_close(post);
	return t->code;
}

static int
print_trimmed(const struct trimming *t, const struct item *it)
{
	struct civil_text length;
	json_t *v;
	size_t i;

	if (t->json)
		return command_json(item_json(it));
	say_line(stdout, _("%s is trimmed: %s, %s"), it->id, it->title,
	    say_length(frames_us(it->frames), &length));
	command_trimmed(it);
	json_array_foreach(it->warnings, i, v)
	{
		say_line(stdout, "  %s", json_string_value(v));
	}
	if (t->approved)
		printf("%s\n",
		    _("It was approved as it was; the approval does not hold "
		      "for the new sound, which does not air until it is "
		      "approved again."));
	printf(_("`loaxa listen %s` plays it; `loaxa approve --by NAME %s` "
		 "approves it.\n"),
	    it->id, it->id);
	return command_done(EX_OK);
}

static int
print_untouched(const struct trimming *t, const struct item *it)
{
	if (t->json)
		return command_json(item_json(it));
	printf(_("%s stays as it is: there is no silence to be cut away at "
		 "its ends.\n"),
	    it->id);
	return command_done(EX_OK);
}

static int
explain(const struct trimming *t, struct problems *ps, int r)
{
	char line[4096];

	for (size_t i = 0; i < ps->n; i++)
		say_error("%s", problem_text(&ps->list[i], line, sizeof(line)));
	return r == -ECANCELED ? t->code : say_exit(r);
}

static int
trim_item(struct trimming *t, const struct item *old)
{
	const char *items = t->ctl->root.items;
	char libexec[PATH_MAX], path[PATH_MAX];
	struct admit_setup setup = { .libexec = libexec,
		.items = items,
		.id = old->id,
		.title = old->title,
		.segment = old->segment,
		.language = old->language,
		.labels = old->more,
		.trim = true,
		.of = old,
		.agree = log_it,
		.arg = t };
	struct problems ps = { 0 };
	struct item *it;
	int r;

	command_libexec(libexec);
	if (snprintf(path, sizeof(path), "%s/%s.flac", items, old->id) >=
	    (int)sizeof(path))
		return say_exit(-ENAMETOOLONG);
	admit_heal(items, old);
	r = admit_file(&setup, path, &ps, &it);
	if (r < 0) {
		r = explain(t, &ps, r);
	} else {
		r = r == 1 ? print_untouched(t, it) : print_trimmed(t, it);
		item_free(it);
	}
	problems_free(&ps);
	return r;
}

static bool
is_approved(const struct ctl *ctl, const struct item *it)
{
	struct office o;
	bool is;

	if (office_open(&ctl->root, &o) < 0)
		return false;
	is = registry_approved(o.registry, it->id, it->sha256, NULL);
	office_close(&o);
	return is;
}

static int
trim(struct trimming *t, const char *id)
{
	struct item *old;
	int r = command_room(t->ctl->root.var, ROOM_ADD_MB);

	if (r != 0)
		return r;
	r = item_read(t->ctl->root.items, id, &old);
	if (r == -ENOENT) {
		say_error(
		    _("there is no item \"%s\"; `loaxa items` lists them"), id);
		return EX_NOINPUT;
	}
	if (r < 0) {
		say_error(_("%s cannot be read (%s); add it again with "
			    "--replace"),
		    id, say_errno(r));
		return say_exit(r);
	}
	t->old = old;
	t->approved = is_approved(t->ctl, old);
	r = trim_item(t, old);
	item_free(old);
	return r;
}

int
cmd_trim(struct ctl *ctl, int argc, char **argv)
{
	struct trimming t = { .ctl = ctl };
	struct people *people;
	struct person who;
	const char *by = NULL;
	const struct arg args[] = { { "by", ARG_TEXT, &by },
		{ "json", ARG_FLAG, &t.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused(argv[0], _("name one item"));
	command_zone(ctl);
	if (by != NULL) {
		r = command_person(ctl, argv[0], by, &people, &who);
		if (r != 0)
			return r;
		snprintf(t.by, sizeof(t.by), "%s", who.id);
		people_free(people);
	}
	return trim(&t, argv[1]);
}
