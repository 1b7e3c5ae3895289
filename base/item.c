/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/item.h"
#include "base/text.h"

#define RECORD_MAX (1024 * 1024) /* bytes; a real record has about 1,000 */

#define LEVEL_MOST_DB 300.0 /* up and down; 16 bits have 96 */

/* A required string of the record, taken over; false when it is not one. */
static bool
take_string(json_t *o, const char *key, char **ret)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (s == NULL)
		return false;
	*ret = strdup(s);
	json_object_del(o, key);
	return *ret != NULL;
}

static bool
take_hash(json_t *o, const char *key, char ret[static HASH_HEX])
{
	const char *s = json_string_value(json_object_get(o, key));

	if (s == NULL || !hash_is_hex(s))
		return false;
	memcpy(ret, s, HASH_HEX);
	json_object_del(o, key);
	return true;
}

static bool
take_int(json_t *o, const char *key, int64_t min, int64_t max, int64_t *ret)
{
	json_t *v = json_object_get(o, key);
	int64_t value = json_integer_value(v);

	if (!json_is_integer(v) || value < min || value > max)
		return false;
	*ret = value;
	json_object_del(o, key);
	return true;
}

/* A level; JSON has no infinity, so silence is null. */
static bool
take_level(json_t *o, const char *key, double *ret)
{
	json_t *v = json_object_get(o, key);

	if (!json_is_null(v) && !json_is_number(v))
		return false;
	*ret = json_is_null(v) ? -HUGE_VAL : json_number_value(v);
	/* Nobody has measured such; a gain made from it would be no number. */
	if (!json_is_null(v) && fabs(*ret) > LEVEL_MOST_DB)
		return false;
	json_object_del(o, key);
	return true;
}

static bool
take_instant(json_t *o, const char *key, int64_t *ret_us)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (s == NULL || civil_read_utc(s, ret_us) < 0)
		return false;
	json_object_del(o, key);
	return true;
}

static bool
take_warnings(json_t *o, json_t **ret)
{
	json_t *list = json_object_get(o, "warnings");
	json_t *v;
	size_t i;

	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, v) if (!json_is_string(v)) return false;
	*ret = json_incref(list);
	json_object_del(o, "warnings");
	return true;
}

static bool
is_mark(const json_t *v)
{
	return json_string_value(json_object_get(v, "kind")) != NULL &&
	       json_is_integer(json_object_get(v, "from_ms")) &&
	       json_is_integer(json_object_get(v, "to_ms"));
}

/* The same sound from two loudspeakers has twice the power (BS.1770 adds up
 * its channels), and every item sounds from two. */
static bool
take_marks(json_t *o, struct item *it)
{
	json_t *list = json_object_get(o, "marks");
	json_t *v;
	size_t i;

	if (list == NULL) {
		it->lufs += it->channels == 1 ? 10 * log10(2) : 0;
		it->marks = json_array();
		return it->marks != NULL;
	}
	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, v) if (!is_mark(v)) return false;
	it->marks = json_incref(list);
	json_object_del(o, "marks");
	return true;
}

/* Takes the known keys out of o one by one; what is left is `more`. */
static bool
take_all(json_t *o, struct item *it)
{
	int64_t channels;

	if (!take_string(o, "id", &it->id) || !text_is_id(it->id) ||
	    !take_string(o, "title", &it->title) ||
	    strlen(it->title) > ITEM_TITLE_MAX ||
	    !take_string(o, "segment", &it->segment) ||
	    !take_string(o, "language", &it->language))
		return false;
	if (!take_hash(o, "sha256", it->sha256) ||
	    !take_int(o, "frames", 1, ITEM_FRAMES_MAX, &it->frames) ||
	    !take_int(o, "channels", 1, 2, &channels) ||
	    !take_level(o, "lufs", &it->lufs) ||
	    !take_level(o, "peak_db", &it->peak_db))
		return false;
	it->channels = (int)channels;
	return take_instant(o, "added_utc", &it->added_us) &&
	       take_string(o, "source_name", &it->source_name) &&
	       take_hash(o, "source_sha256", it->source_sha256) &&
	       take_warnings(o, &it->warnings) && take_marks(o, it);
}

int
item_parse(const char *json, size_t n, struct item **ret_item)
{
	struct item *it = calloc(1, sizeof(*it));

	if (it == NULL)
		return -ENOMEM;
	it->more = json_loadb(json, n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(it->more) || !take_all(it->more, it)) {
		item_free(it);
		return -EINVAL;
	}
	*ret_item = it;
	return 0;
}

static json_t *
level_json(double db)
{
	/* Hundredths of a decibel are finer than any measurement. */
	return isfinite(db) ? json_real(round(db * 100) / 100) : json_null();
}

json_t *
item_json(const struct item *it)
{
	struct civil_text added;
	json_t *o;

	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:o, s:o, s:s, s:s, "
		      "s:s, s:O, s:O}",
	    "id", it->id, "title", it->title, "segment", it->segment,
	    "language", it->language, "sha256", it->sha256, "frames",
	    (json_int_t)it->frames, "channels", it->channels, "lufs",
	    level_json(it->lufs), "peak_db", level_json(it->peak_db),
	    "added_utc", civil_utc_text(it->added_us, &added), "source_name",
	    it->source_name, "source_sha256", it->source_sha256, "warnings",
	    it->warnings, "marks", it->marks);
	if (o != NULL && json_object_update_missing(o, it->more) < 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static int
read_record(int fd, struct item **ret_item)
{
	struct stat st;
	char *text;
	ssize_t n;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > RECORD_MAX)
		return -EINVAL;
	text = malloc((size_t)st.st_size + 1);
	if (text == NULL)
		return -ENOMEM;
	n = pread(fd, text, (size_t)st.st_size, 0);
	r = n < 0 ? -errno : item_parse(text, (size_t)n, ret_item);
	free(text);
	return r;
}

int
item_read(const char *folder, const char *id, struct item **ret_item)
{
	struct item *it;
	char path[4096];
	int fd;
	int r;

	if (!text_is_id(id))
		return -ENOENT;
	if (snprintf(path, sizeof(path), "%s/%s.json", folder, id) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	r = read_record(fd, &it);
	close(fd);
	if (r < 0)
		return r;
	if (strcmp(it->id, id) != 0) {
		item_free(it);
		return -EINVAL;
	}
	*ret_item = it;
	return 0;
}

int
item_write(const char *folder, const struct item *it)
{
	char name[ID_MAX + sizeof(".json")];
	struct disk *disk;
	json_t *o;
	char *text;
	int r;

	if (!text_is_id(it->id))
		return -EINVAL;
	snprintf(name, sizeof(name), "%s.json", it->id);
	o = item_json(it);
	text = o == NULL ? NULL : json_dumps(o, JSON_INDENT(1));
	json_decref(o);
	if (text == NULL)
		return -ENOMEM;
	r = disk_open(folder, &disk);
	if (r == 0) {
		r = disk->replace(disk, name, text, strlen(text), 1);
		disk_close(disk);
	}
	free(text);
	return r;
}

#define SUFFIX ".json"

static int
is_record(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > strlen(SUFFIX) &&
	       strcmp(e->d_name + n - strlen(SUFFIX), SUFFIX) == 0;
}

static int
each_one(const char *folder, char *name,
    int (*fn)(void *arg, const char *id, const struct item *it), void *arg)
{
	struct item *it = NULL;
	int r;

	name[strlen(name) - strlen(SUFFIX)] = '\0';
	if (!text_is_id(name))
		return 0;
	if (item_read(folder, name, &it) < 0)
		it = NULL;
	r = fn(arg, name, it);
	item_free(it);
	return r;
}

int
item_each(const char *folder,
    int (*fn)(void *arg, const char *id, const struct item *it), void *arg)
{
	struct dirent **names;
	int n = scandir(folder, &names, is_record, alphasort);
	int r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = each_one(folder, names[i]->d_name, fn, arg);
		free(names[i]);
	}
	free(names);
	return r;
}

struct item *
item_free(struct item *it)
{
	if (it == NULL)
		return NULL;
	free(it->id);
	free(it->title);
	free(it->segment);
	free(it->language);
	free(it->source_name);
	json_decref(it->warnings);
	json_decref(it->marks);
	json_decref(it->more);
	free(it);
	return NULL;
}
