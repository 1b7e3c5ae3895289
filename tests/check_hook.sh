#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# on_event with a real station: what airs and what does not is told in a plain
# sentence of the shipped example, once it is in the log; a command that hangs
# or floods disturbs nothing. Takes about 15 seconds.
set -u
B=${B:-build}
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	[ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon"; }
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
hook=$PWD/etc/hooks/bao-tin.sh

# says WHEN WORDS RECORD: the sentence of the example
says() {
	got=$(printf '%s\n' "$3" | TZ=Asia/Ho_Chi_Minh sh "$hook" 2>&1)
	[ "$got" = "$2" ] || wrong "$1: \"$got\", wanted \"$2\""
}
slot_record() {
	printf '{"v":1,"kind":"slot","seq":9,"station":"que-minh","utc":"2026-11-25T22:01:05.000412Z","slot":"%s","planned_utc":"2026-11-25T22:00:00.000000Z","planned_ms":930000,"title":"%s","status":"%s","reason":"%s","actual_ms":%s,"makeup_of":{"date":"2026-11-20","slot":"khac"}}' "$@"
}
says "aired" '05:00 26/11 que-minh, "Bản tin": đã phát ra hệ thống tăng âm, 15 phút 30 giây.' \
    "$(slot_record tin "Bản tin" aired "" 930000)"
says "no title" '05:00 26/11 que-minh, "mo-dau": đã phát ra hệ thống tăng âm, 1 giây (muộn).' \
    "$(slot_record mo-dau "" aired late 930)"
says "early" '05:00 26/11 que-minh, "x": đã phát ra hệ thống tăng âm, 1 giây (sớm).' \
    "$(slot_record s x aired early 930)"
says "in part" '05:00 26/11 que-minh, "x": CHỈ PHÁT MỘT PHẦN ra hệ thống tăng âm, 1 phút 0 giây trên 15 phút 30 giây: mất điện.' \
    "$(slot_record s x aired_partial power_lost 60000)"
says "not aired" '05:00 26/11 que-minh, "x": KHÔNG PHÁT: ngoài khung giờ được phép.' \
    "$(slot_record s x not_aired outside_hours 0)"
# shellcheck disable=SC1003	# a backslash, and no quote
says "a title that would be another key" \
    '05:00 26/11 que-minh, "a","status":"aired\": KHÔNG PHÁT: tệp hỏng.' \
    "$(slot_record s 'a\",\"status\":\"aired\\' not_aired bad_item 0)"
# It is not meant to be expanded.
# shellcheck disable=SC2016
says "a title that would be a command" \
    '05:00 26/11 que-minh, "$(id); `id` %s": KHÔNG PHÁT: thiếu tệp.' \
    "$(slot_record s '$(id); `id` %%s' not_aired missing_item 0 | sed 's/%%/%/')"
says "after a power cut" '06:00 26/11 máy có điện lại, đã tắt 28 phút 55 giây.' \
    '{"v":1,"kind":"boot","utc":"2026-11-25T23:00:00.000412Z","cause":"power_lost","outage_ms":1735000}'
says "the clock" '06:00 26/11 đồng hồ máy CHƯA TIN ĐƯỢC: không phát gì cho đến khi nối mạng hoặc có người xác nhận.' \
    '{"v":1,"kind":"clock","utc":"2026-11-25T23:00:00.000412Z","state":"unsure"}'
says "a kind it has no words for" "" '{"v":1,"kind":"op","op":"reload"}'
! grep -q 'phát trên loa' "$hook" || wrong "nobody has listened to a loudspeaker"

made() {
	noise "$2" 1.5
}
library_make ngan
station_make "$tmp/root" 'driver = "wav"; file = "var/out/sound.wav";'
cp "$hook" "$root/bao-tin.sh"
chmod 755 "$root/bao-tin.sh"
event() {
	sed -i '/^on_event/d' "$root/etc/loaxa.conf"
	echo "on_event = { $1 };" >>"$root/etc/loaxa.conf"
}
event "command = [ \"bao-tin.sh\", \"$root/told\" ]; kinds = [ \"slot\", \"boot\" ];"
start=$(($(date +%s) + 6))
slot mot 0 2 'item = "ngan"; title = "Mục một";'
slot hai 2 2 'item = "khong-co"; title = "Mục hai";'
slot ba 6 2 'item = "ngan"; title = "Mục ba";'
timetable ""
daemon_start
sleep_to 5
[ -e "$root/told" ] || wrong "nothing was told"
sed 's/^[0-9:]* [0-9/]* //' "$root/told" >"$root/sentences"
cat >"$root/wanted" <<'END'
chương trình phát bắt đầu chạy.
que-minh, "Mục một": đã phát ra hệ thống tăng âm, 2 giây.
que-minh, "Mục hai": KHÔNG PHÁT: thiếu tệp.
END
diff "$root/wanted" "$root/sentences" || wrong "the sentences"
# From now on it hangs, with a child that ignores everybody.
cat >"$root/treo.sh" <<'END'
#!/bin/sh
sh -c "trap '' TERM HUP; sleep 30" &
sleep 30
END
chmod 755 "$root/treo.sh"
event 'command = [ "treo.sh" ]; longest_s = 1;'
loaxa reload >/dev/null || wrong "reload"
sleep_to 10.5
on_time ba
expect ba aired ""
loaxa status >"$root/status"
[ $? -eq 1 ] || wrong "a hook that hangs is not told: $(cat "$root/status")"
grep -q 'on_event' "$root/status" || wrong "status: $(cat "$root/status")"
grep -q '^loaxa_hook_failures_total 1$' "$root/run/metrics.prom" ||
    wrong "metrics: $(grep hook "$root/run/metrics.prom")"
[ -z "$(children "$daemon" treo.sh)" ] || wrong "the hook still runs"
daemon_stop
audited
exit $((faults > 0))
