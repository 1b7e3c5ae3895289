/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loudness - by how much an item is made louder or quieter when it plays, so
 * that all of them sound equally loud. One figure for all of an item: nothing
 * is compressed, and the file stays as it is.
 *
 * Loudness is EBU R 128's integrated loudness in LUFS, peaks are true peaks
 * in dBTP, as intake measured them (intake/measure.h). -HUGE_VAL: unknown.
 */
#ifndef SCHEDULER_LOUDNESS_H
#define SCHEDULER_LOUDNESS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define LOUDNESS_TARGET_LUFS (-16.0) /* unless the site says another */
#define LOUDNESS_TARGET_MIN (-31.0)
#define LOUDNESS_TARGET_MAX (-9.0)
#define LOUDNESS_OFF HUGE_VAL /* a target: leave items as loud as they are */
#define LOUDNESS_PEAK_DB (-1.0) /* nothing is made to peak above this */
#define LOUDNESS_BOOST_DB 12.0 /* more would mostly be hiss and room */

struct gain {
	int32_t gain_mdb; /* thousandths of a decibel; 0 leaves bytes alone */
	int32_t short_mdb; /* what it then still lacks of the target */
	bool by_peak; /* ... for its peak, and not for LOUDNESS_BOOST_DB */
};

/* `cap_mdb`, 0 or less, is how much quieter the hour is: it lowers the target,
 * or the item where the target is LOUDNESS_OFF or its loudness is unknown. */
struct gain loudness_gain(
    double lufs, double peak_db, double target_lufs, int32_t cap_mdb);

#endif
