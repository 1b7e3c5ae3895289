/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * anchor - which frame of a device's stream sounds at which boot instant.
 *
 * Frames are counted from 0 since the device was opened; frame n sounds n/RATE
 * seconds after frame 0. A plain value; moving zero_us moves them all.
 */
#ifndef PLAYOUT_ANCHOR_H
#define PLAYOUT_ANCHOR_H

#include <stdint.h>

struct anchor {
	int64_t zero_us; /* boot instant at which frame 0 sounds */
};

/* How long that many frames last, rounded down to a microsecond. */
int64_t anchor_length_us(int64_t frames);

/* When the frame begins to sound. NEVER for a frame beyond all instants. */
int64_t anchor_us(struct anchor a, int64_t frame);

/* The frame that begins nearest to the instant; INT64_MAX for NEVER. May be
 * negative: then it lies before the stream. */
int64_t anchor_frame(struct anchor a, int64_t boot_us);

/* How many frames have wholly sounded by the instant: for a limit that may
 * not be passed by a part of a frame either. */
int64_t anchor_frame_before(struct anchor a, int64_t boot_us);

#endif
