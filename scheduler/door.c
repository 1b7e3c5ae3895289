/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/words.h"
#include "scheduler/door.h"

#define DOOR_MODE 0660 /* until door_mode() says otherwise */

struct peer {
	struct door *door;
	int fd; /* -1: a free place */
	sd_event_source *source;
	struct rights_peer who;
	gid_t *groups; /* that `who` borrows */
	char *in;
	size_t n;
	uint64_t heard; /* its last word, or its coming: a count */
};

struct door {
	sd_event *event;
	sd_event_source *source;
	int fd;
	char *path;
	mode_t mode;
	struct door_keeper keeper;
	uint64_t words; /* so far */
	struct peer peers[DOOR_PEERS_MAX];
};

static void
peer_close(struct peer *p)
{
	if (p->fd < 0)
		return;
	sd_event_source_disable_unref(p->source);
	close(p->fd);
	free(p->in);
	free(p->groups);
	p->source = NULL;
	p->in = NULL;
	p->groups = NULL;
	p->n = 0;
	p->fd = -1;
}

/* All or nothing: the socket's buffer takes any answer of ours, and a peer
 * that lets it fill is not listening. */
static int
say(int fd, const json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);
	size_t n = text == NULL ? 0 : strlen(text);
	ssize_t sent;

	if (text == NULL)
		return -ENOMEM;
	text[n] = '\n'; /* in place of the NUL */
	sent = send(fd, text, n + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(text);
	return sent == (ssize_t)n + 1 ? 0 : -EPIPE;
}

static int
peer_answer(struct peer *p, const char *line, size_t n)
{
	json_t *request = json_loadb(line, n, 0, NULL);
	json_t *answer;
	int r;

	if (json_is_object(request))
		answer = p->door->keeper.answer(
		    p->door->keeper.arg, &p->who, request);
	else
		answer = json_pack("{s:b, s:s}", "ok", 0, "error",
		    N_("a request is one JSON object on one line"));
	r = say(p->fd, answer);
	json_decref(answer);
	json_decref(request);
	return r;
}

/* Answers every whole line; keeps the rest. */
static int
peer_lines(struct peer *p)
{
	char *start = p->in;
	char *end;
	int r = 0;

	while (r == 0 &&
	       (end = memchr(start, '\n', p->n - (size_t)(start - p->in)))) {
		r = peer_answer(p, start, (size_t)(end - start));
		start = end + 1;
	}
	p->n -= (size_t)(start - p->in);
	memmove(p->in, start, p->n);
	return p->n == DOOR_LINE_MAX ? -EMSGSIZE : r;
}

static int
on_peer(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	struct peer *p = arg;
	ssize_t n;

	(void)s;
	(void)events;
	n = recv(fd, p->in + p->n, DOOR_LINE_MAX - p->n, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0)
		p->n += (size_t)n;
	p->heard = ++p->door->words;
	if (n <= 0 || peer_lines(p) < 0)
		peer_close(p);
	return 0;
}

/* A free place. With all taken it is that of the peer that has been silent
 * the longest: it may hang, and must not keep a person out. */
static struct peer *
find_place(struct door *d)
{
	struct peer *silent = &d->peers[0];

	for (size_t i = 0; i < DOOR_PEERS_MAX; i++) {
		struct peer *p = &d->peers[i];

		if (p->fd < 0)
			return p;
		if (p->heard < silent->heard)
			silent = p;
	}
	peer_close(silent);
	return silent;
}

/* The groups of who connected, the effective one first; yours. An old kernel
 * tells that one only. NULL when out of memory. */
static gid_t *
peer_groups(int fd, gid_t first, size_t *ret_n)
{
	socklen_t size = 64 * sizeof(gid_t);
	gid_t *groups = NULL;

	for (;;) {
		gid_t *grown = realloc(groups, sizeof(gid_t) + size);

		if (grown == NULL)
			break;
		groups = grown;
		groups[0] = first;
		if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1,
			&size) == 0) {
			*ret_n = 1 + size / sizeof(gid_t);
			return groups;
		}
		if (errno != ERANGE) {
			*ret_n = 1;
			return groups;
		}
	}
	free(groups);
	return NULL;
}

/* Who is at the other end; *ret_groups is yours, `who` borrows it. */
static int
identify(int fd, struct rights_peer *ret_who, gid_t **ret_groups)
{
	struct ucred cred;
	socklen_t size = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) < 0)
		return -errno;
	ret_who->uid = cred.uid;
	*ret_groups = peer_groups(fd, cred.gid, &ret_who->n);
	ret_who->groups = *ret_groups;
	return *ret_groups == NULL ? -ENOMEM : 0;
}

/* True when it may come in; else it has been told why not. */
static bool
admit(const struct door *d, int fd, const struct rights_peer *who)
{
	json_t *refusal = d->keeper.admit == NULL
			      ? NULL
			      : d->keeper.admit(d->keeper.arg, who);

	if (refusal == NULL)
		return true;
	say(fd, refusal);
	json_decref(refusal);
	return false;
}

/* Takes fd and groups over, also on failure. */
static int
seat(struct door *d, int fd, const struct rights_peer *who, gid_t *groups)
{
	struct peer *p = find_place(d);

	p->in = malloc(DOOR_LINE_MAX);
	if (p->in == NULL || sd_event_add_io(d->event, &p->source, fd, EPOLLIN,
				 on_peer, p) < 0) {
		free(p->in);
		free(groups);
		p->in = NULL;
		close(fd);
		return -ENOMEM;
	}
	p->fd = fd;
	p->who = *who;
	p->groups = groups;
	p->heard = ++d->words;
	return 0;
}

static int
on_door(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	struct door *d = arg;
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct rights_peer who;
	gid_t *groups = NULL;

	(void)s;
	(void)events;
	if (peer < 0)
		return 0;
	if (identify(peer, &who, &groups) < 0 || !admit(d, peer, &who)) {
		free(groups);
		close(peer);
		return 0;
	}
	seat(d, peer, &who, groups);
	return 0;
}

/* Removes a socket that nobody answers at. */
static int
clear_path(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0)
		r = -EADDRINUSE;
	else if (errno == ECONNREFUSED)
		unlink(at->sun_path);
	close(fd);
	return r;
}

static int
listen_at(const char *path, int *ret_fd)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;
	int r;

	if (strlen(path) >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	strcpy(at.sun_path, path);
	r = clear_path(&at);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    chmod(path, DOOR_MODE) < 0 || listen(fd, DOOR_PEERS_MAX) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int
door_open(sd_event *event, const char *path, const struct door_keeper *keeper,
    struct door **ret_door)
{
	struct door *d = calloc(1, sizeof(*d));
	int r;

	if (d == NULL)
		return -ENOMEM;
	d->event = sd_event_ref(event);
	d->keeper = *keeper;
	d->mode = DOOR_MODE;
	d->fd = -1;
	for (size_t i = 0; i < DOOR_PEERS_MAX; i++)
		d->peers[i] = (struct peer){ .door = d, .fd = -1 };
	r = listen_at(path, &d->fd);
	if (r == 0)
		d->path = strdup(path);
	if (r == 0)
		r = sd_event_add_io(
		    event, &d->source, d->fd, EPOLLIN, on_door, d);
	if (r < 0) {
		door_close(d);
		return r;
	}
	*ret_door = d;
	return 0;
}

int
door_mode(struct door *d, mode_t mode)
{
	if (mode == d->mode)
		return 0;
	if (chmod(d->path, mode) < 0)
		return -errno;
	d->mode = mode;
	return 0;
}

struct door *
door_close(struct door *d)
{
	if (d == NULL)
		return NULL;
	for (size_t i = 0; i < DOOR_PEERS_MAX; i++)
		peer_close(&d->peers[i]);
	if (d->path != NULL)
		unlink(d->path);
	sd_event_source_disable_unref(d->source);
	if (d->fd >= 0)
		close(d->fd);
	sd_event_unref(d->event);
	free(d->path);
	free(d);
	return NULL;
}
