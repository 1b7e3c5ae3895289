#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A station is saved while its daemon runs, and set up again elsewhere: the
# daemon starts there, what was approved still is, and the log goes on.
set -u
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	for pid in $daemon; do
		kill "$pid" 2>/dev/null && wait "$pid"
	done
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

# says CODE WORDS COMMAND...: the command's code, and words it prints
says() {
	code=$1 words=$2
	shift 2
	"$@" >"$tmp/said" 2>&1
	got=$?
	[ $got -eq "$code" ] || {
		cat "$tmp/said"
		wrong "$*: ended with $got, wanted $code"
	}
	grep -q -e "$words" "$tmp/said" || {
		cat "$tmp/said"
		wrong "$*: does not say \"$words\""
	}
}

made() {
	noise "$2" 1
}
library_make hieu
station_make "$tmp/old" 'driver = "wav"; file = "var/out.wav";'
start=$(($(date +%s) + 36000))
slot mo-dau 0 60 'item = "hieu";'
timetable ""
daemon_start || exit 1

says 0 "files, .* records of the airing log" loaxa backup "$tmp/b.tar"
[ "$(stat -c %a "$tmp/b.tar")" = 600 ] || wrong "others may read the backup"
says 73 "is there already" loaxa backup "$tmp/b.tar"
says 0 "files" loaxa backup --replace "$tmp/b.tar"
says 0 "is whole" loaxa restore --check "$tmp/b.tar"
(
	mkdir "$tmp/by-tar" && cd "$tmp/by-tar" && tar xf "$tmp/b.tar" &&
	    sha256sum -c --quiet MANIFEST
) || wrong "tar and sha256sum do not agree"
says 75 "stop it first" loaxa restore --replace "$tmp/b.tar"
says 73 "does not exist" loaxa backup "$tmp/none/b.tar"
says 64 "name one file" loaxa backup

# A new computer, and its folder not made yet.
old=$root
root=$tmp/new
says 66 "does not exist" loaxa restore "$tmp/none.tar"
says 65 "no backup made by" loaxa restore "$old/etc/loaxa.conf"
says 0 "goes on in a new epoch" loaxa restore "$tmp/b.tar"
says 73 "holds a station's data" loaxa restore "$tmp/b.tar"
says 0 '"aside": ".before-' loaxa restore --replace --json "$tmp/b.tar"
[ "$(records epoch | wc -l)" -eq 1 ] || wrong "no epoch in the log"
root=$old
daemon_stop
root=$tmp/new
daemon_start || exit 1
says 0 "hieu" loaxa next
says 0 "^ *hieu .*approved" loaxa items
says 0 "keeps its promises" loaxa audit
daemon_stop

# As a power cut between two of a restore's renames leaves it.
: >"$root/var/restoring"
says 69 "interrupted half way" "$build/loaxad" --root "$root"
says 69 "interrupted half way" loaxa status
says 65 "interrupted half way" loaxa check
says 0 "goes on in a new epoch" loaxa restore --replace "$tmp/b.tar"
says 0 "" loaxa check
exit $faults
