#!/usr/bin/env bash
# run.sh: the benchmark (make bench): what each answer costs at N incidents, on both databases, beside a floor of bare C.
# N=1000000 (a quick look: N=20000), SMALL=10000, ENGINES="sqlite postgresql", SECONDS_EACH=3, IMPORT=20000; the databases are made
# once in build/bench (FRESH=1: again). No timed test: it prints and judges nothing. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/../.."
export BENCH_WORK=$PWD/build/bench BENCH_PG=$PWD/build/bench/pg
[ -x build/release/gardefou ] || { echo "build/release/gardefou is missing: run make first" >&2; exit 1; }
mkdir -p "$BENCH_WORK"
if [ "${FRESH:-0}" = 1 ]; then
    [ ! -f "$BENCH_PG/url" ] || tools/pg.sh stop "$BENCH_PG" || true
    rm -rf "$BENCH_WORK"
    mkdir -p "$BENCH_WORK"
fi
gcc -std=gnu17 -O2 -Wall -Wextra -Werror -o "$BENCH_WORK/floor" tests/bench/floor.c -lmicrohttpd -lsqlite3
ENGINES=${ENGINES:-"sqlite postgresql"}
if [[ " $ENGINES " == *" postgresql "* ]]; then
    GARDEFOU_TEST_PG=$(tools/pg.sh start "$BENCH_PG")
    export GARDEFOU_TEST_PG
    trap 'tools/pg.sh stop "$BENCH_PG" >/dev/null 2>&1 || true' EXIT
fi
export ENGINES
node tests/bench/bench.mjs
