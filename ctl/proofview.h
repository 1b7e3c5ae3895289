/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proofview - what a file of `loaxa prove` shows: one record, or an airing with
 * its approval and the day sheet that planned it. Checked, and said in words.
 */
#ifndef CTL_PROOFVIEW_H
#define CTL_PROOFVIEW_H

#include <stdbool.h>

#include "ctl/commands.h"
#include "ctl/keyring.h"

struct proofview { /* all borrowed for the call */
	bool json;
	const struct note_key *keys; /* that the station's has to be one of */
	int n_keys; /* 0: those of this very station's trees */
	const char *record; /* a file with the record of a bare proof; NULL */
	const char *people; /* who the ids are, as var/people; NULL */
	const char *const *cosigners; /* their public keys' texts */
	size_t n_cosigners;
};

/* The code: EX_OK; EXIT_LACKING where the file asks for a record that it has
 * not; EX_DATAERR where something is wrong; or why it cannot be read. */
int proofview(
    const struct ctl *ctl, const struct proofview *v, const char *file);

#endif
