#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A machine too busy to feed its sound card, made by stopping the player for a
# moment, twice: the sound breaks off, and the record says so. A short break is
# aired, with its count and length; one that costs the slot more than a second
# is aired_partial, short. status and log tell a person. The slot after is on
# time. Takes about half a minute.
set -u
tmp=$(mktemp -d)
pulse=
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	for pid in $daemon $pulse; do
		kill "$pid" 2>/dev/null && wait "$pid"
	done
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

export PULSE_SERVER="unix:$tmp/pulse.sock"
HOME=$tmp XDG_RUNTIME_DIR=$tmp pulseaudio -n --daemonize=no \
    --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes \
    --load="module-null-sink sink_name=loaxa rate=48000 format=s16le channels=2" \
    --load="module-native-protocol-unix socket=$tmp/pulse.sock auth-anonymous=1" \
    >"$tmp/pulse.log" 2>&1 &
pulse=$!
made() {
	noise "$2" 12
}
library_make dai
station_make "$tmp/root" 'driver = "pulse"; device = "loaxa";'
start=$(($(date +%s) + 13))
slot mot 0 7 'item = "dai";'
slot hai 8 8 'item = "dai";'
slot ba 17 3 'item = "dai";'
timetable ""
daemon_start || exit 1

# busy AT SECONDS: the player does not run
busy() {
	sleep_to "$1"
	player=$(children "$daemon" loaxa-player)
	kill -STOP "$player"
	sleep "$2"
	kill -CONT "$player"
}
busy 2 0.7
busy 10 1.7
sleep_to 20.5
loaxa status >"$tmp/status"
(export LOAXA_LANG=vi && loaxa status) >"$tmp/trang-thai"
loaxa log >"$tmp/log"
daemon_stop

expect mot aired ""
expect hai aired_partial short
expect ba aired ""
on_time mot hai ba
audited

# between KEY SLOT LEAST MOST: in its one end record
between() {
	n=$(records end "$2" | key "$1")
	{ [ -n "$n" ] && [ "$n" -ge "$3" ] && [ "$n" -le "$4" ]; } ||
	    wrong "$2: $1 is \"$n\", wanted $3 to $4"
}
between underruns mot 1 3
between underrun_ms mot 300 1200
between actual_ms mot 6000 6800
between wall_ms mot 6900 7100
between underruns hai 1 3
between underrun_ms hai 1200 2500
between actual_ms hai 5500 6900
grep -q ' breaks: [2-6], ' "$tmp/status" ||
    { cat "$tmp/status"; wrong "status does not say it"; }
grep -q 'số lần ngắt: [2-6], ' "$tmp/trang-thai" ||
    { cat "$tmp/trang-thai"; wrong "nor in Vietnamese"; }
grep -q 'breaks in the sound: [1-3], ' "$tmp/log" ||
    { cat "$tmp/log"; wrong "log does not say it"; }
exit $faults
