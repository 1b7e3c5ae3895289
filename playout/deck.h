/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deck - one station's player as the daemon sees it: a table of functions
 * with a live one (processes, deck_open) and a virtual one (deck_sim.h).
 *
 * The life of an airing: load (a source process reads and checks the item) ->
 * LOADED -> cue (the pipe goes to the player) -> STARTED -> PROGRESS... ->
 * ENDED. ENDED comes exactly once for every successful load(), also when the
 * source refuses the bytes, the player dies or the airing is dropped before
 * its cue. Nothing here blocks.
 */
#ifndef PLAYOUT_DECK_H
#define PLAYOUT_DECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "playout/cue.h"

/* A live source; one of the two is "". Borrowed. */
struct deck_live {
	const char *url; /* of a stream */
	const char *line; /* an ALSA device to record from */
};

struct deck {
	/*
	 * Starts a source on item_fd (a regular file, taken over: closed here
	 * even on failure), from frame `offset`. The source hashes the whole
	 * file first; bytes that are not `sha256` end the airing with
	 * ENDED_HASH_CHANGED. `airing` is new and not 0. 0, or a negative
	 * errno and no ENDED will come.
	 */
	int (*load)(struct deck *d, struct now now, uint64_t airing,
	    int item_fd, const char *sha256, int64_t offset);
	/* Hands a loaded airing to the player. -ENOENT when it is not loaded
	 * (its ENDED is then on its way). */
	int (*cue)(struct deck *d, struct now now, const struct cue *c);
	/* Ends an airing now, fading what sounds; ENDED follows. */
	void (*drop)(struct deck *d, struct now now, uint64_t airing);
	/* The next receipt: 1 and *ret, or 0 when there is none yet. Also does
	 * the deck's own chores (hang watchdogs, restarts of the player). */
	int (*receive)(struct deck *d, struct now now, struct receipt *ret);
	/* Call receive() again at this boot instant at the latest. */
	int64_t (*wake)(struct deck *d);
	/* Readable when receive() has something to do; -1 for a virtual one. */
	int (*fd)(struct deck *d);
	void (*close)(struct deck *d);
	/* Since when (boot) the player has owed a sign that its device moves;
	 * NEVER when it owes none. */
	int64_t (*quiet_since)(struct deck *d);
	/*
	 * Starts a live source, all else as load(): LOADED comes when it gives
	 * sound, and its cue's live_ms is not 0. It is never ended by its
	 * length, and RECEIPT_SIGNAL tells how it does.
	 */
	int (*listen)(struct deck *d, struct now now, uint64_t airing,
	    const struct deck_live *live);
	/* An emergency may come until that boot instant: the player is to be
	 * there, its device open and little queued (CUE_READY). 0: no more.
	 * May be NULL: there is nothing to open. */
	void (*ready)(struct deck *d, struct now now, int64_t until_us);
};

/* Far beyond what a deck lets pass by itself: see deck_moves(). */
#define DECK_STILL_US (30 * US_PER_S)

/*
 * Does the deck do its part? Asked after a turn. A player that hangs is the
 * deck's to end and to start anew, within seconds, and its airing's to lose;
 * that moves, however often it happens, and also when the process cannot be
 * ended because the kernel does not let go of its device: a new daemon could
 * not either. False when what wake() asked for, or the end of a silent player,
 * is overdue by DECK_STILL_US: then only another daemon helps, and the service
 * manager's watchdog is left to starve (loaxad.c).
 */
bool deck_moves(struct deck *d, struct now now);

/* How the live deck finds its processes and its device. All borrowed for the
 * call; copied where kept. */
struct deck_setup {
	const char *station; /* for process titles and messages */
	const char *libexec; /* folder of loaxa-player and loaxa-source */
	const char *driver; /* libao's name ("alsa", "pulse"), or "wav" */
	const char *device; /* by card name: "plughw:CARD=Device"; "" default */
	const char *file; /* driver "wav": the file to write */
	int buffer_ms; /* of the device; 0 is 200 */
	int latency_ms; /* from queueing position to sound; measured once */
};

/* The player process starts at the first load. 0 and *ret_deck is yours, or
 * -ENOENT when the programs are not there, or another negative errno. */
int deck_open(const struct deck_setup *setup, struct deck **ret_deck);

/* Ends its processes. Accepts NULL; returns NULL. */
struct deck *deck_close(struct deck *d);

#endif
