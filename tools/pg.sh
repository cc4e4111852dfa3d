#!/usr/bin/env bash
# pg.sh start DIR | stop DIR: a private PostgreSQL cluster in DIR for tests and trials, durable (fsync on), reached by
# its socket and 127.0.0.1 only. `start` prints the URL. A second start of a running cluster prints it again.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
usage() { echo "use: pg.sh start DIR | stop DIR" >&2; exit 2; }
[ $# -eq 2 ] || usage
action=$1 dir=$(realpath -m -- "$2")

bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo "PostgreSQL is not installed (Debian: postgresql-15)" >&2; exit 1; }

# The server refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    as=(runuser -u "$user" --)
fi
run() { (cd / && "${as[@]}" "$@"); }

free_port() {
    local port try
    for try in $(seq 100); do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; return; fi
    done
    echo "no free port" >&2
    return 1
}

start() {
    if [ -f "$dir/url" ] && run "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then
        cat "$dir/url"
        return
    fi
    mkdir -p "$dir"
    [ "${#as[@]}" = 0 ] || chown "$user" "$dir"
    # The path of a socket holds at most 107 bytes.
    local socket=$dir
    [ "${#socket}" -le 80 ] || socket=$(run mktemp -d /tmp/pg.XXXXXX)
    if [ ! -s "$dir/data/PG_VERSION" ]; then
        run "$bin/initdb" -D "$dir/data" -U gardefou -E UTF8 --locale=C.UTF-8 -k \
            --auth-local=trust --auth-host=trust >"$dir/initdb.log" 2>&1 ||
            { cat "$dir/initdb.log" >&2; exit 1; }
    fi
    local port
    port=$(free_port)
    run "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -t 60 \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='$socket' -c fsync=on" \
        start >/dev/null || { tail -20 "$dir/data/server.log" >&2; exit 1; }
    "$bin/psql" -qAt -h 127.0.0.1 -p "$port" -U gardefou -d postgres \
        -c "SELECT 1 FROM pg_database WHERE datname = 'gardefou'" | grep -q 1 ||
        "$bin/createdb" -h 127.0.0.1 -p "$port" -U gardefou gardefou
    echo "postgresql://gardefou@127.0.0.1:$port/gardefou" >"$dir/url"
    cat "$dir/url"
}

stop() {
    run "$bin/pg_ctl" -D "$dir/data" -m fast -w -t 60 stop >/dev/null
    rm -f "$dir/url"
}

case $action in
start) start ;;
stop) stop ;;
*) usage ;;
esac
