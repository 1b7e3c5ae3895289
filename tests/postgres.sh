# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
# postgres.sh - a PostgreSQL of a script's own, below $tmp, on a socket and no
# port: `server -w start`, `server -m immediate stop`; $url names it, `ask SQL`
# asks it. Sourced after expect.sh; `server_opts` may be set before. It stops
# when the script ends.
pg=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort | tail -n 1)
pg=${pg%/initdb}
if [ -z "$pg" ]; then
	echo "PostgreSQL is missing: apt install postgresql"
	exit 1
fi
# A server is not run by root: by whoever the package made for it.
as=
[ "$(id -u)" = 0 ] && as="setpriv --reuid=postgres --regid=postgres --clear-groups"
chmod 711 "$tmp"
mkdir "$tmp/pg"
[ -z "$as" ] || chown postgres "$tmp/pg"
# An order of letters that is not that of bytes.
(cd "$tmp/pg" && $as "$pg/initdb" -D "$tmp/pg/data" -A trust -U loaxa \
    --no-sync --encoding=UTF8 --locale=C.UTF-8 --locale-provider=icu \
    --icu-locale=vi >"$tmp/out" 2>&1) || { cat "$tmp/out"; exit 1; }
server() {
	(cd "$tmp/pg" && $as "$pg/pg_ctl" -D "$tmp/pg/data" -s "$@" \
	    -l "$tmp/pg/log" -o "-c listen_addresses='' -c max_connections=10 \
	    -c unix_socket_directories=$tmp/pg ${server_opts:-}") >/dev/null 2>&1
}
trap 'server stop -m immediate; cleanup' EXIT
server -w start || { cat "$tmp/pg/log"; exit 1; }
url="postgresql:///postgres?host=$tmp/pg&user=loaxa"
ask() { PGOPTIONS="-c client_min_messages=error" psql -qAtX -c "$1" "$url"; }
