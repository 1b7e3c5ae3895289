#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Cầu Ngang on the air: the district's station and the commune's below it, one
# daemon, under etc/cau-ngang.conf with its two sinks, each recorded from its
# monitor. Both sound at the same time; each monitor has its own station's
# items, sample for sample, and nothing else. The commune's player is killed,
# then the district's sink is taken away: each time the other station does not
# notice (P6). Takes less than a minute.
set -u
tmp=$(mktemp -d)
pulse=
recorders=
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	for pid in $recorders $daemon $pulse; do
		kill "$pid" 2>/dev/null && wait "$pid"
	done
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
huyen="cau-ngang"
xa="xa-vi-du"

export PULSE_SERVER="unix:$tmp/pulse.sock"
HOME=$tmp XDG_RUNTIME_DIR=$tmp pulseaudio -n --daemonize=no \
    --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes \
    --load="module-native-protocol-unix socket=$tmp/pulse.sock auth-anonymous=1" \
    >"$tmp/pulse.log" 2>&1 &
pulse=$!

made() {
	case $1 in
	h-mo) sweep "$2" 3 300-3000 ;;	# fills its slot exactly
	x-mo) sweep "$2" 3 3000-300 ;;
	tin) noise "$2" 3.5 ;;
	huyen) noise "$2" 3.25 ;;	# the district's, on both stations
	h-chuyen-muc) noise "$2" 11 ;;
	x-chuyen-muc-cua-xa) noise "$2" 9.5 ;;
	h-ket) sweep "$2" 5 5000-500 ;;
	x-ket) sweep "$2" 4.5 500-5000 ;;
	esac
}
library_make h-mo x-mo tin huyen h-chuyen-muc x-chuyen-muc-cua-xa h-ket x-ket

# new_sink NAME: its number, so that it can be taken away
new_sink() {
	pactl load-module module-null-sink sink_name="$1" rate=48000 \
	    format=s16le channels=2
}
for _ in $(seq 50); do
	! pactl info >/dev/null 2>&1 || break
	sleep 0.1
done
sink=$(new_sink dai-huyen)
new_sink tram-xa >/dev/null || {
	cat "$tmp/pulse.log"
	exit 1
}

# The shipped example, but for the hours of this test.
root=$tmp/root
mkdir -p "$root/etc" "$root/schedules/$huyen" "$root/schedules/$xa"
sed -e "s|^zone = .*|zone = \"$zone\";|" \
    -e 's|from = "05:00"; to = "06:30";|from = "00:00"; to = "24:00";|' \
    -e '/from = "16:30"/d' -e 's|\(to = "24:00"; }\),|\1|' \
    -e 's|^plausible_clock = .*|plausible_clock = true; loudness = "off";|' \
    etc/cau-ngang.conf >"$root/etc/loaxa.conf"
cp -R "$items/audio" "$items/var" "$root/"

start=$(($(date +%s) + 13))
station=$huyen
slot h-mo 0 3 'item = "h-mo"; start = "hard";'
slot h-huyen 3 4 'segment = "ttdn";'
slot h-chuyen-muc 7 12 'item = "h-chuyen-muc";'
slot h-tinh 20 2 'item = "khong-co"; from_above = true; title = "Của tỉnh";'
slot h-ket 24 6 'item = "h-ket";'
timetable '{ slot = "h-huyen"; items = [ "huyen" ]; }' \
    "Đài Truyền thanh huyện Cầu Ngang" '"Trà Vinh"'
station=$xa
slot x-mo 0 3 'item = "x-mo"; start = "hard";'
slot x-tin 3 4 'item = "tin";'
slot x-huyen 7 4 'segment = "ttdn"; from_above = true;'
slot x-chuyen-muc 11 10 'item = "x-chuyen-muc-cua-xa";'
slot x-ket 24 6 'item = "x-ket";'
timetable '{ slot = "x-huyen"; items = [ "huyen" ]; }' \
    "Trạm truyền thanh xã Ví Dụ" '"Cầu Ngang", "Trà Vinh"'
loaxa check >"$tmp/checked" || wrong "check: $(cat "$tmp/checked")"

# record SINK: into $tmp/SINK.sound, and when that began
record() {
	mkfifo "$tmp/$1.pipe"
	"$build/tests/tool_capture" "$tmp/$1.sound" "$tmp/$1.epoch" \
	    <"$tmp/$1.pipe" &
	capture=$!
	parec --raw --latency-msec=10 --device="$1.monitor" --rate=48000 \
	    --format=s16le --channels=2 >"$tmp/$1.pipe" 2>/dev/null &
	recorders="${recorders:+$recorders }$!"
}
record dai-huyen
captures=$capture
record tram-xa
captures="$captures $capture"
daemon_start || exit 1

# says COMMAND WORDS...: it says each
says() {
	loaxa "$1" >"$tmp/said" 2>&1
	shift
	for words; do
		grep -qF -- "$words" "$tmp/said" ||
		    wrong "\"$words\" not said: $(cat "$tmp/said")"
	done
}
sleep_to 2
says status "($huyen)" "($xa)" "h-mo" "x-mo"
says next "($huyen)" "($xa)" "will not air: file missing: khong-co"
loaxa status --watch >"$tmp/watched" 2>/dev/null &
watch=$!
sleep_to 4.5
kill "$watch" 2>/dev/null
wait "$watch"
for id in $huyen $xa; do
	grep -q "^$id  " "$tmp/watched" || wrong "--watch does not show $id"
done

# The commune's player dies while both sound.
sleep_to 14
for pid in $(children "$daemon" loaxa-player); do
	if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -- "$xa"; then
		kill -9 "$pid"
		killed=yes
	fi
done
[ "${killed:-}" = yes ] || wrong "no player of $xa"
# The district's sink goes while both sound: PulseAudio would move its sound to
# the commune's loudspeaker. It does so with a recorder too, so that one ends.
sleep_to 26.5
kill "${recorders%% *}"
wait "${recorders%% *}"
recorders=${recorders#* }
pactl unload-module "$sink"
sleep_to 30.5
says status "LOST"
daemon_stop
for pid in $recorders; do
	kill "$pid" 2>/dev/null
	wait "$pid"
done
recorders=
for pid in $captures; do
	wait "$pid" || exit 1
done

expect h-mo aired ""
expect h-huyen aired ""
expect h-chuyen-muc aired ""
expect h-tinh not_aired missing_item
expect h-ket aired_partial device_lost
expect x-mo aired ""
expect x-tin aired ""
expect x-huyen aired ""
expect x-chuyen-muc aired_partial rejoined
expect x-ket aired ""
audited

# slot_us NAME: when it begins, by the schedule
slot_us() {
	local_time=$(sed -n "/id = \"$1\"/s/.*at = \"\([^\"]*\).*/\1/p" \
	    "$root/schedules/$huyen.cfg" "$root/schedules/$xa.cfg")
	day=$(TZ=$zone date -d "@$start" +%F)
	echo "$(TZ=$zone date -d "$day $local_time" +%s)000000"
}
# sound SLOT ITEM WORD...: a line of the plan for tool_match; "due" in it is
# the slot's instant with what the log says of it
sound() {
	name=$1
	file=$root/audio/items/$2.flac
	shift 2
	case " $* " in
	*' due '*) set -- "$@" "due=$(slot_us "$name")" \
	    "late=$(records end "$name" | head -n 1 | key late_ms)" ;;
	esac
	echo "sound $name file=$file $*" | sed 's/ due / /; s/ due$//'
}
{
	sound h-mo h-mo due
	sound h-huyen huyen due joined
	sound h-chuyen-muc h-chuyen-muc due
	sound h-ket h-ket due least=48000 most=168000
} >"$tmp/dai-huyen.plan"
frames=$(soxi -s "$root/audio/items/x-chuyen-muc-cua-xa.flac")
left=$(records start x-chuyen-muc | tail -n 1 | key frames_planned)
{
	sound x-mo x-mo due
	sound x-tin tin due joined
	sound x-huyen huyen due
	sound x-chuyen-muc x-chuyen-muc-cua-xa due least=96000 most=168000 fall=4800
	sound x-rejoined x-chuyen-muc-cua-xa skip=$((frames - left)) rise=2400
	sound x-ket x-ket due
} >"$tmp/tram-xa.plan"
for name in dai-huyen tram-xa; do
	echo "== $name"
	"$match" "$tmp/$name.sound" "$(cat "$tmp/$name.epoch")" \
	    "$tmp/$name.plan" >"$tmp/table" || faults=$((faults + 1))
	uniq "$tmp/table"
done

# Would it have noticed? Neither recording is the other station's.
for pair in "dai-huyen tram-xa" "tram-xa dai-huyen"; do
	sound=${pair% *}
	! "$match" "$tmp/$sound.sound" "$(cat "$tmp/$sound.epoch")" \
	    "$tmp/${pair#* }.plan" >/dev/null ||
	    wrong "$sound passes for ${pair#* }"
done

# What one owes is not the other's debt.
says log "$huyen  " "$xa  " \
    "planned 10 = aired 7 + in part 2 + not aired 1 + external 0"
for id in $huyen $xa; do
	n=$(loaxa log | grep -c "^$id  ")
	[ "$n" -eq 1 ] || wrong "log names $id $n times, wanted once a day"
done
when=$(TZ=$zone date -d "@$((start + 1))" '+%F %T')
loaxa what "$when" >"$tmp/said" 2>&1
for words in "$huyen: h-mo" "$xa: x-mo"; do
	grep -qF -- "$words" "$tmp/said" || wrong "what: $(cat "$tmp/said")"
done
for id in $huyen $xa; do
	[ "$(loaxa log --station "$id" --csv | tail -n +2 | cut -d , -f 4 |
	    sort -u)" = "$id" ] ||
	    wrong "log --csv --station $id has other stations"
done
loaxa simulate --from 2026-11-23 --to 2026-11-29 --assume-items \
    >"$tmp/said" 2>&1
for id in $huyen $xa; do
	grep -qx "$id" "$tmp/said" || wrong "simulate: $(cat "$tmp/said")"
done
says owed "($huyen)" "Của tỉnh" "Trà Vinh" "Owed: 1"
loaxa owed --station $xa >/dev/null || wrong "$xa owes what it has aired"
[ $faults -eq 0 ] || cat "$root/daemon.log"
exit $faults
