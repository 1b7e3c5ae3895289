/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "scheduler/weekfile.h"

#define MARK "\n# before: "
#define KEPT_NAME (HASH_HEX + 4) /* and ".cfg" */

const char *
weekfile_name(int64_t monday, char buf[static WEEKFILE_NAME])
{
	struct civil_text week;

	civil_week_text(monday, &week);
	snprintf(buf, WEEKFILE_NAME, "%.8s.cfg", week.s);
	return buf;
}

/* What lies there, and its hash; "" and NULL for nothing. */
static int
read_there(struct disk *d, const char *name, char **ret_bytes, size_t *ret_n,
    char ret_hex[static HASH_HEX])
{
	int r = d->read(d, name, ret_bytes, ret_n);

	if (r == -ENOENT) {
		*ret_bytes = NULL;
		ret_hex[0] = '\0';
		return 0;
	}
	if (r == 0) {
		r = hash_bytes(*ret_bytes, *ret_n, ret_hex);
		if (r < 0)
			free(*ret_bytes);
	}
	return r;
}

int
weekfile_base(
    struct disk *weeks, const char *name, char ret_hex[static HASH_HEX])
{
	char *bytes;
	size_t n;
	int r = read_there(weeks, name, &bytes, &n, ret_hex);

	if (r == 0)
		free(bytes);
	return r;
}

static const char *
kept_name(const char *hex, char buf[static KEPT_NAME])
{
	snprintf(buf, KEPT_NAME, "%s.cfg", hex);
	return buf;
}

/* Whatever the disk answered: is the text there now? A folder's sync may fail
 * after the name is in place, and what a reader finds is what counts. */
static int
is_there(struct disk *d, const char *name, const char *text, size_t n)
{
	char *bytes;
	size_t len;
	int same;

	if (d->read(d, name, &bytes, &len) < 0)
		return 0;
	same = len == n && memcmp(bytes, text, n) == 0;
	free(bytes);
	return same;
}

int
weekfile_put(struct disk *weeks, struct disk *kept, const char *name,
    const char *text, size_t n, const char *base)
{
	char hex[HASH_HEX];
	char old[KEPT_NAME];
	char *bytes;
	size_t len = 0;
	int r = read_there(weeks, name, &bytes, &len, hex);

	if (r < 0)
		return r;
	if (strcmp(hex, base) != 0)
		r = -ESTALE;
	if (r == 0 && bytes != NULL && kept != NULL)
		r = kept->replace(kept, kept_name(hex, old), bytes, len, 1);
	free(bytes);
	if (r == 0)
		r = weeks->replace(weeks, name, text, n, 1);
	else
		return r;
	return r < 0 && is_there(weeks, name, text, n) ? 0 : r;
}

int
weekfile_before(const char *text, char ret_hex[static HASH_HEX])
{
	const char *at = strstr(text, MARK);
	char hex[HASH_HEX];

	if (at == NULL)
		return -ENOENT;
	at += strlen(MARK);
	if (strncmp(at, "none\n", 5) == 0) {
		ret_hex[0] = '\0';
		return 0;
	}
	snprintf(hex, sizeof(hex), "%.*s", HASH_HEX - 1, at);
	if (!hash_is_hex(hex))
		return -ENOENT;
	memcpy(ret_hex, hex, HASH_HEX);
	return 0;
}

int
weekfile_kept(
    struct disk *kept, const char *hex, char **ret_text, size_t *ret_n)
{
	char name[KEPT_NAME];
	char is[HASH_HEX];
	int r = read_there(kept, kept_name(hex, name), ret_text, ret_n, is);

	if (r < 0)
		return r;
	if (*ret_text == NULL)
		return -ENOENT;
	if (strcmp(is, hex) == 0)
		return 0;
	free(*ret_text);
	return -EBADMSG;
}
