#!/usr/bin/env bash
# fuzz.sh: builds every tests/fuzz/fuzz_NAME.c with libFuzzer (clang) and runs each for FUZZ_SECONDS (60):
# make fuzz [T=SECONDS] [NAME=x]. Inputs kept in tests/fuzz/corpus/NAME come first; words that help are in NAME.dict.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
clang=$(command -v clang-14 || command -v clang) || { echo "clang is missing" >&2; exit 1; }
make --no-print-directory build/gen/lang.c build/gen/modules.c build/gen/maps.c build/gen/assets.c > /dev/null
mapfile -t sources < <(find src build/gen -name '*.c' ! -name 'test_*.c' ! -path src/main.c ! -name no_modules.c)
flags="-std=gnu17 -O1 -g -pthread -fvisibility=hidden -fsanitize=address,undefined -Isrc -Ibuild/gen -I. $(make -s --no-print-directory print-cflags)"
libs="$(make -s --no-print-directory print-libs)"
mkdir -p build/fuzz
# Newer than everything it was made of?
is_fresh() {
    local needed
    [ -f "$1" ] && [ -f "${1%.o}.d" ] || return 1
    for needed in $(sed 's/^[^:]*://; s/\\$//' "${1%.o}.d"); do
        [ "$1" -nt "$needed" ] || return 1
    done
}
objects=()
for source in "${sources[@]}"; do
    object=build/fuzz/$(tr / _ <<< "${source%.c}").o
    objects+=("$object")
    is_fresh "$object" || $clang $flags -fsanitize=fuzzer-no-link -MMD -c -o "$object" "$source"
done
[ -f build/gen/assets_data.S ] && $clang -c -o build/fuzz/assets_data.o build/gen/assets_data.S && objects+=(build/fuzz/assets_data.o)
for file in tests/fuzz/fuzz_${NAME:-*}.c; do
    [ -f "$file" ] || { echo "no fuzz targets in tests/fuzz"; exit 0; }
    name=$(basename "$file" .c) name=${name#fuzz_}
    $clang $flags -fsanitize=fuzzer -o "build/fuzz/$name" "$file" "${objects[@]}" $libs
    mkdir -p "build/fuzz/corpus-$name"
    kept=()
    [ -d "tests/fuzz/corpus/$name" ] && kept=("tests/fuzz/corpus/$name")
    words=()
    [ -f "tests/fuzz/$name.dict" ] && words=("-dict=tests/fuzz/$name.dict")
    "build/fuzz/$name" "${words[@]}" -timeout=20 -rss_limit_mb=3000 -max_total_time="${FUZZ_SECONDS:-60}" -artifact_prefix="build/fuzz/$name-" \
        "build/fuzz/corpus-$name" "${kept[@]}"
done
