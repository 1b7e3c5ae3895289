/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pulse_pin - keeps our sound on the device that it was opened for.
 *
 * When a sink vanishes, PulseAudio moves its streams to another one and tells
 * nobody: a station's sound would come out of the next station's loudspeaker,
 * and be logged as aired. PA_STREAM_DONT_MOVE forbids that, so that the device
 * is lost instead, which is the truth. libao does not ask for it and nothing
 * outside the program can.
 *
 * So the player defines libpulse's own function, by its own name, and is
 * linked to export it: libao's plug-in then calls ours, which adds the flag
 * and calls the real one. Nothing of PulseAudio is linked for this.
 */
#ifndef PLAYOUT_PULSE_PIN_H
#define PLAYOUT_PULSE_PIN_H

#include <stdbool.h>

/* As in <pulse/stream.h>, with its types left open. Negative when libpulse is
 * not there. */
int pa_stream_connect_playback(void *stream, const char *device,
    const void *attributes, unsigned flags, const void *volume, void *sync);

/* True when a program sees ours: it was linked as it must be. */
bool pulse_pinned(void);

#endif
