/* photo.c: see photo.h. Formats: ITU T.81 annex B and Exif 2.3 (4.6.2) for JPEG, ISO/IEC 15948 for
 * PNG, RFC 9649 for WebP. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/photo.h"

#include <string.h>

typedef struct Copy {
    const unsigned char *p;
    size_t n, at; /* read so far */
    unsigned char *out;
    size_t used;
} Copy;

static void keep(Copy *c, size_t n) {
    memcpy(c->out + c->used, c->p + c->at, n);
    c->used += n;
    c->at += n;
}

static uint32_t big(const unsigned char *p, size_t n) {
    uint32_t x = 0;
    for (size_t i = 0; i < n; i++) x = x << 8 | p[i];
    return x;
}

static uint32_t little(const unsigned char *p, size_t n) {
    uint32_t x = 0;
    for (size_t i = n; i--;) x = x << 8 | p[i];
    return x;
}

/* ---- JPEG ---- */

enum { SOI = 0xD8, EOI = 0xD9, SOS = 0xDA, APP1 = 0xE1, APP13 = 0xED, COMMENT = 0xFE };

/* How the picture is to be turned, 1 to 8, as the Exif block says it; 0: it does not. */
static int orientation(const unsigned char *p, size_t n) {
    if (n < 14 || memcmp(p, "Exif\0\0", 6) != 0) return 0;
    const unsigned char *tiff = p + 6;
    size_t size = n - 6;
    bool is_big = memcmp(tiff, "MM", 2) == 0;
    uint32_t (*number)(const unsigned char *, size_t) = is_big ? big : little;
    size_t ifd = number(tiff + 4, 4);
    if (ifd > size || size - ifd < 2) return 0;
    size_t count = number(tiff + ifd, 2);
    for (size_t i = 0; i < count && size - ifd - 2 >= 12 * (i + 1); i++) {
        const unsigned char *tag = tiff + ifd + 2 + 12 * i;
        if (number(tag, 2) != 0x0112) continue;
        uint32_t turned = number(tag + 8, 2);
        return turned >= 1 && turned <= 8 ? (int)turned : 0;
    }
    return 0;
}

static void put_orientation(Copy *c, int turned) {
    static const unsigned char block[] = {0xFF, APP1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,  'M', 'M',
                                          0,    42,   0, 0,  0,   8,   0,   1,   1, 18, 0,   3,
                                          0,    0,    0, 1,  0,   0,   0,   0,   0, 0,  0,   0};
    memcpy(c->out + c->used, block, sizeof block);
    c->out[c->used + 29] = (unsigned char)turned;
    c->used += sizeof block;
}

/* The pixels: up to the next marker that is none of their own. */
static void scan(Copy *c) {
    size_t end = c->at;
    while (end + 1 < c->n) {
        unsigned char next = c->p[end + 1];
        if (c->p[end] == 0xFF && next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) break;
        end++;
    }
    keep(c, (end + 1 < c->n ? end : c->n) - c->at);
}

static void jpeg(Copy *c) {
    bool turned_once = false;
    keep(c, 2);
    while (c->at + 4 <= c->n && c->p[c->at] == 0xFF) {
        if (c->p[c->at + 1] == 0xFF) { /* filled up before a marker (T.81, B.1.1.2) */
            c->at++;
            continue;
        }
        unsigned char marker = c->p[c->at + 1];
        size_t size = 2 + (size_t)big(c->p + c->at + 2, 2);
        if (size < 4 || size > c->n - c->at) break;
        if (marker == APP1 || marker == APP13 || marker == COMMENT) {
            int turned =
                marker == APP1 && !turned_once ? orientation(c->p + c->at + 4, size - 4) : 0;
            c->at += size;
            if (turned > 1) put_orientation(c, turned);
            turned_once = turned_once || turned > 1;
            continue;
        }
        keep(c, size);
        if (marker != SOS) continue;
        scan(c);
        if (c->at + 2 <= c->n && c->p[c->at + 1] == EOI) {
            keep(c, 2);
            c->at = c->n; /* what phones append: films, depths, further pictures */
            return;
        }
    }
}

/* ---- PNG, WebP ---- */

static bool is_one_of(const unsigned char *name, const char *names) {
    for (; *names; names += 4)
        if (memcmp(name, names, 4) == 0) return true;
    return false;
}

static void png(Copy *c) {
    keep(c, 8);
    while (c->at + 12 <= c->n) {
        size_t size = 12 + (size_t)big(c->p + c->at, 4);
        const unsigned char *name = c->p + c->at + 4;
        if (size > c->n - c->at) break;
        if (is_one_of(name, "tEXtzTXtiTXteXIftIME"))
            c->at += size;
        else
            keep(c, size);
        if (is_one_of(name, "IEND")) {
            c->at = c->n;
            return;
        }
    }
}

static void webp(Copy *c) {
    keep(c, 12);
    while (c->at + 8 <= c->n) {
        size_t size = 8 + (size_t)little(c->p + c->at + 4, 4);
        const unsigned char *name = c->p + c->at;
        size += size & 1;
        if (size == c->n - c->at + 1) size--; /* the last one may lack what fills it up */
        if (size > c->n - c->at) break;
        if (is_one_of(name, "EXIFXMP ")) {
            c->at += size;
            continue;
        }
        size_t began = c->used;
        keep(c, size);
        if (is_one_of(name, "VP8X") && size > 8)
            c->out[began + 8] &= (unsigned char)~0x0CU; /* says that there are Exif and XMP */
    }
}

Str photo_clean(Arena *a, Str bytes) {
    enum { ROOM = 64 }; /* for the block that says how it is turned */
    static const unsigned char png_lead[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    Copy c = {.p = (const unsigned char *)bytes.p, .n = bytes.n};
    void (*clean)(Copy *) = NULL;
    if (bytes.n < 16) return bytes;
    if (c.p[0] == 0xFF && c.p[1] == SOI && c.p[2] == 0xFF) clean = jpeg;
    if (memcmp(c.p, png_lead, sizeof png_lead) == 0) clean = png;
    if (memcmp(c.p, "RIFF", 4) == 0 && memcmp(c.p + 8, "WEBP", 4) == 0) clean = webp;
    if (!clean) return bytes;
    c.out = NEW_N(a, unsigned char, bytes.n + ROOM);
    clean(&c);
    if (clean == webp && c.used >= 12)
        for (size_t i = 0; i < 4; i++)
            c.out[4 + i] = (unsigned char)((c.used - 8 + (c.n - c.at)) >> (8 * i));
    keep(&c, c.n - c.at);
    return (Str){(const char *)c.out, c.used};
}
