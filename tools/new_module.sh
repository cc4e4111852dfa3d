#!/usr/bin/env bash
# new_module.sh NAME: starts a module: src/modules/NAME with its table, a test, its words and a page of
# explanation. Nothing else has to be edited. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:-}
if ! [[ $name =~ ^[a-z][a-z0-9_]{1,30}$ ]]; then
    echo "usage: make new-module NAME=lower_snake_name" >&2
    exit 2
fi
folder=src/modules/$name
if [ -e "$folder" ]; then echo "$folder is there already" >&2; exit 1; fi
label=${name//_/ } label=${label^} upper=${name^^}
mkdir -p "$folder/lang"
fill() { sed -e "s/@NAME@/$name/g; s/@LABEL@/$label/g; s/@PREFIX@/${upper:0:3}/g" "$1" > "$2"; }
fill tools/new_module/module.c.in "$folder/$name.c"
fill tools/new_module/test.c.in "$folder/test_$name.c"
fill tools/new_module/README.md.in "$folder/README.md"
fill tools/new_module/fr.po.in "$folder/lang/fr.po"
fill tools/new_module/ar.po.in "$folder/lang/ar.po"
echo "Made $folder. Next: edit $folder/$name.c, then make unit T=$name, make po-missing, make demo."
