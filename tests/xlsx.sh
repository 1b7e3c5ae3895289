#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# xlsx.sh - by hand: the spreadsheets of `loaxa report`, opened by LibreOffice
# without a screen, cell by cell against the CSV, the JSON and the lines
# of the log of the same days. Texts that a spreadsheet would like to
# take for something else (formulas, dates, percentages, numbers with noughts),
# Vietnamese and Khmer; in both languages, by each heading. It installs
# LibreOffice Calc: too large for every run. check_verify.sh reads a spreadsheet
# with a reader of its own, each time.
set -eu
sh etc/packages.sh libreoffice-calc
# shellcheck source=tests/expect.sh
. tests/expect.sh

root=$tmp/root
log=$root/var/log/airing-2026-11.jsonl
mkdir -p "$root/etc" "$root/schedules" "$root/var/log"
cp etc/loaxa.conf "$root/etc"
cp -R schedules/que-minh.cfg schedules/que-minh "$root/schedules"
loaxa --root . simulate --from 2026-11-01 --to 2026-11-30 \
    --station que-minh --assume-items --log >"$tmp/log"
# Titles of slots, items and segments as somebody might choose them.
python3 - "$tmp/log" "$log" <<'PY'
import json, sys
odd = ['=1+1', '+84 905 000 111', '-5', '@SUM(A1)', '=HYPERLINK("http://x")',
       '50%', '0012', '1:30', '2026-11-23', '23/11/2026', '1e5', 'TRUE', "'x",
       'Thông tin đối ngoại – Khuyến nông', 'Tiếng Việt tổ hợp: ế ỗ ự',
       'ព័ត៌មានសម្រាប់ជនបរទេស', 'ភាសាខ្មែរ = vi', '"quoted", ;\\', '\u200b x  y ',
       '#REF!', '1 234,5', '−3']
names = {}
def name(of):
    return names.setdefault(of, odd[len(names) % len(odd)])
with open(sys.argv[2], 'w') as out:
    for line in open(sys.argv[1]):
        r = json.loads(line)
        for s in r.get('segments') or []:
            s['title'] = name('segment ' + s['id'])
        for s in [r] + (r.get('slots') or []):
            if isinstance(s, dict) and s.get('title'):
                s['title'] = name('title ' + s['title'])
        print(json.dumps(r, ensure_ascii=False, separators=(',', ':')), file=out)
PY

cells=0
for language in vi en; do
	export LOAXA_LANG=$language
	for by in segment plan language source class station tag; do
		set -- report --from 2026-11-16 --to 2026-11-29 --by $by
		loaxa --root "$root" "$@" --xlsx "$tmp/r.xlsx" --replace >"$tmp/said"
		loaxa --root "$root" "$@" --json >"$tmp/r.json"
		loaxa --root "$root" "$@" --csv >"$tmp/r.csv"
		soffice "-env:UserInstallation=file://$tmp/office" --headless \
		    --convert-to fods --outdir "$tmp" "$tmp/r.xlsx" \
		    >"$tmp/office.log" 2>&1 || { cat "$tmp/office.log"; exit 1; }
		n=$(python3 - "$tmp" "$log" <<'PY'
import csv, datetime, json, re, sys
from xml.etree import ElementTree
tmp = sys.argv[1]
def q(name):
    space, word = name.split(':')
    return '{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}%s' % (space, word)
def text(cell):
    lines = []
    for p in cell.findall(q('text:p')):
        parts = [p.text or '']
        for e in p.iter():
            if e is p:
                continue
            if e.tag == q('text:s'):
                parts.append(' ' * int(e.get(q('text:c'), 1)))
            parts.append((e.text or '') if e.tag != q('text:s') else '')
            parts.append(e.tail or '')
        lines.append(''.join(parts))
    return '\n'.join(lines)
def value(cell):
    assert cell.get(q('table:formula')) is None, 'a formula: ' + text(cell)
    kind = cell.get(q('office:value-type'))
    if kind is None:
        return None
    if kind == 'string':
        return text(cell)
    if kind == 'float':
        return float(cell.get(q('office:value')))
    if kind == 'date':
        t = cell.get(q('office:date-value'))
        return datetime.datetime.fromisoformat(t.split('.')[0])
    assert kind == 'time', kind
    h, m, s = re.fullmatch(r'PT(\d+)H(\d+)M([\d.]+)S',
        cell.get(q('office:time-value')).replace(',', '.')).groups()
    return datetime.timedelta(hours=int(h), minutes=int(m), seconds=float(s))
def rows(table):
    found = []
    for row in table.iter(q('table:table-row')):
        cells = []
        for c in row:
            cells += [value(c)] * min(
                int(c.get(q('table:number-columns-repeated'), 1)), 60)
        while cells and cells[-1] is None:
            cells.pop()
        n = int(row.get(q('table:number-rows-repeated'), 1))
        found += [cells] * (n if cells else min(n, 3))
    while not found[-1]:
        found.pop()
    return found
sums, slots = [rows(t) for t in ElementTree.parse(tmp + '/r.fods').iter(
    q('table:table'))]
compared = 0
def same(where, got, want):
    global compared
    compared += 1
    if isinstance(want, datetime.timedelta) and got is not None:
        assert isinstance(got, datetime.timedelta), (where, got, want)
        assert abs((got - want).total_seconds()) < .002, (where, got, want)
    else:
        assert type(got) is type(want) and got == want, (where, got, want)
def ms(n):
    return datetime.timedelta(milliseconds=n)

# The sums, against JSON and CSV.
report = json.load(open(tmp + '/r.json'))
lines = list(csv.DictReader(open(tmp + '/r.csv', newline='')))
keys = list(report['total'])
groups = [(g['name'], g) for g in report['groups']]
assert groups and len(lines) == len(groups) + 1
for (name, g), row, line in zip(groups + [(None, report['total'])],
                                sums[3:] if not sums[1] else sums[2:], lines):
    if name is not None:
        same('name', row[0], name)
        # CSV has a mark before what would be a formula.
        bare = line['name']
        if bare[:1] == "'" and bare[1:2] in tuple('=+-@\t\r'):
            bare = bare[1:]
        same('CSV name', bare, name)
    for k, got in zip(keys, row[1:]):
        same(k, got, ms(g[k]) if k.endswith('_ms') else float(g[k]))
        same('CSV ' + k, int(line[k]), g[k])
    assert len(row) == 1 + len(keys), row

# The slots, against the log's own lines.
log = {}
for line in open(sys.argv[2]):
    r = json.loads(line)
    if r['kind'] == 'slot':
        log[r['seq']] = r
assert len(slots) == 1 + report['total']['planned'] + report['total']['open']
here = datetime.timedelta(hours=7)
for row in slots[1:]:
    row = row + [None] * (19 - len(row))
    r = log[int(row[18])]
    at = datetime.datetime.fromisoformat(r['planned_utc'][:19]) + here
    same('date', row[1], datetime.datetime.fromisoformat(r['date']))
    same('slot', row[2], r['slot'])
    same('title', row[3], r['title'] or None)
    same('planned', row[8], at)
    same('planned length', row[9], ms(r['planned_ms']))
    same('actual length', row[12], ms(r['actual_ms']))
    assert (row[11] is None) == (r['actual_ms'] == 0), row
print(compared)
PY
		) || exit 1
		cells=$((cells + n))
	done
done
echo "xlsx by LibreOffice: $cells cells compared, none otherwise"
