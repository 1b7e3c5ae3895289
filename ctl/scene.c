/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "ctl/scene.h"
#include "ctl/scene_example.h"
#include "scheduler/schedule.h"

#define PATH 4096
#define BASES_MAX 8
#define TIMES_MAX 512
#define ITEMS_MAX 64
#define ITEM_ID 64

/* One file that people edit. */
struct script {
	char *name; /* below the scene's folder */
	char *bases[BASES_MAX]; /* what it may hold */
	size_t n_bases;
};

struct scene {
	char folder[128];
	char schedules[PATH];
	char conf[PATH];
	struct script *scripts;
	size_t n;
	struct library *library;
	int times[TIMES_MAX];
	size_t n_times;
	char items[ITEMS_MAX][ITEM_ID];
	size_t n_items;
};

/* Files -------------------------------------------------------------------- */

static int
put(const struct scene *s, const char *name, const char *bytes, size_t n)
{
	char path[PATH];
	FILE *f;
	int r;

	snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	for (char *p = path + strlen(s->folder) + 1;
	     (p = strchr(p, '/')) != NULL; *p++ = '/') {
		*p = '\0';
		mkdir(path, 0700);
	}
	f = fopen(path, "we");
	if (f == NULL)
		return -errno;
	r = fwrite(bytes, 1, n, f) == n ? 0 : -EIO;
	return fclose(f) == 0 ? r : -EIO;
}

/* Every `at` and `from` and `to` of a file is a time worth being near. */
static void
note_times(struct scene *s, const char *text)
{
	static const char *const keys[] = { "at = \"", "from = \"", "to = \"" };

	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
		for (const char *p = text; (p = strstr(p, keys[k])) != NULL;) {
			char time[16] = "";
			int second;

			p += strlen(keys[k]);
			snprintf(time, sizeof(time), "%.*s",
			    (int)strcspn(p, "\""), p);
			if (s->n_times < TIMES_MAX &&
			    civil_read_time(time, &second) == 0)
				s->times[s->n_times++] = second;
		}
}

static void
note_items(struct scene *s, const char *text)
{
	static const char key[] = "item = \"";

	for (const char *p = text;
	     s->n_items < ITEMS_MAX && (p = strstr(p, key)) != NULL;) {
		p += strlen(key);
		snprintf(s->items[s->n_items++], ITEM_ID, "%.*s",
		    (int)strcspn(p, "\""), p);
	}
}

static struct script *
add_script(struct scene *s, const char *name)
{
	struct script *grown =
	    realloc(s->scripts, (s->n + 1) * sizeof(*s->scripts));

	if (grown == NULL)
		return NULL;
	s->scripts = grown;
	grown += s->n;
	*grown = (struct script){ .name = strdup(name) };
	if (grown->name == NULL)
		return NULL;
	s->n++;
	return grown;
}

static int
add_base(struct scene *s, struct script *f, const char *text)
{
	if (f == NULL || f->n_bases == BASES_MAX)
		return -ENOMEM;
	f->bases[f->n_bases] = strdup(text);
	if (f->bases[f->n_bases] == NULL)
		return -ENOMEM;
	note_times(s, text);
	note_items(s, text);
	return f->n_bases++ == 0 ? put(s, f->name, text, strlen(text)) : 0;
}

/* The example ---------------------------------------------------------------
 */

static int
example_open(struct library *lib, const char *id, int64_t hint,
    struct item **ret_item, int *ret_fd)
{
	int64_t frames = scene_example_frames(id);
	struct library *made;
	int r;

	(void)lib;
	(void)hint;
	if (frames <= 0)
		return frames == 0 ? -ENOENT : -EINVAL;
	r = library_assume(&made);
	if (r < 0)
		return r;
	r = made->open(made, id, frames, ret_item, ret_fd);
	library_close(made);
	return r;
}

static void
example_close(struct library *lib)
{
	free(lib);
}

static int
example_library(struct library **ret_lib)
{
	struct library *lib = malloc(sizeof(*lib));

	if (lib == NULL)
		return -ENOMEM;
	*lib = (struct library){ example_open, example_close };
	*ret_lib = lib;
	return 0;
}

static int
add_all(struct scene *s, const char *name, const char *const *texts)
{
	struct script *f = add_script(s, name);
	int r = 0;

	for (; r == 0 && *texts != NULL; texts++)
		r = add_base(s, f, *texts);
	return r;
}

static int
add_example_week(struct scene *s, int64_t monday)
{
	struct civil_text week;
	char name[128];
	char text[512];

	civil_week_text(monday, &week);
	snprintf(name, sizeof(name), "schedules/que-minh/%s.cfg", week.s);
	snprintf(text, sizeof(text), "week = \"%s\";\n%s", week.s,
	    scene_example_week);
	return add_base(s, add_script(s, name), text);
}

static int
make_example(struct scene *s, int64_t from_day, int64_t to_day)
{
	int r = example_library(&s->library);

	snprintf(s->conf, sizeof(s->conf), "%s/loaxa.conf", s->folder);
	if (r == 0)
		r = add_all(s, "loaxa.conf", scene_example_sites);
	if (r == 0)
		r = add_all(
		    s, "schedules/que-minh.cfg", scene_example_timetables);
	for (int64_t day = from_day - civil_weekday(from_day);
	     r == 0 && day <= to_day; day += WEEKDAYS)
		r = add_example_week(s, day);
	return r;
}

/* A root's ------------------------------------------------------------------
 */

struct copying {
	struct scene *s;
	const struct root *root;
	const char *only;
	int r;
};

static int
copy_file(struct copying *c, const char *below)
{
	struct disk *disk;
	char path[PATH];
	char name[PATH];
	char *slash;
	char *text;
	size_t n;
	int r;

	snprintf(path, sizeof(path), "%s/%s", c->root->schedules, below);
	snprintf(name, sizeof(name), "schedules/%s", below);
	slash = strrchr(path, '/');
	*slash = '\0';
	r = disk_open(path, &disk);
	if (r < 0)
		return r;
	r = disk->read(disk, slash + 1, &text, &n);
	disk_close(disk);
	if (r < 0)
		return r;
	r = add_base(c->s, add_script(c->s, name), text);
	free(text);
	return r;
}

static int
is_cfg(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return e->d_name[0] != '.' && dot != NULL && strcmp(dot, ".cfg") == 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
copy_weeks(struct copying *c, const char *station)
{
	struct dirent **list = NULL;
	char path[PATH];
	int r = 0;
	int n;

	snprintf(path, sizeof(path), "%s/%s", c->root->schedules, station);
	n = scandir(path, &list, is_cfg, by_name);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", station, list[i]->d_name);
		if (r == 0)
			r = copy_file(c, path);
		free(list[i]);
	}
	free(list);
	return r;
}

static int
copy_station(void *arg, const char *station)
{
	struct copying *c = arg;
	char name[PATH];

	if (c->only != NULL && strcmp(c->only, station) != 0)
		return 0;
	snprintf(name, sizeof(name), "%s.cfg", station);
	c->r = copy_file(c, name);
	if (c->r == 0)
		c->r = copy_weeks(c, station);
	return c->r;
}

static int
copy_root(struct scene *s, const struct root *root, const char *only)
{
	struct copying c = { s, root, only, -ENOENT };

	snprintf(s->conf, sizeof(s->conf), "%s", root->conf);
	schedule_stations(root->schedules, copy_station, &c);
	return c.r;
}

/* Life ---------------------------------------------------------------------
 */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

/* Where an fsync costs nothing, if there is such a place. */
static int
make_folder(struct scene *s)
{
	static const char *const places[] = { "/dev/shm", "/tmp" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(s->folder, sizeof(s->folder),
		    "%s/loaxa-simulate-XXXXXX", places[i]);
		if (mkdtemp(s->folder) != NULL)
			return 0;
	}
	s->folder[0] = '\0';
	return -errno;
}

int
scene_make(const struct root *root, const char *station, bool assume,
    int64_t from_day, int64_t to_day, struct scene **ret_scene)
{
	struct scene *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	r = make_folder(s);
	snprintf(s->schedules, sizeof(s->schedules), "%s/schedules", s->folder);
	if (r == 0)
		r = root == NULL ? make_example(s, from_day, to_day)
				 : copy_root(s, root, station);
	if (r == 0 && s->library == NULL)
		r = assume ? library_assume(&s->library)
			   : library_folder(root->items, &s->library);
	if (r < 0) {
		scene_free(s);
		return r;
	}
	*ret_scene = s;
	return 0;
}

struct scene *
scene_free(struct scene *s)
{
	if (s == NULL)
		return NULL;
	if (s->folder[0] != '\0')
		nftw(s->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < s->scripts[i].n_bases; k++)
			free(s->scripts[i].bases[k]);
		free(s->scripts[i].name);
	}
	free(s->scripts);
	library_close(s->library);
	free(s);
	return NULL;
}

const char *
scene_folder(const struct scene *s)
{
	return s->folder;
}

const char *
scene_schedules(const struct scene *s)
{
	return s->schedules;
}

const char *
scene_conf(const struct scene *s)
{
	return s->conf;
}

struct library *
scene_library(struct scene *s)
{
	return s->library;
}

/* Edits ----------------------------------------------------------------------
 */

/* The i-th place where `what` stands, counted round; NULL when nowhere. */
static char *
find_nth(char *text, const char *what, int64_t i)
{
	int64_t n = 0;

	for (char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	if (n == 0)
		return NULL;
	for (char *p = text; (p = strstr(p, what)) != NULL; p++)
		if (i-- % n == 0)
			return p;
	return NULL;
}

/* Another minute, and sometimes another hour. */
static void
move_time(char *text, struct luck *l)
{
	char *p = find_nth(text, "at = \"", luck_pick(l, 1000));

	if (p == NULL || strcspn(p + 6, "\"") < 5)
		return;
	p += 6;
	if (luck_pick(l, 3) == 0)
		p[1] = (char)('0' + luck_pick(l, 10));
	p[3] = (char)('0' + luck_pick(l, 6));
	p[4] = (char)('0' + luck_pick(l, 10));
}

static void
drop_line(char *text, struct luck *l)
{
	char *p = find_nth(text, "\n", luck_pick(l, 1000));
	char *end = p == NULL ? NULL : strchr(p + 1, '\n');

	if (end != NULL)
		memmove(p, end, strlen(end) + 1);
}

static void
spoil(char *text, struct luck *l)
{
	switch (luck_pick(l, 8)) {
	case 0:
		text[luck_pick(l, (int64_t)strlen(text) + 1)] = '\0';
		return;
	case 1:
		drop_line(text, l);
		return;
	case 2:
	case 3:
	case 4:
		for (int64_t n = 1 + luck_pick(l, 3); n > 0; n--)
			move_time(text, l);
		return;
	default:
		return; /* as it is */
	}
}

const char *
scene_edit(struct scene *s, struct luck *l)
{
	/* The timetable and the site as often as all weeks together. */
	struct script *f =
	    &s->scripts[luck_pick(l, 2) == 0 ? luck_pick(l, (int64_t)s->n)
					     : luck_pick(l, s->n < 2 ? 1 : 2)];
	char *text = strdup(f->bases[luck_pick(l, (int64_t)f->n_bases)]);

	if (text == NULL)
		return f->name;
	spoil(text, l);
	put(s, f->name, text, strlen(text));
	free(text);
	return f->name;
}

const char *
scene_item(const struct scene *s, struct luck *l)
{
	if (s->n_items == 0)
		return "none";
	return s->items[luck_pick(l, (int64_t)s->n_items)];
}

int
scene_time(const struct scene *s, struct luck *l)
{
	static const int otherwise[] = { 5 * 3600, 17 * 3600, 86340 };

	if (luck_pick(l, 16) == 0 || s->n_times == 0)
		return otherwise[luck_pick(l, 3)];
	return s->times[luck_pick(l, (int64_t)s->n_times)];
}
