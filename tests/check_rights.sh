#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Users of this machine at the control socket of a real daemon: what their
# groups let them ask, what the others are told, and that a reload changes it.
# Becoming another user takes root; without it only the last part runs.
set -u
# shellcheck source=tests/expect.sh
. tests/expect.sh
export LC_ALL=C.UTF-8

# Others may not look into the tree that this was built in, but here.
cp -R "$bin/loaxa" "$bin/po" "$tmp/"
chmod 755 "$tmp"
mkdir -p "$tmp/root/etc" "$tmp/root/schedules"
cd "$tmp/root" || exit 1
site() {
	cat >etc/loaxa.conf <<-END
	hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
	plausible_clock = true;
	$1
	END
}
loaxa() {
	"$tmp/loaxa" --root . "$@"
}
# as GROUP WORD...: a stranger of that group
as() {
	group=$1
	shift
	setpriv --reuid 61234 --regid 61234 --groups "$group" \
	    "$tmp/loaxa" --root . "$@"
}
gid() {
	getent group "$1" | cut -d : -f 3
}
# mode: of the socket
mode() {
	stat -c %a run/control.sock
}

site ''
"$bin/loaxa" --root . person add --office "Chủ tịch" An >/dev/null
"$bin/loaxa" --root . person add --office "Công chức" --role officer Ba \
    >/dev/null
chmod 755 var
"$bin/loaxad" --root . >daemon.out 2>&1 &
daemon=$!
n=0
until [ -S run/control.sock ] || [ "$n" -eq 100 ]; do
	n=$((n + 1))
	sleep 0.1
done

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	# Four groups that every Debian has; what they are for is no matter.
	read=$(gid games) load=$(gid man) approve=$(gid news)
	operate=$(gid mail)

	[ "$(mode)" = 660 ] || fail "without groups: mode $(mode)"
	expect "without groups the file is shut" 77 "may not control" \
	    as "$operate" status
	site 'groups = { read = "games"; load = "man"; approve = "news";
	    operate = "mail"; };'
	expect "the administrator reloads" 0 "now in use" loaxa reload
	[ "$(mode)" = 666 ] || fail "with groups: mode $(mode)"
	expect "a reader looks" 2 "no station" as "$read" status
	expect "a reader does not stop" 77 'the right "operate"' \
	    as "$read" stop
	expect "an officer looks" 2 "no station" as "$load" status
	expect "an officer cannot stop what he may not start" 77 \
	    'the right "operate"' as "$load" stop
	expect "nor skip" 77 'the right "operate"' as "$load" skip
	expect "nor play" 77 'the right "operate"' as "$load" play tin
	expect "an officer loads" 0 "now in use" as "$load" reload
	expect "an operator does not load" 77 'the right "load"' \
	    as "$operate" reload
	expect "an approver does not stop" 77 'the right "operate"' \
	    as "$approve" stop
	expect "a stranger is told at the door" 77 'the right "read"' \
	    as 65533 status
	expect "in the user's language" 77 "vận hành" \
	    sh -c "LOAXA_LANG=vi setpriv --reuid 61234 --regid 61234 \
	    --groups $load $tmp/loaxa --root . stop || exit \$?"
	mkdir -p audio/items
	sox -V1 -D -R -n -r 48000 -c 1 tin.wav synth 1 sine 440 vol 0.2
	"$bin/loaxa" --root . add tin.wav >/dev/null || fail "add"
	chmod -R a+rX audio var
	expect "an officer does not release an emergency" 77 'the right "operate"' \
	    as "$load" emergency tin --by An --order 12
	expect "nor what somebody else prepared" 77 'the right "operate"' \
	    as "$load" emergency --confirm 123456
	expect "an operator in the name of an officer" 77 "may not order" \
	    as "$operate" emergency tin --by Ba --order 12
	grep -q '"op":"emergency".*"result":"refused"' var/log/*.jsonl ||
	    fail "a refused emergency is no record"
	expect "an officer does not approve" 77 'the right "approve"' \
	    as "$load" approve --by An tin
	expect "an approver does" 0 "tin is approved" \
	    as "$approve" approve --by An tin
	expect "an officer does not withdraw" 77 'the right "approve"' \
	    as "$load" withdraw --by An --reason x tin
	site 'groups = { read = "no-such-group"; };'
	expect "a group that is not there" 0 "now in use" loaxa reload
	expect "is nobody's" 77 "may not control" as "$read" status
	grep -q 'there is no group "no-such-group"' daemon.out ||
	    fail "the daemon did not say so: $(cat daemon.out)"
	grep -q 'user 61234 was refused: ' daemon.out ||
	    fail "no refusal told: $(cat daemon.out)"
else
	echo "only root can become another user: groups not tried"
fi

# The daemon's own user may all; the person it names may not.
expect "the daemon's user" 2 "no station" loaxa status
expect "the person named" 77 'the right "operate" is needed' loaxa stop --by Ba
cat >ask.py <<'END'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("run/control.sock")
s.sendall((sys.argv[1] + "\n").encode())
answer = json.loads(s.makefile().readline())
print(answer.get("ok"), answer.get("denied"), answer.get("error"))
END
if command -v python3 >/dev/null; then
	ba=$(loaxa person list | sed -n 's/^\(p-[0-9a-f]*\) .*Ba .*/\1/p')
	expect "the same without loaxa between" 0 "False True" \
	    python3 ask.py '{"cmd":"stop","by":"'"$ba"'"}'
	expect "one who has left, without loaxa between" 0 \
	    "holds no office now" sh -c "'$tmp/loaxa' --root . person end Ba \
	    >/dev/null && python3 ask.py \
	    '{\"cmd\":\"reload\",\"by\":\"$ba\"}'"
fi
kill "$daemon"
wait "$daemon" || fail "loaxad ended with exit code $?"
daemon=
expect "the log is in order" 0 "keeps its promises" loaxa audit
exit "$failed"
