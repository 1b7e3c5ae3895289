/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa-player - one station's player process: a wire to the daemon on
 * descriptor 3, a sink, and the player between them. Started by the daemon's
 * deck, never by a person; it ends when the wire does.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wire.h"
#include "base/words.h"
#include "playout/confine.h"
#include "playout/player.h"

#define WIRE_FD 3
#define LAST_WORDS_S 3 /* for a device to play out; then it is hung */

struct options {
	const char *station;
	struct sink_setup sink;
	struct player_setup player;
};

static int
read_ms(const char *name, const char *text, int *ret_ms)
{
	char *end;
	long ms;

	errno = 0;
	ms = strtol(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || ms < -100000 ||
	    ms > 100000) {
		log_error(_("--%s: \"%s\" is not a number of milliseconds; "
			    "write one such as 200"),
		    name, text);
		return -EINVAL;
	}
	*ret_ms = (int)ms;
	return 0;
}

static int
read_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{ "station", required_argument, NULL, 's' },
		{ "driver", required_argument, NULL, 'd' },
		{ "device", required_argument, NULL, 'x' },
		{ "file", required_argument, NULL, 'f' },
		{ "buffer-ms", required_argument, NULL, 'b' },
		{ "latency-ms", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	int c;
	int r = 0;

	while (r == 0 && (c = getopt_long(argc, argv, "", known, NULL)) != -1)
		switch (c) {
		case 's':
			o->station = optarg;
			break;
		case 'd':
			o->sink.driver = optarg;
			break;
		case 'x':
			o->sink.device = optarg;
			break;
		case 'f':
			o->sink.file = optarg;
			break;
		case 'b':
			r = read_ms("buffer-ms", optarg, &o->player.buffer_ms);
			break;
		case 'l':
			r = read_ms(
			    "latency-ms", optarg, &o->player.latency_ms);
			break;
		default:
			r = -EINVAL;
		}
	return r < 0 || optind < argc ? -EINVAL : 0;
}

static int
open_player(struct options *o, struct sink **ret_sink, struct player **ret)
{
	int r;

	/* A player without a buffer of its own is given the usual one. */
	if (o->player.buffer_ms == 0)
		o->player.buffer_ms = 200;
	o->sink.buffer_ms = o->player.buffer_ms;
	r = sink_make(&o->sink, ret_sink);
	if (r < 0)
		return r;
	o->player.sink = *ret_sink;
	r = player_make(&o->player, ret);
	if (r < 0)
		*ret_sink = sink_free(*ret_sink);
	return r;
}

/* Ends with the wire, and with nothing else: what the terminal or the service
 * manager sends to everybody is for the daemon to act on. */
static void
ignore_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
}

static void
read_wire(struct player *p)
{
	struct cue c;
	ssize_t n;
	int fd;

	while (player_has_room(p)) {
		n = wire_recv(WIRE_FD, &c, sizeof(c), &fd);
		if (n == -EAGAIN)
			return;
		if (n == 0 || (n < 0 && n != -EMSGSIZE)) {
			player_hang_up(p, clock_read());
			return;
		}
		if (n == (ssize_t)sizeof(c)) {
			player_cue(p, clock_read(), &c, fd);
			continue;
		}
		log_warn(_("a message from the daemon has the wrong length; "
			   "restart the daemon, it is of another version"));
		if (n > 0 && fd >= 0)
			close(fd);
	}
}

/* Sends what the daemon can take; true when some is left. */
static bool
send_receipts(struct player *p)
{
	const struct receipt *r;

	while ((r = player_receipt(p)) != NULL) {
		if (wire_send(WIRE_FD, r, sizeof(*r), -1) == -EAGAIN)
			return true;
		player_receipt_sent(p);
	}
	return false;
}

static void
wait_for(struct player *p, int64_t wake_us, bool unsent)
{
	struct pollfd wire = { .fd = WIRE_FD };
	int64_t wait_us = later(wake_us - clock_read().boot_us, 0);
	struct timespec wait = {
		.tv_sec = wait_us / US_PER_S,
		.tv_nsec = wait_us % US_PER_S * 1000,
	};

	if (player_has_room(p))
		wire.events |= POLLIN;
	if (unsent)
		wire.events |= POLLOUT;
	ppoll(&wire, 1, wake_us == NEVER ? NULL : &wait, NULL);
}

static void
play(struct player *p)
{
	int64_t wake_us;

	while (!player_done(p)) {
		wake_us = player_turn(p, clock_read());
		wait_for(p, wake_us, send_receipts(p));
		read_wire(p);
	}
}

int
main(int argc, char **argv)
{
	struct options o = { .station = "" };
	struct sink *sink = NULL;
	struct player *p = NULL;
	int r;

	log_name("loaxa-player");
	words_open();
	if (read_options(argc, argv, &o) < 0) {
		log_error(_("loaxa-player is started by loaxad; there is "
			    "nothing to start by hand"));
		return EX_USAGE;
	}
	ignore_signals();
	r = open_player(&o, &sink, &p);
	if (r < 0) {
		log_error(_("%s: the player cannot start: %s; check driver, "
			    "device and buffer in the configuration"),
		    o.station, strerror(-r));
		return EX_CONFIG;
	}
	r = confine_player();
	if (r < 0)
		log_warn(_("%s: the player runs unconfined: %s"), o.station,
		    strerror(-r));
	play(p);
	alarm(LAST_WORDS_S);
	player_free(p);
	sink_free(sink);
	return EX_OK;
}
