/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa collect: the upper level takes in what stations have signed of their
 * logs, and cosigns it.
 */
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/words.h"
#include "ctl/collected.h"
#include "ctl/commands.h"
#include "ctl/keyring.h"
#include "ctl/pull.h"
#include "ctl/rowswords.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "evidence/collect.h"
#include "evidence/record.h"
#include "evidence/store.h"

#define REMARK 400 /* bytes of what is said of a station */
#define LOCK_MS 3000 /* loaxa-receive has it for a question at a time */

struct collecting {
	bool json;
	bool key;
	bool replace;
	const char *store;
	const char *rows; /* the database that it is to be in */
	const char *trust;
	const char *as;
	const char *listen; /* "ADDRESS:PORT": stations send to it */
	const char *cert;
	const char *cert_key;
	json_t *list;
	int code; /* of the worst that was found */
	int cosigned;
	int answered; /* beside their checkpoints */
};

static const struct {
	const char *word; /* for programs */
	int code;
} outcomes[] = {
	[COLLECT_TAKEN] = { "taken", EX_OK },
	[COLLECT_SAME] = { "same", EX_OK },
	[COLLECT_OLDER] = { "older", EX_OK },
	[COLLECT_UNKNOWN] = { "unknown", EX_NOUSER },
	[COLLECT_REPLACED] = { "replaced", EX_NOUSER },
	[COLLECT_FORKED] = { "forked", EX_PROTOCOL },
	[COLLECT_DAMAGED] = { "damaged", EX_DATAERR },
	[COLLECT_REFUSED] = { "refused", EX_DATAERR },
	[COLLECT_FAILED] = { "failed", EX_IOERR },
};

/* A station behind an address. */
struct pulling {
	struct collecting *g;
	const char *url;
	bool whole; /* also what the store has */
	bool again; /* with all of it, to see what is wrong */
	bool broken; /* the link: what came is gone on with */
};

/* The most serious last. */
static int
worse(int a, int b)
{
	static const int order[] = { EX_OK, EX_TEMPFAIL, EX_DATAERR, EX_NOUSER,
		EX_PROTOCOL, EX_IOERR };
	size_t at[2] = { 0 };

	for (size_t i = 0; i < COUNT(order); i++) {
		at[0] = order[i] == a ? i : at[0];
		at[1] = order[i] == b ? i : at[1];
	}
	return at[0] > at[1] ? a : b;
}

static json_t *
number_or_null(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static json_t *
result_json(const struct collect_result *r)
{
	/* A name on a stick may be no text. */
	char *folder = say_safe(r->folder);
	json_t *j = json_pack("{s:s*, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o, "
			      "s:s, s:s, s:b, s:s, s:I}",
	    "folder", folder, "outcome", outcomes[r->outcome].word, "station",
	    r->name, "key", r->hex, "vkey", r->vkey, "tree",
	    (json_int_t)r->number, "records", (json_int_t)r->size, "before",
	    (json_int_t)r->had, "first", number_or_null(r->first), "why",
	    r->why[0] == '\0' ? "" : _(r->why), "kept", r->kept, "answered",
	    r->answered, "error", r->error == 0 ? "" : say_errno(r->error),
	    "given_up", (json_int_t)r->given_up);

	free(folder);
	return j;
}

static void
on_result(void *arg, const struct collect_result *r)
{
	struct collecting *g = arg;

	if (r->rows_error < 0) {
		say_error(_("%s, the database: %s; the records are kept all "
			    "the same, and the next call takes them in there"),
		    g->store, rowswords(r->rows_error));
		g->code = worse(g->code, EX_IOERR);
	}

	g->code = worse(
	    g->code, r->given_up > 0 ? EX_PROTOCOL : outcomes[r->outcome].code);
	g->cosigned += r->outcome <= COLLECT_OLDER;
	g->answered += r->answered;
	if (g->json)
		json_array_append_new(g->list, result_json(r));
	else
		collected_print(r);
}

/* The folder is ours and of no interest, and so is what is put there. */
static void
on_pulled(void *arg, const struct collect_result *r)
{
	struct pulling *p = arg;
	struct collect_result told = *r;

	if (r->outcome == COLLECT_DAMAGED && !p->whole) {
		p->again = true;
		return;
	}
	told.folder = p->url;
	told.answered = false;
	on_result(p->g, &told);
}

static int
pull(struct pulling *p, struct collector *c, const char *folder, int64_t now_us)
{
	char libexec[PATH_MAX];
	char why[600];
	int r;

	command_libexec(libexec);
	r = pull_station(
	    c, libexec, p->url, folder, p->whole, why, sizeof(why));
	if (r == 0)
		r = collect_folder(c, folder, now_us, on_pulled, p);
	if (r == -EIO) {
		say_error(_("%s: %s; what had come stays here, and the next "
			    "call goes on with it"),
		    p->url, why);
		p->g->code = worse(p->g->code, EX_TEMPFAIL);
		p->broken = true;
		return 0;
	}
	return r;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* What was fetched of it lies below STORE/incoming, until it was taken in. */
static int
collect_url(
    struct collecting *g, struct collector *c, const char *url, int64_t now_us)
{
	struct pulling p = { .g = g, .url = url };
	char folder[PATH_MAX];
	char hex[HASH_HEX];
	int r;

	hash_bytes(url, strlen(url), hex);
	snprintf(
	    folder, sizeof(folder), "%.3000s/incoming/%.16s", g->store, hex);
	r = pull(&p, c, folder, now_us);
	/* A broken copy of some of it, or another history: all of it says. */
	if (r == 0 && p.again) {
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
		p.whole = true;
		r = pull(&p, c, folder, now_us);
	}
	if (!p.broken)
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return r;
}

static int
collect_all(
    struct collecting *g, struct collector *c, char *const *folders, int n)
{
	int64_t now_us = clock_read().wall_us;

	for (int i = 0; i < n; i++) {
		bool url = pull_is_url(folders[i]);
		int r =
		    url ? collect_url(g, c, folders[i], now_us)
			: collect_folder(c, folders[i], now_us, on_result, g);

		if (r == 0)
			continue;
		if (r == -ENOENT && url)
			say_error(_("%s: no station's signed log is published "
				    "there: it is the address of the folder "
				    "var/tree, with v1 below it"),
			    folders[i]);
		else if (r == -ENOENT)
			say_error(_("%s: no station's signed log lies here: it "
				    "is the folder var/tree of a station"),
			    folders[i]);
		else if (r == -ETIME)
			say_error("%s", _("this computer's clock is wrong: set "
					  "it first, because what is cosigned "
					  "says when"));
		else if (r == -EFBIG)
			say_error(_("%s: there are too many folders in it; "
				    "name them one by one"),
			    folders[i]);
		else
			say_error("%s: %s", folders[i], say_errno(r));
		g->code = worse(g->code, EX_DATAERR);
	}
	if (g->json) {
		int r = command_json(json_incref(g->list));

		return r == EX_OK ? g->code : r;
	}
	if (g->cosigned > g->answered)
		say_line(stdout,
		    _("To be brought back to the stations: the files in "
		      "%s/outbox."),
		    g->store);
	else if (g->answered > 0)
		say_line(stdout, "%s",
		    _("The file \"cosigned\" lies beside each checkpoint: "
		      "bring the folder back to its station."));
	return command_done(g->code);
}

/* Who is known -------------------------------------------------------------- */

static int
enter(const struct collecting *g, struct collector *c)
{
	struct note_key key;
	char hex[SIGNER_HEX];
	int r = keyring_keys(g->trust, &key, 1);

	if (r == 1)
		r = collect_trust(
		    c, &key, g->as, g->replace, clock_read().wall_us);
	if (r == -EINVAL) {
		say_error(_("--trust %s is no station's key: it is one line, "
			    "as in var/tree/v1/vkey of the station, or a file "
			    "with it"),
		    g->trust);
		return EX_USAGE;
	}
	if (r == -EILSEQ) {
		say_error("%s", _("--as: a name has 1 to 200 bytes of text"));
		return EX_USAGE;
	}
	if (r == -ENOENT) {
		say_error(_("--replace: no station here is called %s, so there "
			    "is nothing to replace: `loaxa collect` shows the "
			    "names"),
		    g->as);
		return EX_NOUSER;
	}
	if (r == -EEXIST) {
		say_error(_("%s has another key already; a new computer has a "
			    "new one: ask the station, then add --replace"),
		    g->as);
		return EX_CANTCREAT;
	}
	if (r < 0) {
		say_error("%s: %s", g->store, say_errno(r));
		return say_exit(r);
	}
	signer_hex(key.key, hex);
	say_line(
	    stdout, _("%s is known by the key %s from now on."), g->as, hex);
	return command_done(EX_OK);
}

static int
on_state(void *arg, const struct collect_state *s)
{
	struct collecting *g = arg;
	json_t *ids = json_deep_copy(s->station->ids);
	char vkey[NOTE_VKEY];
	struct civil_text utc;

	return json_array_append_new(g->list,
	    json_pack("{s:s, s:s, s:s, s:i, s:I, s:o, s:i, s:s, s:o, s:[]}",
		"station", s->station->name, "key", s->station->hex, "vkey",
		note_key_text(&s->station->key, vkey), "trees", s->trees,
		"records", (json_int_t)s->leaves, "cosigned_utc",
		s->cosigned_us == 0
		    ? json_null()
		    : json_string(civil_utc_text(s->cosigned_us, &utc)),
		"apart", s->forks, "replaced_by", s->station->replaced_by,
		"ids", ids == NULL ? json_array() : ids, "same_id_as"));
}

static int
compare_states(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a;
	const json_t *y = *(json_t *const *)b;
	int c = strcmp(record_text(x, "station"), record_text(y, "station"));

	return c != 0 ? c
		      : strcmp(record_text(x, "key"), record_text(y, "key"));
}

/* By name, as in the other lists. */
static int
sort_states(json_t *list)
{
	size_t n = json_array_size(list);
	json_t **all = calloc(n + 1, sizeof(*all));
	int r = 0;

	if (all == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		all[i] = json_incref(json_array_get(list, i));
	qsort(all, n, sizeof(*all), compare_states);
	json_array_clear(list);
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, all[i]) < 0)
			r = -ENOMEM;
	free(all);
	return r;
}

/* Puts b's name into what a has the same id as. */
static void
note_same(json_t *a, const json_t *b)
{
	json_t *names = json_object_get(a, "same_id_as");
	const char *name = record_text(b, "station");
	const json_t *is;
	size_t i;

	json_array_foreach(names, i, is)
	{
		if (strcmp(json_string_value(is), name) == 0)
			return;
	}
	json_array_append_new(names, json_string(name));
}

/* Of two whose records say that they are of one station, each is told with the
 * other: one of them may pretend to be it. A computer that was replaced is. */
static void
note_same_ids(json_t *list)
{
	json_t *first = json_object();
	json_t *s;
	size_t i;

	json_array_foreach(list, i, s)
	{
		const json_t *id;
		size_t k;

		if (record_text(s, "replaced_by")[0] != '\0')
			continue;
		json_array_foreach(json_object_get(s, "ids"), k, id)
		{
			json_t *was =
			    json_object_get(first, json_string_value(id));

			if (was == NULL) {
				json_object_set(
				    first, json_string_value(id), s);
				continue;
			}
			note_same(was, s);
			note_same(s, was);
		}
	}
	json_decref(first);
}

static const char *
remark(const json_t *s, char buf[static REMARK])
{
	const char *same = json_string_value(
	    json_array_get(json_object_get(s, "same_id_as"), 0));

	if (record_text(s, "replaced_by")[0] != '\0')
		return _("has another key now");
	if (record_int(s, "apart", 0) > 0)
		return _("HAS SIGNED TWO HISTORIES");
	if (same != NULL) {
		snprintf(buf, REMARK,
		    _("its records name the same station as those of %s"),
		    same);
		return buf;
	}
	if (record_int(s, "trees", 0) > 1)
		return _("its log began anew");
	return record_int(s, "trees", 0) == 0 ? _("nothing yet") : "";
}

static int
put_state(struct table *t, const json_t *s)
{
	struct civil_text at = { "" };
	char text[REMARK];
	char records[32];
	int64_t us;

	if (civil_read_utc(record_text(s, "cosigned_utc"), &us) == 0)
		say_instant(us, &at);
	snprintf(records, sizeof(records), "%lld",
	    (long long)record_int(s, "records", 0));
	return table_row(
	    t, (const char *const[]){ record_text(s, "station"),
		   record_text(s, "key"), records, at.s, remark(s, text) });
}

static int
print_states(const json_t *list)
{
	const struct column columns[] = { { _("STATION"), COLUMN_ELASTIC },
		{ _("KEY"), 0 }, { _("RECORDS"), COLUMN_RIGHT },
		{ _("LAST COSIGNED"), 0 }, { "", COLUMN_ELASTIC } };
	struct table *t = table_new(columns, COUNT(columns));
	int r = t == NULL ? -ENOMEM : 0;
	const json_t *s;
	size_t i;

	json_array_foreach(list, i, s)
	{
		if (r == 0)
			r = put_state(t, s);
	}
	if (r == 0)
		table_print(t, stdout, table_width(stdout));
	table_free(t);
	return r;
}

/* What is known, in the form that was asked for; the code. */
static int
give_states(struct collecting *g, bool damaged)
{
	int r = sort_states(g->list);

	note_same_ids(g->list);
	if (r == 0 && g->json)
		return command_json(json_incref(g->list));
	if (r == 0 && json_array_size(g->list) == 0 && !damaged)
		say_line(stdout, "%s",
		    _("No station is known here yet: loaxa collect --trust KEY "
		      "--as NAME enters one."));
	else if (r == 0)
		r = print_states(g->list);
	return r < 0 ? say_exit(r) : command_done(EX_OK);
}

static int
list(struct collecting *g, struct collector *c)
{
	int r = collect_each(c, on_state, g);
	int code;

	if (r < 0 && r != -EBADMSG) {
		say_error("%s: %s", g->store, say_errno(r));
		return say_exit(r);
	}
	code = give_states(g, r < 0);
	if (r == -EBADMSG)
		say_error(
		    _("%s/stations: at least one station.json there is "
		      "damaged, and its station is not shown: put it back "
		      "from a copy, or enter the station once more"),
		    g->store);
	return code == EX_OK && r < 0 ? EX_DATAERR : code;
}

/* -------------------------------------------------------------------------- */

static int
draw(void *bytes, size_t n)
{
	return getrandom(bytes, n, 0) == (ssize_t)n ? 0 : -EIO;
}

static int
not_opened(const char *store, int r)
{
	char who[100];

	collect_holder(store, who, sizeof(who));
	if (r == -EWOULDBLOCK)
		say_error(_("%s is in use by %s: wait until it has ended"),
		    store, who[0] == '\0' ? "?" : who);
	else if (r == -EBADMSG)
		say_error(_("%s/key/collector.key is damaged: put it back from "
			    "a copy. A new one would be a stranger to every "
			    "station."),
		    store);
	else if (r == -ENOKEY)
		say_error(_("%s/key/collector.key is missing, and what is kept "
			    "here was cosigned with it: put it back from a "
			    "copy. Without one, begin a new store: --store"),
		    store);
	else
		say_error("%s: %s", store, say_errno(r));
	return r == -ENOKEY ? EX_NOINPUT : say_exit(r);
}

static int
collect_what(struct collecting *g, int argc, char **argv)
{
	struct collector *c;
	char vkey[NOTE_VKEY];
	int r = collect_open_within(g->store, draw, LOCK_MS, &c);

	if (r < 0)
		return not_opened(g->store, r);
	if (g->key) {
		printf("%s\n", note_key_text(collect_key(c), vkey));
		r = command_done(EX_OK);
	} else if (g->trust != NULL)
		r = enter(g, c);
	else if (argc > 1)
		r = collect_all(g, c, argv + 1, argc - 1);
	else
		r = list(g, c);
	collect_close(c);
	return r;
}

/* What talks to the network is a program of its own. */
static int
listen_there(const struct collecting *g)
{
	const char *words[8] = { "--store", g->store, "--listen", g->listen };
	size_t n = 4;

	if (g->cert != NULL) {
		words[n++] = "--cert";
		words[n++] = g->cert;
	}
	if (g->cert_key != NULL) {
		words[n++] = "--cert-key";
		words[n++] = g->cert_key;
	}
	return command_become("loaxa-receive", words, n);
}

/* Where the records are rows from now on. */
static int
name_rows(const struct collecting *g)
{
	int r = store_use(g->store, g->rows);

	if (r == -EINVAL)
		return command_misused("collect",
		    _("--rows wants postgresql://USER@HOST/DATABASE, or \"\" "
		      "for the file store.db"));
	if (r < 0) {
		say_error(
		    _("%s: nothing was changed: %s"), g->rows, rowswords(r));
		return command_done(EX_IOERR);
	}
	printf(g->rows[0] == '\0'
		   ? _("The records that are collected are rows of %s/store.db "
		       "from now on.\n")
		   : _("The records that are collected are rows of that "
		       "database from now on; %s/rows names it.\n"),
	    g->store);
	printf("%s\n", _("The next loaxa collect fills it with all that is "
			 "here."));
	return command_done(EX_OK);
}

int
cmd_collect(struct ctl *ctl, int argc, char **argv)
{
	struct collecting g = { 0 };
	char store[ROOT_PATH_MAX + 16];
	const struct arg args[] = { { "json", ARG_FLAG, &g.json },
		{ "key", ARG_FLAG, &g.key },
		{ "replace", ARG_FLAG, &g.replace },
		{ "store", ARG_TEXT, &g.store }, { "rows", ARG_TEXT, &g.rows },
		{ "trust", ARG_TEXT, &g.trust }, { "as", ARG_TEXT, &g.as },
		{ "listen", ARG_TEXT, &g.listen },
		{ "cert", ARG_TEXT, &g.cert },
		{ "cert-key", ARG_TEXT, &g.cert_key } };
	int r = command_args(args, COUNT(args), &argc, argv);

	if (r != 0)
		return r;
	if ((g.trust == NULL) != (g.as == NULL))
		return command_misused(
		    argv[0], _("--trust KEY and --as NAME go together"));
	if ((g.key || g.trust != NULL || g.listen != NULL || g.rows != NULL) &&
	    argc > 1)
		return command_misused(argv[0], _("name no folder with it"));
	if (g.listen == NULL && (g.cert != NULL || g.cert_key != NULL))
		return command_misused(
		    argv[0], _("--cert and --cert-key go with --listen"));
	snprintf(store, sizeof(store), "%s/collect", ctl->root.var);
	if (g.store == NULL)
		g.store = store;
	if (g.listen != NULL)
		return listen_there(&g);
	if (g.rows != NULL)
		return name_rows(&g);
	command_zone(ctl);
	g.list = json_array();
	r = collect_what(&g, argc, argv);
	json_decref(g.list);
	return r;
}
