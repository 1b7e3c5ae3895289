/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "base/civil.h"
#include "base/language.h"
#include "base/words.h"
#include "scheduler/sets.h"

static const char *
text_of(const json_t *set, const char *key)
{
	return json_string_value(json_object_get(set, key));
}

static bool
is_same(const json_t *a, const json_t *b)
{
	return a != NULL && b != NULL &&
	       strcmp(text_of(a, "id"), text_of(b, "id")) == 0 &&
	       strcmp(text_of(a, "week"), text_of(b, "week")) == 0;
}

/* A repeat may play the set of the week before. */
static bool
is_of_its_week(const struct planned *p)
{
	struct civil_text week;

	return p->set != NULL && strcmp(text_of(p->set, "week"),
				     civil_week_text(p->day, &week)) == 0;
}

static bool
is_first(const struct plan *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (is_of_its_week(&p->slots[k]) &&
		    is_same(p->slots[k].set, p->slots[i].set))
			return false;
	return true;
}

static bool
is_taken(const struct plan *p, const json_t *set, const char *language)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct planned *s = &p->slots[i];

		if (!is_of_its_week(s) || !is_same(s->set, set))
			continue;
		for (size_t k = 0; k < s->n_items; k++)
			if (strcmp(planned_part(s, k), language) == 0)
				return true;
	}
	return false;
}

size_t
sets_check(const struct plan *p, struct problems *ps)
{
	size_t before = problems_count(ps);
	const json_t *one;
	size_t k;

	for (size_t i = 0; i < p->n; i++) {
		const struct planned *s = &p->slots[i];

		if (!is_of_its_week(s) || !is_first(p, i))
			continue;
		json_array_foreach(json_object_get(s->set, "languages"), k, one)
		{
			const char *language = json_string_value(one);

			if (!is_taken(p, s->set, language))
				problem_add(ps, s->file, s->line,
				    _("the set \"%s\": no slot of week %s "
				      "plays the part in %s, so the pair will "
				      "not be complete; give it a slot with "
				      "language = \"%s\""),
				    text_of(s->set, "id"),
				    text_of(s->set, "week"),
				    language_name(language), language);
		}
	}
	return problems_count(ps) - before;
}
