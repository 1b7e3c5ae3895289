/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/client.h"

struct client {
	int fd;
	char *line; /* what has come so far */
	size_t n;
	size_t room;
};

static int
set_patience(int fd)
{
	struct timeval t = {
		.tv_sec = CLIENT_WAIT_MS / 1000,
		.tv_usec = CLIENT_WAIT_MS % 1000 * 1000,
	};

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) < 0)
		return -errno;
	return 0;
}

int
client_open(const char *path, struct client **ret_client)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct client *c;
	int r;

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, path, strlen(path) + 1);
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return -ENOMEM;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		r = -errno;
		goto fail;
	}
	r = set_patience(c->fd);
	if (r == 0 && connect(c->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		r = -errno;
	if (r < 0)
		goto fail;
	*ret_client = c;
	return 0;
fail:
	client_close(c);
	return r;
}

static int
send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = send(fd, p, n, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && errno == EAGAIN)
			return -ETIMEDOUT;
		if (done < 0)
			return errno == ECONNRESET ? -EPIPE : -errno;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static int
make_room(struct client *c)
{
	size_t room = c->room == 0 ? 4096 : c->room * 2;
	char *grown;

	if (c->n < c->room)
		return 0;
	if (room > CLIENT_LINE_MAX)
		return -EPROTO;
	grown = realloc(c->line, room);
	if (grown == NULL)
		return -ENOMEM;
	c->line = grown;
	c->room = room;
	return 0;
}

/* Reads until a whole line is there; *ret_len is without its line feed. */
static int
read_line(struct client *c, size_t *ret_len)
{
	for (;;) {
		char *lf = c->n == 0 ? NULL : memchr(c->line, '\n', c->n);
		ssize_t got;
		int r;

		if (lf != NULL) {
			*ret_len = (size_t)(lf - c->line);
			return 0;
		}
		r = make_room(c);
		if (r < 0)
			return r;
		got = recv(c->fd, c->line + c->n, c->room - c->n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -EPIPE;
		if (got == 0)
			return -EPIPE;
		c->n += (size_t)got;
	}
}

static int
take_answer(struct client *c, size_t len, json_t **ret_answer)
{
	json_t *a = json_loadb(c->line, len, JSON_REJECT_DUPLICATES, NULL);

	c->n -= len + 1;
	memmove(c->line, c->line + len + 1, c->n);
	if (!json_is_boolean(json_object_get(a, "ok"))) {
		json_decref(a);
		return -EPROTO;
	}
	*ret_answer = a;
	return 0;
}

int
client_ask(struct client *c, const json_t *request, json_t **ret_answer)
{
	char *text = json_dumps(request, JSON_COMPACT);
	size_t len;
	int r;

	if (text == NULL)
		return -ENOMEM;
	len = strlen(text);
	text[len] = '\n'; /* in place of its NUL: the length is known */
	r = send_all(c->fd, text, len + 1);
	free(text);
	/* A door that closed at once has said why before. */
	if (r == 0 || r == -EPIPE)
		r = read_line(c, &len);
	return r < 0 ? r : take_answer(c, len, ret_answer);
}

struct client *
client_close(struct client *c)
{
	if (c == NULL)
		return NULL;
	if (c->fd >= 0)
		close(c->fd);
	free(c->line);
	free(c);
	return NULL;
}
