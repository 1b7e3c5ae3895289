#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh TEST... - runs the tests and closes with a line that counts them.
#
# A program is quick and keeps the processor busy: as many run side by side as
# there are processors. A script (*.sh) runs real stations and mostly waits for
# their slots; scripts come afterwards, four at a time. Exit code 77 means
# skipped; the last line printed says why.
set -u

# The same words and the same zone on every machine.
unset LANGUAGE LC_ALL LC_MESSAGES LOAXA_LANG LOAXA_ROOT TZ
export LANG=C.UTF-8
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0"
LIMIT_S=${LIMIT_S:-600}		# a test that hangs is a failed test

if [ "$1" = --one ]; then
	name=$(basename "$3")
	out=$2/$name
	begun=$(date +%s)
	case $3 in
	*.sh) timeout -k 5 "$LIMIT_S" sh "$3" ;;
	*) timeout -k 5 "$LIMIT_S" "$3" ;;
	esac </dev/null >"$out.out" 2>&1
	code=$?
	took=$(($(date +%s) - begun))
	took=$([ $took -lt 5 ] || echo ", $took s")
	cases=$(sed -n 's/^\[=*\].* \([0-9]*\) test(s) run.*/, \1 cases/p' \
	    "$out.out" | tail -n 1)
	case $code in
	0)
		verdict=passed
		echo "passed   $name$cases$took"
		# cmocka's skip() passes: let it not go unseen.
		sed -n 's/^\[  SKIPPED \] \([a-z].*\)/         not run: \1/p' \
		    "$out.out"
		;;
	77)
		verdict=skipped
		echo "skipped  $name: $(tail -n 1 "$out.out")"
		;;
	*)
		verdict=failed
		echo "FAILED   $name (exit code $code$took)"
		sed 's/^/    /' "$out.out"
		;;
	esac >"$out.report"
	echo "$verdict" >"$out.verdict"
	cat "$out.report"	# in one piece, whoever else is writing
	exit 0
fi

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

for test in "$@"; do
	case $test in
	*.sh) echo "$test" >>"$tmp/scripts" ;;
	*) echo "$test" >>"$tmp/programs" ;;
	esac
done
for list in "$tmp/programs $(nproc)" "$tmp/scripts 4"; do
	[ -f "${list% *}" ] || continue
	xargs -n 1 -P "${list##* }" sh "$0" --one "$tmp" <"${list% *}"
done

count() {
	cat "$tmp"/*.verdict 2>/dev/null | grep -c "^$1"
}
passed=$(count passed)
skipped=$(count skipped)
failed=$(($# - passed - skipped))	# one that left no verdict has failed
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
