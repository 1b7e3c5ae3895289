/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/clockview.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "evidence/record.h"

#define OLD_US (7 * US_PER_DAY) /* a watch may be some minutes off by then */

const char *
clockview_instant(int64_t us, struct civil_text *buf)
{
	struct civil_text when;
	int64_t day;
	int second;

	civil_from_us(us, &day, &second);
	snprintf(buf->s, sizeof(buf->s), "%s %s",
	    say_weekday(civil_weekday(day)), say_instant(us, &when));
	return buf->s;
}

const char *
clockview_why(const char *why)
{
	static const struct {
		const char *word;
		const char *text;
	} rows[] = {
		{ "synced", N_("a time server keeps it right") },
		{ "confirmed", N_("a person has confirmed it") },
		{ "plausible",
		    N_("it shows a likely time (plausible_clock), but nobody "
		       "vouches for it") },
		{ "not_synced",
		    N_("no time server has set it since the computer was "
		       "switched on, and nobody has confirmed it") },
		{ "stepped",
		    N_("somebody has set it, and nobody has confirmed it "
		       "since") },
		{ "before_release",
		    N_("it shows a time before this program was made; the "
		       "computer's clock battery may be empty") },
		{ "behind_log",
		    N_("the airing log has records of a later time: the clock "
		       "was wrong then, or is wrong now") },
		{ "far_ahead",
		    N_("it is more than 60 days later than the last record of "
		       "the airing log") },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].word, why) == 0)
			return _(rows[i].text);
	return _("unknown");
}

static int64_t
instant(const json_t *a, const char *key)
{
	int64_t us = 0;

	civil_read_utc(record_text(a, key), &us);
	return us;
}

void
clockview_setting(int64_t us, const char *zone, FILE *out)
{
	struct civil_text local;
	const char *when = _("YYYY-MM-DD HH:MM");

	if (us != 0) {
		civil_local_text(us, &local);
		local.s[10] = ' ';
		local.s[16] = '\0';
		when = local.s;
	}
	say_line(out, "    sudo timedatectl set-ntp false");
	/* The zone is named: the system's own may be UTC. */
	say_line(out, "    sudo timedatectl set-time \"%s %s\"", when, zone);
}

static void
put_remedy(const json_t *a, FILE *out)
{
	const char *why = record_text(a, "why");

	say_line(out, "%s", "");
	say_line(out, "%s",
	    _("What to do: compare it with a telephone or a watch."));
	if (strcmp(why, "before_release") != 0)
		say_line(out, "%s",
		    _("  It is right:  loaxa clock confirm --by NAME"));
	say_line(out, "%s",
	    _("  It is wrong:  set it, then confirm it; for example:"));
	clockview_setting(0, record_text(a, "zone"), out);
	if (strcmp(why, "behind_log") == 0 || strcmp(why, "far_ahead") == 0)
		return;
	say_line(out, "%s",
	    _("  Or connect the network: once a time server has set it, all "
	      "goes on by itself."));
}

/* Trusted, and yet something to know. */
static void
put_advice(const json_t *a, FILE *out)
{
	const char *clock = record_text(a, "clock");
	bool long_ago = instant(a, "utc") - instant(a, "since_utc") > OLD_US;

	if (strcmp(clock, "confirmed") == 0 && long_ago)
		say_line(out, "%s",
		    _("That was more than a week ago: compare it with a "
		      "telephone, and set it if it has drifted."));
	if (strcmp(clock, "plausible") == 0)
		say_line(out, "%s",
		    _("Compare it with a telephone now and then; `loaxa clock "
		      "confirm --by NAME` vouches for it."));
	if (strcmp(clock, "synced") == 0 &&
	    json_is_false(json_object_get(a, "synced")))
		say_line(out, "%s",
		    _("No time server answers now; the clock is believed until "
		      "the computer is switched off."));
}

void
clockview_print(const json_t *a, FILE *out)
{
	bool hold = json_is_true(json_object_get(a, "hold"));
	struct civil_text buf;
	int64_t latest_us = instant(a, "latest_utc");

	say_line(out, _("The computer takes it to be %s (%s)."),
	    clockview_instant(instant(a, "utc"), &buf), record_text(a, "zone"));
	say_line(out,
	    hold ? _("NOT TRUSTED, nothing starts: %s.") : _("Trusted: %s."),
	    clockview_why(record_text(a, "why")));
	if (instant(a, "since_utc") != 0)
		say_line(out, _("So since %s."),
		    clockview_instant(instant(a, "since_utc"), &buf));
	if (record_int(a, "step_ms", 0) != 0)
		say_line(out, _("Last set by %s s."),
		    say_signed(
			(double)record_int(a, "step_ms", 0) / 1000, 1, &buf));
	if (hold && latest_us != 0)
		say_line(out, _("Last time that was believed: %s."),
		    clockview_instant(latest_us, &buf));
	if (hold)
		put_remedy(a, out);
	else
		put_advice(a, out);
}
