/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa backup and restore: a station in one file, and out of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/words.h"
#include "ctl/backup.h"
#include "ctl/commands.h"
#include "ctl/restore.h"
#include "ctl/say.h"

#define QUIET_US US_PER_S /* what is done by then needs no progress */
#define REDRAW_US (200 * US_PER_MS)
#define MB 1000000

/* A line on the terminal that moves; nothing anywhere else. */
struct meter {
	const char *doing;
	int64_t total; /* when the work does not know it */
	int64_t next_us; /* boot instant of its next move */
	bool shown;
};

static struct meter
meter_start(const char *doing, int64_t total)
{
	return (struct meter){ .doing = doing,
		.total = total,
		.next_us = clock_read().boot_us + QUIET_US };
}

static void
meter_move(void *arg, int64_t done, int64_t total)
{
	struct meter *m = arg;
	int64_t now_us = clock_read().boot_us;

	if (now_us < m->next_us || !isatty(STDERR_FILENO))
		return;
	m->next_us = now_us + REDRAW_US;
	m->shown = true;
	total = total > 0 ? total : m->total;
	fprintf(stderr, "\r%s %lld / %lld MB (%d %%) ", m->doing,
	    (long long)(done / MB), (long long)(total / MB),
	    total > 0 ? (int)(done * 100 / total) : 0);
}

static void
meter_end(const struct meter *m)
{
	if (m->shown)
		fprintf(stderr, "\r\033[K");
}

/* ---- backup ---- */

static int
not_made(const char *file, const char *temp, const char *wrong, int r)
{
	say_error("%s: %s", file, wrong);
	if (temp != NULL)
		unlink(temp);
	return r == -EACCES || r == -EPERM ? EX_NOPERM : EX_CANTCREAT;
}

static int
print_backup(const char *file, const struct backup_sum *sum, bool json)
{
	struct civil_text when;

	if (json)
		return command_json(json_pack("{s:s,s:s,s:I,s:I,s:I,s:I}",
		    "file", file, "utc", civil_utc_text(sum->made_us, &when),
		    "files", (json_int_t)sum->files, "bytes",
		    (json_int_t)sum->bytes, "records", (json_int_t)sum->records,
		    "left_out", (json_int_t)sum->left_out));
	say_line(stdout,
	    _("%s: %lld files, %lld MB, %lld records of the airing log. "
	      "`loaxa restore --check %s` reads it through; keep it on "
	      "another disk."),
	    file, (long long)sum->files, (long long)(sum->bytes / MB),
	    (long long)sum->records, file);
	return command_done(EX_OK);
}

/* Written under another name and renamed when it is whole. */
static int
make_backup(const struct ctl *ctl, const char *file, struct backup_sum *sum)
{
	struct meter m = meter_start(_("saving"), 0);
	char wrong[BACKUP_WORDS];
	char temp[4096];
	int fd;
	int r;

	if (snprintf(temp, sizeof(temp), "%s.part", file) >= (int)sizeof(temp))
		return not_made(file, NULL, say_errno(-ENAMETOOLONG), 0);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return not_made(file, NULL, say_errno(-errno), -errno);
	r = backup_write(
	    &ctl->root, clock_read().wall_us, fd, meter_move, &m, sum, wrong);
	close(fd);
	meter_end(&m);
	if (r < 0)
		return not_made(file, temp, wrong, r);
	if (rename(temp, file) < 0)
		return not_made(file, temp, say_errno(-errno), -errno);
	return 0;
}

int
cmd_backup(struct ctl *ctl, int argc, char **argv)
{
	struct backup_sum sum;
	bool replace = false;
	bool json = false;
	const struct arg args[] = { { "replace", ARG_FLAG, &replace },
		{ "json", ARG_FLAG, &json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused(argv[0], _("name one file to write"));
	if (!replace && access(argv[1], F_OK) == 0) {
		say_error(_("%s is there already; name another file, or add "
			    "--replace"),
		    argv[1]);
		return EX_CANTCREAT;
	}
	command_zone(ctl);
	r = make_backup(ctl, argv[1], &sum);
	if (r != 0)
		return r;
	if (sum.left_out > 0)
		say_error(_("left out, being neither a file nor a folder, or "
			    "for its name: %s (%lld in all)"),
		    sum.odd, (long long)sum.left_out);
	return print_backup(argv[1], &sum, json);
}

/* ---- restore ---- */

static int
refused(const char *file, const char *wrong, int r)
{
	say_error("%s: %s", file, wrong);
	switch (r) {
	case -EBADMSG:
		return EX_DATAERR;
	case -EEXIST:
		return EX_CANTCREAT;
	case -EBUSY:
		return EX_TEMPFAIL;
	default:
		return say_exit(r);
	}
}

static json_t *
restored_json(const struct restored *sum, bool check)
{
	struct civil_text made;
	json_t *j = json_pack("{s:s,s:I,s:I,s:b}", "utc",
	    civil_utc_text(sum->made_us, &made), "files",
	    (json_int_t)sum->files, "bytes", (json_int_t)sum->bytes, "checked",
	    check);

	if (j != NULL && !check) {
		json_object_set_new(
		    j, "records", json_integer((json_int_t)sum->records));
		json_object_set_new(j, "aside", json_string(sum->aside));
	}
	return j;
}

static void
print_restored(const struct ctl *ctl, const struct restored *sum)
{
	struct civil_text buf;

	say_line(stdout,
	    _("Restored: %lld files, %lld MB, %lld records of the airing "
	      "log, as of %s."),
	    (long long)sum->files, (long long)(sum->bytes / MB),
	    (long long)sum->records, say_instant(sum->made_us, &buf));
	if (sum->aside[0] != '\0')
		say_line(stdout,
		    _("What was there has been kept, with \"%s\" behind its "
		      "name."),
		    sum->aside);
	if (sum->last_us > 0)
		say_line(stdout,
		    _("The log goes on in a new epoch. What the old computer "
		      "aired after %s is not in it; keep that computer's log "
		      "if it can still be read."),
		    say_instant(sum->last_us, &buf));
	say_line(stdout,
	    _("Next: see that %s names this computer's sound card, then "
	      "`loaxa selftest`, then start loaxad."),
	    ctl->root.conf);
}

static int
check_archive(const char *file, int fd, struct meter *m, bool json)
{
	char wrong[BACKUP_WORDS];
	struct restored sum;
	struct civil_text buf;
	int r = restore_check(fd, meter_move, m, &sum, wrong);

	meter_end(m);
	if (r < 0)
		return refused(file, wrong, r);
	if (json)
		return command_json(restored_json(&sum, true));
	say_line(stdout, _("%s is whole: %lld files, %lld MB, as of %s."), file,
	    (long long)sum.files, (long long)(sum.bytes / MB),
	    say_instant(sum.made_us, &buf));
	return command_done(EX_OK);
}

static int
put_in_place(const struct ctl *ctl, const char *file, int fd, struct meter *m,
    bool replace, bool json)
{
	char boot_id[37] = "";
	char wrong[BACKUP_WORDS];
	struct restored sum;
	struct restore how = { .root = &ctl->root,
		.now = clock_read(),
		.boot_id = boot_id,
		.replace = replace,
		.progress = meter_move,
		.arg = m };
	int r;

	clock_boot_id(boot_id);
	how.now.trust = clock_synced() ? TRUST_SYNCED : TRUST_UNSURE;
	r = restore_run(fd, &how, &sum, wrong);
	meter_end(m);
	if (r < 0)
		return refused(file, wrong, r);
	if (json)
		return command_json(restored_json(&sum, false));
	command_zone(ctl); /* the restored site's */
	print_restored(ctl, &sum);
	return command_done(EX_OK);
}

int
cmd_restore(struct ctl *ctl, int argc, char **argv)
{
	bool check = false;
	bool replace = false;
	bool json = false;
	const struct arg args[] = { { "check", ARG_FLAG, &check },
		{ "replace", ARG_FLAG, &replace },
		{ "json", ARG_FLAG, &json } };
	struct meter m;
	struct stat st;
	int r = command_args(args, COUNT(args), &argc, argv);
	int fd;

	if (r != 0)
		return r;
	if (argc != 2)
		return command_misused(argv[0], _("name one backup"));
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		say_error("%s: %s", argv[1], say_errno(-errno));
		return EX_NOINPUT;
	}
	command_zone(ctl);
	m = meter_start(check ? _("reading") : _("restoring"), st.st_size);
	r = check ? check_archive(argv[1], fd, &m, json)
		  : put_in_place(ctl, argv[1], fd, &m, replace, json);
	close(fd);
	return r;
}
