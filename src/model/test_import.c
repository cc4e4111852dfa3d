/* test_import.c: the map language, and imports into the small bank of test_bank.h: matching,
 * repeating, references inside a file, bad rows, slices. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "model/test_bank.h"

#include "model/import.h"

/* ---- maps ---- */

static const char head[] =
    "type probe\nlet when = ymd(y, m)\nvalue t: \"Fire\" -> F\nvalue t: * -> X\nfield title = ";

static Str evaluated(Arena *a, const char *expression, bool comma) {
    static const Str headers[] = {{"Column A", 8}, {"b", 1}, {"y", 1}, {"m", 1}, {"d", 1}};
    static const Str cells[] = {{"abc", 3}, {"1 234,5", 7}, {"2004", 4}, {"2", 1}, {"", 0}};
    TableRow row = {1, cells, LENGTH(cells)};
    ImportMap *m;
    Str why = {0}, missing, out;
    Err e = map_parse(&m, &why, a, str_fmt(a, "%s%s\n", head, expression));
    if (e != OK) return str_fmt(a, "! %.*s", FMT(why));
    if (map_bind(m, &missing, headers, LENGTH(headers), false) != OK)
        return str_fmt(a, "? %.*s", FMT(missing));
    MapRow r = map_row(m, &row, a, comma);
    if (map_eval(&out, &r, &m->main.fields[0].program) != OK) return str_fmt(a, "# %s", r.why);
    return out;
}

void test_map_expressions(void **state) {
    (void)state;
    /* clang-format off */
    static const struct { const char *expression, *expected; } cases[] = {
        {"Column A + \"-\" + [b]", "abc-1 234,5"}, {"money(b, 10000, CNY)", "12345000.00 CNY"}, {"money(\"0.1\", 3, TND)", "0.300 TND"},
        {"number(b)", "1234.5"}, {"ymd(y, m)", "2004-02-29"}, {"ymd(y)", "2004-12-31"}, {"when", "2004-02-29"}, {"ymd(d)", ""},
        {"ymd(y, m, \"30\")", "# This is not a date, for example 31/03/2026."}, {"date(\"03/2004\", \"MM/YYYY\")", "2004-03-31"},
        {"date(\"7/3/2004\", \"MM/DD/YYYY\")", "2004-07-03"}, {"date(\"2004-07-03x\", \"YYYY-MM-DD\")", "# This is not a date, for example 31/03/2026."},
        {"first(d, \"\", y)", "2004"}, {"if(eq(Column A, \"ABC\"), \"yes\", \"no\")", "yes"}, {"lookup(\"fire\", t)", "F"}, {"lookup(\"ice\", t)", "X"},
        {"sub(\"10\", b)", "-1224.5"}, {"positive(\"-1\")", ""}, {"band(b, \"1000\", \"s\", \"2000\", \"m\", \"l\")", "m"},
        {"join(\", \", d, y, m)", "2004, 2"}, {"part(\"a|b|c\", 2, \"|\")", "b"}, {"clip(\"\xC3\xA9t\xC3\xA9\", 2)", "\xC3\xA9t"},
        {"nonzero(b)", "1 234,5"}, {"nonzero(\"0,00\")", ""}, {"nonzero(\" - \")", ""}, {"nonzero(Column A)", "abc"}, {"abs(\"-1 200\")", "1 200"}, {"abs(\"(5)\")", "5"},
        {"label(\"x\", d) + label(\"y\", y)", "y: 2004"}, {"number(Column A)", "# This is not a number, or it has too many decimals."},
        {"[nowhere?]", ""}, {"[nowhere]", "? nowhere"}, {"upper(", "! line 5: the expression ends too early"},
        {"what(y)", "! line 5: there is no such function: what"}, {"clip(y)", "! line 5: a function has too few or too many arguments"},
        {"y m) x", "! line 5: this was not expected: ) x"},
        {"translate(\"fire\", t)", "F"}, {"translate(\"ice\", t)", "ice"}, {"[\"Column A\"]", "abc"}, {"[\"a ] b\"]", "? a ] b"},
    };
    /* clang-format on */
    Arena *a = arena_new(0);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        Str got = evaluated(a, cases[i].expression, true);
        if (!str_is(got, cases[i].expected))
            print_error("%s: got '%.*s'\n", cases[i].expression, FMT(got));
        assert_true(str_is(got, cases[i].expected));
    }
    Text deep = text_new(a, 0);
    for (int i = 0; i < 200; i++) text_addz(&deep, "upper(");
    assert_true(str_starts(evaluated(a, text_str(&deep).p, true),
                           S("! line 5: the expression is nested too deeply")));
    arena_free(a);
}

void test_cells_as_people_type_them(void **state) {
    (void)state;
    /* clang-format off */
    static const struct { const char *text, *day; } dates[] = {
        {"12/03/2019", "2019-03-12"}, {"12/3/19", "2019-03-12"}, {"5.1.98", "1998-01-05"}, {"2019/03/12", "2019-03-12"}, {"43536", "2019-03-12"},
        {"43536.5", "2019-03-12"}, {"12 mars 2019", "2019-03-12"}, {"12-mars-19", "2019-03-12"}, {"le 1er ao\xC3\xBBt 2020", "2020-08-01"},
        {"3 f\xC3\xA9vr. 2016", "2016-02-03"}, {"12/03/2019 14:30", "2019-03-12"}, {"2019-03-12T00:00:00Z", "2019-03-12"}, {"March 12, 2019", "2019-03-12"},
        {"12 \xD8\xBA\xD8\xB4\xD8\xAA 2019", "2019-08-12"}, {"31/02/2019", NULL}, {"le 12 du mois", NULL}, {"2019", NULL}, {"99999", NULL}, {"", NULL},
        {"12/13/2019", NULL}, {"mars 2019", NULL}, {"1/2/3/4", NULL}};
    static const struct { const char *text, *plain; } amounts[] = {
        {"1 200,50 DH", "1 200,50 MAD"}, {"12 dhs", "12 MAD"}, {"12 Dhs.", "12 MAD"}, {"\xE2\x82\xAC 5", "5 EUR"}, {"5 EUR", "5 EUR"},
        {"3 \xD8\xAF\xD8\xB1\xD9\x87\xD9\x85", "3 MAD"}, {"12,5", "12,5"}, {"DH", "DH"}};
    /* clang-format on */
    Arena *a = arena_new(0);
    int64_t days;
    for (size_t i = 0; i < LENGTH(dates); i++) {
        bool is = import_date(&days, a, str_of(dates[i].text));
        bool good =
            is == (dates[i].day != NULL) && (!is || str_is(date_text(a, days), dates[i].day));
        if (!good) print_error("%s\n", dates[i].text);
        assert_true(good);
    }
    for (size_t i = 0; i < LENGTH(amounts); i++)
        assert_true(str_is(import_amount(a, str_of(amounts[i].text)), amounts[i].plain));
    assert_true(import_is_nothing(S(" - ")) && import_is_nothing(S("N/A")));
    assert_false(import_is_nothing(S("-1")) || import_is_nothing(S("0")));
    arena_free(a);
}

void test_map_errors(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "type x\n",
                                      "field a = \"b\"\n",
                                      "type x\nfoo bar\n",
                                      "type x\nfield a = \"b\n",
                                      "type x\nend\n",
                                      "type x\nchild y\nfield a = \"b\"\n",
                                      "type x\ncurrency ZZZ\nfield a = \"b\"\n",
                                      "type x\nfield a\n",
                                      "type x\nreject \"y\" if z\nfield a = b\n",
                                      "type x\nvalue t \"a\" -> b\nfield a = b\n",
                                      "type x\nalso y\nfield a = b\n",
                                      "type x\nfield a = b\nalso y\n",
                                      "type x\nfield a = b\ndefault c\n"};
    Arena *a = arena_new(0);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        ImportMap *m;
        Str why = {0};
        assert_int_equal(map_parse(&m, &why, a, str_of(bad[i])), ERR_INVALID);
        assert_true(why.n > 0);
    }
    for (const BuiltMap *b = import_maps; b->name; b++) {
        ImportMap *m;
        Str why = {0};
        Err e = map_parse(&m, &why, a, str_of(b->text));
        if (e != OK) print_error("%s: %.*s\n", b->name, FMT(why));
        assert_int_equal(e, OK);
    }
    arena_free(a);
}

/* Rows in the shape of P-COLD (written here): units of 10,000 CNY, missing months and years, the
 * outlier, BL0. */
void test_map_pcold_totals(void **state) {
    (void)state;
    static const struct {
        const char *row, *amount, *seen, *line;
    } cases[] = {
        {"1,1999,8,2000,11,10200,\"5,6\",S,X,People,Internal fraud,Commercial banking",
         "102000000.00 CNY", "2000-11-30", "BL4"},
        {"2,1998,,,,1.7,4,G,,People,External fraud,No business line", "17000.00 CNY", "1998-12-31",
         "BL0"},
        {"3,2000,2,,,1900000,21155156,T,,People,Internal fraud,Trading & sales",
         "19000000000.00 CNY", "2000-02-29", "BL2"},
        {"4,,,,,0.3487,4,T,,People,\"Clients, products & business practices\",Retail banking",
         "3487.00 CNY", "", "BL3"},
    };
    Arena *a = arena_new(0);
    const BuiltMap *built = map_built_in(S("pcold"));
    ImportMap *m;
    TableFile f;
    Str why_map = {0}, missing;
    const char *why;
    int64_t total = 0;
    Text t = text_new(a, 0);
    assert_non_null(built);
    text_addz(
        &t,
        "event_id,start_year,start_month,end_year,end_month,loss_amount_10k_cny,bank_involved_code,"
        "province_occurred,city_occurred,causal_factor,event_type,business_line\n");
    for (size_t i = 0; i < LENGTH(cases); i++) text_fmt(&t, "%s\n", cases[i].row);
    assert_int_equal(map_parse(&m, &why_map, a, str_of(built->text)), OK);
    assert_int_equal(table_read(&f, &why, a, text_str(&t), NULL), OK);
    assert_int_equal(map_bind(m, &missing, f.items[0].headers, f.items[0].n_headers, false), OK);
    assert_int_equal(f.items[0].n_rows, LENGTH(cases));
    for (size_t i = 0; i < LENGTH(cases); i++) {
        TableRow row = table_row(&f.items[0], i, a);
        MapRow r = map_row(m, &row, a, false);
        Str out;
        int64_t minor;
        for (size_t k = 0; k < m->main.n_fields; k++) {
            const MapField *field = &m->main.fields[k];
            assert_int_equal(map_eval(&out, &r, &field->program), OK);
            if (str_is(field->name, "discovered_on")) assert_true(str_is(out, cases[i].seen));
            if (str_is(field->name, "business_line")) assert_true(str_is(out, cases[i].line));
        }
        for (size_t k = 0; k < m->children[0].n_fields; k++) {
            if (!str_is(m->children[0].fields[k].name, "amount")) continue;
            assert_int_equal(map_eval(&out, &r, &m->children[0].fields[k].program), OK);
            assert_true(str_is(out, cases[i].amount));
            assert_true(decimal_parse(&minor, str_sub(out, 0, out.n - 4), 2));
            total += minor;
        }
        assert_int_equal(map_eval(&out, &r, &m->rejects[0].when), OK);
        assert_int_equal(out.n > 0, i == 3);
    }
    assert_true(total == INT64_C(1910202048700)); /* 1,910,202.0487 units */
    arena_free(a);
}

/* ---- imports ---- */

static ImportPlan *planned(Bank *b, const char *type, Str bytes, const ImportOptions *options) {
    ImportPlan *p;
    bank_read(b);
    Err e = import_plan(&p, b->c, model_need(b->model, type), bytes, options);
    if (e == OK) e = import_check(p, b->c);
    for (size_t i = 0; i < b->c->issues.n; i++) print_message("%s\n", b->c->issues.items[i].text);
    bank_end(b);
    return e == OK ? p : NULL;
}

static const ImportReport *imported(Bank *b, const char *type, Str bytes, const char *map) {
    ImportOptions options = {.map = str_of(map)};
    ImportPlan *p = planned(b, type, bytes, &options);
    bool done;
    assert_non_null(p);
    bank_begin(b);
    assert_int_equal(import_begin(p, b->c), OK);
    assert_int_equal(import_apply(p, b->c, 0, &done), OK);
    assert_true(done);
    bank_commit(b);
    return &p->report;
}

static void figures(const ImportReport *r, int64_t created, int64_t updated, int64_t unchanged,
                    int64_t rejected) {
    for (size_t i = 0; i < r->n_reasons; i++)
        print_message("row %lld %.*s: %.*s\n", (long long)r->rejected[i].row,
                      FMT(r->rejected[i].column), FMT(r->rejected[i].reason));
    assert_int_equal(r->created, created);
    assert_int_equal(r->updated, updated);
    assert_int_equal(r->unchanged, unchanged);
    assert_int_equal(r->n_rejected, rejected);
    assert_int_equal(r->read, created + updated + unchanged + rejected);
}

static int64_t one_int(Bank *b, const char *sql) {
    int64_t i = -1;
    bool found;
    bank_read(b);
    assert_int_equal(db_get_int(&i, &found, b->c->db, sql, NO_ARGS), OK);
    bank_end(b);
    return i;
}

void test_import_children_before_parents(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        Str file = S(
            "code;name_fr;entity;Reports to\r\nC;Guichet \xE9t\xE9;BNK;B\r\nB;Agence;BNK;A\r\nA;R\xE9gion;BNK;HEAD\r\nZ;Perdue;BNK;NOWHERE\r\nA;Double;BNK;HEAD\r\n");
        const ImportReport *r = imported(b, "unit", file, NULL);
        figures(r, 3, 0, 0, 2);
        assert_int_equal(r->rejected[0].row, 5);
        assert_true(str_is(r->rejected[0].column, "Reports to"));
        figures(imported(b, "unit", file, NULL), 0, 0, 3, 2);
        figures(imported(b, "unit", S("code,name_fr\nC,Autre nom\n"), NULL), 0, 1, 0, 0);
        assert_int_equal(
            one_int(
                b,
                "SELECT COUNT(*) FROM unit u JOIN unit p ON u.parent = p.id WHERE u.code = 'C' AND p.code = 'B'"),
            1);
        assert_int_equal(
            one_int(
                b, "SELECT COUNT(*) FROM entry WHERE action = 'import' AND source LIKE 'import:%'"),
            4);
        bank_close(b);
    }
}

void test_import_rates_twice(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        Str file = S(
            "currency;against;day;rate;source\nEUR;MAD;31/12/2022;10,5;imf\nUSD;MAD;31/12/2022;9,75;imf\nEUR;MAD;32/12/2022;1;imf\n");
        figures(imported(b, "rate", file, NULL), 2, 0, 0, 1);
        figures(imported(b, "rate", file, NULL), 0, 0, 2, 1);
        assert_true(one_int(b, "SELECT SUM(rate) FROM rate") == INT64_C(20250000000));
        bank_close(b);
    }
}

void test_import_amounts_add_up(void **state) {
    (void)state;
    static const char map[] =
        "type probe\ndecimal comma\ncurrency EUR\nstate closed\nfield title = what\nfield happened = date(day)\nfield gross = amount\n"
        "field unit = \"CASA\"\nfield tags = tags\nfield event_type = kind\nreject \"Not ours.\" when eq(what, \"other\")\n";
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        Str file = S(
            "what;day;amount;tags;kind\none;1/2/2024;1 234,50;a;THEFT\ntwo;;0,01;\"A, b\";FRAUD\nthree;3/2/2024;x;;\nother;;1;;\nfour;;1;;NONE\n");
        const ImportReport *r = imported(b, "probe", file, map);
        figures(r, 2, 0, 0, 3);
        assert_int_equal(
            one_int(
                b,
                "SELECT SUM(gross) FROM probe WHERE gross_currency = 'EUR' AND state = 'closed'"),
            123451);
        assert_int_equal(one_int(b, "SELECT COUNT(*) FROM probe WHERE happened IS NULL"), 1);
        bank_close(b);
    }
}

void test_import_all_or_nothing(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    ImportOptions options = {.all_or_nothing = true};
    ImportPlan *p = planned(
        b, "rate", S("currency,against,day,rate,source\nEUR,MAD,2024-01-01,1,x\nEUR,MAD,,1,x\n"),
        &options);
    bool done;
    assert_non_null(p);
    bank_begin(b);
    assert_int_equal(import_begin(p, b->c), OK);
    assert_int_equal(import_apply(p, b->c, 0, &done), ERR_INVALID);
    bank_end(b);
    assert_int_equal(one_int(b, "SELECT COUNT(*) FROM rate"), 0);
    bank_close(b);
}

void test_import_in_slices(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    Text t = text_new(b->arena, 0);
    text_addz(&t, "code;name_fr;entity;parent\n");
    /* a chain from HEAD, its end first; and one whose beginning is bad, so that all of it is */
    for (int i = 300; i > 0; i--) {
        bool is_first = i == 100 || i == 120;
        text_fmt(&t, "N%d;Nom %d;BNK;", i, i);
        if (i > 120 || i < 100)
            text_addz(&t, "HEAD\n");
        else if (is_first)
            text_addz(&t, i == 100 ? "HEAD\n" : "HEAD0\n");
        else
            text_fmt(&t, "N%d\n", i < 110 ? i - 1 : i + 1);
    }
    Str bytes = text_str(&t);
    ImportPlan *p = planned(b, "unit", bytes, &(ImportOptions){0});
    assert_non_null(p);
    assert_int_equal(p->report.n_rejected, 11); /* N120 to N110: HEAD0 does not exist */
    assert_int_equal(p->report.created, 289);
    bool done = false;
    int slices = 0;
    bank_begin(b);
    assert_int_equal(import_begin(p, b->c), OK);
    bank_commit(b);
    while (!done) {
        import_mark(p);
        bank_begin(b);
        assert_int_equal(import_apply(p, b->c, 1, &done), OK);
        bank_end(b); /* rolled back: the same slice again */
        import_rewind(p);
        bank_begin(b);
        b->c->source = S("import:1");
        assert_int_equal(import_apply(p, b->c, 1, &done), OK);
        bank_commit(b);
        slices++;
        assert_true(slices < 500);
    }
    assert_int_equal(p->report.created, 289);
    assert_int_equal(p->report.n_rejected, 11);
    bank_close(b);
}

static Str told(Bank *b, const char *type, Str bytes, const char *map, bool is_checked) {
    ImportOptions options = {.map = str_of(map)};
    ImportPlan *p;
    bool done = false;
    Text t = text_new(b->arena, 0);
    bank_read(b);
    assert_int_equal(import_plan(&p, b->c, model_need(b->model, type), bytes, &options), OK);
    if (is_checked)
        assert_int_equal(import_check(p, b->c), OK);
    else
        import_unchecked(p);
    bank_end(b);
    bank_begin(b);
    assert_int_equal(import_begin(p, b->c), OK);
    while (!done) assert_int_equal(import_apply(p, b->c, is_checked ? 0 : 2000, &done), OK);
    bank_commit(b);
    import_report_json(&t, &p->report, false);
    for (size_t i = 0; i < p->report.n_lines; i++)
        text_fmt(&t, "%lld: %d, ", (long long)p->report.lines[i].row,
                 (int)p->report.lines[i].action);
    for (size_t i = 0; i < p->report.n_unknown; i++)
        text_fmt(&t, "%.*s ", FMT(p->report.unknown[i].value));
    for (size_t i = 0; i < p->report.n_sums; i++)
        text_fmt(&t, "%.*s ", FMT(p->report.sums[i].taken));
    return text_str(&t);
}

/* Saved without having been checked before: the same is made, the same is said of it. */
void test_import_unchecked(void **state) {
    (void)state;
    static const char probes[] = "type probe\nkey number = key\nfield title = title\n"
                                 "field gross = amount\nfield happened = day\n"
                                 "default unit = \"CASA\"\ndefault event_type = \"THEFT\"\n";
    const struct {
        const char *type, *map;
        Str bytes;
    } files[] = {
        {"unit", NULL,
         S("code;name_fr;entity;parent\nC;Guichet;BNK;B\nB;Agence;BNK;A\nA;Nom;BNK;HEAD\n"
           "Z;Perdue;BNK;NOWHERE\nY;Sous Z;BNK;Z\nA;Double;BNK;HEAD\nCASA;CASA;BNK;HEAD\n")},
        {"unit", NULL,
         S("code;name_fr;entity;parent\nC;Guichet;BNK;B\nB;Autre;BNK;A\nN;Neuve;BNK;C\n")},
        {"probe", probes,
         S("key;title;amount;day\n;Une;1,50;01/03/2024\n;Deux;x;02/03/2024\n;Une;1,50;01/03/2024\n"
           ";;4;31/02/2024\n;Cinq;5;05/03/2024\n")},
    };
    Arena *a = arena_new(0);
    for (int n = 0; n < 4; n++) { /* on each base, checked and not */
        static Str said[2][3];
        Bank *b = bank_open(n / 2);
        if (!b) continue;
        for (size_t i = 0; i < LENGTH(files); i++) {
            Str text = told(b, files[i].type, files[i].bytes, files[i].map, n % 2 == 0);
            said[n % 2][i] = str_copy(a, text);
        }
        AuditResult audit;
        bank_read(b);
        assert_int_equal(audit_verify(&audit, b->c), OK);
        assert_true(audit.ok);
        bank_end(b);
        bank_close(b);
        for (size_t i = 0; n % 2 && i < LENGTH(files); i++) {
            if (!str_eq(said[0][i], said[1][i]))
                print_error("%.*s\n%.*s\n", FMT(said[0][i]), FMT(said[1][i]));
            assert_true(str_eq(said[0][i], said[1][i]));
        }
    }
    arena_free(a);
}

/* Defaults count for new records only; a name finds its entry; a row without a key of its own is
 * known by what it says. */
void test_import_defaults_and_names(void **state) {
    (void)state;
    static const char map[] = "type unit\nfield code = c\nfield name_fr = n\nfield parent = p\n"
                              "default entity = \"BNK\"\ndefault kind = \"branch\"\n";
    for (int n = 0; n < 2; n++) {
        Bank *b = bank_open(n);
        if (!b) continue;
        figures(imported(b, "unit", S("c;n;p\nX1;Agence Nord;head\nX2;Guichet;agence nord\n"), map),
                1, 0, 0, 1);
        figures(imported(b, "unit", S("c;n;p\nX1;Agence Nord;HEAD\nX2;Guichet;agence nord\n"), map),
                1, 0, 1, 0);
        assert_int_equal(
            one_int(
                b, "SELECT COUNT(*) FROM unit u JOIN unit p ON p.id = u.parent WHERE u.code = 'X2' "
                   "AND p.code = 'X1' AND u.kind = 'branch'"),
            1);
        figures(imported(b, "unit", S("code;kind\nX1;desk\n"), NULL), 0, 1, 0, 0);
        figures(imported(b, "unit", S("c;n;p\nX1;Agence Nord;\n"), map), 0, 0, 1, 0);
        bank_close(b);
    }
}

void test_import_refused_files(void **state) {
    (void)state;
    Bank *b = bank_open(0);
    assert_null(planned(b, "rate", S("nothing,known\n1,2\n"), &(ImportOptions){0}));
    assert_null(planned(b, "rate", S("currency,Currency\n1,2\n"), &(ImportOptions){0}));
    assert_null(planned(b, "rate", S("currency\nEUR\n"),
                        &(ImportOptions){.map = S("type rate\nfield rate = [Rate]\n")}));
    assert_null(planned(b, "rate", S("currency\nEUR\n"),
                        &(ImportOptions){.map = S("type rate\nfield wrong = currency\n")}));
    assert_null(planned(b, "rate", S("currency\nEUR\n"),
                        &(ImportOptions){.map = S("type unit\nfield code = currency\n")}));
    bank_read(b);
    ImportPlan *p;
    b->c->actor->is_system = false;
    assert_int_equal(
        import_plan(&p, b->c, model_need(b->model, "rate"), S("a\n1\n"), &(ImportOptions){0}),
        ERR_DENIED);
    bank_end(b);
    bank_close(b);
}
