#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# netns.sh - a station and its upper level in two network namespaces, with one
# cable between them that is pulled in the middle: of a push, of a pull, and of
# a folder that is being copied. By hand, as root; two minutes and a half, in
# which the programs mostly wait until they believe that nobody answers any more:
#
#	make all tests && sudo B=build sh tests/netns.sh
set -u
[ "$(id -u)" = 0 ] || {
	echo "netns.sh: only root makes network namespaces" >&2
	exit 77
}
[ -w /dev/shm ] && export TMPDIR=/dev/shm
# shellcheck source=tests/expect.sh
. tests/expect.sh
cd "$tmp" || exit 1
here=lx$$s
there=lx$$u
station=10.91.0.1
upper=10.91.0.2
children=
cleanup_net() {
	for pid in $children; do
		kill "$pid" 2>/dev/null
	done
	ip netns del "$here" 2>/dev/null
	ip netns del "$there" 2>/dev/null
	cleanup
}
trap cleanup_net EXIT
at() { # here|there COMMAND...
	ns=$1
	shift
	ip netns exec "$ns" "$@"
}
cable() { # up|down
	at "$here" ip link set v0 "$1"
}
ip netns add "$here" && ip netns add "$there" &&
    ip link add v0 netns "$here" type veth peer name v1 netns "$there" &&
    at "$here" ip address add $station/24 dev v0 &&
    at "$there" ip address add $upper/24 dev v1 &&
    at "$here" ip link set lo up && at "$there" ip link set lo up &&
    at "$there" ip link set v1 up && cable up || exit 1
# Slow enough to be cut in the middle: a commune's line.
at "$here" tc qdisc add dev v0 root tbf rate 2mbit burst 16kb latency 400ms \
    2>/dev/null || echo "no tc: the cable is as fast as it is"
at "$there" tc qdisc add dev v1 root tbf rate 2mbit burst 16kb latency 400ms \
    2>/dev/null

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout upper.key -out upper.pem -days 2 -subj /CN=upper \
    -addext "subjectAltName=IP:$upper" 2>/dev/null
mkdir -p s/etc
"$bin/tests/tool_tree" grow s/var 60000
loaxa collect --store store --trust s/var/tree/v1/vkey --as "Xã S" >/dev/null
cp "$top/etc/loaxa.conf" s/etc
cat >>s/etc/loaxa.conf <<END2
cosigners = [ "$(loaxa collect --store store --key)" ];
push = ( { url = "https://$upper:8443"; ca = "$tmp/upper.pem"; } );
END2
# cut FOLDER COMMAND...: once some bundles lie below it the cable is pulled; what
# the command ends with, and when it has ended the cable is there again
cut_after() {
	folder=$1
	shift
	"$@" >cut.out 2>&1 &
	pid=$!
	for _ in $(seq 1200); do
		[ "$(find "$folder" -path '*entries/*' -type f 2>/dev/null |
		    wc -l)" -ge 10 ] && break
		sleep 0.05
	done
	cable down
	wait "$pid"
	code=$?
	was=$(find "$folder" -path '*entries/*' -type f | wc -l)
	cable up
	echo "  cut: $was of 235 bundles had come; it ended with $code"
	sed 's/^/  /' cut.out
	{ [ "$was" -ge 10 ] && [ "$was" -lt 235 ]; } || fail "not in the middle"
}
# verified STORE: what is there is what the station signed
verified() {
	loaxa verify "$(echo "$1"/stations/*)" >out 2>&1 || fail "$(cat out)"
	grep -F "Signed: 60000 records." out || fail "$(cat out)"
}

echo "push"
at "$there" env PATH="$PATH" loaxa collect --store store \
    --listen $upper:8443 --cert upper.pem --cert-key upper.key >heard 2>&1 &
children="$children $!"
until grep -q "Stations may send" heard; do sleep 0.1; done
cut_after store/incoming at "$here" loaxa --root s push
[ "$code" = 75 ] || fail "push: cut, and it ended with $code"
at "$here" loaxa --root s push >out 2>err
sed 's/^/  /' out
grep -q "60000 records are there, cosigned" out || fail "$(cat out err)"
sent=$(sed -n 's/.*"sent": \([0-9]*\).*/\1/p' s/var/push/state.json)
echo "  then $sent were sent"
[ $((was + sent)) -le 236 ] || fail "$was and $sent: too many"
verified store

echo "pull"
loaxa collect --store pulled --trust s/var/tree/v1/vkey --as "Xã S" >/dev/null
at "$here" python3 -m http.server --bind $station --directory s/var/tree 8080 \
    >/dev/null 2>&1 &
children="$children $!"
sleep 1
cut_after pulled/incoming at "$there" \
    loaxa collect --store pulled http://$station:8080
[ "$code" = 75 ] || fail "pull: cut, and it ended with $code"
at "$there" loaxa collect --store pulled http://$station:8080 >out 2>&1 ||
    fail "$(cat out)"
sed 's/^/  /' out
verified pulled

echo "folder"
loaxa collect --store brought --trust s/var/tree/v1/vkey --as "Xã S" >/dev/null
cat >get.py <<'END2'
import socket, sys
s = socket.create_server((sys.argv[1], 9000)).accept()[0]
s.settimeout(20)
try:
    while data := s.recv(65536): sys.stdout.buffer.write(data)
except OSError as e: print(e, file=sys.stderr)
END2
cat >put.py <<'END2'
import socket, sys
s = socket.create_connection((sys.argv[1], 9000), 20)
while data := sys.stdin.buffer.read(65536): s.sendall(data)
END2
copy() { # the station's tree to the folder `stick`, checkpoint first
	at "$there" python3 get.py $upper | tar x -C stick 2>/dev/null &
	getting=$!
	sleep 1
	tar c -C s/var/tree v1/checkpoint v1/vkey v1/tile |
	    at "$here" python3 put.py $upper 2>/dev/null
	wait "$getting"
}
mkdir stick
cut_after stick copy
at "$there" loaxa collect --store brought stick >out 2>&1
code=$?
sed 's/^/  /' out
{ [ "$code" = 65 ] && [ ! -e stick/v1/cosigned ]; } ||
    fail "half a folder: $code: $(cat out)"
copy
at "$there" loaxa collect --store brought stick >out 2>&1 || fail "$(cat out)"
sed 's/^/  /' out
[ -s stick/v1/cosigned ] || fail "not cosigned"
verified brought
[ "$failed" = 0 ] && echo "all three are whole"
exit "$failed"
