/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "ctl/reckoning.h"
#include "evidence/audit.h"
#include "evidence/ledger.h"
#include "evidence/record.h"
#include "evidence/sheets.h"

#define RELAY_ON "\"op\":\"relay_on\""
#define SLACK_MS 1000 /* of a slot: where two items meet, fades */

struct reckoning {
	struct misfortune_result *r;
	struct library *library;
	struct disk *log;
	struct disk *copy;
	struct hash *hash;
	struct sheets *sheets;
	json_t *relays; /* {"STATION/DATE/SLOT": true}, as they were put on */
};

/* Files -------------------------------------------------------------------- */

static int
copy_file(void *arg, const char *name)
{
	struct reckoning *k = arg;
	char *bytes;
	size_t n;
	int r = k->log->read(k->log, name, &bytes, &n);

	if (r < 0)
		return r;
	r = hash_more(k->hash, name, strlen(name));
	if (r == 0)
		r = hash_more(k->hash, bytes, n);
	if (r == 0)
		r = k->copy->append(k->copy, name, 0, bytes, n);
	free(bytes);
	return r;
}

static int
copy_log(struct reckoning *k, const char *folder)
{
	int r = disk_open(folder, &k->copy);
	int e;

	if (r < 0)
		return r;
	k->hash = hash_start();
	r = k->hash == NULL ? -ENOMEM : k->log->each(k->log, copy_file, k);
	e = hash_end(k->hash, k->r->digest);
	disk_close(k->copy);
	return r < 0 ? r : e;
}

/* Outcomes ----------------------------------------------------------------- */

static void
count_outcome(struct misfortune_result *r, const char *status, const char *why)
{
	size_t i;

	for (i = 0; i < r->n_outcomes; i++)
		if (strcmp(r->outcomes[i].status, status) == 0 &&
		    strcmp(r->outcomes[i].reason, why) == 0)
			break;
	if (i == MISFORTUNE_OUTCOMES)
		return;
	if (i == r->n_outcomes) {
		r->n_outcomes++;
		strncpy(r->outcomes[i].status, status,
		    sizeof(r->outcomes[i].status) - 1);
		strncpy(r->outcomes[i].reason, why,
		    sizeof(r->outcomes[i].reason) - 1);
	}
	r->outcomes[i].n++;
}

/* The words of loaxa-log(5): each status with its reasons. */
static bool
is_told(const char *status, const char *reason)
{
	static const struct {
		const char *status, *reasons;
	} words[] = {
		{ "aired", "||late|early|" },
		{ "aired_partial", "|short|preempted|operator_stop|device_lost|"
				   "rejoined|power_lost|process_died|hours_end|"
				   "source_failed|hash_changed|" },
		{ "not_aired", "|missing_item|bad_item|no_signal|not_approved|"
			       "hash_changed|"
			       "outside_hours|preempted|cancelled|machine_off|"
			       "process_died|clock_unsure|device_lost|too_late|"
			       "disabled|" },
		{ "external", "|relay_reserved|relay_signal|" },
	};
	char word[64];

	snprintf(word, sizeof(word), "|%s|", reason);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].status, status) == 0)
			return strstr(words[i].reasons, word) != NULL;
	return false;
}

static int64_t
item_ms(struct reckoning *k, const char *id, int64_t hint_ms)
{
	struct item *it;
	int64_t ms;
	int fd;

	if (k->library->open(k->library, id, hint_ms * 48, &it, &fd) < 0)
		return 0;
	if (fd >= 0)
		close(fd);
	ms = it->frames / 48;
	item_free(it);
	return ms;
}

/* What a slot needs to be called aired: its items, as far as its window
 * reaches. */
static int64_t
whole_ms(struct reckoning *k, const struct sheet_slot *s)
{
	const json_t *items = json_object_get(s->plan, "items");
	int64_t window_ms = (s->end_us - s->start_us) / US_PER_MS;
	int64_t n = (int64_t)json_array_size(items);
	int64_t ms = 0;
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		ms += item_ms(k, json_string_value(item), window_ms / n);
	}
	if (ms > 0 && strcmp(record_text(s->plan, "content"), "filler") == 0)
		return window_ms;
	return strcmp(record_text(s->plan, "end"), "finish") == 0
		   ? ms
		   : earlier(ms, window_ms);
}

/* P7: what is called aired sounded whole, but for what found no room. */
static void
check_whole(struct reckoning *k, const json_t *r, int64_t at_us)
{
	int64_t ms = record_int(r, "actual_ms", 0) + record_int(r, "cut_ms", 0);
	struct sheet_slot s;

	if (strcmp(record_text(r, "status"), "aired") != 0 ||
	    sheets_find(k->sheets, record_text(r, "station"),
		record_text(r, "date"), record_text(r, "slot"), &s) < 0)
		return;
	if (ms + SLACK_MS < whole_ms(k, &s))
		misfortune_broke(k->r, "P7", at_us,
		    "slot \"%s\" of %s is called aired, for %lld ms",
		    record_text(r, "slot"), record_text(r, "date"),
		    (long long)ms);
}

static void
name_slot(const json_t *r, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s/%s", record_text(r, "station"),
	    record_text(r, "date"), record_text(r, "slot"));
}

static void
take_op(struct reckoning *k, const json_t *r)
{
	char name[128];

	if (strcmp(record_text(r, "op"), "relay_on") != 0)
		return;
	name_slot(r, name, sizeof(name));
	json_object_set_new(k->relays, name, json_true());
}

/* P4: a relay is in the log before anything of it is heard. P7: and what was
 * heard is measured. */
static void
check_relay(struct reckoning *k, const json_t *r, int64_t at_us)
{
	bool on;
	char name[128];

	name_slot(r, name, sizeof(name));
	on = json_object_get(k->relays, name) != NULL;
	if (record_int(r, "signal_ms", 0) > 0 && !on)
		misfortune_broke(k->r, "P4", at_us,
		    "a signal of slot \"%s\" sounded before the log knew",
		    name);
	if (on && strcmp(record_text(r, "reason"), "relay_reserved") == 0)
		misfortune_broke(k->r, "P7", at_us,
		    "slot \"%s\" sounded here and is called reserved", name);
}

static void
take_slot(struct reckoning *k, const json_t *r)
{
	const char *status = record_text(r, "status");
	const char *reason = record_text(r, "reason");
	int64_t at_us = 0;

	civil_read_utc(record_text(r, "utc"), &at_us);
	k->r->slots++;
	count_outcome(k->r, status, reason);
	if (!is_told(status, reason))
		misfortune_broke(k->r, "P2", at_us,
		    "slot \"%s\" of %s is %s/%s, which are no words of "
		    "loaxa-log(5)",
		    record_text(r, "slot"), record_text(r, "date"), status,
		    reason);
	check_whole(k, r, at_us);
	check_relay(k, r, at_us);
}

static int
take_line(void *arg, const char *line, size_t n, int64_t seq)
{
	struct reckoning *k = arg;
	int kind = record_kind(line, n);
	json_t *r;

	k->r->records = seq + 1;
	if (kind == KIND_OP &&
	    memmem(line, n, RELAY_ON, strlen(RELAY_ON)) == NULL)
		return 0;
	if ((kind != KIND_SLOT && kind != KIND_DAY && kind != KIND_OP) ||
	    record_parse(line, n, &r) < 0)
		return 0;
	if (kind == KIND_DAY)
		sheets_take(k->sheets, r);
	else if (kind == KIND_OP)
		take_op(k, r);
	else
		take_slot(k, r);
	json_decref(r);
	return 0;
}

/* The whole ---------------------------------------------------------------- */

static void
on_finding(void *arg, const struct finding *f)
{
	struct misfortune_result *r = arg;

	misfortune_broke(r, f->promise, 0, "%s:%lld: %s", f->file,
	    (long long)f->line, f->text);
}

int
reckoning_make(struct disk *log, const char *folder, struct library *library,
    struct misfortune_result *r)
{
	struct reckoning k = { .r = r, .library = library, .log = log };
	struct audit sum;
	int e = copy_log(&k, folder);

	if (e < 0)
		return e;
	k.sheets = sheets_new();
	k.relays = json_object();
	e = k.sheets == NULL || k.relays == NULL
		? -ENOMEM
		: ledger_each(log, take_line, &k);
	sheets_free(k.sheets);
	json_decref(k.relays);
	if (e < 0)
		return e;
	e = audit_dir(folder, on_finding, r, &sum);
	return e == -ENOENT ? 0 : e;
}
