/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/civil.h"
#include "base/clock.h"
#include "base/words.h"
#include "ctl/prose.h"
#include "ctl/say.h"

static const char *
length(int64_t ms, struct civil_text *buf)
{
	return say_length(ms * US_PER_MS, buf);
}

void
prose_sent(FILE *out, const struct tally_sum *s, const char *who,
    int64_t from_day, int64_t to_day)
{
	struct civil_text from, to, all, first, repeat, other;

	fprintf(out,
	    _("From %s to %s, %s sent to the amplifier: airings %lld, length "
	      "%s in all; of these first runs %lld (%s), repeats %lld (%s), "
	      "signature tunes and music %lld (%s). "),
	    say_date(from_day, &from), say_date(to_day, &to), who,
	    (long long)tally_sent_n(s), length(tally_sent_ms(s), &all),
	    (long long)s->run_n[TALLY_FIRST],
	    length(s->run_ms[TALLY_FIRST], &first),
	    (long long)s->run_n[TALLY_REPEAT],
	    length(s->run_ms[TALLY_REPEAT], &repeat),
	    (long long)s->run_n[TALLY_OTHER],
	    length(s->run_ms[TALLY_OTHER], &other));
}

void
prose_plan(FILE *out, const struct tally_sum *s)
{
	struct civil_text left;

	fprintf(out,
	    _("Of %lld slots planned, %lld aired, %lld aired in part, %lld did "
	      "not air, and %lld were left to relays (%s, not counted as sent "
	      "by the station). "),
	    (long long)s->planned, (long long)s->aired,
	    (long long)s->aired_partial, (long long)s->not_aired,
	    (long long)s->external, length(s->relay_ms, &left));
}

void
prose_losses(FILE *out, const struct tally_sum *s)
{
	const int64_t n[] = { s->lost_n[TALLY_POWER] + s->part_n[TALLY_POWER],
		s->lost_n[TALLY_FAULT] + s->part_n[TALLY_FAULT],
		s->lost_n[TALLY_ORDER] + s->part_n[TALLY_ORDER],
		s->lost_n[TALLY_WORK] + s->part_n[TALLY_WORK],
		s->lost_n[TALLY_UNKNOWN] + s->part_n[TALLY_UNKNOWN] };

	if (s->not_aired + s->aired_partial == 0)
		return;
	fprintf(out,
	    _("Of those that did not air or only in part, %lld were due to "
	      "power cuts beyond the station's control, %lld to faults of "
	      "devices, signals, the clock or programs, %lld to orders, %lld "
	      "to preparation"),
	    (long long)n[TALLY_POWER], (long long)n[TALLY_FAULT],
	    (long long)n[TALLY_ORDER], (long long)n[TALLY_WORK]);
	if (n[TALLY_UNKNOWN] > 0)
		fprintf(out, _(", and of %lld the cause is not known"),
		    (long long)n[TALLY_UNKNOWN]);
	fputs(". ", out);
}

void
prose_open(FILE *out, const struct tally_sum *s)
{
	if (s->open > 0)
		fprintf(out,
		    _("Slots still to come, which no figure has: %lld. "),
		    (long long)s->open);
}
