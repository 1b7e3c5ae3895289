#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""count.py FROM TO FOLDER ... - what stations' own lines say of the dates, counted
without loaxa, as JSON: {ID: {WHAT: {planned, aired, ..., actual_ms}, ordered, owed,
sets, whole}}. FOLDER, named ID, has a station's logs; where there are several, of two
outcomes of one slot the one signed first counts. WHAT is "ttdn", the directed
programme, or "all". ordered: slots of it; owed: directed airings that neither aired whole nor were
repeated whole the next morning. sets: bilingual ones that were planned; whole:
those of which both parts were once heard to their end."""
import collections
import datetime
import glob
import json
import os
import sys

STATES = ['aired', 'aired_partial', 'not_aired', 'external']


def lines(folder):
    seen = set()
    for path in sorted(glob.glob(folder + '/**/airing-*.jsonl', recursive=True)):
        with open(path, encoding='utf-8') as f:
            for line in f:
                if line not in seen:
                    seen.add(line)
                    yield json.loads(line)


def is_whole(slot):
    return slot is not None and slot['status'] == 'aired' and slot['cut_ms'] <= 1000


def count(folder, since, until):
    slots, sets, heard = {}, set(), set()
    for r in lines(folder):
        if not since <= r.get('date', '') <= until:
            continue
        if r['kind'] == 'slot':
            slots.setdefault((r['date'], r['slot']), r)
        elif r['kind'] == 'day':
            sets |= {s['set']['id'] for s in r['slots'] if s.get('set')}
        elif r['kind'] == 'end' and r['status'] == 'aired':
            heard.add(r['item'])
    told = {}
    for what in ['ttdn', 'all']:
        rows = [r for r in slots.values() if what in ('all', r['segment'])]
        n = collections.Counter(r['status'] for r in rows)
        told[what] = {'planned': len(rows), **{w: n[w] for w in STATES},
                      'actual_ms': sum(r['actual_ms'] for r in rows)}
    told['owed'] = told['ordered'] = 0
    for (date, slot), r in slots.items():
        morning = datetime.date.fromisoformat(date) + datetime.timedelta(1)
        repeat = slots.get((str(morning), 'pl-t%d' % (morning.weekday() + 2)))
        told['ordered'] += slot.startswith('ttdn-')
        if slot.startswith('ttdn-') and not is_whole(r) and not is_whole(repeat):
            told['owed'] += 1
    told['sets'] = len(sets)
    told['whole'] = len([s for s in sets if {s + '-vi', s + '-km'} <= heard])
    return told


print(json.dumps({os.path.basename(f): count(f, *sys.argv[1:3])
                  for f in sys.argv[3:]}))
