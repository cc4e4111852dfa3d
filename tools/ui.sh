#!/usr/bin/env bash
# ui.sh STAMP: fills build/assets/ through tools/assets.sh (absent: no assets) when something it reads
# has changed, and touches STAMP then. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
stamp=$1
mkdir -p build/assets
if [ ! -x tools/assets.sh ] && [ ! -f tools/assets.sh ]; then
    [ -f "$stamp" ] || touch "$stamp"
    exit 0
fi
files=$(find ui tools/assets.sh package.json package-lock.json -type f ! -path 'ui/blocks/*' 2> /dev/null | LC_ALL=C sort)
list="$stamp.list"
if [ -f "$stamp" ] && [ -f "$list" ] && [ "$(cat "$list")" = "$files" ]; then
    newer=$(find $files -newer "$stamp" 2> /dev/null | head -1)
    [ -z "$newer" ] && exit 0
fi
if [ -f package-lock.json ] && [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    npm ci --ignore-scripts --no-audit --no-fund >&2
    touch node_modules/.package-lock.json
fi
bash tools/assets.sh >&2
printf '%s\n' "$files" > "$list"
touch "$stamp"
