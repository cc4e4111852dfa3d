/* totp.h: time-based one-time codes: RFC 6238 over HMAC-SHA1 (RFC 4226), 6 digits, steps of 30
 * seconds. Pure: the caller brings the clock and keeps the last step used. SPDX-License-Identifier:
 * GPL-3.0-or-later */
#ifndef MODEL_TOTP_H
#define MODEL_TOTP_H

#include "base/str.h"

enum { TOTP_STEP_SECONDS = 30, TOTP_SECRET_BYTES = 20 };

Str totp_secret_new(Arena *a); /* 160 random bits in base32 */
/* The code of a step (unix seconds / 30); empty when the secret is no base32. RFC 4226 5.3. */
Str totp_code(Arena *a, Str secret_base32, int64_t step);
/* True when `code` is that of the present step or a neighbour, and later than last_step (no code
 * works twice). */
bool totp_verify(int64_t *step, Arena *a, Str secret_base32, Str code, int64_t now_us,
                 int64_t last_step);
/* otpauth://totp/... for an authenticator application. */
Str totp_uri(Arena *a, Str secret_base32, Str account);

#endif
