# Which room may read which: column 1 may include column 2. Stops the build
# with a line for each include that crosses a wall. Fed with every .c and .h.
BEGIN {
	ok["scheduler base"] = ok["playout base"] = 1
	ok["evidence base"] = ok["intake base"] = 1
	# The mains at the windows read what they show.
	ok["ctl base"] = ok["ctl intake"] = ok["ctl playout"] = 1
	ok["ctl scheduler"] = ok["ctl evidence"] = 1
	# The hallway, where the scheduler meets the player and the log, and
	# its main: the only files with three doors.
	n = split("station.c station.h station_hall.h station_begin.c " \
	    "station_days.c station_receipts.c station_rules.c " \
	    "station_orders.c station_ready.c station_relay.c station_runs.c " \
	    "station_status.c " \
	    "approval.c approval.h books.c books.h daemon.c daemon.h loaxad.c",
	    hallway, " ")
	for (i = 1; i <= n; i++) {
		ok["scheduler/" hallway[i] " playout"] = 1
		ok["scheduler/" hallway[i] " evidence"] = 1
	}
}
FILENAME ~ /^tests\// { next }
/^#include "/ && $0 !~ /^#include "[a-z]+\// {
	printf "%s:%d: the include does not name its room\n", FILENAME, FNR
	bad = 1
}
match($0, /^#include "[a-z]+\//) {
	split(FILENAME, from, "/")
	split($0, to, /["\/]/)
	if (from[1] == to[2] || (from[1] " " to[2]) in ok ||
	    (FILENAME " " to[2]) in ok)
		next
	printf "%s:%d: %s may not include %s\n", FILENAME, FNR, from[1], to[2]
	bad = 1
}
END { exit bad }
