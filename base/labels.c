/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/labels.h"
#include "base/text.h"
#include "base/words.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MUSIC "music"

struct word {
	const char *word;
	const char *text;
};

static const struct word genres[] = {
	{ "news", N_("news") },
	{ "feature", N_("feature") },
	{ "reportage", N_("reportage") },
	{ "interview", N_("interview") },
	{ "story", N_("radio story") },
	{ "notice", N_("notice") },
	{ "correction", N_("correction") },
	{ MUSIC, N_("music") },
};

static const struct word roles[] = {
	{ "author", N_("author") },
	{ "editor", N_("editor") },
	{ "reporter", N_("reporter") },
	{ "announcer", N_("announcer") },
	{ "contributor", N_("contributor") },
	{ "translator", N_("translator") },
	{ "checker", N_("source checker") },
	{ "technician", N_("technician") },
};

static const struct word *
table_of(enum label l, size_t *ret_n)
{
	*ret_n = l == LABEL_GENRE ? COUNT(genres) : COUNT(roles);
	return l == LABEL_GENRE ? genres : roles;
}

static bool
is_fold_of(const char *fold, const char *text)
{
	char *other = text_fold(text);
	bool same = other != NULL && strcmp(fold, other) == 0;

	free(other);
	return same;
}

const char *
label_word(enum label l, const char *text)
{
	size_t n;
	const struct word *w = table_of(l, &n);
	char *fold = text_fold(text);
	const char *found = NULL;

	for (size_t i = 0; fold != NULL && i < n && found == NULL; i++)
		if (strcmp(fold, w[i].word) == 0 ||
		    is_fold_of(fold, _(w[i].text)))
			found = w[i].word;
	free(fold);
	return found;
}

const char *
label_text(enum label l, const char *word)
{
	size_t n;
	const struct word *w = table_of(l, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(w[i].word, word) == 0)
			return _(w[i].text);
	return word;
}

const char *
label_words(enum label l, char *buf, size_t size)
{
	size_t n;
	const struct word *w = table_of(l, &n);
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
		    i == 0 ? "" : ", ", _(w[i].text));
	return buf;
}

/* A text in NFC, without a space at either end. 0 and *ret is yours. */
static int
take_text(const char *text, size_t n, char **ret)
{
	char *copy;
	char *nfc;

	while (n > 0 && *text == ' ')
		text++, n--;
	while (n > 0 && text[n - 1] == ' ')
		n--;
	if (n == 0 || n > LABEL_BYTES_MAX || !text_is_utf8(text, n))
		return -EINVAL;
	copy = strndup(text, n);
	if (copy == NULL)
		return -ENOMEM;
	nfc = text_nfc(copy);
	free(copy);
	if (nfc == NULL)
		return -ENOMEM;
	*ret = nfc;
	return 0;
}

/* Puts the value, or takes the key away where the value is NULL. */
static int
put(json_t *o, const char *key, json_t *value)
{
	if (value != NULL)
		return json_object_set_new(o, key, value) < 0 ? -ENOMEM : 0;
	json_object_del(o, key);
	return 0;
}

int
labels_unit(json_t *o, const char *text)
{
	char *unit;
	int r;

	if (text[0] == '\0')
		return put(o, "unit", NULL);
	r = take_text(text, strlen(text), &unit);
	if (r < 0)
		return r;
	r = put(o, "unit", json_string(unit));
	free(unit);
	return r;
}

int
labels_genre(json_t *o, const char *text)
{
	const char *word;

	if (text[0] == '\0')
		return put(o, "genre", NULL);
	word = label_word(LABEL_GENRE, text);
	return word == NULL ? -EINVAL : put(o, "genre", json_string(word));
}

int
labels_set(json_t *o, const char *id)
{
	if (id[0] == '\0')
		return put(o, "set", NULL);
	if (!text_is_id(id) || strlen(id) > SET_MAX)
		return -EINVAL;
	return put(o, "set", json_string(id));
}

static int
add_tag(json_t *list, const char *text)
{
	char *tag;
	int r = take_text(text, strlen(text), &tag);

	if (r < 0)
		return r;
	r = json_array_append_new(list, json_string(tag)) < 0 ? -ENOMEM : 0;
	free(tag);
	return r;
}

/* "role=name" */
static int
add_credit(json_t *list, const char *text)
{
	const char *equals = strchr(text, '=');
	char *role;
	char *name;
	const char *word;
	int r;

	if (equals == NULL)
		return -EINVAL;
	r = take_text(text, (size_t)(equals - text), &role);
	if (r < 0)
		return r;
	word = label_word(LABEL_ROLE, role);
	free(role);
	if (word == NULL)
		return -EINVAL;
	r = take_text(equals + 1, strlen(equals + 1), &name);
	if (r < 0)
		return r;
	r = json_array_append_new(
		list, json_pack("{s:s, s:s}", "role", word, "name", name)) < 0
		? -ENOMEM
		: 0;
	free(name);
	return r;
}

static int
put_list(json_t *o, const char *key, const char *const *texts, size_t n,
    int (*add)(json_t *list, const char *text))
{
	json_t *list;
	int r = 0;

	if (n == 1 && texts[0][0] == '\0')
		return put(o, key, NULL);
	if (n > LABELS_MAX)
		return -EINVAL;
	list = json_array();
	if (list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++)
		r = add(list, texts[i]);
	if (r == 0)
		return put(o, key, list);
	json_decref(list);
	return r;
}

int
labels_tags(json_t *o, const char *const *texts, size_t n)
{
	return put_list(o, "tags", texts, n, add_tag);
}

int
labels_credits(json_t *o, const char *const *texts, size_t n)
{
	return put_list(o, "credits", texts, n, add_credit);
}

const char *
labels_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text == NULL ? "" : text;
}

const json_t *
labels_list(const json_t *o, const char *key)
{
	const json_t *list = json_object_get(o, key);

	return json_is_array(list) ? list : NULL;
}

bool
labels_music(const json_t *o)
{
	const json_t *tag;
	size_t i;

	if (strcmp(labels_text(o, "genre"), MUSIC) == 0)
		return true;
	json_array_foreach(labels_list(o, "tags"), i, tag)
	{
		const char *text = json_string_value(tag);

		if (text != NULL &&
		    (is_fold_of(MUSIC, text) || is_fold_of("nhac", text)))
			return true;
	}
	return false;
}
