/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * weeksheet - a week's plan written back as a sheet, with the slots' ids and
 * their items: what an office opens in its spreadsheet, changes, and loads.
 * Loading it unchanged changes nothing.
 */
#ifndef SCHEDULER_WEEKSHEET_H
#define SCHEDULER_WEEKSHEET_H

#include <stdio.h>

#include "scheduler/plan.h"
#include "scheduler/site.h"

/* 0 or -ENOMEM, with nothing written. Whether it arrived, ferror(3) says. */
int weeksheet_write(FILE *out, const struct plan *p, const struct site *site);

#endif
