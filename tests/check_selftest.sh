#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loaxa selftest on a PulseAudio sink that is recorded: a tone in the allowed
# hours, digital silence outside of them (P1) and with --silent; a running
# daemon keeps its device; what is broken is told.
set -u
tmp=$(mktemp -d)
pulse=
recorder=
items=$tmp/none
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	for pid in $recorder $daemon $pulse; do
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
for _ in $(seq 50); do
	! pactl info >/dev/null 2>&1 || break
	sleep 0.1
done

# tested CODE WORDS [OPTION...]: its code, and a line it prints; the sink's
# monitor is in $tmp/heard
tested() {
	code=$1 words=$2
	shift 2
	parec --raw --device=loaxa.monitor --rate=48000 --format=s16le \
	    --channels=2 >"$tmp/heard" 2>/dev/null &
	recorder=$!
	loaxa selftest "$@" >"$tmp/said" 2>&1
	got=$?
	sleep 0.5
	kill "$recorder" && wait "$recorder"
	recorder=
	if [ $got -ne "$code" ] || ! grep -q -e "$words" "$tmp/said"; then
		cat "$tmp/said"
		wrong "selftest $*: ended with $got, wanted $code and \"$words\""
	fi
}
# sounded: bytes of the recording that are not zero
sounded() {
	tr -d '\0' <"$tmp/heard" | wc -c
}

station_make "$tmp/open" 'driver = "pulse"; device = "loaxa";'
start=$(($(date +%s) + 36000))
slot mo-dau 0 60 'item = "hieu";'
timetable ""
tested 0 "sound card (que-minh): pulse loaxa took a second of a quiet tone"
[ "$(sounded)" -gt 50000 ] || wrong "no tone: $(sounded) bytes"
grep -q "disk: .* left" "$tmp/said" || wrong "nothing about the disk"
LOAXA_FFMPEG=/nowhere/ffmpeg tested 0 "phones and Zalo.*apt-get install ffmpeg" --silent
mkdir "$root/var/log"
tested 0 "took a second of a quiet tone"
[ "$(records op | key op)" = tone ] || wrong "the tone is not on record"
tested 0 "took a second of silence" --silent
[ "$(sounded)" -eq 0 ] || wrong "--silent sounds"
tested 66 'no station "nobody"' --station nobody
daemon_start || exit 1
tested 0 "loaxad opens it before the next slot"
[ "$(sounded)" -eq 0 ] || wrong "it sounds beside the daemon"
tested 0 '"verdict": "good"' --json
daemon_stop

# P1: hours that are over, or none at all because the file is broken.
hour=$(TZ=$zone date +%-H)
past=$(((hour + 12) % 24))
station_make "$tmp/shut" 'driver = "pulse"; device = "loaxa";' \
    "from = \"$(printf '%02d:00' $past)\"; to = \"$(printf '%02d:30' $past)\";"
slot mo-dau 0 60 'item = "hieu";'
timetable ""
tested 0 "took a second of silence"
[ "$(sounded)" -eq 0 ] || wrong "P1: a tone outside the allowed hours"
echo "hours = nonsense" >>"$root/etc/loaxa.conf"
tested 69 "so nothing may sound"
[ "$(sounded)" -eq 0 ] || wrong "P1: a tone with a broken configuration"

# What is broken is told.
station_make "$tmp/lost" 'driver = "pulse"; device = "no-such-sink";'
slot mo-dau 0 60 'item = "hieu";'
timetable ""
tested 69 "! sound card (que-minh): pulse no-such-sink does not open"
[ "$(sounded)" -eq 0 ] || wrong "sound on another device"
exit $faults
