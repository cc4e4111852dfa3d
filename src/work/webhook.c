/* webhook.c: messages to other systems: what they say, their signature, and how they are sent.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "work/webhook.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "model/vault.h"
#include "work/kit.h"
#include "work/net.h"

enum { MOST_WEBHOOKS = 100 };

static Str body_of(Ctx *c, const Record *r, const Event *e, Str key) {
    Text t = text_new(c->arena, 0);
    Json j = json_new(&t);
    Str what = e->transition.n ? e->transition : e->from.n ? S("update") : S("create");
    Str number = record_number(c->arena, r);
    json_object(&j);
    json_keyz(&j, "id");
    json_str(&j, key);
    json_keyz(&j, "event");
    json_str(&j, str_fmt(c->arena, "%.*s.%.*s", FMT(e->type), FMT(what)));
    json_keyz(&j, "at");
    json_str(&j, instant_text(c->arena, c->now_us));
    json_keyz(&j, "type");
    json_str(&j, e->type);
    json_keyz(&j, "number");
    json_str(&j, number);
    json_keyz(&j, "version");
    json_int(&j, e->version);
    json_keyz(&j, "state");
    json_str(&j, e->to);
    json_keyz(&j, "from");
    e->from.n ? json_str(&j, e->from) : json_null(&j);
    json_keyz(&j, "url");
    json_str(&j, str_fmt(c->arena, "%.*s/api/v1/%s/%.*s",
                         FMT(c->work ? c->work->public_url : S("")), r->type->plural, FMT(number)));
    json_end_object(&j);
    return text_str(&t);
}

/* The row holds the message as it was when it happened: {"webhook": id, "body": text}. */
Err webhook_add(Ctx *c, int64_t webhook, const Record *r, const Event *e, Str key) {
    Text t = text_new(c->arena, 0);
    Json j = json_new(&t);
    json_object(&j);
    json_keyz(&j, "webhook");
    json_int(&j, webhook);
    json_keyz(&j, "key");
    json_str(&j, key);
    json_keyz(&j, "body");
    json_str(&j, body_of(c, r, e, key));
    json_end_object(&j);
    return outbox_add(
        c, &(OutboxRow){.topic = "webhook",
                        .key = str_fmt(c->arena, "%lld/%.*s", (long long)webhook, FMT(key)),
                        .payload = text_str(&t),
                        .lane = str_fmt(c->arena, "webhook:%lld", (long long)webhook)});
}

static bool wants(const Record *hook, const Record *r, const Event *e) {
    Value types = record_get(hook, "types");
    bool edit = e->from.n && !e->transition.n && str_eq(e->from, e->to);
    if (edit && !record_bool(hook, "edits")) return false;
    for (size_t i = 0; i < types.n; i++)
        if (str_is(types.list[i].s, r->type->name)) return true;
    return types.n == 0;
}

Err webhook_event(Ctx *c, const Record *r, const Event *e, Str key) {
    Records list;
    const Type *t = model_type(c->model, S("webhook"));
    bool listens;
    if (!t || r->is_restricted) return OK;
    TRY(webhook_listens(&listens, c, r->type, false));
    if (!listens) return OK;
    TRY(record_in_state(&list, c, t, "active", MOST_WEBHOOKS));
    for (size_t i = 0; i < list.n; i++)
        if (wants(list.items[i], r, e)) TRY(webhook_add(c, list.items[i]->id, r, e, key));
    return OK;
}

Str webhook_signature(Arena *a, Str secret, Str timestamp, Str body) {
    Str text = str_fmt(a, "%.*s.%.*s", FMT(timestamp), FMT(body));
    return str_fmt(a, "sha256=%.*s", FMT(hmac_sha256_hex(a, secret, text)));
}

/* ---- sending ---- */

typedef struct Sent {
    int64_t webhook;
    Str event;
    NetAnswer answer;
} Sent;

static Err hook_read(Str *url, Str *secret, bool *is_active, Ctx *c, int64_t id) {
    Record *hook; /* *secret stays empty when it cannot be opened */
    TRY(db_read(&c->db, c->session));
    Err e = record_load_raw(&hook, c, model_need(c->model, "webhook"), id);
    if (e == OK) {
        *url = record_text(hook, "url");
        (void)vault_open(secret, c, record_text(hook, "secret"));
        *is_active = kit_state(hook, "active");
    }
    db_rollback(c->db);
    c->db = NULL;
    return e;
}

Err webhook_send(Ctx *c, Job *job) {
    const JsonValue *v;
    Str why, url, secret;
    bool is_active;
    Sent *sent = NEW(c->arena, Sent);
    job->state = sent;
    if (json_parse(&v, &why, c->arena, job->payload) != OK) return ERR_INVALID;
    const JsonValue *id = json_get(v, "webhook");
    Str body = json_get_str(v, "body"), key = json_get_str(v, "key");
    if (!id || !body.n) return ERR_INVALID;
    sent->event = key;
    TRY(hook_read(&url, &secret, &is_active, c, id->i));
    sent->webhook = id->i;
    if (!is_active) {
        job->error = S("The webhook is paused.");
        return ERR_BUSY;
    }
    if (!secret.n) {
        job->error = S("The secret of the webhook cannot be read: its key is missing.");
        return ERR_BUSY;
    }
    Str stamp = kit_text_int(c, c->now_us / 1000000);
    NetHeader headers[] = {
        {"X-Gardefou-Delivery", key},
        {"X-Gardefou-Timestamp", stamp},
        {"X-Gardefou-Signature", webhook_signature(c->arena, secret, stamp, body)},
    };
    Err e = net_post(&sent->answer, c, url, headers, LENGTH(headers), body);
    job->error = sent->answer.error;
    job->is_unreachable = sent->answer.is_unreachable;
    return e;
}

Err webhook_done(Ctx *c, const Job *job, Err result) {
    const Sent *sent = job->state;
    (void)result;
    if (!sent || !sent->webhook) return OK;
    return delivery_add(c, &(Delivery){.webhook = sent->webhook,
                                       .event = sent->event,
                                       .status = sent->answer.status,
                                       .milliseconds = sent->answer.milliseconds,
                                       .attempt = job->attempts,
                                       .error = sent->answer.error});
}
