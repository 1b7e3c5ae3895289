/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sound - an item's stored sound as a device gets it, 16-bit stereo at RATE,
 * decoded by the sandboxed worker: no command parses a sound file itself.
 */
#ifndef CTL_SOUND_H
#define CTL_SOUND_H

#include <stdint.h>

#include "base/item.h"

struct sound;

/*
 * The sound of an item in that folder, from a frame on. 0 and *ret_sound is
 * yours; -ENOENT no sound, or no worker; -ESTALE these are not the bytes of
 * the record (P5); -EIO it cannot be decoded; or another negative errno.
 */
int sound_open(const char *items, const struct item *it, int64_t offset,
    struct sound **ret_sound);

/* Up to that many frames, two samples each: how many, 0 at the end; -EIO. */
int sound_read(struct sound *s, int16_t *pcm, int frames);

/* Accepts NULL; returns NULL. */
struct sound *sound_close(struct sound *s);

#endif
