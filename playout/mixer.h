/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mixer - how far a device's own mixer is turned up; read, and never changed.
 *
 * libao knows no mixer. It has loaded the library that it plays through, and
 * these ask that very one: where it is not loaded, or the device has no mixer,
 * nobody can tell, and nobody is told that it is muted.
 */
#ifndef PLAYOUT_MIXER_H
#define PLAYOUT_MIXER_H

#include <stdbool.h>
#include <stddef.h>

struct mixer {
	/* 0 for muted to 100; -EAGAIN while it is not known yet, another
	 * negative errno when nobody can tell. Does not block. */
	int (*level)(struct mixer *m);
	void (*free)(struct mixer *m);
};

/*
 * The mixer of a sink's device: its driver and name as in struct sink_setup.
 * Call it when the driver is in use. 0 and *ret_mixer is yours (mixer_free);
 * -ENOTSUP where there is none; -ENOMEM.
 */
int mixer_open(
    const char *driver, const char *device, struct mixer **ret_mixer);

/* Accepts NULL; returns NULL. */
struct mixer *mixer_free(struct mixer *m);

/* One control of a card, by ALSA's name for it. */
struct mixer_control {
	const char *name;
	bool on;
	int percent; /* 100 where it has no volume */
};

/*
 * How much of what is played gets out, in percent: all of it goes through
 * "Master" and "PCM", and then out of one of several sockets, of which one may
 * be the amplifier's. Others are no way out. -ENOTSUP when there is none.
 */
int mixer_judge(const struct mixer_control *controls, size_t n);

/* The name of the card that an ALSA device is on, for its mixer. */
void mixer_card(const char *device, char *ret_card, size_t size);

/* The two kinds, each with what mixer_open() returns. */
int mixer_alsa_open(const char *device, struct mixer **ret_mixer);
int mixer_pulse_open(const char *device, struct mixer **ret_mixer);

#endif
