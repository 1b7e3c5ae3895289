/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/pushed.h"
#include "ctl/say.h"
#include "evidence/record.h"

static const char *const words[] = {
	[PUSH_COSIGNED] = "cosigned",
	[PUSH_BEHIND] = "behind",
	[PUSH_FORKED] = "forked",
	[PUSH_CUT] = "cut",
	[PUSH_DISTRUSTED] = "distrusted",
	[PUSH_BUSY] = "busy",
	[PUSH_UNKNOWN] = "unknown",
	[PUSH_REFUSED] = "refused",
	[PUSH_STRANGER] = "stranger",
	[PUSH_FAILED] = "failed",
};

json_t *
pushed_read(const struct root *root)
{
	char path[PATH_MAX];
	json_t *j;

	snprintf(path, sizeof(path), "%s/" PUSHED_FILE, root->push);
	j = json_load_file(path, 0, NULL);
	if (json_is_array(j))
		return j;
	json_decref(j);
	return json_array();
}

int
pushed_write(const struct root *root, const json_t *state)
{
	char *text = json_dumps(state, JSON_INDENT(1));
	struct disk *d;
	int r = text == NULL ? -ENOMEM : 0;

	if (r == 0)
		r = disk_open(root->push, &d);
	if (r == 0) {
		r = d->replace(d, PUSHED_FILE, text, strlen(text), 0);
		disk_close(d);
	}
	free(text);
	return r;
}

json_t *
pushed_at(json_t *state, const char *url)
{
	json_t *at;
	size_t i;

	json_array_foreach(state, i,
	    at) if (strcmp(record_text(at, "url"), url) == 0) return at;
	at = json_pack("{s:s}", "url", url);
	return json_array_append_new(state, at) == 0 ? at : NULL;
}

static bool
is_named(const struct site *site, const char *url)
{
	for (size_t i = 0; i < site->n_pushes; i++)
		if (strcmp(site->pushes[i].url, url) == 0)
			return true;
	return false;
}

bool
pushed_keep_named(json_t *state, const struct site *site)
{
	size_t was = json_array_size(state);

	for (size_t i = was; i-- > 0;)
		if (!is_named(
			site, record_text(json_array_get(state, i), "url")))
			json_array_remove(state, i);
	return json_array_size(state) < was;
}

static void
set(json_t *at, const char *key, json_t *value)
{
	json_object_set_new(at, key, value);
}

int
pushed_note(json_t *at, const struct push_result *r, int64_t now_us)
{
	struct civil_text utc;
	bool well = r->outcome == PUSH_COSIGNED;
	/* JSON takes no bytes that are not UTF-8. */
	char *why =
	    say_safe(r->outcome == PUSH_FAILED ? strerror(-r->error) : r->why);

	civil_utc_text(now_us, &utc);
	set(at, "utc", json_string(utc.s));
	set(at, "outcome", json_string(words[r->outcome]));
	set(at, "why", json_string(why == NULL ? "" : why));
	free(why);
	set(at, "log", json_string(r->is.origin));
	set(at, "records", json_integer(r->is.size));
	set(at, "there", json_integer(r->had));
	set(at, "sent", json_integer(r->sent));
	set(at, "vkey", json_string(r->vkey));
	if (well) {
		set(at, "cosigned_utc", json_string(utc.s));
		set(at, "done_records", json_integer(r->is.size));
		set(at, "done_log", json_string(r->is.origin));
		json_object_del(at, "failing_utc");
	} else if (json_object_get(at, "failing_utc") == NULL)
		set(at, "failing_utc", json_string(utc.s));
	return json_object_get(at, "outcome") == NULL ? -ENOMEM : 0;
}

bool
pushed_well(const json_t *at)
{
	return strcmp(record_text(at, "outcome"), words[PUSH_COSIGNED]) == 0;
}

bool
pushed_is_due(const json_t *at, const struct checkpoint *is, int64_t now_us)
{
	int64_t us;

	return !pushed_well(at) ||
	       strcmp(record_text(at, "done_log"), is->origin) != 0 ||
	       record_int(at, "done_records", 0) + 1 < is->size ||
	       civil_read_utc(record_text(at, "cosigned_utc"), &us) < 0 ||
	       us > now_us || us + US_PER_DAY < now_us;
}

static enum push_outcome
outcome_of(const json_t *at)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(record_text(at, "outcome"), words[i]) == 0)
			return (enum push_outcome)i;
	return PUSH_FAILED;
}

__attribute__((format(printf, 1, 2))) static char *
text(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return n < 0 ? NULL : s;
}

/* In the user's language, as far as it is one of our own sentences, also behind
 * the "HTTP 507: " of an answer; what somebody else said is as he said it. */
static const char *
reason(const json_t *at, char *buf, size_t size)
{
	const char *why = record_text(at, "why");
	const char *said =
	    strncmp(why, "HTTP ", 5) == 0 ? strstr(why, ": ") : NULL;

	said = said == NULL ? why : said + 2;
	snprintf(buf, size, "%.*s%s", (int)(said - why), why,
	    said[0] == '\0' ? "" : _(said));
	text_trim(buf);
	return buf;
}

char *
pushed_text(const json_t *at)
{
	const char *url = record_text(at, "url");
	char buf[3 * PUSH_WHY];
	const char *why = reason(at, buf, sizeof(buf));
	long long is = (long long)record_int(at, "records", 0);
	long long there = (long long)record_int(at, "there", 0);

	if (record_text(at, "outcome")[0] == '\0')
		return NULL;
	switch (outcome_of(at)) {
	case PUSH_COSIGNED:
		return text(
		    _("%s: %lld records are there, cosigned."), url, is);
	case PUSH_BEHIND:
		return text(_("%s: the upper level has MORE records (%lld) "
			      "than this station (%lld): the end of its log "
			      "was lost, or an old copy was put back. The log "
			      "goes on in a new tree, and says so."),
		    url, there, is);
	case PUSH_FORKED:
		return text(_("%s: the upper level has OTHER records of this "
			      "station: an old copy was put back, or two "
			      "computers have one key. The log goes on in a "
			      "new tree; tell the upper level."),
		    url);
	case PUSH_CUT:
		return text(_("%s: no connection: %s. Nothing is lost: the "
			      "service loaxa-push tries again by itself."),
		    url, why);
	case PUSH_DISTRUSTED:
		return text(_("%s: nothing was sent, because the connection is "
			      "not safe: %s."),
		    url, why);
	case PUSH_BUSY:
		return text(_("%s: the upper level cannot take it now (%s). "
			      "The service loaxa-push tries again by itself."),
		    url, why);
	case PUSH_UNKNOWN:
		return text(_("%s: nobody has entered this station there yet. "
			      "Tell them its key by telephone, for `loaxa "
			      "collect --trust KEY --as NAME`: %s"),
		    url, record_text(at, "vkey"));
	case PUSH_REFUSED:
		return text(_("%s: the upper level refuses it: %s. Is the "
			      "address (push, in loaxa.conf) right? Then ask "
			      "there."),
		    url, why);
	case PUSH_STRANGER:
		return text(_("%s: what came back is not cosigned by a key "
			      "that loaxa.conf names: ask the upper level what "
			      "`loaxa collect --key` prints there, and write "
			      "that into cosigners."),
		    url);
	case PUSH_FAILED:
		break;
	}
	return text(_("%s: this station's signed log cannot be read: %s. "
		      "`loaxa verify` says more."),
	    url, why);
}
