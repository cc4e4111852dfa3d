/* ldap.c: binding to and searching the directory with libldap (ldap.h).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/ldap.h"

#include "base/clock.h"
#include "work/ldap_link.h"

#include <sys/time.h>
#include <unistd.h>

enum {
    CONNECT_SECONDS = 5,
    SILENT_SECONDS = 15,
    MOST_ENTRIES = 200000,
    SHUT_BIT = 2 /* ACCOUNTDISABLE of userAccountControl */
};

/* ---- pure parts ---- */

void ldap_filter_value(Text *out, Str value) {
    for (size_t i = 0; i < value.n; i++) {
        unsigned char b = (unsigned char)value.p[i];
        if (b == '*' || b == '(' || b == ')' || b == '\\' || b == 0)
            text_fmt(out, "\\%02x", b);
        else
            text_char(out, value.p[i]);
    }
}

Str ldap_login_filter(Arena *a, const Directory *d, Str login) {
    Text t = text_new(a, 1 << 16);
    Str names = str_of(d->names), name;
    text_fmt(&t, "(&%s(|", d->filter);
    while (names.n && str_cut(&name, &names, ' ')) {
        if (!name.n) continue;
        text_fmt(&t, "(%.*s=", FMT(name));
        ldap_filter_value(&t, login);
        text_char(&t, ')');
    }
    text_addz(&t, "))");
    return text_str(&t);
}

/* 100 ns since 1601; 0 and the largest number mean never. */
static bool is_past(Str ticks, int64_t now_us) {
    int64_t n;
    if (!str_to_int(&n, ticks) || n <= 0 || n == INT64_MAX) return false;
    return n / 10 - INT64_C(11644473600) * 1000000 <= now_us;
}

bool ldap_is_shut(Str control, Str expires, Str locked, Str lock, int64_t now_us) {
    int64_t bits;
    if (str_to_int(&bits, control) && (bits & SHUT_BIT)) return true;
    if (is_past(expires, now_us)) return true;
    if (str_is(locked, "000001010000Z")) return true;
    return lock.n == 4 && (lock.p[0] | 32) == 't';
}

/* ---- the connection ---- */

Err ldap_failed(Link *l, const char *what, int code) {
    char *more = NULL;
    if (l->ld) ldap_get_option(l->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &more);
    *l->why = str_fmt(l->a, "%s: %s%s%s", what, ldap_err2string(code), more && *more ? ": " : "",
                      more ? more : "");
    ldap_memfree(more);
    bool silent = code == LDAP_SERVER_DOWN || code == LDAP_TIMEOUT || code == LDAP_CONNECT_ERROR ||
                  code == LDAP_UNAVAILABLE;
    if (silent)
        atomic_store(&l->d->silent_until, clock_mono_us() + SILENT_SECONDS * INT64_C(1000000));
    return ERR_BUSY;
}

static bool set_tls(LDAP *ld, const Directory *d) {
    static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";
    int hard = LDAP_OPT_X_TLS_HARD, client = 0, tls12 = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    const char *ca = d->ca ? d->ca : access(system_ca, R_OK) == 0 ? system_ca : NULL;
    return ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &hard) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &tls12) == LDAP_OPT_SUCCESS &&
           (!ca || ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, ca) == LDAP_OPT_SUCCESS) &&
           ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client) == LDAP_OPT_SUCCESS;
}

static void set_limits(LDAP *ld) {
    int version = LDAP_VERSION3;
    struct timeval connect = {.tv_sec = CONNECT_SECONDS}, answer = {.tv_sec = ANSWER_SECONDS};
    ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
    ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON);
    ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &connect);
    ldap_set_option(ld, LDAP_OPT_TIMEOUT, &answer);
}

static int bind_as(Link *l, const char *dn, Str password) {
    struct berval secret = {.bv_len = password.n, .bv_val = (char *)(uintptr_t)password.p};
    return ldap_sasl_bind_s(l->ld, dn, LDAP_SASL_SIMPLE, &secret, NULL, NULL, NULL);
}

static Err link_open(Link *l) {
    *l->why = (Str){0};
    if (clock_mono_us() < atomic_load(&l->d->silent_until)) {
        *l->why = S("the directory did not answer some seconds ago");
        return ERR_BUSY;
    }
    int code = ldap_initialize(&l->ld, l->d->server);
    if (code != LDAP_SUCCESS) return ldap_failed(l, "ldap_server", code);
    set_limits(l->ld);
    if (!set_tls(l->ld, l->d)) {
        *l->why = S("TLS cannot be set up: is ldap_ca a readable file of certificates?");
        return ERR_BUSY;
    }
    if (strncmp(l->d->server, "ldaps:", 6) != 0) {
        code = ldap_start_tls_s(l->ld, NULL, NULL);
        if (code != LDAP_SUCCESS) return ldap_failed(l, "StartTLS", code);
    }
    code = bind_as(l, l->d->user, l->d->password);
    return code == LDAP_SUCCESS ? OK : ldap_failed(l, "signing in with ldap_user", code);
}

static void link_close(Link *l) {
    if (l->ld) ldap_unbind_ext_s(l->ld, NULL, NULL);
    l->ld = NULL;
}

/* ---- entries ---- */

static Str value_of(Link *l, LDAPMessage *e, const char *name) {
    Str out = {0};
    if (!name) return out;
    struct berval **v = ldap_get_values_len(l->ld, e, name);
    if (v && v[0]) out = str_copy(l->a, (Str){v[0]->bv_val, v[0]->bv_len});
    ldap_value_free_len(v);
    return out;
}

static Str hex_of(Arena *a, Str bytes) {
    Text t = text_new(a, 0);
    for (size_t i = 0; i < bytes.n; i++) text_fmt(&t, "%02x", (unsigned char)bytes.p[i]);
    return text_str(&t);
}

/* One way of writing for the same DN. */
Str ldap_same_dn(Link *l, const char *dn) {
    char *normal = NULL;
    if (ldap_dn_normalize(dn, LDAP_DN_FORMAT_LDAPV3, &normal, LDAP_DN_FORMAT_LDAPV3) !=
        LDAP_SUCCESS)
        return str_lower_ascii(l->a, str_of(dn));
    Str out = str_lower_ascii(l->a, str_of(normal));
    ldap_memfree(normal);
    return out;
}

/* Active Directory names the groups in the entry itself. */
static void roles_named_in(Link *l, DirectoryEntry *out, LDAPMessage *e) {
    struct berval **v = ldap_get_values_len(l->ld, e, "memberOf");
    for (size_t i = 0; v && v[i]; i++) {
        Str group = ldap_same_dn(l, str_z(l->a, (Str){v[i]->bv_val, v[i]->bv_len}));
        for (size_t k = 0; k < l->d->n_roles; k++)
            if (str_eq(group, ldap_same_dn(l, l->d->roles[k].group))) out->has_role[k] = true;
    }
    ldap_value_free_len(v);
}

static void entry_of(Link *l, DirectoryEntry *out, LDAPMessage *e) {
    char *dn = ldap_get_dn(l->ld, e);
    *out = (DirectoryEntry){.dn = str_copy(l->a, str_of(dn ? dn : "")),
                            .key = value_of(l, e, "entryUUID"),
                            .email = str_trim(value_of(l, e, "mail")),
                            .name = value_of(l, e, "displayName"),
                            .unit = str_trim(value_of(l, e, l->d->unit)),
                            .has_role = NEW_N(l->a, bool, l->d->n_roles + 1)};
    ldap_memfree(dn);
    if (!out->key.n) out->key = hex_of(l->a, value_of(l, e, "objectGUID"));
    if (!out->key.n) out->key = ldap_same_dn(l, str_z(l->a, out->dn));
    if (!out->name.n) out->name = value_of(l, e, "cn");
    out->email = str_lower_ascii(l->a, out->email);
    out->is_disabled = ldap_is_shut(
        value_of(l, e, "userAccountControl"), value_of(l, e, "accountExpires"),
        value_of(l, e, "pwdAccountLockedTime"), value_of(l, e, "nsAccountLock"), clock_now_us());
    roles_named_in(l, out, e);
}

static void attributes(const Link *l, char **out) {
    static const char *const names[] = {
        "mail",           "displayName",          "cn",
        "entryUUID",      "objectGUID",           "userAccountControl",
        "accountExpires", "pwdAccountLockedTime", "nsAccountLock",
        "memberOf"};
    size_t n = 0;
    for (; n < LENGTH(names); n++) out[n] = (char *)(uintptr_t)names[n];
    if (l->d->unit) out[n++] = (char *)(uintptr_t)l->d->unit;
    out[n] = NULL;
}

int ldap_page(Link *l, LDAPMessage **out, const char *base, int scope, const char *filter,
              const char *const *wanted, Str *cookie) {
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    struct berval mark = {.bv_len = cookie->n, .bv_val = (char *)(uintptr_t)cookie->p};
    LDAPControl *page = NULL;
    int code = ldap_create_page_control(l->ld, PAGE_ENTRIES, &mark, 0, &page);
    LDAPControl *controls[] = {page, NULL};
    if (code == LDAP_SUCCESS)
        code = ldap_search_ext_s(l->ld, base, scope, filter, (char **)(uintptr_t)wanted, 0,
                                 controls, NULL, &patience, 0, out);
    if (page) ldap_control_free(page);
    *cookie = (Str){0};
    if (code != LDAP_SUCCESS) return code;
    LDAPControl **returned = NULL;
    code = ldap_parse_result(l->ld, *out, NULL, NULL, NULL, NULL, &returned, 0);
    LDAPControl *found = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, returned, NULL);
    struct berval next = {0};
    ber_int_t size = 0;
    if (found && ldap_parse_pageresponse_control(l->ld, found, &size, &next) == LDAP_SUCCESS) {
        *cookie = str_copy(l->a, (Str){next.bv_val, next.bv_len});
        ber_memfree(next.bv_val);
    }
    ldap_controls_free(returned);
    return code;
}

static int search_few(Link *l, LDAPMessage **out, const char *filter, int limit) {
    char *wanted[16];
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    attributes(l, wanted);
    return ldap_search_ext_s(l->ld, l->d->base, LDAP_SCOPE_SUBTREE, filter, wanted, 0, NULL, NULL,
                             &patience, limit, out);
}

/* ---- what others ask ---- */

static Err find_one(Link *l, DirectoryEntry *out, Str login) {
    LDAPMessage *found = NULL;
    Str missing, filter = ldap_login_filter(l->a, l->d, login);
    int code = search_few(l, &found, filter.p, 2);
    int n = code == LDAP_SUCCESS ? ldap_count_entries(l->ld, found) : 0;
    if (n == 1) entry_of(l, out, ldap_first_entry(l->ld, found));
    ldap_msgfree(found);
    if (code == LDAP_SIZELIMIT_EXCEEDED || code == LDAP_NO_SUCH_OBJECT) return ERR_DENIED;
    if (code != LDAP_SUCCESS) return ldap_failed(l, "searching", code);
    if (n != 1 || !out->email.n) return ERR_DENIED;
    Str written = out->dn;
    TRY(ldap_groups(l, out, 1, false, &missing));
    out->dn = written;
    return OK;
}

Err ldap_login(DirectoryEntry *out, Str *why, Arena *a, Directory *d, Str login, Str password) {
    Link l = {.a = a, .d = d, .why = why};
    *out = (DirectoryEntry){0};
    /* Without a password a server may take the bind for an anonymous one (RFC 4513, 5.1.2). */
    if (!password.n || !login.n || login.n > 254) return ERR_DENIED;
    Err e = link_open(&l);
    if (e == OK) e = find_one(&l, out, login);
    if (e == OK && out->is_disabled) e = ERR_DENIED;
    if (e == OK) {
        int code = bind_as(&l, str_z(a, out->dn), password);
        if (code == LDAP_SERVER_DOWN || code == LDAP_TIMEOUT)
            e = ldap_failed(&l, "signing in", code);
        else if (code != LDAP_SUCCESS)
            e = ERR_DENIED;
    }
    link_close(&l);
    return e;
}

static Err read_all(Link *l, DirectoryEntries *out) {
    char *wanted[16];
    Str cookie = {0};
    attributes(l, wanted);
    do {
        LDAPMessage *found = NULL;
        int code = ldap_page(l, &found, l->d->base, LDAP_SCOPE_SUBTREE, l->d->filter,
                             (const char *const *)wanted, &cookie);
        LDAPMessage *e = code == LDAP_SUCCESS ? ldap_first_entry(l->ld, found) : NULL;
        for (; e && out->n < MOST_ENTRIES; e = ldap_next_entry(l->ld, e)) {
            DirectoryEntry one;
            entry_of(l, &one, e);
            out->without_email += !one.email.n;
            if (!one.email.n) continue;
            GROW(l->a, out->items, out->n, out->cap);
            out->items[out->n++] = one;
        }
        ldap_msgfree(found);
        if (code != LDAP_SUCCESS) return ldap_failed(l, "reading everybody", code);
    } while (cookie.n);
    return ldap_groups(l, out->items, out->n, true, &out->missing_groups);
}

Err ldap_everybody(DirectoryEntries *out, Str *why, Arena *a, Directory *d) {
    Link l = {.a = a, .d = d, .why = why};
    *out = (DirectoryEntries){0};
    Err e = link_open(&l);
    if (e == OK) e = read_all(&l, out);
    link_close(&l);
    return e;
}
