#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What comes from outside, made worse by libFuzzer: schedules and the site's
# configuration, weekly sheets, requests at the control socket, the log's own
# lines (tests/fuzz_*.c), each for a minute, two at a time, under the address
# and undefined-behaviour sanitizers. A crash, a leak, a broken promise or five
# seconds over one input is a violation.
#
# FUZZ_S=N sets the seconds. What was found interesting is kept in
# build-fuzz/corpus and gone on from; what was found wrong, in build-fuzz/found.
set -u
CHAOS=${CHAOS:-slice}
SEED=${SEED:-1}
case $CHAOS in
whole) seconds=${FUZZ_S:-3600} ;;
*) seconds=${FUZZ_S:-60} ;;
esac
F=build-fuzz
export LC_ALL=C.UTF-8 LOAXA_LANG=en
unset LOAXA_ROOT LOAXA_LIBEXEC

command -v clang >/dev/null || { echo "fuzzing needs clang"; exit 77; }
# In memory where there is room: a file is written for each input.
tmp=$(TMPDIR=/dev/shm mktemp -d 2>/dev/null || mktemp -d)
export FUZZ_TMP="$tmp"
running=
tidy() {
	# One word each.
	# shellcheck disable=SC2086
	[ -z "$running" ] || kill $running 2>/dev/null
	rm -rf "$tmp"
}
trap tidy EXIT
trap 'exit 1' HUP INT TERM
make fuzzers >"$tmp/make" 2>&1 || { cat "$tmp/make" >&2; exit 1; }

# What the readers know by name.
words() {
	grep -oh '"[A-Za-z_][A-Za-z0-9_-]*"' "$@" | sort -u
	printf '"\\xef\\xbb\\xbf"\n"\\x00"\n"\\x0d\\x0a"\n"@include"\n'
	printf '"23:59:59"\n"2026-11-26"\n"24:00"\n"2026-W48"\n'
}

# The beginnings: the repository's own files, and what its programs write.
mkdir -p "$tmp/log" "$F/found"
for name in schedule sheet control log proof; do
	mkdir -p "$F/corpus/$name" "$tmp/$name"
done
words scheduler/cfg.c scheduler/timetable.c scheduler/schedule.c \
    scheduler/site.c scheduler/profile.c >"$tmp/schedule.dict"
words scheduler/sheet.c scheduler/match.c >"$tmp/sheet.dict"
words scheduler/daemon.c base/rights.c >"$tmp/control.dict"
printf '"extra "\n"index "\n"c2sp.org/tlog-proof@v1"\n' >"$tmp/proof.dict"
printf 'c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\na\n1\n' >"$tmp/proof/a"
words evidence/*.c scheduler/books.c scheduler/plan.c base/outcome.c \
    2>/dev/null >"$tmp/log.dict"
n=0
for file in schedules/*.cfg; do
	n=$((n + 1))
	{ printf t; cat "$file"; } >"$tmp/schedule/t$n"
done
for file in schedules/*/*.cfg; do
	n=$((n + 1))
	{ printf w; cat "$file"; } >"$tmp/schedule/w$n"
done
for file in etc/*.conf etc/profiles/*.conf; do
	n=$((n + 1))
	{ printf s; cat "$file"; } >"$tmp/schedule/s$n"
done
cp schedules/*.csv "$tmp/sheet/"
printf '%s\n' '{"cmd":"status"}' \
    '{"cmd":"reload","by":"p-1","station":"que-minh"}' \
    '{"cmd":"stop","until_utc":"2026-11-23T05:00:00Z"}' '{"cmd":"resume"}' \
    '{"cmd":"skip","by":"p-1"}' \
    '{"cmd":"load","station":"que-minh","by":"p-1","week":"2026-W48","base":"","text":"week = \"2026-W48\"; program = ( { slot = \"b\"; items = [ \"x\" ]; } );"}' \
    '{"cmd":"record","record":{"kind":"approve","item":"nhac","sha256":"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9","person":"p-1"}}' \
    '{"cmd":"record","record":{"kind":"withdraw","item":"nhac","person":"p-1","reason":"x"}}' \
    '{"cmd":"record","record":{"kind":"op","op":"tone","person":"p-1"}}' \
    >"$tmp/control/all"
split -l 1 "$tmp/control/all" "$tmp/control/one-"
# Every kind of record, from the manual; and a day of the example.
sed -n 's/^\({"v":1,.*}\)$/\1/p' man/loaxa-log.5 >"$tmp/log/manual"
"$B/loaxa" --root . simulate --from 2026-11-24 --to 2026-11-24 --log \
    --assume-items >"$tmp/log/day" 2>/dev/null
head -n 12 "$tmp/log/day" >"$tmp/log/begin"
split -l 1 "$tmp/log/manual" "$tmp/log/one-"

# fuzz NAME: in its folder, until its time is over
fuzz() {
	timeout -k 10 $((seconds + 60)) "$F/tests/fuzz_$1" -seed="$SEED" \
	    -max_total_time="$seconds" -timeout=5 -max_len=65536 \
	    -dict="$tmp/$1.dict" -artifact_prefix="$F/found/$1-" \
	    -print_final_stats=1 -verbosity=1 "$F/corpus/$1" "$tmp/$1" \
	    >"$tmp/$1.said" 2>&1
	code=$?
	return $code
}
# two NAME NAME: side by side, with a word every ten seconds
two() {
	for name; do
		fuzz "$name" &
		eval "pid_$name=$!"
		running="$running $!"
	done
	for name; do
		pid=
		eval "pid=\$pid_$name"
		while kill -0 "$pid" 2>/dev/null; do
			sleep 1
			waited=$((waited + 1))
			[ $((waited % 10)) -ne 0 ] ||
			    echo "fuzz: $* for $waited s" >&2
		done
		wait "$pid"
		echo $? >"$tmp/$name.code"
	done
}

bad=0
# row WHAT NAME
row() {
	code=$(cat "$tmp/$2.code")
	units=$(sed -n 's/^stat::number_of_executed_units: *//p' "$tmp/$2.said")
	wrong=$([ "$code" -eq 0 ] && [ -n "$units" ]; echo $?)
	[ "$wrong" -eq 0 ] || {
		bad=$((bad + 1))
		grep -vE '^#[0-9]+|^NEW_FUNC' "$tmp/$2.said" | tail -n 60 >&2
		echo "again: $F/tests/fuzz_$2 $F/found/$2-..." >&2
	}
	printf 'chaos\tfuzz: %s\t%d\t%d\t%s\t%d\n' "$1" "${units:-0}" \
	    "$wrong" "$([ "$wrong" -eq 0 ] && echo - || echo "$SEED")" \
	    "$seconds"
}
waited=0
two schedule sheet
two control log
# What an auditor is handed: by the hour only.
[ "$CHAOS" != whole ] || {
	two proof
	row "proofs, signed notes" proof
}
row "schedules, site" schedule
row "weekly sheets" sheet
row "control messages" control
row "lines of the log" log
[ $bad -eq 0 ]
