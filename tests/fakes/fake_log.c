/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "tests/fakes/fake_log.h"

/* A mistake of the test itself. */
static void
must(int good)
{
	if (!good)
		abort();
}

int64_t
fake_us(const char *local)
{
	char date[11];
	int64_t day;
	int second;

	must(strlen(local) == 19);
	snprintf(date, sizeof(date), "%.10s", local);
	must(civil_zone("Asia/Ho_Chi_Minh") == 0);
	must(civil_read_date(date, &day) == 0);
	must(civil_read_time(local + 11, &second) == 0);
	return civil_to_us(day, second);
}

const char *
fake_utc(const char *local)
{
	static struct civil_text t;

	return civil_utc_text(fake_us(local), &t);
}

void
fake_log_init(struct fake_log *l, struct disk *disk)
{
	*l = (struct fake_log){ .disk = disk, .boot_id = "boot-1" };
	if (disk == NULL)
		must(disk_memory(&l->disk) == 0);
	must(ledger_open(l->disk, NULL, &l->ledger) == 0);
	l->now = (struct now){ fake_us("2026-11-26 05:00:00"), US_PER_S,
		TRUST_SYNCED };
}

void
fake_log_free(struct fake_log *l)
{
	ledger_close(l->ledger);
	disk_close(l->disk);
}

void
fake_log_at(struct fake_log *l, const char *local)
{
	int64_t us = fake_us(local);

	if (us > l->now.wall_us)
		l->now.boot_us += us - l->now.wall_us;
	l->now.wall_us = us;
}

static void
merge(json_t *r, const char *text)
{
	json_error_t e;
	json_t *keys;

	if (text == NULL)
		return;
	keys = json_loads(text, 0, &e);
	if (keys == NULL)
		fprintf(stderr, "fake_log: %s: %s\n", e.text, text);
	must(json_object_update(r, keys) == 0);
	json_decref(keys);
}

int64_t
fake_log_add(
    struct fake_log *l, enum kind kind, const char *body, const char *more)
{
	json_t *r = record_new(kind, "que-minh", l->now, l->boot_id);
	int64_t seq = ledger_next_seq(l->ledger);

	merge(r, body);
	merge(r, more);
	must(ledger_add(l->ledger, r) == 0);
	must(ledger_flush(l->ledger) == 0);
	return seq;
}

static json_t *
slot_json(const char *date, const char *text)
{
	char id[65];
	char time[9];
	char local[32];
	int seconds;

	must(sscanf(text, " %64s %8s %d", id, time, &seconds) == 3);
	snprintf(local, sizeof(local), "%s %s", date, time);
	return json_pack("{s:s,s:s,s:I,s:s,s:s,s:s,s:[s],s:s,s:s,s:s,s:s,"
			 "s:I,s:s,s:s,s:b}",
	    "slot", id, "planned_utc", fake_utc(local), "planned_ms",
	    (json_int_t)seconds * 1000, "class", "thong_thuong", "content",
	    "segment", "ref", "ttdn", "items", "ban-tin", "segment", "ttdn",
	    "title", "Thông tin đối ngoại", "language", "vi", "start", "soft",
	    "tolerance_ms", (json_int_t)120000, "end", "cut", "rejoin", "join",
	    "from_above", 0);
}

int64_t
fake_log_day(struct fake_log *l, const char *date, const char *slots)
{
	json_t *list = json_array();
	json_t *body;
	char *text;
	int64_t seq;

	for (const char *p = slots; p != NULL && *p != '\0';) {
		json_array_append_new(list, slot_json(date, p));
		p = strchr(p, ',');
		p = p == NULL ? NULL : p + 1;
	}
	body = json_pack(
	    "{s:s,s:s,s:o}", "date", date, "revision", FAKE_SHA, "slots", list);
	text = json_dumps(body, 0);
	seq = fake_log_add(l, KIND_DAY, text, NULL);
	free(text);
	json_decref(body);
	return seq;
}

__attribute__((format(printf, 4, 5))) static int64_t
add_format(
    struct fake_log *l, enum kind kind, const char *more, const char *fmt, ...)
{
	char *body;
	va_list ap;
	int64_t seq;

	va_start(ap, fmt);
	must(vasprintf(&body, fmt, ap) > 0);
	va_end(ap);
	seq = fake_log_add(l, kind, body, more);
	free(body);
	return seq;
}

int64_t
fake_log_start(struct fake_log *l, const char *date, const char *slot, int n,
    const char *more)
{
	struct civil_text t;
	const char *utc = civil_utc_text(l->now.wall_us, &t);

	return add_format(l, KIND_START, more,
	    "{\"airing_id\":\"que-minh/%s/%s/%d\",\"date\":\"%s\","
	    "\"slot\":\"%s\",\"part\":%d,\"item\":\"ban-tin\","
	    "\"sha256\":\"" FAKE_SHA "\",\"title\":\"Thông tin đối ngoại\","
	    "\"segment\":\"ttdn\",\"language\":\"vi\","
	    "\"class\":\"thong_thuong\",\"planned_utc\":\"%s\","
	    "\"planned_ms\":300000,\"cue_utc\":\"%s\",\"offset_ms\":0,"
	    "\"frames_planned\":14400000,\"start_source\":\"schedule\","
	    "\"schedule_rev\":\"" FAKE_SHA "\",\"first_run\":true,"
	    "\"approval\":null,\"intent\":\"durable\",\"continues\":\"\","
	    "\"device\":\"wav\"}",
	    date, slot, n, date, slot, n - 1, utc, utc);
}

int64_t
fake_log_end(struct fake_log *l, const char *date, const char *slot, int n,
    int64_t ms, const char *more)
{
	struct civil_text t;
	char actual[64] = "null";

	if (ms > 0)
		snprintf(actual, sizeof(actual), "\"%s\"",
		    civil_utc_text(l->now.wall_us - ms * US_PER_MS, &t));
	return add_format(l, KIND_END, more,
	    "{\"airing_id\":\"que-minh/%s/%s/%d\",\"date\":\"%s\","
	    "\"slot\":\"%s\",\"item\":\"ban-tin\",\"sha256\":\"" FAKE_SHA
	    "\",\"status\":\"%s\",\"reason\":\"\",\"actual_utc\":%s,"
	    "\"actual_ms\":%lld,\"wall_ms\":%lld,\"late_ms\":0,"
	    "\"frames_sent\":%lld,\"silent_ms\":0,\"gain_db\":0.0,"
	    "\"lufs\":-23.1,\"device\":\"wav\",\"grade\":%d,"
	    "\"at_least\":false}",
	    date, slot, n, date, slot, ms > 0 ? "aired" : "not_aired", actual,
	    (long long)ms, (long long)ms, (long long)ms * 48, ms > 0 ? 2 : 1);
}

int64_t
fake_log_slot(struct fake_log *l, const char *date, const char *slot,
    const char *status, const char *reason, int n, int64_t ms, const char *more)
{
	struct civil_text t;
	char ids[1024] = "";
	size_t len = 0;

	for (int i = 1; i <= n; i++)
		len += (size_t)snprintf(ids + len, sizeof(ids) - len,
		    "%s\"que-minh/%s/%s/%d\"", i > 1 ? "," : "", date, slot, i);
	return add_format(l, KIND_SLOT, more,
	    "{\"date\":\"%s\",\"slot\":\"%s\",\"revision\":\"" FAKE_SHA "\","
	    "\"planned_utc\":\"%s\",\"planned_ms\":300000,"
	    "\"class\":\"thong_thuong\",\"content\":\"segment\","
	    "\"title\":\"Thông tin đối ngoại\",\"segment\":\"ttdn\","
	    "\"language\":\"vi\",\"status\":\"%s\",\"reason\":\"%s\","
	    "\"airings\":[%s],\"actual_ms\":%lld,\"cut_ms\":0,\"note\":\"\"}",
	    date, slot, civil_utc_text(l->now.wall_us - 300 * US_PER_S, &t),
	    status, reason, ids, (long long)ms);
}
