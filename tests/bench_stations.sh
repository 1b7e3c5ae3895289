#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_stations.sh BUILD - how many stations one daemon plays at once: STATIONS
# (64), each on a null sink of its own, of two PulseAudio servers; each plays
# ITEMS (2) items of 20 s, all of them from the same second on. Counted are
# under-runs of the devices, by each player's own count, after the first
# second; and what the log says of the slots. A part of make bench.
set -eu
B=$1
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
# shellcheck source=tests/meter.sh
. tests/meter.sh
servers=
clean() {
	for pid in $servers; do
		end "$pid"
	done
	meter_clean
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
STATIONS=${STATIONS:-64}
ITEMS=${ITEMS:-2}
LONG_S=20
LEAD_S=$((30 + STATIONS / 2))
half=$((STATIONS / 2))

made() {
	noise "$2" "$LONG_S"
}
server_of() {
	[ "$1" -le "$half" ] && echo 1 || echo 2
}

say "stations: $STATIONS, one daemon, two PulseAudio servers"
library_make tin
for server in 1 2; do
	sinks=
	for k in $(seq "$STATIONS"); do
		[ "$(server_of "$k")" -ne $server ] || sinks="$sinks s$k"
	done
	# shellcheck disable=SC2086 # a word a sink
	pulse_start $sinks
	servers="$servers $pulse"
	pulse=
	mv "$tmp/pulse.sock" "$tmp/pulse-$server.sock"
done
# A player finds its server by the name of its sink.
export PULSE_SERVER="{} unix:$tmp/pulse-1.sock unix:$tmp/pulse-2.sock"

start=$(($(date +%s) + LEAD_S))
outputs=
for k in $(seq "$STATIONS"); do
	outputs="$outputs${outputs:+, }{ station = \"tram-$k\"; driver = \"pulse\"; device = \"s$k\"; }"
done
station=tram-1
station_make "$tmp/station" ''
sed -i "s|^outputs = .*|outputs = ( $outputs );|" "$root/etc/loaxa.conf"
for k in $(seq "$STATIONS"); do
	station=tram-$k
	mkdir -p "$root/schedules/$station"
	for i in $(seq 0 $((ITEMS - 1))); do
		slot "s-$i" $((i * LONG_S)) "$LONG_S" 'item = "tin";'
	done
	timetable "" "Trạm $k"
done
daemon_start
