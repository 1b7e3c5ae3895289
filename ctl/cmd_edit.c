/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa edit: what an item is called, never its bytes. The log gets an `item`
 * record; the approval names the bytes, so it stays.
 */
#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/text.h"
#include "base/words.h"
#include "ctl/caption.h"
#include "ctl/commands.h"
#include "ctl/office.h"
#include "ctl/post.h"
#include "ctl/say.h"
#include "evidence/people.h"

struct editing {
	struct ctl *ctl;
	struct caption caption;
	char by[PERSON_ID];
	bool json;
};

/* The log first: a caption that nobody can account for must not exist. */
static int
log_and_write(const struct editing *e, const struct item *it)
{
	struct post *post;
	int64_t seq;
	int r = command_post(e->ctl, &post);

	if (r != 0)
		return r;
	r = post_record(post, KIND_ITEM, "", caption_record(it, e->by), &seq);
	if (r < 0)
		r = command_not_posted(post, r);
	post_close(post);
	if (r != 0)
		return r;
	r = item_write(e->ctl->root.items, it);
	if (r < 0)
		say_error(
		    "%s/%s.json: %s", e->ctl->root.items, it->id, say_errno(r));
	return say_exit(r);
}

static int
print_edited(const struct editing *e, const struct item *it)
{
	struct office o;
	int r;

	if (e->json)
		return command_json(item_json(it));
	r = command_office(e->ctl, &o);
	if (r != 0)
		return r;
	say_line(stdout, _("%s is now called: %s"), it->id, it->title);
	if (registry_approved(o.registry, it->id, it->sha256, NULL))
		printf("%s\n", _("Its approval stays: it names the sound, "
				 "and not a byte of that has changed."));
	office_close(&o);
	return command_done(EX_OK);
}

static int
edit(struct editing *e, const char *id)
{
	struct item *it;
	char wrong[600];
	int r = item_read(e->ctl->root.items, id, &it);

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
	r = caption_apply(&e->caption, it, wrong, sizeof(wrong));
	if (r == -EINVAL)
		r = command_misused("edit", wrong);
	else if (r < 0)
		r = say_exit(r);
	else
		r = log_and_write(e, it);
	if (r == 0)
		r = print_edited(e, it);
	item_free(it);
	return r;
}

int
cmd_edit(struct ctl *ctl, int argc, char **argv)
{
	struct editing e = { .ctl = ctl };
	struct people *people;
	struct person who;
	const char *by = NULL;
	const struct arg args[] = { CAPTION_ARGS(&e.caption),
		{ "by", ARG_TEXT, &by }, { "json", ARG_FLAG, &e.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused(argv[0], _("name one item"));
	if (!caption_given(&e.caption))
		return command_misused(
		    argv[0], _("say what is to change, such as --title TEXT"));
	command_zone(ctl);
	if (by != NULL) {
		r = command_person(ctl, argv[0], by, &people, &who);
		if (r != 0)
			return r;
		snprintf(e.by, sizeof(e.by), "%s", who.id);
		people_free(people);
	}
	return edit(&e, argv[1]);
}
