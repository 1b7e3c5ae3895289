/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limits - how much sound a file may unpack to, and how long that may take:
 * a few kilobytes can be a day of silence, and a decoder that an evil file
 * has taken over would hold its command for ever.
 */
#ifndef INTAKE_LIMITS_H
#define INTAKE_LIMITS_H

#include <stdint.h>

#define LIMITS_HOURS 12 /* of sound, in any file: no programme is as long */
#define LIMITS_ROOM_MB 32 /* of the disk that an item may not take */

/*
 * The longest sound, in milliseconds, of a file of so many bytes: ten minutes,
 * and forty for each megabyte. The densest that people have, AMR and Opus at
 * 5 kbit/s, hold 28 minutes in one.
 */
int64_t limits_sound_ms(int64_t bytes);

/*
 * How long, in milliseconds, the decoder of a file of so many bytes may have
 * been waited for by the time it has given so much sound: twenty seconds, a second for
 * every four megabytes to read, and a quarter of what sounds.
 */
int64_t limits_wait_ms(int64_t bytes, int64_t sound_ms);

#endif
