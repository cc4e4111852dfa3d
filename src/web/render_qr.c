/* render_qr.c: an address as a QR code (ISO/IEC 18004, error correction M) drawn as one SVG path,
 * black on white in every theme because cameras read it, with its words and the address itself
 * below. SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/render_internal.h"

#include <qrencode.h>

enum { QUIET = 4 }; /* modules of white around, section 6.3.8 */

/* The dark modules of a row as runs: "M x y h n v1 h-n z". */
static void row_path(Html *h, const unsigned char *row, int width, int y) {
    for (int x = 0, n; x < width; x += n) {
        bool dark = row[x] & 1;
        for (n = 1; x + n < width && (row[x + n] & 1) == dark;) n++;
        if (!dark) continue;
        html_text(h, str_fmt(h->arena, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, n, n));
    }
}

static void drawing(Html *h, Str url) {
    QRcode *code = QRcode_encodeString8bit(str_z(h->arena, url), 0, QR_ECLEVEL_M);
    if (!code) return; /* longer than any code holds: the address stands below */
    int side = code->width + 2 * QUIET;
    HTML(h, "<svg class=\"qr-code\" role=\"img\" shape-rendering=\"crispEdges\" viewBox=\"0 0 ");
    html_int(h, side);
    HTML(h, " ");
    html_int(h, side);
    HTML(h, "\" aria-label=\"");
    html_text(h, url);
    HTML(h, "\"><path fill=\"#fff\" d=\"M0 0h");
    html_int(h, side);
    HTML(h, "v");
    html_int(h, side);
    HTML(h, "h-");
    html_int(h, side);
    HTML(h, "z\"/><path fill=\"#000\" d=\"");
    for (int y = 0; y < code->width; y++) row_path(h, code->data + y * code->width, code->width, y);
    HTML(h, "\"/></svg>");
    QRcode_free(code);
}

void render_qr(Html *h, const QrView *v, const char *id) {
    HTML(h, "<figure class=\"qr\"");
    render_id(h, id);
    HTML(h, ">");
    drawing(h, v->url);
    HTML(h, "<figcaption>");
    for (size_t i = 0; i < v->n_lines; i++) {
        const QrLine *line = &v->lines[i];
        HTML(h, "<p lang=\"");
        html_textz(h, lang_code(line->lang));
        HTML(h, "\" dir=\"");
        html_textz(h, line->lang == LANG_AR ? "rtl" : "ltr");
        HTML(h, "\"><b>");
        html_text(h, line->title);
        HTML(h, "</b> ");
        html_text(h, line->text);
        HTML(h, "</p>");
    }
    HTML(h, "<p class=\"qr-url\" dir=\"ltr\">");
    html_text(h, v->url);
    HTML(h, "</p></figcaption></figure>");
}
