/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * site - the administrator's configuration, etc/loaxa.conf: what an officer
 * must not move. The format is in man/loaxa.conf.5.
 */
#ifndef SCHEDULER_SITE_H
#define SCHEDULER_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/item.h"
#include "base/problem.h"
#include "base/rights.h"
#include "scheduler/loudness.h"
#include "scheduler/profile.h"

struct site_relay {
	char *id;
	char *title;
	char *url; /* of a stream, or NULL */
	char *line; /* an ALSA device to record from, or NULL */
	int source_line; /* where the file says so */
	int connect_ahead_s; /* of a slot */
	int silence_s; /* of it, and the fallback sounds */
	double silence_db; /* what is quieter is silence */
	double gain_db;
	char **fallback; /* items, to go round */
	size_t n_fallback;
};

/* Switches the station's amplifier: scheduler/amplifier.h. */
struct site_amplifier {
	char **before, **after; /* programs and their arguments */
	size_t n_before, n_after; /* 0: nothing is run */
	int before_line, after_line; /* where the file says so */
	int lead_s, lag_s; /* before and after a session */
	int longest_s; /* a command is killed after so long */
};

/* Where a station's sound goes; the fields of struct deck_setup. */
struct site_output {
	char *station;
	char *driver; /* "alsa", "pulse", "wav"; required */
	char *device; /* "" for the driver's own default */
	char *file; /* for "wav", below the root unless absolute */
	int buffer_ms;
	int latency_ms;
	int warm_up_s; /* the device sounds silence so long before a session */
	struct site_amplifier amplifier;
	double loudness; /* as below; the site's where it says none */
};

/* What is run when a record counts: scheduler/hook.h. */
struct site_event {
	char **command; /* a program and its arguments */
	size_t n_command; /* 0: there is none */
	int command_line;
	char **kinds; /* of records; 0: "slot" */
	size_t n_kinds;
	char **statuses; /* 0: any */
	size_t n_statuses;
	int longest_s; /* it is killed after so long */
};

/* An upper level that this computer sends its signed log to: loaxa-push. */
struct site_push {
	char *url; /* https, without a slash at its end */
	char *ca; /* a file of certificates that are believed; NULL: the
		   * system's; below the root unless absolute */
	int every_min; /* between two looks */
};

struct site {
	char *zone; /* default "Asia/Ho_Chi_Minh" */
	struct profile rules; /* what a schedule may ask for */
	bool approval; /* only approved bytes air; default true */
	bool same_person; /* who added an item may approve it; default false */
	char **second; /* tags, segments, genres that two must approve */
	size_t n_second;
	char *groups[RIGHTS]; /* of the system, by right; NULL: none */
	bool plausible_clock; /* default false */
	double loudness; /* LUFS that items are brought to, or LOUDNESS_OFF */
	int ballast_mb; /* base/ballast.h; default BALLAST_MB */
	struct site_relay *relays;
	size_t n_relays;
	struct site_output *outputs;
	size_t n_outputs;
	struct site_event on_event;
	char **cosigners; /* public keys of upper levels, as vkeys */
	size_t n_cosigners;
	struct site_push *pushes;
	size_t n_pushes;
	char *metrics; /* the file for Prometheus; NULL: the usual place */
};

/*
 * Reads the file, over the profile from the folder profiles/ beside it where
 * it names one. 0 and *ret_site is yours. -EINVAL with every problem added to
 * ps, or -ENOENT and the like with one; *ret_site is untouched.
 */
int site_read(const char *path, struct problems *ps, struct site **ret_site);

/* A site that allows nothing, for a missing or invalid file; yours, or NULL
 * when out of memory. */
struct site *site_nothing(void);

struct site *site_free(struct site *s);

/* P1: profile_allows() by the site's rules. */
bool site_allows(const struct site *s, int64_t us, int64_t *ret_end_us);

/* How many persons must approve the item, 1 or 2, by its tags, its segment,
 * its genre, and the segment of the slot it is to air in, or "". */
int site_approvals(
    const struct site *s, const struct item *it, const char *segment);

/* NULL when the site has none by that name. Borrowed. */
const struct site_output *site_output(
    const struct site *s, const char *station);

/* LUFS that the station's items are brought to, or LOUDNESS_OFF. */
double site_loudness(const struct site *s, const char *station);

const struct site_relay *site_relay(const struct site *s, const char *id);

/* Does it have a source of its own? Else its time is only kept free. */
bool site_relay_sounds(const struct site_relay *r);

#endif
