/* net.h: the only door to other machines: HTTPS posts and SMTP, by libcurl. Certificates are always
 * checked, nothing is redirected, no proxy of the environment is used, each exchange has an end.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_NET_H
#define WORK_NET_H

#include "work/work.h"

struct sockaddr;

void net_init(void); /* once, before threads */

typedef struct NetHeader {
    const char *name;
    Str value;
} NetHeader;
typedef struct NetAnswer {
    int64_t status, milliseconds;
    Str error;           /* English; empty when the status is 200 to 299 */
    bool is_unreachable; /* no connection, no answer */
} NetAnswer;
/* Posts JSON. OK: 200 to 299. ERR_INVALID: 410, the receiver wants no more. ERR_BUSY: anything
 * else. */
Err net_post(NetAnswer *out, Ctx *c, Str url, const NetHeader *headers, size_t n, Str body) MUST;
/* Hands one message to the mail server of c->work. ERR_INVALID: refused for good (5xx for this
 * recipient or message). */
Err net_mail(NetAnswer *out, Ctx *c, Str from, Str to, Str message) MUST;
/* Loopback, link-local, private, multicast and reserved addresses, also inside IPv6 ones. */
bool net_is_private(const struct sockaddr *address);

#endif
