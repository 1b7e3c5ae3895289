/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scene - what a simulated station lives by: schedules, the site's file and
 * the library. A copy of a root's, or the built-in example, in a temporary
 * folder where people may edit them at random.
 */
#ifndef CTL_SCENE_H
#define CTL_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/root.h"
#include "ctl/luck.h"
#include "scheduler/library.h"

struct scene;

/*
 * Of the root's stations (only `station`, unless NULL), or the example's when
 * `root` is NULL, with a programme for each week from from_day to to_day.
 * `assume`: every item is there. 0 and *ret_scene is yours; -ENOENT when there
 * is no schedule, or another negative errno.
 */
int scene_make(const struct root *root, const char *station, bool assume,
    int64_t from_day, int64_t to_day, struct scene **ret_scene);

/* Removes the folder. Accepts NULL; returns NULL. */
struct scene *scene_free(struct scene *s);

/* Borrowed until scene_free(). */
const char *scene_folder(const struct scene *s);
const char *scene_schedules(const struct scene *s);
const char *scene_conf(const struct scene *s);
struct library *scene_library(struct scene *s);

/* Writes one file anew: another one, or with some of its times moved, lines
 * left out, or its end. The file's name; borrowed. */
const char *scene_edit(struct scene *s, struct luck *l);

/* An item that the scene's files name; borrowed. */
const char *scene_item(const struct scene *s, struct luck *l);

/* A second of the day at which something begins or ends. */
int scene_time(const struct scene *s, struct luck *l);

#endif
