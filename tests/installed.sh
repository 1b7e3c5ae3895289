#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# installed.sh - the package on a machine of its own, which boot.sh started:
# silent at first and says why; set up by its people as the manual says; on the
# air behind all the walls of its unit; started again when it is killed or
# stands still; purged, and the airing log is still there.
#
# installed.sh --install does what goes before, in a mere chroot from the top of
# the tree: `make deb`, dpkg and `loaxa selftest`.
#
# Changes the machine that it runs on: run by fresh.sh only.
set -u
export LOAXA_LANG=en LC_ALL=C.UTF-8
faults=0
wrong() {
	echo "WRONG: $*"
	faults=$((faults + 1))
}
# says CODE WORDS COMMAND...: its exit code, and a line it prints
says() {
	code=$1 words=$2
	shift 2
	"$@" >/tmp/said 2>&1
	got=$?
	if [ $got -ne "$code" ] ||
	    { [ -n "$words" ] && ! grep -q -e "$words" /tmp/said; }; then
		cat /tmp/said
		wrong "$*: ended with $got, wanted $code and \"$words\""
	fi
}

# site OUTPUT: what the administrator decides
site() {
	cat >/etc/loaxa/loaxa.conf <<-END
	hours = ( { days = "T2-CN"; from = "00:00"; to = "24:00"; } );
	plausible_clock = true;
	outputs = ( { station = "que-minh"; $1 } );
	groups = { read = "loaxa"; load = "loaxa-officer";
	  approve = "loaxa-approver"; operate = "loaxa-operator"; };
	END
}
if [ "${1:-}" = --install ]; then
	cd "$(dirname "$0")/.." || exit 1
	package=$(make -s --no-print-directory deb | tail -n 1)
	says 0 'loaxa is installed and SILENT' env \
	    DEBIAN_FRONTEND=noninteractive apt-get -q -y install \
	    --no-install-recommends --reinstall "$package"
	cd /
	cp -p /etc/loaxa/loaxa.conf /tmp/
	says 69 "! stations' schedules: there is no station yet" loaxa selftest
	site 'driver = "wav"; file = "out.wav";'
	cp /usr/share/doc/loaxa/schedules/que-minh.cfg /var/lib/loaxa/schedules/
	sed -i 's/^outputs.*/relays = ( { id = "vov1"; title = "VOV1"; } );\n&/' \
	    /etc/loaxa/loaxa.conf
	says 0 'All is well' runuser -u loaxa -- loaxa selftest
	cat /tmp/said
	mv /tmp/loaxa.conf /etc/loaxa/
	rm /var/lib/loaxa/schedules/que-minh.cfg
	exit "$faults"
fi

# as USER COMMAND...
as() {
	user=$1
	shift
	runuser -u "$user" -- "$@"
}
pid() {
	systemctl show -p MainPID --value loaxad
}
# another PID SECONDS: the daemon's number has changed, and it answers
another() {
	for _ in $(seq $(($2 * 5))); do
		sleep 0.2
		case $(pid) in
		"$1" | 0) continue ;;
		esac
		loaxa status >/dev/null 2>&1
		[ $? -gt 2 ] || return 0	# whatever it finds wrong
	done
	return 1
}

# sound FILE BYTES: that much noise as a WAV file, by nothing but the shell
le() {
	# shellcheck disable=SC2059 # the numbers are the format
	printf "\\$(printf %03o $(($1 % 256)))\\$(printf %03o $(($1 / 256 % 256)))\\$(printf %03o $(($1 / 65536 % 256)))\\000"
}
sound() {
	{
		printf RIFF; le $(($2 + 36)); printf 'WAVEfmt '; le 16
		printf '\001\000\001\000'; le 48000; le 96000
		printf '\002\000\020\000data'; le "$2"
		head -c "$2" /dev/urandom
	} >"$1"
	chmod 644 "$1"
}

cd / || exit 1
echo "-- just installed"
says 0 '^active' systemctl is-active loaxad
says 0 '^enabled' systemctl is-enabled loaxad
says 0 'nothing sounds: no hours are allowed' \
    sh -c 'LOAXA_LANG= systemctl status --no-pager loaxad |
    sed "s/không phát gì: chưa có giờ được phát/nothing sounds: no hours are allowed/"'
says 2 'no hours are allowed yet' loaxa status
says 69 "! stations' schedules: there is no station yet" loaxa selftest
! pidof loaxa-player >/dev/null ||
    wrong "a player on a machine without an output"

echo "-- what root leaves behind is the station's"
systemctl stop loaxad
rm -f /var/lib/loaxa/log/*
sound /tmp/goc.wav 200000
says 0 'goc added' loaxa add /tmp/goc.wav
says 0 . loaxa person add --office "Chủ tịch" "Bình"
find /var/lib/loaxa ! -user loaxa | grep . && wrong "above: not the station's"
says 0 '' systemctl start loaxad
says 2 '^loaxad ' loaxa status

echo "-- set up by its people"
for user in an binh; do
	useradd --create-home --groups loaxa "$user"
done
usermod --append --groups loaxa-officer an
usermod --append --groups loaxa-approver binh
site 'driver = "wav"; file = "out.wav";'
says 0 'now in use' loaxa reload

sound /home/an/tin.wav 2880000
says 0 'tin added' as an loaxa add /home/an/tin.wav
says 77 . as an loaxa approve --by "Bình" tin
says 0 'tin is approved' as binh loaxa approve --by "Bình" tin

# For the inbox, to be taken when they have lain there for a while.
sound /home/an/tin-hai.wav 1000000
as an cp /home/an/tin-hai.wav /var/lib/loaxa/audio/inbox/ ||
    wrong "an officer cannot use the inbox"
as an sh -c 'echo "no sound" >/var/lib/loaxa/audio/inbox/tin-hong.mp3'

start=$(($(date +%s) + 6))
when=$(TZ=Asia/Ho_Chi_Minh date -d "@$start" '+%a %T' | tr '[:upper:]' '[:lower:]')
cat >/tmp/que-minh.cfg <<END
station = "que-minh"; name = "Quế Minh";
slots = ( { id = "mo-dau"; days = "${when% *}"; at = "${when#* }";
  for = "00:00:26"; item = "tin"; },
  { id = "tiep"; days = "${when% *}"; at = "$(TZ=Asia/Ho_Chi_Minh date \
      -d "@$((start + 26))" +%T)"; for = "00:00:05"; item = "tin"; } );
END
as an cp /tmp/que-minh.cfg /var/lib/loaxa/schedules/que-minh.cfg ||
    wrong "an officer cannot bring in a timetable"
# A watchdog that is no more patient than a test.
mkdir -p /run/systemd/system/loaxad.service.d
printf '[Service]\nWatchdogSec=6s\n' \
    >/run/systemd/system/loaxad.service.d/test.conf
systemctl daemon-reload
says 0 '' systemctl restart loaxad
says 0 . loaxa check
says 0 'All is well' loaxa selftest
[ "$(systemd-analyze security --no-pager loaxad.service | grep -c ' 1\.[0-5] OK\| 0\.')" -gt 0 ] ||
    wrong "the walls are low: $(systemd-analyze security --no-pager loaxad.service | tail -n 1)"

echo "-- on the air, killed, standing still"
sleep $((start + 3 - $(date +%s)))
says 0 'mo-dau\|tin' loaxa status
first=$(pid)
kill -KILL "$first"
another "$first" 10 || wrong "killed, it was not started again"
sleep 2
second=$(pid)
kill -STOP "$second"
another "$second" 15 || wrong "standing still, it was not started again"
sleep $((start + 32 - $(date +%s)))
loaxa log
grep -h '"kind":"slot"' /var/lib/loaxa/log/*.jsonl >/tmp/slots
grep -q '"slot":"mo-dau".*"status":"aired_partial","reason":"rejoined"' \
    /tmp/slots || wrong "the slot that was broken off: $(cat /tmp/slots)"
grep -q '"slot":"tiep".*"status":"aired"' /tmp/slots ||
    wrong "the slot behind it: $(cat /tmp/slots)"
says 0 'keeps its promises' loaxa audit

echo "-- the inbox"
inbox=/var/lib/loaxa/audio/inbox
says 0 '^active' systemctl is-active loaxa-inbox.service
for _ in $(seq 90); do
	[ ! -s $inbox/da-nhan/tin-hai.wav ] ||
	    [ ! -s $inbox/bi-tra/tin-hong.mp3.txt ] || break
	sleep 1
done
[ -s $inbox/bi-tra/tin-hong.mp3.txt ] || {
	journalctl -u loaxa-inbox --no-pager | tail -n 5
	wrong "not returned: $(ls -R $inbox)"
}
{ [ -s $inbox/da-nhan/tin-hai.wav ] && loaxa items | grep -q tin-hai; } ||
    wrong "not taken: $(ls -R $inbox) $(cat $inbox/bi-tra/*.txt)"
says 0 . as an cat $inbox/bi-tra/tin-hong.mp3.txt
cat /tmp/said
[ -d $inbox/que-minh ] || wrong "the station has no folder in the inbox"
journalctl -u loaxad --no-pager | grep -i 'unconfined\|seccomp\|sandbox\|denied' &&
    wrong "above: a wall in the way"

echo "-- purged"
says 0 'removing the program does not erase' dpkg --purge loaxa
for file in /usr/sbin/loaxad /etc/loaxa/loaxa.conf /run/loaxa; do
	[ ! -e $file ] || wrong "$file is still there"
done
grep -q '"kind":"slot"' /var/lib/loaxa/log/*.jsonl || wrong "the log is gone"
[ -s /var/lib/loaxa/audio/items/tin.flac ] || wrong "the items are gone"
exit "$faults"
