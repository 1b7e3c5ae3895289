#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench_tree.sh BUILD - the signed tree of a log of ten years, 110,000 records of
# 300 bytes: an append, the proof of one record, the verification of all; and
# Go's sumdb/tlog beside it, where golang-golang-x-mod-dev is installed. In
# processor time. A part of make bench.
set -eu
B=$1
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
# shellcheck source=tests/meter.sh
. tests/meter.sh
trap meter_clean EXIT
trap 'exit 1' HUP INT TERM

mkdir "$tmp/tree"
"$B/tests/bench_tree" "$tmp/tree" 110000 >"$tmp/figures"
figure() {
	sed -n "s/^$1 //p" "$tmp/figures"
}
verified=$(figure verified_per_s)
bar tree "an append and the new root at ten million leaves" \
    "$(figure append_us)" µs "<=" 20
bar tree "the fdatasync that an append waits for" "$(figure fdatasync_us)" µs
bar tree "verification of log, tiles and copies, a core" "$verified" \
    records/s ">=" 1500000
bar tree "a proof, made" "$(figure prove_ms)" ms "<=" 5
bar tree "a proof without its record" "$(figure proof_bytes)" bytes "<=" 1300
bar tree "a proof with it" "$(figure proof_with_record_bytes)" bytes
if [ -d /usr/share/gocode/src/golang.org/x/mod ] && command -v go >/dev/null; then
	cp tests/interop.go "$tmp/main.go"
	(cd "$tmp" && GO111MODULE=off GOPATH=/usr/share/gocode \
	    GOCACHE=$tmp/cache go build -o interop main.go)
	go=$("$tmp/interop" speed)
	bar tree "Go's sumdb/tlog, a tree of such records" "$go" records/s
	bar tree "ours, of Go's" "$(awk "BEGIN { print $verified / $go }")" \
	    times ">=" 2
fi
