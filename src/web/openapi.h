/* openapi.h: between openapi.c (addresses), openapi_schema.c (what is sent and answered) and
 * openapi_page.c (the same for people). Nobody else includes it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_OPENAPI_H
#define WEB_OPENAPI_H

#include "base/json.h"
#include "web/route.h"

/* Only types that the reader may see are described. */
bool openapi_described(Web *w, const Type *t);
FieldSet openapi_hidden(Web *w, const Type *t);
void openapi_text(Json *j, const char *key, const char *value);
/* {"$ref": "#/components/schemas/" + name + suffix} */
void openapi_ref(Json *j, Web *w, const char *name, const char *suffix);
/* The body of a step: a reason and the fields that the step takes. */
void openapi_step(Json *j, Web *w, const Type *t, const Transition *x);
void openapi_components(Json *j, Web *w);

#endif
