/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * picture - an item's waveform on a page for people who do not use a terminal:
 * title, figures, time axis and marked places, as PNG or SVG, by cairo.
 */
#ifndef CTL_PICTURE_H
#define CTL_PICTURE_H

#include <stdbool.h>

#include "ctl/waveform.h"

#define PICTURE_COLUMNS 1456 /* a waveform's for it */

/* `facts` stands below the title. 0; -ENOMEM; or a negative errno: the file
 * could not be written. */
int picture_write(const char *file, bool svg, const struct waveform *w,
    const struct item *it, const char *facts);

#endif
