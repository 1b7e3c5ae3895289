/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define MAXERROR_US 16000000 /* the kernel's own bound for "synchronised" */

static const char *const words[TRUSTS] = {
	[TRUST_UNSURE] = "unsure",
	[TRUST_PLAUSIBLE] = "plausible",
	[TRUST_CONFIRMED] = "confirmed",
	[TRUST_SYNCED] = "synced",
};

const char *
trust_word(enum trust t)
{
	return words[t];
}

enum trust
trust_of(const char *word)
{
	for (int t = TRUSTS - 1; t > TRUST_UNSURE; t--)
		if (strcmp(words[t], word) == 0)
			return (enum trust)t;
	return TRUST_UNSURE;
}

void
clock_mark(struct clock_marks *m, enum trust trust, int64_t wall_us)
{
	if (trust == TRUST_UNSURE)
		return;
	m->us[trust] = later(m->us[trust], wall_us);
	for (int t = TRUST_UNSURE; t < (int)trust; t++)
		if (m->us[t] > wall_us)
			m->us[t] = 0;
}

int64_t
clock_latest(const struct clock_marks *m)
{
	int64_t us = 0;

	for (int t = TRUST_PLAUSIBLE; t < TRUSTS; t++)
		us = later(us, m->us[t]);
	return us;
}

static int64_t
read_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

struct now
clock_read(void)
{
	struct now now = {
		.wall_us = read_us(CLOCK_REALTIME),
		.boot_us = read_us(CLOCK_BOOTTIME),
		.trust = TRUST_UNSURE,
	};

	return now;
}

bool
clock_synced(void)
{
	struct timex tx = { .modes = 0 };
	int state = adjtimex(&tx);

	return state >= 0 && state != TIME_ERROR &&
	       (tx.status & STA_UNSYNC) == 0 && tx.maxerror < MAXERROR_US;
}

int
clock_boot_id(char ret_id[static 37])
{
	char text[64];
	ssize_t n;
	int fd;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n < 36)
		return -EIO;
	memcpy(ret_id, text, 36);
	ret_id[36] = '\0';
	return 0;
}

int64_t
now_wall_at(struct now now, int64_t boot_us)
{
	return boot_us == NEVER ? NEVER : now.wall_us + (boot_us - now.boot_us);
}

int64_t
now_boot_at(struct now now, int64_t wall_us)
{
	return wall_us == NEVER ? NEVER : now.boot_us + (wall_us - now.wall_us);
}
