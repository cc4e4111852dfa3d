/* directory.h: accounts that the directory keeps: made, changed, given roles and disabled as it
 * says. Accounts with a password of their own are never touched: they stay the way in when the
 * directory is silent. Knows LDAP through ldap.h only. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_DIRECTORY_H
#define WORK_DIRECTORY_H

#include "work/ldap.h"
#include "work/work.h"

typedef struct DirectoryReport {
    int64_t seen, created, changed, enabled, disabled, given, withdrawn, skipped;
    Text notes; /* English, one a line: what was left alone and why */
} DirectoryReport;

/* One person, in the caller's writing transaction and as the system. *user: the account; 0: none
 * that may sign in (kept locally, disabled there or by an administrator). is_known: the account is
 * of this entry already (0: not asked yet). */
Err directory_apply(int64_t *user, DirectoryReport *report, Ctx *c, const Directory *d,
                    const DirectoryEntry *e, int64_t known) MUST;

/* Reads everybody, then disables, makes, changes and gives roles in short transactions of its own.
 * c: a context without a transaction (its session and clock are used). Nothing is changed when the
 * directory does not answer whole (ERR_BUSY), or when more than half of the accounts (and more than
 * ten) would end and is_sure is false (ERR_INVALID); *why says so. is_trial: counts only. */
Err directory_sync(DirectoryReport *report, Str *why, Ctx *c, Directory *d, bool is_sure,
                   bool is_trial) MUST;

/* The account is the directory's from now on: its password is forgotten; or it is local again and
 * needs one. */
Err directory_hand_over(Ctx *c, int64_t user) MUST;
Err directory_take_back(Ctx *c, int64_t user) MUST;

/* ---- SQL (directory_query.c) ---- */
typedef struct KeptAccount {
    int64_t id;
    Str key;
    bool is_active, is_seen;
} KeptAccount;
typedef struct KeptAccounts {
    KeptAccount *items;
    size_t n, cap;
} KeptAccounts;
/* Accounts that the directory keeps, in the order of their keys. */
Err directory_kept(KeptAccounts *out, Ctx *c) MUST;
Err directory_account_of(int64_t *out, Ctx *c, Str key) MUST; /* 0: none */

Err directory_send(Ctx *c, Job *job) MUST; /* topic "directory" */

#endif
