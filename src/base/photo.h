/* photo.h: a picture without what it tells of its author: place, time, device, names. Pure.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_PHOTO_H
#define BASE_PHOTO_H

#include "base/arena.h"
#include "base/str.h"

/* JPEG without Exif (but for how the picture is to be turned), XMP, IPTC, comments and what follows
 * its end; PNG without texts, time and Exif; WebP without Exif and XMP. The picture itself is
 * copied, never encoded anew. Anything else, and a picture without such things, comes back as it
 * is. From where a file is broken its rest is kept unchanged. */
Str photo_clean(Arena *a, Str bytes);

#endif
