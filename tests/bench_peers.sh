#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_peers.sh BUILD - memory, processor and wake-ups of loaxa beside those of
# other programs, as far as they are installed (make bench-deps), each on a
# PulseAudio null sink: a long sound that is watched for 20 s while it plays.
# They take turns, ROUNDS (default 4) times. A part of make bench.
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
ROUNDS=${ROUNDS:-4}
SHORTS=1
LONG_AT=$((SHORTS * GAP_S))
IDLE_S=${IDLE_S:-60}
programs=${PROGRAMS:-loaxa mpg123 sox mpd liquidsoap}
# idle PROGRAM: what stays of it, with nothing due, wakes up how often
idle() {
	start=$(($(date +%s) + 36000))
	resident=
	"$1_ready"
	[ -n "$resident" ] || return 0
	sleep 10
	woken=$(woken "$resident")
	sleep "$IDLE_S"
	echo $((($(woken "$resident") - woken) * 60 / IDLE_S)) >"$tmp/$1.idle"
	end "$resident"
	resident=
	daemon=
}

tenth() {
	awk '{ if ($1 == "-") print "–"; else printf "%.1f\n", $1 / '"$1"' }'
}
table() {
	echo "| | started by | PSS MB | USS MB | processor s a minute of sound" \
	    "| wake-ups a minute idle |"
	echo "|---|---|---|---|---|---|"
	for p in $programs; do
		[ -e "$tmp/$p.pss" ] || continue
		idle=$(fact "$p" idle)
		[ "$idle" != - ] || idle="not running"
		echo "| $(version "$p") | $(by "$p") | $(fact "$p" pss | tenth 1024)" \
		    "| $(fact "$p" uss | tenth 1024)" \
		    "| $(awk "BEGIN { printf \"%.2f\", $(fact "$p" cpu) / 1000 }")" \
		    "| $idle |"
	done
	echo
	echo "Medians of $ROUNDS rounds; the processes of a program together," \
	    "PulseAudio's not counted. mpg123 plays MP3, the others FLAC."
}
# below PROGRAM: ours takes less of a processor than its
below() {
	! echo "$programs" | grep -qw "$1" || bar peers \
	    "processor for a minute of sound, below $1's" \
	    "$(fact loaxa cpu)" ms "<" "$(fact "$1" cpu)"
}

sounds_make
mkdir "$tmp/music"
for sound in short long; do
	flac -s "$tmp/wav/$sound.wav" -o "$tmp/music/$sound.flac"
	lame --quiet -b 128 "$tmp/wav/$sound.wav" "$tmp/music/$sound.mp3"
done
pulse_start
for p in $programs; do
	here "$p" || {
		say "$p is not installed (make bench-deps): left out"
		programs=$(echo "$programs" | sed "s/\b$p\b//")
		continue
	}
	say "idle: $p"
	idle "$p"
done
for round in $(seq "$ROUNDS"); do
	for p in $programs; do
		say "round $round of $ROUNDS: $p"
		session "$p"
	done
done
table >"${TABLE:-/dev/stdout}"
below mpd
below liquidsoap
