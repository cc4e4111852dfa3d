#!/usr/bin/env bash
# lint.sh: the rules of the code that a compiler does not know. Prints file:line: rule; warnings do not
# fail. SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
mapfile -t files < <(find src tools tests -name '*.[ch]' 2> /dev/null | LC_ALL=C sort)
awk '
function bad(text) { printf "%s:%d: %s\n", FILENAME, FNR, text; failed = 1 }
function warn(text) { printf "%s:%d: warning: %s\n", FILENAME, FNR, text }
# The line without strings, characters and comments; strings are gathered in `strings`.
function strip(line,    out, c, i, n, quote) {
    out = ""; strings = ""; n = length(line)
    for (i = 1; i <= n; i++) {
        c = substr(line, i, 1)
        if (in_comment) { if (substr(line, i, 2) == "*/") { in_comment = 0; i++ } continue }
        if (substr(line, i, 2) == "/*") { in_comment = 1; i++; continue }
        if (substr(line, i, 2) == "//") break
        if (c == "\"" || c == "\047") {
            quote = c
            for (i++; i <= n; i++) {
                c = substr(line, i, 1)
                if (c == "\\") { strings = strings substr(line, i, 2); i++; continue }
                if (c == quote) break
                if (quote == "\"") strings = strings c
            }
            strings = strings "\001"; out = out (quote == "\"" ? "\"\"" : "0"); continue
        }
        out = out c
    }
    return out
}
FNR == 1 {
    in_comment = 0; head = ""; fn_start = 0; is_test = FILENAME ~ /test_|^tests\/|^tools\//
    is_tool = FILENAME ~ /^tools\//
}
{
    if (FNR <= 10) head = head $0 "\n"
    raw = $0; code = strip($0); lines[FILENAME] = FNR; heads[FILENAME] = head
    if (code ~ /(^|[^a-zA-Z0-9_.>])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gets|alloca|strncpy|tmpnam|mktemp|system|popen|asctime|localtime|gmtime|rand)[ \t]*\(/) bad("banned function")
    if (!is_test && FILENAME !~ /^src\/(base|store)\// && code ~ /(^|[^a-zA-Z0-9_.>])(malloc|calloc|realloc|free|strdup|strndup)[ \t]*\(/) {
        # what a library hands out must be given back its own way: say so on the line
        if (raw !~ /owned by/) bad("malloc and free live in base/ and store/ (arenas elsewhere; \"owned by NAME\" when a library made it)")
    }
    if (!is_test && FILENAME !~ /^src\/(model|store)\// && FILENAME !~ /_query\.c$/ && strings ~ /(^|\001|[ (])(SELECT .* FROM|INSERT INTO|DELETE FROM|UPDATE [a-z_]+ SET|CREATE TABLE|DROP TABLE|ALTER TABLE) ?/) bad("SQL text outside model/, store/ and *_query.c")
    if (!is_test && FILENAME !~ /^src\/web\// && strings ~ /<\/?(a|b|p|div|span|table|tr|td|th|ul|li|h[1-6]|form|input|button|script|style|svg|br|img|section|strong|em)([ >\/]|\\n)/) bad("HTML text outside web/")
    if (raw ~ /(TODO|FIXME|XXX)/ && raw !~ /(TODO|FIXME)\(?#[0-9]+/ && in_comment + (raw ~ /\/[\/*]/)) bad("TODO without a number (write it as TODO #12)")
    if (strings ~ /(^|\001)\/(home|work|root|Users|mnt)\//) bad("absolute path of one machine")
    if (code ~ /^(static )?[A-Za-z_][A-Za-z0-9_ *]*[ *][a-z_][a-z0-9_]*(\[[^]]*\])*( = .*)?;$/ && code !~ /^(extern|typedef|return|struct [A-Za-z]+;|enum|union)/ && code !~ /const|_Thread_local|\(/ && code !~ /^[ \t}]/ && !is_test && FILENAME ~ /\.c$/) warn("file-scope variable that is not const (a documented exception?)")
    # A function body opens at a line that ends with ") {" in column 1 and closes with "}" in column 1.
    if (code ~ /^[A-Za-z_].*\) \{$/) fn_start = FNR
    if (code ~ /^[A-Za-z_].*[^;]$/ && code !~ /\{/) fn_maybe = FNR
    if (code ~ /^[ \t]+.*\) \{$/ && !fn_start && fn_maybe == FNR - 1) fn_start = fn_maybe
    if (code ~ /^\}/) {
        if (fn_start && FNR - fn_start + 1 > 120) bad("function longer than 120 lines (" FNR - fn_start + 1 ")")
        fn_start = 0
    }
}
END {
    for (f in heads) {
        if (heads[f] !~ /^\/\*/ || heads[f] !~ /SPDX-License-Identifier:[ \n*]+GPL-3.0-or-later/) { printf "%s:1: file header is missing (what it is for; SPDX line)\n", f; failed = 1 }
        if (lines[f] > 1500) { printf "%s: longer than 1500 lines (%d)\n", f, lines[f]; failed = 1 }
    }
    exit failed
}' "${files[@]}"
