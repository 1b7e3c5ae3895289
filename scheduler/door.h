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
#include <systemd/sd-event.h>

#define DOOR_PEERS_MAX 16 /* more than a commune has people */
#define DOOR_LINE_MAX 65536 /* a record is smaller */

struct door;

/* Answers one request; the result is the door's to free. */
typedef json_t *door_answer(void *arg, const json_t *request);

/*
 * Listens at `path` (mode 0660). A socket left by a dead daemon is replaced;
 * -EADDRINUSE when somebody answers there; -ENAMETOOLONG when the path does
 * not fit a socket address (107 bytes).
 */
int door_open(sd_event *event, const char *path, door_answer *answer, void *arg,
    struct door **ret_door);

/* Closes every peer and removes the socket. Accepts NULL; returns NULL. */
struct door *door_close(struct door *d);

#endif
