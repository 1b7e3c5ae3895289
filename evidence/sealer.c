/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/words.h"
#include "evidence/record.h"
#include "evidence/sealer.h"

#define MESSAGE_MAX (2 * RECORD_BYTES_MAX)
#define START_EVERY_US (10 * US_PER_S)

struct sealer {
	struct seal_setup setup; /* its strings are ours */
	char *trees;
	char *keys;
	char *log;
	int fd; /* -1: none is running */
	pid_t pid;
	unsigned life; /* how many were started */
	int64_t started_us;
	char *last; /* the last record that it was to hear of, or NULL */
	size_t last_n;
	bool owed; /* and it did not, or died since */
	char *word; /* of a witness, still to be handed on; or NULL */
	size_t word_n;
	json_t *told; /* what it said last of itself */
};

/* The process ------------------------------------------------------------ */

struct child {
	const struct sealer *up;
	int fd;
	struct disk *log;
	struct seal *seal; /* NULL: closed after a failure */
	bool waits; /* for the record of an epoch */
	int64_t seq; /* the last record that it heard of; -1 */
	int64_t due_us; /* boot; NEVER: nothing is to be published */
	int64_t published_us;
	int error;
};

/* One that nobody reads is no harm: the next says more. */
static void
say(const struct child *c, json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);

	if (text != NULL)
		send(c->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
	free(text);
	json_decref(j);
}

static void
say_state(const struct child *c)
{
	const char *code = c->error == 0 ? "" : strerrorname_np(-c->error);
	const char *why = c->error == 0 ? "" : strerror(-c->error);

	/* Of all that is read, the key alone cannot be made again. */
	if (c->error == -EBADMSG)
		why = N_("var/key/station.key is damaged");
	say(c, json_pack("{s:s, s:I, s:s, s:s}", "origin",
		   c->seal == NULL ? "" : seal_origin(c->seal), "size",
		   (json_int_t)(c->seal == NULL ? 0 : seal_signed(c->seal)),
		   "code", code == NULL ? "" : code, "error", why));
}

/* All that is known of the tree is forgotten, and read anew later. */
static void
fail(struct child *c, int error)
{
	c->seal = seal_close(c->seal);
	c->waits = false;
	c->error = error;
	c->due_us = clock_read().boot_us + SEALER_EVERY_US;
	say_state(c);
}

static void
make_due(struct child *c)
{
	int64_t now_us = clock_read().boot_us;

	if (c->due_us == NEVER)
		c->due_us = later(now_us + SEALER_SETTLE_US,
		    c->published_us + SEALER_EVERY_US);
}

/* Everything up to the last record heard of, from the log itself. */
static void
meet(struct child *c)
{
	json_t *epoch = NULL;
	int r = 0;

	if (c->seal == NULL)
		r = seal_open(&c->up->setup, &c->seal);
	if (r == 0)
		r = seal_meet(c->seal, c->log, c->seq + 1, &epoch);
	if (r == 1 && !c->waits)
		say(c, json_pack("{s:O}", "epoch", epoch));
	json_decref(epoch);
	c->waits = r == 1;
	if (r < 0)
		fail(c, r);
	else if (r == 0)
		make_due(c);
}

static void
take(struct child *c, const char *line, size_t n)
{
	int64_t seq = record_seq(line, n);
	int r;

	/* One that came late is in already: the log never goes back while its
	 * writer lives. */
	if (seq <= c->seq)
		return;
	c->seq = seq;
	if (c->waits && record_kind(line, n) != KIND_EPOCH)
		return;
	/* After a failure only the minute counts. */
	if (c->seal == NULL && c->error != 0)
		return;
	r = c->seal == NULL ? -EINVAL : seal_take(c->seal, line, n, c->seq);
	if (r == -EINVAL)
		meet(c);
	else if (r < 0)
		fail(c, r);
	else
		make_due(c);
}

/* What somebody else had of the tree. All is read anew where that is news. */
static void
hear(struct child *c, const char *note, size_t n)
{
	int r = seal_witness(&c->up->setup, note, n);

	if (r == -EBADMSG || r == -ENOKEY || r == -EKEYREJECTED)
		return;
	if (r < 0)
		fail(c, r);
	if (r != 0 || c->waits)
		return;
	c->seal = seal_close(c->seal);
	if (c->seq >= 0)
		meet(c);
}

static void
publish(struct child *c)
{
	int r;

	c->due_us = NEVER;
	if (c->seal == NULL)
		meet(c);
	if (c->seal == NULL || c->waits)
		return;
	r = seal_publish(c->seal);
	if (r < 0) {
		fail(c, r);
		return;
	}
	c->due_us = NEVER;
	c->published_us = clock_read().boot_us;
	c->error = 0;
	say_state(c);
}

static int
wait_ms(const struct child *c)
{
	int64_t left;

	if (c->due_us == NEVER)
		return -1;
	left = later(c->due_us - clock_read().boot_us, 0);
	return (int)((left + US_PER_MS - 1) / US_PER_MS);
}

/* Until the caller has gone. */
static void
work(struct child *c)
{
	static char message[MESSAGE_MAX];

	for (;;) {
		struct pollfd p = { c->fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&p, 1, wait_ms(c)) == 0) {
			publish(c);
			continue;
		}
		n = recv(c->fd, message, sizeof(message), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (message[0] == '{')
			take(c, message, (size_t)n);
		else
			hear(c, message, (size_t)n);
		if (c->due_us <= clock_read().boot_us)
			publish(c);
	}
	if (c->due_us != NEVER)
		publish(c);
}

/* Nothing of the caller's is kept, and nobody looks at what it keeps. */
static _Noreturn void
serve(const struct sealer *up, int fd)
{
	struct child c = { .up = up,
		.fd = STDIN_FILENO,
		.seq = -1,
		.due_us = NEVER,
		.published_us = -SEALER_EVERY_US };

	prctl(PR_SET_NAME, "loaxad-seal");
	prctl(PR_SET_DUMPABLE, 0);
	if (dup2(fd, STDIN_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) < 0 ||
	    disk_open(up->log, &c.log) < 0)
		_exit(1);
	work(&c);
	seal_close(c.seal);
	_exit(0);
}

/* The caller ------------------------------------------------------------- */

static int
start(struct sealer *s)
{
	pid_t caller = getpid();
	sigset_t all, before;
	int ends[2];

	s->started_us = clock_read().boot_us;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == caller)
			serve(s, ends[1]);
		_exit(1);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (s->pid < 0) {
		int e = errno;

		s->pid = 0;
		close(ends[0]);
		return -e;
	}
	s->fd = ends[0];
	s->life++;
	return 0;
}

/* P7: of one that is gone, what it said last holds no more. */
static void
say_gone(struct sealer *s)
{
	json_t *told = sealer_status(s);

	json_object_set_new(told, "code", json_string("ECHILD"));
	json_object_set_new(told, "error",
	    json_string(N_("the process that signs it has died")));
	json_decref(s->told);
	s->told = told;
}

/* It has died, or is to. */
static void
let_go(struct sealer *s, int ms)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	for (; s->pid > 0 && ms > 0; ms -= 5) {
		if (waitpid(s->pid, NULL, WNOHANG) != 0)
			s->pid = 0;
		else
			poll(NULL, 0, 5);
	}
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		/* One that hangs in a disk is left to init. */
		waitpid(s->pid, NULL, WNOHANG);
	}
	s->pid = 0;
}

int
sealer_start(
    const struct seal_setup *setup, const char *log, struct sealer **ret_sealer)
{
	struct sealer *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->fd = -1;
	s->trees = strdup(setup->trees);
	s->keys = strdup(setup->keys);
	s->log = strdup(log);
	s->setup = *setup;
	s->setup.trees = s->trees;
	s->setup.keys = s->keys;
	r = s->trees == NULL || s->keys == NULL || s->log == NULL ? -ENOMEM
								  : start(s);
	if (r < 0) {
		sealer_stop(s);
		return r;
	}
	*ret_sealer = s;
	return 0;
}

/* One that dies of what it reads would die a thousand times a second. */
static bool
is_due_anew(const struct sealer *s)
{
	return s->setup.hasty ||
	       clock_read().boot_us >= s->started_us + START_EVERY_US;
}

/* The last record: those before it, it finds in the log. */
static void
hand(struct sealer *s)
{
	if (!s->owed && s->word == NULL)
		return;
	if (s->fd < 0 && (!is_due_anew(s) || start(s) < 0))
		return;
	if (s->word != NULL &&
	    send(s->fd, s->word, s->word_n, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
		free(s->word);
		s->word = NULL;
	}
	if (!s->owed)
		return;
	if (send(s->fd, s->last, s->last_n, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		s->owed = false;
	else if (errno != EAGAIN && errno != EINTR) {
		say_gone(s);
		let_go(s, 5);
	}
}

struct sealer *
sealer_stop(struct sealer *s)
{
	if (s == NULL)
		return NULL;
	if (s->owed && s->fd >= 0) {
		struct pollfd p = { s->fd, POLLOUT, 0 };

		poll(&p, 1, SEALER_STOP_MS);
		hand(s);
	}
	free(s->last);
	free(s->word);
	let_go(s, SEALER_STOP_MS);
	json_decref(s->told);
	free(s->trees);
	free(s->keys);
	free(s->log);
	free(s);
	return NULL;
}

void
sealer_tell(struct sealer *s, const char *line, size_t n)
{
	char *last = s == NULL ? NULL : realloc(s->last, n);

	if (last == NULL)
		return;
	memcpy(last, line, n);
	s->last = last;
	s->last_n = n;
	s->owed = true;
	hand(s);
}

void
sealer_witness(struct sealer *s, const char *note, size_t n)
{
	char *word = s == NULL || n == 0 || note[0] == '{' || n > MESSAGE_MAX
			 ? NULL
			 : malloc(n);

	if (word == NULL)
		return;
	memcpy(word, note, n);
	free(s->word);
	s->word = word;
	s->word_n = n;
	hand(s);
}

int
sealer_fd(const struct sealer *s)
{
	return s == NULL ? -1 : s->fd;
}

unsigned
sealer_life(const struct sealer *s)
{
	return s == NULL ? 0 : s->life;
}

json_t *
sealer_look(struct sealer *s)
{
	static char message[MESSAGE_MAX];
	json_t *epoch = NULL;

	if (s != NULL)
		hand(s);
	while (s != NULL && s->fd >= 0 && epoch == NULL) {
		ssize_t n = recv(s->fd, message, sizeof(message), MSG_DONTWAIT);
		json_t *j;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0) {
			say_gone(s);
			let_go(s, 5);
			s->owed = s->last != NULL;
			break;
		}
		j = json_loadb(message, (size_t)n, 0, NULL);
		epoch = json_incref(json_object_get(j, "epoch"));
		if (epoch == NULL && j != NULL) {
			json_decref(s->told);
			s->told = json_incref(j);
		}
		json_decref(j);
	}
	return epoch;
}

json_t *
sealer_status(const struct sealer *s)
{
	if (s == NULL)
		return json_null();
	if (s->told != NULL)
		return json_incref(s->told);
	return json_pack("{s:s, s:i, s:s, s:s}", "origin", "", "size", 0,
	    "code", "", "error", "");
}
