/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/keyring.h"

int
keyring_slurp(const char *path, size_t most, char **ret, size_t *ret_n)
{
	FILE *f = fopen(path, "re");
	char *bytes;
	size_t n;

	if (f == NULL)
		return -errno;
	bytes = malloc(most + 2);
	n = bytes == NULL ? 0 : fread(bytes, 1, most + 1, f);
	if (bytes == NULL || ferror(f) || n > most) {
		int r = bytes == NULL ? -ENOMEM : ferror(f) ? -errno : -EFBIG;

		fclose(f);
		free(bytes);
		return r;
	}
	fclose(f);
	bytes[n] = '\0';
	*ret = bytes;
	*ret_n = n;
	return 0;
}

/* A key a line; what is between them is empty. */
static int
read_keys(char *text, struct note_key *ret, int room)
{
	char *rest = NULL;
	int n = 0;

	for (char *line = strtok_r(text, "\r\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		struct note_key k;

		if (n == room || note_key_read(line, &k) < 0)
			return -EINVAL;
		ret[n++] = k;
	}
	return n > 0 ? n : -EINVAL;
}

int
keyring_keys(const char *text, struct note_key *ret, int room)
{
	char *bytes;
	size_t n;
	int r;

	if (room > 0 && note_key_read(text, ret) == 0)
		return 1;
	if (keyring_slurp(text, (size_t)room * NOTE_VKEY, &bytes, &n) < 0)
		return -EINVAL;
	r = read_keys(bytes, ret, room);
	free(bytes);
	return r;
}
