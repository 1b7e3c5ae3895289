#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A simulated month is signed by the daemon, verified by `loaxa verify`, and by
# the auditor's recipe of loaxa-log(5) with openssl and Python; what is changed
# in it is named by both.
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

# It signs what it finds, and what it writes itself, when it is stopped at the
# latest.
run_daemon
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
    loaxa --root "$root" prove "$airing" -o a.tlog-proof
expect "once" 73 "is there already" \
    loaxa --root "$root" prove "$airing" -o a.tlog-proof
expect "a slot" 0 "the proof of $slot" loaxa --root "$root" prove "$slot"
expect "a record" 0 "the proof of 17" loaxa --root "$root" prove --bare 17
expect "none" 66 "knows nothing of" \
    loaxa --root "$root" prove que-minh/2026-11-02/x/1
expect "no airing" 64 "names no airing" loaxa --root "$root" prove x
expect "not signed" 75 "is not signed yet" loaxa --root "$root" prove 99999
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
recipe 3 >proof.py
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
expect "after it" 0 "as an epoch record" loaxa verify --key "$vkey" "$root"
expect "an old airing" 0 "the proof of $airing" \
    loaxa --root "$root" prove --replace "$airing" -o a.tlog-proof
expect "by its key" 0 "airing: $airing" \
    loaxa verify --key "$vkey" a.tlog-proof
rm -rf "$root"
mv "$tmp/again" "$root"

# What is changed is named, by number and line.
sed -i '300s/"clock":"synced"/"clock":"unsure"/' "$log"
cp "$log" copy/log
expect "changed" 65 "airing-2026-11.jsonl:300: record 299 was changed" \
    loaxa verify "$root"
said "python sees it" OTHER python3 "$tmp/root.py"
sed -i '300s/"clock":"unsure"/"clock":"synced"/; 301d' "$log"
expect "taken out" 65 "record 300 is missing" loaxa verify "$root"
expect "and the first" 65 "not as it was signed: 300." loaxa verify "$root"
sed -i '2s/.$/x/' "$root/var/tree/v1/checkpoint"
expect "checkpoint" 65 "changed after it was signed" loaxa verify "$root"
exit $failed
