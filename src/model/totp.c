/* totp.c: one-time codes, after RFC 4226 and RFC 6238. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/totp.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/secret.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static Str base32(Arena *a, const unsigned char *p, size_t n) {
    Text t = text_new(a, 0);
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < n; i++) {
        bits = (bits << 8 | p[i]) & 0xFFFFF;
        held += 8;
        while (held >= 5) {
            held -= 5;
            text_char(&t, alphabet[bits >> held & 31]);
        }
    }
    if (held) text_char(&t, alphabet[bits << (5 - held) & 31]);
    return text_str(&t);
}

static bool base32_read(unsigned char *out, size_t *n, size_t max, Str s) {
    unsigned bits = 0, held = 0;
    *n = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *at = s.p[i] ? strchr(alphabet, s.p[i]) : NULL;
        if (!at) return false;
        bits = (bits << 5 | (unsigned)(at - alphabet)) & 0xFFFFF;
        held += 5;
        if (held < 8) continue;
        held -= 8;
        if (*n >= max) return false;
        out[(*n)++] = (unsigned char)(bits >> held & 0xFF);
    }
    return *n > 0;
}

Str totp_secret_new(Arena *a) {
    unsigned char bytes[TOTP_SECRET_BYTES];
    random_bytes(bytes, sizeof bytes);
    return base32(a, bytes, sizeof bytes);
}

Str totp_code(Arena *a, Str secret, int64_t step) {
    unsigned char key[64], message[8], mac[20];
    size_t n;
    if (!base32_read(key, &n, sizeof key, secret)) return (Str){0};
    for (int i = 0; i < 8; i++) message[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i) & 0xFF);
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA1, key, n, message, sizeof message, mac) != 0)
        return (Str){0};
    unsigned at = mac[19] & 15u;
    uint32_t value = (uint32_t)(mac[at] & 0x7F) << 24 | (uint32_t)mac[at + 1] << 16 |
                     (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    return str_fmt(a, "%06u", value % 1000000u);
}

bool totp_verify(int64_t *step, Arena *a, Str secret, Str code, int64_t now_us, int64_t last_step) {
    int64_t now = now_us / 1000000 / TOTP_STEP_SECONDS;
    for (int64_t s = now - 1; s <= now + 1; s++) {
        Str right = totp_code(a, secret, s);
        if (s <= last_step || right.n != 6 || !str_eq_secret(right, code)) continue;
        *step = s;
        return true;
    }
    return false;
}

Str totp_uri(Arena *a, Str secret, Str account) {
    return str_fmt(a, "otpauth://totp/Gardefou:%.*s?secret=%.*s&issuer=Gardefou", FMT(account),
                   FMT(secret));
}
