/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/child.h"
#include "base/wire.h"
#include "base/words.h"
#include "base/worker.h"
#include "playout/deck.h"
#include "playout/tap.h"

#define WIRE_FD 3 /* in the player */
#define AIRINGS_MAX (2 * CUES_MAX) /* held by the player, and loading */
#define QUEUE_MAX (4 * AIRINGS_MAX) /* far beyond one pass of chores */
#define LOAD_US (8 * US_PER_S) /* to hash the longest item twice over */
#define TAP_US (20 * US_PER_S) /* for a live source to give a sound */
#define OVER_US \
	(10 * US_PER_S) /* for the player, after the last that may
				  * sound */
#define LAST_WORD_US US_PER_S /* for a source, after its player's */
#define QUIET_US (5 * US_PER_S) /* a player beats every second */
#define QUIET_ON_AIR_US (3 * US_PER_S) /* ... and opens nothing meanwhile */
#define OPENS_US (15 * US_PER_S) /* it beats from so long before a start */
#define GAP_US (3 * US_PER_S) /* we were asleep, not the player */
#define BACKOFF_MIN_US US_PER_S
#define BACKOFF_MAX_US (10 * US_PER_S)
#define WORDS_MAX 500 /* from a player in a second; it has no use for 50 */
#define BUSY_US (100 * US_PER_MS) /* the wire was full: again */
#define CLOSE_MS 1500 /* for a player to fade and close */

struct airing {
	uint64_t id; /* 0: this place is free */
	char sha256[HASH_HEX];
	int64_t offset;
	struct worker *worker; /* NULL: a live source's */
	bool watched; /* its report */
	struct tap *tap;
	int64_t load_by_us;
	bool loaded;
	bool cued;
	bool sent; /* the cue, and the pipe with it */
	bool stop; /* a CUE_STOP is still to be sent */
	struct cue cue;
	int64_t sent_us;
	int64_t cue_by_us;
	int64_t over_by_us; /* the player must have said how it ended */
	struct receipt last; /* the latest of it; at the end, the ENDED */
	bool ended; /* `last` waits for its source's last word */
	int64_t end_by_us;
};

struct live {
	struct deck deck; /* must be first */
	char *station, *libexec, *driver, *device, *file;
	int buffer_ms, latency_ms;
	int epoll;
	struct child player;
	struct child hung; /* one that SIGKILL could not end at once */
	int wire; /* -1: no player */
	int64_t started_us;
	int64_t backoff_us;
	int64_t restart_us; /* not before */
	int64_t heard_us;
	int64_t turned_us;
	int64_t words_us; /* when the count of its messages began */
	int words;
	int64_t ready_us; /* the player is to be ready until then */
	bool ready_told;
	bool lost; /* the device, by the player's last word on it */
	struct airing airings[AIRINGS_MAX];
	struct receipt queue[QUEUE_MAX];
	size_t first, n;
};

/* Receipts ---------------------------------------------------------------- */

/* At most a receipt's worth, and never half a letter. */
static void
set_text(struct receipt *r, const char *text)
{
	size_t n = strnlen(text, sizeof(r->text));

	if (n == sizeof(r->text)) {
		n--;
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(r->text, text, n);
	r->text[n] = '\0';
}

static void
push(struct live *d, const struct receipt *r)
{
	if (d->n < QUEUE_MAX)
		d->queue[(d->first + d->n++) % QUEUE_MAX] = *r;
}

static bool
pop(struct live *d, struct receipt *ret)
{
	if (d->n == 0)
		return false;
	*ret = d->queue[d->first];
	d->first = (d->first + 1) % QUEUE_MAX;
	d->n--;
	return true;
}

static struct receipt
receipt_of(enum receipt_kind kind, uint64_t airing)
{
	return (struct receipt){
		.version = CUE_VERSION,
		.kind = kind,
		.airing = airing,
		.peak_mdb = -120000,
	};
}

/* Airings ----------------------------------------------------------------- */

static struct airing *
find(struct live *d, uint64_t id)
{
	for (size_t i = 0; i < AIRINGS_MAX; i++)
		if (d->airings[i].id == id)
			return &d->airings[i];
	return NULL;
}

/* Not left to close(): a program that is just being started may hold it open
 * for as long as that takes, and we would be woken without end. */
static void
unwatch(struct live *d, int fd)
{
	(void)epoll_ctl(d->epoll, EPOLL_CTL_DEL, fd, NULL);
}

static const struct worker_state *
see(struct live *d, struct airing *a)
{
	const struct worker_state *s = worker_see(a->worker);

	if (s->ended && a->watched) {
		unwatch(d, worker_report_fd(a->worker));
		a->watched = false;
	}
	return s;
}

/* The one last word, as far as this side knows; give_ends() sends it. What
 * the latest receipt measured stays. */
static void
end(struct airing *a, struct now now, enum ended why, const char *text)
{
	a->ended = true;
	a->last.kind = RECEIPT_ENDED;
	a->last.ended = why;
	set_text(&a->last, text);
	/* One that never left has no more to say. */
	a->end_by_us = a->sent ? now.boot_us + LAST_WORD_US : now.boot_us;
}

/* What it said itself is the better reason, where it failed. */
static void
give_tap_end(struct live *d, struct airing *a)
{
	tap_ended(a->tap);
	if (a->last.ended == ENDED_SOURCE_FAILED &&
	    tap_words(a->tap)[0] != '\0')
		set_text(&a->last, tap_words(a->tap));
	push(d, &a->last);
	tap_free(a->tap);
	*a = (struct airing){ 0 };
}

static void
give_end(struct live *d, struct airing *a)
{
	const struct worker_state *s;

	if (a->tap != NULL) {
		give_tap_end(d, a);
		return;
	}
	s = see(d, a);

	/* P5: bytes changed in place while they were read. */
	if (s->done && strcmp(s->hash_after, a->sha256) != 0) {
		a->last.ended = ENDED_HASH_CHANGED;
		set_text(&a->last, _("the item's file was changed on the air"));
	}
	push(d, &a->last);
	if (a->watched)
		unwatch(d, worker_report_fd(a->worker));
	worker_free(a->worker);
	*a = (struct airing){ 0 };
}

static void
end_unloaded(struct airing *a, struct now now, const struct worker_state *s)
{
	bool bad = strcmp(s->word, "bad") == 0 || strcmp(s->word, "own") == 0;
	char text[128];

	if (bad) {
		end(a, now, ENDED_BAD_ITEM,
		    _("the file is not an item; add it again"));
		return;
	}
	snprintf(text, sizeof(text), _("the source failed: %s"), s->word);
	end(a, now, ENDED_SOURCE_FAILED, text);
}

/* Between load() and LOADED. */
static void
see_loading(struct live *d, struct airing *a, struct now now)
{
	const struct worker_state *s = see(d, a);

	if (s->hash[0] != '\0' && strcmp(s->hash, a->sha256) != 0) {
		end(a, now, ENDED_HASH_CHANGED,
		    _("the item's file is not the approved one"));
	} else if (s->has_format) {
		struct receipt r = receipt_of(RECEIPT_LOADED, a->id);

		a->loaded = true;
		push(d, &r);
	} else if (s->failed) {
		end_unloaded(a, now, s);
	} else if (now.boot_us >= a->load_by_us) {
		end(a, now, ENDED_SOURCE_FAILED,
		    _("the item could not be read in time; check the disk"));
	}
}

/* Loaded and waiting for its cue: it may still fail. */
static void
see_waiting(struct live *d, struct airing *a, struct now now)
{
	const struct worker_state *s = see(d, a);

	if (s->failed)
		end_unloaded(a, now, s);
}

static void
see_tap(struct live *d, struct airing *a, struct now now)
{
	bool ended = tap_ended(a->tap);

	if (!a->ended && !a->loaded && tap_gives(a->tap)) {
		struct receipt r = receipt_of(RECEIPT_LOADED, a->id);

		a->loaded = true;
		/* From here on the player reads it, and not we. */
		unwatch(d, tap_sound(a->tap));
		push(d, &r);
	} else if (!a->ended && !a->sent && ended) {
		end(a, now, ENDED_SOURCE_FAILED, _("the source ended"));
	} else if (!a->ended && !a->loaded && now.boot_us >= a->load_by_us) {
		end(a, now, ENDED_SOURCE_FAILED, _("the source gave no sound"));
	}
	if (a->ended)
		give_end(d, a);
}

static void
see_airing(struct live *d, struct airing *a, struct now now)
{
	const struct worker_state *s;

	if (a->tap != NULL) {
		if (!a->ended && a->cued && !a->sent &&
		    now.boot_us >= a->cue_by_us)
			end(a, now, ENDED_PROCESS_DIED,
			    _("the player could not be started"));
		see_tap(d, a, now);
		return;
	}
	if (!a->ended && !a->loaded)
		see_loading(d, a, now);
	else if (!a->ended && !a->sent)
		see_waiting(d, a, now);
	else
		see(d, a);
	if (!a->ended && a->cued && !a->sent && now.boot_us >= a->cue_by_us)
		end(a, now, ENDED_PROCESS_DIED,
		    _("the player could not be started"));
	s = see(d, a);
	if (a->ended && (s->done || s->failed || now.boot_us >= a->end_by_us))
		give_end(d, a);
}

/* The player -------------------------------------------------------------- */

static bool
is_needed(const struct live *d, struct now now)
{
	if (now.boot_us < d->ready_us)
		return true;
	for (size_t i = 0; i < AIRINGS_MAX; i++)
		if (d->airings[i].id != 0 && !d->airings[i].ended)
			return true;
	return false;
}

static int
watch(struct live *d, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data = { .fd = fd } };

	return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

static int
spawn_player(struct live *d, int theirs)
{
	char path[4096];
	char buffer[16], latency[16];
	char *argv[] = { path, "--station", d->station, "--driver", d->driver,
		"--device", d->device, "--file", d->file, "--buffer-ms", buffer,
		"--latency-ms", latency, NULL };

	snprintf(path, sizeof(path), "%s/loaxa-player", d->libexec);
	snprintf(buffer, sizeof(buffer), "%d", d->buffer_ms);
	snprintf(latency, sizeof(latency), "%d", d->latency_ms);
	return child_start(argv,
	    (const struct child_fd[]){ { -1, STDIN_FILENO },
		{ -1, STDOUT_FILENO }, { theirs, WIRE_FD } },
	    3, &d->player);
}

/* Not before it may be tried again, and each time later. */
static void
start_player(struct live *d, struct now now)
{
	int fds[2];

	if (d->wire >= 0 || now.boot_us < d->restart_us ||
	    !child_reap(&d->hung))
		return;
	d->started_us = now.boot_us;
	d->heard_us = now.boot_us;
	d->restart_us = now.boot_us + d->backoff_us;
	if (wire_pair(fds) < 0)
		return;
	if (spawn_player(d, fds[1]) < 0 || watch(d, fds[0]) < 0) {
		close(fds[0]);
		child_end(&d->player, 0);
		d->backoff_us = earlier(2 * d->backoff_us, BACKOFF_MAX_US);
	} else {
		d->wire = fds[0];
	}
	close(fds[1]);
}

/* Nobody tries the device until the next cue starts another player. */
static void
tell_lost(struct live *d, const char *text)
{
	struct receipt r = receipt_of(RECEIPT_DEVICE_LOST, 0);

	r.ended = ENDED_PROCESS_DIED;
	set_text(&r, text);
	push(d, &r);
}

/* It is gone, or as good as gone: whatever it held has ended. */
static void
lose_player(struct live *d, struct now now, enum ended why, const char *text)
{
	unwatch(d, d->wire);
	close(d->wire);
	d->wire = -1;
	d->ready_told = now.boot_us >= d->ready_us;
	child_kill(&d->player);
	d->hung = d->player;
	d->player = CHILD_NONE;
	if (now.boot_us - d->started_us >= BACKOFF_MAX_US)
		d->backoff_us = BACKOFF_MIN_US;
	d->restart_us = d->started_us + d->backoff_us;
	d->backoff_us = earlier(2 * d->backoff_us, BACKOFF_MAX_US);
	for (size_t i = 0; i < AIRINGS_MAX; i++)
		if (d->airings[i].sent && !d->airings[i].ended)
			end(&d->airings[i], now, why, text);
	if (d->lost || why == ENDED_DEVICE_LOST)
		tell_lost(d, text);
	d->lost = false;
}

/* Since when it should have been heard of; NEVER when it need not beat. */
static int64_t
quiet_since(const struct live *d)
{
	int64_t since_us = NEVER;

	for (size_t i = 0; i < AIRINGS_MAX; i++) {
		const struct airing *a = &d->airings[i];

		if (a->sent && !a->ended)
			since_us = earlier(since_us,
			    later(a->sent_us, a->cue.start_boot_us - OPENS_US));
	}
	return since_us == NEVER ? NEVER : later(since_us, d->heard_us);
}

/* What sounds is to be heard of more often than a device that opens. */
static int64_t
quiet_most(const struct live *d)
{
	for (size_t i = 0; i < AIRINGS_MAX; i++) {
		const struct airing *a = &d->airings[i];

		if (a->sent && !a->ended && a->last.kind != RECEIPT_ENDED &&
		    (a->tap == NULL || a->last.frames_sent > 0))
			return QUIET_ON_AIR_US;
	}
	return QUIET_US;
}

/* We were asleep, and so may it have been. */
static void
give_time(struct live *d, struct now now)
{
	d->heard_us = now.boot_us;
	for (size_t i = 0; i < AIRINGS_MAX; i++)
		d->airings[i].over_by_us =
		    later(d->airings[i].over_by_us, now.boot_us + OVER_US);
}

/* A player that no longer beats hangs in its device: nothing else in it
 * blocks. */
static void
check_pulse(struct live *d, struct now now)
{
	const char *text = _("the sound device hung; the player was restarted");
	int64_t since_us;

	if (now.boot_us - d->turned_us > GAP_US)
		give_time(d, now);
	d->turned_us = now.boot_us;
	since_us = quiet_since(d);
	if (d->wire < 0 || since_us == NEVER ||
	    now.boot_us - since_us < quiet_most(d))
		return;
	lose_player(d, now, ENDED_DEVICE_LOST, text);
}

/* P2: a player that beats and never says how an airing ended would keep its
 * slot open for good. */
static void
check_ends(struct live *d, struct now now)
{
	for (size_t i = 0; i < AIRINGS_MAX && d->wire >= 0; i++) {
		const struct airing *a = &d->airings[i];

		if (a->sent && !a->ended && now.boot_us >= a->over_by_us)
			lose_player(d, now, ENDED_PROCESS_DIED,
			    _("the player lost count; it was restarted"));
	}
}

/* More than it can have to say: endless receipts, or no receipts at all. */
static bool
babbles(struct live *d, struct now now)
{
	if (now.boot_us - d->words_us >= US_PER_S) {
		d->words_us = now.boot_us;
		d->words = 0;
	}
	return ++d->words > WORDS_MAX;
}

/* True when it is sent; false: again later, or the player is going. */
static bool
send_cue(struct live *d, const struct cue *c, int fd)
{
	return d->wire >= 0 && wire_send(d->wire, c, sizeof(*c), fd) == 0;
}

/* Another player has to be told again; none need be told that it is over. */
static void
tell_ready(struct live *d)
{
	struct cue ready = {
		.version = CUE_VERSION,
		.verb = CUE_READY,
		.stop_boot_us = d->ready_us,
	};

	if (!d->ready_told)
		d->ready_told = send_cue(d, &ready, -1);
}

/* By when nothing of it can sound any more. */
static int64_t
over_by_us(const struct cue *c, struct now now)
{
	int64_t end_us = earlier(c->stop_boot_us, c->fence_boot_us);

	if (end_us == NEVER)
		return NEVER;
	return later(end_us, now.boot_us) + OVER_US;
}

static int
sound_of(const struct airing *a)
{
	return a->tap != NULL ? tap_sound(a->tap) : worker_sound(a->worker);
}

static void
send_waiting(struct live *d, struct airing *a, struct now now)
{
	struct cue stop = {
		.version = CUE_VERSION,
		.verb = CUE_STOP,
		.airing = a->id,
	};

	if (a->cued && !a->sent && !a->ended &&
	    send_cue(d, &a->cue, sound_of(a))) {
		/* Ours must close, or the source never learns of its end. */
		close(a->tap != NULL ? tap_take_sound(a->tap)
				     : worker_take_sound(a->worker));
		a->sent = true;
		a->sent_us = now.boot_us;
		a->over_by_us = over_by_us(&a->cue, now);
	}
	if (a->stop && a->sent && !a->ended && send_cue(d, &stop, -1))
		a->stop = false;
}

/* P7: a player gone wrong is not believed what cannot be. */
static bool
is_sane(const struct airing *a, const struct receipt *r)
{
	bool kind = (r->kind >= RECEIPT_STARTED && r->kind <= RECEIPT_ENDED) ||
		    (r->kind == RECEIPT_SIGNAL && a->tap != NULL);

	return kind && r->frames_signal >= 0 &&
	       r->frames_signal <= r->frames_sent && r->ended < ENDEDS &&
	       r->frames_sent >= 0 && r->frames_sent >= a->last.frames_sent &&
	       (a->cue.frames <= 0 || r->frames_sent <= a->cue.frames) &&
	       r->frames_silent >= 0 && r->underruns >= 0 &&
	       r->underrun_us >= 0;
}

/* cue.h leaves open how "never" is said; here it is 0. */
static void
take_receipt(struct live *d, struct now now, struct receipt *r)
{
	struct airing *a = r->airing == 0 ? NULL : find(d, r->airing);

	r->text[sizeof(r->text) - 1] = '\0';
	if (r->first_boot_us == NEVER)
		r->first_boot_us = 0;
	if (r->last_boot_us == NEVER)
		r->last_boot_us = 0;
	if (r->kind == RECEIPT_DEVICE_OK || r->kind == RECEIPT_DEVICE_LOST)
		d->lost = r->kind == RECEIPT_DEVICE_LOST;
	if (r->airing == 0) {
		if (r->kind >= RECEIPT_DEVICE_OK && r->kind <= RECEIPT_LEVEL)
			push(d, r); /* else its beat */
		return;
	}
	if (a == NULL || !a->sent || a->ended || !is_sane(a, r))
		return;
	a->last = *r;
	if (r->kind == RECEIPT_ENDED)
		end(a, now, r->ended, r->text);
	else
		push(d, r);
}

/* One message; false when there is none. */
static bool
read_wire(struct live *d, struct now now)
{
	struct receipt r;
	ssize_t n;

	if (d->wire < 0)
		return false;
	n = wire_recv(d->wire, &r, sizeof(r), NULL);
	if (n == -EAGAIN)
		return false;
	if (n == 0 || (n < 0 && n != -EMSGSIZE)) {
		lose_player(d, now, ENDED_PROCESS_DIED,
		    _("the player died; it is restarted"));
		return true;
	}
	if (babbles(d, now)) {
		lose_player(d, now, ENDED_PROCESS_DIED,
		    _("the player talked nonsense; it was restarted"));
		return true;
	}
	d->heard_us = now.boot_us;
	if (n == (ssize_t)sizeof(r) && r.version == CUE_VERSION)
		take_receipt(d, now, &r);
	return true;
}

/* The table --------------------------------------------------------------- */

/* What is to be done at any moment; true when it made news. */
static bool
do_chores(struct live *d, struct now now)
{
	while (d->n == 0 && read_wire(d, now))
		continue;
	if (d->n > 0)
		return true;
	check_pulse(d, now);
	check_ends(d, now);
	child_reap(&d->hung);
	if (is_needed(d, now))
		start_player(d, now);
	tell_ready(d);
	for (size_t i = 0; i < AIRINGS_MAX; i++) {
		if (d->airings[i].id == 0)
			continue;
		send_waiting(d, &d->airings[i], now);
		see_airing(d, &d->airings[i], now);
	}
	return d->n > 0;
}

static int
live_receive(struct deck *deck, struct now now, struct receipt *ret)
{
	struct live *d = (struct live *)deck;

	if (d->n == 0 && !do_chores(d, now))
		return 0;
	return pop(d, ret);
}

static int
load_into(struct live *d, struct airing *a, int item_fd, int64_t offset)
{
	int r = worker_start(d->libexec, item_fd, offset, &a->worker);

	if (r < 0)
		return r;
	r = watch(d, worker_report_fd(a->worker));
	a->watched = r == 0;
	if (r < 0)
		a->worker = worker_free(a->worker);
	return r;
}

static int
live_load(struct deck *deck, struct now now, uint64_t airing, int item_fd,
    const char *sha256, int64_t offset)
{
	struct live *d = (struct live *)deck;
	struct airing *a = find(d, 0);
	int r = -EINVAL;

	if (airing == 0 || find(d, airing) != NULL || offset < 0 ||
	    item_fd < 0 || !hash_is_hex(sha256))
		goto out;
	r = a == NULL ? -EBUSY : load_into(d, a, item_fd, offset);
	if (r < 0)
		goto out;
	a->id = airing;
	memcpy(a->sha256, sha256, HASH_HEX);
	a->offset = offset;
	a->load_by_us = now.boot_us + LOAD_US;
	a->last = receipt_of(RECEIPT_ENDED, airing);
	start_player(d, now);
out:
	if (item_fd >= 0)
		close(item_fd);
	return r;
}

static int
tap_into(struct live *d, struct airing *a, const struct deck_live *live)
{
	int r = tap_start(
	    d->libexec, &(struct tap_setup){ live->url, live->line }, &a->tap);

	if (r < 0)
		return r;
	if (watch(d, tap_fd(a->tap)) == 0 && watch(d, tap_sound(a->tap)) == 0)
		return 0;
	a->tap = tap_free(a->tap);
	return -EIO;
}

static int
live_listen(struct deck *deck, struct now now, uint64_t airing,
    const struct deck_live *live)
{
	struct live *d = (struct live *)deck;
	struct airing *a = find(d, 0);
	int r;

	if (airing == 0 || find(d, airing) != NULL)
		return -EINVAL;
	r = a == NULL ? -EBUSY : tap_into(d, a, live);
	if (r < 0)
		return r;
	a->id = airing;
	a->load_by_us = now.boot_us + TAP_US;
	a->last = receipt_of(RECEIPT_ENDED, airing);
	start_player(d, now);
	return 0;
}

/* P5, P7: the hash binds the sound, not the record beside it. One that says
 * fewer frames would have a part aired and told as the whole. */
static bool
agrees(const struct airing *a, const struct cue *c)
{
	const struct worker_state *s = worker_see(a->worker);

	return s->channels == c->channels &&
	       (s->stated_frames < 0 ||
		   s->stated_frames == a->offset + c->frames);
}

static int
live_cue(struct deck *deck, struct now now, const struct cue *c)
{
	struct live *d = (struct live *)deck;
	struct airing *a = c->airing == 0 ? NULL : find(d, c->airing);

	if (a == NULL || !a->loaded || a->cued || a->ended)
		return -ENOENT;
	if ((a->tap != NULL) != (c->live_ms != 0))
		return -EINVAL;
	if (a->tap == NULL && !agrees(a, c)) {
		end(a, now, ENDED_BAD_ITEM,
		    _("the item's record and its sound do not agree"));
		return -ENOENT;
	}
	a->cue = *c;
	a->cued = true;
	a->cue_by_us = later(now.boot_us, c->start_boot_us) + BACKOFF_MAX_US;
	send_waiting(d, a, now);
	return 0;
}

static void
live_drop(struct deck *deck, struct now now, uint64_t airing)
{
	struct live *d = (struct live *)deck;
	struct airing *a = airing == 0 ? NULL : find(d, airing);

	if (a == NULL || a->ended)
		return;
	if (!a->sent) {
		end(a, now, ENDED_STOPPED, "");
		return;
	}
	a->stop = true;
	send_waiting(d, a, now);
}

static void
live_ready(struct deck *deck, struct now now, int64_t until_us)
{
	struct live *d = (struct live *)deck;

	if (until_us == d->ready_us)
		return;
	d->ready_us = until_us;
	d->ready_told = false;
	if (now.boot_us < until_us)
		start_player(d, now);
	tell_ready(d);
}

static int64_t
airing_wake(const struct live *d, const struct airing *a)
{
	int64_t soon_us = d->turned_us + BUSY_US;

	if (a->id == 0)
		return NEVER;
	if (a->ended)
		return a->end_by_us;
	if (!a->loaded)
		return a->load_by_us;
	if (a->cued && !a->sent)
		return d->wire >= 0 ? soon_us
				    : earlier(a->cue_by_us,
					  later(d->restart_us, soon_us));
	if (a->stop)
		return soon_us;
	return a->sent ? a->over_by_us : NEVER;
}

static int64_t
live_wake(struct deck *deck)
{
	const struct live *d = (struct live *)deck;
	int64_t since_us = quiet_since(d);
	int64_t wake_us = NEVER;

	if (d->n > 0)
		return 0;
	if (!d->ready_told && d->turned_us < d->ready_us)
		wake_us = later(d->restart_us, d->turned_us + BUSY_US);
	for (size_t i = 0; i < AIRINGS_MAX; i++)
		wake_us = earlier(wake_us, airing_wake(d, &d->airings[i]));
	/* Look in every second while it must beat: see GAP_US. */
	if (d->wire >= 0 && since_us != NEVER)
		wake_us =
		    earlier(wake_us, later(since_us, d->turned_us + US_PER_S));
	return wake_us;
}

static int
live_fd(struct deck *deck)
{
	return ((struct live *)deck)->epoll;
}

static int64_t
live_quiet_since(struct deck *deck)
{
	return quiet_since((struct live *)deck);
}

static void
live_close(struct deck *deck)
{
	struct live *d = (struct live *)deck;

	for (size_t i = 0; i < AIRINGS_MAX; i++)
		worker_free(d->airings[i].worker);
	for (size_t i = 0; i < AIRINGS_MAX; i++)
		tap_free(d->airings[i].tap);
	if (d->wire >= 0)
		close(d->wire); /* the player fades out and ends */
	child_end(&d->player, CLOSE_MS);
	child_end(&d->hung, 0);
	if (d->epoll >= 0)
		close(d->epoll);
	free(d->station);
	free(d->libexec);
	free(d->driver);
	free(d->device);
	free(d->file);
	free(d);
}

static char *
copied(const char *s)
{
	return strdup(s == NULL ? "" : s);
}

static int
check_program(const char *libexec, const char *name)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/%s", libexec, name) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	return access(path, X_OK) < 0 ? -errno : 0;
}

static int
fill(struct live *d, const struct deck_setup *setup)
{
	d->player = CHILD_NONE;
	d->hung = CHILD_NONE;
	d->wire = -1;
	d->backoff_us = BACKOFF_MIN_US;
	d->restart_us = INT64_MIN;
	d->ready_told = true; /* nothing is to be told */
	d->buffer_ms = setup->buffer_ms == 0 ? 200 : setup->buffer_ms;
	d->latency_ms = setup->latency_ms;
	d->station = copied(setup->station);
	d->libexec = copied(setup->libexec);
	d->driver = copied(setup->driver);
	d->device = copied(setup->device);
	d->file = copied(setup->file);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll < 0)
		return -errno;
	if (d->station == NULL || d->libexec == NULL || d->driver == NULL ||
	    d->device == NULL || d->file == NULL)
		return -ENOMEM;
	return 0;
}

int
deck_open(const struct deck_setup *setup, struct deck **ret_deck)
{
	static const struct deck table = { live_load, live_cue, live_drop,
		live_receive, live_wake, live_fd, live_close, live_quiet_since,
		live_listen, live_ready };
	struct live *d;
	int r;

	r = check_program(setup->libexec, "loaxa-player");
	if (r == 0)
		r = check_program(setup->libexec, "loaxa-source");
	if (r < 0)
		return r;
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return -ENOMEM;
	d->deck = table;
	r = fill(d, setup);
	if (r < 0) {
		live_close(&d->deck);
		return r;
	}
	*ret_deck = &d->deck;
	return 0;
}

struct deck *
deck_close(struct deck *d)
{
	if (d != NULL)
		d->close(d);
	return NULL;
}

bool
deck_moves(struct deck *d, struct now now)
{
	int64_t since_us = earlier(d->quiet_since(d), d->wake(d));

	return since_us == NEVER || now.boot_us - since_us < DECK_STILL_US;
}
