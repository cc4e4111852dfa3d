/* webhook_types.c: the record type of webhooks, kept by administrators, with its signing secret and
 * its log. SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"
#include "model/vault.h"
#include "work/kit.h"
#include "work/webhook.h"

static Err validate(Ctx *c, const Saving *s);
static Err after_save(Ctx *c, const Saving *s);

static const char *stays(Ctx *c, const Record *r) {
    (void)c;
    return r->state->name;
}

/* clang-format off */
static const FieldDef fields[] = {
    {.name = "title", .label = N_("Name"), .kind = KIND_TEXT, .flags = F_REQUIRED | F_LISTED | F_SORTED},
    {.name = "url", .label = N_("Address"), .kind = KIND_TEXT, .max_length = 500, .flags = F_REQUIRED | F_LISTED, .help = N_("Begins with https://; it answers 200 to 299 when it has taken the message.")},
    {.name = "types", .label = N_("About"), .kind = KIND_CHOICES, .of = "@types", .help = N_("Choose nothing for all kinds of records.")},
    {.name = "edits", .label = N_("Also when a field is changed"), .kind = KIND_BOOL, .help = N_("Otherwise only what is created and each step of the workflow.")},
    {.name = "secret", .label = N_("Secret"), .kind = KIND_TEXT, .flags = F_SECRET | F_SEALED | F_DERIVED | F_HIDDEN, .max_length = 300},
    {0}
};
static const StateDef states[] = {
    {"active", N_("Active"), TONE_GOOD,  1, 0, NULL},
    {"paused", N_("Paused"), TONE_MUTED, 2, STATE_CLOSED, NULL},
    {0}
};
static const TransitionDef transitions[] = {
    {"test",   N_("Send a test"),       "active", "active", "admin", 0, .done = N_("sent a test")},
    {"renew",  N_("Make a new secret"), "active paused", NULL, "admin", TRANSITION_DANGER, .route = stays, .done = N_("made a new secret")},
    {"pause",  N_("Pause"),             "active", "paused", "admin", TRANSITION_REASON, .done = N_("paused it")},
    {"resume", N_("Resume"),            "paused", "active", "admin", 0, .done = N_("resumed it")},
    {0}
};
static const GrantDef grants[] = {
    {"admin",    OP_READ | OP_CREATE | OP_UPDATE | OP_HISTORY, SCOPE_ALL, true, NULL, NULL, NULL},
    {"security", OP_READ | OP_HISTORY,                         SCOPE_ALL, true, NULL, NULL, NULL},
    {0}
};
const TypeDef webhook_type = {
    .name = "webhook", .label = N_("Webhook"), .plural_label = N_("Webhooks"), .prefix = "HOOK", .title = "title", .icon = "send",
    .flags = TYPE_PLAIN | TYPE_NO_UNIT, .fields = fields, .states = states, .transitions = transitions, .grants = grants,
    .validate = validate, .after_save = after_save, .place = "administration",
    .text = N_("Other systems that are told what happens here, signed and in order.")};
/* clang-format on */

static Err validate(Ctx *c, const Saving *s) {
    Str url = record_text(s->after, "url");
    bool open = c->work && c->work->webhook_private && str_starts(url, S("http://"));
    if (url.n && !open && !str_starts(url, S("https://")))
        issue(c, "url", "https", N_("The address must begin with https://."));
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] <= 0x20 || url.p[i] == '@')
            return issue(c, "url", "bad_value", N_("The address holds a blank or an @ sign."));
    return OK;
}

static Err new_secret(Ctx *c, Record *r) {
    Record *after = record_clone(c, r);
    Str secret;
    TRY(vault_seal(&secret, c, random_token(c->arena, 32)));
    record_set(after, "secret", value_text(secret));
    record_set(r, "secret", value_text((Str){0}));
    TRY(record_save_derived(c, r, after));
    record_set(r, "secret", value_text(secret));
    return OK;
}

static Err after_save(Ctx *c, const Saving *s) {
    const char *step = s->transition ? s->transition->name : "";
    if (!s->before || strcmp(step, "renew") == 0) TRY(new_secret(c, s->after));
    if (strcmp(step, "test") != 0) return OK;
    Event e = {.type = S("webhook"),
               .record = s->after->id,
               .version = s->after->version,
               .actor = c->actor->user,
               .transition = S("test"),
               .from = S("active"),
               .to = S("active")};
    Str key =
        str_fmt(c->arena, "test/%lld/%lld", (long long)s->after->id, (long long)s->after->version);
    return webhook_add(c, s->after->id, s->after, &e, key);
}

Err webhook_panel(Ctx *c, const Record *r, Block **out) {
    *out = NULL;
    if (!actor_has_role(c, S("admin")) || c->actor->is_read_only) return OK;
    Str secret;
    bool opens = vault_open(&secret, c, record_text(r, "secret"));
    Block *code = view_text(c->arena, TEXT_CODE, TONE_NONE, (Str){0}, secret);
    if (!opens || !secret.n)
        code = view_text(c->arena, TEXT_NOTICE, TONE_BAD, (Str){0},
                         TRS(c, N_("The secret cannot be read, because its key is missing; nothing "
                                   "is sent. Bring the key back, or make a new secret.")));
    *out = kit_section(c, N_("Signing secret"),
                       N_("Each message carries X-Gardefou-Timestamp and X-Gardefou-Signature, "
                          "which is sha256= and the HMAC-SHA256 of timestamp, a full stop and the "
                          "body under this secret. Refuse what is older than five minutes."),
                       code);
    return OK;
}

static Row delivery_row(Ctx *c, const Delivery *d) {
    Cell *cells = NEW_N(c->arena, Cell, 5);
    bool ok = d->status >= 200 && d->status < 300;
    cells[0] = cell_instant(d->at);
    cells[1] = cell_code(d->event);
    cells[2] = d->status ? cell_state(kit_text_int(c, d->status), kit_text_int(c, d->status),
                                      ok ? TONE_GOOD : TONE_BAD)
                         : cell_state(S("0"), TRS(c, N_("No answer")), TONE_BAD);
    cells[3] = cell_int(d->milliseconds);
    cells[4] = d->error.n ? cell_text(d->error) : (Cell){0};
    return (Row){.id = kit_text_int(c, d->id), .cells = cells};
}

Err webhook_section(Ctx *c, const Record *r, Block **out) {
    /* clang-format off */
    static const KitColumn columns[] = {
        {"at", N_("When"), CELL_INSTANT, false, false}, {"event", N_("Event"), CELL_CODE, true, false},
        {"status", N_("Answer"), CELL_STATE, false, false}, {"milliseconds", N_("Milliseconds"), CELL_INT, false, false},
        {"error", N_("Why it failed"), CELL_TEXT, false, false}};
    /* clang-format on */
    Deliveries list;
    TRY(delivery_list(&list, c, r->id, 50));
    Row *rows = NEW_N(c->arena, Row, list.n + 1);
    for (size_t i = 0; i < list.n; i++) rows[i] = delivery_row(c, &list.items[i]);
    *out =
        kit_section(c, N_("Deliveries"), N_("The last fifty attempts; they are kept for 30 days."),
                    kit_list(c, columns, LENGTH(columns), rows, list.n, N_("Nothing sent yet")));
    return OK;
}
