/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "playout/cue.h"

const char *
ended_word(enum ended e)
{
	/* "" says nothing more than how many frames were sent; a cut one is
	 * told apart ("short", "preempted") by who knows why it was cut. */
	static const char *const words[ENDEDS] = {
		[ENDED_WHOLE] = "",
		[ENDED_CUT] = "",
		[ENDED_STOPPED] = "operator_stop",
		[ENDED_FENCE] = "hours_end",
		[ENDED_DEVICE_LOST] = "device_lost",
		[ENDED_SOURCE_FAILED] = "source_failed",
		[ENDED_BAD_ITEM] = "bad_item",
		[ENDED_HASH_CHANGED] = "hash_changed",
		[ENDED_PROCESS_DIED] = "process_died",
	};

	/* The number may come from another process. */
	return (unsigned)e < ENDEDS ? words[e] : "";
}
