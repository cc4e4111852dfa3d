#!/usr/bin/env bash
# run.sh [http|browser|kill]: the tests against a running server; all of them without an argument. Builds nothing.
# HTTP tests take build/dev (sanitizers) when it is there, browser and kill tests the release build. The last line is
# "N passed, N failed". GARDEFOU_TEST_DATABASES: "sqlite postgresql". SPDX-License-Identifier: GPL-3.0-or-later
set -uo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}
case $what in all | http | browser | kill) ;; *) echo "use: tests/run.sh [http|browser|kill]" >&2; exit 2 ;; esac
export GARDEFOU_TEST_DATABASES=${GARDEFOU_TEST_DATABASES:-"sqlite postgresql"}
export GARDEFOU_TEST_RELEASE=${GARDEFOU_TEST_RELEASE:-$PWD/build/release/gardefou}
if [ ! -x "$GARDEFOU_TEST_RELEASE" ]; then
    echo "build/release/gardefou is missing: run make first" >&2
    echo "0 passed, 1 failed"
    exit 1
fi
# Without npm's folder the browser tests cannot run; the lock file decides what is installed.
if { [ "$what" = all ] || [ "$what" = browser ]; } && [ ! -d node_modules/playwright-core ]; then
    npm ci --ignore-scripts --no-audit --no-fund >&2 || true
fi
if [[ " $GARDEFOU_TEST_DATABASES " == *" postgresql "* ]]; then
    pg=$(mktemp -d "${TMPDIR:-/tmp}/gardefou-pg.XXXXXX")
    chmod 755 "$pg"
    trap 'tools/pg.sh stop "$pg" >/dev/null 2>&1; rm -rf "$pg"' EXIT
    if GARDEFOU_TEST_PG=$(tools/pg.sh start "$pg"); then
        export GARDEFOU_TEST_PG
    else
        echo "PostgreSQL does not start" >&2
        echo "0 passed, 1 failed"
        exit 1
    fi
fi
node tests/lib/run.mjs "$what"
