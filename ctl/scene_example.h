/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scene_example - the commune that `loaxa simulate --faults --example` plays:
 * a station with every kind of slot, inside and outside the hours and across
 * their end, and with items that are missing or no sound.
 */
#ifndef CTL_SCENE_EXAMPLE_H
#define CTL_SCENE_EXAMPLE_H

#include <stdint.h>

/* What its timetable and its site may say, the usual first; NULL ends. */
extern const char *const scene_example_timetables[];
extern const char *const scene_example_sites[];

/* A week's programme, behind the line that says which week. */
extern const char scene_example_week[];

/* An item's length; 0 when there is none of that id, -1 when it is no sound. */
int64_t scene_example_frames(const char *item);

#endif
