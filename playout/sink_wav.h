/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sink_wav - a WAV file instead of a loudspeaker, written by libsndfile. It
 * takes all it is given at once: its feeder keeps the pace.
 *
 * The header is brought up to date at every write, so what a killed player
 * leaves is a valid file with all that it sent. An existing recording of the
 * same format is continued; any other file is refused and not touched.
 */
#ifndef PLAYOUT_SINK_WAV_H
#define PLAYOUT_SINK_WAV_H

#include "playout/sink.h"

/* As sink_make(). */
int sink_wav_make(const struct sink_setup *setup, struct sink **ret_sink);

#endif
