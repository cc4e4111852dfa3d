#!/usr/bin/env bash
# replay.sh: builds each fuzz target under the sanitizers with a plain driver and runs it over the kept inputs.
# The last line is "N passed, N failed". SPDX-License-Identifier: GPL-3.0-or-later
set -uo pipefail
cd "$(dirname "$0")/../.."
passed=0 failed=0
make --no-print-directory PROFILE=dev > /dev/null || exit 1
mkdir -p build/dev/fuzz
objects=$(find build/dev/src build/dev/build/gen -name '*.o' ! -path '*/main.o' ! -name 'test_*.o' ! -name no_modules.o)
flags="$(make -s --no-print-directory print-cflags)" libs="$(make -s --no-print-directory print-libs)"
for file in tests/fuzz/fuzz_*.c; do
    name=$(basename "$file" .c) name=${name#fuzz_}
    if gcc -std=gnu17 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Isrc -Ibuild/gen -I. $flags \
        -o "build/dev/fuzz/$name" "$file" tests/fuzz/replay.c $objects \
        $libs -pthread &&
        "build/dev/fuzz/$name" tests/fuzz/corpus/"$name"/*; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED  fuzz $name"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
