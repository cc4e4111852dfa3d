#!/usr/bin/env bash
# assets.sh: fills build/assets/ with what the browser gets: style, script, fonts and a sprite of the icons that the
# sources name. Fetches the packages of package-lock.json when they are missing. Run from the root of the tree.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
out=build/assets
mkdir -p "$out"
if [ ! -d node_modules/@tabler/icons ] || [ ! -d node_modules/@fontsource-variable/inter ]; then
    npm ci --ignore-scripts --no-audit --no-fund
fi

inter=node_modules/@fontsource-variable/inter/files
plex=node_modules/@fontsource/ibm-plex-sans-arabic/files
install -m 644 "$inter/inter-latin-wght-normal.woff2" "$out/inter-latin.woff2"
install -m 644 "$inter/inter-latin-ext-wght-normal.woff2" "$out/inter-latin-ext.woff2"
install -m 644 "$plex/ibm-plex-sans-arabic-arabic-400-normal.woff2" "$out/plex-arabic-400.woff2"
install -m 644 "$plex/ibm-plex-sans-arabic-arabic-600-normal.woff2" "$out/plex-arabic-600.woff2"
install -m 644 ui/icons/favicon.svg "$out/favicon.svg"
install -m 644 ui/app.js "$out/app.js"
# Comments and indentation stay behind; the sheet itself is not touched.
sed -e 's|^ *||' -e '/^\/\*.*\*\/$/d' -e '/^$/d' ui/style.css > "$out/style.css"

# Every quoted word of the sources that is the name of an icon and stands where icons are named.
names=$({
    grep -rhoE 'render_icon\(h, [^;]*;' ui/blocks src/web || true
    grep -rhoE 'icon = "[a-z0-9-]+"' src || true
    sed -n '/render_tone_icon/,/^}/p' src/web/render_html.c
    sed -n '/directed\[\] = /,/};/p' src/web/render_html.c
} | grep -oE '"[a-z0-9-]+"' | tr -d '"' | LC_ALL=C sort -u)
names="$names $(grep -vhE '^#' ui/icons/names.txt | tr '\n' ' ')"
sprite="$out/icons.svg"
{
    printf '<svg xmlns="http://www.w3.org/2000/svg">'
    for name in $(printf '%s\n' $names | LC_ALL=C sort -u); do
        file="node_modules/@tabler/icons/icons/outline/$name.svg"
        [ -f "$file" ] || continue
        printf '<symbol id="%s" viewBox="0 0 24 24">' "$name"
        sed -n '/^>/,/<\/svg>/p' "$file" | grep -v 'M0 0h24v24H0z' | grep -E '^ *<(path|circle|rect|line)' | tr -d '\n' | sed 's/  *</</g'
        printf '</symbol>'
    done
    printf '</svg>\n'
} > "$sprite.new"
mv "$sprite.new" "$sprite"
