#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# An airing, the approval of exactly its bytes and the day sheet that planned it
# in one file: `loaxa prove`; what it shows, by `loaxa verify` and by the
# auditor's recipe of loaxa-log(5); and each part of it left out or exchanged
# for another that the station has signed as well.
set -u
[ -w /dev/shm ] && export TMPDIR=/dev/shm
# shellcheck source=tests/expect.sh
. tests/expect.sh

# The examples of the manual as one log: of each record the words that differ.
cat >"$tmp/make.py" <<'END'
import json, sys
is_, out, kinds = {}, [], []
for l in open(sys.argv[1]):
    if l.startswith('{"v":1,'):
        o = json.loads(l)
        is_.setdefault(o['kind'], o)
def put(kind, **more):
    o = dict(is_.get(kind, is_['op']))
    o.update(kind=kind, seq=len(out), **more)
    out.append({k: v for k, v in o.items()
                if kind != 'correct' or k not in ('op', 'person', 'result', 'detail')})
item, sha = is_['start']['item'], is_['start']['sha256']
id_ = 'que-minh/2026-11-26/ttdn-t5/'
put('boot')                                                     # 0
put('schedule')                                                 # 1
put('day')                                                      # 2
put('item')                                                     # 3
put('approve')                                                  # 4
put('approve', sha256='0' * 64)                                 # 5
put('day', date='2026-11-27', slots=[])                         # 6
put('start', approval=4)                                        # 7
put('end')                                                      # 8
put('slot')                                                     # 9
put('withdraw', item=item, sha256=sha)                          # 10
put('correct', record=8, text='grade was 2, not 3')             # 11
put('start', approval=4, airing_id=id_ + '2')                   # 12
put('end', airing_id=id_ + '2')                                 # 13
put('start', approval=None, airing_id=id_ + '3')                # 14
put('end', airing_id=id_ + '3')                                 # 15
for o in out:
    print(json.dumps(o, ensure_ascii=False, separators=(',', ':')))
END
root=$tmp/root
mkdir -p "$root/etc" "$root/schedules" "$root/var/log"
cp schedules/que-minh.cfg "$root/schedules"
python3 "$tmp/make.py" man/loaxa-log.5 \
    >"$root/var/log/airing-2026-11.jsonl" || fail "no log"
cd "$tmp" || exit 1
LOAXA_ROOT=$root
export LOAXA_ROOT
loaxa collect --key >cosigner
{
	cat "$top/etc/loaxa.conf"
	echo "cosigners = ( \"$(cat cosigner)\" );"
} >"$root/etc/loaxa.conf"
loaxad 2>daemon.log &
daemon=$!
# signed SIZE: at least so many records are
signed() {
	for _ in $(seq 200); do
		[ "$(sed -n 2p "$root/var/tree/v1/checkpoint" 2>/dev/null ||
		    echo 0)" -ge "$1" ] && return
		sleep 0.1
	done
	fail "not signed:" "$(cat daemon.log)"
}
signed 17
vkey=$(cat "$root/var/tree/v1/vkey")
airing=que-minh/2026-11-26/ttdn-t5
expect "before anybody cosigned" 0 "6 records" \
    loaxa prove "$airing/1" -o early.tlog-proofs
expect "nobody has" 0 "No level above has cosigned it" \
    loaxa verify early.tlog-proofs
loaxa collect --trust "$root/var/tree/v1/vkey" --as "Quế Minh" >/dev/null
expect "cosigned" 0 "cosigned" loaxa collect "$root/var/tree"
expect "and back" 0 "cosigned" loaxa anchor "$root/var/tree"
signed 18
kill "$daemon"
wait "$daemon"
daemon=

# One file, and what it shows.
name=$(echo "$airing/1" | tr / _).tlog-proofs
expect "one file" 0 "6 records" loaxa prove "$airing/1"
[ -s "$name" ] || fail "no $name"
expect "it holds" 0 "accepted by the sound device from 2026-11-26 17:10:30" \
    loaxa verify --key "$vkey" --cosigner cosigner "$name"
cp out said
# shows WORDS...: each is in what was said last
shows() {
	for words; do
		grep -qF -- "$words" said || fail "it lacks \"$words\":" \
		    "$(cat said)"
	done
}
shows "hash (SHA-256): 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9" \
    "approved by p-8c21e4d0 (Phó Chủ tịch UBND xã), for p-50b1d377" \
    "(record 4)" "Planned by the day sheet of 2026-11-26" \
    "After it had aired the approval was withdrawn" "(record 10)" \
    "Record 8 was corrected on" "grade was 2, not 3" "Cosigned by " \
    "station signed them, under the checkpoint of 1" \
    "Nor does it prove that a loudspeaker sounded"
grep -q "WRONG\|MISSING" said && fail "more than there is: $(cat said)"
expect "whoever lacks that key" 0 "that is not checked" \
    env LOAXA_ROOT="$top" loaxa verify --key "$vkey" "$name"
expect "no cosigner's key" 64 "is no public key of an upper level" \
    loaxa verify --cosigner "$vkey" "$name"
cat >people <<'END'
{"p-8c21e4d0": {"name": "Lê Thị Hai", "offices": [{"office": "Phó Chủ tịch",
  "roles": "approver", "from": "2025-07-01T00:00:00.000000Z", "until": "",
  "deputy_of": ""}]}}
END
expect "names for those entitled" 0 \
    "approved by Lê Thị Hai, Phó Chủ tịch UBND xã (p-8c21e4d0)" \
    loaxa verify --people people "$name"
expect "no such register" 66 "nobody: it does not exist" \
    loaxa verify --people nobody "$name"
export LOAXA_LANG="vi"
expect "in Vietnamese" 0 "Đúng nội dung này đã được" loaxa verify "$name"
export LOAXA_LANG="en"
grep -q "đã phát trên loa" out && fail "it claims more than was measured"
expect "withdrawn before" 65 "WRONG: the approval had been withdrawn BEFORE" \
    sh -c "loaxa prove $airing/2 -o 2 && loaxa verify 2"
expect "without one" 0 "aired by no approval" \
    sh -c "loaxa prove $airing/3 -o 3 && loaxa verify 3"
expect "a slot" 0 "Slot ttdn-t5 of 2026-11-26" \
    sh -c "loaxa prove $airing -o slot && loaxa verify slot"
expect "one record" 0 "Record 4 (approve)" \
    sh -c "loaxa prove 4 -o 4 && loaxa verify 4"

# The auditor's recipe, as it is printed.
mandoc -T ascii "$top/man/loaxa-log.5" | sed 's/.\x08//g' |
    awk '/^[A-Z]/ { on = /^CHECKING WITHOUT/; next }
	on && /^           / { if (!was) k++; was = 1
	    print substr($0, 12) >("recipe-" k); next }
	on && !/^$/ { was = 0 }'
cp "$name" a.tlog-proofs
echo "$vkey" >vkey
sh recipe-5 || fail "it does not come apart"
for part in part-*; do
	cp "$part" a.tlog-proof
	sh recipe-3 || fail "no checkpoint: $part"
	expect "openssl, of a cosigned one" 0 "Signature Verified Successfully" \
	    sh recipe-1
	expect "and who cosigned" 0 "Signature Verified Successfully" \
	    sh recipe-7
	[ "$(python3 recipe-4)" = same ] || fail "python: $part"
done
[ "$(python3 recipe-6)" = "one airing" ] || fail "python: $(python3 recipe-6)"
# Of an item that two have to approve there is another approval beside it, which
# the folder may list before the one that counts, or behind it.
loaxa prove --alone 5 -o part-other >/dev/null
[ "$(python3 recipe-6)" = "one airing" ] || fail "python takes the other one"
cp part-02 again
rm part-02
mv again part-02
[ "$(python3 recipe-6)" = "one airing" ] || fail "python takes the last one"
rm part-other
n=$(grep -l . part-* | wc -l)
[ "$n" -eq 6 ] || fail "$n parts"

# Of its parts, which are end, start, approval, withdrawal, sheet, correction,
# each left out, or exchanged for another one that was signed.
mkdir whole
mv part-* whole
# with WHEN CODE WORDS LEAVE [RECORD]: without that part, with that record
with() {
	rm -rf part-*
	cp whole/part-* .
	rm -f "part-0$4"
	[ -z "${5:-}" ] || loaxa prove --alone "$5" -o "part-0$4" >/dev/null
	cat part-* >other
	expect "$1" "$2" "$3" loaxa verify other
}
with "no end" 1 "MISSING: the record of its end" 0
grep -qF "MISSING: record 8, which record 11 corrects" out ||
    fail "its correction is of nothing: $(cat out)"
grep -qF "how it ended, this file does not show" out ||
    fail "its start says too much: $(cat out)"
# Nobody corrected this one: without its end it was called complete.
csplit -s -z -f third- 3 '/^c2sp.org/' '{*}'
cat third-0[1-9] >other
expect "no end, and nothing else" 1 "MISSING: the record of its end" \
    loaxa verify other
loaxa verify --json other | grep -q '"complete": false' ||
    fail "half an airing is called complete"
with "no start" 1 "MISSING: the record of its start" 1
with "no approval" 1 "MISSING: record 4, the approval by which it aired" 2
with "no day sheet" 1 "MISSING: the day sheet of 2026-11-26" 4
with "another approval" 65 "WRONG: the approval in record 5 is of other bytes" \
    2 5
[ "$(python3 recipe-6)" = "OTHER" ] || fail "python does not see it"
with "another day" 65 "WRONG: record 6 is the day sheet of another day" 4 6
with "something else" 65 "WRONG: record 3 (item) has nothing to do" 3 3
with "another airing's end" 1 "MISSING: the record of its start" 0 13
cp "$name" other
sed -i '0,/^index ./s//&1/' other
expect "a changed proof" 65 "proof 1 of the 6 in it: the record is not in" \
    loaxa verify other
sed '$s/....=$/AAAA=/' "$name" >other
expect "a changed cosignature" 65 "proof 6 of the 6 in it: the signature" \
    loaxa verify --cosigner cosigner other
cat "$name" "$name" >other
expect "twice the same" 0 "accepted by the sound device" loaxa verify other
# A record of that number by another station, whose key is known as well.
mkdir -p "$tmp/stranger/var"
cp -R "$root/etc" "$root/schedules" "$tmp/stranger"
cp -R "$root/var/log" "$tmp/stranger/var"
"$bin/tests/tool_tree" grow "$tmp/stranger/var" 1 || fail "no other station"
LOAXA_ROOT=$tmp/stranger loaxa prove --alone 4 -o strange >out 2>&1 ||
    fail "no record of another station: $(cat out)"
{ echo "$vkey"; cat "$tmp/stranger/var/tree/v1/vkey"; } >ring
cat whole/part-0[0134] strange >other
expect "another station's approval" 1 "more than one key" \
    loaxa verify --key ring other
loaxa verify --key ring --json other | grep -q '"complete": false' ||
    fail "it is called complete"
# Put back from an image, the same station has other records from 4 on: the
# approval that its first tree has by that number passed for the second's.
mkdir -p second/var
cp -R "$root/etc" "$root/schedules" second
cp -R "$root/var/log" "$root/var/tree" "$root/var/key" second/var
python3 - second/var/log/airing-2026-11.jsonl <<'END'
import json, sys
lines = open(sys.argv[1]).read().splitlines()
for seq, was, person in [(4, 4, 'p-two'), (5, 7, ''), (6, 8, '')]:
    o = json.loads(lines[was])
    o.update(seq=seq, **({'person': person} if person else {}))
    lines[seq] = json.dumps(o, ensure_ascii=False, separators=(',', ':'))
open(sys.argv[1], 'w').write('\n'.join(lines[:7]) + '\n')
END
"$bin/tests/tool_tree" grow second/var 1 || fail "no second tree"
LOAXA_ROOT=$tmp/second
expect "of two trees" 0 "5 records" loaxa prove "$airing/1" -o two
LOAXA_ROOT=$root
expect "it holds, too" 0 "Exactly these bytes were approved by p-two" \
    loaxa verify --key "$vkey" two
csplit -s -z -f two- two '/^c2sp.org/' '{*}'
mkdir trees
cp two-0* trees
(cd trees && for part in two-*; do mv "$part" "part-${part#two-}"; done &&
    python3 ../recipe-6) | grep -q OTHER ||
    fail "python takes two trees for one without their epoch"
cat two-0[0134] >other
loaxa prove --alone 4 >/dev/null
cat 4.tlog-proof >>other
expect "the first tree's approval" 65 \
    "WRONG: record 4 (approve) is of another history: from record 4 on" \
    loaxa verify --key "$vkey" other
cat two-0[013] 4.tlog-proof >other
expect "nor without what began the second" 1 \
    "MISSING: the epoch record that began the signed tree v2" \
    loaxa verify --key "$vkey" other
loaxa verify --key "$vkey" --json other | grep -q '"complete": false' ||
    fail "two histories are called complete"
# Nor does a second history of the first tree, signed with the same key by
# whoever took away what had been signed before.
mkdir -p forked/var/key
cp -R "$root/etc" "$root/schedules" forked
cp -R second/var/log forked/var
cp "$root/var/key/station.key" forked/var/key
"$bin/tests/tool_tree" grow forked/var 1 || fail "no second history"
LOAXA_ROOT=$tmp/forked loaxa prove --alone 4 -o forked.tlog-proof >/dev/null
cat whole/part-0[013-9] forked.tlog-proof >other
expect "a second history" 1 "under several checkpoints of one signed tree" \
    loaxa verify --key "$vkey" other
loaxa verify --key "$vkey" --json other | grep -q '"complete": false' ||
    fail "a second history is called complete"
# What comes behind as many as an airing can have is not passed over.
"$bin/tests/tool_tree" grow "$tmp/stranger/var" 230 || fail "no more records"
"$bin/tests/tool_tree" includes "$tmp/stranger/var/tree/v1" >paths
python3 - "$tmp/stranger/var" <<'END' >many
import base64, glob, sys
log = [l for f in sorted(glob.glob(sys.argv[1] + '/log/airing-*'))
       for l in open(f, 'rb').read().splitlines()]
note = open(sys.argv[1] + '/tree/v1/checkpoint').read()
for path in list(open('paths'))[:201]:
    i, *hashes = path.split()
    print('c2sp.org/tlog-proof@v1', 'extra ' + base64.b64encode(
        log[int(i)]).decode(), 'index ' + i, *hashes, '', note, sep='\n', end='')
END
expect "more than any airing has" 65 "more proofs than any airing has" \
    loaxa verify --key "$(cat "$tmp/stranger/var/tree/v1/vkey")" many
expect "no record for several" 64 "goes with one proof" \
    loaxa verify --record people "$name"

# Every key of the JSON is in the manual.
sed -n '/^.It Xo Ic verify/,/^.Ss The upper level/p' "$top/man/loaxa.1" >page
loaxa verify --json "$name" >1.json
loaxa prove --json --replace "$airing/1" >2.json
python3 - >words <<'END'
import json
v, p = json.load(open('1.json')), json.load(open('2.json'))
assert v['holds'] and v['complete'] and v['one_key'], v
assert [r['kind'] for r in v['records']] == ['end', 'start', 'approve',
    'withdraw', 'day', 'correct'], v
assert [l['what'] for l in v['lines']] == ['aired', 'approved',
    'withdrawn_later', 'planned', 'corrected'], v
assert p['records'] == [r['seq'] for r in v['records']], p
print(*v, *p, *v['lines'][0], *v['cosigned'], sep='\n')
END
[ "$(wc -l <words)" -gt 15 ] || fail "verify --json says nothing"
while read -r k; do
	grep -q "^\.Va $k\( [,;.]\)*\$" page || fail "loaxa(1) has no $k"
done <words
exit $failed
