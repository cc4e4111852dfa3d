#!/usr/bin/env bash
# unit.sh PROGRAM [FILTER]: runs the unit tests and turns cmocka's summaries into one last line
# "N passed, N failed". SPDX-License-Identifier: GPL-3.0-or-later
set -uo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
"./$1" "${2:-}" > "$log" 2>&1
code=$?
if [ "${VERBOSE:-}" ]; then cat "$log"; else grep -vE '^\[( RUN      |       OK |  PASSED  |==========|  FAILED  \] [0-9]+ test)' "$log"; fi
awk -v code=$code '
    /^\[  PASSED  \]/ { passed += $4 }
    /^\[  FAILED  \] [0-9]+ test/ { failed += $4 }
    /^\[  CRASHED \]/ { failed++ }
    END { if (code && !failed) failed = 1; printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }' "$log"
