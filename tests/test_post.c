/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/disk.h"
#include "ctl/post.h"
#include "evidence/ledger.h"
#include "tests/fakes/folder.h"

struct place {
	struct folder folder;
	struct root root;
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	folder_make(&p->folder);
	*state = p;
	return root_find(p->folder.path, &p->root);
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	folder_remove(&p->folder);
	free(p);
	return 0;
}

static json_t *
body(void)
{
	return json_pack("{s:s,s:s}", "item", "ban-tin", "person", "p-1");
}

/* The last record of the log, as text; yours. */
static int
keep_line(void *arg, const char *line, size_t n, int64_t seq)
{
	char **last = arg;

	(void)seq;
	free(*last);
	*last = strndup(line, n);
	return 0;
}

static char *
last_line(const struct place *p)
{
	struct disk *disk;
	char *line = NULL;

	assert_int_equal(disk_open(p->root.log, &disk), 0);
	assert_int_equal(ledger_each(disk, keep_line, &line), 0);
	disk_close(disk);
	return line;
}

static void
without_a_daemon_the_record_is_written_by_our_own_hand(void **state)
{
	struct place *p = *state;
	struct post *post;
	int64_t seq = -1;
	char *line;

	assert_int_equal(post_open(&p->root, &post), 0);
	assert_int_equal(post_record(post, KIND_APPROVE, "", body(), &seq), 0);
	assert_int_equal(seq, 0);
	assert_int_equal(post_record(post, KIND_APPROVE, "", body(), &seq), 0);
	assert_int_equal(seq, 1);
	assert_string_equal(post_refusal(post), "");
	assert_null(post_close(post));
	line = last_line(p);
	assert_non_null(strstr(line, "{\"v\":1,\"kind\":\"approve\",\"seq\":1,"
				     "\"station\":\"\",\"utc\":\""));
	assert_non_null(
	    strstr(line, "\"item\":\"ban-tin\",\"person\":\"p-1\"}"));
	free(line);
}

static void
a_body_cannot_change_the_head_of_its_record(void **state)
{
	struct place *p = *state;
	struct post *post;
	int64_t seq;
	char *line;

	assert_int_equal(post_open(&p->root, &post), 0);
	assert_int_equal(
	    post_record(post, KIND_ITEM, "que-minh",
		json_pack("{s:s,s:i,s:s}", "kind", "slot", "v", 9, "item", "x"),
		&seq),
	    0);
	post_close(post);
	line = last_line(p);
	assert_non_null(strstr(line, "{\"v\":1,\"kind\":\"item\",\"seq\":0,"
				     "\"station\":\"que-minh\","));
	assert_null(strstr(line, "slot"));
	free(line);
}

static void
one_hand_writes_at_a_time(void **state)
{
	struct place *p = *state;
	struct post *first;
	struct post *second = NULL;

	assert_int_equal(post_open(&p->root, &first), 0);
	assert_int_equal(post_open(&p->root, &second), -EWOULDBLOCK);
	assert_null(second);
	post_close(first);
	assert_int_equal(post_open(&p->root, &second), 0);
	post_close(second);
	assert_null(post_close(NULL));
}

static void
a_body_that_ran_out_of_memory_writes_nothing(void **state)
{
	struct place *p = *state;
	struct post *post;
	int64_t seq = 7;

	assert_int_equal(post_open(&p->root, &post), 0);
	assert_int_equal(post_record(post, KIND_ITEM, "", NULL, &seq), -ENOMEM);
	post_close(post);
	assert_int_equal(seq, 7);
	assert_null(last_line(p));
}

static void
a_root_that_cannot_be_written_is_told(void **state)
{
	struct place *p = *state;
	struct post *post = NULL;

	/* Root may write anywhere: a file in the folder's place stops it. */
	folder_write(&p->folder, "var", "not a folder");
	assert_int_equal(post_open(&p->root, &post), -ENOTDIR);
	assert_null(post);
}

/* A daemon of one peer: reads a line, gives an answer, and so on. The
 * requests are kept in the folder's file "asked". */
static pid_t
fake_daemon(const struct place *p, const char *const *answers)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char asked[128];
	char buf[4096];
	pid_t child;

	mkdir(p->root.run, 0700);
	snprintf(a.sun_path, sizeof(a.sun_path), "%.100s", p->root.socket);
	snprintf(asked, sizeof(asked), "%s/asked", p->folder.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	child = fork();
	if (child != 0) {
		close(fd);
		return child;
	}
	fd = accept(fd, NULL, NULL);
	for (; *answers != NULL; answers++) {
		FILE *f = fopen(asked, "a");
		ssize_t n = read(fd, buf, sizeof(buf));

		fprintf(f, "%.*s", (int)(n > 0 ? n : 0), buf);
		fclose(f);
		if (write(fd, *answers, strlen(*answers)) < 0)
			_exit(1);
	}
	_exit(0);
}

static void
a_running_daemon_is_asked_instead(void **state)
{
	static const char *const answers[] = { "{\"ok\":true,\"seq\":41}\n",
		"{\"ok\":false,\"error\":\"the log is full\"}\n",
		"{\"ok\":true,\"seq\":42}\n", NULL };
	struct place *p = *state;
	pid_t child = fake_daemon(p, answers);
	char path[128];
	struct post *post;
	int64_t seq = -1;
	char *asked;

	assert_int_equal(post_open(&p->root, &post), 0);
	assert_int_equal(post_record(post, KIND_APPROVE, "", body(), &seq), 0);
	assert_int_equal(seq, 41);
	assert_int_equal(
	    post_record(post, KIND_ITEM, "que-minh", body(), &seq), -EREMOTEIO);
	assert_string_equal(post_refusal(post), "the log is full");
	assert_int_equal(seq, 41);
	assert_int_equal(post_record(post, KIND_OP, "", body(), &seq), 0);
	assert_string_equal(post_refusal(post), "");
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(post_record(post, KIND_OP, "", body(), &seq), -EPIPE);
	post_close(post);
	snprintf(path, sizeof(path), "%s/asked", p->folder.path);
	asked = folder_slurp(path, NULL);
	assert_string_equal(asked,
	    "{\"cmd\":\"record\",\"station\":\"\",\"record\":{\"kind\":"
	    "\"approve\",\"item\":\"ban-tin\",\"person\":\"p-1\"}}\n"
	    "{\"cmd\":\"record\",\"station\":\"que-minh\",\"record\":{\"kind\":"
	    "\"item\",\"item\":\"ban-tin\",\"person\":\"p-1\"}}\n"
	    "{\"cmd\":\"record\",\"station\":\"\",\"record\":{\"kind\":\"op\","
	    "\"item\":\"ban-tin\",\"person\":\"p-1\"}}\n");
	free(asked);
	/* Nothing was written behind the daemon's back. */
	assert_int_equal(access(p->root.log, F_OK), -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_daemon_the_record_is_written_by_our_own_hand),
		TEST(a_body_cannot_change_the_head_of_its_record),
		TEST(one_hand_writes_at_a_time),
		TEST(a_body_that_ran_out_of_memory_writes_nothing),
		TEST(a_root_that_cannot_be_written_is_told),
		TEST(a_running_daemon_is_asked_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
