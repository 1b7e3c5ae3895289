#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What bash offers behind "loaxa": its function is called as bash calls it.
set -u
build=$(realpath "${B:-build}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
faults=0
mkdir -p "$tmp/schedules" "$tmp/audio/items"
cp schedules/que-minh.cfg "$tmp/schedules/"
echo '{}' >"$tmp/audio/items/nhac-hieu.json"
echo '{}' >"$tmp/audio/items/tin-1.json"
export LOAXA_ROOT="$tmp" LOAXA_LANG=vi

# offers WORDS... -- WANTED: the words written, the last one at the cursor
offers() {
	line=
	while [ "$1" != -- ]; do
		line="$line '$1'"
		shift
	done
	got=$(bash -c ". etc/completion/loaxa.bash
COMP_WORDS=(loaxa$line)
COMP_CWORD=\$((\${#COMP_WORDS[@]} - 1))
_loaxa '$build/loaxa'
echo \"\${COMPREPLY[*]}\"")
	[ "$got" = "$2" ] || {
		echo "loaxa$line: \"$got\", wanted \"$2\""
		faults=$((faults + 1))
	}
}
offers wee -- "week"
offers approve --b -- "--by"
offers approve "" -- "nhac-hieu tin-1"
offers approve --by "Người duyệt" ti -- "tin-1"
offers week --station "" -- "que-minh"
offers selftest --s -- "--station --silent"
offers restore b. -- ""
offers play --ne -- "--next"
offers emergency --ba -- "--bank"
offers emergency nhac-hieu ti -- "tin-1"
offers --root "$tmp" show nh -- "nhac-hieu"
offers nothing "" -- ""
# Every command that help lists is offered.
"$build/loaxa" help | sed -n 's/^  \([a-z]*\) .*/\1/p' >"$tmp/told"
while read -r name; do
	"$build/loaxa" complete "$name" | grep -qx "$name" || {
		echo "$name is not offered"
		faults=$((faults + 1))
	}
done <"$tmp/told"
[ "$(wc -l <"$tmp/told")" -gt 15 ] || faults=$((faults + 1))
exit $faults
