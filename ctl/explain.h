/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain - what each option of a command means, a line each, for `help`.
 */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "ctl/command.h"

/* One line, in the user's language; NULL when there is no such option. */
const char *explain_option(const char *command, const char *option);

/* Prints the options of the command's usage line, in its order. */
void explain_print(const struct command *c);

#endif
