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

int
keyring_key(const char *text, struct note_key *ret)
{
	char *bytes;
	size_t n;
	int r;

	if (note_key_read(text, ret) == 0)
		return 0;
	if (keyring_slurp(text, NOTE_VKEY, &bytes, &n) < 0)
		return -EINVAL;
	bytes[strcspn(bytes, "\r\n")] = '\0';
	r = note_key_read(bytes, ret);
	free(bytes);
	return r;
}
