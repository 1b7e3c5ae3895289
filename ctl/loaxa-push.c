/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa-push [--root FOLDER] [--once] - sends this station's signed log to the
 * upper levels that loaxa.conf names (`push`), and hands the daemon what comes
 * back cosigned. What talks to the network is a process of its own, has no key,
 * and reads nothing of the station but its published tree; the daemon never
 * waits for it.
 *
 *	state.json		what came of the last try (pushed.h)
 *	HASH-vN.cosigned	what the daemon has not taken yet
 *
 * Both lie in struct root's push.
 *
 * Without --once it goes on: every few hours, and after a failure sooner, and
 * later with each more (patience.h). Each time it reads loaxa.conf anew.
 */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/words.h"
#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/keyring.h"
#include "ctl/patience.h"
#include "ctl/pushed.h"
#include "ctl/say.h"
#include "ctl/uplink.h"
#include "evidence/push.h"
#include "evidence/record.h"
#include "evidence/seal.h"
#include "evidence/trees.h"
#include "scheduler/site.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct pusher {
	struct root root;
	struct site *site;
	bool once;
	bool shows; /* how far it is, to a person */
	json_t *state;
};

/* Handing over -------------------------------------------------------------- */

/* 0: the daemon has it; else it is kept, and tried again. */
static int
hand_in(const struct pusher *p, const char *note, char why[static PUSH_WHY])
{
	json_t *request =
	    json_pack("{s:s, s:s}", "cmd", "anchor", "note", note);
	json_t *said = NULL;
	struct client *c = NULL;
	int r = request == NULL ? -EILSEQ : client_open(p->root.socket, &c);

	if (r == 0)
		r = client_ask(c, request, &said);
	if (r == -ENOENT || r == -ECONNREFUSED)
		snprintf(why, PUSH_WHY, "%s", _("it is not running"));
	else if (r < 0)
		snprintf(why, PUSH_WHY, "%s", say_errno(r));
	else if (!json_is_true(json_object_get(said, "ok"))) {
		snprintf(why, PUSH_WHY, "%s", _(record_text(said, "error")));
		r = -EPROTO;
	}
	client_close(c);
	json_decref(request);
	json_decref(said);
	return r;
}

static void
kept_name(const struct site_push *to, int n, char name[static 64])
{
	char hex[HASH_HEX];

	hash_bytes(to->url, strlen(to->url), hex);
	snprintf(name, 64, "%.16s-v%d.cosigned", hex, n);
}

/* Did the daemon not take it? */
static bool
is_kept(const struct pusher *p, const struct site_push *to)
{
	return json_object_get(pushed_at(p->state, to->url), "kept") != NULL;
}

/* The daemon has it, or it waits in a file for the next time. */
static void
hand_over(struct pusher *p, const struct site_push *to, int n, const char *note)
{
	json_t *at = pushed_at(p->state, to->url);
	char path[PATH_MAX];
	char name[64];
	char why[PUSH_WHY];
	struct disk *d;
	int r = hand_in(p, note, why);

	kept_name(to, n, name);
	if (r == 0) {
		snprintf(path, sizeof(path), "%s/%s", p->root.push, name);
		unlink(path);
		json_object_del(at, "kept");
		return;
	}
	say_error(_("loaxad has not taken what was cosigned: %s. It is "
		    "tried again with the next push."),
	    why);
	json_object_set_new(at, "kept", json_string(why));
	r = disk_open(p->root.push, &d);
	if (r == 0) {
		r = d->replace(d, name, note, strlen(note), 1);
		disk_close(d);
	}
	if (r < 0)
		say_error("%s/%s: %s", p->root.push, name, say_errno(r));
}

static void
hand_over_kept(struct pusher *p, const struct site_push *to, int n)
{
	char path[PATH_MAX];
	char name[64];
	char *note;
	size_t len;

	kept_name(to, n, name);
	snprintf(path, sizeof(path), "%s/%s", p->root.push, name);
	if (keyring_slurp(path, COSIGNED_MAX, &note, &len) < 0)
		return;
	hand_over(p, to, n, note);
	free(note);
}

/* Sending ------------------------------------------------------------------- */

static void
on_progress(void *arg, int64_t sent, int64_t all)
{
	const struct pusher *p = arg;

	if (p->shows && all > 1)
		fprintf(stderr, "\r%lld/%lld%s", (long long)sent,
		    (long long)all, sent == all ? "\n" : "");
}

/* An older tree that was cosigned to its end says nothing new. */
static bool
is_done(const json_t *at, int n, int64_t size)
{
	char key[32];

	snprintf(key, sizeof(key), "v%d", n);
	return record_int(json_object_get(at, "trees"), key, -1) == size;
}

static void
set_done(json_t *at, int n, int64_t size)
{
	json_t *trees = json_object_get(at, "trees");
	char key[32];

	snprintf(key, sizeof(key), "v%d", n);
	if (trees == NULL) {
		trees = json_object();
		json_object_set_new(at, "trees", trees);
	}
	json_object_set_new(trees, key, json_integer(size));
}

/* What stands in its checkpoint; false: there is none. */
static bool
look(const struct pusher *p, int n_tree, struct checkpoint *ret)
{
	char path[PATH_MAX];
	size_t n, text;
	char *note;
	bool is;

	snprintf(path, sizeof(path), "%s/v%d/" SEAL_PUBLISHED, p->root.trees,
	    n_tree);
	if (keyring_slurp(path, COSIGNED_MAX, &note, &n) < 0)
		return false;
	is = note_text(note, n, &text) == 0 &&
	     checkpoint_read(note, text, ret) == 0;
	free(note);
	return is;
}

static bool
is_wanted(const struct pusher *p, const json_t *at, int n, int last,
    const struct checkpoint *is)
{
	if (n < last)
		return !is_done(at, n, is->size);
	return p->once || pushed_is_due(at, is, clock_read().wall_us);
}

static void
tell(const struct pusher *p, const json_t *at)
{
	char *text = pushed_text(at);

	if (text == NULL)
		return;
	if (pushed_well(at))
		say_line(stdout, "%s", text);
	else if (p->once)
		say_error("%s", text);
	else
		log_warn("%s", text);
	fflush(stdout);
	free(text);
}

/* One that is over, and is there whole or as far as it ever will be. */
static bool
is_settled(const struct push_result *r, bool newest)
{
	return r->outcome == PUSH_COSIGNED ||
	       (!newest &&
		   (r->outcome == PUSH_BEHIND || r->outcome == PUSH_FORKED));
}

/* One tree. */
static enum push_outcome
send_tree(struct pusher *p, const struct site_push *to, struct push_link *l,
    int n, bool newest)
{
	json_t *at = pushed_at(p->state, to->url);
	char folder[PATH_MAX];
	struct push_setup up = { .link = l,
		.tree = folder,
		.cosigners = p->site->cosigners,
		.n_cosigners = p->site->n_cosigners,
		.progress = on_progress,
		.arg = p };
	struct push_result r;

	snprintf(folder, sizeof(folder), "%s/v%d", p->root.trees, n);
	push_tree(&up, &r);
	if (at == NULL || pushed_note(at, &r, clock_read().wall_us) < 0)
		say_error("%s", say_errno(-ENOMEM));
	if (is_settled(&r, newest))
		set_done(at, n, r.is.size);
	if (r.note != NULL)
		hand_over(p, to, n, r.note);
	tell(p, at);
	push_clear(&r);
	return is_settled(&r, newest) ? PUSH_COSIGNED : r.outcome;
}

/* The file's own folder is the root, unless it is absolute. */
static int
open_link(
    const struct pusher *p, const struct site_push *to, struct push_link **ret)
{
	char path[PATH_MAX];

	if (to->ca == NULL)
		return uplink_open(to->url, NULL, ret);
	snprintf(path, sizeof(path), "%s%s%s",
	    to->ca[0] == '/' ? "" : p->root.top, to->ca[0] == '/' ? "" : "/",
	    to->ca);
	return uplink_open(to->url, path, ret);
}

/* All trees, the oldest first. 0, or the code. */
static int
send_all(struct pusher *p, const struct site_push *to)
{
	int last = trees_last(p->root.trees);
	struct push_link *l;
	int code = EX_OK;

	if (last < 0 && last != -ENOENT) {
		say_error("%s: %s", p->root.trees, say_errno(last));
		return say_exit(last);
	}
	if (last < 1) {
		say_error("%s",
		    _("this station has not signed its log yet; loaxad does "
		      "so a minute after its first record"));
		return EX_NOINPUT;
	}
	if (open_link(p, to, &l) < 0)
		return EX_OSERR;
	for (int n = 1; n <= last; n++) {
		enum push_outcome is = PUSH_COSIGNED;
		struct checkpoint c;

		if (!look(p, n, &c))
			continue;
		hand_over_kept(p, to, n);
		if (is_wanted(p, pushed_at(p->state, to->url), n, last, &c))
			is = send_tree(p, to, l, n, n == last);
		if (is != PUSH_COSIGNED || is_kept(p, to))
			code = EX_TEMPFAIL;
		/* Nor will it answer the next. */
		if (is == PUSH_CUT || is == PUSH_DISTRUSTED || is == PUSH_BUSY)
			break;
	}
	uplink_close(l);
	return code;
}

/* The worst of all upper levels. */
static int
send_everywhere(struct pusher *p)
{
	int code = EX_OK;
	int r;

	p->state = pushed_read(&p->root);
	for (size_t i = 0; i < p->site->n_pushes; i++) {
		r = send_all(p, &p->site->pushes[i]);
		code = r == EX_OK ? code : r;
	}
	r = pushed_write(&p->root, p->state);
	/* Whoever may not write there has been told all of it. */
	if (r < 0 && !p->once)
		log_warn("%s: %s", p->root.push, say_errno(r));
	json_decref(p->state);
	return code;
}

/* Again and again ----------------------------------------------------------- */

static uint32_t
draw(struct chance *c)
{
	uint32_t n;

	(void)c;
	return getrandom(&n, sizeof(n), 0) == sizeof(n) ? n : UINT32_MAX / 2;
}

static int64_t
shortest_us(const struct site *s)
{
	int min = s->pushes[0].every_min;

	for (size_t i = 1; i < s->n_pushes; i++)
		min =
		    s->pushes[i].every_min < min ? s->pushes[i].every_min : min;
	return min * US_PER_MIN;
}

static int
read_site(struct pusher *p)
{
	struct problems ps = { 0 };
	int r = site_read(p->root.conf, &ps, &p->site);

	problems_free(&ps);
	if (r < 0) {
		say_error(_("%s cannot be read, or has faults: `loaxa check` "
			    "names them"),
		    p->root.conf);
		return EX_CONFIG;
	}
	return EX_OK;
}

/* `status` would tell for ever of an upper level whose address was wrong. */
static void
forget_others(const struct pusher *p)
{
	json_t *state = pushed_read(&p->root);

	if (pushed_keep_named(state, p->site))
		pushed_write(&p->root, state);
	json_decref(state);
}

/* As loaxa.conf is by now, so that what somebody has put right there is seen;
 * one that has faults changes nothing. */
static void
read_again(struct pusher *p)
{
	struct site *was = p->site;

	if (read_site(p) == EX_OK)
		site_free(was);
	forget_others(p);
}

/* Until no upper level is named any more. */
static void
go_on(struct pusher *p)
{
	struct chance chance = { draw };
	struct patience patience = { 0 };

	for (; p->site->n_pushes > 0; read_again(p)) {
		bool well = send_everywhere(p) == EX_OK;
		int64_t us = patience_wait(
		    &patience, &chance, well, shortest_us(p->site));

		clock_nanosleep(CLOCK_BOOTTIME, 0,
		    &(struct timespec){ us / US_PER_S, 0 }, NULL);
	}
}

int
main(int argc, char **argv)
{
	static struct pusher p;
	const char *root = NULL;
	const struct arg args[] = { { "root", ARG_TEXT, &root },
		{ "once", ARG_FLAG, &p.once } };
	char wrong[300];
	int code;

	words_open();
	log_name("loaxa-push");
	if (args_read(args, COUNT(args), &argc, argv, wrong, sizeof(wrong)) <
		0 ||
	    argc > 1) {
		say_error("loaxa-push [--root FOLDER] [--once]");
		return EX_USAGE;
	}
	if (root_find(root, &p.root) < 0) {
		say_error("%s: %s", root, strerror(errno));
		return EX_NOINPUT;
	}
	code = read_site(&p);
	if (code != EX_OK)
		return code;
	forget_others(&p);
	if (p.site->n_pushes == 0) {
		say_line(p.once ? stderr : stdout, "%s",
		    _("loaxa.conf names no upper level to send to (push); "
		      "there is nothing to do"));
		return p.once ? EX_CONFIG : EX_OK;
	}
	p.shows = p.once && isatty(STDERR_FILENO);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (p.once)
		code = send_everywhere(&p);
	else
		go_on(&p);
	site_free(p.site);
	curl_global_cleanup();
	return code;
}
