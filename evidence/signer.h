/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * signer - the station's own key: 32 random bytes in a file that nobody but
 * the daemon's user can read, made when they are first asked for. They are in
 * no backup, no log line and no answer: a new computer makes its own.
 *
 * A log is named by its key: its origin is loaxa/ and 16 hex digits of the
 * SHA-256 of the public key and /log/vN, N counting the trees of the station:
 * where its key is another from some tree on, they still count on.
 */
#ifndef EVIDENCE_SIGNER_H
#define EVIDENCE_SIGNER_H

#include "evidence/note.h"

#define SIGNER_FILE "station.key"

/*
 * Reads FOLDER/station.key, or makes the folder (0700) and the file (0600),
 * durably, out of what `draw` fills in: 0 or a negative errno. 0 and the seed,
 * which is yours to wipe (signer_wipe()); -EBADMSG when the file is none, and
 * is left alone; or what the disk said.
 */
int signer_open(const char *folder, int (*draw)(void *bytes, size_t n),
    unsigned char ret_seed[static NOTE_KEY]);
void signer_wipe(unsigned char seed[static NOTE_KEY]);

/* The name of the seed's n-th log. */
int signer_origin(const unsigned char seed[static NOTE_KEY], int64_t n,
    char ret_origin[static NOTE_NAME]);

/* N of such an origin; 0 when it is none. */
int64_t signer_number(const char *origin);

#endif
