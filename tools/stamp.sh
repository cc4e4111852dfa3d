#!/usr/bin/env bash
# stamp.sh FILE TEXT: writes TEXT into FILE only when it is not there already, so that what depends on
# FILE is made again only after a real change. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
mkdir -p "$(dirname "$1")"
[ -f "$1" ] && [ "$(cat "$1")" = "$2" ] || printf '%s\n' "$2" > "$1"
