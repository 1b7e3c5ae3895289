/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/proofs.h"

void
proofs_clear(struct proofs *s)
{
	for (size_t i = 0; i < s->n; i++)
		proof_free(s->at[i]);
	s->n = 0;
}

/* How many bytes there are up to where the next one begins. */
static size_t
length(const char *text, size_t n)
{
	static const char next[] = "\n" PROOF_HEAD "\n";
	const char *at = memmem(text, n, next, sizeof(next) - 1);

	return at == NULL ? n : (size_t)(at - text) + 1;
}

int
proofs_read(const char *text, size_t n, struct proofs *ret)
{
	int r = n > PROOFS_BYTES ? -EBADMSG : 0;

	ret->n = 0;
	while (r == 0 && (n > 0 || ret->n == 0)) {
		size_t one = length(text, n);

		r = ret->n == PROOFS_MAX
			? -E2BIG
			: proof_read(text, one, &ret->at[ret->n]);
		if (r == 0)
			ret->n++;
		text += one;
		n -= one;
	}
	if (r < 0)
		proofs_clear(ret);
	return r;
}

int
proofs_text(const struct proofs *s, char **ret_text, size_t *ret_n)
{
	char *all = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&all, &n);
	int r = out == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < s->n; i++) {
		char *one;
		size_t one_n;

		r = proof_text(s->at[i], &one, &one_n);
		if (r < 0)
			break;
		fwrite(one, 1, one_n, out);
		free(one);
	}
	if (out != NULL && fclose(out) != 0)
		r = -ENOMEM;
	if (r < 0) {
		free(all);
		return r;
	}
	*ret_text = all;
	*ret_n = n;
	return 0;
}
