/* http_reply.c: makes the library's response from a handler's: the security headers in one place,
 * compression, and the short answers of the front itself. Knows no page and no markup.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/http_internal.h"

#include "base/i18n.h"
#include "base/log.h"

#include <unistd.h>

/* clang-format off */
static const char *const fixed_headers[][2] = {
    {"Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; "
                                "form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "accelerometer=(), autoplay=(), bluetooth=(), camera=(), "
                           "display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), "
                           "gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), "
                           "payment=(), serial=(), usb=(), web-share=()"},
};

static const struct { int status; const char *text; } refusals[] = {
    {400, N_("The request is malformed.")},
    {405, N_("This method is not allowed.")},
    {411, N_("The request must state its length.")},
    {413, N_("The request is too large.")},
    {414, N_("The address is too long.")},
    {417, N_("This expectation is not supported.")},
    {421, N_("This host name is not served here.")},
    {429, N_("Too many requests from this address. Please try again in a moment.")},
    {431, N_("The headers of the request are too large.")},
    {500, N_("Something went wrong.")},
    {501, N_("This method is not known.")},
    {503, N_("The service is busy. Please try again in a moment.")},
    {505, N_("This version of the protocol is not supported.")},
};
/* clang-format on */

static bool same_name(Str a, const char *b) {
    if (a.n != strlen(b)) return false;
    for (size_t i = 0; i < a.n; i++) {
        if ((a.p[i] | 0x20) != (b[i] | 0x20)) return false;
    }
    return true;
}

static bool is_header(Str name, Str value) {
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool ok =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
        if (!ok) return false;
    }
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) return false;
    }
    return name.n > 0;
}

/* Headers that only this file may write. */
static bool is_ours(Str name) {
    static const char *const more[] = {"Content-Length",
                                       "Transfer-Encoding",
                                       "Connection",
                                       "X-Request-Id",
                                       "Server",
                                       "Content-Type",
                                       "Content-Encoding",
                                       "Date",
                                       "Strict-Transport-Security"};
    for (size_t i = 1; i < LENGTH(fixed_headers); i++) {
        if (same_name(name, fixed_headers[i][0])) return true;
    }
    for (size_t i = 0; i < LENGTH(more); i++) {
        if (same_name(name, more[i])) return true;
    }
    return false;
}

static void set(HttpExchange *x, const char *name, Str value) {
    MHD_add_response_header(x->reply, name, str_z(x->request.arena, value));
}

static bool is_compressible(Str type) {
    return str_starts(type, S("text/")) || str_starts(type, S("application/json")) ||
           str_starts(type, S("application/problem+json")) || str_starts(type, S("image/svg+xml"));
}

static Str deflate_body(HttpExchange *x, z_stream *z) {
    Str body = x->response.body;
    if (body.n <= 1024 || body.n > (16 << 20) || deflateReset(z) != Z_OK) return (Str){0};
    size_t room = deflateBound(z, (uLong)body.n);
    char *out = arena_alloc(x->request.arena, room);
    z->next_in = (Bytef *)(uintptr_t)body.p;
    z->avail_in = (uInt)body.n;
    z->next_out = (Bytef *)out;
    z->avail_out = (uInt)room;
    if (deflate(z, Z_FINISH) != Z_STREAM_END) return (Str){0};
    size_t n = room - z->avail_out;
    return n < body.n ? (Str){out, n} : (Str){0};
}

static bool add_own_headers(HttpExchange *x) {
    HttpResponse *out = &x->response;
    bool has_cache = false;
    for (size_t i = 0; i < out->n_headers && i < LENGTH(out->headers); i++) {
        HttpPair pair = out->headers[i];
        if (!is_header(pair.name, pair.value)) return false;
        if (is_ours(pair.name)) continue;
        /* A second Content-Security-Policy can only narrow ours, so it may stand beside it. */
        set(x, str_z(x->request.arena, pair.name), pair.value);
        has_cache = has_cache || same_name(pair.name, "Cache-Control");
    }
    if (!has_cache) set(x, "Cache-Control", S("no-store"));
    return true;
}

static void fail_reply(HttpExchange *x) {
    log_line(LOG_ERROR, "response_header", "%.*s: a header holds forbidden characters",
             FMT(x->request.id));
    MHD_destroy_response(x->reply); /* closes the file, if there is one */
    x->reply = NULL;
    reply_refuse(x, 500);
}

void reply_build(HttpExchange *x, z_stream *deflate) {
    HttpResponse *out = &x->response;
    if (out->status < 200 || out->status > 599) out->status = out->status == 0 ? 200 : 500;
    bool may_vary = is_compressible(out->content_type) || out->body_gzip.n > 0;
    Str zipped = {0};
    if (out->fd < 0 && x->accepts_gzip && !out->no_compress) {
        zipped = out->body_gzip;
        if (zipped.n == 0 && deflate && is_compressible(out->content_type)) {
            zipped = deflate_body(x, deflate);
        }
    }
    Str body = zipped.n ? zipped : out->body;
    x->reply = out->fd >= 0 ? MHD_create_response_from_fd64((uint64_t)out->fd_size, out->fd)
                            : MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p,
                                                              MHD_RESPMEM_PERSISTENT);
    CHECK(x->reply != NULL, "out of memory");
    out->fd = -1;
    if (!add_own_headers(x)) {
        fail_reply(x);
        return;
    }
    for (size_t i = 0; i < LENGTH(fixed_headers); i++) {
        MHD_add_response_header(x->reply, fixed_headers[i][0], fixed_headers[i][1]);
    }
    bool has_type = out->content_type.n && is_header(S("Content-Type"), out->content_type);
    if (has_type || body.n) {
        set(x, "Content-Type", has_type ? out->content_type : S("application/octet-stream"));
    }
    if (zipped.n) MHD_add_response_header(x->reply, "Content-Encoding", "gzip");
    if (may_vary && !out->no_compress) set(x, "Vary", S("Accept-Encoding"));
    set(x, "X-Request-Id", x->request.id);
    if (x->request.is_tls) set(x, "Strict-Transport-Security", S("max-age=31536000"));
    if (x->close || atomic_load(&x->http->stopping)) set(x, "Connection", S("close"));
}

void reply_refuse(HttpExchange *x, int status) {
    HttpRequest *r = &x->request;
    if (x->response.fd >= 0) close(x->response.fd);
    Lang lang = lang_negotiate(http_header(r, "accept-language"), LANG_EN);
    const char *text = refusals[0].text;
    for (size_t i = 0; i < LENGTH(refusals); i++) {
        if (refusals[i].status == status) text = refusals[i].text;
    }
    x->response = (HttpResponse){.status = status,
                                 .fd = -1,
                                 .no_compress = true,
                                 .content_type = S("text/plain; charset=utf-8")};
    x->response.body = str_fmt(r->arena, "%s\n", tr(lang, text));
    if (status == 503 || status == 429) http_add_header(&x->response, S("Retry-After"), S("1"));
    if (status == 405) {
        http_add_header(&x->response, S("Allow"), S("GET, HEAD, POST, PATCH, DELETE, PUT"));
    }
    reply_build(x, NULL);
}

enum MHD_Result reply_send(HttpExchange *x) {
    Http *h = x->http;
    int status = x->response.status;
    enum MHD_Result result = MHD_queue_response(x->mhd, (unsigned)status, x->reply);
    MHD_destroy_response(x->reply);
    x->reply = NULL;
    x->step = STEP_SENT;
    atomic_fetch_add(&h->by_status[status / 100], 1);
    conn_phase(x->conn, PHASE_RESPONSE);
    return result;
}
