#!/usr/bin/env bash
# check.sh: everything that needs no server: lint, layers, format, words, template generator, unit tests.
# The last line is "N passed, N failed"; a check that fails counts as one.
# SPDX-License-Identifier: GPL-3.0-or-later
set -uo pipefail
make=${MAKE:-make}
passed=0 failed=0
tools/deps.sh test || exit 1
for check in lint layers fmt-check po-check tplc-test; do
    if output=$($make --no-print-directory "$check" 2>&1); then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$check"
        [ -n "$output" ] && grep -i warning <<< "$output"
    else
        failed=$((failed + 1))
        printf '%s\nFAILED  %s\n' "$output" "$check"
    fi
done
output=$($make --no-print-directory unit 2>&1)
code=$?
line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<< "$output" | tail -1) # make's own words may follow it
if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    if [ $code = 0 ]; then echo "ok      unit: $line"; else printf '%s\nFAILED  unit\n' "$output"; fi
else
    failed=$((failed + 1))
    printf '%s\nFAILED  unit (does not build)\n' "$output"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
