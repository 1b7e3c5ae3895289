/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * door - the control socket: JSON objects, one a line each way, over a Unix
 * stream socket. Peers are programs of this machine; a slow, silent or
 * talkative one never holds up the loop, nor keeps another out: with every
 * place taken, a new one takes that of the longest silent.
 */
#ifndef SCHEDULER_DOOR_H
#define SCHEDULER_DOOR_H

#include <jansson.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>

#include "base/rights.h"

#define DOOR_PEERS_MAX 16 /* more than a commune has people */
#define DOOR_LINE_MAX (1 << 20) /* a week's programme, with room */

struct door;

/* Who is behind the door: the kernel says who each peer was when it
 * connected. All results are the door's to free. */
struct door_keeper {
	/* NULL: come in; else what to answer before it is closed, without a
	 * place taken. May be NULL: everybody. */
	json_t *(*admit)(void *arg, const struct rights_peer *who);
	/* Answers one request. */
	json_t *(*answer)(
	    void *arg, const struct rights_peer *who, const json_t *request);
	void *arg;
};

/*
 * Listens at `path` (mode 0660); the keeper is copied. A socket left by a dead daemon is replaced;
 * -EADDRINUSE when somebody answers there; -ENAMETOOLONG when the path does
 * not fit a socket address (107 bytes).
 */
int door_open(sd_event *event, const char *path,
    const struct door_keeper *keeper, struct door **ret_door);

/* Whom the file lets connect, from here on. A negative errno. */
int door_mode(struct door *d, mode_t mode);

/* Closes every peer and removes the socket. Accepts NULL; returns NULL. */
struct door *door_close(struct door *d);

#endif
