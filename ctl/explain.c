/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "ctl/explain.h"

#define OPTION_MAX 32 /* bytes of the longest option, and its NUL */

static const struct {
	const char *command; /* "" for all that have no row of their own */
	const char *option;
	const char *text;
} options[] = {
	{ "", "--station", N_("only this station") },
	{ "", "--week", N_("this week, such as 2026-W48") },
	{ "", "--json", N_("for programs") },
	{ "", "--csv", N_("for a spreadsheet") },
	{ "", "--by", N_("who orders it: a name, or an id of `person list`") },
	{ "", "--from", N_("the first date") },
	{ "", "--to", N_("the last date") },
	{ "", "--until", N_("the last date") },
	{ "", "--replace", N_("take the place of what is there") },
	{ "", "--segment", N_("the segment's id in the schedule") },
	{ "", "--title", N_("its title") },
	{ "", "--language", N_("its language, such as vi or km") },
	{ "", "--part-of",
	    N_("the bilingual set that it is the part of in its language") },
	{ "", "--genre", N_("news, notice, music...; a wrong one lists all") },
	{ "", "--unit", N_("who contributed it: the clinic, a hamlet") },
	{ "", "--tag", N_("a heading it is counted under; up to 16") },
	{ "", "--credit", N_("who made it, such as editor=NAME; up to 16") },
	{ "check", "--profile", N_("judge by the rules of another place") },
	{ "next", "-n", N_("how many slots; 5 otherwise") },
	{ "load", "--yes", N_("do not ask") },
	{ "load", "--dry-run", N_("only show what would change") },
	{ "load", "--undo", N_("bring back what the last load replaced") },
	{ "load", "--timetable", N_("propose a standing timetable instead") },
	{ "add", "--id", N_("its id; made from the file's name otherwise") },
	{ "add", "--again", N_("though its sound is in the library already") },
	{ "add", "--replace",
	    N_("new sound for an item; to be approved anew") },
	{ "add", "--accept-cut", N_("though the file was broken off") },
	{ "add", "--trim", N_("cut silence at head and tail away") },
	{ "add", "--inbox", N_("what lies in the inbox; see loaxa(1)") },
	{ "add", "--watch", N_("for ever: what comes into the inbox") },
	{ "items", "--unapproved", N_("only what may not air yet") },
	{ "items", "--unused", N_("only what neither aired nor is planned") },
	{ "items", "--sort", N_("by id, title, added, length or segment") },
	{ "listen", "--device",
	    N_("a sound device that is not the station's") },
	{ "listen", "--driver", N_("pulse, or alsa") },
	{ "listen", "--file", N_("into this WAV file instead") },
	{ "listen", "--from", N_("begin there, such as 1:15") },
	{ "show", "--wave", N_("draw its sound, also into a pipe") },
	{ "show", "--png", N_("draw it into this picture file") },
	{ "show", "--svg", N_("draw it into this drawing file") },
	{ "withdraw", "--reason", N_("why; the log keeps it") },
	{ "person", "--office", N_("the office held") },
	{ "person", "--role",
	    N_("officer, approver, operator, focal or admin; with commas") },
	{ "person", "--deputy-of", N_("signs for this person (KT.)") },
	{ "status", "--watch", N_("go on, live, until ^C") },
	{ "clock", "--time", N_("what a watch that is right shows now") },
	{ "log", "--all", N_("each piece of music beside the plan, too") },
	{ "logbook", "-o",
	    N_("the PDF's name; made of station and week "
	       "otherwise") },
	{ "logbook", "--code",
	    N_("only say whether the log still gives this paper's code") },
	{ "report", "--by",
	    N_("segment, plan, tag, language, source, class or station") },
	{ "report", "--store",
	    N_("all stations collected; also --by week, month, unit, rank") },
	{ "report", "--as-of", N_("all years under the units of this date") },
	{ "report", "--unit", N_("only stations in it or below: its id") },
	{ "report", "--without", N_("leave this station out, and say so") },
	{ "report", "--targets",
	    N_("what aired against what was to air, by plan and segment") },
	{ "report", "--prose", N_("a paragraph to be pasted") },
	{ "report", "--xlsx", N_("into this spreadsheet file") },
	{ "report", "--period", N_("one that was kept, by its name") },
	{ "report", "--save", N_("keep these days under a name instead") },
	{ "report", "--due", N_("before this date the report is to be there") },
	{ "report", "--periods", N_("list those that are kept") },
	{ "report", "--forget", N_("take a kept one away") },
	{ "report", "-o", N_("into this PDF file") },
	{ "what", "-o", N_("as an answer sheet, into this PDF file") },
	{ "stop", "--until", N_("a time of day, such as 17:30") },
	{ "play", "--over", N_("cut what is planned and on") },
	{ "play", "--next", N_("wait for the end of the item that is on") },
	{ "emergency", "--order",
	    N_("the order it follows: whose, in which paper or call") },
	{ "emergency", "--reason", N_("what happened; the log keeps it") },
	{ "emergency", "--repeat", N_("how often, up to 10; once otherwise") },
	{ "emergency", "--gap",
	    N_("seconds of silence between repeats, up to 60") },
	{ "emergency", "--confirm",
	    N_("the second step: the code that the first one gave") },
	{ "emergency", "--bank",
	    N_("only list what lies ready: the items of segment khan-cap") },
	{ "makeup", "--days", N_("how many days back; 7 otherwise") },
	{ "owed", "--from", N_("leave out what was planned before") },
	{ "owed", "--store", N_("of all stations that were collected there") },
	{ "owed", "--to", N_("leave out what was planned after") },
	{ "audit", "--witness", N_("what another noted: number and hash") },
	{ "verify", "--key",
	    N_("the station's public key, or a file with it") },
	{ "verify", "--before",
	    N_("a checkpoint of the station, kept from before") },
	{ "verify", "--record", N_("the record that a bare proof is about") },
	{ "prove", "-o", N_("the file; named after the airing otherwise") },
	{ "verify", "--cosigner", N_("believe this upper level's key") },
	{ "verify", "--people",
	    N_("a station's var/people: whose ids those are") },
	{ "prove", "--alone", N_("that record only") },
	{ "prove", "--bare", N_("without the record itself: shorter") },
	{ "push", "--watch", N_("go on for ever, as the service does") },
	{ "collect", "--store",
	    N_("where it keeps them; var/collect otherwise") },
	{ "collect", "--rows",
	    N_("the database that the records are rows of from now on: "
	       "postgresql://USER@HOST/DATABASE; \"\" for store.db") },
	{ "collect", "--trust",
	    N_("a station's public key, which it gave by another way") },
	{ "collect", "--as", N_("what that station is called") },
	{ "collect", "--replace",
	    N_("the station of that name has a new computer") },
	{ "collect", "--key", N_("print the key that stations know you by") },
	{ "collect", "--listen",
	    N_("take in what stations send by themselves") },
	{ "collect", "--cert", N_("the certificate that it shows them (PEM)") },
	{ "collect", "--cert-key", N_("the key of that certificate") },
	{ "units", "--store",
	    N_("where the stations are kept; var/collect otherwise") },
	{ "units", "--on", N_("as they are on this date; today otherwise") },
	{ "simulate", "--assume-items",
	    N_("as if every item were there and approved") },
	{ "simulate", "--log", N_("print the log that would be written") },
	{ "simulate", "--faults",
	    N_("with power cuts, wrong clocks, sick disks... at random") },
	{ "simulate", "--example",
	    N_("a station made up for it, instead of your own") },
	{ "simulate", "--seed", N_("which bad luck; the same is the same") },
	{ "simulate", "--runs", N_("so many lives, of one seed each") },
	{ "simulate", "--jobs", N_("so many at once") },
	{ "simulate", "--kinds", N_("of power,clock,device,disk,edits") },
	{ "simulate", "--months", N_("of 30 days, from --from on") },
	{ "simulate", "--keep", N_("a folder for the log it writes") },
	{ "selftest", "--silent", N_("no tone, only silence") },
	{ "restore", "--check", N_("only read the file through") },
	{ "restore", "--replace",
	    N_("keep what lies there aside, and restore") },
};

const char *
explain_option(const char *command, const char *option)
{
	const char *text = NULL;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		bool own = strcmp(options[i].command, command) == 0;

		if (strcmp(options[i].option, option) == 0 &&
		    (own || options[i].command[0] == '\0'))
			text = options[i].text;
	}
	return text == NULL ? NULL : _(text);
}

/* The next option of a usage line; false: no more. */
static bool
next_option(const char **usage, char option[static OPTION_MAX])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
	size_t n;

	*usage = strchr(*usage, '-');
	if (*usage == NULL)
		return false;
	n = strspn(*usage, letters);
	snprintf(option, OPTION_MAX, "%.*s", (int)n, *usage);
	*usage += n;
	return true;
}

void
explain_print(const struct command *c)
{
	char told[1024] = " ";
	char option[OPTION_MAX];
	char word[OPTION_MAX + 2];

	for (const char *u = c->usage; next_option(&u, option);) {
		const char *text = explain_option(c->name, option);

		snprintf(word, sizeof(word), " %s ", option);
		if (text == NULL || strstr(told, word) != NULL)
			continue;
		if (told[1] == '\0')
			putchar('\n');
		strncat(told, word, sizeof(told) - strlen(told) - 1);
		printf("  %-15s%s\n", option, text);
	}
}
