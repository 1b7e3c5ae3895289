#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A week's sheet as an office makes it, through the commands that a person
# types: every encoding, out and in again, two officers at once, a disk that
# is full at any moment, and the way back.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh
# same WHEN FILE FILE
same() {
	cmp -s "$2" "$3" || fail "$1: $(diff "$2" "$3" | head -n 5)"
}

root=$tmp/root
mkdir "$root"
cp -R "$top/etc" "$root/"
mkdir "$root/schedules"
cp -R "$top/schedules/que-minh" "$top/schedules/que-minh.cfg" \
    "$root/schedules/"
cp "$top/schedules/que-minh-tuan.csv" "$tmp/tuan.csv"
cd "$root" || exit 1
week=schedules/que-minh/2026-W48.cfg
cp "$week" "$tmp/first.cfg"
expect "a person" 0 "registered" loaxa person add --office "Cán bộ" \
    --role officer "Lan Anh"
expect "another" 0 "registered" loaxa person add --office "Cán bộ" \
    --role approver "Minh"

# Every form that the office's Excel saves.
bom='\357\273\277'
cp "$tmp/tuan.csv" "$tmp/utf8.csv"
{ printf '%b' "$bom"; cat "$tmp/tuan.csv"; } >"$tmp/bom.csv"
sed 's/$/\r/' "$tmp/tuan.csv" >"$tmp/crlf.csv"
sed 's/,/;/g' "$tmp/tuan.csv" >"$tmp/semicolon.csv"
sed 's/,/\t/g' "$tmp/tuan.csv" >"$tmp/tab.csv"
sed 's/$/,,,,/; $a\,,,,,,,,,,,\n,,,,,,,,,,,' "$tmp/tuan.csv" >"$tmp/merged.csv"
iconv -f UTF-8 -t UTF-16LE "$tmp/tab.csv" >"$tmp/utf16le.csv"
iconv -f UTF-8 -t UTF-16BE "$tmp/tab.csv" >"$tmp/utf16be.csv"
{ printf '\377\376'; cat "$tmp/utf16le.csv"; } >"$tmp/utf16le-bom.csv"
{ printf '\376\377'; cat "$tmp/utf16be.csv"; } >"$tmp/utf16be-bom.csv"
for form in utf8 bom crlf semicolon tab merged utf16le utf16be utf16le-bom \
    utf16be-bom; do
	# The titles say what is in force: nothing changes.
	expect "the sample week, $form" 0 "Nothing changes" \
	    loaxa load --week 2026-W48 --dry-run "$tmp/$form.csv"
	expect "a timetable from it, $form" 0 'relay = "vov1"' \
	    loaxa load --timetable "$tmp/$form.csv"
	cp "$tmp/out" "$tmp/$form.cfg"
	same "a timetable from it, $form" "$tmp/utf8.cfg" "$tmp/$form.cfg"
done

# What --timetable writes is a timetable.
mkdir -p "$tmp/proposed/schedules"
cp -R etc "$tmp/proposed/"
cp "$tmp/utf8.cfg" "$tmp/proposed/schedules/que-minh.cfg"
expect "the timetable proposed" 0 "No problems" \
    loaxa --root "$tmp/proposed" check

# So is what comes from our own sheet, and with the same ids.
loaxa week --week 2026-W48 --csv >"$tmp/own.csv" || fail "week --csv"
loaxa load --timetable "$tmp/own.csv" >"$tmp/proposed/schedules/que-minh.cfg"
expect "our own timetable proposed" 0 "No problems" \
    loaxa --root "$tmp/proposed" check
for where in "$root" "$tmp/proposed"; do
	grep -o '{ id = "[^"]*"; days = "[^"]*"; at' \
	    "$where/schedules/que-minh.cfg" | sort >"$where/ids"
done
same "our own timetable proposed" "$root/ids" "$tmp/proposed/ids"

# Out, in and out again.
loaxa week --week 2026-W48 --csv >"$tmp/out1.csv" || fail "week --csv"
expect "what is in force" 0 "Nothing changes" \
    loaxa load --dry-run "$tmp/out1.csv"
expect "no week said" 64 "which week?" loaxa load --dry-run "$tmp/tuan.csv"
expect "nobody named" 64 "--by NAME" loaxa load --yes "$tmp/out1.csv"
expect "no right to" 77 "may not order this" \
    loaxa load --yes --by Minh "$tmp/out1.csv"
expect "nobody to ask" 64 "--yes installs it" \
    sh -c "sed 's/ttdn-w48-2/ttdn-w48-3/' '$tmp/out1.csv' |
	loaxa load --by 'Lan Anh' -"
sed 's/ttdn-w48-2/ttdn-w48-3/; s/ban-tin-w48-t2//' "$tmp/out1.csv" \
    >"$tmp/new.csv"
expect "what would change" 0 "2 of 22 slots change" \
    loaxa load --dry-run "$tmp/new.csv"
same "looked only" "$week" "$tmp/first.cfg"
expect "for machines" 0 '"after": []' loaxa load --dry-run --json "$tmp/new.csv"
expect "installed" 0 "is installed" \
    loaxa load --yes --by "Lan Anh" "$tmp/new.csv"
cp "$week" "$tmp/second.cfg"
grep -q 'ttdn-w48-3' "$week" || fail "not in the file"
grep -q '"op":"load".*"result":"done"' var/log/*.jsonl || fail "not in the log"
loaxa week --week 2026-W48 --csv >"$tmp/out2.csv"
same "in and out again" "$tmp/new.csv" "$tmp/out2.csv"
expect "again" 0 "Nothing changes" \
    loaxa load --yes --by "Lan Anh" "$tmp/out2.csv"
same "again" "$week" "$tmp/second.cfg"

# What is wrong changes nothing, and says its line.
printf '\211PNG\r\n\032\n' >"$tmp/picture.csv"
expect "a picture" 65 "this is a PNG picture" \
    loaxa load --yes --by "Lan Anh" "$tmp/picture.csv"
sed '5s/[0-9][0-9]:[0-9]*:[0-9]*/25:61/' "$tmp/new.csv" >"$tmp/bad.csv"
expect "a time that is none" 65 'bad.csv:5: gio_bat_dau: "25:61"' \
    loaxa load --yes --by "Lan Anh" "$tmp/bad.csv"
expect "another week's" 65 "are in the week 2026-W48, not 2026-W49" \
    loaxa load --week 2026-W49 --yes --by "Lan Anh" "$tmp/new.csv"
expect "no such file" 66 "does not exist" \
    loaxa load --yes --by "Lan Anh" "$tmp/none.csv"
same "after what was wrong" "$week" "$tmp/second.cfg"

# The way back, step by step.
sed 's/ttdn-w48-3/ttdn-w48-4/' "$tmp/new.csv" >"$tmp/third.csv"
expect "a third" 0 "is installed" \
    loaxa load --yes --by "Lan Anh" "$tmp/third.csv"
expect "back" 0 "ttdn-w48-3" \
    loaxa load --undo --week 2026-W48 --yes --by "Lan Anh"
same "back" "$week" "$tmp/second.cfg"
expect "back again" 0 "is installed" loaxa load --undo --yes --by "Lan Anh"
same "back again" "$week" "$tmp/first.cfg"
expect "no further" 66 "nothing to go back to" \
    loaxa load --undo --week 2026-W48 --yes --by "Lan Anh"
rm "$week"
expect "a week that had none" 0 "is installed" \
    loaxa load --yes --by "Lan Anh" "$tmp/new.csv"
expect "back to none" 0 "is installed" \
    loaxa load --undo --yes --by "Lan Anh"
grep -q 'program = ()' "$week" || fail "back to none: $(cat "$week")"
cp "$tmp/first.cfg" "$week"

# A week's file that somebody spoilt by hand is replaced; one of another week
# is told.
echo 'week = ' >"$week"
expect "over a spoilt file" 0 "is installed" \
    loaxa load --yes --by "Lan Anh" "$tmp/new.csv"
echo 'week = ' >schedules/que-minh/2026-W47.cfg
expect "beside a spoilt file" 65 "2026-W47.cfg:2: " \
    loaxa load --yes --by "Lan Anh" "$tmp/out1.csv"
cp "$top/schedules/que-minh/2026-W47.cfg" schedules/que-minh/
cp "$tmp/first.cfg" "$week"

# A person at a terminal is asked.
# asked ANSWER: what such a person sees and answers
asked() {
	echo "$1" | script -qec "loaxa load --by 'Lan Anh' '$tmp/new.csv'" \
	    "$tmp/seen" >/dev/null
	code=$?
	sed 1d "$tmp/seen" | tr -d '\r'
	return "$code"
}
if command -v script >/dev/null; then
	expect "asked, and no" 75 "Nothing was changed" asked n
	same "asked, and no" "$week" "$tmp/first.cfg"
	expect "asked, and yes" 0 "is installed" asked y
	grep -q ttdn-w48-3 "$week" || fail "asked, and yes: not installed"
	cp "$tmp/first.cfg" "$week"
fi

# A slot that begins in a minute keeps what it had, and that is said.
soon=$(($(date +%s) + 80))
at() {
	TZ=Asia/Ho_Chi_Minh date -d "@$soon" "+$1"
}
mkdir -p "$tmp/soon/schedules/a"
cp -R etc var "$tmp/soon/"
cat >"$tmp/soon/schedules/a.cfg" <<END
station = "a"; name = "A"; segments = ( { id = "s"; title = "S"; } );
slots = ( { id = "sap"; days = "$(at %a | tr '[:upper:]' '[:lower:]')";
  at = "$(at %T)"; for = "00:01:00"; segment = "s"; } );
END
printf 'muc,tep\nsap,x\n' >"$tmp/soon.csv"
expect "in a minute" 0 "begins within 2 minutes: it keeps what it had" \
    loaxa --root "$tmp/soon" load --week "$(at %G-W%V)" --dry-run \
    "$tmp/soon.csv"

# The disk is full at the n-th write or sync, for every n.
# (A leak cannot be looked for while strace traces.)
if strace -o /dev/null true 2>/dev/null; then
	for call in pwrite64 fsync fdatasync renameat; do
		n=1
		while :; do
			cp "$tmp/first.cfg" "$week"
			ASAN_OPTIONS=detect_leaks=0 \
			    strace -f -o "$tmp/strace" -e "trace=$call" \
			    -e "inject=$call:error=ENOSPC:when=$n" \
			    loaxa load --yes --by "Lan Anh" "$tmp/new.csv" \
			    >"$tmp/out" 2>&1
			code=$?
			grep -q INJECTED "$tmp/strace" || break
			if [ "$code" -eq 0 ]; then
				grep -q ttdn-w48-3 "$week" ||
				    fail "$call $n: said done, is not"
			else
				same "$call $n failed" "$week" "$tmp/first.cfg"
			fi
			n=$((n + 1))
			[ "$n" -lt 40 ] || break
		done
		[ "$code" -eq 0 ] || fail "$call: never done: $(cat "$tmp/out")"
		[ "$n" -gt 1 ] || fail "$call: never called"
	done
	expect "the log after all that" 0 "" loaxa audit
else
	echo "strace may not trace here: the full disk is not tried"
fi
cp "$tmp/first.cfg" "$week"

# Files that come with the sheet, or lie in the inbox, are added on the way.
mkdir -p "$tmp/gui" audio/inbox/que-minh
for hz in 440 550; do
	sox -V1 -R -n -r 48000 -b 16 -c 1 "$tmp/$hz.wav" synth 2 sine $hz gain -9
done
mv "$tmp/440.wav" "$tmp/gui/Tin mới.wav"
mv "$tmp/550.wav" audio/inbox/que-minh/thong-bao-moi.wav
sed 's/ttdn-w48-2/tin moi/; s/ban-tin-w48-t2/thong-bao-moi.wav/' \
    "$tmp/out1.csv" >"$tmp/gui/tuan.csv"
expect "files with the sheet, looked at" 65 "gui/Tin mới.wav" \
    loaxa load --dry-run "$tmp/gui/tuan.csv"
expect "files with the sheet" 0 "tin-moi added" \
    loaxa load --yes --by "Lan Anh" "$tmp/gui/tuan.csv"
{ grep -q '"tin-moi"' "$week" && grep -q '"thong-bao-moi"' "$week"; } ||
    fail "not in the week: $(cat "$week")"
grep -h '"kind":"item"' var/log/*.jsonl |
    grep '"item":"tin-moi"' | grep -q '"by":"p-' || fail "nobody added it"
[ -e audio/inbox/que-minh/da-nhan/thong-bao-moi.wav ] ||
    fail "it is still in the inbox"
cp "$tmp/first.cfg" "$week"

# The same through the daemon.
loaxad >"$tmp/daemon.log" 2>&1 &
daemon=$!
for _ in $(seq 50); do
	loaxa status >/dev/null 2>&1
	[ $? -gt 2 ] || break
	sleep 0.1
done
expect "through the daemon" 0 "is installed" \
    loaxa load --yes --by "Lan Anh" "$tmp/new.csv"
loaxa week --week 2026-W48 --csv >"$tmp/out3.csv"
same "through the daemon" "$tmp/new.csv" "$tmp/out3.csv"
# Two at once: each is done or told to look again, and the file is one's.
loaxa load --yes --by "Lan Anh" "$tmp/out1.csv" >"$tmp/a" 2>&1 &
a=$!
loaxa load --yes --by "Lan Anh" "$tmp/third.csv" >"$tmp/b" 2>&1 &
b=$!
wait "$a"
a=$?
wait "$b"
b=$?
case $a/$b in
0/0 | 0/75 | 75/0) ;;
*) fail "two at once: $a/$b: $(cat "$tmp/a" "$tmp/b")" ;;
esac
loaxa week --week 2026-W48 --csv >"$tmp/out4.csv"
cmp -s "$tmp/out4.csv" "$tmp/out1.csv" ||
    same "two at once" "$tmp/out4.csv" "$tmp/third.csv"
expect "back, through the daemon" 0 "is installed" \
    loaxa load --undo --yes --by "Lan Anh"
kill "$daemon"
wait "$daemon"
daemon=
expect "the log at last" 0 "" loaxa audit
exit "$failed"
