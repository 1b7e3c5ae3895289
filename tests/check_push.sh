#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A station sends its signed log to the upper level by HTTPS, and takes back
# what is cosigned: on loopback, with a certificate of our own; with the link
# cut in the middle, a key that nobody knows, two histories, a certificate that
# is not to be believed.
set -u
[ -w /dev/shm ] && export TMPDIR=/dev/shm
# shellcheck source=tests/expect.sh
. tests/expect.sh
cd "$tmp" || exit 1
receiver=
cleanup_push() {
	[ -z "$receiver" ] || kill "$receiver" 2>/dev/null
	cleanup
}
trap cleanup_push EXIT

# certificate NAME ADDRESS: NAME.pem, NAME.key
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1" \
	    -addext "subjectAltName=IP:$2" 2>/dev/null || fail "no certificate"
}
# hear [ARGUMENT...]: the upper level listens, at $port once it had one
port=0
hear() {
	: >heard # of one that heard before
	loaxa collect --store store --listen "127.0.0.1:$port" "$@" \
	    >heard 2>>heard.err &
	receiver=$!
	for _ in $(seq 200); do
		grep -q "Stations may send now" heard && break
		sleep 0.05
	done
	port=$(sed -n 's/^Stations may send now: [0-9.]*:\([0-9]*\) (.*/\1/p' heard)
	[ -n "$port" ] || fail "it does not listen: $(cat heard heard.err)"
}
deaf() {
	kill "$receiver"
	wait "$receiver" || fail "it ended with $?: $(cat heard.err)"
	receiver=
}
# station NAME CA: a root whose tree tool_tree grows
station() {
	mkdir -p "$1/etc"
	cp "$top/etc/loaxa.conf" "$1/etc"
	cat >>"$1/etc/loaxa.conf" <<-END
	cosigners = [ "$(cat cosigner)" ];
	push = ( { url = "https://127.0.0.1:$port/"; ca = "$2"; } );
	END
}
grow() {
	"$bin/tests/tool_tree" grow "$1/var" "$2" || fail "$1: no tree"
}

# use NAME: the receiver's certificate from now on
use() {
	cp "$1.pem" live.pem
	cp "$1.key" live.key
}
# renew NAME WORDS: the same while it runs, which says so
renew() {
	use "$1"
	: >heard.err
	kill -HUP "$receiver"
	for _ in $(seq 100); do
		grep -q "$2" heard.err && return
		sleep 0.05
	done
	fail "$1: it was not read again: $(cat heard.err)"
}

# One's own is made as the manual says it, with a number in place of a name.
sed -n '/^openssl req/,/^\.Ed/p' "$top/man/loaxad.8" |
    sed 's/\\e$/\\/; /^\.Ed/d; s/DNS:huyen.example.vn/IP:127.0.0.1/' >make.sh
sh make.sh 2>/dev/null || fail "the manual's certificate: $(cat make.sh)"
mv receive.pem good.pem
mv receive.key good.key
certificate other 127.0.0.1
certificate elsewhere 127.0.0.2
openssl x509 -in other.pem -signkey other.key -days -1 -out over.pem 2>/dev/null
cp other.key over.key
echo "no certificate" >junk.pem
echo "no key" >junk.key
use good
hear --cert live.pem --cert-key live.key
loaxa collect --store store --key >cosigner
# a has no daemon that would take what comes back: 75
station a "$tmp/good.pem"
expect "nothing signed" 66 "has not signed its log yet" loaxa --root a push
grow a 700
expect "a stranger" 75 "Tell them its key by telephone" loaxa --root a push
grep -qF "nobody has entered this key: $(cat a/var/tree/v1/vkey)" heard ||
    fail "the stranger was not named: $(cat heard)"
expect "entered beside it" 0 "is known by the key" \
    loaxa collect --store store --trust a/var/tree/v1/vkey --as "Xã Quế Minh"
expect "pushed" 75 "700 records are there, cosigned" loaxa --root a push
grep -q "Xã Quế Minh: 700 records, 700 of them new: kept" heard ||
    fail "it was not said: $(cat heard)"
expect "verified" 0 "Signed: 700 records." \
    loaxa verify "$(echo store/stations/*)"
expect "nothing new" 75 "700 records are there" loaxa --root a push
! grep -q "cosigned again" heard || fail "within a minute: $(cat heard)"

# A witness's client that knows nothing of records, by hand.
ask() { # WORDS CODE CURL-ARGUMENT...
	words=$1 code=$2
	shift 2
	curl -s --cacert good.pem -w '\n%{http_code} %{content_type}\n' "$@" \
	    >answer 2>&1
	{ grep -q "^$code " answer && grep -q -- "$words" answer; } ||
	    fail "$words: wanted $code: $(cat answer)"
}
url=https://127.0.0.1:$port
{ echo "old 0"; echo; cat a/var/tree/v1/checkpoint; } >body
ask '^700$' 409 --data-binary @body "$url/add-checkpoint"
grep -q '^409 text/x.tlog.size' answer || fail "$(cat answer)"
grow a 5
{ echo "old 700"; echo; cat a/var/tree/v1/checkpoint; } >body
ask 'The proof does not hold' 422 --data-binary @body "$url/add-checkpoint"
{ echo "old 900"; echo; cat a/var/tree/v1/checkpoint; } >body
ask 'old is larger' 400 --data-binary @body "$url/add-checkpoint"
{ echo "old 700"; echo; sed 's/^705$/706/' a/var/tree/v1/checkpoint; } >body
ask 'no signature' 403 --data-binary @body "$url/add-checkpoint"
ask 'no signature' 403 --data-binary @body "$url/%0a%3c1%3eloaxa:%1b/add-checkpoint"
grep -q '^<1>' heard.err && fail "a line that is somebody else's: $(cat heard.err)"
tr -d '\n' <heard.err | LC_ALL=C grep -q '[[:cntrl:]]' &&
    fail "a control character was logged"
ask 'no add-checkpoint' 400 -d "" "$url/add-checkpoint"
head -c 100000 /dev/zero >large
ask 'too large' 413 --data-binary @large "$url/add-checkpoint"
origin=$(head -n 1 a/var/tree/v1/checkpoint)
hash=$(printf %s "$origin" | sha256sum | cut -c 1-64)
ask "/collect " 200 "$url/$hash/checkpoint"
ask 'send the checkpoint first' 404 -T large "$url/$hash/tile/entries/002"
ask '' 404 "$url/"
ask '' 404 "$url/$hash/tile/entries/../../../../etc/passwd" --path-as-is
ask '' 405 -X DELETE "$url/$hash/checkpoint"
ask '' 400 -X POST -H "Content-Length: x" "$url/add-checkpoint"
! grep -q "Content-Length" heard.err || fail "$(cat heard.err)"
grow b 10
grow c 10
{ echo "old 0"; echo; cat b/var/tree/v1/checkpoint; } >body
loaxa collect --store store --trust b/var/tree/v1/vkey --as "Xã B" >/dev/null
ask 'entries 0' 428 --data-binary @body "$url/add-checkpoint"
hash=$(head -n 1 b/var/tree/v1/checkpoint | tr -d '\n' | sha256sum | cut -c 1-64)
head -c 500 /dev/zero >junk
ask 'no bundle of that many entries' 422 -T junk "$url/$hash/tile/entries/000.p/10"
ask 'is not what the checkpoint signs' 422 \
    -T c/var/tree/v1/tile/entries/000.p/10 "$url/$hash/tile/entries/000.p/10"
ask 'send tile/entries/000.p/10 first' 409 \
    -T junk "$url/$hash/tile/entries/001"
[ -z "$(find store/incoming -path '*entries*' -type f)" ] ||
    fail "something was left: $(find store/incoming)"

# Certificates that are not to be believed: another one, another computer's. A
# new one is taken without an end of what is heard; what is none, is not.
sed -i "s|$tmp/good.pem|$tmp/other.pem|" a/etc/loaxa.conf
expect "another authority" 75 "by nobody whom this computer knows" \
    loaxa --root a push
expect "the same in Vietnamese" 75 "xin cấp trên tệp chứng thư (receive.pem)" \
    env LOAXA_LANG=vi loaxa --root a push
sed -i "s|$tmp/other.pem|$tmp/nowhere.pem|" a/etc/loaxa.conf
expect "no authority" 75 "the file that is ca of push" loaxa --root a push
sed -i "s|$tmp/nowhere.pem|$tmp/elsewhere.pem|" a/etc/loaxa.conf
renew elsewhere "was read again"
expect "another computer's" 75 "made out to another name" loaxa --root a push
! grep -q "tries again" err || fail "it does not help to try: $(cat err)"
renew junk "is used on"
expect "the one from before" 75 "made out to another name" loaxa --root a push
! grep -q handshake heard.err || fail "$(cat heard.err)"
renew over "was read again"
sed -i "s|$tmp/elsewhere.pem|$tmp/over.pem|" a/etc/loaxa.conf
expect "one that is over" 75 "out of date, or the clock" loaxa --root a push
renew good "was read again"
sed -i "s|$tmp/over.pem|$tmp/good.pem|" a/etc/loaxa.conf
expect "the right one again" 75 "records are there" loaxa --root a push
deaf
expect "nobody there" 75 "no connection: nobody answers" loaxa --root a push
expect "in the clear to others" 64 "only this computer itself" \
    loaxa collect --store store --listen 0.0.0.0:0
sed "s|https://127.0.0.1|http://192.0.2.1|" a/etc/loaxa.conf >clear.conf
mkdir -p clear/etc
mv clear.conf clear/etc/loaxa.conf
expect "in the clear" 78 "has faults" loaxa --root clear push

# The link is cut in the middle: the upper level goes away and comes back. The
# station goes on where it was.
staged() {
	find store/incoming -path '*/entries/*' -type f | wc -l
}
hear --cert live.pem --cert-key live.key
grow a 30000
loaxa --root a push >out 2>&1 &
pushing=$!
for _ in $(seq 200); do
	[ "$(staged)" -ge 5 ] && break
	sleep 0.05
done
kill -KILL "$receiver"
{ wait "$receiver"; wait "$pushing"; } 2>/dev/null
code=$?
[ "$code" = 75 ] || fail "cut: ended with $code: $(cat out)"
there=$(staged)
hear --cert live.pem --cert-key live.key
expect "it goes on" 75 "30705 records are there" loaxa --root a push
sent=$(sed -n 's/.*"sent": \([0-9]*\).*/\1/p' a/var/push/state.json)
# 705 were there: bundle 2 and those up to 119.
{ [ "$there" -ge 5 ] && [ "$sent" = $((118 - there)) ]; } ||
    fail "$there were there, and $sent were sent"
loaxa verify "$(dirname "$(grep -l 'Xã Qu' store/stations/*/station.json)")" \
    >out || fail "$(cat out)"

# Two stations at once, with somebody who collects beside them.
station b "$tmp/good.pem"
station c "$tmp/good.pem"
loaxa collect --store store --trust c/var/tree/v1/vkey --as "Xã C" >/dev/null
grow b 5000
grow c 5000
loaxa --root b push >out.b 2>&1 &
b=$!
loaxa --root c push >out.c 2>&1 &
c=$!
"$bin/tests/tool_tree" grow d 10
loaxa collect --store store --trust d/tree/v1/vkey --as "Xã D" >/dev/null
for _ in 1 2 3; do
	expect "a stick beside it" 0 "Xã D: 10 records" \
	    loaxa collect --store store d
done
wait "$b" "$c"
grep -q "5010 records are there" out.b || fail "b: $(cat out.b)"
grep -q "5010 records are there" out.c || fail "c: $(cat out.c)"
for s in store/stations/*; do
	loaxa verify "$s" >out 2>&1 || fail "$s: $(cat out)"
done

# Whoever has the store for a while is named.
sleep 30 &
sleeper=$!
(
	flock 9
	echo "someone $sleeper" >store/lock
	exec sleep 30
) 9>>store/lock &
holder=$!
until grep -q "^someone" store/lock 2>/dev/null; do sleep 0.1; done
env LOAXA_LANG=vi loaxa --root b push >out.b 2>&1 &
b=$!
expect "in use, by whom" 75 "is in use by someone, process $sleeper" \
    loaxa collect --store store
wait "$b"
grep -qF "(HTTP 503: kho ở cấp trên đang bận; hãy thử lại)" out.b ||
    fail "in use, in Vietnamese: $(cat out.b)"
expect "in use" 75 "the upper level cannot take it now (HTTP 503" \
    loaxa --root a push
kill "$sleeper" "$holder"
{ wait "$holder" "$sleeper"; } 2>/dev/null

# With its daemon: the cosignature becomes a record of the log. One whose disk
# was put back from an image goes on in another tree.
up() { # [WORDS]: until its status has them
	loaxad --root s 2>>daemon.log &
	daemon=$!
	for _ in $(seq 200); do
		loaxa --root s status --json 2>/dev/null |
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
log() { cat s/var/log/airing-*.jsonl; }
station s "$tmp/good.pem"
mkdir s/schedules
cp "$top/schedules/que-minh.cfg" s/schedules
up '"origin": "loaxa/'
loaxa collect --store store --trust s/var/tree/v1/vkey --as "Đài S" >/dev/null
expect "with its daemon" 0 "cosigned" loaxa --root s push
log | grep -q '"kind":"anchor"' || fail "no anchor: $(log)"
[ -z "$(ls s/var/push/*.cosigned 2>/dev/null)" ] || fail "one was kept"
down
cp -R s image
expect "without its daemon" 75 "is tried again" loaxa --root s push
[ -n "$(ls s/var/push/*.cosigned)" ] || fail "none was kept"
up '"origin": "loaxa/'
sed -i "s|$tmp/good.pem|$tmp/other.pem|" s/etc/loaxa.conf
loaxa --root s push >out 2>&1
loaxa --root s status | grep -q "by nobody whom this computer knows" ||
    fail "status does not say why: $(loaxa --root s status)"
sed -i "s|$tmp/other.pem|$tmp/good.pem|" s/etc/loaxa.conf
expect "made up for" 0 "cosigned" loaxa --root s push
! loaxa --root s status | grep "nothing was sent" || fail "status goes on"
[ "$(log | grep -c '"kind":"anchor"')" -ge 2 ] || fail "$(log)"
[ -z "$(ls s/var/push/*.cosigned 2>/dev/null)" ] || fail "one was kept"
down
rm -rf s
mv image s
up '"origin": "loaxa/'
loaxa --root s push >out 2>&1
grep -q "has MORE records\|has OTHER records" out || fail "image: $(cat out)"
for _ in $(seq 200); do
	log | grep -q '"kind":"epoch".*"reason":"tree"' && break
	sleep 0.1
done
down
expect "its new tree" 75 "OTHER records" loaxa --root s push
grep -q '/log/v2$' store/stations/*/v2/checkpoint ||
    fail "v2 was not sent: $(cat out)"
expect "the old one is not sent again" 75 "cosigned" loaxa --root s push
! grep -q OTHER err || fail "$(cat err)"
grep -q "ITS LOG BEGAN ANEW" heard || fail "not told: $(cat heard)"
deaf
exit $failed
