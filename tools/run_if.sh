#!/usr/bin/env bash
# run_if.sh SCRIPT: runs it when it is there, says so otherwise. SPDX-License-Identifier: GPL-3.0-or-later
if [ -f "$1" ]; then exec bash "$@"; fi
echo "$1 is not there: nothing to run"
