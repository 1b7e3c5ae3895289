/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/disk.h"
#include "evidence/levels.h"
#include "evidence/signer.h"
#include "evidence/tiles.h"

static bool
is_collector(const struct note_key *key)
{
	char name[NOTE_NAME];
	char hex[SIGNER_HEX];

	signer_hex(key->key, hex);
	snprintf(name, sizeof(name), "loaxa/%s/collect", hex);
	return key->type == NOTE_COSIGNATURE && strcmp(key->name, name) == 0;
}

/* The key of one file; its second line is for people. */
static bool
read_one(struct tiles *folder, const char *name, struct note_key *ret)
{
	char *text;
	size_t n;
	bool is;

	if (tiles_file(folder, name, &text, &n) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	is = note_key_read(text, ret) == 0 && is_collector(ret);
	free(text);
	return is;
}

int
levels_read(const char *folder, struct levels *ret)
{
	struct tiles *files;
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	int r;

	ret->n = 0;
	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	r = tiles_open(folder, &files);
	for (int i = 0; i < n; i++) {
		if (r == 0 && ret->n < LEVELS_MAX &&
		    names[i]->d_name[0] != '.' &&
		    read_one(files, names[i]->d_name, &ret->keys[ret->n]))
			ret->n++;
		free(names[i]);
	}
	free(names);
	if (r == 0)
		tiles_close(files);
	return r;
}

static bool
is_known(const struct levels *l, const struct note_key *key)
{
	for (size_t i = 0; i < l->n; i++)
		if (memcmp(l->keys[i].key, key->key, NOTE_KEY) == 0)
			return true;
	return false;
}

static bool
is_name(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return name[0] != '\0' && strlen(name) < NOTE_NAME;
}

static int
write_one(const char *folder, const struct note_key *key, const char *name)
{
	char text[2 * NOTE_VKEY];
	char vkey[NOTE_VKEY];
	char hex[SIGNER_HEX];
	struct disk *d;
	int r = disk_folders(folder);
	int n = snprintf(
	    text, sizeof(text), "%s\n%s\n", note_key_text(key, vkey), name);

	if (r == 0)
		r = disk_open(folder, &d);
	if (r < 0)
		return r;
	signer_hex(key->key, hex);
	r = d->replace(d, hex, text, (size_t)n, 1);
	disk_close(d);
	return r;
}

int
levels_add(const char *folder, const struct note_key *key, const char *name)
{
	struct levels l;
	int r = is_collector(key) && is_name(name) ? 0 : -EINVAL;

	if (r == 0)
		r = levels_read(folder, &l);
	if (r == 0 && l.n == LEVELS_MAX && !is_known(&l, key))
		r = -ENOSPC;
	return r < 0 ? r : write_one(folder, key, name);
}

/* Is this line one of that key's, under the text? Its time, or -1. */
static int64_t
time_of(const struct note_key *key, const char *text, size_t text_n,
    const char *line, size_t line_n)
{
	struct note_seen seen = { 0 };
	char *one = malloc(text_n + 1 + line_n);
	size_t end;
	int r;

	if (one == NULL)
		return -1;
	memcpy(one, text, text_n);
	one[text_n] = '\n';
	memcpy(one + text_n + 1, line, line_n);
	r = note_open(one, text_n + 1 + line_n, key, 1, &seen, &end);
	free(one);
	return r == 0 && seen.signed_it ? seen.time_s : -1;
}

int
levels_take(const struct levels *l, const char *note, size_t n,
    const char *text, size_t text_n, struct levels_lines *lines)
{
	size_t end;

	if (note_text(note, n, &end) < 0 || end != text_n ||
	    memcmp(note, text, text_n) != 0)
		return 0;
	for (const char *p = note + end + 1, *next; p < note + n; p = next) {
		const char *lf = memchr(p, '\n', (size_t)(note + n - p));

		if (lf == NULL)
			break;
		next = lf + 1;
		for (size_t i = 0; i < l->n; i++) {
			int64_t time_s = time_of(
			    &l->keys[i], text, text_n, p, (size_t)(next - p));

			if (time_s <= lines->time_s[i])
				continue;
			free(lines->line[i]);
			lines->line[i] = strndup(p, (size_t)(next - p));
			lines->time_s[i] = time_s;
			if (lines->line[i] == NULL)
				return -ENOMEM;
		}
	}
	return 0;
}

void
levels_forget(struct levels_lines *lines)
{
	for (size_t i = 0; i < LEVELS_LINES; i++)
		free(lines->line[i]);
	*lines = (struct levels_lines){ 0 };
}
