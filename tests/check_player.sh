#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_player.sh - the real player left to itself, writing a WAV file: its
# daemon dies, hangs (P1: the fence holds all the same), or it is killed.
set -eu
B=$(cd "${B:-build}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
sound=$B/tests/tool_sound
deck=$B/tests/tool_deck
cd "$tmp"
# In a sanitizer build: the leak finder starts a process, which the player's
# confinement rightly forbids.
export ASAN_OPTIONS=detect_leaks=0

fail() {
	cat said
	echo "$1"
	exit 1
}

# Runs the plan; the player's id is left in "player".
start() {
	rm -f out.wav
	"$deck" plan "$tmp/player.sh" --station test --driver wav \
	    --file out.wav >said &
	deck_id=$!
}

cat >player.sh <<EOF
#!/bin/sh
echo \$\$ >player
exec "$B/loaxa-player" "\$@"
EOF
chmod +x player.sh

wait_for_player() {
	tries=0
	while kill -0 "$(cat player)" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 50 ] || fail "the player lives on: $1"
		sleep 0.1
	done
}

raw() {
	sox out.wav -t raw out.raw 2>sox.log || fail "no valid WAV file: $1"
	[ ! -s sox.log ] || fail "$(cat sox.log)"
}

"$sound" make long.raw 480000 2 1

# Three seconds from the order to the sound: a busy machine needs some.
# The daemon dies 1 s into the item: silence at once, and the player leaves.
printf 'play 1 3000 2 480000 long.raw\nwait 4000\nleave\n' >plan
start
wait "$deck_id"
wait_for_player "its daemon died"
raw "its daemon died"
lasted=$("$sound" lasts out.raw)
if [ "$lasted" -lt 900000 ] || [ "$lasted" -gt 1500000 ]; then
	fail "1 s of sound lasted $lasted microseconds"
fi

# P1: the daemon hangs; the fence, 2 s into the item, is kept to the frame.
echo 'play 1 3000 2 480000 long.raw -1 5000' >plan
start
sleep 4
kill -STOP "$deck_id"
sleep 2
kill -CONT "$deck_id"
wait "$deck_id" || fail "the item did not get its end"
raw "its daemon hung"
# The start is on the nearest frame, the fence on the one before it.
sent=$(sed -n 's/^ENDED .* word=hours_end .* sent=\([0-9]*\) .*/\1/p' said)
if [ "$sent" != 95999 ] && [ "$sent" != 96000 ]; then
	fail "the fence is not told, or not kept"
fi
head -c $((sent * 4)) long.raw >fenced.raw
"$sound" exact out.raw fenced.raw:2

# The player is killed 2 s into the item: what it wrote can be played.
echo 'play 1 3000 2 480000 long.raw' >plan
start
sleep 5
kill -KILL "$(cat player)"
wait "$deck_id" && fail "nobody noticed"
raw "it was killed"
lasted=$("$sound" lasts out.raw)
if [ "$lasted" -lt 900000 ] || [ "$lasted" -gt 2500000 ]; then
	fail "of 2 s of sound, $lasted microseconds are left"
fi
echo "silent when alone, silent at the fence, readable when killed"
