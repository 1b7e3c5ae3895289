#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A relay from a real Icecast on this machine, fed in real time: connected ahead
# of the slot, the server killed in mid-slot, music meanwhile, the server back,
# the relay again, out on the second; and a record that says what was measured.
# Takes about half a minute.
set -u
tmp=$(mktemp -d)
icecast=
feeder=
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	for pid in $daemon $feeder $icecast; do
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

made() {
	case $1 in
	bao) noise "$2" 2 ;;
	*) noise "$2" 6 ;;
	esac
}
library_make nhac cuoi-cung bao
station_make "$tmp/root" 'driver = "wav"; file = "var/out/sound.wav";'
sed -i "s|^relays.*|relays = ( { id = \"vov1\"; title = \"VOV1\"; silence = 3;\
 url = \"http://127.0.0.1:$port/vov1\"; connect_ahead = 8;\
 fallback = \"nhac\"; } );|" "$root/etc/loaxa.conf"
start=$(($(date +%s) + 10))
slot vov 0 20 'relay = "vov1";'
slot cuoi 20 2 'item = "cuoi-cung"; start = "hard";'
timetable ""
loaxa person add --office "Trực máy" --role operator "Người trực" \
    >"$tmp/said" 2>&1 ||
    cat "$tmp/said"
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
loaxa emergency bao --by "Người trực" --order "Lệnh thử" </dev/null \
    >"$tmp/said" 2>&1
loaxa emergency --confirm "$(sed -n 's/.*--confirm \([0-9]*\)$/\1/p' \
    "$tmp/said")" >"$tmp/released" 2>&1 </dev/null ||
    { cat "$tmp/said" "$tmp/released"; wrong "no emergency"; }
sleep_to 5.5
loaxa status >"$tmp/on"
sleep_to 6
server_kill
sleep_to 9
loaxa status >"$tmp/lost"
server_start
sleep_to 23
loaxa log >"$tmp/log"
loaxa log --csv >"$tmp/csv"
loaxa what "$(TZ=$zone date -d "@$((start + 4))" '+%F %T')" >"$tmp/what"
daemon_stop

expect vov external relay_signal
expect cuoi aired ""
on_time cuoi
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
says log "relayed here, its signal measured; signal [0-9.]* s"
says what "measured:  signal [0-9.]* s, without"
says csv "external,relay_signal"

# between KEY LEAST MOST: in the relay's record
between() {
	n=$(records slot vov | key "$1")
	{ [ -n "$n" ] && [ "$n" -ge "$2" ] && [ "$n" -le "$3" ]; } ||
	    wrong "vov: $1 is \"$n\", wanted $2 to $3"
}
between actual_ms 0 0
between signal_ms 6000 11500
between connections 2 2

# Where the item behind the relay begins, in frames of the recording: the slot's
# last instant. Its own end is cut with a fade.
sound=$root/var/out/sound.wav
sox "$root/audio/items/cuoi-cung.flac" -c 2 "$tmp/cuoi.wav"
end=$("$build/tests/tool_relay" "$tmp/cuoi.wav" "$sound" 0 90000) ||
    wrong "the item behind it is not in the recording: $end"
end=${end% *}
# relayed WHAT FROM TO: that stretch of the slot, in tenths of a second, is the
# source's, sample by sample
relayed() {
	said=$("$build/tests/tool_relay" "$sound" "$tmp/nguon.wav" \
	    $((end - 960000 + $2 * 4800)) $((end - 960000 + $3 * 4800))) ||
	    wrong "$1: not the source's: position and length are $said"
}
relayed "its beginning" 1 20
relayed "after the emergency" 52 58
relayed "its end" 192 199
exit $faults
