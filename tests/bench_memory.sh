#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_memory.sh BUILD - what daemon, player and decode workers take while a
# station plays one item after the other, a minute each: every 10 s for MINUTES
# (2). HOUR=1 watches an hour. A part of make bench.
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
MINUTES=${MINUTES:-2}
[ -z "${HOUR:-}" ] || MINUTES=60
LEAD_S=15

made() {
	noise "$2" 60
}
# sample: "SECONDS PSS USS" of now, in kB
sample() {
	echo "$(($(date +%s) - start)) $(memory_of "$daemon")"
}
# column N: of the samples after a third of the time, and before
late() {
	awk -v n="$1" -v from=$((MINUTES * 60 * 2 / 3)) \
	    '$1 >= from { print $n }' "$tmp/samples" | median
}
early() {
	awk -v n="$1" -v to=$((MINUTES * 60 / 3)) \
	    '$1 < to { print $n }' "$tmp/samples" | median
}

say "memory: $MINUTES minutes"
library_make minute
pulse_start
start=$(($(date +%s) + LEAD_S))
station_make "$tmp/station" 'driver = "pulse"; device = "bench";'
for i in $(seq 0 $((MINUTES - 1))); do
	slot "phut-$i" $((i * 60)) 60 'item = "minute";'
done
timetable ""
daemon_start
for at in $(seq 5 10 $((MINUTES * 60 - 1))); do
	sleep_to "$at"
	sample >>"$tmp/samples"
done
most=$(awk '$2 > pss { pss = $2 } $3 > uss { uss = $3 }
    END { print pss, uss }' "$tmp/samples")
pss=${most% *} uss=${most#* }
aired=$(records slot | grep -c '"status":"aired"')
daemon_stop
bar "memory" "PSS of daemon, player and workers, most" "$pss" kB "<=" 12288
bar "memory" "USS of them, most" "$uss" kB "<=" 8192
if [ -n "${HOUR:-}" ]; then
	bar "memory" "PSS, last third of an hour less the first" \
	    $(($(late 2) - $(early 2))) kB "<=" 256
	bar "memory" "slots aired of 59 closed" "$aired" "" ">=" 59
	[ -z "${KEEP:-}" ] || cp "$tmp/samples" "$KEEP"
fi
