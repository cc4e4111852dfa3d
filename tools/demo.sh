#!/usr/bin/env bash
# demo.sh: builds, makes demo data once and serves it on this machine only. PORT (8080; the next free one
# when taken) and GARDEFOU_DEMO_DB (demo.db) may be set. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/.."
${MAKE:-make} --no-print-directory all
db=${GARDEFOU_DEMO_DB:-demo.db}
program=build/release/gardefou
if [ ! -e "$db" ]; then
    echo "Making demo data in $db ..."
    if ! "$program" --database "sqlite:$db" demo; then
        rm -f "$db" "$db-wal" "$db-shm" # half a demo would be served the next time
        exit 1
    fi
fi
port=${PORT:-8080}
while (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do port=$((port + 1)); done
cat << TEXT

  Gardefou runs at http://127.0.0.1:$port/   (end it with Ctrl-C)
$(sed 's/^/  /' tools/demo_logins.txt 2> /dev/null || true)

TEXT
GARDEFOU_PUBLIC_URL=${GARDEFOU_PUBLIC_URL:-http://127.0.0.1:$port} exec "$program" --database "sqlite:$db" serve --listen "127.0.0.1:$port"
