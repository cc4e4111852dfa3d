#!/usr/bin/env bash
# po_check.sh: fails when a text of the interface has no French or no Arabic translation, and lists them.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
missing=$("$(dirname "$0")/po.sh" untranslated)
[ -z "$missing" ] && exit 0
printf '%s\n' "$missing"
echo "$(wc -l <<< "$missing") translations are missing (make po-missing prints them as .po)"
exit 1
