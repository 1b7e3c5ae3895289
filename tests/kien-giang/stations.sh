#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# stations.sh FOLDER - the fifteen stations of Kiên Giang, 2019, each with its
# timetable and the programmes of seven weeks, made from one template.
set -eu
from=$(realpath "$(dirname "$0")")
mkdir -p "$1"
cd "$1"
grep -v '^#' "$from/stations.txt" | while IFS='|' read -r id name languages; do
	mkdir -p "$id/etc" "$id/schedules/$id"
	cp "$from/loaxa.conf" "$id/etc"
	plays='items = [ "ttdn-' end='-vi" ];' mark=
	case $languages in
	*\ *)	plays='set = "ttdn-' end='";' mark=', "trong-diem"' ;;
	esac
	list=$(echo "$languages" | sed 's/ /", "/g; s/.*/"&"/')
	sed "s/@ID@/$id/; s/@NAME@/$name/; s/@LANGUAGES@/$list/; s/@MARK@/$mark/" \
	    "$from/station.cfg.in" >"$id/schedules/$id.cfg"
	for w in 38 39 40 41 42 43 44; do
		sed "s/@PLAYS@/$plays/; s/@END@/$end/; s/@W@/$w/g" \
		    "$from/week.cfg.in" >"$id/schedules/$id/2019-W$w.cfg"
	done
done
