#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# interop.sh - by hand: a simulated month, signed by the daemon, checked with
# Go's sumdb/note and sumdb/tlog as Debian has them: signature, every entry,
# every tile, the inclusion of each entry, consistency between all pairs of
# sizes 1 to 300, and the proofs in the files of some airings. check_verify.sh
# and check_approval.sh do as much with openssl and Python.
set -eu
sh etc/packages.sh golang-go golang-golang-x-mod-dev
# shellcheck source=tests/expect.sh
. tests/expect.sh

root=$tmp/root
mkdir -p "$root/etc" "$root/schedules" "$root/var/log"
cp etc/loaxa.conf "$root/etc"
cp schedules/que-minh.cfg "$root/schedules"
loaxa --root . simulate --from 2026-11-01 --to 2026-11-30 --station que-minh \
    --assume-items --log >"$root/var/log/airing-2026-11.jsonl"
loaxad --root "$root" 2>"$tmp/daemon.log" &
daemon=$!
until loaxa --root "$root" status >/dev/null 2>&1 || [ $? -le 2 ]; do
	kill -0 $daemon
	sleep 0.2
done
kill $daemon
wait $daemon
daemon=

tree=$root/var/tree/v1
"$bin/tests/tool_tree" includes "$tree" >"$tmp/includes"
"$bin/tests/tool_tree" continues "$tree" 300 >"$tmp/continues"
grep -o '"airing_id":"[^"]*"' "$root/var/log/airing-2026-11.jsonl" | sort -u |
    cut -d'"' -f4 | awk 'NR % 10 == 0' >"$tmp/airings"
while read -r airing; do
	loaxa --root "$root" prove "$airing" --replace -o "$tmp/one" >/dev/null
	cat "$tmp/one" >>"$tmp/proofs"
done <"$tmp/airings"
cp tests/interop.go "$tmp/main.go"
cd "$tmp"
GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$tmp/cache \
    go build -o interop main.go
./interop "$tree" includes continues proofs
