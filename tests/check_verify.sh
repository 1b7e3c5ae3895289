#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A simulated month is signed by the daemon, verified by `loaxa verify`, and by
# the auditor's recipe of loaxa-log(5) with openssl and Python; what is changed
# in it is named by both. A week of it as a log book and as a report: what they
# say is what `loaxa log --json` says.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh

# run_daemon [TREE]: it comes up, begins that tree, and is stopped
run_daemon() {
	loaxad --root "$root" 2>>"$tmp/daemon.log" &
	daemon=$!
	until loaxa --root "$root" status >"$tmp/out" 2>&1 || [ $? -le 2 ]; do
		kill -0 "$daemon" || return 1
		sleep 0.1
	done
	for _ in $(seq 50); do
		[ -z "${1:-}" ] || grep -q "\"origin\":\".*/log/$1\"" "$log" &&
		    break
		sleep 0.1
	done
	kill "$daemon"
	wait "$daemon"
	daemon=
}

root=$tmp/root
log=$root/var/log/airing-2026-11.jsonl
mkdir -p "$root/etc" "$root/schedules" "$root/var/log"
cp etc/loaxa.conf "$root/etc"
cp -R schedules/que-minh.cfg "$root/schedules"
loaxa --root . simulate --from 2026-11-01 --to 2026-11-30 --station que-minh \
    --assume-items --log >"$log" || fail "nothing was simulated"
records=$(wc -l <"$log")

expect "a report that is due" 0 "9 days left" loaxa --root "$root" report \
    --save "Báo cáo năm" --from 2026-11-01 --to 2026-11-30 \
    --due "$(date -d '+10 days' +%F)"
# It signs what it finds, and what it writes itself, when it is stopped at the
# latest.
run_daemon
grep -q '! Report "Báo cáo năm" .* 9 days left' "$tmp/out" ||
    fail "status reminds of no report: $(cat "$tmp/out")"
all=$(wc -l <"$log")
[ "$all" -gt "$records" ] || fail "the daemon wrote nothing"
[ "$(sed -n 2p "$root/var/tree/v1/checkpoint")" = "$all" ] ||
    fail "of $all records were signed:" "$(cat "$root/var/tree/v1/checkpoint")"
[ "$(stat -c %a "$root/var/key" "$root/var/key/station.key" | xargs)" = \
    "700 600" ] || fail "others may read the key"
seed=$(cut -d' ' -f2 "$root/var/key/station.key")
grep -rqF -- "$seed" "$root/var/tree" "$root/var/log" "$tmp/daemon.log" &&
    fail "the key was told"

vkey=$(cat "$root/var/tree/v1/vkey")
expect "unchanged" 0 "The log is what the station signed." \
    loaxa --root "$root" verify --key "$vkey"
expect "elsewhere" 0 "found unchanged in the log: $all;" \
    loaxa verify --key "$root/var/tree/v1/vkey" "$root"
expect "a tree by itself" 0 "no log was compared with it" \
    loaxa verify --key "$vkey" "$root/var/tree"
mv "$root/var/log" "$tmp/log.away"
expect "a log that is gone" 66 "var/log: it does not exist" loaxa verify "$root"
mv "$tmp/log.away" "$root/var/log"
expect "a log for a proof" 65 "this is no proof" loaxa verify "$log"
expect "as JSON" 0 "\"unchanged\": $all" loaxa verify --json "$root/var"

# What an airing was, in one file.
airing=$(sed -n 's/.*"kind":"end".*"airing_id":"\([^"]*\)".*/\1/p' "$log" |
    sed -n 200p)
slot=${airing%/*}
cd "$tmp" || exit 1
expect "an airing" 0 "the proof of $airing" \
    loaxa --root "$root" prove --alone "$airing" -o a.tlog-proof
expect "once" 73 "is there already" \
    loaxa --root "$root" prove --alone "$airing" -o a.tlog-proof
expect "a slot" 0 "the proof of $slot" \
    loaxa --root "$root" prove --alone "$slot"
expect "a record" 0 "the proof of 17" loaxa --root "$root" prove --bare 17
expect "none" 66 "knows nothing of" \
    loaxa --root "$root" prove que-minh/2026-11-02/x/1
expect "no airing" 64 "names no airing" loaxa --root "$root" prove x
expect "beyond the log" 66 "is not in the log: its last one is $((all - 1))" \
    loaxa --root "$root" prove 99999
echo "{\"v\":1,\"kind\":\"op\",\"seq\":$all,\"station\":\"\"}" >>"$log"
expect "not signed" 75 "is in no signed tree" loaxa --root "$root" prove "$all"
sed -i '$d' "$log"
cp a.tlog-proof kept
expect "a proof that the disk does not take" 70 "a.tlog-proof:" sh -c \
    'trap "" XFSZ; ulimit -f 1; exec "$@"' sh \
    loaxa --root "$root" prove --alone --replace "$airing" -o a.tlog-proof
cmp -s kept a.tlog-proof || fail "a proof that was to be replaced is gone"
[ ! -e a.tlog-proof.part ] || fail "half a proof stays"
expect "one that is replaced" 0 "the proof of $airing" \
    loaxa --root "$root" prove --alone --replace "$airing" -o a.tlog-proof
cmp -s kept a.tlog-proof || fail "the same proof is another"
# The records' published copies stay small beside the log.
bundle=$root/var/tree/v1/tile/entries/000
[ $(($(stat -c %s "$bundle") * 10)) -le "$(head -n 256 "$log" | wc -c)" ] ||
    fail "256 records take $(stat -c %s "$bundle") bytes once more"
[ "$(gzip -dc <"$bundle" | tail -c +3 | head -c 16)" = '{"v":1,"kind":"b' ] ||
    fail "gzip does not unpack a bundle"
expect "without the record that is brought" 66 "nowhere.json" \
    loaxa verify --key "$vkey" --record nowhere.json a.tlog-proof
expect "the airing's" 0 "airing: $airing" \
    loaxa verify --key "$vkey" a.tlog-proof
expect "the slot's" 0 "slot: ${slot##*/}" loaxa verify --key "$vkey" \
    "$(echo "$slot" | tr / _).tlog-proof"
sed -n 18p "$log" >17.json
expect "without its record" 65 "give the line" \
    loaxa verify --key "$vkey" 17.tlog-proof
expect "with its record" 0 "as the station signed it: leaf 17" \
    loaxa verify --key "$vkey" --record 17.json 17.tlog-proof
[ "$(wc -c <17.tlog-proof)" -le 1300 ] || fail "a bare proof is too long"
LOAXA_ROOT=$top expect "whose" 64 "give it with --key" \
    loaxa verify a.tlog-proof

# The auditor's recipe, as it is printed.
mandoc -T ascii "$top/man/loaxa-log.5" | sed 's/.\x08//g' >page
recipe() { # N: the N-th example of that section
	awk -v n="$1" '/^[A-Z]/ { on = /^CHECKING WITHOUT/; next }
	    on && /^           / { if (!was) k++; was = 1
		if (k == n) print substr($0, 12); next }
	    on && !/^$/ { was = 0 }' page
}
recipe 1 >signature.sh
recipe 2 >root.py
recipe 4 >proof.py
cp -R "$root/var" copy
said() { # WHEN WORDS COMMAND...
	when=$1 words=$2
	shift 2
	(cd copy && "$@") 2>&1 | grep -qF -- "$words" ||
	    fail "$when: $(cd copy && "$@" 2>&1)"
}
said "openssl" "Signature Verified Successfully" sh "$tmp/signature.sh"
said "python" same python3 "$tmp/root.py"
cp a.tlog-proof copy
said "the proof by python" same python3 "$tmp/proof.py"
sed -i 's/^index ./&0/' copy/a.tlog-proof
said "a proof changed" OTHER python3 "$tmp/proof.py"

# A restore puts an older log back: the log goes on in a tree of its own, with
# the reason first, and what it gave up is told.
cp -R "$root" "$tmp/again"
expect "a backup" 0 "records of the airing log" \
    loaxa --root "$root" backup b.tar
tar tf b.tar | grep -q 'key\|tree' && fail "the key is in the backup"
run_daemon
expect "a restore" 0 "new epoch" \
    loaxa --root "$root" restore --replace b.tar
expect "before it runs" 65 "signed, and is not in the log any more" \
    loaxa verify "$root"
run_daemon v2
expect "after it" 65 "were signed before this tree began" \
    loaxa verify --key "$vkey" "$root"
expect "an old airing" 0 "the proof of $airing" \
    loaxa --root "$root" prove --alone --replace "$airing" -o a.tlog-proof
expect "by its key" 0 "airing: $airing" \
    loaxa verify --key "$vkey" a.tlog-proof
rm -rf "$root"
cp -R "$tmp/again" "$root"

# A key that was lost: the new one writes over nothing that the old one signed.
rm "$root/var/key/station.key"
run_daemon v2
for f in vkey checkpoint; do
	cmp "$tmp/again/var/tree/v1/$f" "$root/var/tree/v1/$f" ||
	    fail "a new key wrote over the old tree's $f"
done
expect "another key" 65 "v2/vkey: this is another key" loaxa verify "$root"
cat "$root/var/tree/v1/vkey" "$root/var/tree/v2/vkey" >keys
expect "both keys" 0 "The log is what the station signed." \
    loaxa verify --key keys "$root"
expect "the old key" 0 "airing: $airing" loaxa verify --key keys a.tlog-proof

# A record that was lost before it could be signed has no proof; one of its
# place shows no record.
rm -rf "${root:?}/var"
mkdir -p "$root/var/log"
head -n 5 "$tmp/again/var/log/${log##*/}" | sed '2s/^...../#####/' >"$log"
run_daemon
expect "a lost record" 66 "was lost before it could be signed" \
    loaxa --root "$root" prove 1
loaxa --root "$root" prove 0 -o 0.tlog-proof >/dev/null
python3 - 0.tlog-proof >lost.tlog-proof <<'END'
import base64, hashlib, sys
head, note = open(sys.argv[1]).read().split('\n\n', 1)
v1, extra, index, sibling, *path = head.split('\n')
leaf = hashlib.sha256(b'\0' + base64.b64decode(extra[6:])).digest()
print(v1, 'extra ', 'index 1', base64.b64encode(leaf).decode(), *path, '',
      note, sep='\n', end='')
END
expect "its place" 0 "leaf 1 of the" loaxa --root "$root" verify lost.tlog-proof
expect "and nothing else" 0 "was lost before it could be signed" \
    loaxa --root "$root" verify lost.tlog-proof
rm -rf "$root"
mv "$tmp/again" "$root"

# The log book and the report of a week out of it. book: as text; figures of
# `loaxa log --json` are in it, and so is what is signed.
book() {
	loaxa --root "$root" logbook --week 2026-W48 -o book.pdf --replace \
	    >"$tmp/out" 2>"$tmp/err" || fail "log book: $(cat "$tmp/err")"
	pdftotext -layout book.pdf book.txt
}
# has WORDS...: each is in the log book, wherever its lines break
has() {
	for words; do
		tr -d ' \n' <book.txt |
		    grep -qF -- "$(echo "$words" | tr -d ' ')" ||
		    fail "the log book lacks \"$words\""
	done
}
book
loaxa --root "$root" log --json --from 2026-11-23 --to 2026-11-29 >week.json
loaxa --root "$root" report --json --from 2026-11-23 --to 2026-11-29 \
    >report.json
python3 - >wanted <<'PY' || fail "the report is not what the log says"
import json
log, rep = json.load(open('week.json')), json.load(open('report.json'))
i, t = log['identity'], rep['total']
rows = log['rows']
for k in 'planned', 'aired', 'aired_partial', 'not_aired', 'external':
    assert i[k] == t[k] == sum(g[k] for g in rep['groups']), k
sent = sum(r['actual_ms'] or 0 for r in rows if r['slot'])
assert sent == t['first_ms'] + t['repeat_ms'] + t['other_ms'], sent
assert rep['holds'] and rep['seal']['covers'] and i['planned'] == 103
print('planned %d = aired %d' % (i['planned'], i['aired']))
print('root ' + rep['seal']['root'])
print('checkpoint of %d records' % rep['seal']['size'])
print('code ' + rep['code'])
for r in rows:
    print(r['planned_local'][11:19])
PY
while IFS= read -r words; do
	has "$words"
done <wanted
grep -q "SOCIALIST REPUBLIC OF VIET NAM" book.txt ||
    fail "the country's name is broken over two lines"
has "Week 48 of 2026, from 2026-11-23 to 2026-11-29" "KEPT BY" \
    "LEADER IN CHARGE" "Held against the signed tree" "No level above" \
    "Đài truyền thanh xã Quế Minh" "sent to the amplifier"
pages=$(pdfinfo book.pdf | sed -n 's/^Pages: *//p')
for n in $(seq "$pages"); do
	pdftotext -layout -f "$n" -l "$n" book.pdf - | tr -s ' \n' ' ' >page
	for words in "Page $n/$pages" "Week 48 of 2026" "Quế Minh"; do
		grep -qF "$words" page || fail "page $n lacks $words"
	done
done
# Its targets and plans, as the schedule's record in the log told them.
for of in "--targets" "--by plan" "--by tag"; do
	# shellcheck disable=SC2086
	loaxa --root "$root" report $of --json --from 2026-11-23 \
	    --to 2026-11-29 >"${of#--}.json"
done
python3 - <<'PY' || fail "targets, plans or tags are not what the log says"
import json
log = json.load(open('week.json'))['rows']
t, plan, tag = (json.load(open(n + '.json'))
                for n in ('targets', 'by plan', 'by tag'))
row = t['rows'][0]
mine = [r for r in log if r['segment'] == 'ttdn' and r['slot']]
a = row['aired']
assert row['target'] == {'per': 'week', 'airings': 3}, row
assert row['plan']['no'] == '99/KH-UBND' and row['period'] == '2026-W48'
assert a['first_n'] + a['repeat_n'] == len({r['slot'] for r in mine}) == 3, a
assert a['first_ms'] + a['repeat_ms'] == sum(r['actual_ms'] for r in mine), a
assert row['lacking'] == {'airings': 0} and row['state'] == 'met', row
assert t['rows'][1]['state'] == 'none' and not t['untold'] and t['seal']['covers']
assert plan['total'] == tag['total'], 'each slot once'
assert [g['planned'] for g in plan['groups'] if g['key']] == [4]
assert {g['key']: g['planned'] for g in tag['groups']}['doi-ngoai'] == 4
PY
code=$(sed -n 's/^code //p' wanted)
expect "its code" 0 "The log gives this code" \
    loaxa --root "$root" logbook --week 2026-W48 --code "$code"
expect "another week's" 65 "the log gives the code" \
    loaxa --root "$root" logbook --week 2026-W47 --code "$code"
expect "once more" 73 "is there already" \
    loaxa --root "$root" logbook --week 2026-W48 -o book.pdf
export LOAXA_LANG="vi"
expect "a paragraph" 0 \
    "đã phát ra hệ thống tăng âm" loaxa --root "$root" report --prose \
    --from 2026-11-01 --to 2026-11-30
book
grep -q "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" book.txt ||
    fail "the country's name is broken over two lines"
grep -q "Nhật ký không có gì" book.txt &&
    fail "a week that the log tells of is said to be empty"
has "SỔ NHẬT KÝ PHÁT THANH TUẦN" "NGƯỜI GHI SỔ" "kế hoạch 103 ="
grep -q "đã phát trên loa" book.txt && fail "it claims more than was measured"
export LOAXA_LANG="en"
expect "a spreadsheet" 0 "written" loaxa --root "$root" report \
    --from 2026-11-23 --to 2026-11-29 --xlsx week.xlsx -o week.pdf
python3 - <<'PY' || fail "the spreadsheet says otherwise"
import datetime, json, zipfile
from xml.etree import ElementTree
rep, z = json.load(open('report.json')), zipfile.ZipFile('week.xlsx')
n = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
read = lambda name: ElementTree.parse(z.open('xl/' + name)).getroot()
words = [''.join(t.text or '' for t in i.iter(n + 't'))
         for i in read('sharedStrings.xml')]
def rows(sheet):
    return [[words[int(c[0].text)] if c.get('t') == 's' else float(c[0].text)
             for c in r if len(c)] for r in read(sheet).iter(n + 'row')]
sums, slots = rows('worksheets/sheet1.xml'), rows('worksheets/sheet2.xml')
want = [(g['name'], g) for g in rep['groups']] + [('IN ALL', rep['total'])]
keys = list(rep['total'])
for (name, g), row in zip(want, sums[2:]):
    assert row[0] == name, (row[0], name)
    for k, v in zip(keys, row[1:]):
        v = round(v * 86400000) if k.endswith('_ms') else v
        assert v == g[k], (name, k, v, g[k])
assert len(slots) == 1 + rep['total']['planned'], len(slots)
day = lambda d: (datetime.date.fromisoformat(d) - datetime.date(1899, 12, 30)).days
assert [slots[i][1] for i in (1, -1)] == [day(rep[k]) for k in ('from', 'to')]
assert abs(slots[1][7] - day(rep['from']) - 5 / 24) < 1e-6, slots[1]
PY
expect "an answer sheet of the future" 64 "still to come" \
    loaxa --root "$root" what -o what.pdf 2999-11-19 17:12
expect "targets on paper" 0 "pages" loaxa --root "$root" report --targets \
    --from 2026-11-23 --to 2026-11-29 -o targets.pdf
pdftotext -layout targets.pdf book.txt
has "Targets, " "from 2026-11-23 to 2026-11-29" "2+1: first runs and repeats" \
    "THE LOG BEHIND THIS PAPER" "PREPARED BY"
expect "targets in a spreadsheet" 0 "written" loaxa --root "$root" report \
    --targets --from 2026-11-23 --to 2026-11-29 --xlsx targets.xlsx
python3 - <<'PY' || fail "its targets are others"
import json, zipfile
from xml.etree import ElementTree
n = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
z = zipfile.ZipFile('targets.xlsx')
read = lambda name: ElementTree.parse(z.open('xl/' + name)).getroot()
rows = [{c.get('r')[0]: float(c[0].text) for c in r if len(c) and not c.get('t')}
        for r in read('worksheets/sheet1.xml').iter(n + 'row')]
want = json.load(open('targets.json'))['rows']
assert len(want) > 1
for w, row in zip(want, rows[1:]):
    for i, sums in enumerate(('planned', 'aired')):
        first, repeat, length = (row['HIJKLM'[3 * i + k]] for k in range(3))
        s = w[sums]
        assert (first, repeat) == (s['first_n'], s['repeat_n']), (w, row)
        assert round(length * 86400000) == s['first_ms'] + s['repeat_ms'], row
PY
if [ "$(date +%Y%m%d)" -gt 20261119 ]; then
	was=$(loaxa --root "$root" what 2026-11-19 17:12 |
	    sed -n 's/^  airing: *//p' | head -n 1)
	expect "the airing that it names" 0 "the proof of $was" \
	    loaxa --root "$root" prove --alone "$was" -o was.tlog-proof
	expect "an answer sheet" 0 "pages" loaxa --root "$root" what \
	    -o what.pdf 2026-11-19 17:12
	pdftotext -layout what.pdf book.txt
	grep -q "que-minh:" book.txt && fail "an id stands for the station"
	has "Asked about: 2026-11-19 17:12:00" "order of:" "approved:" \
	    "grade 2: accepted by the sound device" "lies inside them" \
	    "THE STATION'S ANSWER" "Thông tin đối ngoại"
	mkdir -p lame/etc lame/var/log
	cp "$root/etc/loaxa.conf" lame/etc
	head -n "$records" "$log" | grep -v \
	    '"kind":"slot".*"date":"2026-11-18","slot":"ban-tin-t4"' \
		>lame/var/log/airing-2026-11.jsonl
	expect "an answer from a log that does not add up" 0 "pages" \
	    loaxa --root lame what -o lame.pdf 2026-11-18 17:12
	pdftotext -layout lame.pdf book.txt
	has "WARNING: the log of these days does not add up"
fi
expect "a report of nothing" 1 "the log has nothing of 2026-12-11" \
    loaxa --root "$root" report --from 2026-12-11 --to 2026-12-15
grep -v '"date":"2026-11-1[13]"' "$log" >kept.jsonl
mkdir -p gap/etc gap/var/log
cp "$root/etc/loaxa.conf" gap/etc
cp kept.jsonl gap/var/log/airing-2026-11.jsonl
expect "days that are missing in the middle" 0 \
    "the log has nothing: 2 (2026-11-11, 2026-11-13)" \
    loaxa --root gap report --from 2026-11-09 --to 2026-11-20
for kind in -o --xlsx; do
	expect "a $kind without a name" 64 "without a name" loaxa \
	    --root "$root" report --from 2026-11-23 --to 2026-11-29 $kind ""
done
expect "a spreadsheet in no folder" 66 "no/week.xlsx" loaxa --root "$root" \
    report --from 2026-11-23 --to 2026-11-29 --xlsx no/week.xlsx
grep -q ERROR "$tmp/err" && fail "a library speaks for itself"
rm "$root/schedules/periods.json"
expect "a period is kept" 0 "days left" loaxa --root "$root" report \
    --save "Báo cáo tháng 11" --from 2026-11-01 --to 2026-11-30 --due 2999-12-05
expect "and counted down" 0 "due before 2999-12-05" \
    loaxa --root "$root" report --periods
expect "and reported" 0 '"planned": 434' \
    loaxa --root "$root" report --period "Báo cáo tháng 11" --json
expect "and forgotten" 0 "No longer kept" \
    loaxa --root "$root" report --forget "Báo cáo tháng 11"
expect "for good" 66 "is kept" \
    loaxa --root "$root" report --period "Báo cáo tháng 11"
mkdir no-fonts
echo "<fontconfig><dir>$tmp/no-fonts</dir></fontconfig>" >fonts.conf
FONTCONFIG_FILE=$tmp/fonts.conf expect "a computer without fonts" 69 \
    "apt-get install fonts-noto-core" \
    loaxa --root "$root" logbook --week 2026-W48 -o none.pdf
# A slot without its outcome.
mkdir -p odd/etc odd/var/log
cp "$root/etc/loaxa.conf" odd/etc
head -n "$records" "$log" |
    grep -v '"kind":"slot".*"date":"2026-11-26","slot":"ttdn-t5"' \
	>odd/var/log/airing-2026-11.jsonl
expect "a week that does not add up" 65 "not printed: week 2026-W48" \
    loaxa --root odd logbook --week 2026-W48 -o odd.pdf
[ -e odd.pdf ] && fail "it was printed all the same"
expect "nor summed up" 65 "no report" \
    loaxa --root odd report --from 2026-11-23 --to 2026-11-29
expect "a week before that, unsigned" 0 "NOT signed" \
    loaxa --root odd report --from 2026-11-16 --to 2026-11-22

# What is changed is named, by number and line.
sed -i '300s/"clock":"synced"/"clock":"unsure"/' "$log"
cp "$log" copy/log
expect "changed" 65 "airing-2026-11.jsonl:300: record 299 was changed" \
    loaxa verify "$root"
expect "and the log book says so" 1 "not what was signed" loaxa --root "$root" \
    logbook --week 2026-W47 -o changed.pdf
expect "the report too" 1 "not what was signed" loaxa --root "$root" \
    report --from 2026-11-16 --to 2026-11-22
expect "the targets too" 1 "not what was signed" loaxa --root "$root" \
    report --from 2026-11-16 --to 2026-11-22 --targets
expect "and an answer" 1 "not what was signed" loaxa --root "$root" \
    what "2026-11-18 05:12" -o changed-answer.pdf
said "python sees it" OTHER python3 "$tmp/root.py"
sed -i '300s/"clock":"unsure"/"clock":"synced"/; 301d' "$log"
expect "taken out" 65 "record 300 is missing" loaxa verify "$root"
expect "and the first" 65 "not as it was signed: 300." loaxa verify "$root"

# Every key of the JSON is in the manual.
sed -n '/^.It Xo Ic verify/,/^.Ss The computer/p' "$top/man/loaxa.1" >page
loaxa --root "$root" verify --json >1.json
loaxa --root "$root" verify --json a.tlog-proof >2.json
loaxa --root "$root" prove --json --replace 17 >3.json
python3 - 1.json 2.json 3.json >words <<'END'
import json, sys
for name in sys.argv[1:]:
    j = json.load(open(name))
    print(*j, *(j.get('findings') or [{}])[0], sep='\n')
END
[ "$(wc -l <words)" -gt 20 ] || fail "verify --json says nothing"
while read -r k; do
	grep -q "^\.Va $k\( [,;.]\)*\$" page || fail "loaxa(1) has no $k"
done <words

sed -i '2s/.$/x/' "$root/var/tree/v1/checkpoint"
expect "checkpoint" 65 "changed after it was signed" loaxa verify "$root"
exit $failed
