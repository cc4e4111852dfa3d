/* settings.c: the table of settings and where their values come from (settings.h).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands/settings.h"

#include "base/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* clang-format off */
static const SettingDef table[] = {
    {"database", "GARDEFOU_DATABASE", "sqlite:gardefou.db", 0, 0, "sqlite:PATH or postgresql://..."},
    {"listen", "GARDEFOU_LISTEN", "127.0.0.1:8080", 0, 0, "address:port; port 0 takes a free one"},
    {"organisation", "GARDEFOU_ORGANISATION", "", 0, 0, "name of the institution, shown on every page"},
    {"zone", "GARDEFOU_ZONE", "Africa/Casablanca", 0, 0, "time zone of the institution (IANA name)"},
    {"key_file", "GARDEFOU_KEY_FILE", "", 0, 0, "file with the key that protects stored secrets; empty: gardefou.key beside the settings file"},
    {"workers", "GARDEFOU_WORKERS", "0", 0, 256, "threads that answer; 0: twice the cores"},
    {"max_connections", "GARDEFOU_MAX_CONNECTIONS", "2000", 10, 100000, "open connections"},
    {"per_address", "GARDEFOU_PER_ADDRESS", "64", 1, 100000, "connections one address may hold"},
    {"max_body_kib", "GARDEFOU_MAX_BODY_KIB", "1024", 16, 65536, "largest request without files, in KiB"},
    {"trusted_proxy", "GARDEFOU_TRUSTED_PROXY", "", 0, 0, "addresses of the reverse proxy, comma separated"},
    {"allowed_hosts", "GARDEFOU_ALLOWED_HOSTS", "", 0, 0, "host names that are served, comma separated"},
    {"rate", "GARDEFOU_RATE", "50", 1, 100000, "requests a second of one account"},
    {"burst", "GARDEFOU_BURST", "200", 1, 1000000, "requests one account may send at once"},
    {"anonymous_rate", "GARDEFOU_ANONYMOUS_RATE", "120", 1, 1000000, "declarations and messages without an account that one address may send an hour"},
    {"job_threads", "GARDEFOU_JOB_THREADS", "2", 0, 16, "threads for work beside requests (mail, reminders); 0: left to other nodes"},
    {"public_url", "GARDEFOU_PUBLIC_URL", "", 0, 0, "address under which people reach the program, for links in mails"},
    {"mail_server", "GARDEFOU_MAIL_SERVER", "", 0, 0, "smtp://HOST:587 (STARTTLS) or smtps://HOST:465; empty: no mail"},
    {"mail_user", "GARDEFOU_MAIL_USER", "", 0, 0, "account at the mail server; empty: none"},
    {"mail_password", "GARDEFOU_MAIL_PASSWORD", "", 0, 0, "its password (better in the environment or the file)"},
    {"mail_from", "GARDEFOU_MAIL_FROM", "", 0, 0, "sender: Gardefou <risk@bank.example>"},
    {"mail_ca", "GARDEFOU_MAIL_CA", "", 0, 0, "file of certificates to trust for mail; empty: the system's"},
    {"mail_plain", "GARDEFOU_MAIL_PLAIN", "0", 0, 1, "1: mail without TLS, for a relay on the same machine"},
    {"webhook_private", "GARDEFOU_WEBHOOK_PRIVATE", "0", 0, 1, "1: webhooks may reach private addresses, and http://"},
    {"webhook_ca", "GARDEFOU_WEBHOOK_CA", "", 0, 0, "file of certificates to trust for webhooks; empty: the system's"},
    {"ldap_server", "GARDEFOU_LDAP_SERVER", "", 0, 0, "ldap://HOST:389 (StartTLS) or ldaps://HOST:636; empty: no directory"},
    {"ldap_ca", "GARDEFOU_LDAP_CA", "", 0, 0, "file of certificates to trust for the directory; empty: the system's"},
    {"ldap_user", "GARDEFOU_LDAP_USER", "", 0, 0, "DN of the account that searches"},
    {"ldap_password", "GARDEFOU_LDAP_PASSWORD", "", 0, 0, "its password (better in the environment or the file)"},
    {"ldap_base", "GARDEFOU_LDAP_BASE", "", 0, 0, "DN below which people are"},
    {"ldap_filter", "GARDEFOU_LDAP_FILTER", "(&(objectClass=person)(mail=*))", 0, 0, "which entries are people who may sign in"},
    {"ldap_names", "GARDEFOU_LDAP_NAMES", "mail uid sAMAccountName", 0, 0, "attributes with which one signs in, blank separated"},
    {"ldap_unit", "GARDEFOU_LDAP_UNIT", "", 0, 0, "attribute with the code of the person's unit; empty: not taken over"},
    {"ldap_nested", "GARDEFOU_LDAP_NESTED", "walk", 0, 0, "groups within groups: no, walk (OpenLDAP and others) or chain (Active Directory)"},
    {"ldap_roles", "GARDEFOU_LDAP_ROLES", "", 0, 0, "ROLE[@UNIT]:DN of a group; ... : groups give roles"},
    {"clamd", "GARDEFOU_CLAMD", "", 0, 0, "ClamAV daemon that looks at uploads: /PATH/OF/SOCKET or HOST:PORT; empty: none"},
    {"clamd_absent", "GARDEFOU_CLAMD_ABSENT", "refuse", 0, 0, "when it does not answer: refuse, or accept with a mark"},
    {"metrics", "GARDEFOU_METRICS", "local", 0, 0, "local: /metrics for loopback and tokens; public: for everybody"},
    {"log", "GARDEFOU_LOG", "info", 0, 0, "debug, info, warn or error"},
};
/* Settings of a few words. */
static const struct { const char *name, *words[5]; } choices[] = {
    {"log", {"debug", "info", "warn", "error", NULL}}, {"metrics", {"local", "public", NULL}},
    {"clamd_absent", {"refuse", "accept", NULL}}, {"ldap_nested", {"no", "walk", "chain", NULL}},
};
/* In the environment, and no settings. */
static const char *const others[] = {"GARDEFOU_CONFIG", "GARDEFOU_KEY", "GARDEFOU_ADDRESS_RATE"};
/* clang-format on */

_Static_assert(LENGTH(table) <= LENGTH(((Settings *)0)->values), "Settings is too small");

const SettingDef *setting_table(size_t *n) {
    *n = LENGTH(table);
    return table;
}

static size_t index_of(Str name) {
    size_t i = 0;
    while (i < LENGTH(table) && !str_is(name, table[i].name)) i++;
    return i;
}

static bool is_choice(Str *why, Arena *a, const char *name, Str value) {
    for (size_t i = 0; i < LENGTH(choices); i++) {
        if (strcmp(choices[i].name, name) != 0) continue;
        Text t = text_new(a, 0);
        text_fmt(&t, "%s must be", name);
        for (size_t k = 0; choices[i].words[k]; k++) {
            if (str_is(value, choices[i].words[k])) return true;
            text_fmt(&t, "%s %s",
                     !k                        ? ""
                     : choices[i].words[k + 1] ? ","
                                               : " or",
                     choices[i].words[k]);
        }
        *why = text_str(&t);
        return false;
    }
    return true;
}

Err settings_set(Settings *s, Str *why, Arena *process, Str name, Str value) {
    size_t i = index_of(name);
    if (i == LENGTH(table)) {
        *why = str_fmt(process, "unknown setting: %.*s", FMT(name));
        return ERR_INVALID;
    }
    int64_t number;
    bool is_number = table[i].min != 0 || table[i].max != 0;
    if (is_number &&
        (!str_to_int(&number, value) || number < table[i].min || number > table[i].max)) {
        *why = str_fmt(process, "%s must be a number from %lld to %lld", table[i].name,
                       (long long)table[i].min, (long long)table[i].max);
        return ERR_INVALID;
    }
    if (!is_choice(why, process, table[i].name, value)) return ERR_INVALID;
    if (value.n && str_ends(name, S("_ca")) && access(str_z(process, value), R_OK) != 0) {
        *why = str_fmt(process, "%s names a file that cannot be read: %.*s", table[i].name,
                       FMT(value));
        return ERR_INVALID;
    }
    s->values[i] = str_copy(process, value);
    return OK;
}

static bool is_known(Str name) {
    for (size_t i = 0; i < LENGTH(table); i++)
        if (str_is(name, table[i].env)) return true;
    for (size_t i = 0; i < LENGTH(others); i++)
        if (str_is(name, others[i])) return true;
    return str_starts(name, S("GARDEFOU_TEST_"));
}

void settings_strangers(void) {
    for (char **e = environ; *e; e++) {
        Str name, rest = str_of(*e);
        if (str_starts(rest, S("GARDEFOU_")) && str_cut(&name, &rest, '=') && !is_known(name))
            log_line(LOG_WARN, "unknown_setting", "%.*s is no setting of this program", FMT(name));
    }
}

static Err read_small(Str *out, Arena *a, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return ERR_MISSING;
    enum { MOST = 64 << 10 };
    char *buffer = arena_alloc(a, MOST);
    size_t n = 0;
    ssize_t got = 0;
    while (n < MOST && (got = read(fd, buffer + n, MOST - n)) > 0) n += (size_t)got;
    close(fd);
    *out = (Str){buffer, n};
    return got < 0 || n == MOST ? ERR_INVALID : OK;
}

static Err load_file(Settings *s, Str *why, Arena *process, const char *path, bool needed) {
    Str text, line;
    Err e = read_small(&text, process, path);
    if (e == ERR_MISSING && !needed) return OK;
    if (e != OK) {
        *why = str_fmt(process, "cannot read %s", path);
        return ERR_INVALID;
    }
    for (int number = 1; text.n && str_cut(&line, &text, '\n'); number++) {
        line = str_trim(line);
        Str key;
        if (line.n == 0 || line.p[0] == '#') continue;
        if (str_find_char(line, '=') < 0 || !str_cut(&key, &line, '=')) {
            *why = str_fmt(process, "%s:%d: expected KEY = value", path, number);
            return ERR_INVALID;
        }
        e = settings_set(s, why, process, str_trim(key), str_trim(line));
        if (e != OK) {
            *why = str_fmt(process, "%s:%d: %.*s", path, number, FMT(*why));
            return e;
        }
    }
    return OK;
}

Err settings_load(Settings *out, Str *why, Arena *process) {
    *out = (Settings){0};
    for (size_t i = 0; i < LENGTH(table); i++) out->values[i] = str_of(table[i].default_value);
    const char *file = getenv("GARDEFOU_CONFIG");
    TRY(load_file(out, why, process, file ? file : "gardefou.conf", file != NULL));
    for (size_t i = 0; i < LENGTH(table); i++) {
        const char *value = getenv(table[i].env);
        if (value && *value)
            TRY(settings_set(out, why, process, str_of(table[i].name), str_of(value)));
    }
    return OK;
}

Str setting(const Settings *s, const char *name) {
    size_t i = index_of(str_of(name));
    CHECK(i < LENGTH(table), name);
    return s->values[i];
}

int64_t setting_int(const Settings *s, const char *name) {
    int64_t n = 0;
    CHECK(str_to_int(&n, setting(s, name)), name);
    return n;
}

const char *setting_z(const Settings *s, Arena *a, const char *name) {
    Str v = setting(s, name);
    return v.n ? str_z(a, v) : NULL;
}

void settings_help(Text *out) {
    for (size_t i = 0; i < LENGTH(table); i++)
        text_fmt(out, "  %-16s %-26s %s [%s]\n", table[i].name, table[i].env, table[i].help,
                 table[i].default_value);
}
