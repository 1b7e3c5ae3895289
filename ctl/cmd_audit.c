/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa audit: the promises checked on a log's files, and said in words.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/promise.h"
#include "ctl/say.h"
#include "evidence/audit.h"
#include "evidence/audit_index.h"
#include "evidence/testimony.h"

struct auditing {
	bool json;
	const char *folder;
	const char *index; /* NULL: compare none */
	const char *witness; /* NULL: none */
	json_t *findings;
	json_t *broken; /* {promise: true} */
	struct audit sum;
	struct audit_index indexed;
	bool has_index;
};

static void
print_finding(const struct finding *f)
{
	char *text = say_safe(f->text);

	if (f->file[0] == '\0')
		printf("%s: %s\n", f->promise, text == NULL ? "?" : text);
	else
		printf("%s:%lld: %s: %s\n", f->file, (long long)f->line,
		    f->promise, text == NULL ? "?" : text);
	free(text);
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct auditing *a = arg;

	json_object_set_new(a->broken, f->promise, json_true());
	if (a->json)
		json_array_append_new(
		    a->findings, json_pack("{s:s,s:s,s:I,s:s}", "promise",
				     f->promise, "file", f->file, "line",
				     (json_int_t)f->line, "text", f->text));
	else
		print_finding(f);
}

static const char *
standing(const struct auditing *a, const char *promise)
{
	if (json_object_get(a->broken, promise) != NULL)
		return _("broken");
	return strcmp(promise, "P1") == 0 && a->sum.unfenced > 0 ? _("unseen")
								 : _("kept");
}

/* What can be seen from a log, and how it stands; the others need more than a
 * log. */
static void
print_promises(const struct auditing *a)
{
	static const char *const seen[] = { "P1", "P2", "P3", "P4", "P8" };

	for (size_t i = 0; i < COUNT(seen); i++)
		printf("  %s: %s (%s)\n", seen[i], standing(a, seen[i]),
		    promise_text(seen[i]));
}

/* Against what "every record is there" was held. */
static void
print_grounds(const struct auditing *a)
{
	if (a->witness != NULL)
		printf(_("Against the witness: %lld records that had counted "
			 "were found unchanged.\n"),
		    (long long)a->sum.noted);
	else
		printf("%s\n",
		    _("That no record is missing is judged by the log's own "
		      "numbers; --witness holds it against what another "
		      "noted."));
	if (a->has_index && a->indexed.findings == 0)
		printf(_("The index says the same: %lld records.\n"),
		    (long long)a->indexed.records);
	if (a->sum.unfenced > 0)
		printf(_("No day sheet tells the allowed hours of %lld "
			 "airings: an "
			 "older version wrote it, or no timetable could be "
			 "read. P1 was not judged there.\n"),
		    (long long)a->sum.unfenced);
}

static void
print_sum(const struct auditing *au)
{
	const struct audit *a = &au->sum;
	int64_t findings = a->findings + au->indexed.findings;

	printf(_("Audited: %lld records, %lld slots with their outcome, %lld "
		 "airings, %lld still open.\n"),
	    (long long)a->records, (long long)a->slots, (long long)a->airings,
	    (long long)a->open);
	if (a->torn_bytes > 0)
		printf(_("An unfinished last line of %lld bytes was "
			 "left out: it never counted.\n"),
		    (long long)a->torn_bytes);
	print_promises(au);
	print_grounds(au);
	if (findings == 0)
		printf("%s\n", _("The log keeps its promises."));
	else
		printf(_("Found wrong: %lld. Do not change the log; "
			 "keep a copy and call support.\n"),
		    (long long)findings);
}

static int
finish_json(const struct auditing *au)
{
	const struct audit *a = &au->sum;

	return command_json(json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:O}",
	    "records", (json_int_t)a->records, "slots", (json_int_t)a->slots,
	    "airings", (json_int_t)a->airings, "open", (json_int_t)a->open,
	    "torn_bytes", (json_int_t)a->torn_bytes, "unfenced",
	    (json_int_t)a->unfenced, "noted", (json_int_t)a->noted, "indexed",
	    (json_int_t)au->indexed.records, "findings", au->findings));
}

static int
read_witness(const char *path, struct testimony **ret)
{
	FILE *in = fopen(path, "re");
	int64_t line;
	int r;

	if (in == NULL) {
		say_error("%s: %s", path, say_errno(-errno));
		return EX_NOINPUT;
	}
	r = testimony_read(in, ret, &line);
	fclose(in);
	if (r == -EINVAL)
		say_error(_("%s:%lld: a line is a record's number, a space and "
			    "its 64 digits"),
		    path, (long long)line);
	else if (r < 0)
		say_error("%s: %s", path, say_errno(r));
	return r == 0 ? 0 : EX_DATAERR;
}

static int
not_read(const char *what, int r)
{
	if (r == -ENOENT)
		say_error(_("%s holds no airing log"), what);
	else
		say_error("%s: %s", what, say_errno(r));
	return say_exit(r);
}

/* 0, or the code. */
static int
audit(struct auditing *a)
{
	struct testimony *t = NULL;
	int r = a->witness == NULL ? 0 : read_witness(a->witness, &t);

	if (r != 0)
		return r;
	r = audit_dir_with(a->folder, t, on_finding, a, &a->sum);
	testimony_free(t);
	if (r < 0)
		return not_read(a->folder, r);
	if (a->index == NULL || access(a->index, R_OK) < 0)
		return 0;
	/* One that cannot be opened is no broken log: it is made again. */
	a->has_index =
	    audit_index(a->folder, a->index, on_finding, a, &a->indexed) == 0;
	return 0;
}

int
cmd_audit(struct ctl *ctl, int argc, char **argv)
{
	struct auditing a = { 0 };
	const struct arg args[] = { { "json", ARG_FLAG, &a.json },
		{ "witness", ARG_TEXT, &a.witness } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 2)
		return command_misused(argv[0], _("name one folder"));
	command_zone(ctl);
	a.folder = argc > 1 ? argv[1] : ctl->root.log;
	a.index = argc > 1 ? NULL : ctl->root.index;
	a.findings = json_array();
	a.broken = json_object();
	r = audit(&a);
	if (r == 0 && a.json)
		r = finish_json(&a);
	else if (r == 0)
		print_sum(&a);
	json_decref(a.findings);
	json_decref(a.broken);
	r = r == 0 ? command_done(EX_OK) : r;
	return r == EX_OK && a.sum.findings + a.indexed.findings > 0
		   ? EX_DATAERR
		   : r;
}
