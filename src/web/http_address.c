/* http_address.c: client addresses: parsing, the trusted proxies, and the token buckets of a fixed
 * table hashed with a secret, so that nobody can make memory grow or aim at another's bucket.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/http_internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>

static HttpAddress from_v6(const unsigned char *bytes) {
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    HttpAddress address = {.is_known = true};
    if (memcmp(bytes, mapped, sizeof mapped) == 0) {
        address.is_v4 = true;
        memcpy(address.bytes, bytes + 12, 4);
    } else {
        memcpy(address.bytes, bytes, 16);
    }
    return address;
}

HttpAddress address_of(const void *sockaddr) {
    sa_family_t family;
    memcpy(&family, (const char *)sockaddr + offsetof(struct sockaddr, sa_family), sizeof family);
    if (family == AF_INET) {
        HttpAddress address = {.is_v4 = true, .is_known = true};
        memcpy(address.bytes, (const char *)sockaddr + offsetof(struct sockaddr_in, sin_addr), 4);
        return address;
    }
    if (family == AF_INET6) {
        unsigned char bytes[16];
        memcpy(bytes, (const char *)sockaddr + offsetof(struct sockaddr_in6, sin6_addr), 16);
        return from_v6(bytes);
    }
    return (HttpAddress){0};
}

bool address_parse(HttpAddress *out, Str text) {
    char z[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    text = str_trim(text);
    if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']') {
        text = str_sub(text, 1, text.n - 2);
    }
    if (text.n == 0 || text.n >= sizeof z) return false;
    memcpy(z, text.p, text.n);
    z[text.n] = 0;
    if (inet_pton(AF_INET, z, bytes) == 1) {
        *out = (HttpAddress){.is_v4 = true, .is_known = true};
        memcpy(out->bytes, bytes, 4);
        return true;
    }
    if (inet_pton(AF_INET6, z, bytes) != 1) return false;
    *out = from_v6(bytes);
    return true;
}

Str address_text(Arena *a, const HttpAddress *address) {
    char z[INET6_ADDRSTRLEN];
    if (!address->is_known) return S("local");
    if (inet_ntop(address->is_v4 ? AF_INET : AF_INET6, address->bytes, z, sizeof z) == NULL) {
        return S("local");
    }
    return str_copy(a, str_of(z));
}

Str address_key_text(Arena *a, const HttpAddress *address) {
    if (!address->is_known || address->is_v4) return address_text(a, address);
    HttpAddress net = *address;
    memset(net.bytes + 8, 0, 8);
    return str_join(a, address_text(a, &net), S("/64"));
}

/* Narrow: IPv4 /32, IPv6 /64. Wide: /24 and /48. */
uint32_t address_bucket(const Http *h, const HttpAddress *address, bool wide) {
    unsigned char in[10] = {0}, hash[crypto_shorthash_BYTES];
    in[0] = address->is_v4 ? 4 : 6;
    in[1] = wide ? 1 : 0;
    size_t n = address->is_v4 ? (wide ? 3 : 4) : (wide ? 6 : 8);
    memcpy(in + 2, address->bytes, n);
    crypto_shorthash(hash, in, sizeof in, h->secret);
    return (uint32_t)hash[0] | (uint32_t)hash[1] << 8;
}

bool address_is_trusted(const Http *h, const HttpAddress *address) {
    for (size_t i = 0; i < h->n_trusted; i++) {
        if (address->is_known && h->trusted[i].is_v4 == address->is_v4 &&
            memcmp(h->trusted[i].bytes, address->bytes, 16) == 0) {
            return true;
        }
    }
    return false;
}

static bool take(Http *h, uint32_t index, int64_t rate, int64_t burst, int64_t now) {
    pthread_mutex_t *lock = &h->bucket_locks[index % HTTP_BUCKET_LOCKS];
    pthread_mutex_lock(lock);
    HttpBucket *bucket = &h->buckets[index];
    int64_t full = burst * HTTP_SECOND_US, gained, elapsed = now - bucket->last_us;
    if (bucket->last_us == 0 || mul_overflows(elapsed, rate, &gained) ||
        add_overflows(bucket->micro_tokens, gained, &bucket->micro_tokens) ||
        bucket->micro_tokens > full) {
        bucket->micro_tokens = full;
    }
    bucket->last_us = now;
    bool may = bucket->micro_tokens >= HTTP_SECOND_US;
    if (may) bucket->micro_tokens -= HTTP_SECOND_US;
    pthread_mutex_unlock(lock);
    return may;
}

bool address_may(Http *h, const HttpAddress *address, int64_t now) {
    if (h->rate == 0 || !address->is_known) return true;
    /* A neighbourhood may do eight times what one address may. */
    return take(h, address_bucket(h, address, false), h->rate, h->burst, now) &&
           take(h, address_bucket(h, address, true), h->rate * 8, h->burst * 8, now);
}

/* "RATE", "RATE:BURST" or "0" (no limit). */
static bool read_rate(Http *h, Str text) {
    Str rate, burst = text;
    str_cut(&rate, &burst, ':');
    if (!str_to_int(&h->rate, rate) || h->rate < 0 || h->rate > 1000000) return false;
    h->burst = h->rate * 3;
    if (rate.n == text.n || h->rate == 0) return true;
    return str_to_int(&h->burst, burst) && h->burst > 0 && h->burst <= 1000000;
}

Err address_init(Http *h) {
    randombytes_buf(h->secret, sizeof h->secret);
    h->buckets = NEW_N(h->process, HttpBucket, HTTP_BUCKETS);
    for (int i = 0; i < HTTP_BUCKET_LOCKS; i++) pthread_mutex_init(&h->bucket_locks[i], NULL);
    const char *rate = getenv("GARDEFOU_ADDRESS_RATE");
    if (!read_rate(h, rate && rate[0] ? str_of(rate) : S("20:60"))) return ERR_INVALID;
    Str part, rest = str_of(h->config.trusted_proxy);
    size_t cap = 0;
    while (rest.n > 0 && str_cut(&part, &rest, ',')) {
        GROW(h->process, h->trusted, h->n_trusted, cap);
        if (!address_parse(&h->trusted[h->n_trusted], part)) return ERR_INVALID;
        h->n_trusted++;
    }
    return OK;
}
