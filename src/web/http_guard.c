/* http_guard.c: the strict reading of a request's head. libmicrohttpd is lenient, so its buffer is
 * read again here: it has put NULs where the colon and the line break of each field stood, and
 * every other byte must be what RFC 9112 allows. What the two readings do not agree on is refused.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/http_internal.h"

#include "base/clock.h"
#include "base/utf8.h"

typedef struct Seen {
    const HttpPair *pairs; /* names as sent, in the buffer */
    size_t n, at;
    bool ok;
} Seen;

static bool is_token(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_value(char c) {
    unsigned char u = (unsigned char)c;
    return u == '\t' || (u >= 0x20 && u != 0x7f);
}

/* One pass over the fields; returns 0 or a status. */
static int read_fields(HttpPair *pairs, size_t *n, const char *p, const char *end) {
    if (end - p > HTTP_MAX_HEADER_BYTES) return 431;
    for (;;) {
        if (end - p < 2) return 400;
        if (*p == 0) return end - p == 2 && p[1] == 0 ? 0 : 400;
        if (*n >= HTTP_MAX_HEADERS) return 431;
        const char *name = p;
        while (p < end && is_token(*p)) p++;
        if (p == name || p >= end || *p != 0) return 400;
        Str name_text = {name, (size_t)(p - name)};
        p++;
        while (p < end && (*p == ' ' || *p == '\t')) p++;
        const char *value = p;
        while (p < end && is_value(*p)) p++;
        if (end - p < 2 || p[0] != 0 || p[1] != 0) return 400;
        const char *stop = p;
        while (stop > value && (stop[-1] == ' ' || stop[-1] == '\t')) stop--;
        pairs[(*n)++] = (HttpPair){name_text, {value, (size_t)(stop - value)}};
        p += 2;
    }
}

static enum MHD_Result compare(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_size,
                               const char *value, size_t value_size) {
    Seen *seen = cls;
    (void)kind;
    (void)value_size;
    if (seen->at >= seen->n || key != seen->pairs[seen->at].name.p ||
        key_size != seen->pairs[seen->at].name.n ||
        (seen->pairs[seen->at].value.n > 0 && value != seen->pairs[seen->at].value.p)) {
        seen->ok = false;
        return MHD_NO;
    }
    seen->at++;
    return MHD_YES;
}

static bool parse_length(size_t *out, Str text) {
    if (text.n == 0 || text.n > 15) return false;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return false;
        n = n * 10 + (size_t)(text.p[i] - '0');
    }
    *out = n;
    return true;
}

static bool is_host(Str host) {
    if (host.n > 255) return false;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c != 0 && strchr("-._:[]", c) != NULL);
        if (!ok) return false;
    }
    return true;
}

/* Content-Length, Transfer-Encoding, Host and Expect: at most one each, exact forms only. */
static int check_framing(HttpExchange *x, bool is_http11) {
    HttpRequest *r = &x->request;
    size_t lengths = 0, codings = 0, hosts = 0, types = 0;
    Str coding = {0};
    for (size_t i = 0; i < r->n_headers; i++) {
        Str name = r->headers[i].name, value = r->headers[i].value;
        if (str_is(name, "content-length")) {
            lengths++;
            if (!parse_length(&x->body_size, value)) return 400;
        } else if (str_is(name, "transfer-encoding")) {
            codings++;
            coding = value;
        } else if (str_is(name, "host")) {
            hosts++;
            r->host = value;
            if (!is_host(value)) return 400;
        } else if (str_is(name, "content-type")) {
            types++;
            r->content_type = value;
        } else if (str_is(name, "expect")) {
            if (!str_is(str_lower_ascii(r->arena, value), "100-continue")) return 417;
        }
    }
    if (lengths > 1 || codings > 1 || hosts > 1 || types > 1) return 400;
    if (is_http11 && hosts == 0) return 400;
    if (codings > 0) {
        bool is_chunked = str_is(str_lower_ascii(r->arena, coding), "chunked");
        /* A length is asked for: the library reads chunks too leniently to trust them. */
        return is_chunked && lengths == 0 && is_http11 ? 411 : 400;
    }
    bool may_have_body = r->method != HTTP_GET && r->method != HTTP_HEAD;
    return x->body_size > 0 && !may_have_body ? 400 : 0;
}

static bool read_method(HttpMethod *out, Str text) {
    static const char *const names[] = {
        [HTTP_GET] = "GET",     [HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",
        [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE", [HTTP_PUT] = "PUT"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        if (!str_is(text, names[i])) continue;
        *out = (HttpMethod)i;
        return true;
    }
    return false;
}

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The path decoded once: no control characters, no back-slash, no encoded slash, no empty and no
 * dot segment, so that two spellings never name one page. */
static bool decode_path(Str *out, Arena *a, Str raw) {
    char *p = arena_alloc(a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        int c = (unsigned char)raw.p[i];
        if (c == '%') {
            int high = raw.n - i > 2 ? hex(raw.p[i + 1]) : -1;
            int low = raw.n - i > 2 ? hex(raw.p[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = high * 16 + low;
            i += 2;
            if (c == '/') return false;
        }
        if (c < 0x20 || c == 0x7f || c == '\\') return false;
        p[n++] = (char)(unsigned char)c;
    }
    *out = (Str){p, n};
    if (n == 0 || p[0] != '/' || !utf8_is_valid(*out)) return false;
    Str segment, rest = str_sub(*out, 1, n);
    while (rest.n > 0 && str_cut(&segment, &rest, '/')) {
        if (segment.n == 0 || str_is(segment, ".") || str_is(segment, "..")) return false;
    }
    return true;
}

static bool read_uri(HttpRequest *r, Str uri) {
    if (uri.n == 0 || uri.p[0] != '/') return false;
    for (size_t i = 0; i < uri.n; i++) {
        if (uri.p[i] <= 0x20 || uri.p[i] >= 0x7f || uri.p[i] == '#') return false;
    }
    ptrdiff_t mark = str_find_char(uri, '?');
    size_t path_n = mark < 0 ? uri.n : (size_t)mark;
    if (!decode_path(&r->path, r->arena, str_sub(uri, 0, path_n))) return false;
    r->query = mark < 0 ? (Str){0} : str_copy(r->arena, str_sub(uri, path_n + 1, uri.n));
    return true;
}

static void keep_fields(HttpRequest *r, const HttpPair *pairs, size_t n) {
    HttpPair *kept = NEW_N(r->arena, HttpPair, n + 1);
    for (size_t i = 0; i < n; i++) {
        kept[i].name = str_lower_ascii(r->arena, pairs[i].name);
        kept[i].value = str_copy(r->arena, pairs[i].value);
    }
    r->headers = kept;
    r->n_headers = n;
}

int guard_head(HttpExchange *x, const char *method, const char *version) {
    HttpRequest *r = &x->request;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (info == NULL || x->raw_uri == NULL) return 400;
    const char *end = method + info->header_size;
    r->method_text = str_copy(r->arena, str_of(method));
    size_t method_n = r->method_text.n, uri_n = x->uri_size;
    const char *uri = method + method_n + 1;
    /* One blank on each side of the target, and nothing else in the line. */
    if (x->raw_uri != uri || version != uri + uri_n + 1 || end - version < 12) return 400;
    if (uri_n > HTTP_MAX_URI) return 414;
    bool is_http11 = memcmp(version, "HTTP/1.1\0\0", 10) == 0;
    if (!is_http11 && memcmp(version, "HTTP/1.0\0\0", 10) != 0) {
        return memcmp(version, "HTTP/", 5) == 0 && version[8] == 0 && version[9] == 0 ? 505 : 400;
    }
    HttpPair pairs[HTTP_MAX_HEADERS];
    size_t n = 0;
    int status = read_fields(pairs, &n, version + 10, end);
    if (status != 0) return status;
    Seen seen = {.pairs = pairs, .n = n, .ok = true};
    MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, compare, &seen);
    if (!seen.ok || seen.at != n) return 400;
    keep_fields(r, pairs, n);
    for (size_t i = 0; i < method_n; i++) {
        if (!is_token(method[i])) return 400;
    }
    bool is_known = read_method(&r->method, r->method_text);
    if (!is_known) r->method = HTTP_POST; /* so that its body is framed like one */
    status = check_framing(x, is_http11);
    if (status != 0) return status;
    if (!is_known) {
        Str m = r->method_text;
        return str_is(m, "OPTIONS") || str_is(m, "TRACE") || str_is(m, "CONNECT") ? 405 : 501;
    }
    return read_uri(r, x->uri) ? 0 : 400;
}

/* ---- whose request it is, and for which host ---- */

static bool same_host(Str a, Str b) {
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++) {
        char x = a.p[i], y = b.p[i];
        if (x >= 'A' && x <= 'Z') x = (char)(x + 32);
        if (y >= 'A' && y <= 'Z') y = (char)(y + 32);
        if (x != y) return false;
    }
    return true;
}

static Str without_port(Str host) {
    for (size_t i = host.n; i > 0; i--) {
        char c = host.p[i - 1];
        if (c == ':') return str_sub(host, 0, i - 1);
        if (c < '0' || c > '9') break;
    }
    return host;
}

static bool is_allowed_host(const Http *h, Str host) {
    Str name = without_port(host);
    if (h->config.allowed_hosts) {
        Str one, rest = str_of(h->config.allowed_hosts);
        while (rest.n > 0 && str_cut(&one, &rest, ',')) {
            one = str_trim(one);
            if (one.n > 0 && (same_host(one, host) || same_host(one, name))) return true;
        }
        return false;
    }
    return h->any_host || same_host(name, S("localhost")) || same_host(name, S("127.0.0.1")) ||
           same_host(name, S("[::1]")) || same_host(name, str_of(h->bound));
}

static void read_peer(HttpExchange *x, HttpAddress *address) {
    HttpRequest *r = &x->request;
    *address = x->conn->address;
    if (x->conn->is_trusted) {
        /* From the right: the first address that is none of our proxies is the client. */
        Str rest = http_header(r, "x-forwarded-for");
        while (rest.n > 0) {
            size_t cut = rest.n;
            while (cut > 0 && rest.p[cut - 1] != ',') cut--;
            HttpAddress hop;
            if (!address_parse(&hop, str_sub(rest, cut, rest.n))) break;
            *address = hop;
            if (!address_is_trusted(x->http, &hop)) break;
            rest = str_sub(rest, 0, cut > 0 ? cut - 1 : 0);
        }
        r->is_tls = str_is(http_header(r, "x-forwarded-proto"), "https");
    }
    r->peer = address_text(r->arena, address);
    r->peer_key = address_key_text(r->arena, address);
}

static bool has_gzip(Arena *a, Str accept) {
    Str part, rest = str_lower_ascii(a, accept);
    while (rest.n > 0 && str_cut(&part, &rest, ',')) {
        Str name, parameters = part;
        str_cut(&name, &parameters, ';');
        if (!str_is(str_trim(name), "gzip")) continue;
        if (name.n == part.n) return true;
        Str q = str_trim(parameters);
        if (!str_starts(q, S("q=0"))) return true;
        for (size_t i = 3; i < q.n; i++) {
            if (q.p[i] >= '1' && q.p[i] <= '9') return true;
        }
        return false;
    }
    return false;
}

static bool has_credentials(const Http *h, const HttpRequest *r) {
    if (h->config.credentials) return h->config.credentials(r);
    Str bearer = str_lower_ascii(r->arena, str_sub(http_header(r, "authorization"), 0, 7));
    return http_header(r, "cookie").n > 0 || str_is(bearer, "bearer ");
}

bool http_take(const HttpRequest *r) {
    HttpExchange *x = r->exchange;
    if (!x || x->class == HTTP_CLASS_ANON || x->class == HTTP_CLASS_HEALTH) return true;
    return address_may(x->http, &x->client, clock_mono_us());
}

int guard_request(HttpExchange *x) {
    Http *h = x->http;
    HttpRequest *r = &x->request;
    r->exchange = x;
    read_peer(x, &x->client);
    x->has_credentials = has_credentials(h, r);
    x->accepts_gzip = has_gzip(r->arena, http_header(r, "accept-encoding"));
    if (h->config.classify) {
        x->class = h->config.classify(r->method, r->path, x->has_credentials);
    } else if (!x->has_credentials) {
        x->class = HTTP_CLASS_ANON;
    } else {
        bool reads = r->method == HTTP_GET || r->method == HTTP_HEAD;
        x->class = reads ? HTTP_CLASS_READ : HTTP_CLASS_WRITE;
    }
    if ((unsigned)x->class >= HTTP_CLASS_COUNT) x->class = HTTP_CLASS_ANON;
    /* Health checks come by address, and from old balancers without any Host. */
    if (x->class != HTTP_CLASS_HEALTH && !is_allowed_host(h, r->host)) return 421;
    if (x->class == HTTP_CLASS_ANON && !address_may(h, &x->client, r->started_us)) return 429;
    size_t limit = h->config.max_body;
    if (h->config.body_limit && x->has_credentials && x->body_size > 0)
        limit = h->config.body_limit(r->method, r->path);
    if (limit == 0) limit = h->config.max_body;
    return x->body_size > limit ? 413 : 0;
}
