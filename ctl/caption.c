/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/labels.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/caption.h"

#define LANGUAGE_MAX 15 /* bytes of a BCP 47 tag, as the log keeps them */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

bool
caption_given(const struct caption *c)
{
	return c->title != NULL || c->segment != NULL || c->language != NULL ||
	       c->unit != NULL || c->genre != NULL || c->set != NULL ||
	       c->tags.n > 0 || c->credits.n > 0;
}

static bool
is_language(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return n >= 2 && n <= LANGUAGE_MAX && s[n] == '\0';
}

static int
check_words(const struct caption *c, char *wrong, size_t size)
{
	if (c->segment != NULL && c->segment[0] != '\0' &&
	    !text_is_id(c->segment)) {
		snprintf(wrong, size,
		    _("--segment takes the id of a segment, such as ttdn"));
		return -EINVAL;
	}
	if (c->language != NULL && !is_language(c->language)) {
		snprintf(wrong, size,
		    _("--language takes a tag such as vi, km or en"));
		return -EINVAL;
	}
	return 0;
}

/* r, with the sentence for its option where it is -EINVAL. */
static int
said(int r, const char *text, char *wrong, size_t size)
{
	if (r == -EINVAL)
		snprintf(wrong, size, "%s", text);
	return r;
}

static int
put_genre(const struct caption *c, json_t *o, char *wrong, size_t size)
{
	char words[400];
	int r = c->genre == NULL ? 0 : labels_genre(o, c->genre);

	if (r == -EINVAL)
		snprintf(wrong, size, _("--genre is one of: %s"),
		    label_words(LABEL_GENRE, words, sizeof(words)));
	return r;
}

static int
put_credits(const struct caption *c, json_t *o, char *wrong, size_t size)
{
	char words[400];
	int r = c->credits.n == 0
		    ? 0
		    : labels_credits(o, c->credits.list, c->credits.n);

	if (r == -EINVAL)
		snprintf(wrong, size,
		    _("--credit takes ROLE=NAME, at most %d of them; the "
		      "roles are: %s"),
		    LABELS_MAX, label_words(LABEL_ROLE, words, sizeof(words)));
	return r;
}

static int
put_set(const struct caption *c, json_t *o, char *wrong, size_t size)
{
	int r = labels_set(o, c->set);

	if (r == -EINVAL)
		snprintf(wrong, size,
		    _("--part-of takes the id of the set, a-z, 0-9 and \"-\", "
		      "at most %d, such as ttdn-w48"),
		    SET_MAX);
	return r;
}

int
caption_labels(const struct caption *c, json_t *o, char *wrong, size_t size)
{
	int r = check_words(c, wrong, size);

	if (r == 0 && c->unit != NULL)
		r = said(labels_unit(o, c->unit),
		    _("--unit takes a name of at most 200 bytes"), wrong, size);
	if (r == 0 && c->set != NULL)
		r = put_set(c, o, wrong, size);
	if (r == 0 && c->tags.n > 0)
		r = said(labels_tags(o, c->tags.list, c->tags.n),
		    _("--tag takes a word or a few, at most 16 times"), wrong,
		    size);
	if (r == 0)
		r = put_genre(c, o, wrong, size);
	return r < 0 ? r : put_credits(c, o, wrong, size);
}

static int
set_text(char **to, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return -ENOMEM;
	free(*to);
	*to = copy;
	return 0;
}

static int
set_title(struct item *it, const char *text, char *wrong, size_t size)
{
	char *title = text_nfc(text);

	if (title == NULL || title[0] == '\0' ||
	    strlen(title) > ITEM_TITLE_MAX) {
		free(title);
		snprintf(wrong, size,
		    _("--title takes a text of 1 to %d bytes"), ITEM_TITLE_MAX);
		return -EINVAL;
	}
	free(it->title);
	it->title = title;
	return 0;
}

int
caption_apply(
    const struct caption *c, struct item *it, char *wrong, size_t size)
{
	int r = caption_labels(c, it->more, wrong, size);

	if (r == 0 && c->title != NULL)
		r = set_title(it, c->title, wrong, size);
	if (r == 0 && c->segment != NULL)
		r = set_text(&it->segment, c->segment);
	if (r == 0 && c->language != NULL)
		r = set_text(&it->language, c->language);
	return r;
}

json_t *
caption_record(const struct item *it, const char *by)
{
	static const char *const keys[] = { "title", "segment", "language",
		"sha256", "frames", "channels", "lufs", "peak_db", "warnings",
		"source_name", "source_sha256" };
	static const char *const labels[] = { "tags", "unit", "genre", "set",
		"trimmed_head_ms", "trimmed_tail_ms" };
	json_t *all = item_json(it);
	json_t *body = json_pack("{s:s}", "item", it->id);
	int r = all == NULL || body == NULL ? -1 : 0;

	for (size_t i = 0; r == 0 && i < COUNT(keys); i++)
		r = json_object_set(
		    body, keys[i], json_object_get(all, keys[i]));
	if (r == 0)
		r = json_object_set_new(body, "by", json_string(by));
	for (size_t i = 0; r == 0 && i < COUNT(labels); i++)
		if (json_object_get(all, labels[i]) != NULL)
			r = json_object_set(
			    body, labels[i], json_object_get(all, labels[i]));
	json_decref(all);
	if (r == 0)
		return body;
	json_decref(body);
	return NULL;
}
