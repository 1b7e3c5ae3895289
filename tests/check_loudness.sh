#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Even level on the air: a quiet item, a loud one and one in mono come out of a
# real player equally loud, and none of them above -1 dBTP.
set -u
: "${B:=build}"
tmp=$(mktemp -d)
# shellcheck disable=SC2317	# called by the trap
cleanup() {
	[ -z "${daemon:-}" ] || kill "$daemon" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
# shellcheck source=tests/station.sh
. tests/station.sh

# made ID FILE: each another loudness; "nhe" is far below what 12 dB can lift
made() {
	case $1 in
	nho) sox -V1 -D -R -n -r 48000 -b 16 -c 2 "$2" synth 4 pinknoise gain -14 ;;
	to) sox -V1 -D -R -n -r 48000 -b 16 -c 2 "$2" synth 4 whitenoise gain -1 ;;
	mono) sox -V1 -D -R -n -r 48000 -b 16 -c 1 "$2" synth 4 pinknoise \
	    tremolo 3 40 gain -12 ;;
	nhe) sox -V1 -D -R -n -r 48000 -b 16 -c 1 "$2" synth 4 pinknoise gain -40 ;;
	esac
}
library_make nho to mono nhe
station_make "$tmp/root" 'driver = "wav"; file = "var/out.wav";'
sed -i '/^loudness/d' "$root/etc/loaxa.conf"
start=$(($(date +%s) + 4))
n=0
for id in nho to mono nhe; do
	slot "s-$id" $((n * 4)) 4 "item = \"$id\";"
	n=$((n + 1))
done
timetable ""
daemon_start
sleep_to 17
daemon_stop
audited

# From its first sample on, and measured by another program than ours.
sox -V1 "$root/var/out.wav" "$tmp/air.wav" silence 1 1s 0.0001%
# heard N LUFS: the N-th item is within 1 LU of it, and below -1 dBTP
heard() {
	ffmpeg -nostats -hide_banner -ss $((($1 - 1) * 4)).3 -t 3.4 \
	    -i "$tmp/air.wav" -af ebur128=peak=true -f null - \
	    >"$tmp/heard" 2>&1 || cat "$tmp/heard"
	lufs=$(sed -n 's/^ *I: *\(.*\) LUFS/\1/p' "$tmp/heard" | tail -n 1)
	peak=$(sed -n 's/^ *Peak: *\(.*\) dBFS/\1/p' "$tmp/heard" | tail -n 1)
	echo "item $1: $lufs LUFS, peak $peak dBTP"
	awk -v l="$lufs" -v p="$peak" -v want="$2" \
	    'BEGIN { exit !(l - want <= 1 && want - l <= 1 && p <= -0.9) }' ||
		wrong "item $1: $lufs LUFS, peak $peak, wanted $2 and -1"
}
heard 1 -16
heard 2 -16
heard 3 -16
records end | key gain_db | tr '\n' ' '
gain=$(records end s-nhe | key gain_db)
[ "$gain" = 12.0 ] || wrong "the faintest was raised by $gain dB, wanted 12"
[ "$faults" -eq 0 ]
