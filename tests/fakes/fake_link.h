/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fake_link - the network between push.h and receive.h, without one: each
 * question is answered in the same process. It can be cut.
 */
#ifndef TESTS_FAKES_FAKE_LINK_H
#define TESTS_FAKES_FAKE_LINK_H

#include "evidence/push.h"
#include "evidence/receive.h"

enum fake_cut {
	CUT_BEFORE, /* the question does not arrive */
	CUT_AFTER, /* the answer does not */
	CUT_RESTART /* it does not arrive, and the receiver starts anew */
};

struct fake_link {
	struct push_link link; /* must be first */
	struct receive_setup setup;
	struct receiver *receiver;
	int64_t now_us;
	int asked; /* questions */
	int cut_at; /* the question of that number, from 1; 0 none */
	enum fake_cut cut;
	int puts; /* bundles that were kept */
	/* What collect_folder() said last. */
	enum collect_outcome outcome;
	int heard;
	char name[ROSTER_NAME];
};

/* Into that store; fails the test when it cannot. */
void fake_link_init(struct fake_link *l, const char *store, int64_t now_us);
void fake_link_free(struct fake_link *l);

/* One question, answered; its status. The body is kept until the next. */
int fake_link_ask(struct fake_link *l, const char *method, const char *path,
    const char *header, const void *body, size_t n);
extern char fake_link_said[PUSH_ANSWER_MAX];

#endif
