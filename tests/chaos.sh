#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# chaos.sh PART... - runs the parts of `make chaos`, two at a time, and closes
# with one table of what was done to the station and what it cost.
#
# A part is a script tests/chaos_*.sh. It prints, for every row of the table,
#	chaos <TAB> what <TAB> count <TAB> violations <TAB> seeds <TAB> seconds
# tells its progress on standard error, and exits 1 when a promise was broken
# or less was tried than it should, 77 when the machine cannot do it.
#
# CHAOS=slice (some minutes; what every change must pass) or whole (hours).
# SEED=N begins the seeds at N.
set -u
unset LANGUAGE LC_ALL LC_MESSAGES LOAXA_LANG LOAXA_ROOT TZ
export LANG=C.UTF-8 CHAOS="${CHAOS:-slice}" SEED="${SEED:-1}"

if [ "$1" = --one ]; then
	name=$(basename "$3" .sh)
	out=$2/$name
	begun=$(date +%s)
	sh "$3" </dev/null >"$out.rows" 2>"$out.err"
	code=$?
	took=$(($(date +%s) - begun))
	case $code in
	0) verdict=passed ;;
	77) verdict=skipped ;;
	*) verdict=failed ;;
	esac
	# A part without a row has tried nothing.
	[ $code -ne 0 ] || grep -q '^chaos	' "$out.rows" || verdict=failed
	echo "$verdict" >"$out.verdict"
	{
		echo "$verdict $name ($took s)"
		case $verdict in
		failed) tail -n 60 "$out.err" | sed 's/^/    /' ;;
		skipped) tail -n 1 "$out.rows" | sed 's/^/    /' ;;
		esac
	} >"$out.report"
	cat "$out.report"
	exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# What the parts say while they run, when somebody watches.
if [ -t 1 ]; then
	while sleep 10; do
		tail -q -n 1 "$tmp"/*.err 2>/dev/null
	done &
	watcher=$!
	trap 'kill $watcher; rm -rf "$tmp"' EXIT
fi

printf '%s\n' "$@" | xargs -n 1 -P 2 sh "$0" --one "$tmp"

echo
cat "$tmp"/*.rows | awk -F '\t' '
	BEGIN {
		row = "%-47s %6s %10s  %-8s %4s\n"
		printf row, "what was done", "times", "violations", "seeds", "s"
	}
	$1 == "chaos" { printf row, $2, $3, $4, $5, $6 }'
echo

count() {
	cat "$tmp"/*.verdict 2>/dev/null | grep -c "^$1"
}
passed=$(count passed)
skipped=$(count skipped)
failed=$(($# - passed - skipped))	# one that left no verdict has failed
# Where only the end of a long output is kept, this is what must be in it.
grep -l '^failed' "$tmp"/*.verdict | while read -r verdict; do
	name=$(basename "$verdict" .verdict)
	tail -n 8 "$tmp/$name.err" | cut -c1-200 | sed "s/^/$name: /"
done
echo "chaos ($CHAOS): $passed parts passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
