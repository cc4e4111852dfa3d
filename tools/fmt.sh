#!/usr/bin/env bash
# fmt.sh write|check: clang-format (version 14) over the C files. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
tool=$(command -v clang-format-14 || command -v clang-format) || { echo "clang-format-14 is missing" >&2; exit 1; }
mapfile -t files < <(find src tools tests -name '*.[ch]' 2> /dev/null | LC_ALL=C sort)
if [ "${1:-check}" = write ]; then
    exec "$tool" -i "${files[@]}"
fi
bad=$(printf '%s\0' "${files[@]}" | xargs -0 -n 25 -P 2 "$tool" --dry-run -Werror 2>&1 | grep 'error:' | cut -d: -f1 | sort -u || true)
[ -z "$bad" ] && exit 0
sed 's/$/: not formatted (make fmt)/' <<< "$bad"
exit 1
