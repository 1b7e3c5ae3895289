#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A slice of chaos_joins.sh: ninety-six joins. Takes about 25 seconds. And nothing
# that sounds resamples: that is done once, at intake, so that a join can be
# byte for byte.
B=${B:-build}
for program in loaxa-player loaxa-source; do
	! readelf -d "$B/$program" | grep -i 'soxr\|samplerate' || {
		echo "$program can resample"
		exit 1
	}
done
JOINS=80 KEEP='' exec sh tests/chaos_joins.sh
