/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * whole - is all of a foreign file there? Its container is walked from part
 * to part, without a look at what they hold: the last one must end where the
 * file does, or before. ffmpeg itself shortens what a container says to what
 * there is, and says nothing.
 */
#ifndef PLAYOUT_WHOLE_H
#define PLAYOUT_WHOLE_H

#include <stdbool.h>

/*
 * True when the regular file `fd`, of the kind that ffmpeg's `demuxer` reads
 * (foreign.h), says that it goes on beyond its end. False when it is all
 * there, or does not say.
 */
bool whole_is_cut(int fd, const char *demuxer);

#endif
