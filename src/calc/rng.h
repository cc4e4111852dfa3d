/* rng.h: random numbers that are the same on every machine for the same seed: xoshiro256++
 * (Blackman, Vigna 2019; public domain) seeded by splitmix64. Not for secrets.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CALC_RNG_H
#define CALC_RNG_H

#include "base/base.h"

typedef struct Rng {
    uint64_t s[4];
    double spare; /* second value of the last pair of normals */
    bool has_spare;
} Rng;

Rng rng_new(uint64_t seed);
uint64_t rng_next(Rng *r);
/* 0 .. n-1 without bias; n >= 1. */
int64_t rng_below(Rng *r, int64_t n);
double rng_uniform(Rng *r); /* [0, 1) with 53 bits */
double rng_normal(Rng *r);  /* mean 0, variance 1 (polar method) */
/* Poisson by products of uniforms in pieces; mean 0 .. 1e6. */
int64_t rng_poisson(Rng *r, double mean);
bool rng_chance(Rng *r, int per_cent);

#endif
