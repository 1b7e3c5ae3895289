/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tail - does a WAV or MPEG file end where it says, or was it broken off?
 * libsndfile does not tell: it shortens what a header says, or makes up for
 * what is missing with zeros.
 */
#ifndef PLAYOUT_TAIL_H
#define PLAYOUT_TAIL_H

#include <stdbool.h>
#include <stdint.h>

/* A data size this large stands for "unknown" in a WAV written to a pipe. */
#define TAIL_STREAM_BYTES 0x7f000000

/* True when the sound of the RIFF or RF64 file `fd` of `size` bytes goes on
 * beyond its end. */
bool tail_wav_is_cut(int fd, int64_t size);

/*
 * True when the last frame of the MPEG file is not all there, or a Xing
 * header counts more bytes than there are. A frame that does not follow upon
 * another is none: tags behind the sound may look like one.
 */
bool tail_mpeg_is_cut(int fd, int64_t size);

#endif
