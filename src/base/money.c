/* money.c: exact decimal arithmetic on int64 with 128-bit intermediates, and the currency table
 * (ISO 4217 active codes and their minor units). No floating point.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/money.h"
#include "base/utf8.h"

#include <stdlib.h>

typedef __int128 Wide;

/* clang-format off */
/* Sorted by code within each string; three letters a code. Everything not in the others has 2 digits. */
static const char currencies[][4] = {
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN",
    "BHD", "BIF", "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF",
    "CHE", "CHF", "CHW", "CLF", "CLP", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK",
    "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF",
    "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD",
    "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD",
    "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN",
    "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP",
    "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD",
    "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP",
    "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "USN", "UYI", "UYU", "UYW", "UZS", "VED", "VES",
    "VND", "VUV", "WST", "XAD", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
};
static const char no_digits[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
static const char three_digits[] = "BHD IQD JOD KWD LYD OMR TND";
static const char four_digits[] = "CLF UYW";
/* clang-format on */

static const int64_t powers[] = {
    1,        10,        100,        1000,        10000,        100000,        1000000,
    10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000};

static int by_code(const void *key, const void *element) {
    return memcmp(key, element, 3);
}

static bool is_among(const char *list, Str code) {
    for (; *list; list += list[3] ? 4 : 3)
        if (memcmp(list, code.p, 3) == 0) return true;
    return false;
}

int currency_digits(Str code) {
    if (code.n != 3 || str_find_char(code, ' ') >= 0) return -1;
    if (!bsearch(code.p, currencies, LENGTH(currencies), sizeof currencies[0], by_code)) return -1;
    if (is_among(no_digits, code)) return 0;
    if (is_among(three_digits, code)) return 3;
    if (is_among(four_digits, code)) return 4;
    return 2;
}

size_t currency_count(void) {
    return LENGTH(currencies);
}

const char *currency_code(size_t i) {
    CHECK(i < LENGTH(currencies), "no such currency");
    return currencies[i];
}

bool decimal_parse(int64_t *out, Str text, int scale) {
    CHECK(scale >= 0 && scale <= 9, "bad scale");
    bool negative = text.n > 0 && text.p[0] == '-';
    size_t i = negative ? 1 : 0;
    int64_t value = 0;
    int whole = 0, fraction = -1;
    for (; i < text.n; i++) {
        char c = text.p[i];
        if (c == '.' && fraction < 0 && whole > 0) {
            fraction = 0;
            continue;
        }
        if (c < '0' || c > '9') return false;
        if (fraction >= 0 && ++fraction > scale) return false;
        if (fraction < 0) whole = 1;
        /* Counted downwards: INT64_MIN has no positive twin. */
        if (mul_overflows(value, (int64_t)10, &value)) return false;
        if (sub_overflows(value, (int64_t)(c - '0'), &value)) return false;
    }
    if (!whole || fraction == 0) return false;
    int left = fraction > 0 ? scale - fraction : scale;
    if (mul_overflows(value, powers[left], &value)) return false;
    if (!negative && sub_overflows((int64_t)0, value, &value)) return false;
    *out = value;
    return true;
}

/* The typed text as digits and three signs: '.' ',' as typed, ' ' for a certain thousands
 * separator, 'd' for a certain decimal one. */
typedef struct Typed {
    char p[64];
    size_t n;
    bool negative;
} Typed;

static char typed_sign(uint32_t c) {
    if (c >= '0' && c <= '9') return (char)c;
    if (c >= 0x660 && c <= 0x669) return (char)('0' + (c - 0x660));
    if (c >= 0x6F0 && c <= 0x6F9) return (char)('0' + (c - 0x6F0));
    switch (c) {
    case '.':
    case ',': return (char)c;
    case ' ':
    case 0xA0:
    case 0x202F:
    case 0x2009:
    case '\'':
    case 0x2019:
    case 0x66C: return ' ';
    case 0x66B: return 'd';
    default: return 0;
    }
}

static bool is_minus(uint32_t c) {
    return c == '-' || c == 0x2212;
}

static bool read_typed(Typed *out, Str text) {
    *out = (Typed){.n = 0};
    text = str_trim(text);
    bool in_parentheses = text.n >= 2 && text.p[0] == '(' && text.p[text.n - 1] == ')';
    if (in_parentheses) text = str_trim(str_sub(text, 1, text.n - 2));
    out->negative = in_parentheses;
    bool has_sign = in_parentheses;
    for (size_t i = 0; i < text.n;) {
        uint32_t c = utf8_next(text, &i);
        if (c == 0x200E || c == 0x200F || c == 0x61C) continue; /* direction marks */
        if ((is_minus(c) || c == '+') && out->n == 0 && !has_sign) {
            out->negative = c != '+';
            has_sign = true;
            continue;
        }
        char sign = typed_sign(c);
        if (!sign || out->n == sizeof out->p) return false;
        if (sign == ' ' && out->n == 0) {
            if (has_sign) continue; /* "- 12" */
            return false;
        }
        out->p[out->n++] = sign;
    }
    return out->n > 0;
}

static size_t count_of(const Typed *t, char c) {
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) n += t->p[i] == c;
    return n;
}

static size_t last_of(const Typed *t, char c) {
    for (size_t i = t->n; i > 0; i--) {
        if (t->p[i - 1] == c) return i - 1;
    }
    return t->n;
}

/* Where the decimal sign stands; t->n when there is none. False when the text contradicts itself.
 */
static bool find_decimal(size_t *at, const Typed *t, bool comma_decimal) {
    size_t certain = count_of(t, 'd'), points = count_of(t, '.'), commas = count_of(t, ',');
    *at = t->n;
    if (certain) {
        *at = last_of(t, 'd');
        return certain == 1;
    }
    if (points && commas) {
        size_t point = last_of(t, '.'), comma = last_of(t, ',');
        *at = point > comma ? point : comma;
        return (point > comma ? points : commas) == 1;
    }
    if (points + commas != 1) return true; /* none, or one kind several times: thousands */
    char sign = points ? '.' : ',';
    size_t where = last_of(t, sign);
    bool could_group = t->n - where == 4 && where >= 1 && where <= 3 && t->p[0] != '0';
    bool is_decimal_sign = (sign == ',') == comma_decimal;
    if (!could_group || is_decimal_sign || count_of(t, ' ')) *at = where;
    return true;
}

bool decimal_parse_loose(int64_t *out, Str text, int scale, bool comma_decimal) {
    Typed t;
    size_t decimal;
    if (!read_typed(&t, text) || !find_decimal(&decimal, &t, comma_decimal)) return false;
    char plain[80];
    size_t n = 0, group = 0;
    bool grouped = false;
    char group_sign = 0;
    if (t.negative) plain[n++] = '-';
    for (size_t i = 0; i < decimal; i++) {
        char c = t.p[i];
        if (c >= '0' && c <= '9') {
            plain[n++] = c;
            group++;
            continue;
        }
        /* One kind of separator, groups of three after a first one of one to three digits. */
        if (group_sign && c != group_sign) return false;
        if (grouped ? group != 3 : group < 1 || group > 3) return false;
        group_sign = c;
        grouped = true;
        group = 0;
    }
    if (grouped && group != 3) return false;
    if (group == 0) {
        if (decimal == t.n) return false;
        plain[n++] = '0'; /* ".5" */
    }
    size_t end = t.n;
    while (end > decimal + 1 + (size_t)scale && t.p[end - 1] == '0') end--;
    if (decimal < t.n && decimal + 1 == t.n) return false;
    if (decimal < end && decimal + 1 < end) {
        plain[n++] = '.';
        for (size_t i = decimal + 1; i < end; i++) {
            if (t.p[i] < '0' || t.p[i] > '9') return false;
            plain[n++] = t.p[i];
        }
    }
    return decimal_parse(out, (Str){plain, n}, scale);
}

Str decimal_text(Arena *a, int64_t value, int scale) {
    CHECK(scale >= 0 && scale <= 9, "bad scale");
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[32], *end = digits + sizeof digits, *p = end;
    for (int i = 0; i < scale; i++, size /= 10) *--p = (char)('0' + size % 10);
    if (scale) *--p = '.';
    do *--p = (char)('0' + size % 10);
    while (size /= 10);
    if (value < 0) *--p = '-';
    return str_copy(a, (Str){p, (size_t)(end - p)});
}

/* value / denominator, half-even, for denominator > 0. */
static Wide divide_half_even(Wide value, Wide denominator) {
    Wide quotient = value / denominator, rest = value % denominator;
    Wide size = rest < 0 ? -rest : rest;
    Wide other = denominator - size;
    if (size > other || (size == other && quotient % 2 != 0)) quotient += value < 0 ? -1 : 1;
    return quotient;
}

static bool narrow(int64_t *out, Wide value) {
    if (value > INT64_MAX || value < INT64_MIN) return false;
    *out = (int64_t)value;
    return true;
}

bool decimal_rescale(int64_t *out, int64_t value, int from_scale, int to_scale) {
    CHECK(from_scale >= 0 && from_scale <= 9 && to_scale >= 0 && to_scale <= 9, "bad scale");
    if (to_scale >= from_scale) return !mul_overflows(value, powers[to_scale - from_scale], out);
    return narrow(out, divide_half_even(value, powers[from_scale - to_scale]));
}

Str money_text(Arena *a, Money m) {
    int digits = currency_digits(str_of(m.currency));
    return decimal_text(a, m.minor, digits < 0 ? 2 : digits);
}

bool money_convert(int64_t *out, int64_t minor, Str from, int64_t rate9, Str to) {
    int from_digits = currency_digits(from), to_digits = currency_digits(to);
    if (from_digits < 0 || to_digits < 0) return false;
    /* One division for the rate's scale and the digits together: rounding once. */
    return mul_div(out, minor, rate9, powers[9 + from_digits - to_digits]);
}

bool mul_div(int64_t *out, int64_t value, int64_t numerator, int64_t denominator) {
    if (denominator == 0) return false;
    Wide product = (Wide)value * numerator, divisor = denominator;
    if (divisor < 0) {
        product = -product;
        divisor = -divisor;
    }
    return narrow(out, divide_half_even(product, divisor));
}

typedef struct Share {
    Wide rest;
    size_t index;
} Share;

static int by_rest_then_index(const void *x, const void *y) {
    const Share *a = x, *b = y;
    if (a->rest != b->rest) return a->rest > b->rest ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

bool split_largest_remainder(int64_t *parts, int64_t total, const int64_t *weights, size_t n) {
    if (n == 0 || n > 10000) return false;
    Wide sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (weights[i] < 0) return false;
        sum += weights[i];
    }
    if (sum == 0) return false;
    Share *shares = calloc(n, sizeof *shares);
    CHECK(shares, "out of memory");
    Wide size = total < 0 ? -(Wide)total : total, left = size;
    int64_t sign = total < 0 ? -1 : 1;
    for (size_t i = 0; i < n; i++) {
        Wide product = size * weights[i];
        /* Kept negative for a negative total, so that INT64_MIN fits. */
        parts[i] = (int64_t)(product / sum * sign);
        shares[i] = (Share){product % sum, i};
        left -= product / sum;
    }
    qsort(shares, n, sizeof *shares, by_rest_then_index);
    for (size_t i = 0; left > 0; i++, left--) parts[shares[i].index] += sign;
    free(shares);
    return true;
}
