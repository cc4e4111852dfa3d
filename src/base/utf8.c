/* utf8.c: strict UTF-8 and folding for search. ICU gives case folding and decomposition; its shared
 * normaliser objects are immutable, so every function here is thread-safe.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { REPLACEMENT = 0xFFFD };

/* Length of the well-formed sequence at p[0..n), 0 when there is none (Unicode table 3-7). */
static size_t sequence(uint32_t *out, const unsigned char *p, size_t n) {
    unsigned char b = p[0];
    if (b < 0x80) {
        *out = b;
        return 1;
    }
    size_t length = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
    if (b < 0xC2 || b > 0xF4 || n < length) return 0;
    uint32_t c = b & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    bool is_surrogate = c >= 0xD800 && c <= 0xDFFF;
    bool is_overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
    if (is_surrogate || is_overlong || c > 0x10FFFF) return 0;
    *out = c;
    return length;
}

uint32_t utf8_next(Str s, size_t *i) {
    if (*i >= s.n) return REPLACEMENT;
    uint32_t c = REPLACEMENT;
    size_t length = sequence(&c, (const unsigned char *)s.p + *i, s.n - *i);
    if (length == 0) {
        *i += 1;
        return REPLACEMENT;
    }
    *i += length;
    return c;
}

static bool is_well_formed(Str s, bool refuse_controls) {
    for (size_t i = 0; i < s.n;) {
        uint32_t c;
        size_t length = sequence(&c, (const unsigned char *)s.p + i, s.n - i);
        if (length == 0) return false;
        if (refuse_controls && (c < 0x20 || c == 0x7F) && c != '\t' && c != '\n' && c != '\r')
            return false;
        i += length;
    }
    return true;
}

bool utf8_is_clean(Str s) {
    return is_well_formed(s, true);
}

bool utf8_is_valid(Str s) {
    return is_well_formed(s, false);
}

size_t utf8_count(Str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; n++) utf8_next(s, &i);
    return n;
}

void utf8_put(Text *t, uint32_t c) {
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = REPLACEMENT;
    char b[4];
    size_t n = 0;
    if (c < 0x80) {
        b[n++] = (char)c;
    } else if (c < 0x800) {
        b[n++] = (char)(0xC0 | c >> 6);
        b[n++] = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        b[n++] = (char)(0xE0 | c >> 12);
        b[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        b[n++] = (char)(0x80 | (c & 0x3F));
    } else {
        b[n++] = (char)(0xF0 | c >> 18);
        b[n++] = (char)(0x80 | (c >> 12 & 0x3F));
        b[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        b[n++] = (char)(0x80 | (c & 0x3F));
    }
    text_add(t, (Str){b, n});
}

Str utf8_clip(Str s, size_t n) {
    size_t i = 0;
    while (n > 0 && i < s.n) {
        utf8_next(s, &i);
        n--;
    }
    return (Str){s.p, i};
}

typedef struct Units {
    UChar *p;
    int32_t n;
} Units;

static Units to_units(Arena *a, Str s) {
    CHECK(s.n < INT32_MAX / 4, "text too long to fold");
    Units u = {NEW_N(a, UChar, s.n + 1), 0};
    UErrorCode error = U_ZERO_ERROR;
    u_strFromUTF8WithSub(u.p, (int32_t)s.n + 1, &u.n, s.n ? s.p : "", (int32_t)s.n, REPLACEMENT,
                         NULL, &error);
    CHECK(U_SUCCESS(error), "UTF-16 conversion failed");
    return u;
}

static Units normalise(Arena *a, const UNormalizer2 *form, Units in) {
    /* Twice the text is nearly always enough; ICU says how much it needs when it is not. */
    int32_t cap = in.n * 2 + 16;
    for (;;) {
        Units out = {NEW_N(a, UChar, (size_t)cap), 0};
        UErrorCode error = U_ZERO_ERROR;
        out.n = unorm2_normalize(form, in.p, in.n, out.p, cap, &error);
        if (error == U_BUFFER_OVERFLOW_ERROR && out.n > cap) {
            cap = out.n;
            continue;
        }
        CHECK(U_SUCCESS(error), "normalisation failed");
        return out;
    }
}

/* What stays different after decomposition although people search them as one. */
static const char *plain_form(UChar32 c) {
    switch (c) {
    case 0x0153: return "oe";
    case 0x00E6: return "ae";
    case 0x00F8: return "o";
    case 0x0142: return "l";
    case 0x0111: return "d";
    case 0x0131: return "i";
    case 0x0671: return "\xD8\xA7"; /* alef wasla: alef */
    case 0x0649:                    /* final ya without dots */
    case 0x06CC: return "\xD9\x8A"; /* Farsi ya: ya */
    case 0x0629: return "\xD9\x87"; /* ta marbuta: ha */
    case 0x06A9: return "\xD9\x83"; /* keheh: kaf */
    default: return NULL;
    }
}

static void fold_one(Text *out, bool *blank_due, UChar32 c) {
    int8_t kind = u_charType(c);
    if (c == 0x0640 || kind == U_NON_SPACING_MARK || kind == U_ENCLOSING_MARK) return;
    bool is_word = u_isalnum(c) || kind == U_COMBINING_SPACING_MARK || kind == U_LETTER_NUMBER;
    if (!is_word) {
        *blank_due = out->n > 0;
        return;
    }
    if (*blank_due) text_char(out, ' ');
    *blank_due = false;
    int32_t digit = kind == U_DECIMAL_DIGIT_NUMBER ? u_charDigitValue(c) : -1;
    const char *plain = plain_form(c);
    if (digit >= 0) {
        text_char(out, (char)('0' + digit));
    } else if (plain) {
        text_addz(out, plain);
    } else {
        utf8_put(out, (uint32_t)c);
    }
}

static void fold_ascii(Text *out, Str s) {
    bool blank_due = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            if (blank_due) text_char(out, ' ');
            blank_due = false;
            text_char(out, c);
        } else {
            blank_due = out->n > 0;
        }
    }
}

static bool is_ascii(Str s) {
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 0x80) return false;
    }
    return true;
}

Str utf8_fold(Arena *a, Str s) {
    Text out = text_new(a, 0);
    if (is_ascii(s)) {
        fold_ascii(&out, s);
        return text_str(&out);
    }
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *casefold = unorm2_getNFKCCasefoldInstance(&error);
    const UNormalizer2 *decompose = unorm2_getNFDInstance(&error);
    CHECK(U_SUCCESS(error), "no normalisation data");
    Units u = normalise(a, decompose, normalise(a, casefold, to_units(a, s)));
    bool blank_due = false;
    for (int32_t i = 0; i < u.n;) {
        uint32_t c = u.p[i++];
        if (c >> 10 == 0x36 && i < u.n && u.p[i] >> 10 == 0x37) /* a surrogate pair */
            c = 0x10000 + ((c & 0x3FF) << 10) + (u.p[i++] & 0x3FFu);
        fold_one(&out, &blank_due, (UChar32)c);
    }
    return text_str(&out);
}

static const Str article = {"\xD8\xA7\xD9\x84", 4}; /* alef lam */

/* The word without its article, or empty when it has none or too little would stay. */
static Str without_article(Str word) {
    if (!str_starts(word, article)) return (Str){0};
    Str bare = str_sub(word, article.n, word.n);
    return utf8_count(bare) < 3 ? (Str){0} : bare;
}

/* What French leaves of a word before an apostrophe: "l", "d", "qu" ... */
static bool is_elided(Str word) {
    static const char letters[] = "cdjlmnst";
    if (str_is(word, "qu")) return true;
    return word.n == 1 && word.p[0] && strchr(letters, word.p[0]);
}

Str utf8_query_text(Arena *a, Str folded) {
    Text out = text_new(a, 0);
    Str word, rest = folded;
    while (str_cut(&word, &rest, ' ')) {
        if (word.n == 0 || (rest.n && is_elided(word))) continue;
        if (out.n) text_char(&out, ' ');
        Str bare = without_article(word);
        text_add(&out, bare.n ? bare : word);
    }
    return text_str(&out);
}

Str utf8_search_text(Arena *a, Str folded) {
    Text out = text_new(a, 0);
    Str word, rest = folded;
    while (str_cut(&word, &rest, ' ')) {
        if (word.n == 0) continue;
        if (out.n) text_char(&out, ' ');
        text_add(&out, word);
        Str bare = without_article(word);
        if (!bare.n) continue;
        text_char(&out, ' ');
        text_add(&out, bare);
    }
    return text_str(&out);
}
