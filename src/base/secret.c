/* secret.c: libsodium behind few functions. Passwords pass a gate: at most two hashes at once (19
 * MiB each), twenty waiting. The gate is a documented process-wide exception to "no mutable
 * globals": the memory it guards belongs to the whole process. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "base/secret.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <sodium.h>

enum { HASHES_AT_ONCE = 2, HASHES_WAITING = 20, HASH_PASSES = 2 };
#define HASH_BYTES ((size_t)19 << 20)

static struct {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    int running, waiting;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};

void secret_init(void) {
    CHECK(sodium_init() >= 0, "libsodium cannot start");
}

static bool gate_enter(void) {
    pthread_mutex_lock(&gate.lock);
    bool entered = gate.running < HASHES_AT_ONCE || gate.waiting < HASHES_WAITING;
    if (entered) {
        gate.waiting++;
        while (gate.running >= HASHES_AT_ONCE) pthread_cond_wait(&gate.freed, &gate.lock);
        gate.waiting--;
        gate.running++;
    }
    pthread_mutex_unlock(&gate.lock);
    return entered;
}

static void gate_leave(void) {
    pthread_mutex_lock(&gate.lock);
    gate.running--;
    pthread_cond_signal(&gate.freed);
    pthread_mutex_unlock(&gate.lock);
}

static const unsigned char *bytes(Str s) {
    return (const unsigned char *)(s.p ? s.p : "");
}

/* By the processor's own instructions where it has them, which libsodium does not use: a fifth of
 * the time. */
void sha256(unsigned char out[32], Str s) {
    CHECK(gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes(s), s.n, out) == 0, "SHA-256");
}

Str sha256_hex(Arena *a, Str s) {
    unsigned char hash[32];
    sha256(hash, s);
    return hex_encode(a, hash, sizeof hash);
}

Str hmac_sha256_hex(Arena *a, Str key, Str message) {
    crypto_auth_hmacsha256_state state;
    unsigned char hash[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_init(&state, bytes(key), key.n);
    crypto_auth_hmacsha256_update(&state, bytes(message), message.n);
    crypto_auth_hmacsha256_final(&state, hash);
    sodium_memzero(&state, sizeof state);
    return hex_encode(a, hash, sizeof hash);
}

Str hex_encode(Arena *a, const unsigned char *p, size_t n) {
    static const char digits[] = "0123456789abcdef";
    char *out = arena_array(a, n + 1, 2);
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    return (Str){out, 2 * n};
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool hex_decode(Arena *a, Str *out, Str hex) {
    if (hex.n % 2) return false;
    char *p = arena_alloc(a, hex.n / 2 + 1);
    for (size_t i = 0; i < hex.n / 2; i++) {
        int high = hex_digit(hex.p[2 * i]), low = hex_digit(hex.p[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        p[i] = (char)(high << 4 | low);
    }
    *out = (Str){p, hex.n / 2};
    return true;
}

Str base64url(Arena *a, const unsigned char *p, size_t n) {
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    CHECK(n < SIZE_MAX / 2, "text too long");
    size_t size = sodium_base64_encoded_len(n, variant);
    char *out = arena_alloc(a, size);
    sodium_bin2base64(out, size, p, n, variant);
    return str_of(out);
}

void random_bytes(unsigned char *p, size_t n) {
    randombytes_buf(p, n);
}

Str random_token(Arena *a, size_t n) {
    unsigned char *p = arena_alloc(a, n);
    random_bytes(p, n);
    return base64url(a, p, n);
}

Str random_code(Arena *a, size_t n) {
    static const char alphabet[] = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    char *p = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++) p[i] = alphabet[randombytes_uniform(sizeof alphabet - 1)];
    return (Str){p, n};
}

Str secret_seal(Arena *a, Str key, Str text) {
    unsigned char hash[crypto_secretbox_KEYBYTES];
    if (text.n == 0) return (Str){0};
    size_t n = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + text.n;
    unsigned char *p = arena_alloc(a, n);
    sha256(hash, key);
    random_bytes(p, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(p + crypto_secretbox_NONCEBYTES, bytes(text), text.n, p, hash);
    sodium_memzero(hash, sizeof hash);
    return hex_encode(a, p, n);
}

bool secret_open(Str *out, Arena *a, Str key, Str sealed) {
    enum { AROUND = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES };
    unsigned char hash[crypto_secretbox_KEYBYTES];
    Str box;
    *out = (Str){0};
    if (sealed.n == 0) return true;
    if (!hex_decode(a, &box, sealed) || box.n <= AROUND) return false;
    unsigned char *p = arena_alloc(a, box.n);
    sha256(hash, key);
    int failed = crypto_secretbox_open_easy(p, bytes(box) + crypto_secretbox_NONCEBYTES,
                                            box.n - crypto_secretbox_NONCEBYTES, bytes(box), hash);
    sodium_memzero(hash, sizeof hash);
    if (!failed) *out = (Str){(char *)p, box.n - AROUND};
    return !failed;
}

Err password_hash(Str *out, Arena *a, Str password) {
    if (!gate_enter()) return ERR_BUSY;
    char hash[crypto_pwhash_STRBYTES];
    int failed =
        crypto_pwhash_str(hash, (const char *)bytes(password), password.n, HASH_PASSES, HASH_BYTES);
    gate_leave();
    if (failed) return ERR_BUSY; /* 19 MiB could not be had */
    *out = str_copy(a, str_of(hash));
    return OK;
}

/* No password gives this: its salt and hash are constant bytes. It makes an unknown account cost as
 * much as a known one. */
static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$"
                             "QUFBQUFBQUFBQUFBQUFBQQ$QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE";

Err password_verify(Str hash, Str password) {
    char text[crypto_pwhash_STRBYTES] = {0};
    bool is_known = hash.n > 0 && hash.n < sizeof text;
    if (is_known) {
        memcpy(text, hash.p, hash.n);
    } else {
        memcpy(text, nobody, sizeof nobody);
    }
    if (!gate_enter()) return ERR_BUSY;
    int differs = crypto_pwhash_str_verify(text, (const char *)bytes(password), password.n);
    gate_leave();
    return !differs && is_known ? OK : ERR_DENIED;
}
