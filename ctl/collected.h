/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * collected - what became of a station's signed log that was brought, fetched
 * or sent, in sentences for a person.
 */
#ifndef CTL_COLLECTED_H
#define CTL_COLLECTED_H

#include "evidence/collect.h"

/* On standard output, in the user's language. */
void collected_print(const struct collect_result *r);

#endif
