#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_starts.sh BUILD - how far starts are off their slots, idle and under
# stress-ng: loaxa and other programs at the same time, each on a PulseAudio
# null sink of its own, recorded from its monitor. A part of make bench.
#
# STARTS (1000) slots of 0.2 s of sound, PERIOD_S (2) apart on STATIONS (8)
# stations of one daemon, so that they take STARTS * PERIOD_S / STATIONS
# seconds; a station's day holds no more than some 190 slots. The others start
# every PEER_S (8) seconds. Instants come from tool_onsets, whose head tells the
# method; "floor" is a program that only writes one endless stream of clicks:
# what it is off is the measuring's own. The sinks are such as take nothing back
# ("norewinds"): what another could still take back its monitor holds back, by
# other amounts as time goes on (bench_emergency.sh).
set -eu
B=$1
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
# shellcheck source=tests/meter.sh
. tests/meter.sh
clean() {
	for pid in ${runs:-} ${residents:-} ${floor:-} ${stress:-}; do
		kill "$pid" 2>/dev/null || true
	done
	meter_clean
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
STARTS=${STARTS:-1000}
STATIONS=${STATIONS:-8}
PERIOD_S=${PERIOD_S:-2}
PEER_S=${PEER_S:-8}
HOW=${HOW:-idle stress}
EACH=$((STARTS / STATIONS))
RUN_S=$((EACH * PERIOD_S))
FIRST_S=4 GAP_S=$PEER_S SHORTS=$((RUN_S / PEER_S)) LONG_AT=$((RUN_S + 60))
LEAD_S=25	# the first devices are open by then, and the shells ready
numbers=$(seq "$STATIONS")
peers=
for p in mpg123 sox mpd liquidsoap; do
	! here "$p" || peers="$peers $p"
done
[ -z "${PROGRAMS:-}" ] || peers=$(echo "$PROGRAMS" | sed 's/\bloaxa\b//')

made() {
	noise "$2" 0.2
}

# stations_make: slots of station k are a PERIOD_S apart, every second station
# on the odd seconds
stations_make() {
	rm -rf "$tmp/station"
	outputs=
	for k in $numbers; do
		outputs="$outputs${outputs:+, }{ station = \"tram-$k\";
		    driver = \"pulse\"; device = \"loaxa$k\"; }"
	done
	station=tram-1
	station_make "$tmp/station" ''
	sed -i "s|^outputs = .*|outputs = ( $(echo "$outputs" | tr -s '\n\t ' '   ') );|" \
	    "$tmp/station/etc/loaxa.conf"
	for k in $numbers; do
		station=tram-$k
		mkdir -p "$root/schedules/$station"
		for i in $(seq 0 $((EACH - 1))); do
			slot "s-$i" $((i * PERIOD_S + k % 2)) 1 'item = "short";'
		done
		timetable "" "Trạm $k"
	done
}

# dues_of PROGRAM: the instants of its starts, in microseconds
dues_of() {
	case $1 in
	loaxa*) seq $((start + ${1#loaxa} % 2)) "$PERIOD_S" \
	    $((start + ${1#loaxa} % 2 + RUN_S - PERIOD_S)) ;;
	*) seq $((start + FIRST_S)) "$PEER_S" $((start + RUN_S - PEER_S)) ;;
	esac | sed 's/$/000000/'
}

# errors DUES ONSETS: for each due instant the milliseconds to the onset that
# lies nearest, "-" when none lies within a second before and 2 s after it
errors() {
	awk -v onsets="$2" 'BEGIN {
		i = n = 0
		while ((getline <onsets) > 0) on[n++] = $1
	    }
	    {
		best = ""
		while (i < n && on[i] < $1 - 1000000) i++
		for (j = i; j < n && on[j] <= $1 + 2000000; j++) {
			e = (on[j] - $1) / 1000
			if (best == "" || e * e < best * best) best = e
		}
		print best == "" ? "-" : best
	    }' "$1"
}

# facts: of errors, one a line: starts missing p1 p50 p99 worst mean; worst is
# the farthest from p50
facts() {
	sort -n | awk '
	    $1 == "-" { missing++; next }
	    { v[++n] = $1; sum += $1 }
	    function at(q) { i = int(n * q + 0.5); return v[i < 1 ? 1 : i] }
	    END {
		if (n == 0) { print missing + 0, missing + 0, "- - - - -"; exit }
		m = at(0.5)
		worst = m - v[1] > v[n] - m ? m - v[1] : v[n] - m
		printf "%d %d %.2f %.2f %.2f %.2f %.2f\n", n + missing,
		    missing, at(0.01), m, at(0.99), worst, sum / n
	    }'
}

peer_run() {
	for due in $(dues_of "$1"); do
		sleep_to $((due / 1000000 - start))
		"$command" short >>"$tmp/$1.log" 2>&1 || true
	done
}

# run HOW: everybody at once; leaves $tmp/HOW.PROGRAM of errors
run() {
	start=$(($(date +%s) + LEAD_S + EACH * STATIONS / 60))
	sinks="floor $(echo "$numbers" | sed 's/^/loaxa/') $peers"
	# shellcheck disable=SC2086 # a word a sink
	SINK_MORE=norewinds=1 pulse_start $sinks
	recorders=
	for s in $sinks; do
		export PULSE_SINK="$s"
		{
			parec --raw --latency-msec=20 --device="$s.monitor" \
			    --rate=48000 --format=s16le --channels=2 &
			echo $! >"$tmp/$s.pid"
			wait
		} | "$build/tests/tool_onsets" >"$tmp/$s.onsets" \
		    2>"$tmp/$s.line" &
		recorders="$recorders $!"
	done
	stations_make
	loaxa check >"$tmp/check" || { cat "$tmp/check" >&2; exit 1; }
	pacat --raw --latency-msec=200 --device=floor --rate=48000 \
	    --format=s16le --channels=2 "$tmp/clicks.raw" 2>/dev/null &
	floor=$!
	residents=
	runs=
	for p in $peers; do
		AUDIODEV=$p PULSE_SINK=$p
		resident=
		command=
		"${p}_ready"
		residents="$residents $resident"
		[ -z "$command" ] || {
			sound=short peer_run "$p" &
			runs="$runs $!"
		}
	done
	daemon_start
	stress=
	[ "$1" = idle ] || {
		sleep_to -12
		stress-ng --cpu 4 --hdd 2 --temp-path "$tmp" -q &
		stress=$!
	}
	sleep_to $((RUN_S + 3))
	end "$stress"
	daemon_stop
	for pid in $residents $runs $floor; do
		end "$pid"
	done
	for s in $sinks; do
		kill "$(cat "$tmp/$s.pid")"
	done
	for pid in $recorders; do
		wait "$pid" || true
	done
	for s in $sinks; do
		dues_of "$s" >"$tmp/dues"
		errors "$tmp/dues" "$tmp/$s.onsets" >"$tmp/$1.$s"
	done
	# One a second: each against the one before.
	awk 'NR > 1 { e = ($1 - before) / 1000 - 1000; print e }
	    { before = $1 }' "$tmp/floor.onsets" >"$tmp/$1.floor"
	cat "$tmp/$1".loaxa* >"$tmp/$1.loaxa"
	end "$pulse"
	pulse=
	[ -z "${KEEP:-}" ] || {
		mkdir -p "$KEEP/$1"
		cp -r "$tmp"/*.onsets "$tmp"/*.line "$tmp/$1".* "$root/var" \
		    "$root/daemon.log" "$KEEP/$1/"
	}
}

say "starts: $STARTS in $RUN_S s, $HOW"
library_make short
mkdir -p "$tmp/music"
sox -V1 -D "$tmp/wav/short.wav" -c 2 -t raw "$tmp/click.raw" pad 0 0.8
for i in $(seq $((RUN_S + 90))); do
	cat "$tmp/click.raw"
done >"$tmp/clicks.raw"
flac -s "$tmp/wav/short.wav" -o "$tmp/music/short.flac"
cp "$tmp/music/short.flac" "$tmp/music/long.flac"
lame --quiet -b 128 "$tmp/wav/short.wav" "$tmp/music/short.mp3"
table() {
	echo "| | | starts | missing | p1 ms | p50 | p99 | worst from p50 | mean |"
	echo "|---|---|---|---|---|---|---|---|---|"
	for how in $HOW; do
		for p in loaxa $peers floor; do
			case $p in
			floor) name="a stream that never ends (the floor)" ;;
			*) name="$(version "$p"), $(by "$p")" ;;
			esac
			echo "| $how | $name | $(facts <"$tmp/$how.$p" |
			    sed 's/ / | /g') |"
		done
	done
	echo
	echo "Milliseconds from the slot to the first sample; $STATIONS stations" \
	    "of one daemon, all programs at the same time, each on its own null" \
	    "sink, recorded from the monitor (tests/tool_onsets.c: how)." \
	    "\"stress\" is stress-ng --cpu 4 --hdd 2."
}
# fact_of HOW PROGRAM N: the N-th word of its facts
fact_of() {
	facts <"$tmp/$1.$2" | cut -d ' ' -f "$3"
}
# width HOW PROGRAM: p99 - p1
width() {
	facts <"$tmp/$1.$2" |
	    awk '{ if ($3 == "-") print "-"; else printf "%.2f\n", $5 - $3 }'
}
# least WHAT HOW: of all peers that were heard at least three times
least() {
	for p in $peers; do
		heard=$(grep -vc '^-$' "$tmp/$2.$p" || true)
		[ "$heard" -lt 3 ] || "$1" "$2" "$p"
	done | sort -n | head -n 1
}
worst() {
	fact_of "$1" "$2" 6
}
bars() {
	case $1 in
	idle) spread=1 farthest=5 ;;
	stress) spread=5 farthest=20 ;;
	esac
	bar starts "$1: missing, of $(fact_of "$1" loaxa 1)" \
	    "$(fact_of "$1" loaxa 2)" "" "<=" 0
	bar starts "$1: p99 - p1" "$(width "$1" loaxa)" ms "<=" "$spread"
	bar starts "$1: farthest from the median" "$(worst "$1" loaxa)" ms \
	    "<=" "$farthest"
	mean=$(fact_of "$1" loaxa 7)
	bar starts "$1: mean distance from the slot" "${mean#-}" ms "<=" 10
	[ "$1" = stress ] || return 0
	[ -n "$(least width stress)" ] || return 0
	bar starts "$1: p99 - p1, below every peer's" "$(width "$1" loaxa)" ms \
	    "<" "$(least width "$1")"
	bar starts "$1: farthest, below every peer's" "$(worst "$1" loaxa)" ms \
	    "<" "$(least worst "$1")"
}

for how in $HOW; do
	run "$how"
done
table >"${TABLE:-/dev/stdout}"
for how in $HOW; do
	bars "$how"
done
