/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `loaxa status` says in each fault: a station is brought into it on
 * made-up clocks and disks, and its screen in Vietnamese and in English is
 * compared with tests/status.txt. `test_faults --update` writes that file
 * anew: read the difference before it is committed.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "base/words.h"
#include "ctl/faults.h"
#include "ctl/report.h"
#include "evidence/record.h"
#include "evidence/sealer.h"
#include "evidence/signer.h"
#include "scheduler/hook.h"
#include "base/sick_disk.h"
#include "tests/fakes/errand.h"
#include "tests/fakes/folder.h"
#include "tests/fakes/world.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define STORY "tests/status.txt"

extern int _nl_msg_cat_cntr; /* gettext: another language from here on */

static const char morning[] =
    "station = \"que-minh\"; name = \"Đài truyền thanh xã Quế Minh\";\n"
    "slots = (\n"
    " { id = \"mo-dau\"; days = \"T2-CN\"; at = \"05:00:00\";"
    "   for = \"00:00:30\"; item = \"nhac-hieu\";"
    "   title = \"Nhạc hiệu\"; },\n"
    " { id = \"tin\"; days = \"T2-CN\"; at = \"05:00:30\";"
    "   for = \"00:10:00\"; item = \"ban-tin\";"
    "   title = \"Bản tin sáng\"; },\n"
    " { id = \"ket-thuc\"; days = \"T2-CN\"; at = \"05:10:30\";"
    "   for = \"00:00:30\"; item = \"nhac-hieu\";"
    "   title = \"Nhạc kết\"; }\n"
    ");\n";

struct scene {
	struct world w;
	struct sick_disk disk; /* under the log, once it fails */
	struct deck_fault fault;
	char path[300];
	struct hook *hook;
	struct sealer *sealer;
	struct folder keys;
	struct fake_errand errand;
};

static void
at(struct scene *s, const char *time)
{
	world_run(&s->w, world_us(0, time));
}

/* The ways into a fault --------------------------------------------------- */

static void
before_the_slot(struct scene *s)
{
	world_start(&s->w);
	at(s, "04:58:00");
}

static void
on_the_air(struct scene *s)
{
	world_start(&s->w);
	at(s, "05:02:00");
}

static void
no_trusted_clock(struct scene *s)
{
	s->w.now.trust = TRUST_UNSURE;
	world_start(&s->w);
	at(s, "04:58:00");
}

static void
device_gone(struct scene *s)
{
	world_start(&s->w);
	at(s, "05:02:00");
	deck_sim_lose_device(
	    s->w.deck, s->w.now, s->w.now.boot_us + 60 * US_PER_MIN);
	at(s, "05:03:00");
}

static void
no_output_there(struct scene *s)
{
	s->w.no_output = true;
	before_the_slot(s);
}

static void
disk_says(struct scene *s, int error)
{
	sick_disk_init(&s->disk, s->w.log);
	s->w.log_in_use = &s->disk.disk;
	world_start(&s->w);
	at(s, "04:58:00");
	s->disk.fail_at = s->disk.calls + 1;
	s->disk.fail_on = true;
	s->disk.error = error;
	at(s, "05:00:40");
}

static void
disk_failing(struct scene *s)
{
	disk_says(s, EIO);
}

static void
disk_full(struct scene *s)
{
	disk_says(s, ENOSPC);
}

static void
disk_hanging(struct scene *s)
{
	disk_says(s, ETIMEDOUT);
}

static int
hold(struct disk *d, const char *name, int64_t bytes)
{
	(void)d;
	(void)name;
	return bytes > 0 ? -ENOSPC : 0;
}

static int64_t
room(struct disk *d)
{
	(void)d;
	return INT64_C(9) << 20;
}

static void
disk_nearly_full(struct scene *s)
{
	s->w.state->hold = hold;
	s->w.state->room = room;
	before_the_slot(s);
}

/* As a bad sector does it. */
static void
log_damaged(struct scene *s)
{
	static const char file[] = "airing-2026-11.jsonl";
	char *bytes;
	size_t n;

	world_start(&s->w);
	at(s, "04:57:00");
	world_stop(&s->w);
	assert_int_equal(s->w.log->read(s->w.log, file, &bytes, &n), 0);
	memset(bytes, '?', 40);
	assert_int_equal(s->w.log->append(s->w.log, file, 0, bytes, n), 0);
	free(bytes);
	before_the_slot(s);
}

static void
disk_read_only(struct scene *s)
{
	disk_says(s, EROFS);
}

static void
stopped_until(struct scene *s)
{
	before_the_slot(s);
	assert_true(world_ask(&s->w,
	    "{\"cmd\":\"stop\",\"until_utc\":\"2026-11-22T23:00:00Z\"}"));
}

static void
stopped_for_good(struct scene *s)
{
	before_the_slot(s);
	assert_true(world_ask(&s->w, "{\"cmd\":\"stop\"}"));
}

static void
item_missing(struct scene *s)
{
	world_item(&s->w, "ban-tin", 0);
	world_start(&s->w);
	at(s, "05:10:35");
}

static void
item_to_come_missing(struct scene *s)
{
	world_item(&s->w, "ban-tin", 0);
	world_start(&s->w);
	at(s, "04:58:00");
}

static void
source_stalled(struct scene *s)
{
	s->fault = (struct deck_fault){ 2, ENDED_SOURCE_FAILED, 48000 * 60 };
	s->w.faults = &s->fault;
	s->w.n_faults = 1;
	world_start(&s->w);
	at(s, "05:10:35");
}

static void
player_hung(struct scene *s)
{
	world_start(&s->w);
	at(s, "05:02:00");
	deck_sim_hang_device(s->w.deck, s->w.now);
	at(s, "05:02:01");
}

static void
site_faulty_at_start(struct scene *s)
{
	s->w.site_problem = "etc/loaxa.conf:7: hours: \"25:00\" is no time";
	before_the_slot(s);
}

static void
site_faulty_at_reload(struct scene *s)
{
	FILE *f;

	snprintf(s->path, sizeof(s->path), "%s.conf", s->w.folder);
	f = fopen(s->path, "w");
	assert_non_null(f);
	fputs("hours = ();\nzone = \"Asia/Hanoi\";\n", f);
	fclose(f);
	s->w.site_path = s->path;
	before_the_slot(s);
	assert_false(world_ask(&s->w, "{\"cmd\":\"reload\"}"));
}

static void
schedule_faulty_at_start(struct scene *s)
{
	world_schedule(&s->w, "station = \"que-minh\";\nslots = (\n", NULL);
	before_the_slot(s);
}

static void
schedule_faulty_at_reload(struct scene *s)
{
	before_the_slot(s);
	world_schedule(&s->w, "station = \"que-minh\";\nslots = (\n", NULL);
	assert_false(world_ask(&s->w, "{\"cmd\":\"reload\"}"));
}

static void
schedule_out_of_hours(struct scene *s)
{
	s->w.from_h = 6;
	before_the_slot(s);
}

static void
power_was_off(struct scene *s)
{
	world_start(&s->w);
	at(s, "04:30:00");
	world_kill(&s->w);
	at(s, "05:04:00");
	s->w.boot_id = "22222222-0000-4000-8000-000000000000";
	world_start(&s->w);
	at(s, "05:04:30");
}

static void
daemon_had_died(struct scene *s)
{
	world_start(&s->w);
	at(s, "04:30:00");
	world_kill(&s->w);
	at(s, "04:30:02");
	world_start(&s->w);
	at(s, "04:58:00");
}

static void
last_line_torn(struct scene *s)
{
	char *bytes;
	size_t n;

	world_start(&s->w);
	at(s, "04:30:00");
	world_kill(&s->w);
	assert_int_equal(
	    s->w.log->read(s->w.log, "airing-2026-11.jsonl", &bytes, &n), 0);
	free(bytes);
	assert_int_equal(s->w.log->append(s->w.log, "airing-2026-11.jsonl",
			     (int64_t)n, "{\"v\":1,\"kind\":\"op", 17),
	    0);
	s->w.boot_id = "22222222-0000-4000-8000-000000000000";
	at(s, "04:35:00");
	world_start(&s->w);
	at(s, "04:58:00");
}

/* What the player says of its device, in the middle of an item. */
static void
device_says(struct scene *s, const struct receipt *says)
{
	world_start(&s->w);
	at(s, "05:02:00");
	deck_sim_says(s->w.deck, says);
	at(s, "05:03:00");
}

static void
card_muted(struct scene *s)
{
	device_says(
	    s, &(struct receipt){ .kind = RECEIPT_LEVEL, .percent = 0 });
}

static void
card_slow(struct scene *s)
{
	device_says(
	    s, &(struct receipt){ .kind = RECEIPT_RATE_OFF, .percent = 50 });
}

static void
sound_broken(struct scene *s)
{
	world_start(&s->w);
	deck_sim_faults(s->w.deck, &(struct receipt){ .underruns = 2,
				       .underrun_us = 340 * US_PER_MS });
	at(s, "05:02:00");
}

/* A real program that is not there, for a slot that was missed. */
static void
hook_fails(struct scene *s)
{
	static char *command[] = { (char *)"/nonexistent/notify", NULL };
	static struct site_event event = {
		.command = command, .n_command = 1, .longest_s = 30
	};

	assert_int_equal(hook_open("/", &s->hook), 0);
	s->w.hook = s->hook;
	s->w.on_event = &event;
	world_start(&s->w);
	at(s, "05:02:00");
}

static int
draw(void *bytes, size_t n)
{
	memset(bytes, 1, n);
	return 0;
}

/* A real process with a key that is none. It says so before the world begins:
 * else the instant from which on it is known would be chance. */
static void
seal_fails(struct scene *s)
{
	static const char first[] =
	    "{\"v\":1,\"kind\":\"op\",\"seq\":0,\"station\":\"\"}";
	struct seal_setup setup = { .draw = draw, .hasty = true };
	struct pollfd p = { .events = POLLIN };

	folder_make(&s->keys);
	folder_write(&s->keys, SIGNER_FILE, "what\n");
	setup.keys = setup.trees = s->keys.path;
	assert_int_equal(sealer_start(&setup, s->keys.path, &s->sealer), 0);
	sealer_tell(s->sealer, first, strlen(first));
	p.fd = sealer_fd(s->sealer);
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_null(sealer_look(s->sealer));
	s->w.sealer = s->sealer;
	world_start(&s->w);
	at(s, "04:58:00");
}

static void
amplifier_does_not_answer(struct scene *s)
{
	fake_errand(&s->errand);
	s->errand.fail = -1;
	s->w.errand = &s->errand.errand;
	before_the_slot(s);
	at(s, "04:59:00");
}

static void
amplifier_stays_on(struct scene *s)
{
	fake_errand(&s->errand);
	s->w.errand = &s->errand.errand;
	world_start(&s->w);
	at(s, "05:11:00");
	s->errand.fail = -1;
	at(s, "05:12:00");
}

static int
take(void *arg, const char *path, const char *text, size_t n)
{
	(void)arg;
	(void)path;
	(void)text;
	(void)n;
	return 0;
}

static int
refuse(void *arg, const char *path, const char *text, size_t n)
{
	(void)arg;
	(void)path;
	(void)text;
	(void)n;
	return -EACCES;
}

static void
metrics_refused(struct scene *s)
{
	s->w.metrics = refuse;
	before_the_slot(s);
}

static const struct {
	const char *vi;
	const char *en;
	void (*into)(struct scene *s);
	int code; /* of `loaxa status` */
	const char *fault; /* the first; "" for none */
} scenes[] = {
	{ "Bình thường, trước giờ phát", "All is well, before the session",
	    before_the_slot, 0, "" },
	{ "Bình thường, đang phát", "All is well, on the air", on_the_air, 0,
	    "" },
	{ "Đồng hồ không tin được", "The clock cannot be trusted",
	    no_trusted_clock, 2, "clock_unsure" },
	{ "Rút mất card âm thanh lúc đang phát",
	    "The sound card is pulled while it plays", device_gone, 2,
	    "device_lost" },
	{ "Trình phát bị treo trong thiết bị", "The player hangs in the device",
	    player_hung, 2, "device_lost" },
	{ "Đài không có đầu ra trong etc/loaxa.conf",
	    "A station without an output", no_output_there, 2, "no_output" },
	{ "Card âm thanh bị tắt tiếng", "The sound card is muted", card_muted,
	    2, "muted" },
	{ "Card âm thanh chạy sai tốc độ", "The card plays at half its speed",
	    card_slow, 2, "wrong_speed" },
	{ "Tiếng bị ngắt quãng", "Breaks in the sound", sound_broken, 1,
	    "underruns" },
	{ "Ổ đĩa hỏng (EIO)", "The disk is failing (EIO)", disk_failing, 2,
	    "log_failing" },
	{ "Ổ đĩa đầy", "The disk is full", disk_full, 2, "log_failing" },
	{ "Ổ đĩa chỉ còn đọc được", "The disk has become read-only",
	    disk_read_only, 2, "log_failing" },
	{ "Ổ đĩa bị treo", "The disk hangs", disk_hanging, 2, "log_failing" },
	{ "Ổ đĩa sắp đầy", "The disk is nearly full", disk_nearly_full, 1,
	    "disk_low" },
	{ "Một dòng nhật ký bị hỏng", "A line of the log is damaged",
	    log_damaged, 2, "log_damaged" },
	{ "Khởi động với etc/loaxa.conf hỏng",
	    "Started with a faulty etc/loaxa.conf", site_faulty_at_start, 2,
	    "site_invalid" },
	{ "Nạp lại etc/loaxa.conf hỏng", "A faulty etc/loaxa.conf reloaded",
	    site_faulty_at_reload, 1, "site_refused" },
	{ "Khởi động với lịch hỏng", "Started with a broken schedule",
	    schedule_faulty_at_start, 2, "no_schedule" },
	{ "Nạp lại lịch hỏng", "A broken schedule reloaded",
	    schedule_faulty_at_reload, 1, "schedule_refused" },
	{ "Lịch đặt ngoài giờ được phép",
	    "A schedule outside the allowed hours", schedule_out_of_hours, 1,
	    "schedule_rules" },
	{ "Bị dừng đến 6 giờ", "Stopped until six", stopped_until, 1,
	    "stopped" },
	{ "Bị dừng không hẹn giờ", "Stopped for good", stopped_for_good, 1,
	    "stopped" },
	{ "Thiếu tệp của một mục", "A slot's file is missing", item_missing, 1,
	    "lost_today" },
	{ "Mục của buổi tới chưa đủ", "An item of the coming slots is missing",
	    item_to_come_missing, 1, "items_lacking" },
	{ "Nguồn phát đứng giữa chừng", "The source stalls half way",
	    source_stalled, 1, "lost_today" },
	{ "Vừa có điện lại", "The power has just come back", power_was_off, 1,
	    "lost_today" },
	{ "loaxad chết và chạy lại", "loaxad had died", daemon_had_died, 1,
	    "process_died" },
	{ "Dòng cuối nhật ký bị rách vì mất điện",
	    "The log's last line was torn by a power cut", last_line_torn, 0,
	    "power_lost" },
	{ "Lệnh báo tin (on_event) bị lỗi", "The on_event command fails",
	    hook_fails, 1, "hook_failing" },
	{ "Không ký được nhật ký", "The log cannot be signed", seal_fails, 1,
	    "seal_failing" },
	{ "Không bật được tăng âm", "The amplifier does not go on",
	    amplifier_does_not_answer, 2, "amplifier_off" },
	{ "Không tắt được tăng âm", "The amplifier does not go off",
	    amplifier_stays_on, 1, "amplifier_on" },
	{ "Không ghi được tệp số đo", "The metrics cannot be written",
	    metrics_refused, 0, "metrics_failing" },
};

/* In a language ----------------------------------------------------------- */

static void
speak(const char *language)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);

	assert_true(n > 0);
	path[n] = '\0';
	*strrchr(path, '/') = '\0';
	*strrchr(path, '/') = '\0';
	strcat(path, "/po");
	setenv("LOAXA_LANG", language, 1);
	words_open();
	bindtextdomain("loaxa", path);
	/* Its words are there on some machines only. */
	bindtextdomain("libc", "/nonexistent");
	_nl_msg_cat_cntr++;
}

/* No line of a screen is wider than a terminal. */
static void
expect_width(const char *screen)
{
	while (*screen != '\0') {
		const char *lf = strchr(screen, '\n');
		char *line = strndup(screen, (size_t)(lf - screen));

		if (text_width(line) > 80)
			fail_msg("%d columns: %s", text_width(line), line);
		free(line);
		screen = lf + 1;
	}
}

static json_t *
status_in(size_t i, const char *language)
{
	struct scene *s = calloc(1, sizeof(*s));
	json_t *req = json_pack("{s:s}", "cmd", "status");
	json_t *answer;

	assert_non_null(s);
	speak(language);
	world_make(&s->w, morning, NULL);
	world_item(&s->w, "nhac-hieu", 30000);
	world_item(&s->w, "ban-tin", 600000);
	s->w.metrics = take; /* so that it looks at its health by itself */
	scenes[i].into(s);
	answer = daemon_request(s->w.daemon, s->w.now, req);
	json_decref(req);
	world_kill(&s->w);
	hook_close(s->hook);
	if (s->sealer != NULL)
		folder_remove(&s->keys);
	sealer_stop(s->sealer);
	if (s->w.log_in_use != s->w.log)
		sick_disk_leave(&s->disk);
	world_end(&s->w);
	if (s->path[0] != '\0')
		unlink(s->path);
	free(s);
	return answer;
}

/* Names that change from run to run. */
static void
put_screen(const char *screen, FILE *story)
{
	while (*screen != '\0') {
		const char *lf = strchr(screen, '\n');
		char *line = strndup(screen, (size_t)(lf - screen));
		char *at = strstr(line, "/tmp/loaxa-world-");

		if (at != NULL)
			fprintf(story, "%.*sschedules%s\n", (int)(at - line),
			    line, at + strlen("/tmp/loaxa-world-XXXXXX"));
		else if (strncmp(line, "loaxad ", 7) == 0)
			fprintf(story, "loaxad 0.0.0%s\n", strchr(line, ','));
		else
			fprintf(story, "%s\n", line);
		free(line);
		screen = lf + 1;
	}
}

static void
tell(size_t i, const char *language, FILE *story)
{
	json_t *answer = status_in(i, language);
	const json_t *f = json_array_get(json_object_get(answer, "faults"), 0);
	char *screen = NULL;
	size_t n;
	FILE *out = open_memstream(&screen, &n);

	assert_non_null(out);
	if (faults_exit(answer) != scenes[i].code ||
	    strcmp(record_text(f, "fault"), scenes[i].fault) != 0)
		fail_msg("%s: %d, %s", scenes[i].en, faults_exit(answer),
		    record_text(f, "fault"));
	report_screen(answer, out);
	fclose(out);
	expect_width(screen);
	put_screen(screen, story);
	free(screen);
	json_decref(answer);
}

static char *
tell_all(void)
{
	char *text = NULL;
	size_t n;
	FILE *story = open_memstream(&text, &n);

	assert_non_null(story);
	fputs("`loaxa status` trong từng sự cố, bằng hai thứ tiếng. "
	      "tests/test_faults.c đưa một\nđài vào từng sự cố và so với tệp "
	      "này.\n"
	      "`loaxa status` in each fault, in both languages. "
	      "tests/test_faults.c brings a\nstation into each and compares "
	      "with this file.\n",
	    story);
	for (size_t i = 0; i < COUNT(scenes); i++) {
		fprintf(story, "\n==== %s\n==== %s\n\n", scenes[i].vi,
		    scenes[i].en);
		tell(i, "vi", story);
		fprintf(story, "[mã kết thúc: %d]\n\n", scenes[i].code);
		tell(i, "en", story);
		fprintf(story, "[exit code: %d]\n", scenes[i].code);
	}
	fclose(story);
	return text;
}

static char *
stored(void)
{
	FILE *f = fopen(STORY, "r");
	char *text = NULL;
	size_t n = 0;

	if (f == NULL)
		return strdup("");
	if (getdelim(&text, &n, EOF, f) < 0)
		*text = '\0';
	fclose(f);
	return text;
}

static bool update;

static void
the_screen_of_every_fault_is_as_the_story_tells(void **state)
{
	char *told = tell_all();
	char *want = stored();
	const char *a = told;
	const char *b = want;
	int line = 1;

	(void)state;
	if (update) {
		FILE *f = fopen(STORY, "w");

		assert_non_null(f);
		fputs(told, f);
		fclose(f);
	} else if (strcmp(told, want) != 0) {
		for (; *a != '\0' && *a == *b; a++, b++)
			line += *a == '\n';
		fail_msg(STORY ":%d: not so: \"%.*s\"; `test_faults --update` "
			       "writes it anew",
		    line, (int)strcspn(a, "\n"), a);
	}
	free(told);
	free(want);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_screen_of_every_fault_is_as_the_story_tells),
	};

	update = argc > 1 && strcmp(argv[1], "--update") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
