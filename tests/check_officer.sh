#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The officer's week as he types it, in Vietnamese: the sample week's sheet in
# each form that a spreadsheet saves, an item that is missing, found, added,
# approved by another person, aired into a null sink, and corrected on the next
# day by an inserted item. What is typed and answered is compared with
# tests/officer.txt; --update writes that file anew. Takes about 45 seconds.
#
# The days pass by the zone of the site: Etc/GMT+11 and Etc/GMT-13 show the same
# time of two dates. Nothing else is told to the station than what time it is
# there.
set -u
B=${B:-build}
update=${1:-}
tmp=$(mktemp -d)
pulse=
recorder=
# shellcheck source=tests/station.sh
. tests/station.sh
story=$PWD/tests/officer.txt
clean() {
	for pid in $recorder $daemon $pulse; do
		kill "$pid" 2>/dev/null && wait "$pid"
	done
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
export LOAXA_LANG=vi
PATH=$build:$PATH

# The day before begins to be planned an hour earlier; the next day is 24 hours
# later. Not where a session would meet midnight, or the sample week's times.
west=11
case $(TZ=Etc/GMT+11 date +%H:%M) in
23:5? | 00:0? | 04:5? | 05:0? | 16:5? | 17:0?) west=10 ;;
esac
before=Etc/GMT+$((west + 1)) today=Etc/GMT+$west tomorrow=Etc/GMT-$((24 - west))
day_of() {
	TZ=$1 date -d "@$start" "+$2"
}

# type COMMAND: as a person at the prompt; its answer, and its exit code where
# that is not 0.
part=week
type() {
	echo "\$ $1"
	(cd "$root" && sh -c "$1" 2>&1 </dev/null)
	code=$?
	[ $code -eq 0 ] || echo "[mã kết thúc: $code]"
	echo
} >>"$tmp/told.$part"
# tell: what stands between the commands
tell() {
	sed 's/^/# /; s/ $//'
	echo
} >>"$tmp/told.$part"

# A PulseAudio of our own, with a device that is none.
export PULSE_SERVER="unix:$tmp/pulse.sock"
HOME=$tmp XDG_RUNTIME_DIR=$tmp pulseaudio -n --daemonize=no \
    --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes \
    --load="module-null-sink sink_name=loaxa rate=48000 format=s16le channels=2" \
    --load="module-native-protocol-unix socket=$tmp/pulse.sock auth-anonymous=1" \
    >"$tmp/pulse.log" 2>&1 &
pulse=$!


# speech FILE SECONDS WORDS
speech() {
	espeak-ng -v vi -s 150 -w "$tmp/voice.wav" "$3" &&
	    sox -V1 -D -R "$tmp/voice.wav" -r 48000 -b 16 -c 1 "$1" \
		gain -n -3 pad 0 "$2" trim 0 "$2"
}

# The clone, with the sample week as the one after this: where it lies changes
# with the date of the run, and the story calls it 2026-W48.
start=$(date +%s)
monday=$(date -d "$(day_of "$tomorrow" %F) -$(($(day_of "$tomorrow" %u) - 1)) days" +%F)
week_of() {
	date -d "$monday $1 days" +%G-W%V
}
root=$tmp/root
mkdir -p "$root/schedules/que-minh" "$tmp/wav"
cp -R etc "$root/"
cp schedules/que-minh-tuan.csv "$root/tuan.csv"
sed '/^# Ngày khác thường/,$d' schedules/que-minh.cfg >"$tmp/que-minh.cfg"
cp "$tmp/que-minh.cfg" "$root/schedules/"
for n in -14 -7 0; do
	sed "s/2026-W47/$(week_of $n)/" schedules/que-minh/2026-W47.cfg \
	    >"$root/schedules/que-minh/$(week_of $n).cfg"
done
sed "s/2026-W48/$(week_of 7)/" schedules/que-minh/2026-W48.cfg \
    >"$root/schedules/que-minh/$(week_of 7).cfg"
zone_is() {
	zone=$1
	cat >"$root/etc/loaxa.conf" <<-END
	zone = "$1";
	hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
	approval = "required";
	plausible_clock = true;
	loudness = "off";
	relays = ( { id = "vov1"; title = "VOV1"; },
	           { id = "tinh"; title = "Đài tỉnh"; } );
	outputs = ( { station = "que-minh"; driver = "pulse"; device = "loaxa"; } );
	END
}
zone_is "$before"

# What the station has already: every item of both weeks.
n=100
ids='"[a-z0-9-]*-w4[78][a-z0-9-]*"\|\(item\|filler\) = "[a-z-]*"'
grep -ho "$ids" schedules/que-minh.cfg schedules/que-minh/2026-W4[78].cfg |
    sed 's/.*= //; s/"//g' | sort -u >"$tmp/ids"
while read -r id; do
	n=$((n + 1))
	noise "$tmp/wav/$id.wav" "$(echo $n | sed 's/..$/.&/')" </dev/null
done <"$tmp/ids"
sweep "$tmp/wav/mo-dau.wav" 2 300-3000
noise "$tmp/wav/ket-thuc.wav" 2
{
	loaxa add --again "$tmp"/wav/*.wav
	loaxa edit --title "Mở đầu" mo-dau
	loaxa edit --title "Kết thúc" ket-thuc
	loaxa person add --office "Chủ tịch UBND xã" --role approver \
	    "Nguyễn Văn Hòa"
	# Ids hold no spaces: they are meant to be split.
	# shellcheck disable=SC2046
	loaxa approve --by "Nguyễn Văn Hòa" \
	    $(basename -s .wav -a "$tmp"/wav/*.wav)
} >"$tmp/library.log" 2>&1 || { cat "$tmp/library.log"; exit 1; }
speech "$root/tiem chung.wav" 4 \
    "Sáng thứ sáu tuần này, trạm y tế xã tổ chức tiêm chủng cho trẻ nhỏ."
speech "$root/dinh chinh.wav" 4 \
    "Đính chính: tiêm chủng là sáng thứ bảy tuần này."

tell <<'END'
Một tuần của cán bộ đài xã: nạp bảng tính, xem lại, thấy một bài còn thiếu, bổ
sung, người khác duyệt, phát, và hôm sau đính chính. tests/check_officer.sh gõ
thật từng lệnh này trên một đài thật; ngày giờ và các mã được thay bằng một bộ
cố định để mỗi lần chạy so được với tệp này.

1. Bảng tính của văn phòng

Đài Quế Minh đã có người duyệt và kho âm thanh. Lan, cán bộ văn hóa, được đăng
ký. Lịch tuần của chị là một bảng như sau.
END
type 'loaxa person add --office "Công chức Văn hóa - Xã hội" --role officer "Phạm Thị Lan"'
type 'loaxa person list'
type 'head -n 4 tuan.csv'
tell <<'END'
Mỗi máy lưu bảng tính một kiểu: UTF-8, UTF-8 có BOM và xuống dòng của Windows,
dấu chấm phẩy, dấu tab, UTF-16 của Excel. Cả năm đều đọc được, và đều nói đúng
lịch đang dùng.
END
{ printf '\357\273\277'; sed 's/$/\r/' "$root/tuan.csv"; } >"$root/tuan-bom.csv"
sed 's/,/;/g' "$root/tuan.csv" >"$root/tuan-cham-phay.csv"
sed 's/,/\t/g' "$root/tuan.csv" >"$root/tuan-tab.csv"
{
	printf '\377\376'
	sed 's/,/\t/g; s/$/\r/' "$root/tuan.csv" | iconv -f UTF-8 -t UTF-16LE
} >"$root/tuan-utf16.csv"
for form in '' -bom -cham-phay -tab -utf16; do
	type "loaxa load --week $(week_of 7) --by 'pham thi lan' --yes tuan$form.csv"
done
tell <<'END'
Bảng do loaxa ghi ra có thêm mã mục (muc) và mã bài (tep). Lan thay bài của bản
tin thứ Năm, lưu bằng Excel (UTF-16), xem thử rồi nạp.
END
type "loaxa week --csv --week $(week_of 7) > moi.csv; grep ',ban-tin-t5,' moi.csv"
{
	printf '\377\376'
	sed '1s/^\xef\xbb\xbf//; s/thong-bao-w48/tiem-chung-w48/' "$root/moi.csv" |
	    iconv -f UTF-8 -t UTF-16LE
} >"$root/moi-utf16.csv"
type "loaxa load --dry-run moi-utf16.csv"
type "loaxa load --yes --by 'Phạm Thị Lan' moi-utf16.csv"

tell <<'END'
2. Còn thiếu gì? Bổ sung và duyệt
END
thursday=$(date -d "$monday 10 days" +%d/%m/%Y)
type "loaxa week --week $(week_of 7) | sed -n '\\|Năm $thursday|,/^\$/p'"
type "loaxa check --week $(week_of 7)"
type "loaxa items tiem chung"
type "loaxa add --id tiem-chung-w48 --title 'Thông báo tiêm chủng' --segment ban-tin --genre 'tin' --unit 'Trạm y tế xã' --credit 'biên tập viên=Phạm Thị Lan' --by 'Phạm Thị Lan' 'tiem chung.wav'"
type "loaxa items tiem chung"
type "loaxa approve --by 'Phạm Thị Lan' tiem-chung-w48"
type "loaxa approve --by 'Nguyễn Văn Hòa' tiem-chung-w48"
type "loaxa show tiem-chung-w48"
type "loaxa check --week $(week_of 7)"
type "loaxa week --week $(week_of 7) | tail -n 3"

tell <<'END'
3. Lên sóng

Hôm nay và ngày mai lịch thường nghỉ. Cuối tệp lịch của đài ghi thêm: hôm nay có
một buổi riêng.
END
part=air
start=$(($(date +%s) + 13))
time_at() {
	TZ=$today date -d "@$((start + $1))" +%T
}
# dates [EXTRA]: the timetable with these two dates, the second's slots given
dates() {
	cat "$tmp/que-minh.cfg"
	cat <<-END
	dates = (
	  { date = "$(day_of "$today" %F)"; use = "none"; reason = "Hội nghị xã";
	    extra = (
	      { id = "hn-mo-dau"; at = "$(time_at 0)"; for = "00:00:02";
	        title = "Mở đầu"; item = "mo-dau"; start = "hard"; },
	      { id = "hn-ban-tin"; at = "$(time_at 2)"; for = "00:00:04";
	        segment = "ban-tin"; },
	      { id = "hn-ket-thuc"; at = "$(time_at 6)"; for = "00:00:02";
	        title = "Kết thúc"; item = "ket-thuc"; } ); },
	  { date = "$(day_of "$tomorrow" %F)"; use = "none"; reason = "Hội nghị xã";$1 }
	);
	END
}
dates "" >"$root/schedules/que-minh.cfg"
mkfifo "$tmp/pipe"
"$build/tests/tool_capture" "$tmp/sound" "$tmp/epoch" <"$tmp/pipe" &
capture=$!
parec --raw --latency-msec=10 --device=loaxa.monitor --rate=48000 \
    --format=s16le --channels=2 >"$tmp/pipe" &
recorder=$!
this=$(day_of "$today" %G-W%V)
type "sed -n '/^dates/,\$p' schedules/que-minh.cfg"
type "loaxa week --csv --week $this | sed 's/,hn-ban-tin,/&tiem-chung-w48/' > hom-nay.csv; grep ',hn-' hom-nay.csv"
type "loaxa load --yes --by 'Phạm Thị Lan' hom-nay.csv"
zone_is "$today"
daemon_start || exit 1
tell <<'END'
Đến giờ: loaxad đang chạy.
END
type "loaxa next -n 3"
sleep_to 3.5
type "loaxa status"
sleep_to 8.6
type "loaxa log"
type "loaxa what $(day_of "$today" %F) $(time_at 3)"
daemon_stop

tell <<'END'
4. Hôm sau: đính chính

Bài đã phát nói nhầm ngày tiêm: ông Hòa thu hồi. Lan làm bài đính chính, ông Hòa
duyệt, và bảng tuần sau cũng đổi sang bài ấy.
END
zone_is "$tomorrow"
daemon_start || exit 1
type "loaxa withdraw --by 'Nguyễn Văn Hòa' --reason 'Nhầm ngày tiêm' tiem-chung-w48"
type "loaxa add --id dinh-chinh-w48 --title 'Đính chính thông báo tiêm chủng' --segment ban-tin --genre 'đính chính' --by 'Phạm Thị Lan' 'dinh chinh.wav'"
type "loaxa approve --by 'Nguyễn Văn Hòa' dinh-chinh-w48"
iconv -f UTF-16 -t UTF-8 "$root/moi-utf16.csv" |
    sed 's/tiem-chung-w48/dinh-chinh-w48/' |
    iconv -f UTF-8 -t UTF-16 >"$root/moi-2.csv"
type "loaxa load --yes --by 'Phạm Thị Lan' moi-2.csv"
tell <<'END'
Không đợi tuần sau: Lan chèn một mục vào lịch hôm nay, kiểm tra, đưa vào sử dụng
rồi phát thử trên giấy.
END
later=$(($(date +%s) + 13 - start))
dates "
    extra = (
      { id = \"dinh-chinh\"; at = \"$(time_at $later)\"; for = \"00:00:04\";
        title = \"Đính chính\"; item = \"dinh-chinh-w48\"; start = \"hard\"; } );" \
    >"$root/schedules/que-minh.cfg"
type "tail -n 7 schedules/que-minh.cfg"
type "loaxa check | tail -n 1"
type "loaxa reload"
next=$(day_of "$tomorrow" %F)
type "loaxa week | sed -n '\\|$(day_of "$tomorrow" %d/%m/%Y)|,/^\$/p'"
type "loaxa simulate --from $next --to $next"
sleep_to $((later + 5))
tell <<'END'
Đã phát xong.
END
type "loaxa log"
type "loaxa show dinh-chinh-w48"
type "loaxa audit"
daemon_stop
kill "$recorder" && wait "$recorder"
recorder=
wait "$capture" || exit 1

# What was recorded is as loud as the item, at its time, and nothing before it.
# (onair.sh compares sample by sample; here the machine may be busy.)
#
# rms SOX-INPUT... : its root mean square, from 0 to 1
rms() {
	sox -V1 "$@" -n stat 2>&1 | sed -n 's/^RMS  *amplitude: *//p'
}
# part_of FROM LENGTH: of the recording, in seconds from the first slot
part_of() {
	skip=$(awk "BEGIN { print $start + $1 - $(cat "$tmp/epoch") / 1e6 }")
	sox -V1 -t raw -r 48000 -e signed -b 16 -c 2 "$tmp/sound" \
	    "$tmp/part.wav" trim "$skip" "$2"
	rms "$tmp/part.wav"
}
# heard AT LENGTH ITEM
heard() {
	awk "BEGIN { got = $(part_of "$1" "$2"); item = $(rms \
	    "$root/audio/items/$3.flac"); exit !(item > 0.01 &&
	    got > 0.9 * item && got < 1.1 * item) }" || wrong "$3 is not heard"
}
# quiet AT LENGTH
quiet() {
	[ "$(part_of "$1" "$2")" = 0.000000 ] || wrong "sound before $1 s"
}
quiet -1 0.9
heard 0 2 mo-dau
heard 2 4 tiem-chung-w48
heard 6 2 ket-thuc
quiet $((later - 2)) 1.9
heard "$later" 4 dinh-chinh-w48
on_time hn-mo-dau hn-ban-tin hn-ket-thuc dinh-chinh
for slot in hn-mo-dau hn-ban-tin hn-ket-thuc dinh-chinh; do
	expect "$slot" aired ""
done

# The story's dates, times, ids and measures in the place of this run's: by marks
# first, because one date may look like another.
# date_rule DATE MARK / mark_rule MARK DATE
date_rule() {
	date -d "$1" "+s|%F|@$2y@|g;s|%d/%m/%Y|@$2d@|g"
}
mark_rule() {
	date -d "$2" "+s|@$1y@|%F|g;s|@$1d@|%d/%m/%Y|g"
}
# time_rule SECOND STORY: both from the first slot's
time_rule() {
	echo "s|$(time_at "$1")|$(TZ=UTC date -d "@$((17 * 3600 + $2))" +@%H.%M.%S@)|g"
}
marks() {
	date_rule "$(day_of "$today" %F) -1 day" a	# an hour earlier
	date_rule "$(day_of "$today" %F)" a
	date_rule "$(day_of "$tomorrow" %F)" b
	for n in 7 8 9 10 11 12 13; do
		date_rule "$monday $n days" "$n"
	done
	echo "s|$(week_of 7)|@week@|g;s|$this|2026-W47|g;s|@week@|2026-W48|g"
}
# What no one can foretell is shown as stars.
stars() {
	cat <<-'END'
	s/\(Thứ [^ ]*\|Chủ nhật\) @ad@ (..)/Thứ Năm @ad@ (T5)/
	s/\(Thứ [^ ]*\|Chủ nhật\) @bd@ (..)/Thứ Sáu @bd@ (T6)/
	s/\(T[2-7]\|CN\)\([ ,]\)@ad@/T5\2@ad@/
	s/\(T[2-7]\|CN\)\([ ,]\)@bd@/T6\2@bd@/
	s/\(@ad@\),[^,]*,/\1,chiều,/
	s/\bp-[0-9a-f]\{8\}/p-********/g
	s/\b[0-9a-f]\{8\}[0-9a-f]\{56\}\b/********/g
	s/-[0-9][0-9],[0-9]/-**,*/g
	s/đỉnh -[0-9,]*/đỉnh -*,*/
	/^  thêm vào\|thêm hoặc đổi tên: \|duyệt: .*([0-9]*)$/ {
	s/\(@[ab]d@\) [^ ]*/\1 **:**:**/
	s/([0-9]*)/(***)/
	}
	s/bản ghi [0-9]\+/bản ghi ***/
	END
}
dates_told() {
	mark_rule a 2026-11-19
	mark_rule b 2026-11-20
	for n in 7 8 9 10 11 12 13; do
		mark_rule "$n" "2026-11-16 $n days"
	done
}
# A start may be told a few milliseconds early: that is the second before.
clock_rules() {
	time_rule -1 0
	time_rule 1 2
	time_rule 5 6
	time_rule $((later - 1)) 30
	n=-60
	while [ $n -lt 120 ]; do
		time_rule $n $((n < 12 ? n : 30 + n - later))
		n=$((n + 1))
	done
	cat <<-'END'
	s/^\(T[2-7]\|CN\) @17/T5 @17/
	s/^loaxad .*; đồng hồ/loaxad *.*.*, 19\/11\/2026 **:**:**; đồng hồ/
	s/[0-9]* bản ghi/*** bản ghi/
	s/0:0[0-9] trên 0:04/0:0* trên 0:04/
	s/ [+-]0,0[0-9][0-9] / +0,0** /
	s/1 trên [0-9]* mục thay đổi/1 trên ** mục thay đổi/
	s/\(số mục phát đến \)[^:]*: [0-9]*/\1**\/**\/****: ***/
	s/@\(..\)\.\(..\)\.\(..\)@/\1:\2:\3/g
	END
}
{ marks; stars; dates_told; } >"$tmp/rules.week"
{ clock_rules; marks; stars; dates_told; } >"$tmp/rules.air"
for part in week air; do
	sed -f "$tmp/rules.$part" "$tmp/told.$part"
done | cat -s >"$tmp/told"
if [ "$update" = --update ]; then
	cp "$tmp/told" "$story"
else
	diff -u "$story" "$tmp/told" || wrong "this is not the story any more"
fi
exit $faults
