#!/usr/bin/env bash
# new_module.sh NAME: starts a module: src/modules/NAME with its table, a test, its words and a page of
# explanation. Nothing else has to be edited. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:-}
if ! [[ $name =~ ^[a-z][a-z0-9_]{0,30}$ ]] || [[ $name == test_* ]]; then
    echo "usage: make new-module NAME=lower_snake_name (not test_...)" >&2
    exit 2
fi
folder=src/modules/$name
if [ -e "$folder" ]; then echo "$folder is there already" >&2; exit 1; fi
if grep -rqE "\.name = \"$name\", *\.label = .*\.plural_label|^ *\.name = \"$name\",\$" src || grep -rqF "\"/${name}s\"" src ||
    grep -rqE "\"$name\", *(COLUMNS\(|[a-z_]*columns,|\.columns)" src; then
    echo "$name is a record type, a table or a page already: choose another name" >&2
    exit 1
fi
label=${name//_/ } label=${label^} letters=${name//_/}
[ ${#letters} -ge 3 ] || letters+=mod # "x" has too few for a prefix
# Three letters that no other type numbers its records with.
prefix=
for ((i = 1; i < ${#letters}; i++)); do
    for ((k = i + 1; k <= ${#letters}; k++)); do
        try=${letters:0:1}${letters:i:1}${letters:k:1} try=${try^^}
        grep -rqF ".prefix = \"$try\"" src || { prefix=$try; break 2; }
    done
done
if [ -z "$prefix" ]; then echo "no free prefix of numbers for $name: choose another name" >&2; exit 1; fi
mkdir -p "$folder/lang" "$folder/tests"
fill() { sed -e "s/@NAME@/$name/g; s/@LABEL@/$label/g; s/@PREFIX@/$prefix/g" "$1" > "$2"; }
fill tools/new_module/module.c.in "$folder/$name.c"
fill tools/new_module/test.c.in "$folder/test_$name.c"
fill tools/new_module/http.test.mjs.in "$folder/tests/$name.test.mjs"
fill tools/new_module/README.md.in "$folder/README.md"
fill tools/new_module/fr.po.in "$folder/lang/fr.po"
fill tools/new_module/ar.po.in "$folder/lang/ar.po"
if format=$(command -v clang-format-14 || command -v clang-format); then "$format" -i "$folder"/*.c; fi
echo "Made $folder. Next: edit $folder/$name.c, then make unit T=modules/$name, make po-missing, make demo."
