/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_proof - what an auditor is handed: proofs, signed notes, checkpoints,
 * keys. Each is refused, or read and written again the same; what we sign
 * opens, and nothing that somebody else wrote does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/proof.h"
#include "tests/fuzz.h"

static struct note_signer signer;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const unsigned char seed[NOTE_KEY] = "fuzz";

	(void)argc;
	(void)argv;
	return note_signer("loaxa/f/log/v1", NOTE_ED25519, seed, &signer);
}

static void
must(int good)
{
	if (!good)
		abort();
}

static void
try_proof(const char *text, size_t n)
{
	struct proof *p;
	struct checkpoint c;
	char *again;
	size_t len;

	if (proof_read(text, n, &p) < 0)
		return;
	must(proof_text(p, &again, &len) == 0);
	must(len == n && memcmp(again, text, n) == 0);
	free(again);
	/* Nobody else has the key. */
	must(proof_check(p, p->entry == NULL ? "" : p->entry, p->entry_n,
		 &signer.key, &c) < 0);
	proof_free(p);
}

static void
try_note(const char *text, size_t n)
{
	struct note_seen seen;
	char *note;
	size_t len;
	size_t at;

	must(note_open(text, n, &signer.key, 1, &seen, &at) < 0);
	must(!seen.signed_it);
	if (note_make(&signer, text, n, &note, &len) < 0)
		return;
	/* A text may end as a note does: the last empty line counts. */
	must(note_open(note, len, &signer.key, 1, &seen, &at) == 0);
	must(seen.signed_it && at == n && memcmp(note, text, n) == 0);
	note[0] ^= 1;
	must(note_open(note, len, &signer.key, 1, &seen, &at) < 0);
	free(note);
}

static void
try_checkpoint(const char *text, size_t n)
{
	char again[CHECKPOINT_TEXT];
	struct checkpoint c;
	struct note_key k;
	char vkey[NOTE_VKEY];
	char *s;

	if (checkpoint_read(text, n, &c) == 0) {
		size_t len = (size_t)checkpoint_text(&c, again);

		must(len <= n && memcmp(again, text, len) == 0);
	}
	s = strndup(text, n);
	if (s != NULL && note_key_read(s, &k) == 0)
		must(strcmp(note_key_text(&k, vkey), s) == 0);
	free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data;

	try_proof(text, n);
	try_note(text, n);
	try_checkpoint(text, n);
	return 0;
}
