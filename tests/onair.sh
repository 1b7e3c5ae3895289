#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A session of Que Minh on the air, through libao and PulseAudio, recorded from
# the sink's monitor and compared with its items sample by sample. Prints how
# far from its slot each first sample fell. Takes about a minute.
set -u
tmp=$(mktemp -d)
pulse=
recorder=
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	for pid in $recorder $daemon $pulse; do
		kill "$pid" 2>/dev/null && wait "$pid"
	done
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
lead=13		# seconds to the first slot: a cue goes out 10 s ahead

# A PulseAudio of our own, with a device that is none.
export PULSE_SERVER="unix:$tmp/pulse.sock"
HOME=$tmp XDG_RUNTIME_DIR=$tmp pulseaudio -n --daemonize=no \
    --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes \
    --load="module-null-sink sink_name=loaxa rate=48000 format=s16le channels=2" \
    --load="module-native-protocol-unix socket=$tmp/pulse.sock auth-anonymous=1" \
    >"$tmp/pulse.log" 2>&1 &
pulse=$!

made() {
	case $1 in
	tieng-noi)
		espeak-ng -v vi -s 150 -w "$tmp/voice.wav" \
		    "Uỷ ban nhân dân xã Quế Minh thông báo lịch tiêm phòng." &&
		    sox -V1 -D -R "$tmp/voice.wav" -r 48000 -b 16 -c 1 "$2" \
			gain -n -3 trim 0 4.5
		;;
	hieu) sweep "$2" 4 300-3000 ;;		# fills its slot exactly
	phan-1) noise "$2" 2 ;;
	phan-2) sweep "$2" 2.5 3000-400 ;;
	phan-3) sox -V1 -D -R -n -r 48000 -b 16 -c 2 "$2" \
	    synth 96123s sine 500-900 sine 2100-700 gain -14 ;;	# two sides
	dai) noise "$2" 7 ;;			# longer than its slot
	sau-cat) sweep "$2" 2 500-5000 ;;
	bao) noise "$2" 2.75 ;;
	ket) sweep "$2" 3 5000-200 ;;
	esac
}
library_make hieu tieng-noi phan-1 phan-2 phan-3 dai sau-cat bao ket

station_make "$tmp/root" 'driver = "pulse"; device = "loaxa";'
start=$(($(date +%s) + lead))
slot mo-dau 0 4 'item = "hieu"; start = "hard";'
slot thong-bao 4 5 'item = "tieng-noi";'
slot ttdn 9 7 'segment = "ttdn";'
slot vov 16 4 'relay = "vov1";'
slot bi-cat 20 4 'item = "dai";'
slot sau-cat 24 3 'item = "sau-cat";'
slot thieu 30 3 'item = "khong-co"; title = "Mục thiếu";'
slot bao 33 4 'item = "bao";'
slot ket-thuc 37 4 'item = "ket";'
timetable '{ slot = "ttdn"; items = [ "phan-1", "phan-2", "phan-3" ]; }'

# The recorder begins before the station opens its device. With its own end
# closed at last, tool_capture tells the instant of the first sample.
mkfifo "$tmp/pipe"
"$build/tests/tool_capture" "$tmp/sound" "$tmp/epoch" <"$tmp/pipe" &
capture=$!
parec --raw --latency-msec=10 --device=loaxa.monitor --rate=48000 \
    --format=s16le --channels=2 >"$tmp/pipe" &
recorder=$!
daemon_start || exit 1
sleep_to 42.5
daemon_stop
kill "$recorder" && wait "$recorder"
recorder=
wait "$capture" || exit 1

expect mo-dau aired ""
expect thong-bao aired ""
expect ttdn aired ""
expect vov external relay_reserved
expect bi-cat aired ""
expect sau-cat aired ""
expect thieu not_aired missing_item
expect bao aired ""
expect ket-thuc aired ""
audited

# sound SLOT PART ITEM [WORD...]: a line of the plan for tool_match; a slot's
# later parts are due when the earlier ones have ended
due=0
sound() {
	[ "$2" -gt 0 ] || due=$(slot_us "$1")
	late=$(records end "$1" | grep "\"airing_id\":\"[^\"]*/$(($2 + 1))\"" |
	    key late_ms)
	name=$1.$2
	flac=$root/audio/items/$3.flac
	shift 3
	echo "sound $name due=$due late=${late:-99999} file=$flac $*"
	due=$((due + $(soxi -s "$flac") * 1000000 / 48000))
}
# slot_us NAME: when it begins, by the schedule
slot_us() {
	local_time=$(sed -n "/id = \"$1\"/s/.*at = \"\([^\"]*\).*/\1/p" \
	    "$root/schedules/que-minh.cfg")
	day=$(TZ=$zone date -d "@$start" +%F)
	echo "$(TZ=$zone date -d "$day $local_time" +%s)000000"
}
{
	sound mo-dau 0 hieu
	sound thong-bao 0 tieng-noi joined
	sound ttdn 0 phan-1
	sound ttdn 1 phan-2 joined
	sound ttdn 2 phan-3 joined
	sound bi-cat 0 dai "stop=$(slot_us sau-cat)" fall=2400
	sound sau-cat 0 sau-cat joined
	sound bao 0 bao
	sound ket-thuc 0 ket
	echo "silent vov from=$(slot_us vov) to=$(slot_us bi-cat)"
	echo "silent thieu from=$(slot_us thieu) to=$(slot_us bao)"
} >"$tmp/plan"
"$match" "$tmp/sound" "$(cat "$tmp/epoch")" "$tmp/plan" >"$tmp/table" ||
    faults=$((faults + 1))
cat "$tmp/table"
[ $faults -eq 0 ] || exit 1

# Would it have noticed? Five recordings that are wrong, made of this one.
#
# at NAME: the frame at which it was found
at() {
	awk -v name="$1" '$1 == name && NF == 6 { print $4 }' "$tmp/table"
}
# frames FROM COUNT: of the recording, or of silence
frames() {
	tail -c +$(($1 * 4 + 1)) "$tmp/sound" | head -c $(($2 * 4))
}
nothing() {
	head -c $(($1 * 4)) /dev/zero
}
rest=999999999
# caught WHAT WORDS: the matcher fails on the bad recording and says why
caught() {
	if "$match" "$tmp/bad" "$(cat "$tmp/epoch")" "$tmp/plan" >"$tmp/said"
	then
		wrong "$1 was not noticed"
	else
		grep -q "$2" "$tmp/said" ||
		    wrong "$1: not said: $(grep WRONG "$tmp/said")"
	fi
}
n=$(at bao.0)
{ frames 0 "$n"; nothing 132000; frames $((n + 132000)) $rest; } >"$tmp/bad"
caught "a missing start" "bao.0: its sound never began"
{ frames 0 $((n - 480)); frames "$n" 132000; nothing 480
    frames $((n + 132000)) $rest; } >"$tmp/bad"
caught "a start 10 ms early" "bao.0: [0-9.]* ms from the others"
{ frames 0 $((n + 50000)); frames $((n + 50001)) $rest; } >"$tmp/bad"
caught "a lost frame" "bao.0: differs from its file after 50000"
n=$(at ttdn.2)
{ frames 0 "$n"; nothing 1; frames "$n" $rest; } >"$tmp/bad"
caught "an added frame" "ttdn.2: 1 frames lie between"
n=$(($(at bi-cat.0) - 48000))
{ frames 0 $n; printf '\001\000\000\000'; frames $((n + 1)) $rest; } \
    >"$tmp/bad"
caught "a click in the relay's window" "vov: not silent"
exit $faults
