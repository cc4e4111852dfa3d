#!/usr/bin/env bash
# test_tplc.sh: the template generator: a good template compiles and escapes by context; each forbidden
# place is a build error with file and line. SPDX-License-Identifier: GPL-3.0-or-later
set -uo pipefail
tplc=$PWD/build/tools/tplc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $1"; }

# A renderer that shows which writer was called.
mkdir -p "$work/web" "$work/gen"
cat > "$work/web/html.h" << 'C'
#pragma once
#include <stdint.h>
#include <stdio.h>
#include "base/str.h"
typedef struct Html { int x; } Html;
typedef struct HtmlSafe { Str s; } HtmlSafe;
static inline void html_lit(Html *h, const char *p, size_t n) { h->x++; fwrite(p, 1, n, stdout); }
static inline void html_text(Html *h, Str s) { h->x++; printf("T(%.*s)", FMT(s)); }
static inline void html_url(Html *h, Str s) { h->x++; printf("U(%.*s)", FMT(s)); }
static inline void html_url_part(Html *h, Str s) { h->x++; printf("P(%.*s)", FMT(s)); }
static inline void html_int(Html *h, int64_t i) { h->x++; printf("I(%lld)", (long long)i); }
static inline void html_tr(Html *h, const char *s) { h->x++; printf("R(%s)", s); }
static inline void html_safe(Html *h, HtmlSafe s) { h->x++; printf("S(%.*s)", FMT(s.s)); }
C
cat > "$work/good.html" << 'T'
{% include "base/str.h" %}
{% args Str s, const char *z, int n, HtmlSafe safe, size_t big %}
{# nobody sees this #}
<!-- nor this -->
<div class="a {{ z }}"{% if (n > 0) { %} title='{_Say "hi"_}'{% } %}>
  {% for (int i = 0; i < n; i++) { %}
  <a href="{{ s }}">{{ i }}</a>
  {% } %}
  <a href="/x/{{ s }}?q={{ n }}">{{ big }}{{ safe }}</a>
  <pre>
    keep</pre>{{ n > 1 ? "}" : "one" }}
</div>
T
cat > "$work/main.c" << 'C'
#include "tpl.h"
int main(void) {
    Html h = {0};
    tpl_good(&h, S("<&>"), "zz", 2, (HtmlSafe){S("<b>")}, 7);
    return 0;
}
C
cat > "$work/want" << 'T'
<div class="a T(zz)" title='R(Say "hi")'>
<a href="U(<&>)">I(0)</a>
<a href="U(<&>)">I(1)</a>
<a href="/x/P(<&>)?q=I(2)">I(7)S(<b>)</a>
<pre>
    keep</pre>T(})
</div>
T
flags="-std=gnu17 -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Werror -I$work -I$work/gen -Isrc"
if "$tplc" "$work/gen" "$work/good.html" && gcc $flags -o "$work/good" "$work/main.c" "$work/gen/tpl_good.c"; then
    if "$work/good" | sed '/^$/d' | diff "$work/want" -; then ok; else bad "output of the good template"; fi
else
    bad "the good template does not compile"
fi

# refuse NAME LINE HTML [TEXT]: the generator must name file and line.
refuse() {
    printf '{%% args Str s, int n %%}\n%b\n' "$3" > "$work/bad.html"
    if out=$("$tplc" "$work/gen" "$work/bad.html" 2>&1); then bad "$1 was taken"; return; fi
    if grep -q "bad.html:$2: error: .*${4:-}" <<< "$out"; then ok; else bad "$1: $out"; fi
}
refuse "unquoted attribute" 2 '<a title={{ s }}>' quotes
refuse "inside a tag" 3 '<p>\n<a {{ s }}>' "inside a tag"
refuse "tag name" 2 '<{{ s }}>'
refuse "attribute name" 2 '<a x{{ s }}="1">' "inside a tag"
refuse "script" 2 '<script>{{ s }}</script>' script
refuse "inline script" 2 '<script>alert(1)</script>' script
refuse "style element" 2 '<style>{{ s }}</style>' style
refuse "comment" 2 '<!-- {{ s }} -->' comment
refuse "event handler" 2 '<a onclick="{{ s }}">' CSP
refuse "event handler, upper case" 2 '<a ONCLICK="x">' CSP
refuse "hx-on" 2 '<a hx-on:click="x">' CSP
refuse "style attribute" 2 '<a style="color:{{ s }}">' style
refuse "srcdoc" 2 '<iframe srcdoc="{{ s }}"></iframe>' srcdoc
refuse "javascript address" 2 '<a href="java{{ s }}script:{{ s }}">x</a><a href="javascript:{{ s }}">' scheme
refuse "constant javascript address" 2 '<a href=" JavaScript:x">' scheme
refuse "srcset" 2 '<img srcset="{{ s }} 2x">' srcset
refuse "translation in an address" 2 '<a href="{_x_}">' address
refuse "branch that changes the place" 3 '{% if (n) { %}<a title="\n{% } %}x">' "same tag"
refuse "branch with tag left open" 3 '<a\n{% if (n) { %} title="{% } %}>' "same tag"
refuse "unclosed block" 3 '{% if (n) { %}x' closed
refuse "brace too many" 2 '{% } %}' brace
refuse "unclosed expression" 2 '<p>{{ s' closed
refuse "ends inside a tag" 3 '<p' tag
refuse "empty expression" 2 '{{ }}' empty
printf '<p>{{ s }}</p>\n' > "$work/bad.html"
if "$tplc" "$work/gen" "$work/bad.html" 2> /dev/null; then bad "no args"; else ok; fi

# A type without a writer, and safe HTML in an attribute, do not compile; gcc names the template.
for body in '<p>{{ 1.5 }}</p>' '<p title="{{ safe }}">x</p>' '<a href="{{ n }}">x</a>'; do
    printf '{%% args HtmlSafe safe, int n %%}\n%s\n' "$body" > "$work/type.html"
    "$tplc" "$work/gen" "$work/type.html"
    if out=$(gcc $flags -c -o "$work/type.o" "$work/gen/tpl_type.c" 2>&1); then bad "type: $body"
    elif grep -q "type.html:2" <<< "$out"; then ok
    else bad "type error without the template's line: $out"; fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
