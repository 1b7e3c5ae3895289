/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "ctl/verdict.h"

#define WIDTH 80

static int64_t
day_of(int64_t us)
{
	int64_t day;
	int second;

	civil_from_us(us, &day, &second);
	return day;
}

static size_t
append(char *buf, size_t size, size_t used, const char *text)
{
	if (used >= size)
		return used;
	return used + (size_t)snprintf(buf + used, size - used, "%s%s",
			  used == 0 ? "" : "; ", text);
}

static void
fence_text(const struct session *s, const struct profile *rules, char *buf,
    size_t size)
{
	int64_t day = day_of(s->start_us);
	char hours[120];

	if (profile_windows(rules, day, NULL, 0) == 0)
		snprintf(buf, size, "%s", _("nothing is allowed on that day"));
	else
		snprintf(buf, size, _("outside %s"),
		    rules_hours_text(rules, day, hours, sizeof(hours)));
}

const char *
verdict_text(const struct session *s, unsigned breaches,
    const struct profile *rules, char *buf, size_t size)
{
	char one[200];
	struct civil_text length;
	size_t used = 0;

	buf[0] = '\0';
	if ((breaches & BREACH_FENCE) != 0) {
		fence_text(s, rules, one, sizeof(one));
		used = append(buf, size, used, one);
	}
	if ((breaches & BREACH_LONG) != 0) {
		snprintf(one, sizeof(one), _("longer than %s"),
		    say_length(rules->session_s * US_PER_S, &length));
		used = append(buf, size, used, one);
	}
	if ((breaches & BREACH_MANY) != 0) {
		snprintf(one, sizeof(one), _("session %d of at most %d a day"),
		    s->nth, rules->sessions_per_day);
		append(buf, size, used, one);
	}
	return buf;
}

/* "05:00-06:30", with seconds only where there are some. */
static const char *
span_text(const struct session *s, char *buf, size_t size)
{
	struct civil_text from, to;

	say_time(s->start_us, &from);
	say_end(s->end_us, &to);
	if (strcmp(from.s + 5, ":00") == 0 && strcmp(to.s + 5, ":00") == 0)
		from.s[5] = to.s[5] = '\0';
	snprintf(buf, size, "%s-%s", from.s, to.s);
	return buf;
}

static int
add_session(struct table *t, const struct session *s, unsigned breaches,
    const struct profile *rules)
{
	int64_t day = day_of(s->start_us);
	int64_t length_ms = (s->end_us - s->start_us) / US_PER_MS;
	struct civil_text date, length, relay;
	char when[80], span[100], verdict[400], why[300];

	/* The year is in the heading, and the line is narrow. */
	snprintf(when, sizeof(when), "%s %.5s",
	    civil_weekday_text(civil_weekday(day)), civil_date_vn(day, &date));
	verdict_text(s, breaches, rules, why, sizeof(why));
	if (breaches == 0)
		snprintf(verdict, sizeof(verdict), "%s", _("yes"));
	else
		snprintf(verdict, sizeof(verdict), _("no: %s"), why);
	return table_row(t,
	    (const char *const[]){ when, span_text(s, span, sizeof(span)),
		say_counter(length_ms, &length),
		s->relay_us == 0 ? "-"
				 : say_counter(s->relay_us / US_PER_MS, &relay),
		verdict });
}

static int
print(const struct plan *p, const struct session *s, size_t n,
    const struct profile *rules, FILE *out, struct verdict_count *count)
{
	const struct column columns[] = { { _("DAY"), 0 }, { _("SESSION"), 0 },
		{ _("LENGTH"), COLUMN_RIGHT }, { _("RELAY"), COLUMN_RIGHT },
		{ _("WITHIN IT?"), COLUMN_ELASTIC } };
	struct table *t = table_new(columns, COUNT(columns));
	int r = t == NULL ? -ENOMEM : 0;

	*count = (struct verdict_count){ .sessions = n };
	for (size_t i = 0; r == 0 && i < n; i++) {
		unsigned breaches = rules_breaches(p, &s[i], rules);

		count->kept += breaches == 0;
		r = add_session(t, &s[i], breaches, rules);
	}
	if (r == 0 && n > 0)
		table_print(t, out, WIDTH);
	if (r == 0)
		fprintf(out,
		    _("Sessions: %zu; within the profile: %zu; not: "
		      "%zu.\n"),
		    n, count->kept, n - count->kept);
	table_free(t);
	return r;
}

int
verdict_print(const struct plan *p, const struct profile *rules, FILE *out,
    struct verdict_count *ret_count)
{
	struct session *s;
	size_t n;
	int r = rules_sessions(p, &s, &n);

	if (r < 0)
		return r;
	r = print(p, s, n, rules, out, ret_count);
	free(s);
	return r;
}

static json_t *
breaches_json(unsigned breaches)
{
	json_t *list = json_array();

	if ((breaches & BREACH_LONG) != 0)
		json_array_append_new(list, json_string("long"));
	if ((breaches & BREACH_MANY) != 0)
		json_array_append_new(list, json_string("many"));
	if ((breaches & BREACH_FENCE) != 0)
		json_array_append_new(list, json_string("hours"));
	return list;
}

json_t *
verdict_session_json(
    const struct plan *p, const struct session *s, const struct profile *rules)
{
	unsigned breaches = rules_breaches(p, s, rules);
	struct civil_text date, from, to;

	return json_pack("{s:s,s:s,s:s,s:I,s:I,s:b,s:o}", "date",
	    civil_date_text(day_of(s->start_us), &date), "start_local",
	    civil_local_text(s->start_us, &from), "end_local",
	    civil_local_text(s->end_us, &to), "length_ms",
	    (json_int_t)((s->end_us - s->start_us) / US_PER_MS), "relay_ms",
	    (json_int_t)(s->relay_us / US_PER_MS), "keeps", breaches == 0,
	    "breaks", breaches_json(breaches));
}

json_t *
verdict_json(const struct plan *p, const struct profile *rules)
{
	json_t *list = json_array();
	struct session *s = NULL;
	size_t n = 0;

	if (rules_sessions(p, &s, &n) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
		    list, verdict_session_json(p, &s[i], rules));
	free(s);
	return list;
}
