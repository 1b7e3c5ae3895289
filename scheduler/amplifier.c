/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scheduler/amplifier.h"

struct amplifier {
	struct errand *errand;
	struct disk *state;
	char file[16 + ID_MAX];
	bool known; /* what `on` says is so */
	bool on; /* as the last command that succeeded has left it */
	bool begun; /* it has had a turn */
	bool sounded; /* as of the last turn */
	bool goal; /* of the command that runs */
	int64_t quiet_boot_us; /* on at least until then */
	int64_t retry_boot_us; /* after a failure: not before */
	int64_t wait_us; /* ... the last wait; 0 none */
	bool failed_goal; /* what failed: on, or off */
	char error[ERRAND_WHY]; /* of the last failure, or "" */
};

/* A slot that follows within a minute is of the same session. */
static struct amplifier_span
session_at(const struct amplifier_span *slots, size_t n, size_t *i)
{
	struct amplifier_span s = slots[(*i)++];

	while (*i < n && slots[*i].from_us <= s.to_us + AMPLIFIER_JOIN_US)
		s.to_us = later(s.to_us, slots[(*i)++].to_us);
	return s;
}

bool
amplifier_due(const struct site_amplifier *conf,
    const struct amplifier_span *slots, size_t n, int64_t now_us,
    int64_t *ret_next_us)
{
	bool due = false;

	*ret_next_us = NEVER;
	for (size_t i = 0; i < n;) {
		struct amplifier_span s = session_at(slots, n, &i);
		int64_t on_us = s.from_us - conf->lead_s * US_PER_S;
		int64_t off_us = s.to_us + conf->lag_s * US_PER_S;

		due = due || (on_us <= now_us && now_us < off_us);
		if (on_us > now_us)
			*ret_next_us = earlier(*ret_next_us, on_us);
		if (off_us > now_us)
			*ret_next_us = earlier(*ret_next_us, off_us);
	}
	return due;
}

int64_t
amplifier_next(const struct amplifier_span *slots, size_t n, int64_t now_us)
{
	for (size_t i = 0; i < n;) {
		struct amplifier_span s = session_at(slots, n, &i);

		if (s.from_us > now_us)
			return s.from_us;
	}
	return NEVER;
}

/* Only "off" is believed: anything else may be the trace of a power cut. */
static void
recall(struct amplifier *a)
{
	char *bytes;
	size_t n;
	int r = a->state == NULL
		    ? -ENOENT
		    : a->state->read(a->state, a->file, &bytes, &n);

	/* No file: no command of ours has ever switched it on. */
	a->known = r == -ENOENT || (r == 0 && strcmp(bytes, "off") == 0);
	if (r == 0)
		free(bytes);
}

static void
remember(const struct amplifier *a, const char *word)
{
	if (a->state != NULL)
		a->state->replace(a->state, a->file, word, strlen(word), true);
}

int
amplifier_open(const char *station, struct errand *errand, struct disk *state,
    struct amplifier **ret_amplifier)
{
	struct amplifier *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return -ENOMEM;
	a->errand = errand;
	a->state = state;
	snprintf(a->file, sizeof(a->file), "amplifier-%s", station);
	recall(a);
	*ret_amplifier = a;
	return 0;
}

struct amplifier *
amplifier_close(struct amplifier *a)
{
	free(a);
	return NULL;
}

static bool
is_there(const struct site_amplifier *conf)
{
	return conf != NULL && conf->n_before + conf->n_after > 0;
}

static void
told(struct amplifier_news *news, const char *result, bool goal,
    const char *detail)
{
	news->result = result;
	snprintf(news->detail, sizeof(news->detail), "%s%s%s",
	    goal ? "on" : "off", detail[0] == '\0' ? "" : ": ", detail);
}

static void
succeed(struct amplifier *a, struct amplifier_news *news)
{
	if (a->error[0] != '\0')
		told(news, "done", a->goal, "");
	a->error[0] = '\0';
	a->wait_us = 0;
	a->retry_boot_us = 0;
	a->known = true;
	a->on = a->goal;
	if (!a->on)
		remember(a, "off");
}

/* One record for a command that goes on failing. */
static void
fail(struct amplifier *a, struct now now, const char *why,
    struct amplifier_news *news)
{
	if (a->error[0] == '\0' || a->failed_goal != a->goal)
		told(news, "failed", a->goal, why);
	a->failed_goal = a->goal;
	snprintf(a->error, sizeof(a->error), "%s", why);
	a->known = false;
	a->wait_us = a->wait_us == 0
			 ? AMPLIFIER_AGAIN_US
			 : earlier(2 * a->wait_us, AMPLIFIER_LONGEST_US);
	a->retry_boot_us = now.boot_us + a->wait_us;
}

/* True when nothing runs. */
static bool
look(struct amplifier *a, struct now now, struct amplifier_news *news)
{
	char why[ERRAND_WHY];

	switch (a->errand->look(a->errand, now, why)) {
	case ERRAND_NONE:
		return true;
	case ERRAND_RUNS:
		return false;
	case ERRAND_DONE:
		succeed(a, news);
		return true;
	case ERRAND_FAILED:
		fail(a, now, why, news);
		return true;
	}
	return true;
}

/* Before it may be on, the file no longer says that it is off. */
static void
start(struct amplifier *a, const struct site_amplifier *conf, bool goal,
    struct now now, struct amplifier_news *news)
{
	size_t n = goal ? conf->n_before : conf->n_after;
	int r;

	a->goal = goal;
	if (goal)
		remember(a, "on");
	if (n == 0) {
		succeed(a, news);
		return;
	}
	r = a->errand->start(a->errand, now, goal ? conf->before : conf->after,
	    n, -1, conf->longest_s);
	if (r < 0)
		fail(a, now, strerror(-r), news);
}

/* Something to sound keeps it on; so does a start that knows nothing, for as
 * long: the clock may be trusted in a moment. */
static bool
is_wanted(struct amplifier *a, const struct site_amplifier *conf, bool due,
    bool sounds, struct now now)
{
	if (sounds || a->sounded || (!a->begun && !a->known))
		a->quiet_boot_us = now.boot_us + conf->lag_s * US_PER_S;
	a->begun = true;
	a->sounded = sounds;
	return due || sounds;
}

static bool
is_patient(const struct amplifier *a, struct now now)
{
	return (a->on || !a->known) && now.boot_us < a->quiet_boot_us;
}

/* Another goal than the one that failed is not made to wait for it. */
static int64_t
retry_us(const struct amplifier *a, bool goal)
{
	return a->error[0] != '\0' && a->failed_goal == goal ? a->retry_boot_us
							     : 0;
}

int64_t
amplifier_turn(struct amplifier *a, const struct site_amplifier *conf, bool due,
    bool sounds, struct now now, struct amplifier_news *ret_news)
{
	bool goal;

	ret_news->result = NULL;
	if (!look(a, now, ret_news))
		return a->errand->wake(a->errand);
	if (!is_there(conf))
		return NEVER;
	goal = is_wanted(a, conf, due, sounds, now);
	if (a->known && a->on == goal)
		return NEVER;
	if (!goal && is_patient(a, now))
		return a->quiet_boot_us;
	if (now.boot_us < retry_us(a, goal))
		return retry_us(a, goal);
	/* One piece of news a turn. */
	if (ret_news->result != NULL)
		return now.boot_us;
	start(a, conf, goal, now, ret_news);
	if (a->known && a->on == goal)
		return NEVER;
	return earlier(a->errand->wake(a->errand),
	    a->error[0] == '\0' ? NEVER
				: later(retry_us(a, goal), now.boot_us));
}

void
amplifier_shut(
    struct amplifier *a, const struct site_amplifier *conf, struct now now)
{
	struct amplifier_news unheard = { 0 };
	bool runs = !look(a, now, &unheard);

	if (!is_there(conf) || (runs && !a->goal) ||
	    (!runs && a->known && !a->on))
		return;
	if (runs)
		a->errand->stop(a->errand);
	a->known = false;
	remember(a, "unknown");
	start(a, conf, false, now, &unheard);
}

json_t *
amplifier_status(const struct amplifier *a, const struct site_amplifier *conf)
{
	bool failing;

	if (a == NULL || !is_there(conf))
		return json_null();
	failing = a->error[0] != '\0';
	return json_pack("{s:s, s:s, s:s}", "state",
	    !a->known ? "unknown"
	    : a->on   ? "on"
		      : "off",
	    "failing",
	    !failing         ? ""
	    : a->failed_goal ? "on"
			     : "off",
	    "error", a->error);
}
