#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The people whose names stand behind approvals: offices and their dates, who
# deputises for whom, who may order what, and what stands when one leaves.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh

# new_root NAME MORE: a site with MORE lines; stands in it, with three items.
new_root() {
	mkdir -p "$tmp/$1/etc" "$tmp/$1/schedules"
	cat >"$tmp/$1/etc/loaxa.conf" <<-END
	hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
	plausible_clock = true;
	$2
	END
	cd "$tmp/$1" || exit 1
	for n in 1 2 3; do
		sox -V1 -D -R -n -r 48000 -c 1 "tin-$n.wav" \
		    synth 1 sine $((300 * n)) vol 0.2
	done
}

# last KIND: the last record of that kind
last() {
	grep -h "\"kind\":\"$1\"" var/log/airing-*.jsonl | tail -n 1
}

new_root offices ''
loaxa add tin-1.wav tin-2.wav tin-3.wav >/dev/null || fail "add"
expect "a head" 0 "is registered" loaxa person add --office "Chủ tịch" \
    --role approver --from 2025-07-01 "Trần Văn Cả"
expect "his deputy" 0 "is registered" loaxa person add \
    --office "Phó Chủ tịch" --role approver --deputy-of "tran van ca" \
    --from 01/07/2025 "Lê Thị Hai"
expect "an officer" 0 "is registered" loaxa person add \
    --office "Công chức VH-XH" --role officer "Phạm Ba"
expect "no such role" 64 "--role is one or more of" \
    loaxa person add --office X --role king "Vua"
expect "a deputy of nobody" 67 "is not registered" \
    loaxa person add --office X --deputy-of "Không Ai" "Phó"
expect "an end before the beginning" 64 "ends before it begins" \
    loaxa person add --office X --from 2026-01-02 --until 2026-01-01 "Ngược"
expect "the list" 0 "Phó Chủ tịch (KT. Trần Văn Cả)" loaxa person list
expect "the list as JSON" 0 '"roles": "officer"' loaxa person list --json

expect "the officer's role does not approve" 77 'the right "approve" is needed' \
    loaxa approve --by "Phạm Ba" tin-1
expect "the deputy approves" 0 "tin-1 is approved" \
    loaxa approve --by "Lê Thị Hai" tin-1
head=$(loaxa person list | sed -n 's/^\(p-[0-9a-f]*\) .*Trần Văn Cả .*approver.*/\1/p' |
    head -n 1)
last approve | grep -qF "\"office\":\"Phó Chủ tịch\",\"on_behalf\":\"$head\",\"on_behalf_office\":\"Chủ tịch\"" ||
    fail "not signed KT.: $(last approve)"
expect "on its page" 0 "Phó Chủ tịch, KT. Chủ tịch (Trần Văn Cả)" \
    loaxa show tin-1
expect "the head approves" 0 "tin-2 is approved" \
    loaxa approve --by "Trần Văn Cả" tin-2
last approve | grep -qF '"on_behalf":"","on_behalf_office":""' ||
    fail "the head signs for nobody: $(last approve)"

# The head leaves; what he and his deputy approved stands.
expect "he leaves" 0 "What was approved stays approved" \
    loaxa person end "Trần Văn Cả"
expect "he has left" 67 "holds no office now" \
    loaxa approve --by "Trần Văn Cả" tin-3
expect "he has left, by his id" 67 "holds no office now" \
    loaxa approve --by "$head" tin-3
expect "what he approved stands" 0 '"state": "approved"' \
    loaxa items --json tin-2
expect "he is still on the list" 0 "Trần Văn Cả" loaxa person list
expect "the deputy of nobody signs alone" 0 "tin-3 is approved" \
    loaxa approve --by "Lê Thị Hai" tin-3
last approve | grep -qF '"on_behalf":""' ||
    fail "signed KT. for one who has left: $(last approve)"

# A new office; the record of the old one is not touched.
expect "not before the office began" 64 "before the office now held" \
    loaxa person office --office "Chủ tịch" --from 2025-06-01 "Lê Thị Hai"
expect "she is the head now" 0 "keeps the office held then" \
    loaxa person office --office "Chủ tịch" --role approver "Lê Thị Hai"
[ "$(loaxa person list | grep -c 'Lê Thị Hai')" -eq 2 ] ||
    fail "an office was lost: $(loaxa person list)"
loaxa withdraw --by "Lê Thị Hai" --reason x tin-3 >/dev/null || fail withdraw
last withdraw | grep -qF '"office":"Chủ tịch"' ||
    fail "not in the new office: $(last withdraw)"
expect "the log is in order" 0 "keeps its promises" loaxa audit

# Several at once: nobody is lost.
for n in 1 2 3 4 5 6 7 8 9 10; do
	loaxa person add --office "Thôn $n" "Người $n" >/dev/null &
done
wait
[ "$(loaxa person list | grep -c 'Thôn [0-9]')" -eq 10 ] ||
    fail "people were lost: $(loaxa person list)"
expect "a namesake" 0 "another person of this name" \
    loaxa person add --office "Phó Chủ tịch" "Người 1"

# Who added an item does not approve it.
new_root authors ''
loaxa person add --office "Công chức" An >/dev/null
loaxa person add --office "Chủ tịch" Ba >/dev/null
expect "added by name" 0 "tin-1 added" loaxa add --by An tin-1.wav
expect "by nobody's name" 0 "tin-2 added" loaxa add tin-2.wav
expect "his own" 77 "have another person approve it" loaxa approve --by An tin-1
expect "another's" 0 "tin-1 is approved" loaxa approve --by Ba tin-1
expect "whose is not known" 0 "is not proved" loaxa approve --by An tin-2
expect "edited since" 0 "Its approval stays" \
    loaxa edit --by Ba --title "Bản tin" tin-1
expect "and approved still" 0 '"state": "approved"' loaxa items --json tin-1
expect "one who edited it does not approve it again" 77 "have another person" \
    loaxa approve --by Ba tin-1
echo 'same_person = true;' >>etc/loaxa.conf
expect "in a commune of one" 0 "tin-1 is approved" loaxa approve --by An tin-1

# What two must approve, and what is no longer what was added.
new_root two 'second_approval = [ "phan-bac", "notice" ];'
loaxa person add --office "Phó Chủ tịch" An >/dev/null
loaxa person add --office "Chủ tịch" Ba >/dev/null
week=$(date -d '+7 days' +%G-W%V)
cat >schedules/que-minh.cfg <<-END
station = "que-minh";
name = "Quế Minh";
slots = ( { id = "tin"; days = "T2-CN"; at = "17:00"; for = "00:01:00"; item = "tin-1"; } );
END
loaxa add --tag "Phản bác" --by An tin-1.wav >/dev/null || fail "add --tag"
loaxa add --genre notice tin-2.wav >/dev/null || fail "add --genre"
loaxa add tin-3.wav >/dev/null || fail "add"
loaxa person add --office "Phó Chủ tịch" Tư >/dev/null
expect "the first" 0 "waits for a second approval" loaxa approve --by Tư tin-1
expect "the first again" 0 "was approved before" loaxa approve --by Tư tin-1
expect "its state" 0 '"state": "second"' loaxa items --json tin-1
expect "its page" 0 "waits for a second approval" loaxa show tin-1
expect "in the week" 1 "waits for a second approval" loaxa week --week "$week"
expect "what comes next" 1 "waits for a second approval" loaxa next
expect "in a check" 0 "have another person approve it" loaxa check
expect "not by its author" 77 "have another person" loaxa approve --by An tin-1
expect "without the tag" 0 "is now called" loaxa edit --tag "" tin-1
expect "it waits all the same" 0 '"state": "second"' loaxa items --json tin-1
loaxa approve --by Ba tin-1 >"$tmp/out"
grep -q "waits" "$tmp/out" && fail "it still waits: $(cat "$tmp/out")"
expect "by two" 0 '"state": "approved"' loaxa items --json tin-1
last approve | grep -q '"needs":1,"second_of":[0-9]' ||
    fail "the second does not name the first: $(last approve)"
expect "of a genre" 0 "waits for a second approval" loaxa approve --by An tin-2
expect "of no heading" 0 '"state": "approved"' \
    sh -c 'loaxa approve --by An tin-3 && loaxa items --json tin-3'
printf x >>audio/items/tin-2.flac
expect "changed bytes, the second time" 65 "the file has changed" \
    loaxa approve --by Ba tin-2
expect "the log is in order" 0 "keeps its promises" loaxa audit

exit "$failed"
