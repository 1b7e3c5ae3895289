/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "ctl/uplink.h"

#define CONNECT_S 20L
#define STALLED_S 60L /* without a byte a second */
#define LONGEST_S 600L /* of one question */
#define SPEED \
	((curl_off_t)256 << 10) /* bytes a second: a relay needs its own */

struct uplink {
	struct push_link link; /* must be first */
	CURL *curl;
	const char *url;
	bool own_ca; /* a file was named */
	char error[CURL_ERROR_SIZE];
	char *body;
	size_t n;
};

/* What went wrong ----------------------------------------------------------- */

/* Of its certificate, by OpenSSL's code; NULL: that is in order. */
static const char *
doubt(long code)
{
	switch (code) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return N_("its certificate was issued by nobody whom this "
			  "computer knows. Ask the upper level for the file "
			  "of its certificate (receive.pem), and name that as "
			  "ca of push in loaxa.conf");
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return N_("its certificate is out of date, or the clock of "
			  "this computer is wrong. Look at the clock first; "
			  "if that is right, the upper level has to make a "
			  "new certificate");
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return N_("its certificate is not valid yet, or the clock of "
			  "this computer is wrong. Look at the clock first");
	default:
		return NULL;
	}
}

/* Of the connection; NULL: nothing that we could say better than libcurl. */
static const char *
trouble(int code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return N_("its name is not found. See whether this computer "
			  "is on the network, and the url of push in "
			  "loaxa.conf right");
	case CURLE_COULDNT_CONNECT:
		return N_("nobody answers at that address. See whether this "
			  "computer is on the network, and the url of push in "
			  "loaxa.conf right; then ask the upper level");
	case CURLE_SSL_CONNECT_ERROR:
		return N_("no HTTPS is spoken there. See whether the port in "
			  "the url of push in loaxa.conf is right");
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
		return N_("the line is too slow, or broke off");
	/* What libcurl says of headers without an end; and on_bytes(). */
	case CURLE_OUT_OF_MEMORY:
	case CURLE_WRITE_ERROR:
		return N_("its answer is longer than any upper level's. See "
			  "whether the url of push in loaxa.conf is right");
	default:
		return NULL;
	}
}

/* What OpenSSL has nothing to say of is the name. */
static const char *
distrust(const struct uplink *u)
{
	const char *text;
	long code = 0;

	curl_easy_getinfo(u->curl, CURLINFO_SSL_VERIFYRESULT, &code);
	text = doubt(code);
	if (text == NULL && strstr(u->error, "subject name") != NULL)
		text = N_("its certificate is made out to another name than "
			  "the url of push in loaxa.conf has. Write the url "
			  "with the name in the certificate, or ask the upper "
			  "level for one whose subjectAltName is this name or "
			  "number");
	return text;
}

/* The errno of it. */
static int
explain(const struct uplink *u, CURLcode r, char why[static PUSH_WHY])
{
	bool bad_ca = r == CURLE_SSL_CACERT_BADFILE;
	bool distrusted = bad_ca || r == CURLE_PEER_FAILED_VERIFICATION;
	const char *text;

	if (bad_ca && u->own_ca)
		text = N_("the file that is ca of push in loaxa.conf cannot "
			  "be read, or is no certificate (PEM)");
	else if (bad_ca)
		text = doubt(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
	else
		text = distrusted ? distrust(u) : trouble((int)r);
	if (text == NULL)
		text = u->error[0] == '\0' ? curl_easy_strerror(r) : u->error;
	snprintf(why, PUSH_WHY, "%s", text);
	return distrusted ? -EKEYREJECTED : -EIO;
}

/* Asking -------------------------------------------------------------------- */

static size_t
on_bytes(char *bytes, size_t size, size_t n, void *arg)
{
	struct uplink *u = arg;
	char *grown;

	n *= size;
	if (u->n + n > PUSH_ANSWER_MAX)
		return 0;
	grown = realloc(u->body, u->n + n + 1);
	if (grown == NULL)
		return 0;
	memcpy(grown + u->n, bytes, n);
	u->body = grown;
	u->n += n;
	u->body[u->n] = '\0';
	return n;
}

static void
set_question(struct uplink *u, const struct push_question *q)
{
	CURL *c = u->curl;

	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, NULL);
	if (q->body == NULL) {
		curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
		return;
	}
	curl_easy_setopt(c, CURLOPT_POST, 1L);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->body);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->n);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method);
}

static int
ask(struct push_link *link, const struct push_question *q,
    struct push_answer *ret, char why[static PUSH_WHY])
{
	struct uplink *u = (struct uplink *)link;
	struct curl_slist *headers =
	    curl_slist_append(NULL, "Content-Type: application/octet-stream");
	char url[PATH_MAX];
	CURLcode r;
	long code = 0;

	if (q->header != NULL)
		headers = curl_slist_append(headers, q->header);
	snprintf(url, sizeof(url), "%.3000s/%s", u->url, q->path);
	u->body = calloc(1, 1);
	if (u->body == NULL) {
		curl_slist_free_all(headers);
		return -ENOMEM;
	}
	u->n = 0;
	u->error[0] = '\0';
	curl_easy_setopt(u->curl, CURLOPT_URL, url);
	curl_easy_setopt(u->curl, CURLOPT_HTTPHEADER, headers);
	set_question(u, q);
	r = curl_easy_perform(u->curl);
	curl_easy_getinfo(u->curl, CURLINFO_RESPONSE_CODE, &code);
	curl_slist_free_all(headers);
	if (r != CURLE_OK) {
		free(u->body);
		return explain(u, r, why);
	}
	*ret = (struct push_answer){ (int)code, u->body, u->n };
	return 0;
}

/* -------------------------------------------------------------------------- */

int
uplink_open(const char *url, const char *ca, struct push_link **ret)
{
	struct uplink *u = calloc(1, sizeof(*u));
	CURL *c = u == NULL ? NULL : curl_easy_init();

	if (c == NULL) {
		free(u);
		return -ENOMEM;
	}
	*u = (struct uplink){
		.link = { ask }, .curl = c, .url = url, .own_ca = ca != NULL
	};
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
	    strncmp(url, "https:", 6) == 0 ? "https" : "http");
	curl_easy_setopt(c, CURLOPT_USERAGENT, "loaxa/" LOAXA_VERSION);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, STALLED_S);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, LONGEST_S);
	curl_easy_setopt(c, CURLOPT_MAX_SEND_SPEED_LARGE, SPEED);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, u->error);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, u);
	if (ca != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, ca);
	*ret = &u->link;
	return 0;
}

struct push_link *
uplink_close(struct push_link *l)
{
	struct uplink *u = (struct uplink *)l;

	if (u == NULL)
		return NULL;
	curl_easy_cleanup(u->curl);
	free(u);
	return NULL;
}
