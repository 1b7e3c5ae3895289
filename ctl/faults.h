/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * faults - what the daemon finds wrong (scheduler/health.h), in words: what
 * it is, since when, what it means for the next slot, what to do about it.
 */
#ifndef CTL_FAULTS_H
#define CTL_FAULTS_H

#include <jansson.h>
#include <stdio.h>

/* The one line that a tired person reads: OK, look, or broken, and for what. */
void faults_verdict(const json_t *answer, FILE *out);

/* Every fault, worst first, in at most 80 columns. */
void faults_print(const json_t *answer, FILE *out);

/* What a script learns of the verdict: 0 ok, 1 look, 2 broken. */
int faults_exit(const json_t *answer);

#endif
