/* mo.h: looks texts up in a compiled message catalogue (GNU .mo image) that lies in memory. Every
 * offset is checked against the image: a broken image finds nothing and never reads outside.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_MO_H
#define BASE_MO_H

#include "base/i18n.h"

/* The translation of msgid (its NUL-separated plural forms, when it has several); p NULL when
 * absent. The bytes belong to the image and are NUL-ended. */
Str mo_find(const LangImage *image, const char *msgid);
/* Form number `i` of a found translation; empty when there is none. */
Str mo_form(Str found, size_t i);

#endif
