#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loaxa simulate --faults from outside: a life of the made-up station and one of
# a root's own, the same again from its seed, many at once, what is written
# wrongly, and that a root's files stay as they were.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh
cd "$tmp" || exit 1

sim() {
	loaxa simulate --faults "$@"
}

expect "a life of the made-up station" 0 "Every promise was kept" \
    sim --example --seed 5 --to 2026-11-29
cp out first
expect "it tells its strokes" 0 "power cut" cat first
expect "the same seed" 0 "Every promise was kept" \
    sim --example --seed 5 --to 2026-11-29
cmp -s first out || fail "the same seed told another life"
expect "another seed" 0 "Every promise was kept" \
    sim --example --seed 6 --to 2026-11-29
cmp -s first out && fail "another seed told the same life"

expect "many at once" 0 "Lives: 4, of 8 days" \
    sim --example --runs 4 --jobs 2 --to 2026-11-24
expect "for programs" 0 '"lives": 4' \
    sim --example --runs 4 --to 2026-11-24 --json
expect "only some kinds" 0 "power cut" \
    sim --example --kinds power --to 2026-11-29
grep -q "reload" out && fail "a reload, with power alone"

expect "the log is kept" 0 "kept" \
    sim --example --seed 5 --to 2026-11-29 --keep kept
expect "and can be audited" 0 "Audited" loaxa audit kept
[ "$(wc -l <kept/witness.txt)" -gt 100 ] || fail "no witness"

mkdir root
cp -r "$top/etc" "$top/schedules" root
find root -type f -exec cksum {} + | sort >before
expect "one's own station" 0 "Every promise was kept" \
    sim --assume-items --seed 3 --from 2026-11-23 --to 2026-11-29 --root root
expect "with the library as it is" 0 "Every promise was kept" \
    sim --station que-minh --from 2026-11-23 --to 2026-11-25 --root root
find root -type f -exec cksum {} + | sort >after
cmp -s before after || fail "the root was touched"

expect "a kind that is none" 64 "--kinds is a list" \
    sim --example --kinds power,weather
expect "without --faults" 64 "goes with --faults" \
    loaxa simulate --example
expect "the log on the screen" 64 "--keep" sim --example --log
expect "two ends" 64 "leave one out" sim --example --months 1 --to 2026-11-29
expect "the log of many" 64 "one life" sim --example --runs 2 --keep kept
expect "dates the wrong way round" 64 "turn them round" \
    sim --example --from 2026-11-29 --to 2026-11-23
expect "no such station" 66 "no station" sim --station nha --root root

# Cầu Ngang's week: both languages of its set air, and the log says so.
mkdir -p pair/var/log
(cd "$top" && loaxa --root . simulate --from 2026-11-23 --to 2026-11-29 \
    --station cau-ngang --assume-items --log) 2>/dev/null | grep '^{' \
    >pair/var/log/airing-2026-11.jsonl
expect "the bilingual set of a week" 0 \
    "Bilingual set cn-ttdn-w48 (Thông tin đối ngoại, week 2026-W48): complete" \
    loaxa --root pair log --from 2026-11-23 --to 2026-11-29
sed 's/"kind":"start"\(.*"item":"cn-ttdn-w48-km"\)/"kind":"starts"\1/' \
    pair/var/log/airing-2026-11.jsonl >pair/cut
mv pair/cut pair/var/log/airing-2026-11.jsonl
expect "and without its Khmer part" 0 "Khmer: not aired" \
    loaxa --root pair log --from 2026-11-23 --to 2026-11-29

exit "$failed"
