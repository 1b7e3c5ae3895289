/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "tests/fakes/fake_link.h"

char fake_link_said[PUSH_ANSWER_MAX];

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -EIO;
}

static void
on_result(void *arg, const struct collect_result *r)
{
	struct fake_link *l = arg;

	l->outcome = r->outcome;
	l->heard++;
	snprintf(l->name, sizeof(l->name), "%s", r->name);
}

static const char *
value(const char *header, const char *name)
{
	size_t n = strlen(name);

	return header != NULL && strncmp(header, name, n) == 0 &&
		       strncmp(header + n, ": ", 2) == 0
		   ? header + n + 2
		   : "";
}

static void
answer(struct fake_link *l, const struct push_question *q,
    struct receive_answer *ret)
{
	struct receive_question is = { "a test", l->now_us,
		value(q->header, RECEIVE_KEY), value(q->header, RECEIVE_PROOF),
		q->body, q->n };
	char origin[RECEIVE_ORIGIN + 1];
	const char *slash = strchr(q->path, '/');

	if (slash != NULL)
		snprintf(origin, sizeof(origin), "%.*s", (int)(slash - q->path),
		    q->path);
	l->now_us += US_PER_S;
	if (slash == NULL)
		receive_checkpoint(l->receiver, &is, ret);
	else if (strcmp(q->method, "GET") == 0)
		receive_latest(l->receiver, origin, ret);
	else
		receive_bundle(l->receiver, origin, slash + 1, &is, ret);
	l->puts += ret->status == 201;
}

static int
cut(struct fake_link *l, char why[static PUSH_WHY])
{
	if (l->cut == CUT_RESTART) {
		receiver_close(l->receiver);
		assert_int_equal(receiver_open(&l->setup, &l->receiver), 0);
	}
	snprintf(why, PUSH_WHY, "the link was cut");
	return -EIO;
}

static int
ask(struct push_link *link, const struct push_question *q,
    struct push_answer *ret, char why[static PUSH_WHY])
{
	struct fake_link *l = (struct fake_link *)link;
	struct receive_answer is;

	l->asked++;
	if (l->asked == l->cut_at && l->cut != CUT_AFTER)
		return cut(l, why);
	answer(l, q, &is);
	assert_non_null(is.body);
	if (l->asked == l->cut_at) {
		free(is.body);
		return cut(l, why);
	}
	*ret = (struct push_answer){ is.status, is.body, is.n };
	return 0;
}

int
fake_link_ask(struct fake_link *l, const char *method, const char *path,
    const char *header, const void *body, size_t n)
{
	struct push_question q = { method, path, header, body, n };
	struct receive_answer a;

	answer(l, &q, &a);
	assert_non_null(a.body);
	assert_int_equal(strlen(a.body), a.n);
	snprintf(fake_link_said, sizeof(fake_link_said), "%s", a.body);
	free(a.body);
	return a.status;
}

void
fake_link_init(struct fake_link *l, const char *store, int64_t now_us)
{
	*l = (struct fake_link){ .link = { ask }, .now_us = now_us };
	l->setup = (struct receive_setup){
		.store = store, .draw = draw, .fn = on_result, .arg = l
	};
	assert_int_equal(receiver_open(&l->setup, &l->receiver), 0);
}

void
fake_link_free(struct fake_link *l)
{
	receiver_close(l->receiver);
}
