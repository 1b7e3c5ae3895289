/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "base/civil.h"
#include "base/words.h"
#include "ctl/collected.h"
#include "ctl/say.h"

static void
print_taken(const struct collect_result *r)
{
	if (r->outcome == COLLECT_TAKEN)
		say_line(stdout,
		    _("%s: %s: %lld records, %lld of them new: kept and "
		      "cosigned."),
		    r->folder, r->name, (long long)r->size,
		    (long long)(r->size - r->had));
	else if (r->outcome == COLLECT_SAME)
		say_line(stdout,
		    _("%s: %s: %lld records, nothing new: cosigned again."),
		    r->folder, r->name, (long long)r->size);
	else
		say_line(stdout,
		    _("%s: %s: an older copy of %lld records; %lld are here "
		      "already. If the station itself has no more, it has lost "
		      "the rest: bring it the file \"cosigned\"."),
		    r->folder, r->name, (long long)r->size, (long long)r->had);
	if (r->given_up > 0)
		say_line(stdout,
		    _("  ITS LOG BEGAN ANEW, and %lld records that were "
		      "cosigned here before are not in it any more as they "
		      "were, from record %lld on. An old copy of its disk may "
		      "have been put back, or somebody writes it anew. Both "
		      "are kept: ask the station."),
		    (long long)r->given_up, (long long)r->first);
}

static void
print_unknown(const struct collect_result *r)
{
	if (r->outcome == COLLECT_REPLACED) {
		say_line(stdout,
		    _("%s: NOT TAKEN: this is news by the old key of %s, "
		      "which has another one now: somebody may have it."),
		    r->folder, r->name);
		return;
	}
	say_line(stdout, _("%s: NOT TAKEN: nobody has entered this key: %s"),
	    r->folder, r->vkey);
	if (r->name[0] != '\0')
		say_line(stdout,
		    _("  Its records say that they are those of %s, which has "
		      "another key here: either its computer was replaced, or "
		      "somebody pretends to be it."),
		    r->name);
	say_line(stdout, "%s",
	    _("  Ask the station for its key by another way, as by telephone. "
	      "If it is this one: loaxa collect --trust KEY --as NAME (with "
	      "--replace for a new computer)."));
}

static void
print_forked(const struct collect_result *r)
{
	say_line(stdout,
	    _("%s: NOT TAKEN: %s HAS SIGNED TWO HISTORIES: here of %lld "
	      "records, before that another of %lld."),
	    r->folder, r->name, (long long)r->size, (long long)r->had);
	if (r->first >= 0)
		say_line(stdout, _("  The first record that differs: %lld."),
		    (long long)r->first);
	if (r->kept[0] != '\0')
		say_line(stdout,
		    _("  Both are kept as evidence in %s. Delete nothing; ask "
		      "the station, and report it."),
		    r->kept);
}

static void
print_wrong(const struct collect_result *r)
{
	const char *name = r->name;
	struct civil_text at;

	if (r->outcome == COLLECT_FAILED && r->error == -EBADMSG)
		say_line(stdout,
		    _("%s: NOT TAKEN: what is kept here of %s is damaged: put "
		      "the store back from its copy."),
		    r->folder, name[0] == '\0' ? r->hex : name);
	else if (r->outcome == COLLECT_FAILED)
		say_line(stdout,
		    _("%s: NOT TAKEN: it could not be kept on this computer "
		      "(not the folder that was brought): %s"),
		    r->folder, say_errno(r->error));
	else if (r->first >= 0)
		say_line(stdout,
		    _("%s: NOT TAKEN: %s: %s. The first such record: %lld."),
		    r->folder, name, _(r->why), (long long)r->first);
	else
		say_line(stdout, _("%s: NOT TAKEN: %s%s%s."), r->folder, name,
		    name[0] == '\0' ? "" : ": ", _(r->why));
	if (r->cosigned_us > 0)
		say_line(stdout,
		    _("  It was cosigned last on %s. If the clock is right "
		      "now, "
		      "it was wrong then: until that day nothing of this "
		      "station can be cosigned here; keep its folder."),
		    say_instant(r->cosigned_us, &at));
}

void
collected_print(const struct collect_result *r)
{
	switch (r->outcome) {
	case COLLECT_TAKEN:
	case COLLECT_SAME:
	case COLLECT_OLDER:
		print_taken(r);
		break;
	case COLLECT_UNKNOWN:
	case COLLECT_REPLACED:
		print_unknown(r);
		break;
	case COLLECT_FORKED:
		print_forked(r);
		break;
	case COLLECT_DAMAGED:
	case COLLECT_REFUSED:
	case COLLECT_FAILED:
		print_wrong(r);
		break;
	}
}
