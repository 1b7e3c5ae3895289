#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_peers.sh BUILD - loaxa beside other programs that are often made to do
# its work, as far as they are installed (make bench-deps), on one PulseAudio
# null sink: the README's table. ROUNDS (default 3) rounds in which they take
# turns, five starts and one long sound each; about six minutes a round. Best
# with nothing else running.
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
ROUNDS=${ROUNDS:-3}
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

version() {
	case $1 in
	loaxa) "$build/loaxa" --version ;;
	*) dpkg-query -W -f='${Package} ${Version}' "$1" 2>/dev/null |
	    sed 's/[-+][^ ]*$//' || echo "$1" ;;
	esac
}
by() {
	case $1 in
	loaxa) echo "its own timetable" ;;
	mpg123 | sox) echo "a shell that sleeps until the instant" ;;
	mpd) echo "\`mpc play\` from such a shell" ;;
	liquidsoap) echo "its \`switch\` by the hour" ;;
	esac
}
tenth() {
	awk '{ if ($1 == "-") print "–"; else printf "%.1f\n", $1 / '"$1"' }'
}
table() {
	echo "| | started by | PSS MB | USS MB | processor s a minute of sound" \
	    "| wake-ups a minute idle | start: median ms | spread ms |"
	echo "|---|---|---|---|---|---|---|---|"
	for p in $programs; do
		[ -e "$tmp/$p.pss" ] || continue
		idle=$(fact "$p" idle)
		[ "$idle" != - ] || idle="not running"
		heard=$(wc -l <"$tmp/$p.late")
		if [ "$heard" -eq $((ROUNDS * SHORTS)) ]; then heard=; else
			heard=" ($heard starts of $((ROUNDS * SHORTS)))"
		fi
		echo "| $(version "$p") | $(by "$p") | $(fact "$p" pss | tenth 1024)" \
		    "| $(fact "$p" uss | tenth 1024)" \
		    "| $(awk "BEGIN { printf \"%.2f\", $(fact "$p" cpu) / 1000 }")" \
		    "| $idle | $(fact "$p" late)" \
		    "| $(fact "$p" late spread)$heard |"
	done
	echo
	echo "$(machine). Medians of $ROUNDS rounds, $((ROUNDS * SHORTS)) starts;" \
	    "processes of a program together, PulseAudio's not counted." \
	    "A start is where the first sample lies in a recording of the" \
	    "null sink's monitor; the recorder's own delay (some ten ms) is in" \
	    "every offset alike. mpg123 plays MP3, the others FLAC."
}

say "$(machine); load $(cut -d ' ' -f 1-3 /proc/loadavg)"
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
table
