#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bao-tin.sh [TỆP] - một bản ghi nhật ký (JSON, một dòng, từ đầu vào chuẩn) thành
# một câu tiếng Việt, in ra hoặc viết thêm vào TỆP. Ví dụ cho on_event trong
# etc/loaxa.conf, sau khi chép tệp này vào /etc/loaxa/hooks và cho phép chạy
# (loaxa.conf(5), Events, có câu lệnh):
#
#	on_event = { command = [ "/etc/loaxa/hooks/bao-tin.sh", "var/bao-tin.txt" ];
#	  kinds = [ "slot", "boot", "clock" ]; };
#
# Tệp này tự nó không gửi đi đâu. Muốn nhắn qua Zalo, SMS hay thư: chép nó sang
# tên khác và nối chương trình gửi của đơn vị vào chỗ "gui" bên dưới; chương
# trình đó nhận câu ở đầu vào chuẩn. Dịch vụ loaxad bị ngắt mạng: chương trình gửi
# cần mạng thì mở cho nó như loaxad(8) chỉ, hoặc chỉ viết vào TỆP và để một dịch
# vụ khác đọc TỆP mà gửi.
#
# Turns one record of the airing log into a plain sentence. It sends nothing.
# "Đã phát ra hệ thống tăng âm" is all that is known: nobody has listened to the
# loudspeakers.
set -u
out=${1:-/dev/stdout}
IFS= read -r record || exit 1

# Not echo: it would take the backslashes of a title for its own.
say() {
	printf '%s\n' "$1"
}

# text KEY: what stands under it, without JSON's escapes; control characters,
# which JSON writes as \u00XX, are left out.
text() {
	printf '%s\n' "$record" |
	    grep -o "[{,]\"$1\":\"\\(\\\\.\\|[^\"\\\\]\\)*\"" | head -n 1 |
	    sed 's/^[^:]*:"//; s/"$//; s/\\u[0-9a-fA-F]\{4\}//g
		s/\\[bfnrt]/ /g; s/\\\(.\)/\1/g'
}
# number KEY: a whole number, or 0
number() {
	n=$(printf '%s\n' "$record" |
	    grep -o "[{,]\"$1\":-\\{0,1\\}[0-9]\\{1,15\\}[,}]" | head -n 1 |
	    sed 's/^[^:]*://; s/[,}]$//')
	echo "${n:-0}"
}
# at KEY: an instant in UTC as the station's clocks show it. loaxad sets TZ.
at() {
	date -d "$(text "$1" | sed 's/\.[0-9]*Z$/Z/')" "+${2:-%H:%M}" 2>/dev/null ||
	    echo '--:--'
}
# length MILLISECONDS
length() {
	s=$((($1 + 500) / 1000))
	if [ $s -ge 3600 ]; then
		echo "$((s / 3600)) giờ $((s / 60 % 60)) phút"
	elif [ $s -ge 60 ]; then
		echo "$((s / 60)) phút $((s % 60)) giây"
	else
		echo "$s giây"
	fi
}
reason() {
	case $1 in
	late) echo "muộn" ;;
	early) echo "sớm" ;;
	short) echo "ngắn hơn kế hoạch" ;;
	preempted) echo "nhường cho mục khác" ;;
	operator_stop) echo "có người cho dừng" ;;
	device_lost) echo "mất thiết bị âm thanh" ;;
	rejoined) echo "bị gián đoạn rồi phát tiếp" ;;
	power_lost) echo "mất điện" ;;
	process_died) echo "chương trình bị lỗi" ;;
	hours_end) echo "hết khung giờ được phép" ;;
	source_failed) echo "không đọc tiếp được tệp" ;;
	hash_changed) echo "tệp bị thay sau khi duyệt" ;;
	missing_item) echo "thiếu tệp" ;;
	bad_item) echo "tệp hỏng" ;;
	no_signal) echo "nguồn tiếp âm không có tín hiệu" ;;
	not_approved) echo "chưa được duyệt" ;;
	outside_hours) echo "ngoài khung giờ được phép" ;;
	cancelled) echo "đã bỏ khỏi lịch" ;;
	machine_off) echo "máy tính tắt" ;;
	clock_unsure) echo "đồng hồ máy chưa tin được" ;;
	too_late) echo "quá muộn, không phát nữa" ;;
	disabled) echo "đang bị dừng theo lệnh" ;;
	relay_reserved) echo "dành giờ tiếp âm" ;;
	*) say "$1" ;;
	esac
}

slot() {
	name=$(text title)
	[ -n "$name" ] || name=$(text slot)
	why=$(text reason)
	head="$(at planned_utc '%H:%M %d/%m') $(text station), \"$name\":"
	case $(text status) in
	aired)
		say "$head đã phát ra hệ thống tăng âm, $(length "$(number actual_ms)")${why:+ ($(reason "$why"))}." ;;
	aired_partial)
		say "$head CHỈ PHÁT MỘT PHẦN ra hệ thống tăng âm, $(length "$(number actual_ms)") trên $(length "$(number planned_ms)"): $(reason "$why")." ;;
	not_aired)
		say "$head KHÔNG PHÁT: $(reason "$why")." ;;
	external)
		say "$head dành cho tiếp âm; loaxa không biết đài nguồn phát gì." ;;
	*)
		say "$head $(text status) $(reason "$why")" ;;
	esac
}
boot() {
	case $(text cause) in
	power_lost)
		say "$(at utc '%H:%M %d/%m') máy có điện lại, đã tắt $(length "$(number outage_ms)")." ;;
	process_died)
		say "$(at utc '%H:%M %d/%m') chương trình phát được chạy lại, đã ngừng $(length "$(number outage_ms)")." ;;
	*)
		say "$(at utc '%H:%M %d/%m') chương trình phát bắt đầu chạy." ;;
	esac
}
clock() {
	case $(text state) in
	unsure)
		say "$(at utc '%H:%M %d/%m') đồng hồ máy CHƯA TIN ĐƯỢC: không phát gì cho đến khi nối mạng hoặc có người xác nhận." ;;
	*)
		say "$(at utc '%H:%M %d/%m') đồng hồ máy dùng được." ;;
	esac
}

# gui: ở đây là nơi gửi đi. Ví dụ: gui() { /usr/local/bin/gui-zalo --nhom "Đài xã"; }
gui() {
	cat >>"$out"
}

case $(text kind) in
slot) slot ;;
boot) boot ;;
clock) clock ;;
*) exit 0 ;;
esac | gui
