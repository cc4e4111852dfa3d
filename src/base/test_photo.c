/* test_photo.c: what pictures tell of their author is gone, the picture is the same, broken files
 * do no harm. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/photo.h"

static bool holds(Str s, const char *word) {
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= s.n; i++)
        if (memcmp(s.p + i, word, n) == 0) return true;
    return false;
}

/* SOI, APP0, Exif (turned by 6, with a place), XMP, ICC, comment, SOS with pixels, EOI, a film. */
#define EXIF                                                                                       \
    "\xFF\xE1\x00\x2C"                                                                             \
    "Exif\0\0II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0GPS 33.57N"
#define PIXELS                                                                                     \
    "\xFF\xDA\x00\x04\x01\x02"                                                                     \
    "ab\xFF\x00zz\xFF\xD3q"
static const char jpeg[] = "\xFF\xD8\xFF\xE0\x00\x04JF" EXIF "\xFF\xE1\x00\x0Bxmp Karim"
                           "\xFF\xE2\x00\x05ICC\xFF\xFE\x00\x08Galaxy" PIXELS "\xFF\xD9"
                           "ftypmp42 film";

static void test_photo_jpeg(void **state) {
    static const char rest[] = "\xFF\xE2\x00\x05ICC" PIXELS "\xFF\xD9";
    (void)state;
    Arena *a = arena_new(0);
    Str out = photo_clean(a, (Str){jpeg, sizeof jpeg - 1});
    assert_false(holds(out, "GPS"));
    assert_false(holds(out, "Karim"));
    assert_false(holds(out, "Galaxy"));
    assert_false(holds(out, "film"));
    assert_true(holds(out, "Exif")); /* still says how to turn it, and nothing else */
    assert_int_equal(out.n, 8 + 36 + sizeof rest - 1);
    assert_int_equal(out.p[8 + 29], 6);
    assert_memory_equal(out.p + 8 + 36, rest, sizeof rest - 1);
    Str again = photo_clean(a, out);
    assert_int_equal(again.n, out.n);
    assert_memory_equal(again.p, out.p, out.n);
    arena_free(a);
}

static void test_photo_png(void **state) {
    static const char png[] = "\x89PNG\r\n\x1A\n"
                              "\0\0\0\x04IHDRabcdCRC1"
                              "\0\0\0\x05tEXtKarimCRC2"
                              "\0\0\0\x03"
                              "eXIfGPSCRC3"
                              "\0\0\0\x02IDATxyCRC4"
                              "\0\0\0\0IENDCRC5tail";
    (void)state;
    Arena *a = arena_new(0);
    Str out = photo_clean(a, (Str){png, sizeof png - 1});
    assert_false(holds(out, "Karim") || holds(out, "GPS") || holds(out, "tail"));
    assert_true(holds(out, "IHDRabcdCRC1") && holds(out, "IDATxyCRC4") && holds(out, "IENDCRC5"));
    arena_free(a);
}

static void test_photo_webp(void **state) {
    static const char webp[] = "RIFF\x3A\0\0\0WEBP"
                               "VP8X\x0A\0\0\0\x1C\0\0\0\0\0\0\0\0\0"
                               "VP8 \x04\0\0\0wxyz"
                               "EXIF\x03\0\0\0GPS\0"
                               "XMP \x01\0\0\0k\0";
    (void)state;
    Arena *a = arena_new(0);
    Str out = photo_clean(a, (Str){webp, sizeof webp - 1});
    assert_false(holds(out, "GPS") || holds(out, "XMP "));
    assert_true(holds(out, "wxyz"));
    assert_int_equal(out.n, 12 + 18 + 12);
    assert_int_equal((unsigned char)out.p[4], out.n - 8);
    assert_int_equal(out.p[20], 0x10); /* no longer says that they are there */
    arena_free(a);
}

/* Cut anywhere, it comes back no longer than it was but for the block of its turn. */
static void test_photo_broken(void **state) {
    (void)state;
    Arena *a = arena_new(0);
    for (size_t n = 0; n < sizeof jpeg - 1; n++) {
        char *part = NEW_N(a, char, n + 1);
        memcpy(part, jpeg, n);
        Str out = photo_clean(a, (Str){part, n});
        assert_true(out.n <= n + 36);
    }
    Str text = S("no picture at all, but long enough");
    assert_ptr_equal(photo_clean(a, text).p, text.p);
    arena_free(a);
}
