#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_cpu.sh BUILD - instructions, by callgrind, that loaxa-source and
# loaxa-player take for a minute of an admitted item (speech, FLAC, one channel,
# brought to another loudness), beside those of bench_bare: libsndfile and libao
# in the shortest loop. Both write to ALSA's "null", with 200 ms of buffer.
# Starting the programs is in both, but for the player: it stays, and is counted
# from the cue on. A part of make bench.
#
# callgrind's processor has no instructions for SHA-256: on one that has them
# the hash, a fifteenth of the whole here, is next to nothing.
set -eu
B=$1
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
# shellcheck source=tests/meter.sh
. tests/meter.sh
source=
trap 'end "$source"; meter_clean' EXIT
trap 'exit 1' HUP INT TERM
SECONDS_OF_SOUND=60

made() {
	espeak-ng -v vi -w "$tmp/words.wav" "Đài truyền thanh xã kính chào quý
	    vị và bà con. Ủy ban nhân dân xã thông báo lịch tiêm chủng cho trẻ
	    em dưới sáu tuổi vào sáng thứ năm hằng tuần, tại trạm y tế."
	sox -V1 -D -G "$tmp/words.wav" -r 48000 -c 1 -b 16 "$2" repeat 30 \
	    trim 0 $SECONDS_OF_SOUND
}
# count NAME PROGRAM...: runs it; its instructions are then in $tmp/NAME.count
count() {
	name=$1
	shift
	valgrind --tool=callgrind --callgrind-out-file="${KEEP:-$tmp}/$name.callgrind" \
	    --log-file="$tmp/$name.valgrind" "$@"
}
counted() {
	sed -n 's/.*Collected : //p' "$tmp/$1.valgrind"
}

say "cpu: a minute of sound under callgrind, three times"
library_make noi
sleep 122	# a file just written is hashed twice (loaxa-source.c, is_settled)
item=$(find "$items/audio/items" -name '*.flac')
printf 'pcm.khong { type null }\n' >"$tmp/.asoundrc"
export HOME="$tmp"
count bare "$build/tests/bench_bare" alsa khong "$item"

mkfifo "$tmp/pipe"
count source "$build/tests/bench_source" play 0 <"$item" >"$tmp/pipe" \
    3>"$tmp/report" &
source=$!
cat >"$tmp/count.sh" <<END
exec valgrind --tool=callgrind \
    --callgrind-out-file="${KEEP:-$tmp}/player.callgrind" \
    --zero-before=player_cue --log-file="$tmp/player.valgrind" "$build/loaxa-player" "\$@"
END
echo "play 1 3000 1 $((SECONDS_OF_SOUND * 48000)) $tmp/pipe -1 -1 0 -3000" >"$tmp/plan"
"$build/tests/tool_deck" "$tmp/plan" /bin/sh "$tmp/count.sh" --station noi \
    --driver alsa --device khong >"$tmp/deck" || { cat "$tmp/deck"; exit 1; }
wait "$source" || true
source=
cat "$tmp/report" >>"$tmp/deck"
[ "$(grep -c '^ENDED .* ended=0 \|^done ' "$tmp/deck")" -eq 2 ] || {
	cat "$tmp/deck"
	exit 1
}
bare=$(counted bare) ours=$(($(counted source) + $(counted player)))
million() {
	awk "BEGIN { printf \"%.0f\", $1 / 1e6 }"
}
bar cpu "instructions of a bare libsndfile-to-libao loop" "$(million "$bare")" million
bar cpu "instructions of loaxa-source" "$(million "$(counted source)")" million
bar cpu "instructions of loaxa-player" "$(million "$(counted player)")" million
bar cpu "both, of the bare loop's" \
    "$(awk "BEGIN { printf \"%.3f\", $ours / $bare }")" times "<=" 1.2
