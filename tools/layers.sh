#!/usr/bin/env bash
# layers.sh: every #include of one folder of src/ in another must follow the arrows of the architecture.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
find src -name '*.[ch]' -print0 | LC_ALL=C sort -z | xargs -0 awk '
BEGIN {
    may["base"] = " base "; may["store"] = " base store "; may["calc"] = " base calc "
    may["view"] = " base view "; may["model"] = " base store view model "
    may["work"] = " base store view model work "
    may["modules"] = " base store view model work calc modules "
    may["web"] = " base store view model work web "
}
match($0, /^[ \t]*#[ \t]*include[ \t]+"[^"]+"/) {
    split($0, quoted, "\""); path = quoted[2]
    split(FILENAME, own, "/"); layer = own[2]
    n = split(path, other, "/")
    if (!(layer in may) || layer == "main.c") next
    if (n == 1) {
        if (path ~ /^tpl(_[a-z0-9_]+)?\.h$/ && layer == "web") next
        printf "%s:%d: includes are written from src/: \"%s\"\n", FILENAME, FNR, path; bad = 1; next
    }
    if (other[1] == "main" || index(may[layer], " " other[1] " ") == 0) {
        printf "%s:%d: %s must not include %s\n", FILENAME, FNR, layer, path; bad = 1
    }
    if (layer == "modules" && other[1] == "modules" && other[2] != own[3]) {
        printf "%s:%d: a module must not include another: %s\n", FILENAME, FNR, path; bad = 1
    }
}
END { exit bad }'
