#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_alsa.sh - what the player gives to ALSA, byte for byte: mono and stereo
# items back to back arrive as they are, no frame lost or added; a stop cuts on
# its frame. ALSA's "file" plug-in over "null" keeps what libao sent; such a
# device does not pace, so this also shows that the player paces itself.
set -eu
B=$(cd "${B:-build}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
sound=$B/tests/tool_sound
deck=$B/tests/tool_deck
cd "$tmp"

cat >asound.conf <<EOF
pcm.capture {
	type file
	slave.pcm { type null }
	file "$tmp/out.raw"
	format "raw"
}
EOF
export ALSA_CONFIG_PATH="$tmp/asound.conf"
# In a sanitizer build: the leak finder starts a process, which the player's
# confinement rightly forbids.
export ASAN_OPTIONS=detect_leaks=0

# 2.083354 s, 1.5 s and 1.002563 s; the starts are rounded to milliseconds.
"$sound" make one.raw 100001 2 1
"$sound" make two.raw 72000 1 2
"$sound" make three.raw 48123 2 3
cat >plan <<EOF
play 1 1500 2 100001 one.raw -1 -1 200
play 2 3583 1 72000 two.raw -1 -1 200
play 3 5083 2 48123 three.raw -1 -1 200
EOF
"$deck" plan "$B/loaxa-player" --station test --driver alsa \
    --device capture >said
"$sound" exact out.raw one.raw:2 two.raw:1 three.raw:2
ends=$(grep -c '^ENDED .* ended=0 ' said) || true
[ "$ends" -eq 3 ] || { cat said; echo "not three whole items"; exit 1; }

# The item of 3 s is stopped after 1.25 s, without a fade: 60,000 frames.
"$sound" make long.raw 144000 2 4
head -c 240000 long.raw >cut.raw
echo 'play 1 1500 2 144000 long.raw 2750 -1 0' >plan
rm -f out.raw
"$deck" plan "$B/loaxa-player" --station test --driver alsa \
    --device capture >said
"$sound" exact out.raw cut.raw:2
grep -q '^ENDED airing=1 .* ended=1 .* sent=60000 ' said ||
	{ cat said; echo "the stop is not on its frame"; exit 1; }
grep -q '^EXIT 0' said || { cat said; echo "the player failed"; exit 1; }

# A device that is not there: said, and the player lives on.
echo 'play 1 1500 2 144000 long.raw' >plan
"$deck" plan "$B/loaxa-player" --station test --driver alsa \
    --device plughw:CARD=NoSuchCard >said 2>/dev/null
for word in '^DEVICE_LOST' 'word=device_lost' '^EXIT 0'; do
	grep -q "$word" said ||
		{ cat said; echo "a missing device is not told"; exit 1; }
done
echo "byte for byte"
