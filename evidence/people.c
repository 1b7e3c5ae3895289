/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/disk.h"
#include "base/text.h"
#include "evidence/people.h"

#define TRIES_MAX \
	100 /* draws of an id; one in four thousand million
				 * is taken for each person there is */

struct people {
	char *folder;
	char *file;
	json_t *all; /* {id: {...}} */
};

static const char *
text_of(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));

	return text == NULL ? "" : text;
}

static bool
is_people(const json_t *all)
{
	const char *id;
	json_t *entry;

	if (!json_is_object(all))
		return false;
	json_object_foreach((json_t *)all, id,
	    entry) if (text_of(entry, "name")[0] == '\0') return false;
	return true;
}

static int
read_all(const char *path, json_t **ret)
{
	json_t *all;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (fd < 0) {
		*ret = json_object();
		return *ret == NULL ? -ENOMEM : 0;
	}
	all = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
	close(fd);
	if (!is_people(all)) {
		json_decref(all);
		return -EBADMSG;
	}
	*ret = all;
	return 0;
}

/* Splits the path into the folder and the file's name in it. */
static int
split(struct people *p, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		p->folder = strdup(".");
	else
		p->folder = strndup(path, (size_t)(slash - path) + 1);
	p->file = strdup(slash == NULL ? path : slash + 1);
	return p->folder == NULL || p->file == NULL ? -ENOMEM : 0;
}

int
people_read(const char *path, struct people **ret_people)
{
	struct people *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL)
		return -ENOMEM;
	r = split(p, path);
	if (r == 0)
		r = read_all(path, &p->all);
	if (r < 0) {
		people_free(p);
		return r;
	}
	*ret_people = p;
	return 0;
}

struct people *
people_free(struct people *p)
{
	if (p == NULL)
		return NULL;
	free(p->folder);
	free(p->file);
	json_decref(p->all);
	free(p);
	return NULL;
}

static int
save(const struct people *p)
{
	char *text = json_dumps(p->all, JSON_INDENT(1));
	struct disk *disk;
	int r;

	if (text == NULL)
		return -ENOMEM;
	r = disk_open(p->folder, &disk);
	if (r == 0) {
		r = disk->replace(disk, p->file, text, strlen(text), 1);
		disk_close(disk);
	}
	free(text);
	return r;
}

static struct person
person_of(const char *id, const json_t *entry)
{
	return (struct person){
		.id = id,
		.name = text_of(entry, "name"),
		.office = text_of(entry, "office"),
		.from = text_of(entry, "from"),
		.until = text_of(entry, "until"),
	};
}

static bool
is_known(const struct people *p, const char *name, const char *office,
    char ret_id[static PERSON_ID])
{
	const char *id;
	json_t *entry;

	json_object_foreach(p->all, id, entry)
	{
		if (strcmp(text_of(entry, "name"), name) != 0 ||
		    strcmp(text_of(entry, "office"), office) != 0 ||
		    text_of(entry, "until")[0] != '\0')
			continue;
		snprintf(ret_id, PERSON_ID, "%s", id);
		return true;
	}
	return false;
}

static int
draw_id(const struct people *p, int (*draw)(void *bytes, size_t n),
    char ret_id[static PERSON_ID])
{
	char id[PERSON_ID];
	uint32_t number;

	for (int i = 0; i < TRIES_MAX; i++) {
		int r = draw(&number, sizeof(number));

		if (r < 0)
			return r;
		snprintf(id, sizeof(id), "p-%08x", number);
		if (json_object_get(p->all, id) != NULL)
			continue;
		memcpy(ret_id, id, sizeof(id));
		return 0;
	}
	return -EIO;
}

/* Enters a person and writes; takes the entry out again when that fails. */
static int
enter(struct people *p, const char *id, const char *name, const char *office,
    struct now now)
{
	struct civil_text t;
	json_t *entry = json_pack("{s:s,s:s,s:s}", "name", name, "office",
	    office, "from", civil_utc_text(now.wall_us, &t));
	int r;

	if (json_object_set_new(p->all, id, entry) < 0)
		return -ENOMEM;
	r = save(p);
	if (r < 0)
		json_object_del(p->all, id);
	return r;
}

static int
add_clean(struct people *p, const char *name, const char *office,
    struct now now, int (*draw)(void *bytes, size_t n),
    char ret_id[static PERSON_ID])
{
	char id[PERSON_ID];
	int r;

	if (is_known(p, name, office, ret_id))
		return -EEXIST;
	r = draw_id(p, draw, id);
	if (r == 0)
		r = enter(p, id, name, office, now);
	if (r == 0)
		memcpy(ret_id, id, sizeof(id));
	return r;
}

static bool
is_good_text(const char *s)
{
	size_t n = strlen(s);

	return n <= PERSON_TEXT_MAX && text_is_utf8(s, n);
}

int
people_add(struct people *p, const char *name, const char *office,
    struct now now, int (*draw)(void *bytes, size_t n),
    char ret_id[static PERSON_ID])
{
	char *clean_name;
	char *clean_office;
	int r = -ENOMEM;

	if (!is_good_text(name) || !is_good_text(office) ||
	    name[strspn(name, " \t\r\n")] == '\0')
		return -EINVAL;
	clean_name = text_nfc(name);
	clean_office = text_nfc(office);
	if (clean_name != NULL && clean_office != NULL)
		r = add_clean(p, clean_name, clean_office, now, draw, ret_id);
	free(clean_name);
	free(clean_office);
	return r;
}

int
people_leave(struct people *p, const char *id, struct now now)
{
	json_t *entry = json_object_get(p->all, id);
	struct civil_text t;
	int r;

	if (entry == NULL)
		return -ENOENT;
	if (text_of(entry, "until")[0] != '\0')
		return -EALREADY;
	if (json_object_set_new(entry, "until",
		json_string(civil_utc_text(now.wall_us, &t))) < 0)
		return -ENOMEM;
	r = save(p);
	if (r < 0)
		json_object_del(entry, "until");
	return r;
}

/* Those in office whose name, made plain by `plain`, is `who`. */
static int
find_by(const struct people *p, const char *who, char *(*plain)(const char *),
    struct person *ret_person)
{
	char *want = plain(who);
	const char *id;
	json_t *entry;
	int n = 0;

	if (want == NULL || want[0] == '\0') {
		free(want);
		return 0;
	}
	json_object_foreach(p->all, id, entry)
	{
		char *name = plain(text_of(entry, "name"));

		if (name != NULL && strcmp(name, want) == 0 &&
		    text_of(entry, "until")[0] == '\0' && n++ == 0)
			*ret_person = person_of(id, entry);
		free(name);
	}
	free(want);
	return n;
}

int
people_find(const struct people *p, const char *who, struct person *ret_person)
{
	const json_t *entry = json_object_get(p->all, who);
	struct person found;
	int n;

	if (entry != NULL) {
		/* The key of the table outlives the caller's word. */
		*ret_person = person_of(
		    json_object_iter_key(json_object_iter_at(p->all, who)),
		    entry);
		return 0;
	}
	n = find_by(p, who, text_nfc, &found);
	if (n == 0)
		n = find_by(p, who, text_fold, &found);
	if (n == 0)
		return -ENOENT;
	if (n > 1)
		return -ENOTUNIQ;
	*ret_person = found;
	return 0;
}

int
people_each(const struct people *p,
    int (*fn)(void *arg, const struct person *person), void *arg)
{
	const char *id;
	json_t *entry;

	json_object_foreach(p->all, id, entry)
	{
		struct person person = person_of(id, entry);
		int r = fn(arg, &person);

		if (r != 0)
			return r;
	}
	return 0;
}
