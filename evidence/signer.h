/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * signer - the station's own key: 32 random bytes in a file that nobody but
 * the daemon's user can read, made when they are first asked for. They are in
 * no backup, no log line and no answer: a new computer makes its own.
 *
 * A log is named by its key: its origin is loaxa/ and 16 hex digits of the
 * SHA-256 of the public key and /log/vN, N counting the trees of the station:
 * where its key is another from some tree on, they still count on. Whoever
 * collects logs signs with another such key, as loaxa/, its 16 digits and
 * /collect.
 */
#ifndef EVIDENCE_SIGNER_H
#define EVIDENCE_SIGNER_H

#include "evidence/note.h"

#define SIGNER_FILE "station.key"
#define SIGNER_COLLECTOR "collector.key"
#define SIGNER_HEX 17 /* 16 digits and a NUL */

/*
 * Reads FOLDER/station.key, or makes the folder (0700) and the file (0600),
 * durably, out of what `draw` fills in: 0 or a negative errno. 0 and the seed,
 * which is yours to wipe (signer_wipe()); -EBADMSG when the file is none, and
 * is left alone; or what the disk said. signer_open_file(): under that name.
 */
int signer_open(const char *folder, int (*draw)(void *bytes, size_t n),
    unsigned char ret_seed[static NOTE_KEY]);
int signer_open_file(const char *folder, const char *file,
    int (*draw)(void *bytes, size_t n),
    unsigned char ret_seed[static NOTE_KEY]);
void signer_wipe(unsigned char seed[static NOTE_KEY]);

/* Those 16 digits of a public key. */
void signer_hex(
    const unsigned char key[static NOTE_KEY], char ret_hex[static SIGNER_HEX]);

/* The name of the seed's n-th log. */
int signer_origin(const unsigned char seed[static NOTE_KEY], int64_t n,
    char ret_origin[static NOTE_NAME]);

/* N of such an origin; 0 when it is none. */
int64_t signer_number(const char *origin);

/* The same when it is, to the byte, an origin of that public key's; else 0. */
int64_t signer_number_of(
    const unsigned char key[static NOTE_KEY], const char *origin);

/* The seed's name as one who collects. */
int signer_collector(
    const unsigned char seed[static NOTE_KEY], char ret_name[static NOTE_NAME]);

#endif
