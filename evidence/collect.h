/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * collect - the upper level's side of the airing log: takes the signed trees
 * that stations publish (seal.h) out of any folder, holds each against what it
 * had of that station before, keeps it, and only then cosigns it, as a witness
 * does (C2SP tlog-witness v1.0.0, tlog-cosignature v1.0.1).
 *
 *	STORE/key/collector.key		the key that it cosigns with (signer.h)
 *	STORE/stations/HEX/station.json	whom it knows (roster.h)
 *	STORE/stations/HEX/vN/...	the trees, as the station publishes them;
 *					the checkpoint is the cosigned one
 *	STORE/last/HEX-vN		that checkpoint once more
 *	STORE/outbox/NAME-HEX-vN.cosigned	the same, to be brought back
 *	STORE/outbox/NAME-HEX-vN-above.cosigned	what a level above answered
 *	STORE/levels/HEX		other collectors (levels.h)
 *	STORE/apart/HEX/...		what was not taken, as evidence
 *	STORE/store.db			the records in SQLite (store.h)
 *
 * Nothing that lies in a folder which is brought is believed: no link is
 * followed, every size is bounded, the hash of every entry is computed here,
 * and the tree's own tiles are not read but to say what is wrong. A station is
 * known by the key that a person entered (collect_trust()).
 *
 * Levels. STORE/stations of one collector is brought to another as any folder of
 * stations is. What known ones (collect_trust()) have cosigned stays in the
 * note beside our own line, and what one above has put beside our copy, or
 * beside what comes back, goes on down to the station.
 *
 * Order, under one lock: check; entries and tiles safe on the disk; cosigned
 * and safe in both places; handed out. So whatever a kill or a power cut takes,
 * no two histories of one station are ever cosigned, and what was handed out is
 * in the store.
 */
#ifndef EVIDENCE_COLLECT_H
#define EVIDENCE_COLLECT_H

#include "evidence/checkpoint.h"
#include "evidence/roster.h"

#define COLLECT_LEAVES_MAX (INT64_C(1) << 26) /* of one tree: 6,000 years */
#define COLLECT_NOTE_MAX 65536 /* bytes of a checkpoint */
#define COLLECT_FOLDERS_MAX 20000 /* stations in one folder */
#define COLLECT_APART_MAX 1000 /* keys that nobody knows, and are kept */
#define COLLECT_FORKS_MAX 10 /* histories of one station, kept whole */
#define COLLECT_HASHES \
	"hashes" /* of the leaves, of a history kept without
				 * its entries: 32 bytes each */
#define COLLECT_HASHES_MAX (INT64_C(1) << 22) /* leaves; of more, none */
#define COLLECT_ANSWER "cosigned" /* the file put beside a checkpoint */
#define COLLECT_ABOVE "above.cosigned" /* what a level above answered */

struct collector;

/*
 * Opens the store, made with its key when missing (`draw` fills in random
 * bytes: 0 or a negative errno), and locks it. 0 and *ret is yours.
 * -EWOULDBLOCK: another one has it; -ENOKEY: the key is gone with which what
 * is here was cosigned; -EBADMSG: the key's file is damaged.
 */
int collect_open(const char *store, int (*draw)(void *bytes, size_t n),
    struct collector **ret);

/* The same, and where another one has it, waits for that up to so long. */
int collect_open_within(const char *store, int (*draw)(void *bytes, size_t n),
    int ms, struct collector **ret);

/* Accepts NULL; returns NULL. */
struct collector *collect_close(struct collector *c);

/* What stations know it by: its public key, of type NOTE_COSIGNATURE. */
const struct note_key *collect_key(const struct collector *c);

/*
 * Enters a station, or another collector (a key of type 0x04): its public key,
 * and what a person calls it. Entered again, it gets that name. `replace`: it takes the place of the one that has the name.
 * 0; -EINVAL, -EILSEQ as roster_new(); -EEXIST: another key has that name (and
 * not `replace`); or what the disk said.
 */
int collect_trust(struct collector *c, const struct note_key *key,
    const char *name, bool replace, int64_t now_us);

enum collect_outcome {
	COLLECT_TAKEN, /* more records than before, all kept; cosigned */
	COLLECT_SAME, /* those that it had; cosigned again */
	COLLECT_OLDER, /* fewer, of the same history: nothing to be done */
	COLLECT_UNKNOWN, /* a key that nobody has entered */
	COLLECT_REPLACED, /* news by a key in whose place there is another */
	COLLECT_FORKED, /* its station has signed two histories */
	COLLECT_DAMAGED, /* the files do not give what was signed */
	COLLECT_REFUSED, /* no signed checkpoint, or not fit to be read */
	COLLECT_FAILED /* our own disk: `error` says what */
};

struct collect_result { /* of one tree; lent for the call */
	enum collect_outcome outcome;
	const char *folder; /* where it lies, for a person */
	const char *hex; /* of its key; "" when not known */
	const char *vkey; /* of a key that nobody has entered; "" */
	const char *name; /* of the station; with COLLECT_UNKNOWN: of the one
			   * whose records these say they are, or "" */
	int64_t number; /* N of vN; 0 when not known */
	int64_t size; /* records that it was signed with */
	int64_t had; /* that the store had before */
	int64_t first; /* the first that is not as it was signed, or as the
			* store has it: leaf index; of what is given up, its
			* seq; -1 not known */
	int64_t given_up; /* records cosigned in older trees that this one,
			   * which was not here before, has not as they were */
	int64_t cosigned_us; /* the last time, where that is later than now; or
			      * 0: then or now this computer's clock was wrong */
	const char *why; /* in words, in English (N_()): DAMAGED, REFUSED */
	const char *kept; /* the folder of what is kept apart, or "" */
	bool answered; /* the cosignature was put beside the checkpoint */
	int error; /* a negative errno: FAILED */
	int rows_error; /* the same of store.db, which the next call mends */
};

/*
 * All trees of what is named: one tree, a station's `var` or root, or a folder
 * of such folders. fn hears of each; `now_us` is the instant that is
 * cosigned. 0 when there was any; -ENOENT: there was none; -ETIME: the clock is
 * not to be believed (before this program was written); -EFBIG: more folders
 * than COLLECT_FOLDERS_MAX; or why the folder cannot be read.
 */
int collect_folder(struct collector *c, const char *folder, int64_t now_us,
    void (*fn)(void *arg, const struct collect_result *r), void *arg);

/* How many leaves the store has of the tree of that origin. 0; -ENOENT: it is
 * of no station that was entered; or what the disk said. */
int collect_had(
    const struct collector *c, const char *origin, int64_t *ret_size);

/* What was cosigned last of that tree, with the note itself, n bytes with a NUL
 * behind it: yours. As collect_had(); a size of 0, and no note: nothing yet. */
int collect_latest(const struct collector *c, const char *origin,
    struct checkpoint *ret, char **ret_note, size_t *ret_n);

/* Who has the store's lock, as a person may be told ("loaxa-receive, process
 * 4711"); "" when nobody said. */
void collect_holder(const char *store, char *buf, size_t size);

struct collect_state { /* of a station; lent for the call */
	const struct roster_station *station;
	int trees;
	int64_t leaves; /* of all of them */
	int64_t cosigned_us; /* the last of them; 0 never */
	int forks; /* kept apart */
};

/* A non-zero return of fn stops and is returned. */
int collect_each(struct collector *c,
    int (*fn)(void *arg, const struct collect_state *s), void *arg);

#endif
