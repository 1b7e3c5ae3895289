#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A relay from a real Icecast on this machine, fed in real time: connected ahead
# of the slot, the server killed in mid-slot, music meanwhile, the server back,
# the relay again, out on the second; and a record that says what was measured.
# Beside it, on a station of its own, one from a line-in, which is the monitor of
# a PulseAudio sink: unplugged, and later silent, in mid-slot.
# Takes about half a minute.
set -u
tmp=$(mktemp -d)
icecast=
feeder=
pulse=
receiver=
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	for pid in $daemon $feeder $icecast $receiver $pulse; do
		kill "$pid" 2>/dev/null && wait "$pid"
	done
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

# Icecast refuses to run as root.
as_nobody=
[ "$(id -u)" -ne 0 ] ||
    as_nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
port=$((20000 + $$ % 10000))
mkdir -m 777 "$tmp/ice"
chmod 755 "$tmp"
cat >"$tmp/ice.xml" <<END
<icecast>
 <limits><clients>10</clients><sources>2</sources></limits>
 <authentication><source-password>mat</source-password></authentication>
 <hostname>127.0.0.1</hostname>
 <listen-socket><port>$port</port>
  <bind-address>127.0.0.1</bind-address></listen-socket>
 <paths><logdir>$tmp/ice</logdir><webroot>$tmp</webroot>
  <adminroot>$tmp</adminroot></paths>
 <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog>
  <loglevel>2</loglevel></logging>
</icecast>
END
# Without loss, so that what is relayed can be compared sample by sample.
sox -V1 -D -R -n -r 48000 -b 16 -c 2 "$tmp/nguon.wav" synth 90 whitenoise \
    gain -14
server_start() {
	$as_nobody icecast2 -c "$tmp/ice.xml" >>"$tmp/ice.log" 2>&1 &
	icecast=$!
	sleep 0.5
	ffmpeg -nostdin -loglevel error -re -i "$tmp/nguon.wav" -c:a flac \
	    -sample_fmt s16 -f ogg -content_type application/ogg \
	    "icecast://source:mat@127.0.0.1:$port/vov1" 2>>"$tmp/ice.log" &
	feeder=$!
}
server_kill() {
	kill -9 "$icecast" "$feeder"
	wait "$icecast" "$feeder" 2>/dev/null
	icecast=
	feeder=
}

# The line-in: a sound card that a receiver is plugged into. Small pieces, or
# the sink would work two seconds at a time.
export PULSE_SERVER="unix:$tmp/pulse.sock" ALSA_CONFIG_PATH="$tmp/asound.conf"
cat >"$ALSA_CONFIG_PATH" <<END
pcm.day { type pulse; device "day.monitor" }
END
HOME=$tmp XDG_RUNTIME_DIR=$tmp pulseaudio -n --daemonize=no \
    --exit-idle-time=-1 --use-pid-file=no \
    --load="module-native-protocol-unix socket=$tmp/pulse.sock auth-anonymous=1" \
    >"$tmp/pulse.log" 2>&1 &
pulse=$!
receiver_on() {
	paplay --latency-msec=20 -d day "$tmp/nguon.wav" 2>>"$tmp/pulse.log" &
	receiver=$!
}
receiver_off() {
	kill "$receiver"
	wait "$receiver" 2>/dev/null
	receiver=
}
plug_in() {
	card=$(pactl load-module module-null-sink sink_name=day rate=48000 \
	    format=s16le channels=2) || { cat "$tmp/pulse.log"; exit 1; }
	receiver_on
}
unplug() {
	receiver_off
	pactl unload-module "$card"
}

made() {
	case $1 in
	bao) noise "$2" 2 ;;
	*) noise "$2" 6 ;;
	esac
}
library_make nhac cuoi-cung bao
xa="xa-loc"
station_make "$tmp/root" "driver = \"wav\"; file = \"var/out/sound.wav\"; },
	{ station = \"$xa\"; driver = \"wav\"; file = \"var/out/day.wav\";"
mkdir "$root/schedules/$xa"
sed -i "s|^relays.*|relays = ( { id = \"vov1\"; title = \"VOV1\"; silence = 3;\
 url = \"http://127.0.0.1:$port/vov1\"; connect_ahead = 8;\
 fallback = \"nhac\"; }, { id = \"huyen\"; title = \"Đài huyện\"; silence = 2;\
 line = \"day\"; connect_ahead = 8; fallback = \"nhac\"; } );|" "$root/etc/loaxa.conf"
start=$(($(date +%s) + 10))
slot vov 0 20 'relay = "vov1";'
slot cuoi 20 2 'item = "cuoi-cung"; start = "hard";'
timetable ""
station=$xa
slot day 0 20 'relay = "huyen";'
slot ket 20 2 'item = "cuoi-cung"; start = "hard";'
timetable "" "Đài truyền thanh xã Lộc"
loaxa person add --office "Trực máy" --role operator "Người trực" \
    >"$tmp/said" 2>&1 ||
    cat "$tmp/said"
plug_in
# Nobody sends yet: that is told before the slot.
daemon_start || exit 1
sleep_to -6
loaxa status >"$tmp/none"
server_start
sleep_to -0.5
loaxa status >"$tmp/before"
(export LOAXA_LANG=vi && loaxa status) >"$tmp/truoc"

# An emergency over it, and back; then the server dies, and comes back.
sleep_to 2
loaxa emergency bao --station que-minh --by "Người trực" --order "Lệnh thử" </dev/null \
    >"$tmp/said" 2>&1
loaxa emergency --station que-minh --confirm "$(sed -n 's/.*--confirm \([0-9]*\)$/\1/p' \
    "$tmp/said")" >"$tmp/released" 2>&1 </dev/null ||
    { cat "$tmp/said" "$tmp/released"; wrong "no emergency"; }
sleep_to 3
unplug
sleep_to 3.5
loaxa status --station "$xa" >"$tmp/unplugged"
plug_in
sleep_to 5.5
loaxa status >"$tmp/on"
sleep_to 6
server_kill
sleep_to 9
loaxa status >"$tmp/lost"
server_start
sleep_to 11
receiver_off
sleep_to 14.4
loaxa status >"$tmp/silent"
receiver_on
sleep_to 23
loaxa log >"$tmp/log"
loaxa log --csv >"$tmp/csv"
loaxa what "$(TZ=$zone date -d "@$((start + 4))" '+%F %T')" >"$tmp/what"
daemon_stop

expect vov external relay_signal
expect day external relay_signal
expect cuoi aired ""
expect ket aired ""
on_time cuoi ket
audited
# says FILE WORDS
says() {
	grep -q "$2" "$tmp/$1" || { cat "$tmp/$1"; wrong "$1 does not say: $2"; }
}
says none "NO CONNECTION: .*refused"
says before "relay  VOV1: signal, -1[5-9] dBFS; due"
says truoc "tiếp âm  VOV1: có tín hiệu, -1[5-9] dBFS"
says on "now     relay VOV1"
says lost "VOV1: NO CONNECTION: "
says lost "LOOK: the relay gives no signal"
says lost "now     [0-9:]*  nhac"
says before "relay  Đài huyện: signal, -1[5-9] dBFS; due"
says unplugged "Đài huyện: NO CONNECTION: "
says silent "Đài huyện: connected, but NO SIGNAL"
says log "relayed here, its signal measured; signal [0-9.]* s"
says what "measured:  signal [0-9.]* s, without"
says csv "external,relay_signal"

# between SLOT KEY LEAST MOST: in the relay's record
between() {
	n=$(records slot "$1" | key "$2")
	{ [ -n "$n" ] && [ "$n" -ge "$3" ] && [ "$n" -le "$4" ]; } ||
	    wrong "$1: $2 is \"$n\", wanted $3 to $4"
}
between vov actual_ms 0 0
between vov signal_ms 6000 11500
between vov connections 2 2
between day actual_ms 0 0
between day signal_ms 5000 10500
between day connections 2 2
# fallbacks STATION: how many were laid; one is cut and no other laid once the
# source is heard
fallbacks() {
	records start | grep "\"$1/" | grep -c '"start_source":"filler"'
}
for st in que-minh "$xa"; do
	n=$(fallbacks $st)
	[ "$n" -le 6 ] || wrong "$st: $n times a fallback"
done

# Where the item behind the relay begins, in frames of the recording: the slot's
# last instant. Its own end is cut with a fade.
sox "$root/audio/items/cuoi-cung.flac" -c 2 "$tmp/cuoi.wav"
# recording STATION FILE: which one relayed() looks at
recording() {
	sound=$root/var/out/$2
	end=$("$build/tests/tool_relay" "$tmp/cuoi.wav" "$sound" 0 90000) ||
	    wrong "$1: the item behind it is not in the recording: $end"
	end=${end% *}
}
# relayed WHAT FROM TO: that stretch of the slot, in tenths of a second, is the
# source's, sample by sample
relayed() {
	said=$("$build/tests/tool_relay" "$sound" "$tmp/nguon.wav" \
	    $((end - 960000 + $2 * 4800)) $((end - 960000 + $3 * 4800))) ||
	    wrong "$1: not the source's: position and length are $said"
}
recording que-minh sound.wav
relayed "its beginning" 1 20
relayed "after the emergency" 52 58
relayed "its end" 192 199
recording "$xa" day.wav
relayed "the line-in's beginning" 5 10
relayed "the line-in's end" 195 199
exit $faults
