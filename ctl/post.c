/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "ctl/client.h"
#include "ctl/post.h"
#include "evidence/ledger.h"

struct post {
	struct client *client; /* NULL: by our own hand, with the rest */
	int lock; /* -1 when not held */
	struct disk *disk;
	struct ledger *ledger;
	char boot_id[37];
	char refusal[256];
};

static int
open_own(const struct root *root, struct post *p)
{
	int r;

	if (mkdir(root->var, 0750) < 0 && errno != EEXIST)
		return -errno;
	r = disk_open(root->log, &p->disk);
	if (r < 0)
		return r;
	r = ledger_lock(root->log);
	if (r < 0)
		return r;
	p->lock = r;
	r = clock_boot_id(p->boot_id);
	if (r < 0)
		return r;
	return ledger_open(p->disk, NULL, &p->ledger);
}

int
post_open(const struct root *root, struct post **ret_post)
{
	struct post *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL)
		return -ENOMEM;
	p->lock = -1;
	r = client_open(root->socket, &p->client);
	if (r == -ENOENT || r == -ECONNREFUSED)
		r = open_own(root, p);
	if (r < 0) {
		post_close(p);
		return r;
	}
	*ret_post = p;
	return 0;
}

static int
add_own(struct post *p, enum kind kind, const char *station, json_t *body,
    int64_t *ret_seq)
{
	struct now now = clock_read();
	int64_t seq = ledger_next_seq(p->ledger);
	json_t *r;
	int result;

	now.trust = clock_synced() ? TRUST_SYNCED : TRUST_UNSURE;
	r = record_new(kind, station, now, p->boot_id);
	if (r == NULL || json_object_update_missing(r, body) < 0) {
		json_decref(r);
		return -ENOMEM;
	}
	result = ledger_add(p->ledger, r);
	if (result == 0)
		result = ledger_flush(p->ledger);
	if (result == 0)
		*ret_seq = seq;
	return result;
}

static int
take_answer(struct post *p, const json_t *answer, int64_t *ret_seq)
{
	if (json_is_true(json_object_get(answer, "ok"))) {
		*ret_seq = record_int(answer, "seq", -1);
		return 0;
	}
	snprintf(
	    p->refusal, sizeof(p->refusal), "%s", record_text(answer, "error"));
	return json_is_true(json_object_get(answer, "denied")) ? -EACCES
							       : -EREMOTEIO;
}

static int
ask_daemon(struct post *p, enum kind kind, const char *station, json_t *body,
    int64_t *ret_seq)
{
	json_t *record = json_pack("{s:s}", "kind", kind_word(kind));
	json_t *request;
	json_t *answer;
	int r;

	if (record == NULL || json_object_update_missing(record, body) < 0) {
		json_decref(record);
		return -ENOMEM;
	}
	request = json_pack("{s:s,s:s,s:o}", "cmd", "record", "station",
	    station, "record", record);
	if (request == NULL)
		return -ENOMEM;
	r = client_ask(p->client, request, &answer);
	json_decref(request);
	if (r < 0)
		return r;
	r = take_answer(p, answer, ret_seq);
	json_decref(answer);
	return r;
}

int
post_record(struct post *p, enum kind kind, const char *station, json_t *body,
    int64_t *ret_seq)
{
	int r = -ENOMEM;

	p->refusal[0] = '\0';
	if (body != NULL && p->client != NULL)
		r = ask_daemon(p, kind, station, body, ret_seq);
	else if (body != NULL)
		r = add_own(p, kind, station, body, ret_seq);
	json_decref(body);
	return r;
}

int
post_ask(struct post *p, const json_t *request, json_t **ret_answer)
{
	if (p->client == NULL)
		return -ENOTCONN;
	return client_ask(p->client, request, ret_answer);
}

const char *
post_refusal(const struct post *p)
{
	return p->refusal;
}

struct post *
post_close(struct post *p)
{
	if (p == NULL)
		return NULL;
	client_close(p->client);
	ledger_close(p->ledger);
	disk_close(p->disk);
	if (p->lock >= 0)
		close(p->lock);
	free(p);
	return NULL;
}
