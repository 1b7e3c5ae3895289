/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/rights.h"
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
is_term(const json_t *t)
{
	unsigned set;
	int64_t us;

	return json_is_object(t) &&
	       civil_read_utc(text_of(t, "from"), &us) == 0 &&
	       (text_of(t, "until")[0] == '\0' ||
		   civil_read_utc(text_of(t, "until"), &us) == 0) &&
	       rights_of_roles(text_of(t, "roles"), &set) == 0;
}

static bool
is_person(const json_t *entry)
{
	const json_t *terms = json_object_get(entry, "offices");
	const json_t *t;
	size_t i;

	if (text_of(entry, "name")[0] == '\0' || json_array_size(terms) == 0)
		return false;
	json_array_foreach(terms, i, t) if (!is_term(t)) return false;
	return true;
}

/* Version 0.1.0 wrote one office, in the entry itself. */
static int
modernise(json_t *entry)
{
	static const char *const keys[] = { "office", "from", "until" };
	json_t *term;

	if (json_object_get(entry, "offices") != NULL)
		return 0;
	term = json_object();
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_object_set(term, keys[i], json_object_get(entry, keys[i]));
		json_object_del(entry, keys[i]);
	}
	return json_object_set_new(entry, "offices", json_pack("[o]", term));
}

static bool
is_people(json_t *all)
{
	const char *id;
	json_t *entry;

	if (!json_is_object(all))
		return false;
	json_object_foreach(all, id, entry)
	{
		if (!json_is_object(entry) || modernise(entry) < 0 ||
		    !is_person(entry))
			return false;
	}
	return true;
}

static int
read_all(const char *path, json_t **ret)
{
	json_t *all;
	/* Non-blocking: a FIFO put there must not hang a command. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (fd < 0) {
		*ret = json_object();
		return *ret == NULL ? -ENOMEM : 0;
	}
	all = fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
		  ? json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL)
		  : NULL;
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

int
people_lock(const char *path)
{
	char lock[PATH_MAX];
	int fd;

	if (snprintf(lock, sizeof(lock), "%s.lock", path) >= (int)sizeof(lock))
		return -ENAMETOOLONG;
	fd = open(lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	disk_own_path(fd, lock);
	if (flock(fd, LOCK_EX) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
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

static json_t *
terms_of(const json_t *entry)
{
	return json_object_get(entry, "offices");
}

static json_t *
last_term(const json_t *entry)
{
	json_t *terms = terms_of(entry);

	return json_array_get(terms, json_array_size(terms) - 1);
}

static int64_t
instant_of(const json_t *term, const char *key)
{
	int64_t us = NEVER;

	civil_read_utc(text_of(term, key), &us);
	return us;
}

static struct person
person_of(const char *id, const json_t *entry, const json_t *term)
{
	return (struct person){
		.id = id,
		.name = text_of(entry, "name"),
		.office = text_of(term, "office"),
		.roles = text_of(term, "roles"),
		.deputy_of = text_of(term, "deputy_of"),
		.from_us = instant_of(term, "from"),
		.until_us = instant_of(term, "until"),
	};
}

/* With the office of that instant. */
static struct person
person_at(const char *id, const json_t *entry, int64_t at_us)
{
	const json_t *terms = terms_of(entry);
	const json_t *found = json_array_get(terms, 0);
	const json_t *t;
	struct person person;
	size_t i;

	json_array_foreach(terms, i, t) if (instant_of(t, "from") <= at_us)
	    found = t;
	person = person_of(id, entry, found);
	person.holds = person.from_us <= at_us && at_us < person.until_us;
	return person;
}

static bool
is_known(const struct people *p, const char *name, const char *office,
    char ret_id[static PERSON_ID])
{
	const char *id;
	json_t *entry;

	json_object_foreach(p->all, id, entry)
	{
		const json_t *term = last_term(entry);

		if (strcmp(text_of(entry, "name"), name) != 0 ||
		    strcmp(text_of(term, "office"), office) != 0 ||
		    text_of(term, "until")[0] != '\0')
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

static bool
is_good_text(const char *s)
{
	size_t n = strlen(s);

	return n <= PERSON_TEXT_MAX && text_is_utf8(s, n);
}

static int
check_term(const struct people *p, const struct person_term *t)
{
	unsigned set;

	if (!is_good_text(t->office) || t->until_us <= t->from_us ||
	    rights_of_roles(t->roles, &set) < 0)
		return -EINVAL;
	if (t->deputy_of[0] != '\0' &&
	    json_object_get(p->all, t->deputy_of) == NULL)
		return -ENOENT;
	return 0;
}

/* Yours; NULL when out of memory. */
static json_t *
term_json(const struct person_term *t)
{
	struct civil_text from;
	struct civil_text until;
	char *office = text_nfc(t->office);
	json_t *term = json_pack("{s:s*,s:s,s:s,s:s}", "office", office,
	    "roles", t->roles, "deputy_of", t->deputy_of, "from",
	    civil_utc_text(t->from_us, &from));

	if (t->until_us != NEVER)
		json_object_set_new(term, "until",
		    json_string(civil_utc_text(t->until_us, &until)));
	free(office);
	return term;
}

/* Enters a person and writes; takes the entry out again when that fails. */
static int
enter(struct people *p, const char *id, const char *name, json_t *term)
{
	json_t *entry = json_pack("{s:s,s:[O]}", "name", name, "offices", term);
	int r;

	if (json_object_set_new(p->all, id, entry) < 0)
		return -ENOMEM;
	r = save(p);
	if (r < 0)
		json_object_del(p->all, id);
	return r;
}

static int
add_clean(struct people *p, const char *name, json_t *term,
    int (*draw)(void *bytes, size_t n), char ret_id[static PERSON_ID])
{
	char id[PERSON_ID];
	int r;

	if (is_known(p, name, text_of(term, "office"), ret_id))
		return -EEXIST;
	r = draw_id(p, draw, id);
	if (r == 0)
		r = enter(p, id, name, term);
	if (r == 0)
		memcpy(ret_id, id, sizeof(id));
	return r;
}

int
people_add(struct people *p, const char *name, const struct person_term *t,
    int (*draw)(void *bytes, size_t n), char ret_id[static PERSON_ID])
{
	char *clean;
	json_t *term;
	int r = check_term(p, t);

	if (!is_good_text(name) || name[strspn(name, " \t\r\n")] == '\0')
		return -EINVAL;
	if (r < 0)
		return r;
	clean = text_nfc(name);
	term = term_json(t);
	r = clean == NULL || term == NULL
		? -ENOMEM
		: add_clean(p, clean, term, draw, ret_id);
	json_decref(term);
	free(clean);
	return r;
}

/* Puts changed offices in the place of a person's, and writes; puts the old
 * ones back when that fails. Takes `terms` over. */
static int
replace_terms(struct people *p, json_t *entry, json_t *terms)
{
	json_t *old = json_incref(terms_of(entry));
	int r;

	r = json_object_set_new(entry, "offices", terms) < 0 ? -ENOMEM
							     : save(p);
	if (r < 0)
		json_object_set(entry, "offices", old);
	json_decref(old);
	return r;
}

/* A copy of the offices, the last of which ends then. */
static json_t *
ended_terms(const json_t *entry, int64_t until_us)
{
	json_t *terms = json_deep_copy(terms_of(entry));
	json_t *last = json_array_get(terms, json_array_size(terms) - 1);
	struct civil_text t;

	if (last != NULL && instant_of(last, "until") > until_us)
		json_object_set_new(
		    last, "until", json_string(civil_utc_text(until_us, &t)));
	return terms;
}

int
people_appoint(struct people *p, const char *id, const struct person_term *t)
{
	json_t *entry = json_object_get(p->all, id);
	json_t *terms;
	int r = check_term(p, t);

	if (entry == NULL)
		return -ENOENT;
	if (r < 0)
		return r;
	if (json_array_size(terms_of(entry)) >= PERSON_OFFICES_MAX)
		return -E2BIG;
	if (instant_of(last_term(entry), "from") >= t->from_us)
		return -ERANGE;
	terms = ended_terms(entry, t->from_us);
	if (json_array_append_new(terms, term_json(t)) < 0) {
		json_decref(terms);
		return -ENOMEM;
	}
	return replace_terms(p, entry, terms);
}

int
people_end(struct people *p, const char *id, int64_t until_us)
{
	json_t *entry = json_object_get(p->all, id);

	if (entry == NULL)
		return -ENOENT;
	if (instant_of(last_term(entry), "until") <= until_us)
		return -EALREADY;
	if (instant_of(last_term(entry), "from") >= until_us)
		return -ERANGE;
	return replace_terms(p, entry, ended_terms(entry, until_us));
}

struct search {
	char *(*plain)(const char *);
	char *want;
	int64_t at_us;
	int in_office;
	int others;
	struct person found;
};

/* Those whose name, made plain, is the one wanted. */
static void
search_by(const struct people *p, struct search *s)
{
	const char *id;
	json_t *entry;

	json_object_foreach(p->all, id, entry)
	{
		char *name = s->plain(text_of(entry, "name"));
		struct person person = person_at(id, entry, s->at_us);

		if (name != NULL && strcmp(name, s->want) == 0) {
			if (!person.holds)
				s->others++;
			else if (s->in_office++ == 0)
				s->found = person;
		}
		free(name);
	}
}

static int
find_by(const struct people *p, const char *who, int64_t at_us,
    char *(*plain)(const char *), struct person *ret_person)
{
	struct search s = {
		.plain = plain, .want = plain(who), .at_us = at_us
	};

	if (s.want != NULL && s.want[0] != '\0')
		search_by(p, &s);
	free(s.want);
	if (s.in_office > 1)
		return -ENOTUNIQ;
	if (s.in_office == 1) {
		*ret_person = s.found;
		return 0;
	}
	return s.others > 0 ? -EKEYEXPIRED : -ENOENT;
}

int
people_find(const struct people *p, const char *who, int64_t at_us,
    struct person *ret_person)
{
	const json_t *entry = json_object_get(p->all, who);
	int r;

	if (entry != NULL) {
		/* The key of the table outlives the caller's word. */
		*ret_person = person_at(
		    json_object_iter_key(json_object_iter_at(p->all, who)),
		    entry, at_us);
		return 0;
	}
	r = find_by(p, who, at_us, text_nfc, ret_person);
	return r == -ENOENT ? find_by(p, who, at_us, text_fold, ret_person) : r;
}

int
people_each(const struct people *p,
    int (*fn)(void *arg, const struct person *person), void *arg)
{
	const char *id;
	json_t *entry;
	json_t *term;
	size_t i;

	json_object_foreach(p->all, id, entry)
	{
		json_array_foreach(terms_of(entry), i, term)
		{
			struct person person = person_of(id, entry, term);
			int r = fn(arg, &person);

			if (r != 0)
				return r;
		}
	}
	return 0;
}

int64_t
people_instant(const char *path, int64_t now_us)
{
	struct stat st;

	return stat(path, &st) < 0
		   ? now_us
		   : later(now_us, (int64_t)st.st_mtime * US_PER_S);
}
