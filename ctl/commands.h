/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * commands - the sub-commands of loaxa. Each gets its own words (argv[0] is
 * its name), prints to standard output, complains on standard error, and
 * returns a code of sysexits(3).
 */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include <jansson.h>
#include <limits.h>
#include <stddef.h>

#include "ctl/args.h"
#include "base/root.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What was asked for is shown, and some of it will not air as planned: the
 * answer of week, next and simulate to a script. */
#define EXIT_LACKING 1

struct ctl { /* what main found out; a plain value */
	struct root root;
};

int cmd_check(struct ctl *ctl, int argc, char **argv);
int cmd_week(struct ctl *ctl, int argc, char **argv);
int cmd_next(struct ctl *ctl, int argc, char **argv);
int cmd_add(struct ctl *ctl, int argc, char **argv);
int cmd_items(struct ctl *ctl, int argc, char **argv);
int cmd_show(struct ctl *ctl, int argc, char **argv);
int cmd_listen(struct ctl *ctl, int argc, char **argv);
int cmd_edit(struct ctl *ctl, int argc, char **argv);
int cmd_trim(struct ctl *ctl, int argc, char **argv);
int cmd_makeup(struct ctl *ctl, int argc, char **argv);
int cmd_approve(struct ctl *ctl, int argc, char **argv);
int cmd_withdraw(struct ctl *ctl, int argc, char **argv);
int cmd_person(struct ctl *ctl, int argc, char **argv);
int cmd_load(struct ctl *ctl, int argc, char **argv);
int cmd_clock(struct ctl *ctl, int argc, char **argv);
int cmd_status(struct ctl *ctl, int argc, char **argv);
int cmd_reload(struct ctl *ctl, int argc, char **argv);
int cmd_stop(struct ctl *ctl, int argc, char **argv);
int cmd_resume(struct ctl *ctl, int argc, char **argv);
int cmd_skip(struct ctl *ctl, int argc, char **argv);
int cmd_play(struct ctl *ctl, int argc, char **argv);
int cmd_emergency(struct ctl *ctl, int argc, char **argv);
int cmd_log(struct ctl *ctl, int argc, char **argv);
int cmd_what(struct ctl *ctl, int argc, char **argv);
int cmd_logbook(struct ctl *ctl, int argc, char **argv);
int cmd_report(struct ctl *ctl, int argc, char **argv);
int cmd_owed(struct ctl *ctl, int argc, char **argv);
int cmd_audit(struct ctl *ctl, int argc, char **argv);
int cmd_verify(struct ctl *ctl, int argc, char **argv);
int cmd_prove(struct ctl *ctl, int argc, char **argv);
int cmd_collect(struct ctl *ctl, int argc, char **argv);
int cmd_units(struct ctl *ctl, int argc, char **argv);
int cmd_anchor(struct ctl *ctl, int argc, char **argv);
int cmd_push(struct ctl *ctl, int argc, char **argv);
int cmd_simulate(struct ctl *ctl, int argc, char **argv);
int cmd_selftest(struct ctl *ctl, int argc, char **argv);
int cmd_backup(struct ctl *ctl, int argc, char **argv);
int cmd_restore(struct ctl *ctl, int argc, char **argv);

/* args_read(), with the complaint printed: 0, or EX_USAGE. */
int command_args(const struct arg *args, size_t n, int *argc, char **argv);

/* Says `text` on standard error, and where the command's help is; EX_USAGE. */
int command_misused(const char *command, const char *text);

struct office;

/* office_open() with its failure said and cleaned up: 0, or the code. */
int command_office(const struct ctl *ctl, struct office *ret_office);

/* As command_office(), and says on standard error when the site's file is
 * missing or faulty, because then nothing is allowed to sound. */
int command_office_warned(const struct ctl *ctl, struct office *ret_office);

/* Says that there is no such station, and which there are; EX_NOINPUT. */
int command_no_station(const struct ctl *ctl, const char *station);

/* 0 when the station has a timetable, or none is named (NULL); else
 * command_no_station(). */
int command_station(const struct ctl *ctl, const char *station);

struct disk;

/* The same for who reads the log: a station that has lost its timetable
 * keeps what it has there. */
int command_logged_station(
    const struct ctl *ctl, struct disk *disk, const char *station);

struct people;
struct person;

/*
 * The registered person that --by names, for a record or an order: one who
 * holds an office now, whose roles allow `command` (base/rights.h). 0: then
 * *ret_people is yours (people_free()) and lends *ret_person; else what is
 * wrong, and its remedy, are said and the code is returned.
 */
int command_person(const struct ctl *ctl, const char *command, const char *who,
    struct people **ret_people, struct person *ret_person);

/* Says why --by names nobody who could, by what people_find() answered (or
 * -EKEYEXPIRED for one without an office); the code. */
int command_no_person(int r, const char *who);

/* Asks the running daemon once; takes `request` over. 0 and *ret_answer is
 * yours, whether it says "ok" or not; else what is wrong is said, and the code
 * is returned. */
int command_ask(const struct ctl *ctl, json_t *request, json_t **ret_answer);

/* Says why the daemon refused; the code. */
int command_refused(const json_t *answer);

struct post;

/* One file to be added on behalf of another command; all borrowed. */
struct command_addition {
	const char *path;
	const char *station; /* or "" */
	const char *by; /* a person's id, or "" */
	bool inbox; /* it lies there, and is put away as what is taken */
	bool quiet; /* only what is wrong is said */
};

/* Adds it as `loaxa add` does; what it does is said. 0, or the code. */
int command_add(struct ctl *ctl, const struct command_addition *what);

/* `loaxa emergency --bank`: prints what lies ready for one, and how each item
 * stands. 0, or the code. */
int command_bank(struct ctl *ctl, bool json);

struct item;

/* Says how much silence was cut away of it, if any was. */
void command_trimmed(const struct item *it);

/* post_open() with its failure said: 0, or the code. */
int command_post(const struct ctl *ctl, struct post **ret_post);

/* Says why a record did not get into the log; the code. */
int command_not_posted(const struct post *p, int r);

/* The folder of loaxa-player and loaxa-source: LOAXA_LIBEXEC, else beside
 * this program where they are there, else as installed. */
void command_libexec(char libexec[static PATH_MAX]);

/* Becomes the program of that name there, with those n words (at most 12).
 * Returns only where it cannot: says why; the code. */
int command_become(const char *program, const char *const *words, size_t n);

/* Sets the process's zone to the site's, or to Vietnam's when its file does
 * not say: for commands that only print instants. */
void command_zone(const struct ctl *ctl);

/* What is left of a disk is the airing log's: refuses a command that brings
 * something in where there is less. 0, or the code. */
#define ROOM_ADD_MB 64 /* an hour of sound, and the file it is made from */
#define ROOM_LOAD_MB 4
int command_room(const char *where, int64_t wanted_mb);

/* Prints indented JSON and a line feed; takes j over. NULL says that memory
 * ran out. The code of sysexits(3). */
int command_json(json_t *j);

/* Ends a command that printed to standard output: EX_IOERR when the words
 * did not arrive (a full disk behind ">"), else `code`. */
int command_done(int code);

#endif
