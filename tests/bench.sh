#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh BUILD - make bench: what loaxa promises of speed and size, measured on
# this machine, now, beside other programs that are often made to do its work.
# One table: each figure, its bar and the verdict; ends with 1 when a bar is
# missed. The whole takes some 45 minutes; best with nothing else running.
#
# Each part is a script of its own, bench_PART.sh, whose head tells what it
# measures and how. BENCH="cpu intake" measures these only, and the table shows
# the others as they were last measured here: a run that was interrupted goes
# on with the parts that it lacks. BENCH=none only prints. What was measured
# lies in BUILD/bench/. STARTS=100 makes the longest part shorter (and worth
# less); HOUR=1 watches memory for an hour.
set -eu
B=$1
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
# shellcheck source=tests/meter.sh
. tests/meter.sh
trap meter_clean EXIT
trap 'exit 1' HUP INT TERM
parts="starts cpu memory stations intake emergency daemon peers tree"
out=$build/bench
mkdir -p "$out"

# intake: the script tells of each kind of file, and has a bar for the first
intake() {
	sh tests/bench_intake.sh "$B" mp3 m4a wma amr | while read -r kind s times; do
		bar intake "an hour of $kind, of a processor" "$s" s
		case $kind in
		mp3) bar intake "speed of $kind, of real time, a core" "$times" \
		    times ">=" 100 ;;
		*) bar intake "speed of $kind" "$times" times ;;
		esac
	done
}
run() {
	case $1 in
	intake) intake ;;
	*) sh "tests/bench_$1.sh" "$B" ;;
	esac
}

# measure PART: into $out/PART.rows, and PART.table if it makes one
measure() {
	say "$(date +%T) $1: $(sed -n "s/^# bench_$1.sh BUILD - //p" "tests/bench_$1.sh")"
	export ROWS="$tmp/$1.rows" TABLE="$tmp/$1.table"
	rm -f "$out/$1".*
	run "$1" >"$tmp/$1.out" 2>"$tmp/$1.err" || {
		cat "$tmp/$1.out" "$tmp/$1.err" >&2
		bar "$1" "could not be measured" - "" "<=" 0 >/dev/null
	}
	[ ! -e "$TABLE" ] || mv "$TABLE" "$out/$1.table"
	mv "$ROWS" "$out/$1.rows"
	date +%F >"$out/$1.date"
	sed 's/|/  /g; s/^/  /' "$out/$1.rows" >&2
}

table() {
	echo "$(machine); load before it began $(cat "$out/load")"
	echo
	echo "| | figure | bar | |"
	echo "|---|---|---|---|"
	for part in $parts; do
		[ ! -e "$out/$part.rows" ] || awk -F '|' '{
			printf "| %s: %s | %s%s | %s | %s |\n", $1, $2, $3,
			    $4 == "" ? "" : " " $4, $5, $6 }' "$out/$part.rows"
	done
	for part in $parts; do
		[ -e "$out/$part.table" ] || continue
		echo
		cat "$out/$part.table"
	done
	echo
	for part in $parts; do
		[ ! -e "$out/$part.date" ] ||
		    printf '%s %s  ' "$part" "$(cat "$out/$part.date")"
	done
	echo
}

[ "${BENCH:-}" = none ] || cut -d ' ' -f 1-3 /proc/loadavg >"$out/load"
for part in ${BENCH:-$parts}; do
	[ ! -e "tests/bench_$part.sh" ] || measure "$part"
done
table | tee "$out/table.md"
missed=$(cat "$out"/*.rows | grep -c '|MISSED$' || true)
[ "$missed" -eq 0 ] || say "bars missed: $missed"
[ "$missed" -eq 0 ]
