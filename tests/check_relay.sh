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
	noise "$2" 5
}
library_make nhac cuoi
station_make "$tmp/root" 'driver = "wav"; file = "var/out/sound.wav";'
sed -i "s|^relays.*|relays = ( { id = \"vov1\"; title = \"VOV1\"; silence = 3;\
 url = \"http://127.0.0.1:$port/vov1\"; connect_ahead = 8;\
 fallback = \"nhac\"; } );|" "$root/etc/loaxa.conf"
start=$(($(date +%s) + 12))
slot vov 0 22 'relay = "vov1";'
slot cuoi 22 3 'item = "cuoi"; start = "hard";'
timetable ""
server_start
daemon_start || exit 1

sleep_to -1
loaxa status >"$tmp/before"
sleep_to 5
loaxa status >"$tmp/on"
server_kill
sleep_to 9
loaxa status >"$tmp/lost"
server_start
sleep_to 26
loaxa log >"$tmp/log"
daemon_stop

expect vov external relay_signal
expect cuoi aired ""
on_time cuoi
audited
exit $faults
