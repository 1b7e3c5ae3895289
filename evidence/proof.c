/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "evidence/proof.h"

#define EXTRA "extra "
#define INDEX "index "

static int
put_entry(FILE *out, const struct proof *p)
{
	char *text = malloc(BASE64_TEXT(p->entry_n));

	if (text == NULL)
		return -ENOMEM;
	fprintf(out, EXTRA "%s\n", base64_text(p->entry, p->entry_n, text));
	free(text);
	return 0;
}

int
proof_text(const struct proof *p, char **ret_text, size_t *ret_n)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	char hash[CHECKPOINT_HASH];
	int r = 0;

	if (out == NULL)
		return -ENOMEM;
	fputs(PROOF_HEAD "\n", out);
	if (p->entry != NULL)
		r = put_entry(out, p);
	fprintf(out, INDEX "%" PRId64 "\n", p->index);
	for (int i = 0; i < p->path.n; i++)
		fprintf(
		    out, "%s\n", checkpoint_hash_text(&p->path.at[i], hash));
	fputc('\n', out);
	fwrite(p->note, 1, p->note_n, out);
	if (fclose(out) != 0)
		r = -ENOMEM;
	if (r < 0) {
		free(text);
		return r;
	}
	*ret_text = text;
	*ret_n = n;
	return 0;
}

/* What is left of the file. */
struct rest {
	const char *at;
	size_t n;
};

/* The next line, without its LF; false when there is none. */
static bool
next_line(struct rest *in, struct rest *ret)
{
	const char *lf = memchr(in->at, '\n', in->n);

	if (lf == NULL)
		return false;
	*ret = (struct rest){ in->at, (size_t)(lf - in->at) };
	in->n -= ret->n + 1;
	in->at = lf + 1;
	return true;
}

/* What stands behind a word at the line's beginning. */
static bool
follows(const struct rest *line, const char *word, struct rest *ret)
{
	size_t n = strlen(word);

	if (line->n < n || memcmp(line->at, word, n) != 0)
		return false;
	*ret = (struct rest){ line->at + n, line->n - n };
	return true;
}

static int
take_entry(const struct rest *base64, struct proof *p)
{
	p->entry = malloc(base64->n + 1);
	if (p->entry == NULL)
		return -ENOMEM;
	if (base64_bytes(
		base64->at, base64->n, p->entry, base64->n, &p->entry_n) < 0)
		return -EBADMSG;
	p->entry[p->entry_n] = '\0';
	return 0;
}

static int
take_hashes(struct rest *in, struct proof *p)
{
	struct rest line;

	while (next_line(in, &line)) {
		if (line.n == 0)
			return 0;
		if (p->path.n == MERKLE_PATH_MAX ||
		    checkpoint_hash_read(
			line.at, line.n, &p->path.at[p->path.n]) < 0)
			return -EBADMSG;
		p->path.n++;
	}
	return -EBADMSG;
}

static int
take_all(struct rest *in, struct proof *p)
{
	struct rest line;
	struct rest value;
	int r = 0;

	if (!next_line(in, &line) || line.n != sizeof(PROOF_HEAD) - 1 ||
	    !follows(&line, PROOF_HEAD, &value) || !next_line(in, &line))
		return -EBADMSG;
	if (follows(&line, EXTRA, &value)) {
		r = take_entry(&value, p);
		if (r == 0 && !next_line(in, &line))
			r = -EBADMSG;
	}
	if (r == 0 && !follows(&line, INDEX, &value))
		r = -EBADMSG;
	if (r == 0)
		r = checkpoint_number_read(value.at, value.n, &p->index);
	if (r == 0)
		r = take_hashes(in, p);
	if (r < 0)
		return r;
	p->note = malloc(in->n + 1);
	if (p->note == NULL)
		return -ENOMEM;
	memcpy(p->note, in->at, in->n);
	p->note[in->n] = '\0';
	p->note_n = in->n;
	return 0;
}

int
proof_read(const char *text, size_t n, struct proof **ret_proof)
{
	struct proof *p = calloc(1, sizeof(*p));
	struct rest in = { text, n };
	int r = p == NULL       ? -ENOMEM
		: n > PROOF_MAX ? -EBADMSG
				: take_all(&in, p);

	if (r == 0)
		*ret_proof = p;
	else
		proof_free(p);
	return r;
}

struct proof *
proof_free(struct proof *p)
{
	if (p == NULL)
		return NULL;
	free(p->entry);
	free(p->note);
	free(p);
	return NULL;
}

int
proof_check(const struct proof *p, const char *entry, size_t n,
    const struct note_key *key, struct checkpoint *ret)
{
	struct merkle_hash leaf;
	struct checkpoint c;
	int r = checkpoint_open(p->note, p->note_n, key, &c);

	if (r < 0)
		return r;
	merkle_leaf(entry, n, &leaf);
	if (!merkle_includes(&p->path, p->index, c.size, &leaf, &c.root))
		return -EILSEQ;
	*ret = c;
	return 0;
}
