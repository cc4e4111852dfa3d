#!/usr/bin/env bash
# test.sh: installs what the tests need, builds, and runs all of them. Each runner ends with a line
# "N passed, N failed"; the last line here is their sum. SPDX-License-Identifier: GPL-3.0-or-later
set -uo pipefail
make=${MAKE:-make}
cd "$(dirname "$0")/.."
passed=0 failed=0
log=$(mktemp) cluster=$(mktemp -d)
trap 'tools/pg.sh stop "$cluster" > /dev/null 2>&1; rm -rf "$log" "$cluster"' EXIT
# run NAME COMMAND...: prints the output as it comes and adds the figures of its last line.
run() {
    local name=$1 code line
    shift
    echo "== $name"
    "$@" 2>&1 | tee "$log"
    code=${PIPESTATUS[0]}
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1)
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
        if [ "$code" != 0 ] && [ "${BASH_REMATCH[2]}" = 0 ]; then failed=$((failed + 1)); fi
    elif [ "$code" != 0 ]; then
        failed=$((failed + 1))
        echo "FAILED  $name"
    fi
}
run packages tools/deps.sh test
run build $make --no-print-directory all
# The HTTP tests drive a program with the sanitizers built in.
run "build with sanitizers" $make --no-print-directory PROFILE=dev all
# The unit tests run on both databases.
GARDEFOU_TEST_PG=$(tools/pg.sh start "$cluster" | tail -1) && export GARDEFOU_TEST_PG
run check tools/check.sh
run "kept inputs of the fuzz targets" bash tests/fuzz/replay.sh
if [ -f tests/run.sh ]; then
    run "packages for the browser" tools/deps.sh browser
    run "http and browser" bash tests/run.sh
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
