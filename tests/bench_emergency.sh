#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_emergency.sh BUILD - from the command that releases an emergency to
# its first sample at the device, the device's buffer included: in silence
# outside the hours, in silence inside them, in the middle of an item, and of
# an item under load. A code is asked for a second before it is used. ROUNDS of
# each (20); some four minutes. A part of make bench.
#
# The device is a PulseAudio sink without a card, heard at its monitor; the
# instants are those of tool_onsets, whose head tells the method: what the sink
# itself holds is in them. The sink is one that takes nothing back
# ("norewinds"): what could still be taken back PulseAudio keeps from the
# monitor, 80 ms here, and an idle sink then has two seconds of silence in hand,
# which no card has.
set -eu
B=$1
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
# shellcheck source=tests/meter.sh
. tests/meter.sh
load=
done_with() {
	for pid in $load; do
		end "$pid"
	done
	meter_clean
}
trap done_with EXIT
trap 'exit 1' HUP INT TERM
ROUNDS=${ROUNDS:-20}
BAR_MS=300
LOUD=12000	# of a sample: the alarm reaches it at once, the item never

made() {
	case $1 in
	bed) sox -V1 -D -R -n -r 48000 -b 16 -c 1 "$2" synth 900 \
	    brownnoise gain -30 ;;
	*) sox -V1 -D -R -n -r 48000 -b 16 -c 1 "$2" synth 0.4 square 700 \
	    gain -3 ;;
	esac
}

# A recorder that asks for 10 ms would make the sink hold no more; this one
# leaves it to the player how much that is.
record_start() {
	rm -f "$tmp/pipe"
	mkfifo "$tmp/pipe"
	"$build/tests/tool_onsets" 600 $LOUD <"$tmp/pipe" >"$tmp/heard" \
	    2>"$tmp/heard.said" &
	capture=$!
	parec --raw --latency-msec=400 --device=bench.monitor --rate=48000 \
	    --format=s16le --channels=2 >"$tmp/pipe" &
	recorder=$!
}
# rounds CASE: so many releases; the file CASE.ms has each one's milliseconds
rounds() {
	: >"$tmp/asked"
	record_start
	for _ in $(seq "$ROUNDS"); do
		loaxa emergency coi --by "Người trực" --order 12 \
		    >"$root/said" </dev/null ||
		    { cat "$root/said" "$root/daemon.log"; exit 1; }
		code=$(sed -n 's/.*--confirm \([0-9]*\)$/\1/p' "$root/said")
		sleep 1.2
		date +%s%N >>"$tmp/asked"
		"$build/loaxa" --root "$root" emergency --confirm "$code" \
		    >"$root/said" || cat "$root/said"
		sleep 1.4
	done
	record_stop
	[ "$(wc -l <"$tmp/heard")" -eq "$ROUNDS" ] || {
		echo "bench: $1: $(wc -l <"$tmp/heard") of $ROUNDS were heard" >&2
		exit 1
	}
	paste "$tmp/asked" "$tmp/heard" |
	    awk '{ printf "%.1f\n", ($2 - $1 / 1000) / 1000 }' >"$tmp/$1.ms"
}
# row CASE WORDS BAR: median and worst
row() {
	bar emergency "$2, median of $ROUNDS" "$(median <"$tmp/$1.ms")" ms
	bar emergency "$2, worst" "$(sort -n "$tmp/$1.ms" | tail -n 1)" ms \
	    ${3:+"<="} ${3:+"$3"}
}
# begin ROOT HOURS: a station with an item on, or none
begin() {
	start=$(($(date +%s) + 5))
	station_make "$tmp/$1" 'driver = "pulse"; device = "bench";' "$2"
	: >"$root/daemon.log"
	slot bed 0 "$((ROUNDS * 4 + 60))" "item = \"$3\";"
	timetable ""
	daemon_start || exit 1
}
begin_load() {
	for _ in 1 2 3 4; do
		sh -c 'while :; do :; done' &
		load="$load $!"
	done
	for i in 1 2; do
		sh -c "while :; do
			dd if=/dev/zero of='$tmp/waste$i' bs=1M count=64 \
			    conv=fdatasync 2>/dev/null
		done" &
		load="$load $!"
	done
}

library_make bed coi
root=$items loaxa person add --office "Trực máy" --role operator \
    "Người trực" >/dev/null
SINK_MORE=norewinds=1 pulse_start
away=$(TZ=$zone date -d '6 hours' +%H)
begin outside "from = \"$away:00\"; to = \"$away:59\";" bed
sleep 6
rounds outside
daemon_stop
row outside "silence outside the hours" $BAR_MS
begin silent "" nothing
rounds silent
daemon_stop
row silent "silence inside the hours" $BAR_MS
begin inside "" bed
sleep 7
rounds inside
row inside "in the middle of an item" $BAR_MS
begin_load
rounds loaded
for pid in $load; do
	end "$pid"
done
load=
daemon_stop
row loaded "the same, under load" ""
