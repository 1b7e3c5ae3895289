#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_daemon.sh BUILD - what the daemon takes by itself: wake-ups and processor
# while nothing is due, time to read a year and to become ready. IDLE_S (default
# 60) seconds of idling are watched. A part of make bench.
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
IDLE_S=${IDLE_S:-60}
RUNS=5
year=2026

row() {
	bar daemon "$@"
}

# the_weeks FOLDER YYYY-Www...: the sample week, as every one of these weeks
the_weeks() {
	folder=$1
	shift
	mkdir -p "$folder/que-minh"
	cp schedules/que-minh.cfg "$folder/"
	for week; do
		sed "s/2026-W48/$week/" schedules/que-minh/2026-W48.cfg \
		    >"$folder/que-minh/$week.cfg"
	done
}

# a_year: reading, unrolling and checking it
a_year() {
	# shellcheck disable=SC2046 # one word a week
	the_weeks "$tmp/year" $(seq -f "$year-W%02g" 1 53)
	: >"$tmp/times"
	for _ in $(seq $RUNS); do
		"$build/tests/bench_plan" "$tmp/year" que-minh \
		    etc/loaxa.conf $year >>"$tmp/times"
	done
	row "check and plan $(sed -n 's/.* //p;q' "$tmp/times") slots of a year" \
	    "$(cut -d ' ' -f 1 "$tmp/times" | median)" ms
}

# a_year_of_log ROOT: simulated, until yesterday
a_year_of_log() {
	"$build/loaxa" --root "$1" simulate --assume-items --log \
	    --from "$(TZ=$zone date -d '-365 days' +%F)" \
	    --to "$(TZ=$zone date -d yesterday +%F)" >"$tmp/lines"
	mkdir -p "$1/var/log"
	awk -v folder="$1/var/log" '{
		at = index($0, "\"local\":\"") + 9
		print >(folder "/airing-" substr($0, at, 7) ".jsonl")
	}' "$tmp/lines"
}

# ready: the daemon after a restart, a year behind it. The first start takes
# the year's schedules into use and keeps a copy; the others are measured.
ready() {
	station_make "$tmp/ready" 'driver = "wav"; file = "var/out.wav";'
	sed -i 's/^relays = ( /&{ id = "tinh"; title = "tinh"; }, /' \
	    "$tmp/ready/etc/loaxa.conf"
	# shellcheck disable=SC2046 # one word a week
	the_weeks "$tmp/ready/schedules" $(for ago in $(seq 0 7 371); do
		date -d "-$ago days" +%G-W%V
	done)
	a_year_of_log "$tmp/ready"
	: >"$tmp/times"
	for _ in first $(seq $RUNS); do
		"$build/tests/bench_ready" "$build/loaxad" --root "$tmp/ready" \
		    >>"$tmp/times" 2>"$tmp/ready.log" || {
			cat "$tmp/ready.log" >&2
			exit 1
		}
	done
	row "ready with $(wc -l <"$tmp/lines") records of log" \
	    "$(sed 1d "$tmp/times" | median)" ms
	row "the same, when the schedules are new" \
	    "$(sed -n 1p "$tmp/times")" ms
}

# idle: nothing is due for hours
idle() {
	start=$(($(date +%s) + 36000))
	items=$tmp/none station_make "$tmp/idle" \
	    'driver = "wav"; file = "var/out.wav";'
	slot later 0 60 'item = "later";'
	timetable ""
	daemon_start
	sleep 3
	cpu=$(cpu_of "$daemon")
	# How often its loop comes back; a wait for the disk is no wake-up.
	timeout "$IDLE_S" strace -qq -f -e trace=epoll_wait \
	    -o "$tmp/woken" -p "$daemon" && code=0 || code=$?
	[ "$code" -eq 124 ] || {	# it watched to the end
		echo "bench: strace could not watch the daemon ($code)" >&2
		exit 1
	}
	woken=$(grep -c '= [1-9]' "$tmp/woken" || true)
	cpu=$(($(cpu_of "$daemon") - cpu))
	memory=$(memory_of "$daemon")
	daemon_stop
	row "idle for $IDLE_S s: wake-ups a minute" \
	    "$(awk "BEGIN { printf \"%.1f\", $woken * 60 / $IDLE_S }")" ""
	row "idle for $IDLE_S s: processor a minute" \
	    "$(awk "BEGIN { printf \"%.1f\", $cpu * 60 / $IDLE_S / 1e6 }")" ms
	row "idle, PSS" "${memory% *}" kB
}

a_year
ready
idle
