/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sound - audio files for tests, made when the test runs by the same
 * programs that people use: sox, lame, oggenc, opusenc, flac.
 *
 * One folder a test program. Names and commands are the test's own, never
 * an officer's.
 */
#ifndef TESTS_FAKES_SOUND_H
#define TESTS_FAKES_SOUND_H

#include <stddef.h>
#include <stdint.h>

/* Makes the folder, and says where; fails the test when it cannot. */
const char *sound_open(void);

/* Removes it with all that is in it. */
void sound_close(void);

/* "FOLDER/name" in one of a few buffers that are used in turn. */
const char *sound_path(const char *name);

/* Runs a shell command inside the folder; fails the test when it fails. */
void sound_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The file's first `keep` thousandths into another file. */
void sound_cut(const char *from, const char *to, int keep);

/* Bytes in a file. */
int64_t sound_size(const char *name);

/* "PROGRAMS/name", where the programs built with this test lie. */
const char *sound_program(const char *name);

/* An item of our own: 48 kHz 16-bit FLAC whose left sample at frame n is
 * n % 30000 (and the right one its negative). */
void sound_item(const char *name, int channels, int64_t frames);

#endif
