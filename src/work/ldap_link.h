/* ldap_link.h: one connection to the directory, shared by ldap.c and ldap_groups.c alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_LDAP_LINK_H
#define WORK_LDAP_LINK_H

#include "work/ldap.h"

#include <ldap.h>
#include <sys/time.h>

enum { ANSWER_SECONDS = 10, PAGE_ENTRIES = 100 };

typedef struct Link {
    LDAP *ld;
    Arena *a;
    Directory *d;
    Str *why;
} Link;

/* Says why (what, and what the library adds); ERR_BUSY. */
Err ldap_failed(Link *l, const char *what, int code);
/* One way of writing for the same DN. */
Str ldap_same_dn(Link *l, const char *dn);
/* One page of a search; *cookie: where the next one begins, empty at the end. */
int ldap_page(Link *l, LDAPMessage **out, const char *base, int scope, const char *filter,
              const char *const *wanted, Str *cookie);
/* Who holds which role by groups, and by groups within them as the settings say; *missing: groups
 * that are not there. The entries' dn are written alike afterwards. */
Err ldap_groups(Link *l, DirectoryEntry *items, size_t n, bool is_everybody, Str *missing) MUST;

#endif
