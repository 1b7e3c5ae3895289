#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# demo.sh BUILD - a minute on the air of the Quế Minh station, in the root
# BUILD/demo, made anew each time: a session that starts within 15 seconds, a relay window
# that stays silent, a missing item; then the log and where everything lies.
#
# The sound goes to the live device where there is one, else to PulseAudio
# where it answers, else into a WAV file. LOAXA_DEMO_SINK=wav forces the file.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
root=$build/demo
lead=13			# seconds from here to the first slot

loaxa() {
	"$build/loaxa" --root "$root" "$@"
}

# Spoken and admitted once; later runs find it below BUILD.
sounds=$build/demo-audio
prepare() {
	rm -rf "$sounds"
	mkdir -p "$sounds/etc" "$sounds/schedules"
	cp etc/loaxa.conf "$sounds/etc/"
	sh audio/make-audio.sh "$build" "$sounds" >/dev/null
}
[ -d "$sounds/audio/items" ] || prepare

rm -rf "$root"
mkdir -p "$root/etc" "$root/schedules" "$root/audio" "$root/var"
cp -R "$sounds/audio/items" "$root/audio/"
mkdir -p "$root/var/log"
cp "$sounds"/var/log/*.jsonl "$root/var/log/"
cp "$sounds/var/people" "$root/var/"

# Which way the sound goes.
sink=${LOAXA_DEMO_SINK:-}
if [ -z "$sink" ]; then
	if aplay -l 2>/dev/null | grep -q '^card'; then
		sink=alsa
	elif pactl info >/dev/null 2>&1; then
		sink=pulse
	else
		sink=wav
	fi
fi
case $sink in
alsa)	card=$(aplay -l | sed -n 's/^card [0-9]*: \([^ ]*\) .*/\1/p' | head -n 1)
	output="driver = \"alsa\"; device = \"plughw:CARD=$card\";" ;;
pulse)	output='driver = "pulse";' ;;
*)	output='driver = "wav"; file = "var/out/demo.wav";' ;;
esac

cat >"$root/etc/loaxa.conf" <<EOF
zone = "Asia/Ho_Chi_Minh";
hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
approval = "required";
plausible_clock = true;
relays = ( { id = "vov1"; title = "VOV1"; } );
outputs = ( { station = "que-minh"; $output } );
EOF

# slot NAME SECONDS LENGTH CONTENT: one line of the timetable, so many seconds
# after the session's start, on the weekday that this instant has.
start=$(($(date +%s) + lead))
slot() {
	at=$((start + $2))
	when=$(TZ=Asia/Ho_Chi_Minh date -d "@$at" '+%a %H:%M:%S' | tr '[:upper:]' '[:lower:]')
	printf '  { id = "%s"; days = "%s"; at = "%s"; for = "00:00:%02d"; %s }' \
	    "$1" "${when% *}" "${when#* }" "$3" "$4"
}
week=$(TZ=Asia/Ho_Chi_Minh date -d "@$start" +%G-W%V)
export LC_ALL=C.UTF-8
{
	cat <<-EOF
	station = "que-minh";
	name = "Đài truyền thanh xã Quế Minh";
	above = [ "Quế Sơn", "Quảng Nam" ];
	segments = ( { id = "ttdn"; title = "Thông tin đối ngoại"; } );
	slots = (
	EOF
	slot mo-dau 0 8 'item = "demo-mo-dau"; title = "Mở đầu"; start = "hard";' ; echo ,
	slot ttdn 8 24 'segment = "ttdn";' ; echo ,
	slot vov 32 8 'relay = "vov1"; title = "Tiếp âm VOV1";' ; echo ,
	slot thong-bao 40 6 'item = "demo-thong-bao"; title = "Thông báo (tệp bị thiếu)";' ; echo ,
	slot ket-thuc 46 10 'item = "demo-ket-thuc"; title = "Kết thúc";'
	echo
	echo ');'
} >"$root/schedules/que-minh.cfg"
mkdir -p "$root/schedules/que-minh"
cat >"$root/schedules/que-minh/$week.cfg" <<EOF
week = "$week";
program = ( { slot = "ttdn"; items = [ "demo-ttdn-1", "demo-ttdn-2" ]; } );
EOF

loaxa check || true
echo
loaxa next -n 5 || true	# one item is missing, as the plan of it is
echo

"$build/loaxad" --root "$root" &
daemon=$!
trap 'kill $daemon 2>/dev/null || true' EXIT INT TERM
sleep 0.5
timeout $((lead + 60)) "$build/loaxa" --root "$root" status --watch || true
kill "$daemon"
wait "$daemon" || true
trap - EXIT INT TERM

echo
loaxa log
echo
loaxa audit
echo
echo "$root/var/log	nhật ký phát thanh (airing log)"
echo "$root/schedules	lịch phát (schedule)"
[ "$sink" = wav ] && echo "$root/var/out/demo.wav	âm thanh (sound)"
exit 0
