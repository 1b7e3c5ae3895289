/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa-receive - the door of an upper level: stations send their signed logs
 * to it by HTTPS (evidence/receive.h). Started by `loaxa collect --listen`, or
 * as a service.
 *
 *	loaxa-receive --store DIR --listen ADDRESS:PORT
 *	    [--cert FILE --cert-key FILE]
 *
 * Without a certificate it speaks plain HTTP, to this computer alone: behind a
 * web server that has one. SIGHUP has it read the certificate again. Everything
 * that comes in is bounded: how much, how many at once, how long.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/words.h"
#include "ctl/args.h"
#include "ctl/collected.h"
#include "ctl/guests.h"
#include "ctl/keyring.h"
#include "ctl/rowswords.h"
#include "ctl/say.h"
#include "evidence/receive.h"
#include "evidence/submission.h"

#define CONNECTIONS_EACH 16 /* from one address */
#define QUIET_S 30 /* without a byte */
#define HEAD_US (60 * US_PER_S) /* for a question's first lines, and TLS */
#define LONGEST_US (600 * US_PER_S) /* for its body */
#define BODIES_MAX (64 << 20) /* bytes of all questions together */
#define BODIES_EACH (BODIES_MAX / 4) /* of one network's */
#define SWEEP_S 5
#define LINE_BYTES (32 << 10) /* of a connection: its headers */
#define OVER_MAX (1 << 20) /* bytes that are read and thrown away */
#define LOCK_MS 2000
#define PEM_MAX 65536
#define TLS_OPTIONS 4
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct door {
	const char *store;
	const char *listen;
	const char *cert;
	const char *key;
	struct receiver *receiver;
	struct MHD_Daemon *http;
	struct guests guests;
	atomic_bool hears;
	int64_t tidied_us;
	struct sockaddr_storage address;
	bool local;
};

struct request { /* one question while it comes in */
	struct door *door;
	struct guest *who;
	char *body;
	size_t n;
	size_t room;
	size_t most;
	int64_t since_us;
	int refused; /* the status of what is too much; 0 */
	size_t over; /* bytes of it that came all the same */
};

/* Answering ----------------------------------------------------------------- */

static enum MHD_Result
put_answer(struct MHD_Connection *c, const struct receive_answer *a)
{
	struct MHD_Response *r;
	enum MHD_Result done;

	r = a->body == NULL ? MHD_create_response_from_buffer(
				  0, (void *)"", MHD_RESPMEM_PERSISTENT)
			    : MHD_create_response_from_buffer(
				  a->n, a->body, MHD_RESPMEM_MUST_FREE);
	if (r == NULL) {
		free(a->body);
		return MHD_NO;
	}
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (a->status == MHD_HTTP_SERVICE_UNAVAILABLE)
		MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, "60");
	done = MHD_queue_response(c, (unsigned)a->status, r);
	MHD_destroy_response(r);
	return done;
}

static enum MHD_Result
refuse(struct MHD_Connection *c, int status, const char *text)
{
	struct receive_answer a = { .status = status,
		.type = "text/plain; charset=utf-8",
		.body = strdup(text),
		.n = strlen(text) };

	return put_answer(c, &a);
}

static const char *
header(struct MHD_Connection *c, const char *name)
{
	const char *value =
	    MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

	return value == NULL ? "" : value;
}

/* The other end, for a person. */
static const char *
peer(struct MHD_Connection *c, char buf[static INET6_ADDRSTRLEN])
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = info == NULL ? NULL : info->client_addr;

	buf[0] = '\0';
	if (a != NULL && a->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr,
		    buf, INET6_ADDRSTRLEN);
	else if (a != NULL && a->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
		    &((const struct sockaddr_in6 *)a)->sin6_addr, buf,
		    INET6_ADDRSTRLEN);
	return buf;
}

/* ORIGIN and what follows it, whatever a web server has put in front. */
static bool
read_path(const char *url, char origin[static HASH_HEX], const char **ret_rest)
{
	for (const char *p = url; p != NULL && *p != '\0';
	     p = strchr(p + 1, '/')) {
		snprintf(origin, HASH_HEX, "%.64s", p + 1);
		if (hash_is_hex(origin) && p[HASH_HEX] == '/') {
			*ret_rest = p + HASH_HEX + 1;
			return true;
		}
	}
	return false;
}

static bool
ends_with(const char *url, const char *end)
{
	size_t n = strlen(url);
	size_t m = strlen(end);

	return n >= m && strcmp(url + n - m, end) == 0;
}

/* An address is whatever somebody typed: no line of its own, no colours. */
static void
warn(const char *from, const char *method, const char *url,
    const struct receive_answer *a)
{
	char *safe = say_safe(url);

	log_warn("%s: %s %.300s: %d %s", from, method,
	    safe == NULL ? "?" : safe, a->status, a->code);
	free(safe);
}

static void
answer(struct door *d, struct MHD_Connection *c, const char *url,
    const char *method, const struct request *q, struct receive_answer *ret)
{
	char from[INET6_ADDRSTRLEN];
	char origin[HASH_HEX];
	const char *rest = "";
	struct receive_question is = { peer(c, from), clock_read().wall_us,
		header(c, RECEIVE_KEY), header(c, RECEIVE_PROOF),
		q->body == NULL ? "" : q->body, q->n };

	if (is.now_us > d->tidied_us + US_PER_DAY) {
		d->tidied_us = is.now_us;
		receive_tidy(d->receiver, is.now_us);
	}
	if (strcmp(method, "POST") == 0 && ends_with(url, "/add-checkpoint"))
		receive_checkpoint(d->receiver, &is, ret);
	else if (!read_path(url, origin, &rest))
		*ret = (struct receive_answer){ .status = 404,
			.type = "text/plain; charset=utf-8",
			.code = "no-page" };
	else if (strcmp(method, "PUT") == 0)
		receive_bundle(d->receiver, origin, rest, &is, ret);
	else if (strcmp(rest, "checkpoint") == 0)
		receive_latest(d->receiver, origin, ret);
	else
		*ret = (struct receive_answer){ .status = 404,
			.type = "text/plain; charset=utf-8",
			.code = "no-page" };
	/* What is said of a log, on_result() says. */
	if (ret->status >= 500 || ret->status == 403 || ret->status == 422)
		warn(from, method, url, ret);
}

/* Coming in ----------------------------------------------------------------- */

static bool
grow(struct request *q, size_t need)
{
	size_t room = q->room == 0 ? 65536 : q->room;
	char *grown;

	while (room < need)
		room *= 2;
	if (room == q->room)
		return true;
	if (!guests_hold(&q->door->guests, q->who, (long)(room - q->room)))
		return false;
	grown = realloc(q->body, room);
	if (grown == NULL) {
		guests_hold(
		    &q->door->guests, q->who, (long)q->room - (long)room);
		return false;
	}
	q->body = grown;
	q->room = room;
	return true;
}

/* False: it is not read to its end. */
static bool
add(struct request *q, const char *bytes, size_t n)
{
	if (clock_read().boot_us > q->since_us + LONGEST_US)
		return false;
	if (q->refused == 0 && q->n + n > q->most)
		q->refused = MHD_HTTP_CONTENT_TOO_LARGE;
	else if (q->refused == 0 && !grow(q, q->n + n + 1))
		q->refused = MHD_HTTP_SERVICE_UNAVAILABLE;
	if (q->refused != 0) {
		q->over += n;
		return q->over <= OVER_MAX;
	}
	memcpy(q->body + q->n, bytes, n);
	q->n += n;
	q->body[q->n] = '\0';
	return true;
}

static struct guest *
guest_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info == NULL ? NULL : info->socket_context;
}

/* Somebody comes, or goes: before the socket is closed. */
static void
on_guest(void *arg, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct door *d = arg;
	const union MHD_ConnectionInfo *from;
	const union MHD_ConnectionInfo *fd;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		guests_leave(&d->guests, *context);
		*context = NULL;
		return;
	}
	from = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (from != NULL && fd != NULL)
		*context = guests_enter(&d->guests, fd->connect_fd,
		    from->client_addr, clock_read().boot_us);
}

/* Its thread finds it at its end, and closes it. */
static void
show_out(void *arg, int fd)
{
	(void)arg;
	shutdown(fd, SHUT_RDWR);
}

static enum MHD_Result
begin(struct door *d, struct MHD_Connection *c, const char *method,
    struct request **ret)
{
	bool put = strcmp(method, "PUT") == 0;
	bool post = strcmp(method, "POST") == 0;
	struct request *q;

	if (!put && !post && strcmp(method, "GET") != 0 &&
	    strcmp(method, "HEAD") != 0)
		return refuse(
		    c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET, PUT, POST\n");
	/* Said before it is sent: whoever waits for a "100" sends nothing. */
	if (strtoll(header(c, MHD_HTTP_HEADER_CONTENT_LENGTH), NULL, 10) >
	    RECEIVE_BUNDLE_MAX)
		return refuse(
		    c, MHD_HTTP_CONTENT_TOO_LARGE, "it is too large\n");
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return MHD_NO;
	q->door = d;
	q->who = guest_of(c);
	guests_turn(&d->guests, q->who, true, clock_read().boot_us);
	q->most = put ? RECEIVE_BUNDLE_MAX : post ? SUBMISSION_MAX : 0;
	q->since_us = clock_read().boot_us;
	*ret = q;
	return MHD_YES;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *bytes, size_t *n,
    void **state)
{
	struct door *d = arg;
	struct request *q = *state;
	struct receive_answer a = { 0 };

	(void)version;
	if (q == NULL)
		return begin(d, c, method, (struct request **)state);
	if (*n > 0) {
		bool went_on = add(q, bytes, *n);

		*n = 0;
		return went_on ? MHD_YES : MHD_NO;
	}
	if (q->refused == MHD_HTTP_SERVICE_UNAVAILABLE)
		return refuse(c, q->refused, "too much at once; try again\n");
	if (q->refused != 0)
		return refuse(c, q->refused, "it is too large\n");
	answer(d, c, url, method, q, &a);
	return put_answer(c, &a);
}

static void
on_end(void *arg, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode code)
{
	struct request *q = *state;

	(void)arg;
	(void)c;
	(void)code;
	if (q == NULL)
		return;
	guests_hold(&q->door->guests, q->who, -(long)q->room);
	guests_turn(&q->door->guests, q->who, false, clock_read().boot_us);
	free(q->body);
	free(q);
	*state = NULL;
}

static void
on_result(void *arg, const struct collect_result *r)
{
	(void)arg;
	collected_print(r);
	if (r->rows_error < 0)
		log_warn("the database: %s; the next one takes it in",
		    rowswords(r->rows_error));
	fflush(stdout);
}

/* Starting ------------------------------------------------------------------ */

static bool
is_local(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohl(
			   ((const struct sockaddr_in *)a)->sin_addr.s_addr) >>
			   24 ==
		       IN_LOOPBACKNET;
	return a->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(
		   &((const struct sockaddr_in6 *)a)->sin6_addr);
}

/* "ADDRESS:PORT", "[ADDRESS]:PORT"; numbers alone. */
static int
find_address(struct door *d)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
					      AI_PASSIVE,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char host[INET6_ADDRSTRLEN + 2];
	const char *colon = strrchr(d->listen, ':');
	char *name = host;
	size_t n;

	if (colon == NULL || colon - d->listen >= (int)sizeof(host))
		return -EINVAL;
	n = (size_t)(colon - d->listen);
	memcpy(host, d->listen, n);
	host[n] = '\0';
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		name = host + 1;
	}
	if (getaddrinfo(name, colon + 1, &hints, &found) != 0)
		return -EINVAL;
	memcpy(&d->address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	d->local = is_local((struct sockaddr *)&d->address);
	return 0;
}

/* Why it cannot begin. Once it hears, all that is left is of who speaks no HTTP,
 * or breaks off a handshake, as a station does that does not believe our
 * certificate: nothing to tell a person, and as much of it as anybody likes. */
static void
on_http_log(void *arg, const char *fmt, va_list ap)
{
	const struct door *d = arg;
	char line[500];
	int n = vsnprintf(line, sizeof(line), fmt, ap);

	if (n > 0 && !d->hears)
		log_info("%.*s", (int)strcspn(line, "\n"), line);
}

struct pair { /* PEM; ours */
	char *cert;
	char *key;
};

static void
pair_free(struct pair *p)
{
	if (p->key != NULL)
		explicit_bzero(p->key, strlen(p->key));
	free(p->key);
	free(p->cert);
}

/* Nothing where there is no certificate. */
static int
pair_read(const struct door *d, struct pair *ret)
{
	size_t n;
	int r = 0;

	*ret = (struct pair){ 0 };
	if (d->cert == NULL)
		return 0;
	r = keyring_slurp(d->cert, PEM_MAX, &ret->cert, &n);
	if (r == 0)
		r = keyring_slurp(d->key, PEM_MAX, &ret->key, &n);
	if (r < 0)
		pair_free(ret);
	return r;
}

/* The options of that certificate, and what follows them. */
static unsigned
tls_options(const struct pair *p, struct MHD_OptionItem at[static TLS_OPTIONS])
{
	if (p->cert == NULL) {
		at[0] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
		return 0;
	}
	at[0] =
	    (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, p->cert };
	at[1] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, p->key };
	at[2] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0,
		(void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" };
	at[3] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	return MHD_USE_TLS;
}

/* Listens there, or at that socket, which is then the server's; -1 none. */
static int
start(struct door *d, const struct pair *pair, int listening)
{
	struct MHD_OptionItem tls[TLS_OPTIONS];
	struct MHD_OptionItem where[] = { { MHD_OPTION_SOCK_ADDR, 0,
					      &d->address },
		{ MHD_OPTION_END, 0, NULL } };
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC |
			 MHD_USE_ERROR_LOG | tls_options(pair, tls);

	if (d->address.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	if (listening >= 0)
		where[0] = (struct MHD_OptionItem){ MHD_OPTION_LISTEN_SOCKET,
			listening, NULL };
	d->http = MHD_start_daemon(flags, 0, NULL, NULL, on_request, d,
	    MHD_OPTION_EXTERNAL_LOGGER, on_http_log, d, MHD_OPTION_ARRAY, where,
	    MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, on_guest, d,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)GUESTS_MAX,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    d->local ? 0U : (unsigned)CONNECTIONS_EACH,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)QUIET_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LINE_BYTES,
	    MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	d->hears = d->http != NULL;
	return d->hears ? 0 : -EADDRNOTAVAIL;
}

/* Does the server take that pair? Asked of one that hears nobody. */
static bool
is_fit(const struct pair *pair)
{
	static struct door nobody;
	struct MHD_OptionItem tls[TLS_OPTIONS];
	struct MHD_Daemon *deaf =
	    MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG |
				 tls_options(pair, tls),
		0, NULL, NULL, on_request, NULL, MHD_OPTION_EXTERNAL_LOGGER,
		on_http_log, &nobody, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);

	if (deaf != NULL)
		MHD_stop_daemon(deaf);
	return deaf != NULL;
}

/* The certificate as its files have it now; one that is not right changes
 * nothing. Who is just sending is cut off, and goes on. 0, or a negative errno
 * when nobody is heard any more. */
static int
renew(struct door *d)
{
	struct pair pair;
	int listening;
	int r = pair_read(d, &pair);

	if (r == 0 && !is_fit(&pair)) {
		pair_free(&pair);
		r = -EINVAL;
	}
	if (r < 0) {
		log_error(_("%s: no certificate with its key can be read "
			    "there (%s); the one from before is used on"),
		    d->cert, say_errno(r));
		return 0;
	}
	listening = MHD_quiesce_daemon(d->http);
	MHD_stop_daemon(d->http);
	d->hears = false;
	r = start(d, &pair, listening);
	pair_free(&pair);
	if (r == 0)
		log_info(_("%s was read again"), d->cert);
	return r;
}

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -EIO;
}

static int
not_opened(const char *store, int r)
{
	char who[100];

	collect_holder(store, who, sizeof(who));
	if (r == -EWOULDBLOCK)
		say_error(_("%s is in use by %s: wait until it has ended"),
		    store, who[0] == '\0' ? "?" : who);
	else
		say_error("%s: %s", store, say_errno(r));
	return say_exit(r);
}

static void
signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGHUP);
}

/* Until it is told to end. 0, or a negative errno. */
static int
keep_watch(struct door *d)
{
	static const struct timespec sweep = { .tv_sec = SWEEP_S };
	sigset_t set;
	int r = 0;

	signals(&set);
	while (r == 0) {
		int got = sigtimedwait(&set, NULL, &sweep);

		if (got == SIGHUP && d->cert != NULL)
			r = renew(d);
		else if (got == SIGTERM || got == SIGINT)
			break;
		guests_overdue(
		    &d->guests, clock_read().boot_us, show_out, NULL);
	}
	return r;
}

/* As it was asked for, but with the port that it got. */
static void
say_open(const struct door *d)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(d->http, MHD_DAEMON_INFO_BIND_PORT);

	say_line(stdout, _("Stations may send now: %.*s:%u (%s)."),
	    (int)(strrchr(d->listen, ':') - d->listen), d->listen,
	    info == NULL ? 0U : (unsigned)info->port,
	    d->cert == NULL ? "HTTP" : "HTTPS");
	fflush(stdout);
	sd_notify(0, "READY=1");
}

static int
serve(struct door *d)
{
	struct pair pair;
	int r;

	d->guests = (struct guests){ .head_us = HEAD_US,
		.body_us = LONGEST_US,
		.most = BODIES_MAX,
		/* Behind a web server all have its address. */
		.most_each = d->local ? BODIES_MAX : BODIES_EACH };
	guests_init(&d->guests);
	r = pair_read(d, &pair);
	if (r == 0) {
		r = start(d, &pair, -1);
		pair_free(&pair);
	}
	if (r == 0) {
		say_open(d);
		r = keep_watch(d);
	}
	if (d->http != NULL)
		MHD_stop_daemon(d->http);
	if (r < 0)
		say_error(_("%s: nothing can be heard there: %s"), d->listen,
		    say_errno(r));
	return r < 0 ? EX_UNAVAILABLE : EX_OK;
}

static int
open_all(struct door *d)
{
	struct receive_setup setup = { .store = d->store,
		.draw = draw,
		.lock_ms = LOCK_MS,
		.fn = on_result };
	int r;

	if (d->store == NULL || d->listen == NULL || find_address(d) < 0 ||
	    (d->cert == NULL) != (d->key == NULL)) {
		say_error("%s",
		    _("--store DIR, --listen ADDRESS:PORT, and --cert FILE "
		      "with --cert-key FILE"));
		return EX_USAGE;
	}
	if (d->cert == NULL && !d->local) {
		say_error("%s",
		    _("--listen: without --cert and --cert-key only this "
		      "computer itself may be heard (127.0.0.1): what stations "
		      "send must not be changed on its way"));
		return EX_USAGE;
	}
	r = receiver_open(&setup, &d->receiver);
	return r < 0 ? not_opened(d->store, r) : EX_OK;
}

int
main(int argc, char **argv)
{
	static struct door d;
	const struct arg args[] = { { "store", ARG_TEXT, &d.store },
		{ "listen", ARG_TEXT, &d.listen },
		{ "cert", ARG_TEXT, &d.cert },
		{ "cert-key", ARG_TEXT, &d.key } };
	char wrong[300];
	sigset_t set;
	int code;

	words_open();
	log_name("loaxa-receive");
	/* Before there is a second thread. */
	signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (args_read(args, COUNT(args), &argc, argv, wrong, sizeof(wrong)) <
	    0) {
		say_error("%s", wrong);
		return EX_USAGE;
	}
	code = open_all(&d);
	if (code == EX_OK)
		code = serve(&d);
	receiver_close(d.receiver);
	return code;
}
