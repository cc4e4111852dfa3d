/* net.c: libcurl behind net.h. SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/net.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_SECONDS = 8, POST_SECONDS = 15, MAIL_SECONDS = 25, MOST_ANSWER = 64 << 10 };

void net_init(void) {
    CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl does not start");
}

/* ---- addresses ---- */

static bool private_v4(uint32_t a) { /* host order */
    static const struct {
        uint32_t net;
        int bits;
    } nets[] = {{0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},
                {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24},
                {0xC0A80000, 16}, {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24},
                {0xE0000000, 3}};
    for (size_t i = 0; i < LENGTH(nets); i++)
        if (a >> (32 - nets[i].bits) == nets[i].net >> (32 - nets[i].bits)) return true;
    return false;
}

static uint32_t word_at(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool private_v6(const unsigned char *p) {
    static const unsigned char zero[16] = {0};
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (memcmp(p, mapped, 12) == 0 || memcmp(p, nat64, 12) == 0) return private_v4(word_at(p + 12));
    if (memcmp(p, zero, 12) == 0) return true; /* ::, ::1 and the old v4-compatible ones */
    if (p[0] == 0x20 && p[1] == 0x02) return private_v4(word_at(p + 2)); /* 6to4 */
    return (p[0] & 0xe0) != 0x20; /* only 2000::/3 is public */
}

bool net_is_private(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return private_v4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6) return true;
    struct sockaddr_in6 in;
    memcpy(&in, address, sizeof in);
    return private_v6(in.sin6_addr.s6_addr);
}

/* ---- what both exchanges share ---- */

typedef struct Exchange {
    Ctx *c;
    bool refuse_private, was_private;
    Str body;    /* what is still to be uploaded */
    size_t read; /* bytes of the answer seen so far */
    char words[CURL_ERROR_SIZE];
} Exchange;

/* Asked for each address that a name leads to, after the look-up: a name cannot change it later. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address) {
    Exchange *x = arg;
    (void)purpose;
    if (x->refuse_private && net_is_private(&address->addr)) {
        x->was_private = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int still_wanted(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const Exchange *x = arg;
    (void)a, (void)b, (void)c, (void)d;
    return x->c->work->stop && atomic_load(x->c->work->stop);
}

static size_t take_answer(char *p, size_t size, size_t n, void *arg) {
    Exchange *x = arg;
    (void)p;
    x->read += size * n;
    return x->read > MOST_ANSWER ? 0 : size * n;
}

static size_t give_body(char *p, size_t size, size_t n, void *arg) {
    Exchange *x = arg;
    size_t room = size * n, part = x->body.n < room ? x->body.n : room;
    memcpy(p, x->body.p, part);
    x->body = str_sub(x->body, part, x->body.n);
    return part;
}

static CURL *exchange_open(Exchange *x, const char *url, const char *protocols, const char *ca,
                           int seconds) {
    CURL *h = curl_easy_init();
    if (!h) return NULL;
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(h, CURLOPT_TIMEOUT, (long)seconds);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, x->words);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (ca) curl_easy_setopt(h, CURLOPT_CAINFO, ca);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, x);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, still_wanted);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, x);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, x);
    return h;
}

static CURLcode exchange_run(NetAnswer *out, CURL *h) {
    long status = 0;
    int64_t began = clock_mono_us();
    CURLcode code = curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    out->status = status;
    out->milliseconds = (clock_mono_us() - began) / 1000;
    return code;
}

static Str failure(Ctx *c, const Exchange *x, CURLcode code) {
    if (x->was_private) return S("The address is private; webhook_private does not allow it.");
    return str_copy(c->arena, str_of(x->words[0] ? x->words : curl_easy_strerror(code)));
}

static bool is_silence(CURLcode code) {
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_OPERATION_TIMEDOUT || code == CURLE_GOT_NOTHING ||
           code == CURLE_RECV_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
           code == CURLE_SSL_CONNECT_ERROR || code == CURLE_USE_SSL_FAILED ||
           code == CURLE_LOGIN_DENIED;
}

/* ---- HTTPS ---- */

Err net_post(NetAnswer *out, Ctx *c, Str url, const NetHeader *headers, size_t n, Str body) {
    Exchange x = {.c = c, .refuse_private = !c->work->webhook_private};
    *out = (NetAnswer){0};
    CURL *h =
        exchange_open(&x, str_z(c->arena, url), c->work->webhook_private ? "https,http" : "https",
                      c->work->webhook_ca, POST_SECONDS);
    if (!h) return ERR_INTERNAL;
    struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
    list = curl_slist_append(list, "Expect:");
    for (size_t i = 0; i < n; i++) {
        Str line = str_fmt(c->arena, "%s: %.*s", headers[i].name, FMT(headers[i].value));
        list = curl_slist_append(list, line.p);
    }
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "Gardefou");
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)body.n);
    curl_easy_setopt(h, CURLOPT_COPYPOSTFIELDS, str_z(c->arena, body));
    CURLcode code = exchange_run(out, h);
    curl_slist_free_all(list);
    curl_easy_cleanup(h);
    /* An answer that was too long to read is an answer. */
    if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && out->status)) {
        out->status = 0;
        out->error = failure(c, &x, code);
        out->is_unreachable = is_silence(code);
        return ERR_BUSY;
    }
    if (out->status >= 200 && out->status < 300) return OK;
    out->error = str_fmt(c->arena, "It answered %lld.", (long long)out->status);
    return out->status == 410 ? ERR_INVALID : ERR_BUSY;
}

/* ---- SMTP ---- */

Err net_mail(NetAnswer *out, Ctx *c, Str from, Str to, Str message) {
    const WorkConfig *w = c->work;
    Exchange x = {.c = c, .body = message};
    *out = (NetAnswer){0};
    CURL *h =
        exchange_open(&x, str_z(c->arena, w->mail_server), "smtp,smtps", w->mail_ca, MAIL_SECONDS);
    if (!h) return ERR_INTERNAL;
    curl_easy_setopt(h, CURLOPT_USE_SSL,
                     w->mail_plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    if (w->mail_user.n) {
        curl_easy_setopt(h, CURLOPT_USERNAME, str_z(c->arena, w->mail_user));
        curl_easy_setopt(h, CURLOPT_PASSWORD, str_z(c->arena, w->mail_password));
    }
    struct curl_slist *list = curl_slist_append(NULL, str_fmt(c->arena, "<%.*s>", FMT(to)).p);
    curl_easy_setopt(h, CURLOPT_MAIL_FROM, str_fmt(c->arena, "<%.*s>", FMT(from)).p);
    curl_easy_setopt(h, CURLOPT_MAIL_RCPT, list);
    curl_easy_setopt(h, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(h, CURLOPT_READDATA, &x);
    curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    CURLcode code = exchange_run(out, h);
    curl_slist_free_all(list);
    curl_easy_cleanup(h);
    if (code == CURLE_OK) return OK;
    out->error = out->status >= 400 ? str_fmt(c->arena, "The mail server answered %lld: %.*s",
                                              (long long)out->status, FMT(failure(c, &x, code)))
                                    : failure(c, &x, code);
    out->is_unreachable = is_silence(code);
    /* A refused sender or sign-in is ours to mend; a refused recipient or message is not. */
    bool theirs = strstr(x.words, "RCPT") || code == CURLE_WEIRD_SERVER_REPLY;
    bool refused = out->status >= 500 && out->status < 600 && theirs;
    return refused ? ERR_INVALID : ERR_BUSY;
}
