/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * args - the words after a command: options in any place, operands in order.
 *
 * "--name VALUE" or "--name=VALUE"; a name of one letter is "-n VALUE" or
 * "-nVALUE". "--" ends the options; "-" alone is an operand.
 */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stddef.h>
#include <stdint.h>

enum arg_kind {
	ARG_FLAG, /* takes no value; ret is a bool */
	ARG_TEXT, /* ret is a const char *, borrowed from argv */
	ARG_TEXTS, /* may be repeated; ret is a struct arg_texts */
	ARG_NUMBER, /* 1 to 1,000,000; ret is an int */
	ARG_DATE, /* 2026-11-26 or 26/11/2026; ret is an int64_t day */
	ARG_WEEK /* 2026-W48; ret is an int64_t, its Monday */
};

#define ARG_TEXTS_MAX 32 /* more than anybody types */

struct arg_texts {
	const char *list[ARG_TEXTS_MAX]; /* borrowed from argv */
	size_t n;
};

struct arg {
	const char *name; /* without dashes */
	enum arg_kind kind;
	void *ret; /* untouched unless the option is given */
};

/*
 * Reads argv[1..]; argv[0] is the command. Operands move to the front and
 * *argc becomes their number plus one. 0; -EINVAL with a sentence for the
 * user in `wrong`.
 */
int args_read(const struct arg *args, size_t n_args, int *argc, char **argv,
    char *wrong, size_t size);

/* A date as an officer or a log writes it. -EINVAL when it is neither. */
int args_date(const char *text, int64_t *ret_day);

#endif
