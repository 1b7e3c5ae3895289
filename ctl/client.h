/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * client - asking the running daemon, over its control socket.
 *
 * One JSON object a line each way: a request names its "cmd", the answer
 * holds "ok": true or an "error" for a person (an English message id that
 * the catalogue translates) and, for a schedule that was refused,
 * "problems".
 */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include <jansson.h>

#define CLIENT_LINE_MAX (4 << 20) /* bytes: a thousand problems, with room */
#define CLIENT_WAIT_MS 10000 /* a reload reads a year; more is a hang */

struct client;

/*
 * Connects to the socket at `path`. 0 and *ret_client is yours. -ENOENT or
 * -ECONNREFUSED: no daemon runs here. -EACCES: it does not know you.
 */
int client_open(const char *path, struct client **ret_client);

/*
 * Sends one request (borrowed) and waits for its answer; *ret_answer is
 * yours (json_decref), whether it says "ok" or not. -ETIMEDOUT, -EPIPE the
 * daemon went away, -EPROTO what came is no answer; ask no more after those.
 */
int client_ask(struct client *c, const json_t *request, json_t **ret_answer);

/* Accepts NULL; returns NULL. */
struct client *client_close(struct client *c);

#endif
