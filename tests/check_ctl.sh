#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loaxa as a person types it, in roots of its own: every example of loaxa(1),
# words that are wrong, files that are not what they should be, a session on
# the air watched from beside it, and what the log then says.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh

# quiet WHICH WHEN: the last command said nothing there.
quiet() {
	[ ! -s "$tmp/$1" ] || fail "$2: also said on $1: $(cat "$tmp/$1")"
}

# new_root NAME: all hours allowed, sound into a file; stands in it.
new_root() {
	mkdir -p "$tmp/$1/etc" "$tmp/$1/schedules"
	cat >"$tmp/$1/etc/loaxa.conf" <<-'END'
	hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
	approval = "required";
	plausible_clock = true;
	relays = ( { id = "vov1"; }, { id = "tinh"; } );
	outputs = ( { station = "que-minh"; driver = "wav";
	    file = "var/out.wav"; } );
	END
	cd "$tmp/$1" || exit 1
}

start_daemon() {
	loaxad --root . >daemon.out 2>&1 &
	daemon=$!
	n=0
	until [ -S run/control.sock ] || [ "$n" -eq 100 ]; do
		n=$((n + 1))
		sleep 0.1
	done
}

stop_daemon() {
	kill "$daemon"
	wait "$daemon" || fail "loaxad ended with exit code $?"
	daemon=
}

# The manual page's examples, one after the other, as they stand there.
new_root examples
cp -R "$top/schedules" .
cp -R "$top/etc/profiles" etc
sox -n -r 44100 -c 1 lang-gom.wav synth 3 sine 440 vol 0.2
# The bank, as `make audio` and the leader's approval leave it.
loaxa person add --office "Chủ tịch" --role approver "Lãnh đạo" >/dev/null
sox -n -r 44100 -c 1 coi-bao-dong.wav synth 3 sine 800 vol 0.2
sox -n -r 44100 -c 1 lu-ve.wav synth 3 sine 500 vol 0.2
for id in coi-bao-dong lu-ve; do
	loaxa add --id $id --segment khan-cap $id.wav >/dev/null ||
	    fail "$id was not added"
	loaxa approve --by "Lãnh đạo" $id >/dev/null ||
	    fail "$id was not approved"
done
rm coi-bao-dong.wav lu-ve.wav
start_daemon
# What the page shows with its output is compared below.
sed -e '/^\.\\" shown/,/^\.Ed/d' "$top/man/loaxa.1" |
    sed -n 's/^\$ //p' >../commands
[ "$(wc -l <../commands)" -ge 15 ] || fail "loaxa(1) has lost its examples"
while IFS= read -r line; do
	sh -c "$line" >../out 2>../err </dev/null
	code=$?
	case $code,$line in
	0,*) ;;
	1,"loaxa week"* | 1,"loaxa next"* | 1,"loaxa simulate"*) ;; # most items are not there
	[12],"loaxa status") ;; # two stations have no output
	*) fail "loaxa(1), $line: exit code $code: $(cat ../out ../err)" ;;
	esac
done <../commands
stop_daemon

# shown COMMAND CODE: the page shows exactly what it begins to say.
shown() {
	awk -v c="\$ $1" '/^\.Ed/ { on = 0 } on; $0 == c { on = 1 }' \
	    "$top/man/loaxa.1" >../wanted
	expect "loaxa(1), $1" "$2" "$(head -n 1 ../wanted)" sh -c "$1"
	n=$(wc -l <../wanted)
	[ "$n" -gt 1 ] || fail "loaxa(1) does not show $1"
	head -n "$n" "$tmp/out" | cmp -s - ../wanted ||
	    fail "loaxa(1), $1: $(head -n "$n" "$tmp/out" | diff ../wanted -)"
}
[ "$(grep -c '^\.\\" shown' "$top/man/loaxa.1")" -eq 1 ] ||
    fail "loaxa(1) shows output that nothing compares"
sed "/^hours/s/.*/hours = ( { days = \"T2-CN\"; from = \"04:45\"; to = \"06:30\"; }, { days = \"T2-CN\"; from = \"16:30\"; to = \"18:30\"; } );/" \
    etc/loaxa.conf >../conf && cp ../conf etc/loaxa.conf
shown "loaxa check --station que-minh --week 2026-W48 --profile hai-duong-2016" 65
expect "a stricter place" 65 "T7 28/11  17:00-18:30  1:30:00  29:30  no: longer than 45 min" \
    loaxa check --station que-minh --profile vinh-phuc-2022 --week 2026-W48
expect "a profile by its path" 65 "within the profile: 1; not: 12" \
    loaxa check --station que-minh --profile etc/profiles/vinh-phuc-2022.conf --week 2026-W48
expect "a profile as JSON" 65 '"breaks": [' \
    loaxa check --profile vinh-phuc-2022 --week 2026-W48 --json
expect "the site as before" 0 "No problems" loaxa check --week 2026-W48
expect "no such profile" 66 "there is no such file" loaxa check --profile none
expect "a profile that is none" 65 "unknown key" \
    loaxa check --profile etc/loaxa.conf
sed 's/^approval.*/profile = "vinh-phuc-2022";/' etc/loaxa.conf >../conf
cp ../conf etc/loaxa.conf
expect "the same profile installed" 65 "the site allows 00:45:00" loaxa check
head -c 1 week.json | grep -qF '[' || fail "week --json is no list"
head -n 1 asrun.csv | grep -q '^seq,rec,airing_id,.*leaf_hash' ||
    fail "log --csv has no heading"
expect "the record of the approval" 0 "lang-gom-que-minh" \
    grep -h '"kind":"approve"' var/log/airing-*.jsonl
expect "an item that was withdrawn" 0 "withdrawn" loaxa items lang-gom

# The manual page knows every command, and nothing else.
loaxa help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort >../has
sed -n -e 's/^\.It Ic \([a-z]*\).*/\1/p' -e 's/^\.It Xo Ic \([a-z]*\).*/\1/p' \
    "$top/man/loaxa.1" | sort -u >../told
cmp -s ../has ../told || fail "loaxa(1) and loaxa help differ:" \
    "$(diff ../told ../has)"

# Words that are wrong, and help.
expect "no words" 64 "usage: loaxa" loaxa
quiet out "no words"
expect "help" 0 "show a week's programme" loaxa help
quiet err "help"
expect "help for one command" 0 "usage: loaxa approve --by NAME" \
    loaxa help approve
# Every option of every command has its line, in 80 columns in both languages.
while read -r command; do
	loaxa help "$command" >../help
	sed '/^  -/,$d' ../help | tr -c 'a-z-' '\n' |
	    grep -E '^(--[a-z-]+|-[no])$' | sort -u >../has
	sed -n 's/^  \(-[a-z-]*\) .*/\1/p' ../help | sort -u >../told
	cmp -s ../has ../told || fail "help $command:" "$(diff ../has ../told)"
	LC_ALL=C.UTF-8 grep -E '^.{81}' ../help && fail "help $command is wide"
	env LOAXA_LANG=vi loaxa help "$command" |
	    LC_ALL=C.UTF-8 grep -E '^.{81}' && fail "help $command is wide"
done <<END
$(loaxa help | sed -n 's/^  \([a-z]*\) .*/\1/p')
END
expect "each way to write it" 0 "   or: loaxa report --periods" loaxa help report
expect "help as an option" 0 "usage: loaxa week" loaxa week --help
expect "a short name" 1 "que-minh" loaxa we --week 2026-W48
expect "a name two commands share" 64 'may mean: status, stop' loaxa st
expect "no such command" 64 'there is no command "paly"' loaxa paly
expect "no such option" 64 'there is no option --jsno' loaxa week --jsno
expect "a week the year has not" 64 'such as 2026-W48' loaxa week --week 2026-W60
expect "dates the wrong way round" 64 "turn them round" \
    loaxa log --from 2026-11-22 --to 2026-11-20
expect "an empty word to skip" 64 "it takes no words" loaxa skip ""
expect "no such root" 66 "it does not exist" loaxa --root ./none week
expect "a full disk behind the output" 74 "could not be written" \
    sh -c 'loaxa week >/dev/full'
expect "the version" 0 "loaxa " loaxa --version

# Files that are not what they should be.
new_root files
expect "no schedule at all" 65 "there is no schedule" loaxa check
expect "no log yet" 66 "there is no airing log yet" loaxa log
expect "no daemon" 69 "loaxad is not running here" loaxa status
printf 'station = "x";\nslots = (\n { id = "a"; days = "T9"; at = "25:00"; for = "00:01:00"; item = "b"; }\n);\n' \
    >schedules/x.cfg
expect "a faulty schedule" 65 "x.cfg:3: " loaxa check
expect "the same by its name" 65 "x.cfg:3: " loaxa check schedules/x.cfg
expect "a faulty schedule in the week" 65 "x.cfg:3: " loaxa week
expect "a schedule that is not there" 66 "schedules/y.cfg" \
    loaxa check schedules/y.cfg
expect "a file of another name" 65 "ends in .cfg" loaxa check etc/loaxa.conf
cat >schedules/x.cfg <<'END'
station = "x";
name = "Xã Ích";
slots = ( { id = "a"; days = "T2-CN"; at = "17:00"; for = "00:01:00"; item = "tin"; } );
END
expect "a clean schedule" 0 "No problems" loaxa check
expect "what is missing beside it" 0 'no item "tin"' loaxa check
cp etc/loaxa.conf whole.conf
echo '# no programs' >etc/amp.sh
sed 's/var\/out.wav";/&\n    amplifier = { before = [ "none.sh", "on" ];\n    after = "etc"; };/' \
    whole.conf >etc/loaxa.conf
echo 'on_event = { command = [ "etc/amp.sh" ]; };' >>etc/loaxa.conf
expect "a program that is not there" 65 \
    "loaxa.conf:7: amplifier, before: there is no program" loaxa check
expect "a folder as a program" 65 "loaxa.conf:8: amplifier, after: " loaxa check
expect "a program that nobody may execute" 65 \
    "on_event, command: ./etc/amp.sh may not be executed; run: chmod 755" \
    loaxa check
expect "the schedule airs all the same" 65 "Problems: 3, with programs that the station runs" \
    loaxa check
mv whole.conf etc/loaxa.conf
expect "no such station" 66 'no station "nix" here; there is: x' \
    loaxa week --station nix
expect "no such station to check" 66 "no station" loaxa check --station nix
expect "no such station to load" 66 "no station" \
    loaxa load --station nix --by An schedules/x.cfg
expect "no such station to simulate" 66 "no station" loaxa simulate \
    --from 2026-11-26 --to 2026-11-26 --station nix
expect "a site file with a fault" 65 "loaxa.conf:1" \
    sh -c 'echo "hours = 5" >etc/loaxa.conf; loaxa check'
expect "nothing airs without it" 1 "outside the allowed hours" loaxa next
new_root files

long=$(printf 'Tên rất dài %.0s' 1 2 3 4 5 6 7 8 9 10 11 12)
sox -n -r 8000 -c 1 "$long.wav" synth 1 sine 440
# shellcheck disable=SC2016	# a name, not a command
cp "$long.wav" "$(printf 'a\nb\033[2J\042\047;$(x).wav')"
cp "$long.wav" tin.wav
expect "junk" 65 "text, not sound" loaxa add etc/loaxa.conf
expect "an empty file" 65 "empty" sh -c ': >e.mp3; loaxa add e.mp3'
expect "a folder" 65 "etc" loaxa add etc
expect "a file that is not there" 66 "no such file" loaxa add none.wav
expect "a name of 150 bytes" 0 "added" loaxa add "$long.wav"
expect "the same under another name" 73 "this file is in the library already" \
    loaxa add a*.wav
expect "a name with everything in it" 0 "added" loaxa add --again a*.wav
expect "an id for two files" 64 "one file at a time" \
    loaxa add --id x tin.wav tin.wav
expect "good" 0 "tin added" loaxa add --again tin.wav
expect "the same again" 0 "was added before" loaxa add tin.wav
[ "$(grep -c '"kind":"item"' var/log/airing-*.jsonl)" -eq 3 ] ||
    fail "an item that was there already got a second record"
expect "found without its marks" 0 "1 s" loaxa items ten rat dai
expect "not found" 0 "No item has these words" loaxa items xyz
expect "as JSON" 0 '"state": "pending"' loaxa items --json tin

expect "added by nobody" 0 "added or called anew by nobody named" \
    loaxa show tin
expect "by nobody" 64 "--by NAME says who" loaxa approve tin
expect "by a stranger" 67 "is not registered" loaxa approve --by An tin
expect "a person" 0 "is registered" loaxa person add --office "Chủ tịch" "An"
expect "the same person" 0 "was registered before" \
    loaxa person add --office "Chủ tịch" "An"
expect "another An" 0 "is registered" loaxa person add --office "Phó" "An"
expect "which An" 67 "more than one person" loaxa approve --by An tin
expect "one of them" 0 "tin is approved" loaxa approve \
    --by "$(loaxa person list | sed -n 's/ *An *Phó .*//p')" tin
expect "approved before" 0 "was approved before" loaxa approve \
    --by "$(loaxa person list | sed -n 's/ *An *Phó .*//p')" tin
expect "left" 0 "Noted" loaxa person leave \
    "$(loaxa person list | sed -n 's/ *An *Phó .*//p')"
expect "who is left" 0 "to be approved: 2" \
    sh -c 'loaxa items | tr A-Z a-z'
cp tin.wav tin2.wav
expect "an item by its id" 0 "tin2 added" loaxa add --again tin2.wav
cp audio/items/tin.flac audio/items/tin2.flac
printf x >>audio/items/tin2.flac
expect "changed bytes" 65 "the file has changed" loaxa approve --by An tin2
rm audio/items/tin2.flac
expect "no bytes" 66 "there is no item" loaxa approve --by An none
expect "without a reason" 64 "--reason" loaxa withdraw --by An tin
expect "its sound is gone, and still" 0 "tin2 is withdrawn" \
    loaxa withdraw --by An --reason "nhầm" tin2
expect "while another writes" 75 "another program is writing" \
    flock var/log/lock loaxa approve --by An tin
expect "the log is in order" 0 "keeps its promises" loaxa audit
sed -i 's/"seq":2/"seq":7/' var/log/airing-*.jsonl
expect "a log that was touched" 65 "P8" loaxa audit

# What is said of an item: found by it, shown, changed; its approval stays.
new_root captions
echo 'same_person = true;' >>etc/loaxa.conf	# one person does it all here
cp -R "$top/schedules" .
sox -n -r 8000 -c 1 a.wav synth 1 sine 440
sox -n -r 8000 -c 1 b.wav synth 2 sine 440
sox -n -r 8000 -c 1 c.wav synth 3 sine 440
expect "who works here" 0 "registered" loaxa person add --office "Chủ tịch" An
expect "an item with all its labels" 0 "gom added" loaxa add --id gom \
    --title "Làng gốm Quế Minh" --segment ttdn --genre feature \
    --unit "Công an xã" --tag "lễ hội" --tag "làng nghề" \
    --credit "editor=Nguyễn Văn Bình" --credit "announcer=Lê Thị Hoa" \
    --by An a.wav
expect "a name misspelt in the plan" 0 "que added" loaxa add --id que \
    --title "Hình ảnh xã Quê Minh" b.wav
expect "a third" 0 "tin added" loaxa add --id tin --title "Bản tin" c.wav
for words in "que minh" "Quế Minh" "Quê Minh" "QUE MINH"; do
	# shellcheck disable=SC2086
	[ "$(loaxa items --json $words | grep -c '"id"')" -eq 2 ] ||
	    fail "items $words: not both spellings"
done
expect "by a tag" 0 "gom" loaxa items le hoi
expect "by the unit" 0 "gom" loaxa items cong an
expect "by who spoke" 0 "gom" loaxa items le thi hoa
expect "by the segment's title" 0 "gom" loaxa items doi ngoai
expect "of a segment" 0 "gom" loaxa items --segment ttdn
[ "$(loaxa items --segment ttdn --json | grep -c '"id"')" -eq 1 ] ||
    fail "items --segment shows others too"
expect "approved" 0 "gom is approved" loaxa approve --by An gom
loaxa items --unapproved --json | grep -q '"id": "gom"' &&
    fail "items --unapproved shows what is approved"
expect "not approved yet" 0 "tin" loaxa items --unapproved
expect "planned nowhere, never aired" 0 "gom" loaxa items --unused
cp etc/loaxa.conf whole.conf
sed 's/id = "vov1";/& url = "http:\/\/x\/"; fallback = [ "gom" ];/' whole.conf \
    >etc/loaxa.conf
loaxa items --unused --json | grep -q '"id": "gom"' &&
    fail "items --unused shows a relay's fallback"
expect "what uses it" 0 "while the signal of vov1 is lost" loaxa show gom
mv whole.conf etc/loaxa.conf
[ "$(loaxa items --sort added --json | sed -n 's/.*"id": "\(.*\)".*/\1/p' |
    tr '\n' ' ')" = "tin que gom " ] || fail "items --sort added: not by age"
[ "$(loaxa items --sort title --json | sed -n 's/.*"id": "\(.*\)".*/\1/p' |
    tr '\n' ' ')" = "tin que gom " ] || fail "items --sort title: not by title"
expect "sorted by nothing" 64 "--sort is one of" loaxa items --sort size
expect "a genre nobody knows" 64 "--genre is one of: news" \
    loaxa add --genre opera a.wav
expect "nothing to change" 64 "say what is to change" loaxa edit gom
expect "no such item" 66 'no item "none"' loaxa edit --title x none
expect "called anew" 0 "Its approval stays" \
    loaxa edit --title "Gốm Quế Minh" --tag "" --by An gom
expect "and so it is called" 0 "Gốm Quế Minh" loaxa items gom
expect "and still approved" 0 '"state": "approved"' loaxa items --json gom
[ "$(grep -h '"kind":"item"' var/log/airing-*.jsonl | grep -c '"item":"gom"')" \
    -eq 2 ] || fail "edit did not tell the log"
grep -hq 'Lê Thị Hoa' var/log/airing-*.jsonl &&
    fail "the log names a person who cannot be taken out of it"
expect "who made it" 0 "  Lê Thị Hoa" loaxa show gom
expect "who approved it" 0 "approved by An, Chủ tịch" loaxa show gom
expect "under which title" 0 "(3): Làng gốm Quế Minh" loaxa show gom
expect "shown to a program" 0 '"words": [' loaxa show --json gom
expect "shown, but not there" 66 'no item "none"' loaxa show none
expect "withdrawn" 0 "gom is withdrawn" \
    loaxa withdraw --by An --reason "Sai tên" gom
expect "why" 0 "Sai tên" loaxa show gom
expect "and not to air" 0 "only a new approval lets it air again" \
    loaxa show gom
expect "a withdrawal is undone by approving" 0 "gom is approved" \
    loaxa approve --by An gom
expect "and it may air" 0 '"state": "approved"' loaxa items --json gom
expect "the log is in order" 0 "keeps its promises" loaxa audit

# A day of mourning: music is left out, and everybody is told.
expect "the tune is music" 0 "tin is now called" loaxa edit --genre music tin
cat >schedules/que-minh.cfg <<'END'
station = "que-minh";
name = "Đài truyền thanh xã Quế Minh";
slots = (
  { id = "nhac"; days = "T2"; at = "17:00"; for = "00:05"; filler = "tin"; title = "Nhạc chiều"; },
  { id = "bai"; days = "T2"; at = "17:05"; for = "00:05"; item = "gom"; },
  { id = "hat"; days = "T2"; at = "17:10"; for = "00:05"; item = "tin"; }
);
mourning = ( { from = "2027-03-01"; until = "2027-03-02"; reason = "Quốc tang"; } );
END
rm -r schedules/que-minh
expect "the week says so" 0 "17:00:00 Nhạc chiều: silent, no music (Quốc tang)" \
    loaxa week --station que-minh --week 2027-W09
expect "an item of music too" 0 "17:10:00 hat: silent, no music (Quốc tang)" \
    loaxa week --station que-minh --week 2027-W09
expect "and speech goes on" 0 "the week: sessions 1, 5:00 (our own 5:00, relay 0:00); slots 1: ready 1," \
    loaxa week --station que-minh --week 2027-W09
expect "and to a program" 0 '"silent": [' \
    loaxa week --station que-minh --week 2027-W09 --json
expect "the week after" 1 "slots 3: ready 1" \
    loaxa week --station que-minh --week 2027-W10
expect "a dry run: not planned, not missed" 0 "planned 1 = aired 1" \
    loaxa simulate --station que-minh --from 2027-03-01 --to 2027-03-02

# Who only looks leaves no trace.
new_root looking
cp -R "$top/schedules" .
find . | sort >../before
for look in "check" "week" "next" "owed" "items" "items --unused x" "show x" "status" "log" "person list" \
    "what 2026-11-26 05:12" "audit"; do
	# shellcheck disable=SC2086
	loaxa $look >/dev/null 2>&1
done
find . | sort >../after
cmp -s ../before ../after || fail "looking left: $(diff ../before ../after)"

# A dry run that has nothing to run says so; its sum is not of nothing.
new_root dry
dry_run() {
	loaxa simulate --from 2026-11-23 --to 2026-11-29 --assume-items "$@"
}
expect "no schedule to simulate" 66 "there is no schedule" dry_run
cp -R "$top/schedules" .
expect "a week as it would air" 0 "planned 103 = " dry_run --station que-minh
expect "a station that is none" 66 'no station "khac" here; there is: cau-ngang' \
    dry_run --station khac
real_run() {
	loaxa simulate --station que-minh --from 2026-11-26 "$@"
}
expect "what is missing, by name" 1 "ttdn-w48-vi" real_run --to 2026-11-26
expect "its sum" 1 "planned 17 = aired 0 + in part 0 + not aired 14 + external 3" \
    real_run --to 2026-11-26
expect "slot by slot for a script" 1 '"items_in_the_way": [' \
    real_run --to 2026-11-26 --json
expect "a month, by what lacks" 1 "would not" real_run --to 2026-12-26
grep -q "left to the relay *time" "$tmp/out" || fail "a month has no sums"
grep -q "^[0-9:]* *[0-9:]* .* relay$" "$tmp/out" && fail "a month tells what airs"
sed -i 's/"ban-tin-t5"/"ban-tin-t9"/' schedules/que-minh/2026-W48.cfg
expect "a faulty schedule" 65 "2026-W48.cfg:12: " dry_run

# A session on the air, watched from beside it.
new_root air
sox -n -r 48000 -c 1 tin.wav synth 2 sine 440 vol 0.2
expect "an item to air" 0 "added" loaxa add tin.wav
expect "who lets it" 0 "registered" loaxa person add --office "Chủ tịch" An
expect "lets it" 0 "approved" loaxa approve --by An tin
at=$(($(date +%s) + 6))
cat >schedules/que-minh.cfg <<END
station = "que-minh";
name = "Đài truyền thanh xã Quế Minh";
slots = (
  { id = "tin"; days = "T2-CN"; at = "$(date -d @$at +%T)"; for = "00:00:02"; item = "tin"; title = "Bản tin"; },
  { id = "mat"; days = "T2-CN"; at = "$(date -d @$((at + 3)) +%T)"; for = "00:00:04"; item = "mat"; title = "Tin bị mất"; }
);
END
cat >schedules/xa-khac.cfg <<END
station = "xa-khac";
name = "Đài không có đầu ra";
slots = ( { id = "tin"; days = "T2-CN"; at = "$(date -d @$at +%T)"; for = "00:00:02"; item = "tin"; } );
END
expect "a station without an output" 0 \
    "xa-khac.cfg: etc/loaxa.conf names no output" loaxa check
start_daemon
expect "the station before its slot" 2 "Bản tin" loaxa status
expect "the slots to come" 1 "will not air: file missing: mat" loaxa next
loaxa status --watch >../watched 2>../watch-err &
watch=$!
while [ "$(date +%s)" -lt $((at + 9)) ]; do
	sleep 0.2
done
expect "both slots told" 2 "not aired 1" loaxa status
expect "a stop of no station" 66 "there is no such station" \
    loaxa stop --station nix
expect "a stop with an end" 0 "Stopped until " loaxa stop --until 00:00
quiet err "a stop with an end"
expect "the end of a stop" 0 "The stop has ended" loaxa resume
expect "nothing to end" 0 "Nothing was stopped" loaxa resume
stop_daemon
wait "$watch"
[ $? -eq 69 ] || fail "status --watch did not end with the daemon"
grep -q 'Bản tin\|tin 0:0[01]/0:02' ../watched ||
    fail "status --watch did not show it: $(cat ../watched)"
expect "the sum" 0 "planned 2 = aired 1 + in part 0 + not aired 1 + external 0; unscheduled 0 apart" \
    loaxa log --station que-minh
expect "no output, nothing aired" 0 "planned 1 = aired 0 + in part 0 + not aired 1" \
    loaxa log --station xa-khac
expect "what of no station" 66 "no station" \
    loaxa what --station nix "$(date +%Y-%m-%d) 00:01"
expect "the log of no station" 66 'no station "nix"' loaxa log --station nix
mv schedules/xa-khac.cfg ..
expect "a log outlives its timetable" 0 "planned 1 =" \
    loaxa log --station xa-khac
mv ../xa-khac.cfg schedules
expect "and its reason" 0 "sound device lost" loaxa log --station xa-khac
expect "the reason" 0 "file missing" loaxa log
expect "a file is no loudspeaker" 0 "WAV file, not to a sound card" loaxa log
expect "the JSON" 0 '"status": "not_aired"' loaxa log --json
expect "what was on" 0 "approved:  by An, Chủ tịch" \
    loaxa what "$(date -d @$((at + 1)) '+%F %T')"
expect "what was to be on" 0 "not aired: file missing" \
    loaxa what "$(date -d @$((at + 3)) '+%d/%m/%Y %T')"
expect "what nobody can know yet" 0 "still to come" \
    loaxa what "$(date -d '+1 hour' '+%F %T')"
expect "the promises" 0 "keeps its promises" loaxa audit
expect "what was missed" 0 "file missing" loaxa makeup --station que-minh
expect "what would make up for it" 0 'makeup_of = { date = "' loaxa makeup --station que-minh
loaxa makeup --station que-minh >../makeup
sed -n '/^dates/,$p' ../makeup >>schedules/que-minh.cfg
expect "pasted" 0 "No problems" loaxa check
week=$(loaxa makeup --station que-minh --json | sed -n 's/.*"planned_utc": "\(.*\)".*/\1/p')
[ -n "$week" ] || fail "makeup --json shows no miss"
expect "now it is planned" 0 "made up by mat-bu-" loaxa makeup --station que-minh
expect "and the plan says so" 1 "(makes up for mat of" loaxa next -n 9
expect "to a program too" 1 '"makeup_of": {' loaxa next -n 9 --json
mkdir -p audio/inbox
echo "still on its way" >audio/inbox/new.mp3
loaxa add --inbox >../out 2>&1 || fail "add --inbox: $(cat ../out)"
[ -s audio/inbox/new.mp3 ] || fail "what is being copied was touched"
[ -d audio/inbox/que-minh ] || fail "the station got no folder in the inbox"
expect "the inbox, or files" 64 "no files, no --id" loaxa add --inbox x.wav
expect "how far back" 64 "whole number" loaxa makeup --days 0

exit "$failed"
