/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/text.h"
#include "evidence/record.h"
#include "evidence/roster.h"

int
roster_new(const struct note_key *key, const char *name, int64_t now_us,
    struct roster_station *ret)
{
	struct roster_station s = { .key = *key, .since_us = now_us };
	char *nfc;

	if (key->type != NOTE_ED25519 ||
	    signer_number_of(key->key, key->name) == 0)
		return -EINVAL;
	signer_hex(key->key, s.hex);
	nfc = text_nfc(name);
	if (nfc == NULL || nfc[0] == '\0' || strlen(nfc) >= sizeof(s.name)) {
		free(nfc);
		return -EILSEQ;
	}
	strcpy(s.name, nfc);
	free(nfc);
	s.ids = json_array();
	if (s.ids == NULL)
		return -ENOMEM;
	*ret = s;
	return 0;
}

void
roster_clear(struct roster_station *s)
{
	json_decref(s->ids);
	s->ids = NULL;
}

/* What a file says of the station of that key. */
static int
parse(const json_t *j, const char *hex, struct roster_station *ret)
{
	struct roster_station s;
	struct note_key key;
	const json_t *id;
	int64_t since_us = 0;
	size_t i;
	int r = note_key_read(record_text(j, "vkey"), &key);

	civil_read_utc(record_text(j, "since_utc"), &since_us);
	if (r == 0)
		r = roster_new(&key, record_text(j, "name"), since_us, &s);
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	if (strcmp(s.hex, hex) != 0) {
		roster_clear(&s);
		return -EBADMSG;
	}
	snprintf(s.replaced_by, sizeof(s.replaced_by), "%s",
	    record_text(j, "replaced_by"));
	json_array_foreach(json_object_get(j, "stations"), i, id)
	{
		if (json_is_string(id))
			roster_add_id(&s, json_string_value(id));
	}
	*ret = s;
	return 0;
}

static int
open_folder(const char *folder, const char *hex, struct disk **ret)
{
	char path[PATH_MAX];
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", folder, hex) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	r = disk_folders(path);
	return r < 0 ? r : disk_open(path, ret);
}

int
roster_read(const char *folder, const char *hex, struct roster_station *ret)
{
	char path[PATH_MAX];
	struct disk *d;
	char *bytes;
	size_t n;
	json_t *j;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s/" ROSTER_FILE, folder, hex) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	if (access(path, F_OK) < 0)
		return -errno;
	r = open_folder(folder, hex, &d);
	if (r < 0)
		return r;
	r = d->read(d, ROSTER_FILE, &bytes, &n);
	disk_close(d);
	if (r < 0)
		return r;
	j = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, NULL);
	free(bytes);
	r = parse(j, hex, ret);
	json_decref(j);
	return r;
}

int
roster_write(const char *folder, const struct roster_station *s)
{
	char vkey[NOTE_VKEY];
	struct civil_text since;
	struct disk *d;
	char *text;
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:O}", "vkey",
	    note_key_text(&s->key, vkey), "name", s->name, "since_utc",
	    civil_utc_text(s->since_us, &since), "replaced_by", s->replaced_by,
	    "stations", s->ids);
	int r;

	text = j == NULL ? NULL : json_dumps(j, JSON_INDENT(2));
	json_decref(j);
	r = text == NULL ? -ENOMEM : open_folder(folder, s->hex, &d);
	if (r == 0) {
		r = d->replace(d, ROSTER_FILE, text, strlen(text), 1);
		disk_close(d);
	}
	free(text);
	return r;
}

struct calling {
	const char *folder;
	int (*fn)(void *arg, const struct roster_station *s);
	void *arg;
	bool damaged;
};

static int
call(void *arg, const char *name)
{
	struct calling *c = arg;
	struct roster_station s;
	int r = roster_read(c->folder, name, &s);

	/* One that a kill left without its file, or somebody's own folder. */
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	/* One must not hide all the others. */
	if (r == -EBADMSG) {
		c->damaged = true;
		return 0;
	}
	if (r < 0)
		return r;
	r = c->fn(c->arg, &s);
	roster_clear(&s);
	return r;
}

int
roster_each(const char *folder,
    int (*fn)(void *arg, const struct roster_station *s), void *arg)
{
	struct calling c = { folder, fn, arg, false };
	struct disk *d;
	int r;

	if (access(folder, F_OK) < 0)
		return errno == ENOENT ? 0 : -errno;
	r = disk_open(folder, &d);
	if (r < 0)
		return r;
	r = d->each(d, call, &c);
	disk_close(d);
	return r == 0 && c.damaged ? -EBADMSG : r;
}

bool
roster_has_id(const struct roster_station *s, const char *id)
{
	const json_t *one;
	size_t i;

	json_array_foreach(s->ids, i, one)
	{
		if (strcmp(json_string_value(one), id) == 0)
			return true;
	}
	return false;
}

bool
roster_add_id(struct roster_station *s, const char *id)
{
	return text_is_id(id) && json_array_size(s->ids) < ROSTER_IDS &&
	       !roster_has_id(s, id) &&
	       json_array_append_new(s->ids, json_string(id)) == 0;
}
