/* vault.h: secrets that must be read again (second factors, signatures of webhooks: fields flagged
 * F_SEALED) are stored sealed under a key that is not in the database (Site.key). Table vault holds
 * a proof of that key, so that a node with another key, or none, neither seals nor makes one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODEL_VAULT_H
#define MODEL_VAULT_H

#include "model/record.h"

extern const DbTable vault_tables[];
extern const size_t vault_n_tables;

typedef enum VaultState {
    VAULT_NEW,  /* nothing was sealed yet: any key may be taken */
    VAULT_OPEN, /* the site's key is the one of this database */
    VAULT_LOST  /* it is another one, or there is none */
} VaultState;
Err vault_state(VaultState *out, Ctx *c) MUST;

/* ERR_INVALID with an issue when the site has no key, or not that of this database. Writes. */
Err vault_seal(Str *out, Ctx *c, Str secret) MUST;
/* False when it was sealed under a key that the site does not have. Empty stays empty; what was
 * stored before there were keys comes out as it is. */
bool vault_open(Str *out, const Ctx *c, Str stored);

/* Takes the site's key into use: writes the proof and seals what is stored in clear, also in
 * earlier versions. Nothing happens without a key or when all is done; ERR_CONFLICT when
 * VAULT_LOST. */
Err vault_begin(int64_t *sealed, Ctx *c) MUST;
/* The key is lost for good: second factors that it sealed are turned off, signatures of webhooks
 * emptied, the proof removed. */
Err vault_forget(int64_t *emptied, Ctx *c) MUST;

#endif
