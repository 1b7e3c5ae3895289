#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Gap music on a real station: it begins on the frame after the item that was
# shorter than its slot, falls silent within 50 ms and lets the next slot begin
# on its frame; an order has the air at once; never an item that is not
# approved. Takes about 20 seconds.
set -u
B=${B:-build}
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
sound=$build/tests/tool_sound
clean() {
	[ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon"; }
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

made() {
	case $1 in
	nhac | lau) frames=1440000 ;; # half a minute
	*) frames=120003 ;; # 2.50006 s
	esac
	"$sound" make "$tmp/$1.raw" $frames 1 ${#1}
	sox -t raw -r 48000 -e signed -b 16 -c 1 "$tmp/$1.raw" "$2"
}
library_make tin nhac goinguoi
made lau "$tmp/wav/lau.wav"
station_make "$tmp/root" "driver = \"wav\"; file = \"var/out/1.wav\"; },
	{ station = \"dai-hai\"; driver = \"wav\"; file = \"var/out/2.wav\";"
loaxa add --again --id lau "$tmp/wav/lau.wav" >"$tmp/said" 2>&1 ||
    { cat "$tmp/said"; exit 1; }
start=$(($(date +%s) + 6))
slot mot 0 6 'item = "tin"; start = "hard";'
slot hai 6 3 'item = "tin"; start = "hard"; rejoin = "skip";'
timetable ""
sed -i 's/^slots/gap_filler = [ "lau", "nhac" ];\n&/' "$root/schedules/$station.cfg"
station=dai-hai
mkdir -p "$root/schedules/$station"
slot mot 0 13 'item = "tin"; start = "hard";'
timetable "" "Đài hai"
sed -i 's/^slots/gap_filler = [ "nhac" ];\n&/' "$root/schedules/$station.cfg"
daemon_start || exit 1
sleep_to 4
loaxa status >"$root/status" 2>&1
loaxa log >"$root/log" 2>&1
loaxa play goinguoi --station dai-hai --by "Người duyệt" >"$root/said" 2>&1 ||
    { cat "$root/said"; wrong "the order needs more than an order"; }
sleep_to 15
daemon_stop

# Half a second of the last slot is too short a gap for music.
sox "$root/var/out/1.wav" -t raw "$tmp/1.raw"
"$sound" exact "$tmp/1.raw" "$tmp/tin.raw:1" \
    "$tmp/nhac.raw:1:$((6 * 48000 - 120003)):2400" "$tmp/tin.raw:1" \
    >"$tmp/said" || { cat "$tmp/said"; wrong "the capture"; }
[ "$(records start | grep -c '"item":"lau"')" = 0 ] ||
    wrong "an item that is not approved was cued"
ended=$(records end | grep '"slot":""' | grep '"station":"que-minh"')
[ "$(echo "$ended" | key status)/$(echo "$ended" | key reason)" = \
    unscheduled/filler ] || wrong "the log calls it $ended"

# The order came while it sounded: gone with what was queued, 0.3 s, and a fade.
music=$(records end | grep '"station":"dai-hai"' | grep '"reason":"filler"' |
    head -n 1)
ordered=$(records op | grep '"op":"play"' | head -n 1)
end=$(date -d "$(echo "$music" | key actual_utc)" +%s.%N)
asked=$(date -d "$(echo "$ordered" | key utc)" +%s.%N)
awk -v e="$end" -v w="$(echo "$music" | key wall_ms)" -v a="$asked" 'BEGIN {
    late = e + w / 1000 - a
    if (late < 0 || late > 0.5) print "silent " late " s after the order"
    exit late < 0 || late > 0.5 }' || wrong "it is in the order's way"
[ "$(records end | grep -c '"reason":"operator"')" = 1 ] ||
    wrong "the order did not sound"
[ "$(records end | grep '"station":"dai-hai"' |
    grep -c '"reason":"filler"')" = 2 ] || wrong "it did not come back"
station=que-minh
for name in mot hai; do
	got=$(records slot $name | grep '"station":"que-minh"' | key actual_ms)
	[ "$got" = 2500 ] || wrong "$name counts $got ms: music is no programme"
done
audited

# The officer reads the programme; each piece of music where he asks for it.
grep -q 'gap music\|nhac\|on now' "$root/log" &&
    { cat "$root/log"; wrong "music stands between the programme"; }
loaxa log >"$root/log"
[ "$(grep -c 'Music beside the plan: pieces [1-9]' "$root/log")" = 2 ] ||
    { cat "$root/log"; wrong "music is not summed up, a line a station"; }
[ "$(loaxa log --all | grep -c 'gap music')" = 3 ] ||
    { loaxa log --all; wrong "log --all leaves music out"; }
[ $faults -eq 0 ] || { cat "$root/daemon.log"; exit 1; }
