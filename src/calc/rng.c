/* rng.c: xoshiro256++ and the few distributions that need nothing else. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#include "calc/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

Rng rng_new(uint64_t seed) {
    Rng r = {.spare = 0};
    for (size_t i = 0; i < LENGTH(r.s); i++) r.s[i] = splitmix(&seed);
    return r;
}

uint64_t rng_next(Rng *r) {
    uint64_t result = rotate(r->s[0] + r->s[3], 23) + r->s[0], t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = rotate(r->s[3], 45);
    return result;
}

int64_t rng_below(Rng *r, int64_t n) {
    CHECK(n >= 1, "rng_below needs a positive bound");
    uint64_t bound = (uint64_t)n, limit = UINT64_MAX - UINT64_MAX % bound, x;
    do x = rng_next(r);
    while (x >= limit);
    return (int64_t)(x % bound);
}

double rng_uniform(Rng *r) {
    return (double)(rng_next(r) >> 11) * 0x1.0p-53;
}

double rng_normal(Rng *r) {
    double u, v, s;
    if (r->has_spare) {
        r->has_spare = false;
        return r->spare;
    }
    do {
        u = 2 * rng_uniform(r) - 1;
        v = 2 * rng_uniform(r) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s <= 0);
    s = sqrt(-2 * log(s) / s);
    r->spare = v * s;
    r->has_spare = true;
    return u * s;
}

int64_t rng_poisson(Rng *r, double mean) {
    int64_t n = 0;
    while (mean > 0) {
        double part = mean > 30 ? 30 : mean, floor = exp(-part), product = rng_uniform(r);
        for (; product > floor; product *= rng_uniform(r)) n++;
        mean -= part;
    }
    return n;
}

bool rng_chance(Rng *r, int per_cent) {
    return rng_below(r, 100) < per_cent;
}
