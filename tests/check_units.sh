#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The units, the user and the folders of an installed station: systemd reads
# them without a word, their walls are as high as promised, and the folders let
# in whom they should. No systemd need run; fresh.sh starts one with them.
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
faults=0
wrong() {
	echo "WRONG: $*"
	faults=$((faults + 1))
}
# quiet COMMAND...: it succeeds and says nothing
quiet() {
	"$@" >"$tmp/said" 2>&1 || wrong "$* ended with $?: $(cat "$tmp/said")"
	[ ! -s "$tmp/said" ] || wrong "$*: $(cat "$tmp/said")"
}
build=$(realpath "$B")
root=$tmp/root
make -s --no-print-directory install B="$B" DESTDIR="$root" PREFIX=/usr \
    >"$tmp/out" 2>&1 || { cat "$tmp/out"; exit 1; }
units=$root/usr/lib/systemd/system

# What is started is what is installed; verify looks for it on this machine.
mkdir "$tmp/units"
for unit in "$units"/*; do
	program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")
	[ -z "$program" ] || [ -x "$root$program" ] ||
	    wrong "$unit starts $program, which is not installed"
	sed "s|/usr/s*bin/loaxa|$build/loaxa|" "$unit" \
	    >"$tmp/units/${unit##*/}"
done
for unit in "$tmp/units"/*; do
	quiet systemd-analyze verify --man=no "$unit"
done

# walls UNIT TENTHS: its exposure, at most so many tenths
walls() {
	systemd-analyze security --no-pager --offline=true --threshold="$2" \
	    "$units/$1" >"$tmp/said" 2>&1 ||
	    wrong "$1 is too open: $(tail -n 1 "$tmp/said")"
	tail -n 1 "$tmp/said"
}
walls loaxad.service 15
walls loaxa-inbox.service 10
walls loaxa-push.service 15
walls loaxa-receive.service 15

# systemd looks a device's name up in /proc/devices when the unit starts: where
# the card is found later, the player was refused it until the next start.
! grep -h '^DeviceAllow=char-[a-z]' etc/systemd/*.service ||
    wrong "a device is named by a word"

# What loaxad(8) proposes to open is understood, and does not open more.
mkdir "$tmp/units/loaxad.service.d"
sed -n '/^\[Service\]/,/^\.Ed/p' man/loaxad.8 | sed '/^\./d' \
    >"$tmp/units/loaxad.service.d/override.conf"
[ -s "$tmp/units/loaxad.service.d/override.conf" ] ||
    wrong "loaxad(8) has no example of a drop-in"
quiet systemd-analyze verify --man=no "$tmp/units/loaxad.service"

# The user and the groups, on a computer that has none of them.
mkdir -p "$root/etc"
echo 'root:x:0:0::/root:/bin/sh' >"$root/etc/passwd"
printf 'root:x:0:\naudio:x:29:\n' >"$root/etc/group"
chmod 755 "$tmp" "$root"
systemd-sysusers --root="$root" loaxa.conf >"$tmp/said" 2>&1 ||
    wrong "sysusers: $(cat "$tmp/said")"
for group in loaxa loaxa-officer loaxa-approver loaxa-operator; do
	grep -q "^$group:" "$root/etc/group" || wrong "no group $group"
done
grep -q '^audio:x:29:loaxa$' "$root/etc/group" || wrong "loaxa has no sound"
# What loaxa.conf(5) and the installed configuration call them.
for group in $(sed -n '/^groups/,/}/p' etc/installed.conf |
    grep -o '"[^"]*"' | tr -d '"'); do
	grep -q "^$group:" "$root/etc/group" || wrong "groups: no $group"
done

# The folders. Names of groups in an ACL are looked up on this machine, which
# has none of ours.
gid() {
	sed -n "s/^$1:x:\([0-9]*\):.*/\1/p" "$root/etc/group"
}
sed -i -e "s/group:loaxa-officer:/group:$(gid loaxa-officer):/g" \
    -e "s/user:loaxa:/user:$(gid loaxa):/g" \
    "$root/usr/lib/tmpfiles.d/loaxa.conf"
quiet systemd-tmpfiles --root="$root" --create loaxa.conf
# mode FOLDER MODE
mode() {
	[ "$(stat -c %a "$root$1")" = "$2" ] ||
	    wrong "$1 has mode $(stat -c %a "$root$1"), not $2"
}
mode /run/loaxa 755
mode /var/lib/loaxa 2750
mode /var/lib/loaxa/log 2750

# as WORD COMMAND...: a person of these groups, numbers with commas
as() {
	groups=$1
	shift
	setpriv --reuid 61234 --regid 61234 --groups "$groups" sh -c "$@"
}
var=$root/var/lib/loaxa
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	reader=$(gid loaxa)
	officer=$reader,$(gid loaxa-officer)
	for folder in schedules audio/items audio/inbox; do
		as "$officer" "umask 077; echo x >$var/$folder/new" \
		    2>/dev/null || [ -s "$var/$folder/new" ] ||
		    wrong "an officer cannot write $folder"
		chmod 640 "$var/$folder/new"	# as loaxa makes them
		as "$reader" "cat $var/$folder/new" >/dev/null ||
		    wrong "a reader cannot read what an officer made"
		! as "$reader" "echo x >$var/$folder/bad" 2>/dev/null ||
		    wrong "a reader writes $folder"
		! as 61234 "cat $var/$folder/new" >/dev/null 2>&1 ||
		    wrong "a stranger reads $folder"
	done
	! as "$officer" "echo x >$var/log/bad" 2>/dev/null ||
	    wrong "an officer writes the log"
else
	echo "only root can become another user: folders not tried"
fi
exit "$faults"
