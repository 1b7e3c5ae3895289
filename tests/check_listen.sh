#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loaxa listen and show: an item is heard elsewhere, sample for sample;
# never on the station's own output, and never as an airing.
set -u
build=$(realpath "${B:-build}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LOAXA_LANG=en LC_ALL=C.UTF-8
unset LOAXA_ROOT
faults=0
wrong() {
	echo "WRONG: $*"
	faults=$((faults + 1))
}
loaxa() {
	"$build/loaxa" --root "$tmp/root" "$@"
}
# says CODE WORDS COMMAND...
says() {
	want=$1 words=$2
	shift 2
	"$@" >"$tmp/said" 2>&1
	got=$?
	{ [ "$got" -eq "$want" ] && grep -q -e "$words" "$tmp/said"; } || {
		cat "$tmp/said"
		wrong "$*: exit code $got, wanted $want and \"$words\""
	}
}
mkdir -p "$tmp/root/etc" "$tmp/root/schedules" "$tmp/root/var"
cat >"$tmp/root/etc/loaxa.conf" <<'END2'
hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
loudness = "off";
outputs = ( { station = "a"; driver = "wav"; file = "var/a.wav"; },
  { station = "b"; driver = "alsa"; device = "plughw:CARD=Device"; },
  { station = "c"; driver = "pulse"; device = "loa"; } );
END2
sox -V1 -D -R -n -r 48000 -b 16 -c 2 "$tmp/tin.wav" synth 3 pinknoise \
    fade 0 3 0.5 pad 4 5
says 0 "begins with silence until 0:04" loaxa add --id tin "$tmp/tin.wav"
says 0 "tin: tin" loaxa listen --file "$tmp/heard.wav" tin
raw() {
	sox "$1" -t raw - ${2:+trim "$2"} | cksum
}
[ "$(raw "$tmp/heard.wav")" = "$(raw "$tmp/tin.wav")" ] ||
    wrong "what is heard is not what was added"
says 0 "tin" loaxa listen --from 0:05 --file "$tmp/part.wav" tin
[ "$(raw "$tmp/part.wav")" = "$(raw "$tmp/tin.wav" 5)" ] ||
    wrong "from 0:05 is another sound"
says 64 '"a"; name another file' loaxa listen --file "$tmp/root/var/a.wav" tin
: >"$tmp/root/var/a.wav"
says 64 'output of the station "a"' loaxa listen --file "$tmp/root/var/a.wav" tin
says 64 'output of the station "b"' loaxa listen --driver alsa \
    --device hw:CARD=Device,DEV=0 tin
says 64 'output of the station "c"' loaxa listen --device loa tin
# Nothing to hear it on: what is wrong, and what to do about it.
export PULSE_SERVER="unix:$tmp/none"
says 69 '^loaxa: pulse: ' loaxa listen tin
says 69 'headphones plugged in.*--driver alsa --device NAME' loaxa listen tin
says 69 'aplay -L.*--file FILE.wav' loaxa listen --driver alsa \
    --device hw:CARD=Nobody tin
says 69 "wav $tmp/no/x.wav: " loaxa listen --file "$tmp/no/x.wav" tin
grep -q aplay "$tmp/said" && wrong "a file has no device"
says 64 "ends before" loaxa listen --from 1:00 --file "$tmp/x.wav" tin
says 66 "no item" loaxa listen --file "$tmp/x.wav" khong-co
grep -q '"start"' "$tmp"/root/var/log/* && wrong "the log took it for an airing"

says 0 "PNG" sh -c "'$build/loaxa' --root '$tmp/root' show --wave \
    --png '$tmp/a.png' --svg '$tmp/a.svg' tin && file '$tmp/a.png' || head -c 4 '$tmp/a.png'"
says 0 "1  0:00-0:04  silence" loaxa show --wave tin
printf x >>"$tmp/root/audio/items/tin.flac"
says 65 "not the one that was added" loaxa show --png "$tmp/b.png" tin

# The silence that an item was warned of goes by the remedy that is named.
sox -V1 -D -R -n -r 48000 -b 16 -c 2 "$tmp/hoi.wav" synth 3 sine 300 vol 0.5 \
    pad 4 5
loaxa person add --office "Chủ tịch" "An" >/dev/null
loaxa person add --office "Cán bộ" "Hoa" >/dev/null
says 0 "loaxa trim" loaxa add --by Hoa "$tmp/hoi.wav"
says 0 "approved" loaxa approve --by An hoi
says 0 "approval does not hold" loaxa trim hoi
says 0 "hoi stays as it is" loaxa trim hoi
says 77 "another person approve" loaxa approve --by Hoa hoi
says 0 "to be approved" loaxa items hoi
says 0 "hoi: hoi" loaxa listen --file "$tmp/cut.wav" hoi
sox "$tmp/hoi.wav" -t raw - trim 3.8 3.4 >"$tmp/middle"
sox "$tmp/cut.wav" -t raw - | cmp - "$tmp/middle" ||
    wrong "what is left of it is not its middle"
says 0 "3.8 s at the head, 4.8 s at" \
    loaxa add --again --trim --id hoi-2 "$tmp/hoi.wav"
[ "$(cat "$tmp"/root/var/log/* | grep -c '"trimmed_tail_ms":4800')" -eq 2 ] ||
    wrong "the log does not tell what was cut away"
[ "$faults" -eq 0 ]
