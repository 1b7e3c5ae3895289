#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_pulse.sh - the player on PulseAudio: a private server with a null sink,
# recorded from its monitor. Starts fall within 50 ms of their instants and
# within 5 ms of one offset; a sink that vanishes mid-item is told, and the
# next item sounds when it is back.
set -eu
B=$(cd "${B:-build}" && pwd)
tmp=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$tmp"' \
    EXIT
sound=$B/tests/tool_sound
deck=$B/tests/tool_deck
cd "$tmp"
export HOME="$tmp" XDG_RUNTIME_DIR="$tmp/run" PULSE_SERVER="unix:$tmp/sock"
mkdir -m 700 run
# In a sanitizer build: the leak finder starts a process, which the player's
# confinement rightly forbids.
export ASAN_OPTIONS=detect_leaks=0

fail() {
	cat said
	echo "$1"
	exit 1
}

new_sink() {
	pactl load-module module-null-sink sink_name=loa rate=48000 \
	    format=s16le channels=2
}

pulseaudio -n --daemonize=no --use-pid-file=no --exit-idle-time=-1 \
    -L "module-native-protocol-unix socket=$tmp/sock auth-anonymous=1" \
    2>pulse.log &
server=$!
tries=0
until pactl info >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ $tries -lt 50 ] || { cat pulse.log; echo "no PulseAudio"; exit 1; }
	sleep 0.1
done
sink=$(new_sink)

# Two starts, 2.637 s apart: no multiple of any of the server's periods.
"$sound" make one.raw 48000 2 1
"$sound" make two.raw 30000 1 2
cat >plan <<EOF
play 1 3000 2 48000 one.raw
play 2 5637 1 30000 two.raw
EOF
parec --raw -d loa.monitor --rate=48000 --channels=2 --format=s16le \
    --latency-msec=10 2>/dev/null | "$sound" listen heard.raw 7500 >zero &
recorder=$!
"$deck" plan "$B/loaxa-player" --station test --driver pulse --device loa \
    >said 2>player.log
wait "$recorder"
epoch=$(sed -n 's/^EPOCH //p' said)

# How many microseconds after its instant (milliseconds) an item was heard.
late() {
	at=$("$sound" find heard.raw "$1") || fail "not heard whole: $1"
	echo $(($(cat zero) + at - epoch - $2 * 1000))
}
first=$(late one.raw:2 3000)
second=$(late two.raw:1 5637)
echo "late: $first and $second microseconds"
apart=$((first - second))
for off in "$first" "$second"; do
	[ "${off#-}" -le 50000 ] ||
		fail "a start is more than 50 ms off its instant"
done
[ "${apart#-}" -le 5000 ] || fail "the offsets are more than 5 ms apart"

# The sink goes away while an item sounds, and comes back. Another one is there:
# PulseAudio would move our sound to it and tell nobody.
pactl load-module module-null-sink sink_name=khac rate=48000 format=s16le \
    channels=2 >/dev/null
pactl set-default-sink khac
"$sound" make three.raw 240000 2 3
cat >plan <<EOF
play 1 2000 2 240000 three.raw
play 2 7500 1 30000 two.raw
EOF
"$deck" plan "$B/loaxa-player" --station test --driver pulse --device loa \
    >said 2>player.log &
player=$!
sleep 4
pactl unload-module "$sink"
sleep 0.5
sink=$(new_sink)
wait "$player" || fail "not every item got its end"
grep -q '^DEVICE_LOST ' said || fail "the loss is not told"
grep -q '^ENDED airing=1 .* word=device_lost ' said ||
	fail "the item did not end with its device"
[ "$(grep -c '^DEVICE_OK ' said)" -eq 2 ] || fail "the return is not told"
grep -q '^ENDED airing=2 .* ended=0 .* sent=30000 ' said ||
	fail "the next item did not sound"
sent=$(sed -n 's/^ENDED airing=1 .* sent=\([0-9]*\) .*/\1/p' said)
if [ "$sent" -lt 72000 ] || [ "$sent" -gt 120000 ]; then
	fail "of 2 s that sounded, $sent frames are claimed"
fi
echo "on time, lost and found again"
