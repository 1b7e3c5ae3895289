#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mutate.sh [WORD] - breaks one rule after another in a copy of the last commit
# and sees whether `make chaos` and the tests notice; or only those rules whose
# line has WORD. By hand; a quarter of an hour.
#
# A rule that nobody misses is a test that is missing.
set -u
only=${1:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
git archive HEAD | tar -x -C "$tmp"
cd "$tmp" || exit 1
make all tests >"$tmp/make.log" 2>&1 || { tail "$tmp/make.log"; exit 1; }
unnoticed=0

# Parts of the slice: the first so many lives; one promise broken is enough.
lives="build/loaxa simulate --faults --example --runs 60 --seed 1"
LOAXA_LANG=en
B=build
export LOAXA_LANG B

# mutate WHAT FILE SED COMMAND: the command has to fail
mutate() {
	case $1$2 in
	*"$only"*) ;;
	*) return ;;
	esac
	cp "$2" "$tmp/well"
	sed "$3" "$tmp/well" >"$2"
	if cmp -s "$2" "$tmp/well"; then
		verdict="NOTHING CHANGED: the line reads otherwise now"
	elif ! make all tests WARN= >"$tmp/make.log" 2>&1; then
		verdict="DOES NOT BUILD: $(grep error: "$tmp/make.log" | head -n 1)"
	elif sh -c "$4" >"$tmp/out" 2>&1; then
		verdict="UNNOTICED"
	else
		verdict="caught by $4: $(grep -aE 'broken|WRONG|error:|seed|P[1-8]' \
		    "$tmp/out" | head -n 1 | cut -c 1-200)"
	fi
	case $verdict in
	caught*) ;;
	*) unnoticed=$((unnoticed + 1)) ;;
	esac
	printf '%s (%s)\n    %s\n' "$1" "$2" "$verdict"
	mv "$tmp/well" "$2"
	touch "$2"
}

mutate "P1: the daemon does not ask for the hours" scheduler/station_runs.c \
    's/return site_allows(st->up.site, from_us, &end) ? end : 0;/return NEVER;/' \
    "$lives"
mutate "P1: the deck does not hold the fence" playout/deck_sim.c \
    's/^	    ENDED_FENCE);/	    ENDED_WHOLE);/; s/earlier(a->cue.fence_boot_us,/later(NEVER,/' \
    "build/tests/test_deck_sim"
mutate "P1: the player does not hold the fence" playout/player.c \
    's/if (end > fence_frame(p, now, a))/if (end < 0)/' \
    "build/tests/test_player && sh tests/check_kill.sh"
mutate "P1: an untrusted clock holds nothing" scheduler/station_runs.c \
    's/if (now.trust == TRUST_UNSURE)/if (now.trust == TRUSTS)/' "$lives"
mutate "P4: acknowledged before fdatasync" base/disk.c \
    's/if (fdatasync(d->fd) < 0)/if (0)/' "sh tests/chaos_power.sh"
mutate "P4: no start record" scheduler/books.c \
    's/b, join(record_new(KIND_START, station, now, b->boot_id), body));/b, (json_decref(body), record_new(KIND_OP, station, now, b->boot_id)));/' \
    "$lives"
tampering="sh tests/chaos_tamper.sh"
mutate "verify: a record that reads otherwise" evidence/verify.c \
    's/if (was == NULL || !merkle_same(ret_is, was))/if (was == NULL)/' \
    "$tampering"
mutate "verify: another order, or a gap" evidence/verify.c \
    's/^	if (seq > v->next) {/	if (1) {v->next = seq + 1; v->sum.sealed++; return;}\n&/' \
    "$tampering"
mutate "verify: what is gone from the log's end" evidence/verify.c \
    's/^		miss_until(v, v->n);/		;/' "$tampering"
mutate "verify: the first record is named, not another" evidence/verify.c \
    's/(v->sum.first < 0 || f->record < v->sum.first)/1/' "$tampering"
mutate "verify: a line that was put in" evidence/verify.c \
    's/^	tell(v, &(struct verify_finding){ v->file, line, -1, 0, text });/	(void)v, (void)line, (void)text;/' \
    "$tampering"
mutate "verify: the checkpoint's signature" evidence/note.c \
    's/ok = all != NULL && crypto_sign/ok = all != NULL || crypto_sign/' \
    "$tampering"
mutate "verify: a proof's way to the root" evidence/proof.c \
    's/if (!merkle_includes(/if (0 \&\& !merkle_includes(/' "$tampering"
exit $((unnoticed > 0))
