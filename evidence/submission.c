/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/submission.h"

int
submission_make(const struct submission *s, char **ret, size_t *ret_n)
{
	char hash[CHECKPOINT_HASH];
	FILE *f = open_memstream(ret, ret_n);
	bool bad;

	if (f == NULL)
		return -ENOMEM;
	fprintf(f, "old %" PRId64 "\n", s->old);
	for (int i = 0; i < s->proof.n; i++)
		fprintf(f, "%s\n", checkpoint_hash_text(&s->proof.at[i], hash));
	fputc('\n', f);
	fwrite(s->note, 1, s->n, f);
	bad = ferror(f);
	if (fclose(f) == 0 && !bad)
		return 0;
	free(*ret);
	return -ENOMEM;
}

/* The next line of the rest, without its line feed; NULL for none. */
static const char *
next_line(const char **rest, const char *end, size_t *ret_n)
{
	const char *line = *rest;
	const char *lf = memchr(line, '\n', (size_t)(end - line));

	if (lf == NULL)
		return NULL;
	*ret_n = (size_t)(lf - line);
	*rest = lf + 1;
	return line;
}

int
submission_read(const char *bytes, size_t n, struct submission *ret)
{
	const char *rest = bytes;
	const char *end = bytes + n;
	struct submission s = { 0 };
	size_t len;
	const char *line = next_line(&rest, end, &len);

	if (line == NULL || len < 5 || memcmp(line, "old ", 4) != 0 ||
	    checkpoint_number_read(line + 4, len - 4, &s.old) < 0)
		return -EBADMSG;
	while ((line = next_line(&rest, end, &len)) != NULL && len > 0)
		if (s.proof.n == SUBMISSION_PROOF_MAX ||
		    checkpoint_hash_read(line, len, &s.proof.at[s.proof.n++]) <
			0)
			return -EBADMSG;
	if (line == NULL || rest == end)
		return -EBADMSG;
	s.note = rest;
	s.n = (size_t)(end - rest);
	*ret = s;
	return 0;
}

const char *
submission_line(const struct merkle_path *p, char buf[static SUBMISSION_LINE])
{
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i < p->n; i++) {
		char hash[CHECKPOINT_HASH];

		n += (size_t)snprintf(buf + n, SUBMISSION_LINE - n, "%s%s",
		    i == 0 ? "" : ",", checkpoint_hash_text(&p->at[i], hash));
	}
	return buf;
}

int
submission_line_read(const char *text, struct merkle_path *ret)
{
	struct merkle_path p = { 0 };

	while (*text != '\0') {
		size_t n = strcspn(text, ",");

		if (p.n == SUBMISSION_PROOF_MAX ||
		    checkpoint_hash_read(text, n, &p.at[p.n++]) < 0)
			return -EBADMSG;
		text += n;
		if (*text == ',' && *++text == '\0')
			return -EBADMSG;
	}
	*ret = p;
	return 0;
}
