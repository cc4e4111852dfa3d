#!/usr/bin/env bash
# watch.sh: builds after each change of a source, template or style and starts the demo server anew.
# SPDX-License-Identifier: GPL-3.0-or-later
set -uo pipefail
server=
stop() { [ -n "$server" ] && kill "$server" 2> /dev/null && wait "$server" 2> /dev/null; server=; }
trap 'stop; exit 0' INT TERM EXIT
mark=build/watch.mark
mkdir -p build
while true; do
    touch "$mark"
    if ${MAKE:-make} --no-print-directory all; then
        stop
        bash tools/demo.sh & server=$!
    fi
    until [ -n "$(find src ui lang Makefile tools -newer "$mark" -type f -print -quit)" ]; do sleep 0.5; done
done
