/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fake_seal - a log in a folder, with its trees and its key, as a daemon would
 * keep them: TOP/log, TOP/tree, TOP/key.
 */
#ifndef TESTS_FAKES_FAKE_SEAL_H
#define TESTS_FAKES_FAKE_SEAL_H

#include "evidence/seal.h"
#include "tests/fakes/fake_log.h"
#include "tests/fakes/folder.h"

struct fake_seal {
	struct folder top;
	char log_path[80];
	char trees[80];
	char keys[80];
	struct fake_log log;
	struct seal *seal; /* NULL: closed */
	int epochs; /* that it asked for */
	int number; /* of the next record */
};

void fake_seal_init(struct fake_seal *s);
void fake_seal_free(struct fake_seal *s);

/* n more records, "op-0", "op-1" and so on, that count. */
void fake_seal_add(struct fake_seal *s, int n);

/* What a running daemon does: opens it where it is closed, hands it what it
 * lacks, writes the epoch that it asks for, and publishes. */
void fake_seal_publish(struct fake_seal *s);

/* As a kill would. */
void fake_seal_close(struct fake_seal *s);

/* Opens the log, which is closed. */
void fake_seal_open_log(struct fake_seal *s);

/* Closes the log and opens it again, when its files were changed. */
void fake_seal_reopen_log(struct fake_seal *s);

/* A file below the top: its bytes, yours. */
char *fake_seal_read(const struct fake_seal *s, const char *name, size_t *n);

/* That bundle of entries with another first one: an epoch of this tree, of such
 * numbers, which nobody signed. Yours. */
char *fake_seal_forge_epoch(const struct fake_seal *s, const char *bundle,
    int64_t seq, int64_t from, size_t *ret_n);

/* What TREES/vN/checkpoint says; opened with the vkey beside it. */
struct checkpoint fake_seal_checkpoint(const struct fake_seal *s, int n);

/* Copies a folder of the top under another name, which goes first. */
void fake_seal_copy(
    const struct fake_seal *s, const char *from, const char *to);

#endif
