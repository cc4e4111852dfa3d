/* assets.c: finds an embedded file by its path. Knows no HTTP.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/assets.h"

const Asset *asset_find(Str path) {
    size_t low = 0, high = assets_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(path, str_of(assets[middle].path));
        if (order == 0) return &assets[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
