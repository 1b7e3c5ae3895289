#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The Trung Lộc case (December 2025: sound at 03:15 at night, in public): an old
# schedule in force says 03:15, a cron job says 03:15, the clock says 03:15 and
# is believed, and nothing sounds; the log, status and what say why. What is
# typed and answered is compared with tests/trungloc.txt; --update writes that
# file anew. A session inside the hours, by the same file, does sound. Takes
# about 25 seconds.
#
# It is 03:15 there by a zone of our own making, whose offset fits this second;
# no clock is set, and the station is told nothing else.
set -u
B=${B:-build}
update=${1:-}
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
story=$PWD/tests/trungloc.txt
clean() {
	[ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon"; }
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
zic=$(command -v zic || echo /usr/sbin/zic)
[ -x "$zic" ] || { echo "zic is not installed"; exit 77; }
export LOAXA_LANG=vi

made() {
	noise "$2" 2
}
library_make loa-dem

# zone_to HH:MM:SS: a zone in which it is that time now, and where $start is now
zone_to() {
	start=$(date +%s)
	want=$(echo "$1" | awk -F: '{ print $1 * 3600 + $2 * 60 + $3 }')
	off=$(((want - start % 86400 + 86400) % 86400))
	[ $off -le 43200 ] || off=$((off - 86400))
	sign=
	[ $off -ge 0 ] || { sign=- off=$((-off)); }
	printf 'Zone Xa %s%d:%02d:%02d - XA\n' "$sign" $((off / 3600)) \
	    $((off / 60 % 60)) $((off % 60)) >"$tmp/zone"
	"$zic" -d "$TZDIR" "$tmp/zone"
	zone=Xa
}
cp -R /usr/share/zoneinfo "$tmp/zones" 2>/dev/null
export TZDIR="$tmp/zones"

# type COMMAND: as a person at the prompt; its answer and its exit code. A day,
# an id and a figure that change from run to run are made the same.
type() {
	echo "\$ $1"
	(cd "$root" && PATH=$build:$PATH LOAXA_ROOT=$root sh -c "$1" 2>&1 \
	    </dev/null)
	code=$?
	[ $code -eq 0 ] || echo "[mã kết thúc: $code]"
	echo
} >>"$tmp/typed"
tell() {
	sed 's/^/# /; s/ $//'
	echo
} >>"$tmp/typed"

station=trung-loc
zone_to 03:14:52
station_make "$tmp/root" 'driver = "wav"; file = "var/out/loa.wav";' \
    'from = "05:00"; to = "20:00";'
mkdir -p "$root/etc/hooks"
cp etc/hooks/bao-tin.sh "$root/etc/hooks/"
cat >>"$root/etc/loaxa.conf" <<END
on_event = { command = [ "etc/hooks/bao-tin.sh", "$root/bao-tin.txt" ]; };
END
cat >"$root/schedules/trung-loc.cfg" <<END
station = "trung-loc";
name = "Đài truyền thanh xã Trung Lộc";
slots = (
  { id = "nham-gio"; days = "T2-CN"; at = "03:15:00"; for = "00:00:04";
    item = "loa-dem"; title = "Bản tin hẹn nhầm giờ"; }
);
END
tell <<'END'
Vụ Trung Lộc, tháng 12 năm 2025: loa xã kêu lúc 03:15 sáng. Ở đây lịch ghi 03:15,
việc hẹn giờ của máy cũng gọi lúc 03:15, đồng hồ chỉ 03:15 và được tin. Không có
tiếng nào phát ra, và nhật ký nói vì sao. tests/check_trungloc.sh gõ thật từng
lệnh này trên một đài thật; ngày và mã được thay cho giống nhau.

1. Lịch: kiểm tra thì thấy ngay
END
type 'grep -n "03:15" schedules/trung-loc.cfg'
type 'loaxa check'
tell <<'END'
2. Nhưng lịch cũ đã có hiệu lực từ trước, và đêm nay không ai xem
END
daemon_start
type 'loaxa status'
while [ "$(date +%s)" -lt $((start + 9)) ]; do
	sleep 0.2
done
tell <<'END'
3. 03:15: lịch tới giờ, và việc hẹn giờ của máy (cron) cũng bảo phát
END
type 'loaxa play loa-dem'
while [ "$(date +%s)" -lt $((start + 15)) ]; do
	sleep 0.2
done
tell <<'END'
4. Sau đó: vì sao im
END
type 'loaxa status'
type 'loaxa log'
day=$(TZ=$zone date +%F)
type "loaxa what \"$day 03:15:02\""
type 'cat bao-tin.txt'
daemon_stop

# Every sample that went to the device, if it was opened at all.
sound() {
	if [ -s "$1" ]; then
		sox "$1" -n stat 2>&1 | awk '/^Maximum amplitude/ { m = $3 }
		    /^Minimum amplitude/ { n = $3 } END { print m + 0, n + 0 }'
	else
		echo "0 0"
	fi
}
heard=$(sound "$root/var/out/loa.wav")
[ "$heard" = "0 0" ] || wrong "it sounded: $heard"
expect nham-gio not_aired outside_hours
[ -z "$(records start)" ] || wrong "something was started: $(records start)"
LOAXA_LANG=en
audited
LOAXA_LANG='vi'
tell <<END
5. Đo tiếng đã tới card âm thanh, từ lúc mở đến lúc đóng: lớn nhất và nhỏ nhất
END
echo "mẫu lớn nhất, nhỏ nhất: $heard" >>"$tmp/typed"

# The same file, the same program, inside the hours: it does sound, so the
# measurement above could have failed.
root=
zone_to 16:14:57
station_make "$tmp/day" 'driver = "wav"; file = "var/out/loa.wav";' \
    'from = "05:00"; to = "20:00";'
sed 's/03:15/16:15/' "$tmp/root/schedules/trung-loc.cfg" \
    >"$root/schedules/trung-loc.cfg"
daemon_start
while [ "$(date +%s)" -lt $((start + 9)) ]; do
	sleep 0.2
done
daemon_stop
expect nham-gio aired ""
[ "$(sound "$root/var/out/loa.wav")" != "0 0" ] ||
    wrong "nothing sounds inside the hours either"

y=$(echo "$day" | cut -d- -f1) m=$(echo "$day" | cut -d- -f2)
d=$(echo "$day" | cut -d- -f3)
sed "s|$tmp/root|.|g; s|$day|2025-12-09|g; s|$d/$m/$y|09/12/2025|g
    s|\\([ (]\\)$d/$m|\\109/12|g; s/loaxad [0-9.]*,/loaxad 0.0.0,/
    s/\\(T[2-7]\\|CN\\) 09\\/12/T3 09\\/12/; s/Thứ [A-ZĐ][a-zăâêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹáàãéèíìóòõúùýđ]*, 09\\/12/Thứ Ba, 09\\/12/
    /^loaxad\|^!.* từ\|^ *03:1[45]:[0-9][0-9]$/s/03:1\([45]\):[0-9][0-9]/03:1\1:**/g
    s/[0-9][0-9]* bản ghi/** bản ghi/" \
    "$tmp/typed" >"$tmp/told"
if [ "$update" = --update ]; then
	cp "$tmp/told" "$story"
else
	diff -u "$story" "$tmp/told" || wrong "this is not the story any more"
fi
exit $((faults > 0))
