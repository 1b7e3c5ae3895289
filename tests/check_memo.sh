#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What an officer's phone, dictaphone and messenger record, from the file to
# the air: spoken Vietnamese in eight formats, added in one command, approved,
# aired by the daemon on its timetable, captured, brought to one loudness, and
# compared with what was spoken: by cross-correlation, as no codec keeps a
# sample. Two stations of one daemon share the time.
set -u
# shellcheck source=tests/station.sh
. tests/station.sh
command -v ffmpeg >/dev/null || { echo "ffmpeg is not there"; exit 77; }
speech=$build/tests/tool_speech
tmp=$(mktemp -d)
# shellcheck disable=SC2317	# called by the trap
cleanup() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
mkdir "$tmp/said" "$tmp/phone"

# say N SENTENCE LEVEL [even]: as it was spoken before the microphone, at 48
# kHz, its peak at LEVEL dB; `even` as phones make it, which turn down what is
# loud: espeak's peaks leave no room for -16 LUFS below -1 dBTP.
say() {
	espeak-ng -v vi -s 220 -w "$tmp/raw.wav" "$2"
	sox -V1 -D "$tmp/raw.wav" -r 48000 -b 16 "$tmp/said/$1.wav" \
	    ${4:+compand 0.002,0.1 6:-70,-60,-12 -6} gain -n "$3"
}
say 1 'Mời bà con nghe thông báo của ủy ban nhân dân xã' -18 even
say 2 'Sáng thứ bảy làng gốm mở hội, mời bà con đến dự' -9 even
say 3 'Trạm y tế tiêm phòng cho trẻ em vào sáng thứ năm' -9 even
say 4 'Nước lũ đang lên, bà con khẩn trương gặt lúa sớm' -0.2
say 5 'Điện sẽ bị cắt từ bảy giờ đến mười một giờ trưa' -8 even
say 6 'Hợp tác xã bơm nước vào ruộng từ chiều hôm nay' -6 even
say 7 'Đài truyền thanh xã xin kính chào quý vị thính giả' -20
say 8 'Lớp học xóa mù chữ khai giảng vào tối thứ hai' -3 even

# record N FILE OPTION...: what the phone made of it
record() {
	from=$tmp/said/$1.wav
	to=$tmp/phone/$2
	shift 2
	ffmpeg -nostdin -v error -y -i "$from" "$@" "$to" || wrong "ffmpeg $*"
}
# An iPhone's name: its letters apart from their marks (NFD).
memo=$(printf 'Ghi a\314\202m mo\314\233\314\201i 12.m4a')
record 1 "$memo" -ar 44100 -c:a aac -b:a 64k
record 2 'DS_30001.wma' -ar 44100 -c:a wmav2 -b:a 64k
# Debian's ffmpeg reads AMR and writes none; sox does, at 12.2 kbit/s.
sox -V1 "$tmp/said/3.wav" -r 8000 -c 1 -C 7 -t amr-nb "$tmp/phone/zalo.amr"
record 4 'VID_20261121_053011.mp4' -f lavfi \
    -i testsrc=d=3:s=160x120:r=10 -c:v mpeg4 -c:a aac -b:a 96k
record 5 'AUD-20261121-WA0007.opus' -c:a libopus -b:a 24k
sox -V1 "$tmp/said/6.wav" -r 8000 -c 1 -C 7 -t amr-nb "$tmp/6.amr"
ffmpeg -nostdin -v error -f amr -i "$tmp/6.amr" -c copy \
    "$tmp/phone/Giọng nói 240512_053011.3gp" || wrong "ffmpeg 3gp"
record 7 'Ghi tren may tinh.webm' -c:a libopus -b:a 48k
record 8 'REC0008.aac' -ar 44100 -c:a aac -b:a 64k

root=$tmp/root
station=dai-a
items=$tmp/none # nothing is there yet
station_make "$root" 'driver = "wav"; file = "var/a.wav";'
mkdir -p "$root/schedules/dai-b"
sed -i -e '/loudness/d' \
    -e '/^outputs/s|} );$|}, { station = "dai-b"; driver = "wav"; file = "var/b.wav"; } );|' \
    "$root/etc/loaxa.conf"

# Everything in one command, as it comes from the phone's folder.
loaxa add "$tmp"/phone/* >"$tmp/added" 2>&1 || { cat "$tmp/added"; wrong add; }
ids='ghi-am-moi-12 ds-30001 zalo vid-20261121-053011 aud-20261121-wa0007
giong-noi-240512-053011 ghi-tren-may-tinh rec0008'
loaxa person add --office "Chủ tịch" "Người duyệt" >/dev/null
# shellcheck disable=SC2086	# ids, one a word
loaxa approve --by "Người duyệt" $ids >"$tmp/approved" 2>&1 ||
    { cat "$tmp/added" "$tmp/approved"; wrong approve; }

# Four each, the next on the second on which the last one's slot ends.
start=$(($(date +%s) + 5))
n=0
for id in $ids; do
	[ $n -lt 4 ] && station=dai-a || station=dai-b
	slot "s$((n + 1))" $((n % 4 * 3)) 3 "item = \"$id\"; start = \"hard\";"
	n=$((n + 1))
done
for station in dai-a dai-b; do
	timetable ""
done
daemon_start || exit 1
sleep_to 12.5
for _ in $(seq 50); do
	[ "$(records slot | wc -l)" -lt 8 ] || break
	sleep 0.1
done
daemon_stop
audited

# item KEY ID: a number of its record
item() {
	tr -d ' \n' <"$root/audio/items/$2.json" |
	    sed -n "s/.*\"$1\":\\([-0-9.]*\\).*/\\1/p"
}
# Every source is looked for in both recordings; then again in the band that a
# narrow-band codec has room for, of both. A line a source.
for capture in a b; do
	"$speech" "$root/var/$capture.wav" "$tmp"/said/?.wav >"$tmp/wide-$capture"
	sox -V1 "$root/var/$capture.wav" "$tmp/narrow.wav" sinc 300-3400
	for n in 1 2 3 4 5 6 7 8; do
		sox -V1 "$tmp/said/$n.wav" "$tmp/said/n$n.wav" sinc 300-3400
	done
	"$speech" "$tmp/narrow.wav" "$tmp"/said/n?.wav >"$tmp/narrow-$capture"
done
# found WHICH N FIELD: of source N
found() {
	sed -n "$2p" "$tmp/$1" | cut -d' ' -f"$3"
}

printf '%-28s %8s %6s %6s %7s %6s %6s\n' FILE ms ALIKE OTHER GAIN LUFS WAS
n=0
for id in $ids; do
	n=$((n + 1))
	[ $n -le 4 ] && capture=a || capture=b
	least=0.9
	band=wide
	# AMR makes speech anew from 12.2 kbit/s of parameters.
	case $n in 1 | 4 | 7) level=limit ;; *) level=near ;; esac
	case $n in 3 | 6) least=0.85 band=narrow ;; esac
	expect "s$n" aired ""
	on_time "s$n"
	gain=$(records end "s$n" | key gain_db)
	was=$(item lufs "$id" | cut -c1-6)
	ms=$(found "$band-$capture" $n 1)
	alike=$(found "$band-$capture" $n 2)
	lufs=$(found "wide-$capture" $n 3)
	# One that only the other station aired: not to be found here.
	strange=$(found "$band-$capture" $(((n + 3) % 8 + 1)) 2)
	printf '%-28s %8s %6s %6s %7s %6s %6s\n' "$id" "$ms" "$alike" \
	    "$strange" "$gain" "$lufs" "$was"
	echo "$n $ms" >>"$tmp/places-$capture"
	awk -v a="$alike" -v l=$least 'BEGIN { exit !(a >= l) }' ||
	    wrong "$id: alike by $alike, wanted $least"
	awk -v a="$strange" 'BEGIN { exit !(a < 0.4) }' ||
	    wrong "$id: alike by $strange to what the other station aired"
	# One loudness, within 1 LU; what is recorded too quiet or too hot comes
	# as near as 12 dB and -1 dBTP let it; and the log's figures say so.
	awk -v want=$level -v m="$lufs" -v w="$was" -v g="$gain" \
	    -v p="$(item peak_db "$id")" 'BEGIN {
		level = m + 16
		told = m - w - g
		limit = g > 11.9 || p + g > -1.2
		near = level < 1 && level > -1
		exit !((want == "near" ? near : limit && level < 1) &&
		    told < 1 && told > -1 && p + g <= -0.9 && g <= 12)
	}' || wrong "$id: $lufs LUFS on the air, was $was, gain $gain"
done

# Where they lie says that each began on its slot: 3 s apart.
for capture in a b; do
	awk 'NR == 1 { n = $1; ms = $2 }
	{ d = $2 - ms - ($1 - n) * 3000; if (d > 150 || d < -150) bad = 1 }
	END { exit bad }' "$tmp/places-$capture" || {
		cat "$tmp/places-$capture"
		wrong "the starts are not 3 s apart"
	}
done
[ "$faults" -eq 0 ] || cat "$tmp/added" "$root/daemon.log"
exit $((faults > 0))
