#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Joins, on the whole way from the schedule to ALSA: items of about a quarter of
# a second, mono and stereo, of no round length, back to back within a slot and
# from one slot to the next, and a hard out with its fade. ALSA's "file" plug-in
# over "null" keeps what it was given: no frame of it is lost or added, and no
# byte is another. Several stations side by side, so that a thousand joins do
# not take as many quarters of a second.
#
# JOINS=N asks for another number. KEEP=FOLDER keeps what was captured.
set -u
CHAOS=${CHAOS:-slice}
case $CHAOS in
whole) JOINS=${JOINS:-10000} ;;
*) JOINS=${JOINS:-200} ;;
esac
tmp=$(mktemp -d)
begun=$(date +%s)
# shellcheck source=tests/station.sh
. tests/station.sh
sound=$build/tests/tool_sound
clean() {
	[ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon"; }
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
# In a sanitizer build: the leak finder starts a process, which the player's
# confinement rightly forbids.
export ASAN_OPTIONS=detect_leaks=0

# Eight items that are two seconds together, to the frame.
lengths="11989 12011 11763 12237 12001 11999 9001 14999"
channels() {
	echo $(($1 % 2 + 1))
}
i=0
ids=
for frames in $lengths 144000; do
	i=$((i + 1))
	[ "$frames" = 144000 ] && id=dai || id=m$i
	"$sound" make "$tmp/$id.raw" "$frames" "$(channels $i)" $i
	eval "channels_$id=$(channels $i)"
	ids="$ids $id"
done
made() {
	eval "n=\$channels_$1"
	# shellcheck disable=SC2154
	sox -t raw -r 48000 -e signed -b 16 -c "$n" "$tmp/$1.raw" "$2"
}
# shellcheck disable=SC2086
library_make $ids

# A block: ten seconds of forty items, two of one that is three seconds long.
stations=5
[ "$JOINS" -ge 500 ] || stations=2
blocks=$((JOINS / stations / 41 + 1))
root=$tmp/root
mkdir -p "$root/etc" "$root/audio"
cp -R "$items/audio" "$items/var" "$root/"
{
	echo "zone = \"$zone\"; approval = \"required\"; plausible_clock = true;"
	echo 'loudness = "off";'
	echo 'hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );'
	echo 'outputs = ('
	comma=
	for n in $(seq $stations); do
		echo "$comma { station = \"dai-$n\"; driver = \"alsa\";"
		echo "  device = \"capture$n\"; }"
		comma=,
	done
	echo ');'
} >"$root/etc/loaxa.conf"
for n in $(seq $stations); do
	cat <<-END
	pcm.capture$n {
		type file
		slave.pcm { type null }
		file "$tmp/out$n.raw"
		format "raw"
	}
	END
done >"$tmp/asound.conf"
export ALSA_CONFIG_PATH="$tmp/asound.conf"

round='"m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"'
forty="$round, $round, $round, $round, $round"
item_words() {
	for id in m1 m2 m3 m4 m5 m6 m7 m8; do
		eval "echo $tmp/$id.raw:\$channels_$id"
	done
}
start=$(($(date +%s) + 6 + stations))
# What is to be heard, in words for tool_sound.
wanted=
for n in $(seq $stations); do
	station=dai-$n
	mkdir -p "$root/schedules/$station"
	program=
	for b in $(seq 0 $((blocks - 1))); do
		slot "nhieu-$b" $((b * 12)) 10 'segment = "ttdn"; start = "hard";'
		slot "cat-$b" $((b * 12 + 10)) 2 'item = "dai"; start = "hard";'
		program="$program${program:+, }{ slot = \"nhieu-$b\"; items = [ $forty ]; }"
	done
	slot "cuoi" $((blocks * 12)) 2 'segment = "ttdn"; start = "hard";'
	timetable "$program, { slot = \"cuoi\"; items = [ $round ]; }" "Đài $n"
done
# shellcheck disable=SC2154
for b in $(seq 0 $((blocks - 1))); do
	for _ in 1 2 3 4 5; do
		wanted="$wanted $(item_words | tr '\n' ' ')"
	done
	wanted="$wanted $tmp/dai.raw:$channels_dai:96000:2400"
done
wanted="$wanted $(item_words | tr '\n' ' ')"

daemon_start || exit 1
sleep_to $((blocks * 12 + 4))
daemon_stop

broken=0
for n in $(seq $stations); do
	station=dai-$n
	# shellcheck disable=SC2086
	"$sound" exact "$tmp/out$n.raw" $wanted >"$tmp/said$n" || {
		broken=$((broken + 1))
		wrong "$station: $(tail -n 1 "$tmp/said$n"), behind item" \
		    "$(wc -l <"$tmp/said$n")"
	}
done
whole=$(records slot | grep -c '"status":"aired","reason":""')
[ "$whole" -eq $((stations * (2 * blocks + 1))) ] ||
    wrong "$whole slots aired whole"
station=
audited
[ -z "${KEEP:-}" ] || cp -R "$tmp"/out*.raw "$root/var/log" "$KEEP"
joins=$((stations * (blocks * 41 + 7)))
# A computer that stood still shows as sources that came too late, not as a join
# that was lost.
[ $faults -eq 0 ] || {
	records end | grep -v '"status":"aired","reason":"".*"silent_ms":0,' |
	    cut -c 1-900
	cat "$root/daemon.log"
}
printf 'chaos\t%s\t%s\t%s\t%s\t%s\n' 'joins, byte for byte through ALSA' \
    $joins $broken - $(($(date +%s) - begun))
[ $faults -eq 0 ]
