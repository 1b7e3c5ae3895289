#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tang-am.sh on|off - bật, tắt tăng âm (amply). Ví dụ cho "amplifier" của một đầu ra
# trong etc/loaxa.conf, sau khi chép tệp này vào /etc/loaxa/hooks và cho phép chạy:
#
#	amplifier = { before = [ "/etc/loaxa/hooks/tang-am.sh", "on" ];
#	  after = [ "/etc/loaxa/hooks/tang-am.sh", "off" ]; lead = 120; lag = 30; };
#
# Chọn MỘT cách bên dưới (bỏ dấu # ở dòng "cach"), sửa cổng hay địa chỉ cho đúng, rồi
# mở cho dịch vụ loaxad cái nó cần: loaxad(8), SERVICE. Thử bằng tay trước:
#	sudo -u loaxa /etc/loaxa/hooks/tang-am.sh on; echo $?
# Mã kết thúc 0 nghĩa là lệnh đã gửi được; loaxa chỉ biết có vậy, không biết tăng âm
# đã sáng đèn chưa. Mã khác 0: loaxa báo trong `loaxa status` và thử lại.
#
# Switches the amplifier. As it is shipped it only writes what it was asked for
# to a file, $TANG_AM or the second argument. Both orders may come twice.
set -u
cach=tep
# cach=role		# a relay board on a serial port (CH340, "LCUS-1")
# cach=tasmota		# a plug on the network with Tasmota
# cach=shelly		# a Shelly plug (second generation and later)

cong=/dev/ttyUSB0	# of the relay board
diachi=192.168.1.50	# of the plug: give it a fixed one in the router

# The board's words: A0, the relay's number, 1 or 0, and their sum.
role() {
	stty -F "$cong" 9600 raw -echo || return
	case $1 in
	on) printf '\240\001\001\242' ;;
	off) printf '\240\001\000\241' ;;
	esac >"$cong"
}
# web URL: its answer; fails unless the plug says yes within 5 seconds.
web() {
	curl --silent --show-error --fail --max-time 5 "$1"
}
tasmota() {
	web "http://$diachi/cm?cmnd=Power%20$1" | grep -qi "\"POWER\":\"$1\""
}
shelly() {
	case $1 in
	on) web "http://$diachi/rpc/Switch.Set?id=0&on=true" ;;
	off) web "http://$diachi/rpc/Switch.Set?id=0&on=false" ;;
	esac >/dev/null
}
tep() {
	echo "$1" >"$2"
}

case ${1-} in
on | off) "$cach" "$1" "${2:-${TANG_AM:-/dev/stdout}}" ;;
*)
	echo "tang-am.sh: viết on hoặc off (write on or off)" >&2
	exit 64
	;;
esac
