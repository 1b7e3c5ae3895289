/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "tests/fakes/errand.h"

static int
start(struct errand *errand, struct now now, char *const command[], size_t n,
    int input, int longest_s)
{
	struct fake_errand *e = (struct fake_errand *)errand;
	size_t used = strlen(e->told);
	struct civil_text t;
	int64_t day;
	int second;

	(void)input;
	(void)longest_s;
	if (e->runs)
		return -EBUSY;
	civil_from_us(now.wall_us, &day, &second);
	snprintf(e->told + used, sizeof(e->told) - used, "%s %s%s",
	    civil_time_text(second, &t), command[n - 1],
	    e->error < 0 ? "!\n" : "\n");
	if (e->error < 0)
		return e->error;
	e->runs = true;
	e->over_us = now.boot_us + e->takes_us;
	return 0;
}

static enum errand_state
look(struct errand *errand, struct now now, char *why_not)
{
	struct fake_errand *e = (struct fake_errand *)errand;

	if (!e->runs)
		return ERRAND_NONE;
	if (now.boot_us < e->over_us)
		return ERRAND_RUNS;
	e->runs = false;
	if (e->fail == 0)
		return ERRAND_DONE;
	e->fail -= e->fail > 0;
	snprintf(why_not, ERRAND_WHY, "no answer");
	return ERRAND_FAILED;
}

static int64_t
wake(const struct errand *errand)
{
	const struct fake_errand *e = (const struct fake_errand *)errand;

	return e->runs ? e->over_us : NEVER;
}

static int
fd(const struct errand *errand)
{
	(void)errand;
	return -1;
}

static void
stop(struct errand *errand)
{
	((struct fake_errand *)errand)->runs = false;
}

void
fake_errand(struct fake_errand *e)
{
	*e = (struct fake_errand){ .errand = { start, look, wake, fd, stop,
				       stop },
		.takes_us = 200 * US_PER_MS };
}
