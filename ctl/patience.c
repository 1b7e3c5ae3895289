/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/patience.h"

/* From 0 to `most`. */
static int64_t
some_of(struct chance *c, int64_t most)
{
	return (int64_t)((double)most * c->draw(c) / UINT32_MAX);
}

int64_t
patience_wait(struct patience *p, struct chance *c, bool well, int64_t every_us)
{
	int64_t us = PATIENCE_FIRST_US;

	if (well) {
		p->failures = 0;
		return every_us + some_of(c, every_us / 10);
	}
	for (int i = 0; i < p->failures && us < PATIENCE_MOST_US; i++)
		us *= 2;
	us = earlier(us, PATIENCE_MOST_US);
	if (p->failures < 1000)
		p->failures++;
	return us / 2 + some_of(c, us / 2);
}
