/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * note - a text that is signed by one or more keys: C2SP signed-note v1.0.0,
 * with its Ed25519 signatures (type 0x01), and those of a witness with the time
 * (type 0x04, C2SP tlog-cosignature v1.0.1). The arithmetic is libsodium's.
 *
 *	TEXT, which ends in LF
 *	(an empty line)
 *	— NAME base64(ID, 4 bytes, big-endian || SIGNATURE)	one or more
 *
 * A key's ID is the first 4 bytes of SHA-256(NAME || LF || TYPE || KEY); its
 * text ("vkey") is NAME+ID+base64(TYPE || KEY), the ID as 8 hex digits.
 */
#ifndef EVIDENCE_NOTE_H
#define EVIDENCE_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOTE_NAME 256 /* bytes of a key's name, with its NUL */
#define NOTE_VKEY (NOTE_NAME + 64) /* of its text */
#define NOTE_SIGNATURES_MAX 64 /* more are refused; the standard says 16 */
#define NOTE_MAX (1 << 20) /* bytes of a note that is read */
#define NOTE_KEY 32 /* bytes of an Ed25519 key, or of the seed of one */

enum note_type { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

struct note_key { /* who may have signed; a plain value */
	char name[NOTE_NAME];
	unsigned char id[4];
	enum note_type type;
	unsigned char key[NOTE_KEY];
};

struct note_signer { /* who signs; note_forget() it */
	struct note_key key;
	unsigned char secret[2 * NOTE_KEY];
};

/* Its ID, from the rest. -EINVAL for a name that is none: empty, too long, not
 * UTF-8, with a space (Unicode's, too), a control character or a "+". `key` and
 * `name` may be of *ret itself. */
int note_key(const char *name, enum note_type type,
    const unsigned char key[static NOTE_KEY], struct note_key *ret);

/* A key's text, without a line feed. -EINVAL when it is none of those types,
 * or its ID is not what its key gives. */
int note_key_read(const char *vkey, struct note_key *ret);
const char *note_key_text(const struct note_key *k, char buf[static NOTE_VKEY]);

/* The signer of that name out of a seed (RFC 8032). -EINVAL as note_key(). */
int note_signer(const char *name, enum note_type type,
    const unsigned char seed[static NOTE_KEY], struct note_signer *ret);
void note_forget(struct note_signer *s);

/*
 * Signs a text (UTF-8, ends in LF, no other control character; else -EINVAL)
 * that is to become a note, or one more line of a note. The line, with its LF:
 * *ret_line is yours. `time_s` is POSIX time, of a cosignature only.
 */
int note_sign(const struct note_signer *s, const char *text, size_t n,
    int64_t time_s, char **ret_line);

/* The same as a whole note of one signature; yours. */
int note_make(const struct note_signer *s, const char *text, size_t n,
    char **ret_note, size_t *ret_n);

struct note_seen { /* of one key; a plain value */
	bool signed_it;
	int64_t time_s; /* of a cosignature */
};

/*
 * Opens a note: *ret_text is how many of its bytes are the text, seen[i] says
 * whether keys[i] signed it. 0 when one of them did. -EBADMSG: it is no note.
 * -EKEYREJECTED: a signature of a key that is known does not fit the text.
 * -ENOKEY: none of the keys signed it. On failure nothing is to be believed
 * and `seen` is all zero.
 */
int note_open(const char *bytes, size_t n, const struct note_key *keys,
    size_t n_keys, struct note_seen *seen, size_t *ret_text);

/* Where a note's text ends, believing nothing: -EBADMSG when it is none. */
int note_text(const char *bytes, size_t n, size_t *ret_text);

#endif
