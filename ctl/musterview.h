/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * musterview - a report of stations (ctl/muster.h), settled and adding up, for
 * people: on the terminal, and as pages to be signed.
 */
#ifndef CTL_MUSTERVIEW_H
#define CTL_MUSTERVIEW_H

#include <stdio.h>

#include "ctl/muster.h"
#include "ctl/page.h"

struct musterview { /* all borrowed */
	const struct muster *muster;
	const char *due; /* how long there is still time, or "" */
	const char *deadline; /* on paper: the date alone; or "" */
	int64_t now_us; /* when it is made */
};

/* For a terminal of so many columns; 0 no limit. 0 or -ENOMEM. */
int musterview_print(const struct musterview *v, FILE *out, int width);

/* For page_make(): `arg` is a struct musterview. */
void musterview_draw(struct page *p, void *arg);

#endif
