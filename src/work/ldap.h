/* ldap.h: the directory of the institution (LDAP, Active Directory): who signs in with a name and a
 * password, and everybody it knows. Always over TLS (StartTLS or ldaps) with the certificate
 * checked; each exchange has an end. Knows no account and no database.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_LDAP_H
#define WORK_LDAP_H

#include "base/str.h"

#include <stdatomic.h>

typedef struct DirectoryRole {
    Str role, unit;    /* unit: code, empty for the whole institution */
    const char *group; /* DN of the group whose members hold the role */
} DirectoryRole;

/* Members of groups within groups: not asked, walked group by group, or asked of the server in one
 * question that Active Directory understands. */
typedef enum Nested { NESTED_NO, NESTED_WALK, NESTED_CHAIN } Nested;

/* Settings of the operator; read-only after the start but for `silent_until`. */
typedef struct Directory {
    const char *server;         /* ldap://host:389 (StartTLS) or ldaps://host:636 */
    const char *ca;             /* file of certificates to trust; NULL: those of the system */
    const char *user;           /* DN that may search; NULL: anonymous */
    Str password;               /* of that DN */
    const char *base, *filter;  /* where people are, and which entries are people */
    const char *names;          /* attributes with which one signs in, blank separated */
    const char *unit;           /* attribute with the code of a unit; NULL: none */
    const DirectoryRole *roles; /* groups give roles */
    size_t n_roles;
    Nested nested;
    /* After a silence nobody waits for it again for some seconds (monotonic microseconds). */
    _Atomic int64_t silent_until;
} Directory;

typedef struct DirectoryEntry {
    Str dn, key; /* key: what stays when the entry is renamed or moved (entryUUID, objectGUID) */
    Str email, name, unit;
    bool is_disabled;
    bool *has_role; /* n_roles of the settings */
} DirectoryEntry;
typedef struct DirectoryEntries {
    DirectoryEntry *items;
    size_t n, cap;
    int64_t without_email;
    Str missing_groups; /* DNs, one a line; empty: none */
} DirectoryEntries;

/* A value inside a search filter (RFC 4515, section 3): * ( ) \ and NUL are escaped. */
void ldap_filter_value(Text *out, Str value);
/* (&FILTER(|(NAME=login)(NAME=login)...)) */
Str ldap_login_filter(Arena *a, const Directory *d, Str login);
/* Is an account with these attributes shut? Texts as the directory holds them, empty when absent:
 * userAccountControl, accountExpires (Active Directory), pwdAccountLockedTime (OpenLDAP: only what
 * an administrator locked), nsAccountLock (389 Directory Server). */
bool ldap_is_shut(Str control, Str expires, Str locked, Str lock, int64_t now_us);

/* The entry of whoever proves to be `login` with `password`, groups included. ERR_DENIED: nobody,
 * several, a wrong or empty password, a shut account. ERR_BUSY: the directory does not answer or
 * refuses our own account; *why, in English, is for the administrator and holds no secret. */
Err ldap_login(DirectoryEntry *out, Str *why, Arena *a, Directory *d, Str login, Str password) MUST;
/* Everybody, read page by page; all or ERR_BUSY with *why. */
Err ldap_everybody(DirectoryEntries *out, Str *why, Arena *a, Directory *d) MUST;

#endif
