/* secret.h: hashes, random bytes and codes (libsodium). No secret is ever logged.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/str.h"

void secret_init(void); /* once, before threads */
void sha256(unsigned char out[32], Str s);
Str sha256_hex(Arena *a, Str s);
Str hmac_sha256_hex(Arena *a, Str key, Str message);
Str hex_encode(Arena *a, const unsigned char *p, size_t n);
bool hex_decode(Arena *a, Str *out, Str hex);
Str base64url(Arena *a, const unsigned char *p, size_t n);
void random_bytes(unsigned char *p, size_t n);
Str random_token(Arena *a, size_t bytes); /* base64url of that many random bytes */
/* n characters of an alphabet without look-alikes (no 0 O 1 I L), for codes people read aloud. */
Str random_code(Arena *a, size_t n);
/* Text that only who has the key can read (XSalsa20-Poly1305 under SHA-256 of the key), as hex;
 * false when it was sealed under another key or changed. Empty stays empty. */
Str secret_seal(Arena *a, Str key, Str text);
bool secret_open(Str *out, Arena *a, Str key, Str sealed);
/* Argon2id (19 MiB, 2 passes), at most two at once in the process, at most 20 waiting:
 * ERR_BUSY when the queue is full. */
Err password_hash(Str *out, Arena *a, Str password) MUST;
/* OK, ERR_DENIED when it does not match, ERR_BUSY. An empty `hash` costs the same and denies. */
Err password_verify(Str hash, Str password) MUST;

#endif
