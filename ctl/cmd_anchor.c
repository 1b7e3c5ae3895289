/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa anchor: what `loaxa collect` cosigned comes back to its station.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/civil.h"
#include "base/text.h"
#include "base/words.h"
#include "ctl/commands.h"
#include "ctl/keyring.h"
#include "ctl/say.h"
#include "evidence/collect.h"
#include "evidence/cosigned.h"
#include "evidence/record.h"
#include "evidence/trees.h"

struct anchoring {
	bool json;
	json_t *list;
	int files;
	int code;
};

static void
print_taken(const json_t *answer, const char *file)
{
	const char *by = record_text(answer, "cosigner");
	struct civil_text at;
	int64_t us = 0;

	civil_read_utc(record_text(answer, "cosigned_utc"), &us);
	if (json_is_true(json_object_get(answer, "known")))
		say_line(stdout, _("%s: known already (cosigned %s)."), file,
		    say_instant(us, &at));
	else
		say_line(stdout, _("%s: %lld records, cosigned %s by %s."),
		    file, (long long)record_int(answer, "size", 0),
		    say_instant(us, &at), by);
	if (json_is_true(json_object_get(answer, "ahead")))
		say_line(stdout, "%s",
		    _("  The upper level has MORE records than this station: "
		      "the end of its log was lost, or an old copy was put "
		      "back. The log goes on in a new tree, and says so."));
}

static int
take_file(const struct ctl *ctl, struct anchoring *g, const char *file)
{
	json_t *answer;
	char *note;
	size_t n;
	int r = keyring_slurp(file, COSIGNED_MAX, &note, &n);

	g->files++;
	if (r < 0) {
		say_error("%s: %s", file, say_errno(r));
		return EX_NOINPUT;
	}
	if (!text_is_utf8(note, n)) {
		free(note);
		say_error(_("%s: it is no cosigned checkpoint, or it was "
			    "changed"),
		    file);
		return EX_DATAERR;
	}
	r = command_ask(ctl,
	    json_pack("{s:s, s:s%}", "cmd", "anchor", "note", note, n),
	    &answer);
	free(note);
	if (r != 0)
		return r;
	if (!json_is_true(json_object_get(answer, "ok")))
		r = command_refused(answer);
	else if (g->json)
		json_array_append(g->list, answer);
	else
		print_taken(answer, file);
	json_decref(answer);
	return r;
}

static int
take(const struct ctl *ctl, struct anchoring *g, const char *file)
{
	int r = take_file(ctl, g, file);

	g->code = g->code == EX_OK ? r : g->code;
	return r;
}

static bool
is_answer(const char *name)
{
	size_t n = strlen(name);
	static const char end[] = "." COLLECT_ANSWER;

	return strcmp(name, COLLECT_ANSWER) == 0 ||
	       (n >= sizeof(end) &&
		   strcmp(name + n - (sizeof(end) - 1), end) == 0);
}

/* A pipe on a stick would wait for ever. */
static bool
is_plain_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Those that lie in a folder, by name. */
static void
take_folder(const struct ctl *ctl, struct anchoring *g, const char *folder)
{
	struct dirent **names;
	char path[PATH_MAX];
	int n = scandir(folder, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (is_answer(names[i]->d_name) &&
		    snprintf(path, sizeof(path), "%s/%s", folder,
			names[i]->d_name) < (int)sizeof(path) &&
		    is_plain_file(path))
			take(ctl, g, path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* A stick as it came back: the folder itself, its trees, its outbox. */
static void
take_below(const struct ctl *ctl, struct anchoring *g, const char *folder)
{
	static const char *const places[] = { "", "/tree", "/var/tree" };
	char path[PATH_MAX];

	take_folder(ctl, g, folder);
	for (size_t i = 0; i < COUNT(places); i++) {
		int last;

		snprintf(path, sizeof(path), "%s%s", folder, places[i]);
		last = trees_last(path);
		for (int k = 1; k <= last; k++) {
			snprintf(path, sizeof(path), "%s%s/v%d", folder,
			    places[i], k);
			take_folder(ctl, g, path);
		}
	}
}

int
cmd_anchor(struct ctl *ctl, int argc, char **argv)
{
	struct anchoring g = { 0 };
	const struct arg args[] = { { "json", ARG_FLAG, &g.json } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if (argc < 2)
		return command_misused(
		    argv[0], _("name a file \"cosigned\", or the folder that "
			       "has it"));
	command_zone(ctl);
	g.list = json_array();
	for (int i = 1; i < argc; i++) {
		struct stat st;
		int before = g.files;

		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			take_below(ctl, &g, argv[i]);
		else
			take(ctl, &g, argv[i]);
		if (g.files == before) {
			say_error(_("%s: nothing that was cosigned lies here: "
				    "it is a file called \"cosigned\", or "
				    "with that ending"),
			    argv[i]);
			g.code = g.code == EX_OK ? EX_NOINPUT : g.code;
		}
	}
	r = g.json ? command_json(json_incref(g.list)) : command_done(EX_OK);
	json_decref(g.list);
	return g.code == EX_OK ? r : g.code;
}
