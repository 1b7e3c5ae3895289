#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# imports.awk lets the rooms' own includes pass and stops each crossing, with
# the file and the line.
set -u
rules=$PWD/imports.awk
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
mkdir base scheduler intake playout evidence ctl tests
failed=0

# expect WHEN FILE INCLUDE WORDS: WORDS is what awk must say, or "" to pass
expect() {
	printf '/* first line */\n#include %s\n' "$3" >"$2"
	said=$(awk -f "$rules" "$2")
	code=$?
	rm "$2"
	if [ -z "$4" ]; then
		[ "$code" -eq 0 ] && [ -z "$said" ] && return
	else
		[ "$code" -ne 0 ] && [ "$said" = "$4" ] && return
	fi
	echo "$1: exit code $code, said \"$said\", wanted \"$4\""
	failed=1
}

expect "a room includes itself" \
    playout/player.c '"playout/cue.h"' ""
expect "a room includes base" \
    evidence/ledger.c '"base/disk.h"' ""
expect "a system header is no room" \
    base/clock.c '<sys/timex.h>' ""
expect "the hallway has two doors" \
    scheduler/station.c '"playout/deck.h"' ""
expect "a window reads what it shows" \
    ctl/log.c '"evidence/record.h"' ""
expect "a test looks everywhere" \
    tests/test_plan.c '"evidence/record.h"' ""

expect "playout looks into scheduler" \
    playout/player.c '"scheduler/plan.h"' \
    "playout/player.c:2: playout may not include scheduler"
expect "scheduler looks into evidence outside the hallway" \
    scheduler/plan.c '"evidence/record.h"' \
    "scheduler/plan.c:2: scheduler may not include evidence"
expect "evidence looks into playout" \
    evidence/audit.c '"playout/cue.h"' \
    "evidence/audit.c:2: evidence may not include playout"
expect "intake looks into playout" \
    intake/admit.c '"playout/cue.h"' \
    "intake/admit.c:2: intake may not include playout"
expect "base looks into a room" \
    base/log.h '"ctl/table.h"' \
    "base/log.h:2: base may not include ctl"
expect "an include without its room" \
    base/log.c '"log.h"' \
    "base/log.c:2: the include does not name its room"

# One crossing among good files is enough, and each crossing has its line.
printf '#include "base/log.h"\n' >playout/good.c
printf '#include "ctl/a.h"\n#include "evidence/b.h"\n' >playout/bad.c
lines=$(awk -f "$rules" playout/good.c playout/bad.c | wc -l)
if [ "$lines" -ne 2 ]; then
	echo "two crossings in one file: $lines lines, wanted 2"
	failed=1
fi
exit "$failed"
