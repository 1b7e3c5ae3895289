#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The upper level collects what stations signed, from a stick, and cosigns it;
# whatever call to the disk fails or kills it, it goes on, and no two histories
# are ever cosigned.
set -u
# Some hundred syncs, and none of them has to outlive a power cut.
[ -w /dev/shm ] && export TMPDIR=/dev/shm
# shellcheck source=tests/expect.sh
. tests/expect.sh

# station NAME RECORDS: a station's folder of its own, signed: tests/tool_tree.
station() {
	"$bin/tests/tool_tree" grow "$tmp/$1" "$2" ||
	    fail "$1: no tree was made"
}
mkdir -p "$tmp/root/etc"
cd "$tmp" || exit 1
LOAXA_ROOT=$tmp/root
export LOAXA_ROOT
station a 300
vkey=$(cat a/tree/v1/vkey)
expect "nobody" 0 "No station is known here yet" loaxa collect
expect "its own key" 0 "/collect+" loaxa collect --key
expect "a stranger" 67 "nobody has entered this key: $vkey" loaxa collect a
expect "no key" 64 "is no station's key" loaxa collect --trust x --as y
expect "one without the other" 64 "go together" loaxa collect --trust "$vkey"
expect "entered" 0 "is known by the key" \
    loaxa collect --trust a/tree/v1/vkey --as "Xã Quế Minh"
expect "taken" 0 "Xã Quế Minh: 300 records, 300 of them new" loaxa collect a
expect "again" 0 "nothing new: cosigned again" loaxa collect a
expect "the list" 0 "Xã Quế Minh" loaxa collect
head -n 1 out | grep -q "^STATION  *KEY  *RECORDS  *LAST COSIGNED" ||
    fail "no heads: $(cat out)"
expect "as JSON" 0 '"outcome": "same"' loaxa collect --json a
expect "no units" 66 "there is no such file; make it" loaxa units
grep -q "An example to begin with, to be copied there: etc/units.cfg" out ||
    fail "no example is named: $(cat out)"
cp "$top/etc/units.cfg" root/var/collect/
expect "the example" 1 "Written here, and not known" loaxa units
expect "a district that ended" 1 "  Huyện Sông (huyen-song)" \
    loaxa units --on 30/06/2025
expect "no unit yet" 1 '"Xã Quế Minh"' loaxa units --json --on 2026-11-01
cat >units.cfg <<'END'
units = (
  { id = "xa"; name = "Xã"; until = "2025-06-30"; }
);
stations = ( { station = "Xã Quế Minh"; unit = "xa"; } );
END
expect "an end without a word" 65 'units.cfg:2: "xa" ends here' \
    loaxa units units.cfg
sed -i 's/ until.*;/ /' units.cfg
expect "units" 0 "    - Xã Quế Minh" loaxa units units.cfg
cp units.cfg root/var/collect/
since=--from=2026-11-01
expect "a report of it" 1 "records 300; log loaxa/" \
    loaxa report --store root/var/collect $since --to 2026-11-30
expect "its unit" 1 '"name": "Xã"' loaxa report --store root/var/collect \
    --by rank --json $since --unit xa
expect "no such unit" 66 'there is no unit "huyen"' \
    loaxa report --store root/var/collect --unit huyen
expect "no such heading" 64 "with --store, --by is week" \
    loaxa report --store root/var/collect --by plan
expect "a station's own" 64 "without --store" \
    loaxa report --store root/var/collect --targets
expect "a paragraph" 1 "the stations collected (1) sent to the amplifier" \
    loaxa report --store root/var/collect $since --to 2026-11-30 --prose
expect "the upper level's" 64 "with --store DIR" loaxa report --as-of 2026-11-01
expect "too long" 64 "more than 600 weeks" \
    loaxa report --store root/var/collect --from 1999-01-01
expect "nothing there" 66 "nothing was collected here yet" \
    loaxa report --store nowhere
expect "as a workbook" 1 "written" loaxa report --store root/var/collect \
    $since --to 2026-11-30 --xlsx b.xlsx
python3 - b.xlsx <<'END' || fail "the workbook lacks what it is made of"
import sys, zipfile
t = zipfile.ZipFile(sys.argv[1]).read('xl/sharedStrings.xml').decode()
sys.exit(any(w not in t for w in ('Xã Quế Minh', 'loaxa/', 'W48')))
END
# A computer was replaced, and both logs tell of two days: one that the old key
# told to its end counts as it told it, one that it did not as the new one does.
for one in old new; do
	station "$one" 5
	# shellcheck disable=SC2046
	loaxa collect --store two --trust "$one/tree/v1/vkey" --as "Xã C" \
	    $([ "$one" = old ] || echo --replace) >out || fail "$(cat out)"
	loaxa collect --store two "$one" >out || fail "$one: $(cat out)"
done
loaxa collect --store two --json >list.json
python3 - two list.json <<'END' || fail "no days for the two"
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1] + '/store.db')
old = [s['key'] for s in json.load(open(sys.argv[2])) if s['replaced_by']]
names = [c[1] for c in db.execute('PRAGMA table_info(daysum)')]
for id, key in db.execute('SELECT id, key FROM station').fetchall():
    was = key in old
    for day, over in (20759, True), (20760, False):
        row = dict.fromkeys(names, 0)
        row.update(station=id, month=202611, day=day, about='c', segment='',
            planned=7, open=0 if over else int(was),
            aired=7 if was else 0, not_aired=0 if was else 7,
            lost_unknown=0 if was else 7)
        db.execute('INSERT INTO daysum (%s) VALUES (%s)' % (','.join(names),
            ','.join('?' * len(names))), [row[n] for n in names])
db.commit()
sys.exit(len(old) != 1)
END
expect "the two" 1 "days that both of its computers tell of, counted once: 2" loaxa report \
    --store two --by station --from 2026-11-02 --to 2026-11-03
expect "of the old one a day" 1 '"aired": 7' loaxa report --store two --json \
    --by station --from 2026-11-02 --to 2026-11-02
expect "of the new one a day" 1 '"aired": 0' loaxa report --store two --json \
    --by station --from 2026-11-03 --to 2026-11-03
# Another name, and the same station in its records: one may pretend to be it.
station twin 5
expect "the other name" 0 "is known by the key" \
    loaxa collect --store two --trust twin/tree/v1/vkey --as "Xã D"
expect "and what it signed" 0 "kept and cosigned" loaxa collect --store two twin
expect "two names of one station" 0 \
    "its records name the same station as those of Xã C" \
    loaxa collect --store two
echo "units = ( { } );" >root/var/collect/units.cfg
expect "units in disorder" 65 "no report while the units" \
    loaxa report --store root/var/collect
rm root/var/collect/units.cfg
store=$(echo root/var/collect/stations/*)
expect "verified" 0 "Signed: 300 records." \
    loaxa verify --key "$vkey" --before a/tree/v1/cosigned "$store"
expect "no such name" 67 "nothing to replace" \
    loaxa collect --trust a/tree/v1/vkey --as "Xã Que" --replace
mv root/var/collect/key key.away
expect "its key is gone" 66 "collector.key is missing" loaxa collect a
mv key.away root/var/collect/key
mkdir pipe && mkfifo pipe/cosigned
expect "a pipe on the stick" 66 "nothing that was cosigned lies here" \
    timeout 5 loaxa anchor pipe
expect "nothing there" 65 "no station's signed log lies here" loaxa collect root
# The auditor's recipe for it, as it is printed: the last one.
mandoc -T ascii "$top/man/loaxa-log.5" | sed 's/.\x08//g' |
    awk '/^[A-Z]/ { on = /^CHECKING WITHOUT/; next }
	on && /^           / { if (!was) text = ""; was = 1
	    text = text substr($0, 12) "\n"; next }
	on && !/^$/ { was = 0 }
	END { printf "%s", text }' >recipe.sh
cp a/tree/v1/cosigned .
loaxa collect --key >cosigner
expect "openssl" 0 "Signature Verified Successfully" sh recipe.sh
expect "its time" 0 "$(date -u +%Y)" sh recipe.sh
sed -i 2s/./9/ cosigned
expect "changed" 0 "Verification Failure" sh recipe.sh
# What is collected here is brought to the level above, and its word comes back.
loaxa collect --store above --key >above.key
expect "the level above" 0 "is known by the key" \
    loaxa collect --trust above.key --as "Tỉnh"
expect "the level below" 0 "is known by the key" \
    loaxa collect --store above --trust cosigner --as "Huyện"
loaxa collect --store above --trust a/tree/v1/vkey --as "Xã Quế Minh" >/dev/null
expect "one level up" 0 "300 of them new" \
    loaxa collect --store above root/var/collect/stations
expect "and down again" 0 "cosigned again" loaxa collect a
for key in cosigner above.key; do
	grep -q "^— $(cut -d+ -f1 "$key") " a/tree/v1/above.cosigned ||
	    fail "$key did not sign: $(cat a/tree/v1/above.cosigned)"
done
chmod 500 a/tree/v1
[ "$(id -u)" = 0 ] || expect "a stick that cannot be written" 0 \
    "To be brought back to the stations: the files in" loaxa collect a
chmod 700 a/tree/v1

# Every call to the disk that the store sees, one after the other: killed, and
# failing. What was handed out is in the store; the next call takes the rest.
station b 40
loaxa collect --trust b/tree/v1/vkey --as "Xã B" >/dev/null
turn=0
for do in kill EIO ENOSPC torn; do
	at=$((turn % 5 + 1))
	while :; do
		turn=$((turn + 1))
		"$bin/tests/tool_tree" grow b 3
		rm -rf stick && cp -R b stick
		rm -f ran
		env LD_PRELOAD="$bin/tests/shim_disk.so" \
		    ASAN_OPTIONS="verify_asan_link_order=0" SHIM_PATH=/collect/ \
		    SHIM_TRACE="$tmp/ran" SHIM_AT="$at" SHIM_DO="$do" \
		    loaxa collect stick >out 2>&1
		code=$?
		# All that it does is done.
		[ "$(wc -l <ran)" -lt "$at" ] && break
		given=$(sed -n 2p stick/tree/v1/cosigned 2>/dev/null || echo 0)
		has=$(cat root/var/collect/stations/*/v1/checkpoint \
		    root/var/collect/last/* | grep -cx "${given:-0}")
		[ "${given:-0}" = 0 ] || [ "$has" -ge 1 ] ||
		    fail "$do at $at: $given were handed out, and are not kept"
		expect "after $do at $at" 0 "" loaxa collect stick
		at=$((at + 11))
	done
	[ "$code" = 0 ] || fail "$do: ended with $code: $(cat out)"
done
[ "$turn" -gt 15 ] || fail "only $turn turns"
want=$(sed -n 2p b/tree/v1/checkpoint)
expect "all of it" 0 "Xã B: $want records, nothing new" loaxa collect b
# One row a leaf, whatever died.
python3 - root/var/collect/store.db >rows <<'END'
import sqlite3, sys
q = sqlite3.connect(sys.argv[1]).execute
for key, name, rows, last, leaves in q("""SELECT key, name, count(*),
        max(leaf) + 1, leaves FROM leaf JOIN station ON id = station
        JOIN tree USING (station) WHERE number = tree GROUP BY 1, 2, 5"""):
    print(name, rows, last, leaves)
END
grep -qx "Xã B $want $want $want" rows || fail "rows: $(cat rows), not $want"
for s in root/var/collect/stations/*; do
	loaxa verify "$s" >out 2>&1 || fail "$s: $(cat out)"
done
ls root/var/collect/apart/*/v*-* 2>/dev/null && fail "called two histories"
# The same from a web server, whose link is cut in the middle of a bundle.
cat >serve.py <<'END'
import http.server, os, sys
class H(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        print(self.path, self.headers.get('Range', ''), file=sys.stderr, flush=True)
        try: data = open('.' + self.path, 'rb').read()
        except OSError: return self.send_error(404)
        if self.path.endswith('/endless/v1/checkpoint'): data *= 10000
        at = int((self.headers.get('Range') or 'bytes=0-')[6:-1])
        self.send_response(206 if at else 200)
        self.send_header('Content-Length', str(len(data) - at))
        if at: self.send_header('Content-Range', f'bytes {at}-{len(data)-1}/{len(data)}')
        self.end_headers()
        if 'entries' in self.path and os.path.exists('cut'):
            os.remove('cut')
            self.wfile.write(data[:1000])
            return self.connection.close()
        self.wfile.write(data[at:])
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), H)
print(s.server_port, flush=True)
s.serve_forever()
END
python3 serve.py >port 2>asked &
daemon=$!
until [ -s port ]; do sleep 0.05; done
url=http://127.0.0.1:$(cat port)
station w 300
loaxa collect --trust w/tree/v1/vkey --as "Xã W" >/dev/null
touch cut
expect "a cut link" 75 "the next call goes on with it" loaxa collect "$url/w/tree"
expect "it goes on" 0 "Xã W: 300 records, 300 of them new" \
    loaxa collect "$url/w/tree"
grep -q 'bytes=1000-' asked || fail "it did not go on where it was cut: $(cat asked)"
"$bin/tests/tool_tree" grow w 300
: >asked
expect "more" 0 "Xã W: 600 records, 300 of them new" loaxa collect "$url/w/tree"
grep -q 'entries/000 ' asked && fail "what it has was fetched again: $(cat asked)"
expect "no more" 0 "Xã W: 600 records, nothing new" loaxa collect "$url/w/tree"
expect "to be mailed" 0 "the files in" loaxa collect "$url/w/tree"
cp -R w wfork
"$bin/tests/tool_tree" grow w 5
"$bin/tests/tool_tree" grow wfork 6
expect "its end" 0 "5 of them new" loaxa collect "$url/w/tree"
expect "two histories" 76 "The first record that differs: 600." \
    loaxa collect "$url/wfork/tree"
expect "not there" 65 "is published there" loaxa collect "$url/none"
mkdir endless
cp -R w/tree/v1 endless
expect "endless" 75 "it is longer than it may be" loaxa collect "$url/endless"
[ "$(find root/var/collect/incoming/* | wc -l)" -le 1 ] || # the endless one
    fail "left: $(find root/var/collect/incoming)"
kill "$daemon"
{ wait "$daemon"; } 2>/dev/null
daemon=
expect "no server" 75 "" loaxa collect "$url/w/tree"

# The station takes back what was cosigned, and says so; one that is behind the
# upper level, an old image of its disk, begins another tree.
up() { # [WORDS]: until its status has them
	loaxad --root station 2>>daemon.log &
	daemon=$!
	for _ in $(seq 200); do
		loaxa --root station status --json 2>/dev/null |
		    grep -q "${1:-version}" && return
		sleep 0.1
	done
	fail "it does not come up: $(cat daemon.log)"
}
down() {
	kill "$daemon"
	wait "$daemon"
	daemon=
}
log() { cat station/var/log/airing-*.jsonl; }
mkdir -p station/etc station/schedules
cp "$top/etc/loaxa.conf" station/etc
cp "$top/schedules/que-minh.cfg" station/schedules
echo "cosigners = [ \"$(loaxa collect --key)\" ];" >>station/etc/loaxa.conf
up
loaxa --root station status | grep -qF "log not cosigned yet" ||
    fail "status does not say that nothing was cosigned"
down
cp -R station image
expect "the station" 0 "" \
    loaxa collect --trust station/var/tree/v1/vkey --as "Đài A"
up '"origin": "loaxa/'
expect "collected" 0 "Đài A" loaxa collect station
sed 's/^[1-9]/9&/' station/var/tree/v1/cosigned >changed
expect "changed" 69 "or it was changed" loaxa --root station anchor changed
expect "another's" 69 "another station's" loaxa --root station anchor a
expect "brought back" 0 "records, cosigned" loaxa --root station anchor station
expect "once more" 0 "known already" loaxa --root station anchor station
[ "$(log | grep -c '"kind":"anchor"')" = 1 ] || fail "not one anchor: $(log)"
down
up
loaxa --root station status | grep -q "log last cosigned . min ago" ||
    fail "status does not say when it was cosigned"
down
expect "the audit" 0 "" loaxa --root station audit
expect "its end, too" 0 "Đài A" loaxa collect station
rm -rf station
mv image station
up '"origin": "loaxa/'
expect "behind" 0 "has MORE records than this station" loaxa --root station anchor \
    root/var/collect/outbox/dai-a-*-v1.cosigned
for _ in $(seq 200); do
	log | grep -q '"kind":"epoch".*"reason":"tree"' && break
	sleep 0.1
done
down
grep -q '/log/v2$' station/var/tree/v2/checkpoint || fail "no other tree began"
# What it had signed by then was a second history.
expect "an image" 76 "Đài A HAS SIGNED TWO HISTORIES" loaxa collect station
grep -q "ITS LOG BEGAN ANEW" "$tmp/out" || fail "not told: $(cat "$tmp/out")"
grep -q 'v2: Đài A: .* new: kept' "$tmp/out" || fail "v2: $(cat "$tmp/out")"
exit $failed
