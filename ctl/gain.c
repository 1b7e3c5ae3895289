/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>

#include "base/words.h"
#include "ctl/gain.h"
#include "ctl/say.h"

#define TOLD_MDB 1000 /* a smaller difference nobody hears */

/* The output where this loudness stands first; SIZE_MAX beyond the last. */
static size_t
nth_output(const struct site *s, size_t i)
{
	for (size_t k = 0; k < s->n_outputs; k++) {
		bool first = true;

		for (size_t j = 0; j < k; j++)
			first = first && s->outputs[j].loudness !=
					     s->outputs[k].loudness;
		if (first && i-- == 0)
			return k;
	}
	return SIZE_MAX;
}

static const char *
short_text(const struct item *it, double target, struct gain_text *buf)
{
	struct gain g = loudness_gain(it->lufs, it->peak_db, target, 0);
	double db = g.short_mdb / 1000.0;

	if (g.short_mdb < TOLD_MDB)
		return NULL;
	if (g.by_peak)
		snprintf(buf->s, sizeof(buf->s),
		    _("it stays %.0f dB below the loudness of the others, "
		      "because single places are so much louder than the rest; "
		      "record it again at an even distance"),
		    db);
	else
		snprintf(buf->s, sizeof(buf->s),
		    _("it stays %.0f dB below the loudness of the others; "
		      "record it again closer to the microphone"),
		    db);
	return buf->s;
}

const char *
gain_short(const struct site *s, const struct item *it, const char *station,
    struct gain_text *buf)
{
	return short_text(it, site_loudness(s, station), buf);
}

static void
write_line(const struct item *it, double target, const char *name,
    struct gain_text *buf)
{
	struct gain g = loudness_gain(it->lufs, it->peak_db, target, 0);
	struct gain_text lacks;
	struct civil_text db;
	const char *why = short_text(it, target, &lacks);
	const char *gap = name[0] == '\0' ? "" : ": ";

	if (target == LOUDNESS_OFF)
		snprintf(buf->s, sizeof(buf->s), "%s%s%s", name, gap,
		    _("left as it is (loudness is \"off\")"));
	else
		snprintf(buf->s, sizeof(buf->s),
		    _("%s%s%s dB, towards %.0f LUFS%s%s"), name, gap,
		    say_signed(g.gain_mdb / 1000.0, 1, &db), target,
		    why == NULL ? "" : "; ", why == NULL ? "" : why);
}

bool
gain_line(const struct site *s, const struct item *it, size_t i,
    struct gain_text *buf)
{
	size_t k = nth_output(s, i);
	bool several = nth_output(s, 1) != SIZE_MAX;

	if (s->n_outputs == 0 && i == 0)
		write_line(it, s->loudness, "", buf);
	else if (k != SIZE_MAX)
		write_line(it, s->outputs[k].loudness,
		    several ? s->outputs[k].station : "", buf);
	else
		return false;
	return true;
}
