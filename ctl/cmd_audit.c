/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa audit: the promises P2, P3, P4 and P8 checked on a log's files.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/say.h"
#include "evidence/audit.h"

static void
print_finding(void *arg, const struct finding *f)
{
	char *text = say_safe(f->text);

	(void)arg;
	if (f->file[0] == '\0')
		printf("%s: %s\n", f->promise, text == NULL ? "?" : text);
	else
		printf("%s:%lld: %s: %s\n", f->file, (long long)f->line,
		    f->promise, text == NULL ? "?" : text);
	free(text);
}

static void
collect_finding(void *arg, const struct finding *f)
{
	json_array_append_new(
	    arg, json_pack("{s:s,s:s,s:I,s:s}", "promise", f->promise, "file",
		     f->file, "line", (json_int_t)f->line, "text", f->text));
}

static void
print_sum(const struct audit *a)
{
	printf(_("Audited: %lld records, %lld slots with their outcome, %lld "
		 "airings, %lld still open.\n"),
	    (long long)a->records, (long long)a->slots, (long long)a->airings,
	    (long long)a->open);
	if (a->torn_bytes > 0)
		printf(_("An unfinished last line of %lld bytes was "
			 "left out: it never counted.\n"),
		    (long long)a->torn_bytes);
	if (a->findings == 0)
		printf("%s\n", _("The log keeps P2, P3, P4 and P8."));
	else
		printf(_("Found wrong: %lld. Do not change the log; "
			 "keep a copy and call support.\n"),
		    (long long)a->findings);
}

static int
finish_json(const struct audit *a, json_t *findings)
{
	return command_json(json_pack("{s:I,s:I,s:I,s:I,s:I,s:o}", "records",
	    (json_int_t)a->records, "slots", (json_int_t)a->slots, "airings",
	    (json_int_t)a->airings, "open", (json_int_t)a->open, "torn_bytes",
	    (json_int_t)a->torn_bytes, "findings", findings));
}

int
cmd_audit(struct ctl *ctl, int argc, char **argv)
{
	bool json = false;
	const struct arg args[] = { { "json", ARG_FLAG, &json } };
	struct audit sum = { 0 };
	json_t *findings;
	const char *folder;
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc > 2)
		return command_misused(argv[0], _("name one folder"));
	command_zone(ctl);
	folder = argc > 1 ? argv[1] : ctl->root.log;
	findings = json_array();
	r = audit_dir(
	    folder, json ? collect_finding : print_finding, findings, &sum);
	if (r < 0) {
		json_decref(findings);
		if (r == -ENOENT)
			say_error(_("%s holds no airing log"), folder);
		else
			say_error("%s: %s", folder, say_errno(r));
		return say_exit(r);
	}
	if (json) {
		r = finish_json(&sum, findings);
	} else {
		json_decref(findings);
		print_sum(&sum);
		r = command_done(EX_OK);
	}
	return r == EX_OK && sum.findings > 0 ? EX_DATAERR : r;
}
