/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scheduler/loudness.h"

/* Downwards, so that rounding never passes a limit. */
static int32_t
mdb(double db)
{
	return (int32_t)floor(db * 1000 + 1e-6);
}

struct gain
loudness_gain(double lufs, double peak_db, double target_lufs, int32_t cap_mdb)
{
	double room = LOUDNESS_PEAK_DB - peak_db;
	double wish, most;

	if (target_lufs == LOUDNESS_OFF)
		return (struct gain){ .gain_mdb = cap_mdb };
	if (!isfinite(lufs))
		return (struct gain){ .gain_mdb =
					  mdb(fmin(cap_mdb / 1000.0, room)) };
	wish = target_lufs + cap_mdb / 1000.0 - lufs;
	most = fmin(room, LOUDNESS_BOOST_DB);
	if (wish <= most)
		return (struct gain){ .gain_mdb = mdb(wish) };
	return (struct gain){
		.gain_mdb = mdb(most),
		.short_mdb = mdb(wish - most),
		.by_peak = room < LOUDNESS_BOOST_DB,
	};
}
