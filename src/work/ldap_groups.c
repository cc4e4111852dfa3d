/* ldap_groups.c: which groups give a role to whom: direct members, and members of groups within
 * groups: asked of the server in one question (Active Directory), or walked step by step, up from
 * one person or down from the groups to everybody, each group once and never too far.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"
#include "work/ldap_link.h"

enum { MOST_GROUPS = 1000, MOST_LEVELS = 10 };
/* LDAP_MATCHING_RULE_IN_CHAIN ([MS-ADTS] 3.1.1.3.4.4.3). */
#define IN_CHAIN "memberOf:1.2.840.113556.1.4.1941:="

static const char *const members[] = {"member", "uniqueMember", NULL};
static const char *const nothing[] = {LDAP_NO_ATTRS, NULL};

static int ask(Link *l, LDAPMessage **out, const char *base, int scope, const char *filter,
               const char *const *wanted) {
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    *out = NULL;
    return ldap_search_ext_s(l->ld, base, scope, filter, (char **)(uintptr_t)wanted, 0, NULL, NULL,
                             &patience, 0, out);
}

/* ---- walked ---- */

typedef struct Names {
    Str *items;
    size_t n, cap;
} Names;

static bool names_add(Names *names, Arena *a, Str dn) {
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->items[i], dn)) return false;
    if (names->n == MOST_GROUPS) return false;
    GROW(a, names->items, names->n, names->cap);
    names->items[names->n++] = dn;
    return true;
}

/* Marks the people among the members; what is none of them may be a group. */
static void take_members(Link *l, LDAPMessage *group, const char *attribute, size_t role,
                         DirectoryEntry *items, size_t n, Names *others) {
    struct berval **v = ldap_get_values_len(l->ld, group, attribute);
    for (size_t i = 0; v && v[i]; i++) {
        Str member = ldap_same_dn(l, str_z(l->a, (Str){v[i]->bv_val, v[i]->bv_len}));
        bool is_person = false;
        for (size_t k = 0; k < n; k++) {
            if (!str_eq(member, items[k].dn)) continue;
            items[k].has_role[role] = is_person = true;
        }
        if (!is_person && others) names_add(others, l->a, member);
    }
    ldap_value_free_len(v);
}

/* The members of one group. *found false: it is not there. */
static Err read_group(Link *l, bool *there, const char *dn, size_t role, DirectoryEntry *items,
                      size_t n, Names *others) {
    LDAPMessage *found;
    int code = ask(l, &found, dn, LDAP_SCOPE_BASE, "(objectClass=*)", members);
    LDAPMessage *group = code == LDAP_SUCCESS ? ldap_first_entry(l->ld, found) : NULL;
    *there = group != NULL;
    for (size_t i = 0; group && members[i]; i++)
        take_members(l, group, members[i], role, items, n, others);
    ldap_msgfree(found);
    bool absent = code == LDAP_NO_SUCH_OBJECT || code == LDAP_INVALID_DN_SYNTAX;
    return code == LDAP_SUCCESS || absent ? OK : ldap_failed(l, "reading a group", code);
}

/* Down from a role's group to everybody, each group once: a ring of groups ends by itself. */
static Err walk_down(Link *l, size_t role, Names *groups, DirectoryEntry *items, size_t n) {
    bool there;
    for (size_t i = 0; i < groups->n; i++)
        TRY(read_group(l, &there, str_z(l->a, groups->items[i]), role, items, n, groups));
    if (groups->n == MOST_GROUPS)
        log_line(LOG_WARN, "directory", "more than %d entries within %s: the rest is not followed",
                 MOST_GROUPS, l->d->roles[role].group);
    return OK;
}

/* The part that all of these DNs end with: groups are looked for below it. */
static Str common_end(Link *l) {
    Str end = ldap_same_dn(l, l->d->base);
    for (size_t r = 0; r < l->d->n_roles; r++) {
        Str group = ldap_same_dn(l, l->d->roles[r].group);
        while (end.n && !str_ends(group, end)) {
            ptrdiff_t comma = str_find_char(end, ',');
            end = comma < 0 ? (Str){0} : str_sub(end, (size_t)comma + 1, end.n);
        }
    }
    return end;
}

static void mark_group(Link *l, DirectoryEntry *person, Str group) {
    for (size_t r = 0; r < l->d->n_roles; r++)
        if (str_eq(group, ldap_same_dn(l, l->d->roles[r].group))) person->has_role[r] = true;
}

/* The groups that hold one entry, added to `all`. */
static Err holders_of(Link *l, Names *all, const char *base, Str dn) {
    LDAPMessage *found;
    Text filter = text_new(l->a, 0);
    text_addz(&filter, "(|(member=");
    ldap_filter_value(&filter, dn);
    text_addz(&filter, ")(uniqueMember=");
    ldap_filter_value(&filter, dn);
    text_addz(&filter, "))");
    int code = ask(l, &found, base, LDAP_SCOPE_SUBTREE, str_z(l->a, text_str(&filter)), nothing);
    LDAPMessage *e = found ? ldap_first_entry(l->ld, found) : NULL;
    for (; e; e = ldap_next_entry(l->ld, e)) {
        char *name = ldap_get_dn(l->ld, e);
        if (name) names_add(all, l->a, ldap_same_dn(l, name));
        ldap_memfree(name);
    }
    ldap_msgfree(found);
    bool enough =
        code == LDAP_SUCCESS || code == LDAP_NO_SUCH_OBJECT || code == LDAP_SIZELIMIT_EXCEEDED;
    return enough ? OK : ldap_failed(l, "reading groups", code);
}

/* Up from one person: the groups that hold them, those that hold these, and so on. */
static Err walk_up(Link *l, DirectoryEntry *person) {
    Names groups = {0};
    Str base = common_end(l);
    if (!base.n) return OK;
    TRY(holders_of(l, &groups, str_z(l->a, base), person->dn));
    size_t from = 0;
    for (int level = 0; level < MOST_LEVELS && from < groups.n; level++) {
        size_t until = groups.n;
        for (; from < until; from++)
            TRY(holders_of(l, &groups, str_z(l->a, base), groups.items[from]));
    }
    for (size_t i = 0; i < groups.n; i++) mark_group(l, person, groups.items[i]);
    return OK;
}

/* ---- asked in one question ---- */

static const char *chain_filter(Link *l, size_t role) {
    Text t = text_new(l->a, 0);
    text_fmt(&t, "(&%s(" IN_CHAIN, l->d->filter);
    ldap_filter_value(&t, str_of(l->d->roles[role].group));
    text_addz(&t, "))");
    return str_z(l->a, text_str(&t));
}

static void mark_found(Link *l, LDAPMessage *found, size_t role, DirectoryEntry *items, size_t n) {
    LDAPMessage *e = ldap_first_entry(l->ld, found);
    for (; e; e = ldap_next_entry(l->ld, e)) {
        char *name = ldap_get_dn(l->ld, e);
        Str dn = name ? ldap_same_dn(l, name) : (Str){0};
        ldap_memfree(name);
        for (size_t k = 0; k < n; k++)
            if (str_eq(dn, items[k].dn)) items[k].has_role[role] = true;
    }
}

/* Everybody within a group at any depth, page by page; of one person: are they within it. */
static Err ask_chain(Link *l, size_t role, DirectoryEntry *items, size_t n, bool is_everybody) {
    const char *filter = chain_filter(l, role);
    Str cookie = {0};
    do {
        LDAPMessage *found = NULL;
        int code =
            is_everybody
                ? ldap_page(l, &found, l->d->base, LDAP_SCOPE_SUBTREE, filter, nothing, &cookie)
                : ask(l, &found, str_z(l->a, items[0].dn), LDAP_SCOPE_BASE, filter, nothing);
        if (code == LDAP_SUCCESS) mark_found(l, found, role, items, n);
        ldap_msgfree(found);
        if (code != LDAP_SUCCESS && code != LDAP_NO_SUCH_OBJECT)
            return ldap_failed(l, "asking for the members of a group", code);
    } while (cookie.n);
    return OK;
}

/* ---- all of it ---- */

Err ldap_groups(Link *l, DirectoryEntry *items, size_t n, bool is_everybody, Str *missing) {
    Text absent = text_new(l->a, 1 << 20);
    bool walks = l->d->nested == NESTED_WALK;
    for (size_t k = 0; k < n; k++) items[k].dn = ldap_same_dn(l, str_z(l->a, items[k].dn));
    for (size_t r = 0; r < l->d->n_roles; r++) {
        const char *group = l->d->roles[r].group;
        Names within = {0};
        bool there;
        TRY(read_group(l, &there, group, r, items, n, walks && is_everybody ? &within : NULL));
        if (!there) text_fmt(&absent, "%s\n", group);
        if (there && walks && is_everybody) TRY(walk_down(l, r, &within, items, n));
        if (there && l->d->nested == NESTED_CHAIN) TRY(ask_chain(l, r, items, n, is_everybody));
    }
    if (walks && !is_everybody && n == 1 && l->d->n_roles) TRY(walk_up(l, &items[0]));
    *missing = text_str(&absent);
    return OK;
}
