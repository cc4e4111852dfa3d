/* metrics.c: health for balancers and figures for monitoring (Prometheus text). No personal data.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/route.h"

#include "base/clock.h"
#include "model/pulse.h"

Err metrics_health(Web *w) {
    Db *db;
    Err e = db_read(&db, w->worker->db);
    int64_t one = 0;
    bool found = false;
    if (e == OK) {
        e = db_get_int(&one, &found, db, "SELECT 1", NO_ARGS);
        db_rollback(db);
    }
    bool ok = e == OK && found && one == 1;
    /* A full or failing disk: reading goes on, so the balancer need not send people away. */
    bool refuses = db_base_is_ailing(w->server->base);
    w->status = ok ? 200 : 503;
    w->body = !ok       ? S("{\"status\":\"database\"}")
              : refuses ? S("{\"status\":\"degraded\"}")
                        : S("{\"status\":\"ok\"}");
    w->content_type = S("application/json");
    return OK;
}

static void line(Text *t, const char *name, const char *help, const char *kind, int64_t value) {
    text_fmt(t, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, kind, name,
             (long long)value);
}

static void latency(Text *t, const HttpStats *s) {
    static const char *const bounds[] = {"0.001", "0.002", "0.005", "0.01", "0.025", "0.05",
                                         "0.1",   "0.25",  "0.5",   "1",    "5",     "+Inf"};
    int64_t sum = 0;
    text_addz(t, "# HELP gardefou_request_seconds Time to answer.\n"
                 "# TYPE gardefou_request_seconds histogram\n");
    for (size_t i = 0; i < LENGTH(bounds); i++) {
        sum += s->latency_us_bucket[i];
        text_fmt(t, "gardefou_request_seconds_bucket{le=\"%s\"} %lld\n", bounds[i], (long long)sum);
    }
    text_fmt(t, "gardefou_request_seconds_sum %lld.%06lld\ngardefou_request_seconds_count %lld\n",
             (long long)(s->latency_us_sum / 1000000), (long long)(s->latency_us_sum % 1000000),
             (long long)sum);
}

/* Not what a proxy on this machine hands on without being named as trusted_proxy. */
static bool is_local(const HttpRequest *r) {
    static const char *const handed_on[] = {"x-forwarded-for", "forwarded", "x-real-ip", "via"};
    if (!str_is(r->peer, "127.0.0.1") && !str_is(r->peer, "::1")) return false;
    for (size_t i = 0; i < LENGTH(handed_on); i++)
        if (http_header(r, handed_on[i]).n) return false;
    return true;
}

Err metrics_show(Web *w) {
    bool local = is_local(w->request);
    if (!local && !w->is_bearer && !w->server->config.metrics_public) return ERR_MISSING;
    HttpStats s = {0};
    if (w->server->http) http_stats(w->server->http, &s);
    Text t = text_new(w->arena, 1 << 20);
    line(&t, "gardefou_connections_accepted_total", "Connections accepted.", "counter", s.accepted);
    line(&t, "gardefou_connections", "Open connections.", "gauge", s.connections);
    line(&t, "gardefou_requests_total", "Requests read.", "counter", s.requests);
    line(&t, "gardefou_requests_here_total", "Requests answered where their connection is read.",
         "counter", s.here);
    line(&t, "gardefou_requests_shed_total", "Requests refused under load.", "counter", s.shed);
    line(&t, "gardefou_connections_evicted_total", "Idle connections closed for others.", "counter",
         s.evicted);
    line(&t, "gardefou_requests_timed_out_total", "Requests past their deadline.", "counter",
         s.timed_out);
    line(&t, "gardefou_bad_framing_total", "Malformed requests.", "counter", s.bad_framing);
    line(&t, "gardefou_requests_queued", "Requests waiting.", "gauge", s.queued);
    line(&t, "gardefou_requests_running", "Requests being worked on.", "gauge", s.running);
    text_addz(&t, "# HELP gardefou_responses_total Answers by class of status.\n"
                  "# TYPE gardefou_responses_total counter\n");
    for (int i = 1; i < 6; i++)
        text_fmt(&t, "gardefou_responses_total{class=\"%dxx\"} %lld\n", i,
                 (long long)s.by_status[i]);
    latency(&t, &s);
    Pulse pulse;
    TRY(pulse_read(&pulse, w->c->db));
    line(&t, "gardefou_history_unsealed", "History entries not yet in a checkpoint.", "gauge",
         pulse.unsealed);
    line(&t, "gardefou_sessions", "Sessions not yet swept.", "gauge", pulse.sessions);
    line(&t, "gardefou_jobs_waiting", "Rows of background work that wait.", "gauge",
         pulse.jobs_waiting);
    line(&t, "gardefou_jobs_set_aside", "Rows of background work that were given up.", "gauge",
         pulse.jobs_dead);
    line(&t, "gardefou_start_time_seconds", "When the server started.", "gauge",
         w->server->started_us / 1000000);
    w->body = text_str(&t);
    w->content_type = S("text/plain; version=0.0.4; charset=utf-8");
    return OK;
}
