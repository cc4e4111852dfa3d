#!/usr/bin/env bash
# compile_commands.sh "CC FLAGS" FILE...: the compilation database for editors and clangd, on stdout.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
command=${1//\\/\\\\} command=${command//\"/\\\"} sep='['
shift
for file in "$@"; do
    printf '%s\n{"directory":"%s","file":"%s","command":"%s -c %s"}' "$sep" "$PWD" "$file" "$command" "$file"
    sep=,
done
echo ']'
