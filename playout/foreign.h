/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * foreign - the sound in a file of a kind that we do not decode ourselves:
 * ffmpeg lists what is in it, and then makes samples of it, as a program
 * within walls of its own (sandbox_enter_program()).
 *
 * It does not choose what it reads: the demuxer is named by us, only decoders
 * of sound are allowed (FOREIGN_CODECS in the .c), and the one file that it
 * can open is the one that it has as descriptor 0. So a playlist, or a film
 * that refers to another file, is nothing but a broken recording to it.
 */
#ifndef PLAYOUT_FOREIGN_H
#define PLAYOUT_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FOREIGN_PROGRAM "/usr/bin/ffmpeg" /* LOAXA_FFMPEG names another */

/* A plain value: what ffmpeg found. */
struct foreign_facts {
	int sounds; /* tracks with sound */
	int track; /* the first that it knows, among them */
	int rate;
	int channels; /* to come: of more than two, ffmpeg makes two */
	int64_t frames; /* as the container says or it guesses; -1 */
	bool guessed; /* the container says nothing of its length */
	bool pictures; /* a film: `frames` may be the pictures' */
	bool mute; /* no track with sound at all */
	bool unfinished; /* its index was never written */
};

/* ffmpeg, as its parent sees it. */
struct foreign {
	pid_t pid;
	int sound; /* its samples: float, interleaved; blocking */
	int words; /* its complaints */
};

/* "mov", "asf": a demuxer that we allow? */
bool foreign_known(const char *demuxer);

/* Fills *ret_facts from what it printed. */
void foreign_read(const char *text, struct foreign_facts *ret_facts);

/*
 * Asks it about the file `fd`; cpu_s is the processor time it may use. 0;
 * -ENOENT there is no such program; -EINVAL the file is not of that kind, is
 * mute or unfinished (*ret_facts says so); or another negative errno.
 */
int foreign_probe(
    int fd, const char *demuxer, long cpu_s, struct foreign_facts *ret_facts);

/* Starts ffmpeg on it. Errors as foreign_probe(). */
int foreign_start(int fd, const char *demuxer, long cpu_s,
    const struct foreign_facts *facts, struct foreign *ret_foreign);

/* How it ended. */
enum foreign_end {
	FOREIGN_WELL,
	FOREIGN_DAMAGED, /* something in the file could not be decoded */
	FOREIGN_SHORT, /* the file ended before its sound */
};

/* Once its sound has ended: waits for its end. */
enum foreign_end foreign_end(struct foreign *f);

#endif
