/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tap_exec - this process becomes a live source: ffmpeg or arecord, writing
 * 16-bit stereo sound at 48 kHz on standard output.
 *
 * It reads what a stranger sends, so it is shut in first: no new privileges,
 * limits on memory and descriptors, no core dump, and, where the kernel has
 * Landlock, no file but what the system's programs need, to read, and the
 * sound devices. Network it keeps, and it ends with its parent.
 */
#ifndef PLAYOUT_TAP_EXEC_H
#define PLAYOUT_TAP_EXEC_H

#define TAP_URL_PROGRAM "/usr/bin/ffmpeg"
#define TAP_LINE_PROGRAM "/usr/bin/arecord"

/* Returns only on failure, with a negative errno. */
int tap_exec_url(const char *url);
int tap_exec_line(const char *device);

#endif
