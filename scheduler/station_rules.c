/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "scheduler/rules.h"
#include "scheduler/station_hall.h"

/* All slots under way, by start: days are in order, and so are their runs.
 * Strings are the days'; free() the slots. */
static int
plan_of_days(const struct station *st, struct plan *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < st->n_days; i++)
		n += st->days[i]->n;
	*ret = (struct plan){ .slots = calloc(n + 1, sizeof(*ret->slots)) };
	if (ret->slots == NULL)
		return -1;
	for (size_t i = 0; i < st->n_days; i++)
		for (size_t k = 0; k < st->days[i]->n; k++)
			ret->slots[ret->n++] = *st->days[i]->runs[k]->p;
	return 0;
}

static const struct session *
session_at(const struct session *s, size_t n, int64_t us)
{
	for (size_t i = 0; i < n; i++)
		if (s[i].start_us <= us && us < s[i].end_us)
			return &s[i];
	return NULL;
}

static void
record_breach(struct station *st, const struct plan *p, const struct session *s,
    struct now now)
{
	struct problems ps = { 0 };
	char text[512];

	rules_check_session(p, s, &st->up.site->rules, &ps);
	for (size_t i = 0; i < ps.n; i++)
		books_op(st->up.books, st->id, now, "rule", "", "done",
		    problem_text(&ps.list[i], text, sizeof(text)));
	problems_free(&ps);
}

void
hall_judge(struct station *st, const struct run *r, struct now now)
{
	const struct profile *rules = &st->up.site->rules;
	const struct session *s;
	struct session *list;
	struct plan p;
	size_t n;

	if (rules->session_s == 0 && rules->sessions_per_day == 0)
		return;
	if (plan_of_days(st, &p) < 0)
		return;
	if (rules_sessions(&p, &list, &n) == 0) {
		s = session_at(list, n, r->p->start_us);
		if (s != NULL && s->start_us != st->judged_us) {
			st->judged_us = s->start_us;
			record_breach(st, &p, s, now);
		}
		free(list);
	}
	free(p.slots);
}

int64_t
hall_session_limit(const struct station *st, const struct run *r)
{
	const struct profile *rules = &st->up.site->rules;
	const struct session *s;
	struct session *list;
	struct plan p;
	int64_t limit_us = 0;
	size_t n;

	if (rules->session_s == 0 || plan_of_days(st, &p) < 0)
		return 0;
	if (rules_sessions(&p, &list, &n) == 0) {
		s = session_at(list, n, r->p->start_us);
		/* Relay that does not count leaves the rest its time. */
		if (s != NULL)
			limit_us = s->end_us + rules->session_s * US_PER_S -
				   rules_session_us(s, rules);
		free(list);
	}
	free(p.slots);
	return limit_us;
}
