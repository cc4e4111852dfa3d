/* test_import_work.c: the life of an import that is kept in the database: checked, saved in slices,
 * stopped and gone on with, cancelled, failed, taken back; on both databases.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/test_bank.h"

#include "model/import_work.h"
#include "store/file_store.h"

typedef struct Watch {
    int64_t stop_after, cancel_after; /* rows; 0: never */
    int64_t seen;
    bool in_slices; /* the check has counted to its end, slices count anew */
    bool stop_in_slices, cancel_in_slices;
} Watch;

static bool watch_stop(void *arg) {
    Watch *w = arg;
    if (w->in_slices && w->stop_in_slices) return true;
    return w->stop_after && w->seen >= w->stop_after;
}

static bool watch_cancel(void *arg) {
    Watch *w = arg;
    if (w->in_slices && w->cancel_in_slices) return true;
    return w->cancel_after && w->seen >= w->cancel_after;
}

static void watch_progress(void *arg, int64_t done, int64_t total) {
    Watch *w = arg;
    (void)total;
    w->in_slices = w->in_slices || done < w->seen;
    w->seen = done;
}

static ImportHost host_of(Bank *b, Watch *w) {
    return (ImportHost){.model = b->model,
                        .session = b->session,
                        .owner = S("test"),
                        .stop = watch_stop,
                        .cancelled = watch_cancel,
                        .progress = watch_progress,
                        .arg = w};
}

static int64_t one_int(Bank *b, const char *sql) {
    int64_t i = -1;
    bool found;
    bank_read(b);
    assert_int_equal(db_get_int(&i, &found, b->c->db, sql, NO_ARGS), OK);
    bank_end(b);
    return i;
}

static int64_t sent(Bank *b, const char *type, Str bytes, const char *map, bool all) {
    ImportRun run = {.type = model_need(b->model, type),
                     .file = S("file.csv"),
                     .map_text = str_of(map),
                     .state = S("waiting"),
                     .all_or_nothing = all};
    bank_begin(b);
    assert_int_equal(
        file_store_put(&run.stored, b->c->db, S("f"), S("text/csv"), bytes, b->user, b->at), OK);
    assert_int_equal(import_run_add(&run.id, b->c, &run), OK);
    bank_commit(b);
    return run.id;
}

static ImportRun row_of(Bank *b, int64_t id) {
    ImportRun run;
    bank_read(b);
    assert_int_equal(import_run_load(&run, b->c, id), OK);
    bank_end(b);
    return run;
}

static void in_state(Bank *b, int64_t id, const char *state) {
    ImportRun run = row_of(b, id);
    if (!str_is(run.state, state))
        print_error("import is %.*s (%.*s)\n", FMT(run.state), FMT(run.why));
    assert_true(str_is(run.state, state));
}

static void moved(Bank *b, int64_t id, const char *from, const char *to) {
    bank_begin(b);
    assert_int_equal(import_run_move(b->c, id, from, to), OK);
    bank_commit(b);
}

static void proven(Bank *b) {
    AuditResult audit;
    MeasureCheck figures;
    bank_read(b);
    assert_int_equal(audit_verify(&audit, b->c), OK);
    if (!audit.ok) print_error("%.*s\n", FMT(audit.why));
    assert_true(audit.ok);
    assert_int_equal(measure_check(&figures, b->c), OK);
    assert_true(figures.ok);
    bank_end(b);
}

static const char probes_map[] = "type probe\nkey number = key\nfield title = title\n"
                                 "field gross = amount\nfield happened = day\nfield suspect = who\n"
                                 "default unit = \"CASA\"\ndefault event_type = \"THEFT\"\n";

static Str probes(Arena *a, int n) {
    Text t = text_new(a, 0);
    text_addz(&t, "key;title;amount;day;who\n");
    for (int i = 1; i <= n; i++)
        text_fmt(&t, ";Perte %d;%d,50;%02d/03/2024;Nom %d\n", i, i, 1 + i % 28, i);
    return text_str(&t);
}

/* Who owns the base alone writes many rows without the indexes of lists: they are all there again
 * at the end, and also when it comes to nothing. */
void test_import_many_rows_alone(void **state) {
    (void)state;
    static const char indexes[] =
        "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'probe'";
    Bank *b = bank_open(0);
    Watch watch = {0};
    ImportHost h = host_of(b, &watch);
    h.is_alone = true;
    h.many = 20;
    int64_t before = one_int(b, indexes);
    int64_t id = sent(b, "probe", probes(b->arena, 40), probes_map, false);
    assert_int_equal(import_continue(&h, id), OK);
    moved(b, id, "checked", "queued");
    assert_int_equal(import_continue(&h, id), OK);
    in_state(b, id, "done");
    assert_int_equal(row_of(b, id).created, 40);
    assert_int_equal(one_int(b, indexes), before);
    proven(b);
    bank_begin(b);
    assert_int_equal(import_run_undo(b->c, id), OK);
    bank_commit(b);
    assert_int_equal(import_continue(&h, id), OK);
    in_state(b, id, "undone");
    assert_int_equal(row_of(b, id).undone, 40);
    assert_int_equal(one_int(b, indexes), before);
    proven(b);
    bank_close(b);
}

/* Made, changed and referred to: what is taken back, and what stays. */
void test_import_taken_back(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        Watch watch = {0};
        ImportHost h = host_of(b, &watch);
        Str file =
            S("code;name_fr;entity;parent\nN1;Un;BNK;HEAD\nN2;Deux;BNK;N1\nN3;Trois;BNK;HEAD\n"
              "CASA;Casablanca;BNK;HEAD\nAGDAL;Agdal;BNK;HEAD\n");
        int64_t id = sent(b, "unit", file, NULL, false);
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "checked");
        assert_int_equal(row_of(b, id).created, 3);
        assert_int_equal(row_of(b, id).updated, 2);
        moved(b, id, "checked", "queued");
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "done");
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM unit"), 6);
        /* somebody works with N3 and changes AGDAL */
        bank_begin(b);
        Record *probe = bank_probe(b, "Here", (int64_t)0, b->theft, "2024-03-01", 100), *agdal;
        int64_t n3;
        assert_int_equal(ref_find(&n3, b->c, model_need(b->model, "unit"), S("N3")), OK);
        probe->unit = n3;
        bank_save(b, probe, "create");
        assert_int_equal(record_load_raw(&agdal, b->c, model_need(b->model, "unit"), b->agdal), OK);
        record_set(agdal, "name_fr", value_text(S("Agdal 2")));
        bank_save(b, agdal, "update");
        bank_commit(b);
        bank_begin(b);
        assert_int_equal(import_run_undo(b->c, id), OK);
        bank_commit(b);
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "undone");
        ImportRun run = row_of(b, id);
        assert_int_equal(run.undone, 3); /* N1, N2, CASA */
        assert_int_equal(run.kept, 2);   /* N3 is referred to, AGDAL was changed */
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM unit"), 4);
        assert_int_equal(
            one_int(b, "SELECT COUNT(*) FROM unit WHERE code = 'CASA' AND name_fr = 'CASA'"), 1);
        assert_int_equal(
            one_int(b, "SELECT COUNT(*) FROM unit WHERE code = 'AGDAL' AND name_fr = 'Agdal 2'"),
            1);
        assert_int_equal(
            one_int(b, "SELECT COUNT(*) FROM unit_under WHERE unit NOT IN (SELECT id FROM unit)"),
            0);
        ImportKept kept;
        bank_read(b);
        assert_int_equal(import_kept(&kept, b->c, id, 10), OK);
        assert_int_equal(kept.n, 2);
        bank_end(b);
        bank_begin(b);
        assert_int_equal(import_run_undo(b->c, id), ERR_CONFLICT);
        bank_end(b);
        proven(b);
        /* once more: what was taken back is made again, with new ids */
        int64_t again = sent(b, "unit", file, NULL, false);
        assert_int_equal(import_continue(&h, again), OK);
        moved(b, again, "checked", "queued");
        assert_int_equal(import_continue(&h, again), OK);
        in_state(b, again, "done");
        assert_int_equal(row_of(b, again).created, 2);
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM unit"), 6);
        proven(b);
        bank_close(b);
    }
}

/* Figures, sensitive values and search texts of records that go. */
void test_import_of_probes_taken_back(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        Watch watch = {0};
        ImportHost h = host_of(b, &watch);
        int64_t id = sent(b, "probe", probes(b->arena, 20), probes_map, false);
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "checked");
        moved(b, id, "checked", "queued");
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "done");
        assert_int_equal(row_of(b, id).created, 20);
        assert_true(one_int(b, "SELECT SUM(s0) FROM measure_delta") == 22000);
        bank_begin(b);
        assert_int_equal(import_run_undo(b->c, id), OK);
        bank_commit(b);
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "undone");
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM probe"), 0);
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM search_doc WHERE type = 'probe'"), 0);
        assert_true(one_int(b, "SELECT SUM(s0) FROM measure_delta") == 0);
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM probe_past"), 20);
        proven(b);
        bank_close(b);
    }
}

static int64_t large(Bank *b, int n) {
    Text t = text_new(b->arena, 0);
    text_addz(&t, "currency;against;day;rate;source\n");
    for (int i = 0; i < n; i++)
        text_fmt(&t, "EUR;MAD;%s;10,%04d;imf\n",
                 date_text(b->arena, date_to_days(2000, 1, 1) + i).p, 1 + i);
    return sent(b, "rate", text_str(&t), NULL, false);
}

/* Stopped in the middle, by a stop and by a loss of the lease; the next one goes on. */
void test_import_goes_on_after_a_stop(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        Watch watch = {0};
        ImportHost h = host_of(b, &watch);
        int64_t id = large(b, 5600), other = 0;
        assert_int_equal(import_next(&other, &h, IMPORT_CHECKS), OK);
        assert_int_equal(other, id);
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "checked");
        moved(b, id, "checked", "queued");
        watch = (Watch){.stop_after = 20}; /* in the check: nothing is saved yet */
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "queued");
        watch = (Watch){0};
        /* as after kill -9: the lease is left */
        bank_begin(b);
        assert_int_equal(db_run(b->c->db, NULL,
                                "UPDATE import_run SET owner = 'dead', lease_until = $1",
                                ARGS(db_int(clock_now_us() + INT64_C(1000000000)))),
                         OK);
        bank_commit(b);
        assert_int_equal(import_next(&other, &h, IMPORT_SAVES), OK);
        assert_int_equal(other, 0); /* somebody else has it */
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "queued");
        assert_int_equal(import_free_leases(&h), OK);
        bank_begin(b); /* on PostgreSQL it has to run out */
        bank_sql(b, "UPDATE import_run SET lease_until = 0");
        bank_commit(b);
        assert_int_equal(import_next(&other, &h, IMPORT_SAVES), OK);
        assert_int_equal(other, id);
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "done");
        assert_int_equal(row_of(b, id).created, 5600);
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM rate"), 5600);
        bank_close(b);
    }
}

void test_import_counts_across_a_restart(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    Watch watch = {0};
    ImportHost h = host_of(b, &watch);
    int64_t id = large(b, 5200);
    h.stop = NULL;
    assert_int_equal(import_continue(&h, id), OK);
    moved(b, id, "checked", "queued");
    watch = (Watch){.stop_in_slices = true};
    h.stop = watch_stop;
    assert_int_equal(import_continue(&h, id), OK);
    ImportRun run = row_of(b, id);
    assert_true(str_is(run.state, "running"));
    int64_t saved = one_int(b, "SELECT COUNT(*) FROM rate");
    assert_true(saved > 0 && saved < 5200);
    assert_int_equal(run.created, saved);
    h.stop = NULL;
    assert_int_equal(import_continue(&h, id), OK);
    run = row_of(b, id);
    assert_true(str_is(run.state, "done"));
    assert_int_equal(run.created, 5200);
    assert_int_equal(run.unchanged, 0);
    assert_int_equal(one_int(b, "SELECT COUNT(*) FROM rate"), 5200);
    bank_close(b);
}

/* Cancelled in the middle: what the slices saved goes again. */
void test_import_cancelled(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        Watch watch = {0};
        ImportHost h = host_of(b, &watch);
        int64_t id = large(b, 5300);
        assert_int_equal(import_continue(&h, id), OK);
        moved(b, id, "checked", "queued");
        bank_begin(b);
        bank_sql(b, "UPDATE import_run SET cancelled = 1");
        bank_commit(b);
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "discarded"); /* before anything was saved */
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM rate"), 0);
        id = large(b, 5300);
        h.cancelled = NULL;
        assert_int_equal(import_continue(&h, id), OK);
        moved(b, id, "checked", "queued");
        watch = (Watch){.cancel_in_slices = true};
        h.cancelled = watch_cancel;
        assert_int_equal(import_continue(&h, id), OK);
        in_state(b, id, "undone");
        assert_true(row_of(b, id).undone > 0);
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM rate"), 0);
        proven(b);
        bank_close(b);
    }
}

/* A command of its own: refused rows, an interrupted one, and what is left when it was killed. */
void test_import_of_a_command(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        Watch watch = {0};
        ImportHost h = host_of(b, &watch);
        Text t = text_new(b->arena, 0);
        ImportPlan *p;
        bool saved;
        Str why = {0};
        text_addz(&t, "currency;against;day;rate;source\n");
        for (int i = 0; i < 5100; i++)
            text_fmt(&t, "USD;MAD;%s;9,5;imf\n",
                     date_text(b->arena, date_to_days(2001, 1, 1) + i).p);
        ImportOptions options = {0};
        bank_read(b);
        assert_int_equal(
            import_plan(&p, b->c, model_need(b->model, "rate"), text_str(&t), &options), OK);
        assert_int_equal(import_check(p, b->c), OK);
        bank_end(b);
        watch.cancel_after = 40;
        assert_int_equal(import_run_plan(&saved, &why, &h, p, LANG_FR), OK);
        assert_false(saved);
        assert_true(why.n > 0);
        in_state(b, p->report.id, "undone");
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM rate"), 0);
        /* killed: a running row without a file, half of it saved */
        watch = (Watch){0};
        p->options.run = 0;
        assert_int_equal(import_run_plan(&saved, &why, &h, p, LANG_FR), OK);
        assert_true(saved);
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM rate"), 5100);
        bank_begin(b);
        assert_int_equal(
            db_run(b->c->db, NULL,
                   "UPDATE import_run SET state = 'running', lease_until = 0 WHERE id = $1",
                   ARGS(db_int(p->report.id))),
            OK);
        bank_commit(b);
        int64_t orphan;
        assert_int_equal(import_next(&orphan, &h, IMPORT_ORPHANS), OK);
        assert_int_equal(orphan, p->report.id);
        assert_int_equal(import_continue(&h, orphan), OK);
        in_state(b, orphan, "undone");
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM rate"), 0);
        proven(b);
        bank_close(b);
    }
}

void test_import_refusals(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    Watch watch = {0};
    ImportHost h = host_of(b, &watch);
    int64_t id = sent(b, "rate", S("nothing;known\n1;2\n"), NULL, false);
    assert_int_equal(import_continue(&h, id), OK);
    in_state(b, id, "refused");
    ImportReport r;
    import_report_read(&r, b->arena, row_of(b, id).report);
    assert_int_equal(r.n_sheets, 1); /* so that its columns can be chosen */
    assert_int_equal(r.sheets[0].n, 2);
    assert_true(str_is(r.sheets[0].columns[1].sample, "2"));
    /* other columns, then a bad row with all or nothing */
    id = sent(b, "rate", S("c;d;r;s\nEUR;2024-01-01;1;x\nEUR;;1;x\n"), NULL, true);
    assert_int_equal(import_continue(&h, id), OK);
    in_state(b, id, "refused");
    bank_begin(b);
    assert_int_equal(
        import_run_remap(
            b->c, id, S("mine"),
            S("type rate\nfield currency = c\nfield day = d\nfield rate = r\nfield source = [\"s\"]\n")),
        OK);
    bank_commit(b);
    assert_int_equal(import_continue(&h, id), OK);
    in_state(b, id, "checked");
    assert_int_equal(row_of(b, id).rejected, 1);
    moved(b, id, "checked", "queued");
    assert_int_equal(import_continue(&h, id), OK);
    in_state(b, id, "refused");
    assert_int_equal(one_int(b, "SELECT COUNT(*) FROM rate"), 0);
    /* the file is gone */
    id = sent(b, "rate", S("currency\nEUR\n"), NULL, false);
    bank_begin(b);
    bank_sql(b, "DELETE FROM file_part");
    bank_sql(b, "DELETE FROM file");
    bank_commit(b);
    assert_int_equal(import_continue(&h, id), OK);
    in_state(b, id, "refused");
    bank_close(b);
}

void test_import_saved_maps(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    const Type *rate = model_need(b->model, "rate");
    SavedMap m;
    bank_begin(b);
    assert_int_equal(saved_map_put(b->c, "name", S("Ma carte"), rate, S("type rate\n")), OK);
    assert_int_equal(saved_map_put(b->c, "name", S("Ma carte"), rate, S("type rate\n# 2\n")), OK);
    assert_int_equal(saved_map_put(b->c, "name", S(""), rate, S("x")), ERR_INVALID);
    assert_int_equal(
        saved_map_put(b->c, "name", S("Ma carte"), model_need(b->model, "unit"), S("x")),
        ERR_INVALID);
    assert_int_equal(saved_map_find(&m, b->c, S("Ma carte")), OK);
    assert_true(str_is(m.text, "type rate\n# 2\n"));
    assert_int_equal(saved_map_remove(b->c, m.id), OK);
    assert_int_equal(saved_map_find(&m, b->c, S("Ma carte")), ERR_MISSING);
    bank_commit(b);
    bank_close(b);
}
