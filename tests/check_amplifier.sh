#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The amplifier of a real station: the shipped example of a command is run
# before a session and after it, never in between, at once for an order, and at
# an orderly end; one that hangs or fails disturbs no sound. Takes about 25
# seconds.
set -u
B=${B:-build}
tmp=$(mktemp -d)
# shellcheck source=tests/station.sh
. tests/station.sh
clean() {
	[ -z "$daemon" ] || { kill "$daemon" 2>/dev/null && wait "$daemon"; }
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
hook=$PWD/etc/hooks/tang-am.sh

# The ways of the example, with a port and a network that only write down what
# they were given.
mkdir "$tmp/bin"
printf '#!/bin/sh\necho "stty $*" >>"%s"\n' "$tmp/did" >"$tmp/bin/stty"
cat >"$tmp/bin/curl" <<END
#!/bin/sh
for url; do :; done
echo "\$url" >>"$tmp/did"
case \$url in
*192.168.1.51*) exit 7 ;;
*Power%20on) echo '{"POWER":"ON"}' ;;
*Power%20off) echo '{"POWER":"ON"}' ;; # it does not go off
*) echo '{"was_on":false}' ;;
esac
END
chmod 755 "$tmp/bin/stty" "$tmp/bin/curl"
# by WAY ADDRESS ORDER: its exit code; what it did is in $tmp/did
by() {
	sed "s/^cach=tep/cach=$1/; s|^cong=[^	]*|cong=$tmp/port|
	    s/^diachi=[^	]*/diachi=$2/" "$hook" >"$tmp/hook.sh"
	rm -f "$tmp/did" "$tmp/port"
	PATH=$tmp/bin:$PATH sh "$tmp/hook.sh" "$3" >"$tmp/said" 2>&1
	echo $?
}
[ "$(by role - on)" = 0 ] || wrong "the relay board: $(cat "$tmp/said")"
[ "$(od -An -tx1 "$tmp/port")" = " a0 01 01 a2" ] || wrong "the board's on"
grep -q "^stty -F $tmp/port 9600" "$tmp/did" || wrong "the board's port"
by role - off >/dev/null
[ "$(od -An -tx1 "$tmp/port")" = " a0 01 00 a1" ] || wrong "the board's off"
[ "$(by tasmota 192.168.1.50 on)" = 0 ] || wrong "the first plug"
grep -qx 'http://192.168.1.50/cm?cmnd=Power%20on' "$tmp/did" ||
    wrong "the first plug's address"
[ "$(by tasmota 192.168.1.50 off)" != 0 ] || wrong "a plug that stays on"
[ "$(by shelly 192.168.1.50 off)" = 0 ] || wrong "the second plug"
grep -qx 'http://192.168.1.50/rpc/Switch.Set?id=0&on=false' "$tmp/did" ||
    wrong "the second plug's address"
[ "$(by shelly 192.168.1.51 on)" = 7 ] || wrong "a plug that is not there"
[ "$(by tep - maybe)" = 64 ] || wrong "neither on nor off"

made() {
	noise "$2" "${1#n}"
}
library_make n1 n2
mkdir "$tmp/root"
cat >"$tmp/root/switch" <<END
#!/bin/sh
# What the example does, and when; as told by the file "how".
case \$(cat "$tmp/root/how") in
hangs) exec sleep 100 ;;
fails) exit 3 ;;
esac
echo "\$(date +%s.%N) \$(sh "$hook" "\$1")" >>"$tmp/root/switched"
END
chmod 755 "$tmp/root/switch"
echo well >"$tmp/root/how"
station_make "$tmp/root" 'driver = "wav"; file = "var/out/sound.wav";
	amplifier = { before = [ "switch", "on" ]; after = [ "switch", "off" ];
	  lead = 3; lag = 1; longest_s = 1; };'
start=$(($(date +%s) + 6))
slot mot 0 1 'item = "n1";'
slot hai 3 1 'item = "n1";' # the same session
timetable ""
daemon_start
# switched WHEN FROM ORDER...: the orders so far; the last one FROM seconds
# after $start, and half a second later at most
switched() {
	what=$1
	from=$2
	shift 2
	got=$(cut -d ' ' -f 2 "$root/switched" 2>/dev/null | tr '\n' ' ')
	[ "$got" = "$* " ] || wrong "$what: \"$got\", wanted \"$*\""
	awk -v s="$start" -v f="$from" 'END { d = $1 - s - f
	    exit !(d > -0.1 && d < 0.8) }' "$root/switched" ||
	    wrong "$what: at $(tail -n 1 "$root/switched"), start $start"
}
sleep_to -2
switched "before the session" -3 on
sleep_to 4.5
switched "in the session" -3 on
sleep_to 6
switched "after it" 5 on off
loaxa play n2 --by "Người duyệt" >"$root/said" 2>&1 || cat "$root/said"
sleep 0.5
switched "an order" 6 on off on
sleep_to 10.5
switched "after the order" 9 on off on off
expect mot aired ""
expect hai aired ""
on_time mot hai
# From here on it hangs; the order sounds all the same.
echo hangs >"$root/how"
loaxa play n1 --by "Người duyệt" >"$root/said" 2>&1 || cat "$root/said"
sleep 1.4
loaxa status >"$root/status" 2>&1
grep -q 'amplifier could NOT be switched on' "$root/status" ||
    { cat "$root/status"; wrong "nobody is told that it hangs"; }
records op | grep '"op":"amplifier"' | grep -q '"result":"failed"' ||
    wrong "no record of it"
[ "$(records end | grep -c '"reason":"operator"')" = 2 ] ||
    wrong "the order did not sound"
# An orderly end switches off, whatever the one before has done.
sleep 1.6
echo well >"$root/how"
sleep 1.8
daemon_stop
[ "$(cut -d ' ' -f 2 "$root/switched" | tail -n 2 | tr '\n' ' ')" = "off off " ] ||
    wrong "the orderly end: $(cat "$root/switched")"
[ "$(cat "$root/var/amplifier-$station")" != off ] ||
    wrong "what ran at the end is believed"
audited
[ $faults -eq 0 ] || { cat "$root/daemon.log"; exit 1; }
