#!/usr/bin/env bash
# fmt.sh write|check: clang-format (version 14) over the C files. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
tool=$(command -v clang-format-14 || command -v clang-format) || { echo "clang-format-14 is missing" >&2; exit 1; }
mapfile -t files < <(find src tools tests -name '*.[ch]' 2> /dev/null | LC_ALL=C sort)
if [ "${1:-check}" = write ]; then
    exec "$tool" -i "${files[@]}"
fi
bad=0
for file in "${files[@]}"; do
    if ! cmp -s <("$tool" "$file") "$file"; then
        echo "$file: not formatted (make fmt)"
        bad=1
    fi
done
exit $bad
