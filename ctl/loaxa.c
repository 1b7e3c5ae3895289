/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaxa - the command line: a table of sub-commands. See man/loaxa.1.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/item.h"
#include "base/log.h"
#include "base/words.h"
#include "ctl/command.h"
#include "ctl/commands.h"
#include "ctl/complete.h"
#include "ctl/explain.h"
#include "ctl/say.h"
#include "ctl/table.h"
#include "scheduler/schedule.h"

#define HELP_WIDTH 80
#define HELP_INDENT 6 /* of what goes on below itself */

static const struct command commands[] = {
	{ "check", cmd_check,
	    N_("[--station S] [--week YYYY-Www] [--profile P] [--json] "
	       "[FILE…]"),
	    N_("look for problems in the schedules") },
	{ "week", cmd_week,
	    N_("[--station S] [--week YYYY-Www] [--csv | --json]"),
	    N_("show a week's programme and what is missing from it") },
	{ "next", cmd_next, N_("[--station S] [-n COUNT] [--json]"),
	    N_("show what will air next, and why") },
	{ "load", cmd_load,
	    N_("[--station S] [--week YYYY-Www] --by NAME [--yes] [--dry-run] "
	       "[--json] {WEEK.csv | --undo} | --timetable WEEK.csv"),
	    N_("take a week's programme from a spreadsheet") },
	{ "add", cmd_add,
	    N_("[--id ID] [--title TEXT] [--segment S] [--language L] "
	       "[--part-of SET] [--genre G] [--unit TEXT] [--tag TEXT]… "
	       "[--credit ROLE=NAME]… [--by NAME] [--again] [--replace] "
	       "[--accept-cut] [--trim] [--json] {FILE… | --inbox [--watch]}"),
	    N_("add audio files to the library") },
	{ "items", cmd_items,
	    N_("[--segment S] [--unapproved] [--unused] [--sort KEY] "
	       "[--json] [WORD…]"),
	    N_("list the items of the library") },
	{ "show", cmd_show,
	    N_("[--wave] [--png FILE] [--svg FILE] [--json] ITEM"),
	    N_("show everything about one item") },
	{ "listen", cmd_listen,
	    N_("[--device D] [--driver D] [--file FILE] [--from TIME] ITEM"),
	    N_("hear an item on another device than the station's") },
	{ "edit", cmd_edit,
	    N_("[--title TEXT] [--segment S] [--language L] "
	       "[--part-of SET] [--genre G] [--unit TEXT] [--tag TEXT]… "
	       "[--credit ROLE=NAME]… "
	       "[--by NAME] [--json] ITEM"),
	    N_("change what an item is called, never its sound") },
	{ "trim", cmd_trim, N_("[--by NAME] [--json] ITEM"),
	    N_("cut the silence at an item's head and tail away") },
	{ "approve", cmd_approve, N_("--by NAME ITEM…"),
	    N_("approve items for airing") },
	{ "withdraw", cmd_withdraw, N_("--by NAME --reason TEXT ITEM…"),
	    N_("take items off the air, at once") },
	{ "person", cmd_person,
	    N_("{add | office} --office TITLE [--role ROLE] [--deputy-of NAME] "
	       "[--from DATE] [--until DATE] NAME | end [--until DATE] NAME | "
	       "list [--json]"),
	    N_("register the people who approve and operate") },
	{ "status", cmd_status, N_("[--station S] [--watch] [--json]"),
	    N_("show what is on and how the station is") },
	{ "clock", cmd_clock,
	    N_("[--json] | confirm --by NAME [--time \"DATE HH:MM\"] "
	       "[--json]"),
	    N_("say whether the computer's clock is believed; confirm it") },
	{ "reload", cmd_reload, N_("[--station S] [--by NAME]"),
	    N_("take changed schedules into use") },
	{ "stop", cmd_stop, N_("[--station S] [--until HH:MM] [--by NAME]"),
	    N_("fade out now and stay silent") },
	{ "resume", cmd_resume, N_("[--station S] [--by NAME]"),
	    N_("end a stop") },
	{ "skip", cmd_skip, N_("[--station S] [--by NAME] [ITEM]"),
	    N_("end what is on, or leave out the next slot") },
	{ "play", cmd_play,
	    N_("[--station S] [--over | --next] [--by NAME] [--json] ITEM"),
	    N_("play an approved item now, inside the allowed hours") },
	{ "emergency", cmd_emergency,
	    N_("[--station S] [--reason TEXT] [--repeat N [--gap SECONDS]] "
	       "[--json] --by NAME "
	       "--order TEXT ITEM… | --confirm CODE | --bank [--json]"),
	    N_("sound an emergency item at any hour, in two steps") },
	{ "log", cmd_log,
	    N_("[--station S] [--from DATE] [--to DATE] [--all | --csv | "
	       "--json]"),
	    N_("show planned against actual, slot by slot") },
	{ "logbook", cmd_logbook,
	    N_("[--week YYYY-Www] [--station S] [-o FILE.pdf] [--replace] "
	       "[--code CODE] [--json]"),
	    N_("print a week's log book, ready to be signed") },
	{ "report", cmd_report,
	    N_("[--from DATE] [--to DATE] [--station S] "
	       "[--by WHAT | --targets] "
	       "[--period NAME] [--csv | --json | --prose] [--xlsx FILE] "
	       "[-o FILE.pdf] [--replace] [--save NAME [--due DATE]] "
	       "[--store DIR [--as-of DATE] [--unit ID] [--without NAME]…] | "
	       "--periods [--json] | --forget NAME"),
	    N_("sum up any days: airings, hours, reasons") },
	{ "what", cmd_what,
	    N_("[--station S] [-o FILE.pdf [--replace] | --json] "
	       "\"DATE HH:MM\""),
	    N_("say what was on at a moment, and on whose order") },
	{ "makeup", cmd_makeup, N_("[--station S] [--days N] [--json]"),
	    N_("list what was missed, and what would make up for it") },
	{ "owed", cmd_owed,
	    N_("[--station S] [--from DATE] [--store DIR [--to DATE]] "
	       "[--json]"),
	    N_("list what the levels above have ordered and has not aired") },
	{ "audit", cmd_audit, N_("[--witness FILE] [--json] [DIR]"),
	    N_("check that the airing log keeps its promises") },
	{ "verify", cmd_verify,
	    N_("[--key KEY] [--before FILE] [--json] [FOLDER] | [--key KEY] "
	       "[--record FILE] [--cosigner KEY] [--people FILE] [--json] "
	       "FILE.tlog-proof"),
	    N_("hold a log, or a proof, against what the station signed") },
	{ "prove", cmd_prove,
	    N_("[-o FILE] [--alone] [--bare] [--replace] [--json] {AIRING | "
	       "SLOT | RECORD}"),
	    N_("write the proof of an airing, its approval and its plan into "
	       "one file") },
	{ "anchor", cmd_anchor, N_("[--json] FILE…"),
	    N_("take in what the upper level has cosigned of the log") },
	{ "push", cmd_push, N_("[--watch]"),
	    N_("send the signed log to the upper level now") },
	{ "collect", cmd_collect,
	    N_("[--store DIR] [--json] [{FOLDER | URL}…] | --trust KEY --as "
	       "NAME "
	       "[--replace] | --key | --listen ADDRESS:PORT [--cert FILE "
	       "--cert-key FILE]"),
	    N_("upper level: take in stations' signed logs, and cosign them") },
	{ "units", cmd_units, N_("[--store DIR] [--on DATE] [--json] [FILE]"),
	    N_("upper level: check and list communes, provinces, stations") },
	{ "simulate", cmd_simulate,
	    N_("--from DATE --to DATE [--station S] [--assume-items] [--log] "
	       "[--json] | --faults [--example] [--seed N] [--runs N] "
	       "[--jobs N] [--kinds LIST] [--months N] [--keep DIR]"),
	    N_("run the real scheduler on a virtual clock") },
	{ "selftest", cmd_selftest, N_("[--station S] [--silent] [--json]"),
	    N_("look after the sound card, the clock, the disk and the rest") },
	{ "backup", cmd_backup, N_("[--replace] [--json] FILE.tar"),
	    N_("save the whole station into one file") },
	{ "restore", cmd_restore, N_("[--check] [--replace] [--json] FILE.tar"),
	    N_("set the station up again from such a file") },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(FILE *out)
{
	fprintf(
	    out, "%s", _("usage: loaxa [--root FOLDER] COMMAND [WORD…]\n\n"));
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(
		    out, "  %-10s%s\n", commands[i].name, _(commands[i].help));
	fprintf(out, "%s",
	    _("\n`loaxa help COMMAND` shows how a command is written.\n"
	      "A command may be shortened while it stays clear.\n"));
}

/* How far the first of the ways goes in which a command is written: up to a
 * bar that stands in no bracket. */
static size_t
first_way(const char *usage)
{
	int depth = 0;
	size_t n;

	for (n = 0; usage[n] != '\0'; n++) {
		if (strchr("[{", usage[n]) != NULL)
			depth++;
		else if (strchr("]}", usage[n]) != NULL)
			depth--;
		else if (depth == 0 && strncmp(usage + n, " | ", 3) == 0)
			break;
	}
	return n;
}

/* Each way below the one before, in lines that fit a terminal. */
static void
print_usage(const struct command *c)
{
	const char *usage = _(c->usage);
	const char *way = usage;
	size_t n;

	do {
		char *line;

		n = first_way(way);
		if (asprintf(&line,
			way == usage ? _("usage: loaxa %s %.*s")
				     : _("   or: loaxa %s %.*s"),
			c->name, (int)n, way) < 0)
			return;
		table_wrap(stdout, line, HELP_WIDTH, HELP_WIDTH - HELP_INDENT,
		    HELP_INDENT);
		putchar('\n');
		free(line);
		way += n + (way[n] == '\0' ? 0 : strlen(" | "));
	} while (*way != '\0');
}

static int
print_command_help(const struct command *c)
{
	print_usage(c);
	printf("%s\n", _(c->help));
	explain_print(c);
	return command_done(EX_OK);
}

/* The command that `word` means; NULL after saying why it means none. */
static const struct command *
choose(const char *word)
{
	char list[256];
	const struct command *c =
	    command_find(commands, N_COMMANDS, word, list, sizeof(list));

	if (c == NULL && list[0] == '\0')
		say_error(_("there is no command \"%s\"; `loaxa help` lists "
			    "them"),
		    word);
	else if (c == NULL)
		say_error(_("\"%s\" may mean: %s"), word, list);
	return c;
}

static int
help(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		print_help(stdout);
		return command_done(EX_OK);
	}
	c = choose(argv[1]);
	return c == NULL ? EX_USAGE : print_command_help(c);
}

static bool
asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int
run(const struct command *c, const char *root, int argc, char **argv)
{
	struct ctl ctl;
	int r;

	if (asks_for_help(argc, argv))
		return print_command_help(c);
	r = root_find(root, &ctl.root);
	/* A new computer has no folder yet. */
	if (r == -ENOENT && c->run == cmd_restore && root != NULL &&
	    mkdir(root, 0750) == 0)
		r = root_find(root, &ctl.root);
	if (r < 0) {
		say_error(
		    "%s: %s", root == NULL ? "LOAXA_ROOT" : root, say_errno(r));
		return say_exit(r);
	}
	argv[0] = (char *)c->name;
	return c->run(&ctl, argc, argv);
}

static void
print_word(void *arg, const char *word)
{
	(void)arg;
	printf("%s\n", word);
}

static int
print_item(void *arg, const char *id, const struct item *it)
{
	const char *begun = arg;

	(void)it;
	if (strncmp(id, begun, strlen(begun)) == 0)
		print_word(NULL, id);
	return 0;
}

static int
print_station(void *arg, const char *id)
{
	return print_item(arg, id, NULL);
}

/* For etc/completion/loaxa.bash; no command of people's. */
static int
complete(const char *given, int argc, char **argv)
{
	char *last = argc > 1 ? argv[argc - 1] : argv[0] + strlen(argv[0]);
	int also = complete_words(commands, N_COMMANDS, argv + 1,
	    argc < 1 ? 0 : (size_t)argc - 1, print_word, NULL);
	struct root root;

	if (also == 0 || root_find(given, &root) < 0)
		return command_done(EX_OK);
	if (also & COMPLETE_ITEMS)
		item_each(root.items, print_item, last);
	if (also & COMPLETE_STATIONS)
		schedule_stations(root.schedules, print_station, last);
	return command_done(EX_OK);
}

int
main(int argc, char **argv)
{
	const struct command *c;
	const char *root;

	words_open();
	log_name("loaxa");
	if (command_root(&argc, argv, &root) < 0) {
		say_error("%s", _("--root needs a folder"));
		return EX_USAGE;
	}
	if (argc < 2) {
		print_help(stderr);
		return EX_USAGE;
	}
	argc--;
	argv++;
	if (strcmp(argv[0], "--version") == 0) {
		printf("loaxa %s\n", LOAXA_VERSION);
		return command_done(EX_OK);
	}
	if (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0 ||
	    strcmp(argv[0], "-h") == 0)
		return help(argc, argv);
	if (strcmp(argv[0], "complete") == 0)
		return complete(root, argc, argv);
	c = choose(argv[0]);
	return c == NULL ? EX_USAGE : run(c, root, argc, argv);
}
