#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_stations.sh BUILD - how many stations one daemon plays at once: STATIONS
# (64), each on a null sink of its own, of two PulseAudio servers. All of them
# play a second and then, without a gap, ITEMS (2) items of 20 s. Counted are
# the under-runs of the devices in these, by the records; the first and the last
# station are recorded besides, and may not be silent for 2 ms. A part of make
# bench.
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
	case $1 in
	mo) noise "$2" 1 ;;
	tin) noise "$2" "$LONG_S" ;;
	esac
}
server_of() {
	[ "$1" -le "$half" ] && echo 1 || echo 2
}

say "stations: $STATIONS, one daemon, two PulseAudio servers"
library_make mo tin
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
socket_of() {
	echo "unix:$tmp/pulse-$(server_of "$1").sock"
}

start=$(($(date +%s) + LEAD_S))
outputs=
for k in $(seq "$STATIONS"); do
	outputs="$outputs${outputs:+, }{ station = \"tram-$k\";
	    driver = \"pulse\"; device = \"s$k@$(socket_of "$k")\"; }"
done
station=tram-1
station_make "$tmp/station" ''
sed -i "s|^outputs = .*|outputs = ( $(echo "$outputs" | tr -s '\n\t ' '   ') );|" \
    "$root/etc/loaxa.conf"
for k in $(seq "$STATIONS"); do
	station=tram-$k
	mkdir -p "$root/schedules/$station"
	slot mo 0 1 'item = "mo";'
	for i in $(seq 0 $((ITEMS - 1))); do
		slot "tin-$i" $((1 + i * LONG_S)) "$LONG_S" 'item = "tin";'
	done
	timetable "" "Trạm $k"
done
recorders=
for k in 1 "$STATIONS"; do
	PULSE_SERVER=$(socket_of "$k") parec --raw --latency-msec=20 \
	    --device="s$k.monitor" --rate=48000 --format=s16le --channels=2 \
	    >"$tmp/heard-$k.raw" &
	recorders="$recorders $!"
done
daemon_start
sleep_to 5
cpu=$(cpu_of "$daemon")
memory=$(memory_of "$daemon")
sleep_to 15
cpu=$(($(cpu_of "$daemon") - cpu))
sleep_to $((1 + ITEMS * LONG_S + 3))
daemon_stop
for pid in $recorders; do
	end "$pid"
done
aired=$(records slot | grep -c '"status":"aired","reason":""' || true)
broken=$(records end | grep -v '"slot":"mo"' | grep -c '"underruns":' || true)
bar stations "stations of one daemon, each with its own output" "$STATIONS" "" ">=" 64
bar stations "their slots that aired whole, of $((STATIONS * (ITEMS + 1)))" \
    "$aired" "" ">=" $((STATIONS * (ITEMS + 1)))
bar stations "items in which a device ran dry, after the first second" \
    "$broken" "" "<=" 0
for k in 1 "$STATIONS"; do
	heard=$("$build/tests/tool_onsets" 2 <"$tmp/heard-$k.raw" 2>/dev/null |
	    wc -l)
	bar stations "breaks of 2 ms or more heard at station $k" \
	    $((heard - 1)) "" "<=" 0
done
bar stations "processor of daemon, players and workers, of one" \
    "$(awk "BEGIN { printf \"%.0f\", $cpu / 1e8 }")" %
bar stations "PSS of all of them" "${memory% *}" kB
[ -z "${KEEP:-}" ] || cp -R "$root/var" "$root/daemon.log" "$KEEP/"
