/* test_render.c: escaping of every place, and every format of the sample blocks.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json.h"
#include "web/html.h"
#include "web/render_internal.h"
#include "web/render_table.h"

#include <unistd.h>

typedef struct World {
    Arena *a;
    Locale *locale;
    Shell shell;
    Page page;
    Text out;
    Html h;
} World;

static World world(Lang lang) {
    World w = {.a = arena_new(0)};
    assert_int_equal(format_locale_new(&w.locale, w.a, lang, "Africa/Casablanca"), OK);
    w.shell = (Shell){.locale = w.locale,
                      .lang = lang,
                      .theme = S("light"),
                      .person = S("Salma"),
                      .csrf = S("c<s\"rf"),
                      .idempotency = S("key"),
                      .path = S("/"),
                      .organisation = S("Atlas")};
    w.page = (Page){.title = S("<Title>")};
    w.out = text_new(w.a, 0);
    return w;
}

static Html *html(World *w) {
    w->h = (Html){.out = &w->out,
                  .arena = w->a,
                  .shell = &w->shell,
                  .page = &w->page,
                  .heading = 2,
                  .form = "f"};
    return &w->h;
}

static bool holds(World *w, const char *what) {
    return str_find(text_str(&w->out), str_of(what)) >= 0;
}

static void text_and_addresses_are_escaped(void **state) {
    (void)state;
    World w = world(LANG_EN);
    html_text(html(&w), S("<a b=\"c\" d='e'>&"));
    assert_string_equal(text_str(&w.out).p, "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
    w.out.n = 0;
    html_url_part(&w.h, S("a b/\xC3\xA9?"));
    assert_string_equal(text_str(&w.out).p, "a%20b%2F%C3%A9%3F");
    assert_true(str_is(html_checked_url(S("javascript:alert(1)")), "#"));
    assert_true(str_is(html_checked_url(S("JAVA\tSCRIPT:x")), "#"));
    assert_true(str_is(html_checked_url(S("data:text/html,x")), "#"));
    assert_true(str_is(html_checked_url(S("//evil.example")), "#"));
    assert_true(str_is(html_checked_url(S("/\\evil.example")), "#"));
    assert_true(str_is(html_checked_url(S("/a?x=y:z")), "/a?x=y:z"));
    assert_true(str_is(html_checked_url(S("https://a.example/")), "https://a.example/"));
    arena_free(w.a);
}

/* The short way for plain sentences gives what the library gives: with something after them it is
 * asked. */
static void markdown_of_plain_text_is_quick(void **state) {
    (void)state;
    static const char *const plain[] = {
        "Remont\xC3\xA9 par le contr\xC3\xB4le permanent. Vu: le lendemain, \xC3\xA0 10 h (50 %) ?",
        "Seen twice.\nCorrected, e-mail sent; it isn't over.\nAB - 12/03/2026.",
        "\xD8\xAA\xD9\x85 \xD8\xA7\xD9\x84\xD8\xAA\xD8\xAD\xD9\x88\xD9\x8A\xD9\x84 \xD9\x85\xD8\xB1\xD8\xAA\xD9\x8A\xD9\x86.",
        "One  blank more -- and dashes.",
        "Ends with a colon:",
        "see www.example.org",
        "see http://example.org",
        "a@example.org",
        "First\n1. list",
        "First\n- list",
        "Trailing  \nbreak",
        "Head\n===",
        "a | b\n- | -"};
    World w = world(LANG_EN);
    for (size_t i = 0; i < LENGTH(plain); i++) {
        HtmlSafe one = html_markdown(w.a, str_of(plain[i]));
        HtmlSafe two = html_markdown(w.a, str_fmt(w.a, "%s\n\n*x*", plain[i]));
        Str first = str_sub(two.markup, 0, two.markup.n - strlen("<p><em>x</em></p>\n"));
        if (i != 8 && i != 9) assert_true(str_eq(one.markup, first)); /* a list goes on */
    }
    arena_free(w.a);
}

static void markdown_drops_markup_and_scripts(void **state) {
    (void)state;
    World w = world(LANG_EN);
    Str out =
        html_markdown(w.a, S("# Head\n<script>x</script>\n\n[a](javascript:x) **b** <b onclick=x>"))
            .markup;
    assert_true(str_find(out, S("<script")) < 0);
    assert_true(str_find(out, S("javascript:")) < 0);
    assert_true(str_find(out, S("onclick")) < 0);
    assert_true(str_find(out, S("<h3>Head</h3>")) >= 0);
    assert_true(str_find(out, S("<strong>b</strong>")) >= 0);
    out = html_markdown(w.a, S("![the plan](https://a.example/p.png) [d](//b.example) "
                               "![x](javascript:y) [![z](/z.png)](/there)"))
              .markup;
    assert_true(str_find(out, S("<img")) < 0);
    assert_true(str_find(out, S("<a href=\"https://a.example/p.png\">the plan</a>")) >= 0);
    assert_true(str_find(out, S("<a href=\"#\">d</a> <a href=\"#\">x</a>")) >= 0);
    arena_free(w.a);
}

static void page_escapes_what_it_is_given(void **state) {
    (void)state;
    World w = world(LANG_AR);
    Block *body = view_layout(w.a, LAYOUT_STACK, S("<i>"));
    view_put(w.a, body, view_text(w.a, TEXT_NOTICE, TONE_BAD, S("<t>"), S("<u>")));
    Block *form = view_block(w.a, BLOCK_FORM);
    FormField fields[] = {{.name = S("ti\"tle"),
                           .label = S("<l>"),
                           .kind = INPUT_TEXT,
                           .values = &(Str){"\"><x>", 5},
                           .n_values = 1},
                          {.name = S("story"),
                           .label = S("s"),
                           .kind = INPUT_LONG,
                           .values = &(Str){"</textarea><x>", 14},
                           .n_values = 1}};
    FormGroup group = {.label = S("<g>"), .fields = fields, .n = 2};
    form->form = (FormView){.action = S("javascript:x"), .groups = &group, .n_groups = 1};
    view_put(w.a, body, form);
    w.page.body = body;
    render_html(&w.out, w.a, &w.shell, &w.page);
    static const char *const never[] = {"<x>",     "<i>",         "<u>",     "<l>",    "<g>",
                                        "<Title>", "javascript:", "c<s\"rf", "style=", "onclick"};
    for (size_t i = 0; i < LENGTH(never); i++) assert_false(holds(&w, never[i]));
    assert_true(holds(&w, "dir=\"rtl\""));
    assert_true(holds(&w, "name=\"_csrf\" value=\"c&lt;s&quot;rf\""));
    assert_true(holds(&w, "action=\"#\""));
    assert_false(w.out.full);
    arena_free(w.a);
}

static void fragment_is_one_block(void **state) {
    (void)state;
    World w = world(LANG_EN);
    Block *body = view_layout(w.a, LAYOUT_STACK, S("")),
          *one = view_text(w.a, TEXT_PLAIN, TONE_NONE, S(""), S("one"));
    one->id = "one";
    view_put(w.a, body, view_text(w.a, TEXT_PLAIN, TONE_NONE, S(""), S("two")));
    view_put(w.a, body, one);
    w.page.body = body;
    w.shell.is_fragment = true;
    w.shell.fragment_id = S("one");
    render_html(&w.out, w.a, &w.shell, &w.page);
    assert_true(holds(&w, "one"));
    assert_false(holds(&w, "two"));
    assert_false(holds(&w, "<html"));
    arena_free(w.a);
}

static void locales_write_as_people_do(void **state) {
    (void)state;
    World en = world(LANG_EN), fr = world(LANG_FR), ar = world(LANG_AR);
    assert_string_equal(format_amount(fr.a, fr.locale, 123456789, S("MAD")).p, "1\xE2\x80\xAF"
                                                                               "234\xE2\x80\xAF"
                                                                               "567,89");
    assert_string_equal(format_amount(en.a, en.locale, -123450, S("MAD")).p, "\xE2\x88\x92"
                                                                             "1,234.50");
    assert_string_equal(format_amount(ar.a, ar.locale, 123456789, S("MAD")).p, "1.234.567,89");
    assert_string_equal(format_amount(en.a, en.locale, 1500, S("XOF")).p, "1,500");
    assert_string_equal(format_date(fr.a, fr.locale, S("2026-11-23")).p, "23 nov. 2026");
    assert_string_equal(format_date(en.a, en.locale, S("2026-11-23")).p, "23 Nov 2026");
    assert_true(str_is(format_date_yearly(fr.a, fr.locale, S("2000-01-01")), "1 janv."));
    assert_true(str_is(format_date_yearly(en.a, en.locale, S("2000-07-30")), "30 Jul"));
    assert_true(str_starts(format_date(ar.a, ar.locale, S("2026-11-23")), S("23 ")));
    assert_string_equal(format_instant(en.a, en.locale, 1795428000000000).p, "23 Nov 2026, 11:00");
    assert_true(str_find(format_instant(ar.a, ar.locale, 1795428000000000), S("2026، 11:00")) > 0);
    assert_string_equal(format_percent(fr.a, fr.locale, 125, 1).p, "12,5\xE2\x80\xAF%");
    assert_string_equal(format_compact(fr.a, fr.locale, 123456789, S("MAD")).p, "1,23\xC2\xA0M");
    assert_int_equal(format_offset(en.locale, 1795428000000000), 3600);
    assert_int_equal(format_offset(en.locale, 1795428000000000), 3600);
    assert_string_equal(format_instant(en.a, en.locale, -1).p, "31 Dec 1969, 23:59");
    assert_string_equal(format_date(en.a, en.locale, S("1400-02-03")).p,
                        "26 Jan 1400"); /* Julian */
    assert_string_equal(format_date(en.a, en.locale, S("1999-09-09")).p, "9 Sept 1999");
    assert_string_equal(format_decimal(en.a, en.locale, -5, 2).p, "\xE2\x88\x92"
                                                                  "0.05");
    assert_string_equal(format_decimal(en.a, en.locale, 99999, 2).p, "999.99");
    assert_string_equal(format_decimal(en.a, en.locale, 100000, 2).p, "1,000.00");
    assert_string_equal(format_int(fr.a, fr.locale, -123456).p, "\xE2\x88\x92"
                                                                "123\xE2\x80\xAF"
                                                                "456");
    assert_string_equal(format_int(en.a, en.locale, 0).p, "0");
    assert_string_equal(format_decimal(en.a, en.locale, 1230000, 6).p, "1.23");
    assert_string_equal(format_bytes(fr.a, fr.locale, 1536).p, "1,5\xC2\xA0Ko");
    assert_string_equal(format_decimal(en.a, en.locale, INT64_MIN, 0).p,
                        "\xE2\x88\x92"
                        "9,223,372,036,854,775,808");
    arena_free(en.a);
    arena_free(fr.a);
    arena_free(ar.a);
}

static const Column columns[] = {
    {.name = "title", .label = {"Title", 5}, .kind = CELL_TEXT, .is_main = true},
    {.name = "gross", .label = {"Gross", 5}, .kind = CELL_MONEY},
    {.name = "on", .label = {"On", 2}, .kind = CELL_DATE},
    {.name = "secret", .label = {"Secret", 6}, .kind = CELL_TEXT}};

static Page list_of(World *w, size_t n) {
    Row *rows = NEW_N(w->a, Row, n);
    for (size_t i = 0; i < n; i++) {
        Cell *c = NEW_N(w->a, Cell, 4);
        c[0] = cell_text(i ? S("plain, \"quoted\"") : S("=1+1"));
        c[1] = cell_money((Money){-123450, "MAD"});
        c[2] = cell_date(S("2026-11-23"));
        c[3] = (Cell){.kind = CELL_TEXT, .text = S("hidden words"), .is_masked = true};
        rows[i] = (Row){.cells = c, .id = S("1"), .href = S("/x")};
    }
    Block *b = view_block(w->a, BLOCK_LIST);
    b->list = (ListView){.columns = columns,
                         .n_columns = 4,
                         .rows = rows_of_array(w->a, rows, n),
                         .total = (int64_t)n,
                         .total_is_exact = true,
                         .action = S("/x")};
    Page p = {.title = S("Incidents [2026]"), .body = b, .main = b};
    return p;
}

/* One currency for a whole column is said in its head; a second one puts it back beside each. */
static void one_currency_is_said_once(void **state) {
    (void)state;
    Cell a[2] = {cell_money((Money){100, "MAD"}), cell_money((Money){100, "MAD"})};
    Cell b[2] = {cell_money((Money){0, "EUR"}), cell_money((Money){100, "EUR"})};
    Row rows[2] = {{.cells = a}, {.cells = b}};
    Column two[2] = {{.kind = CELL_MONEY}, {.kind = CELL_MONEY}};
    b[0].instead = S("not valued"); /* no amount: its currency does not count */
    view_share_currency(two, 2, rows, 2);
    assert_string_equal(two[0].currency, "MAD");
    assert_string_equal(two[1].currency, "");
}

static void json_is_exact_and_leaves_out_what_is_masked(void **state) {
    (void)state;
    World w = world(LANG_EN);
    Page p = list_of(&w, 1);
    assert_int_equal(render_json(&w.out, w.a, &p), OK);
    assert_string_equal(
        text_str(&w.out).p,
        "{\"items\":[{\"title\":\"=1+1\",\"gross\":{\"amount\":\"-1234.50\",\"currency\":\"MAD\"},\"on\":\"2026-11-23\"}],"
        "\"next\":null,\"total\":1,\"total_exact\":true}");
    arena_free(w.a);
}

static void json_cells(void **state) {
    (void)state;
    World w = world(LANG_EN);
    Cell items[] = {cell_int(1),
                    cell_percent(125, 1),
                    cell_bool(true),
                    cell_instant(1795428000000000),
                    cell_state(S("open"), S("Open"), TONE_GOOD),
                    cell_ref(S("U-1"), S("Unit"), S("/u")),
                    {0}};
    Cell inner[] = {{.kind = CELL_INT, .i = 5, .name = "share"}};
    Cell row[] = {{.kind = CELL_LIST, .more = inner, .n_more = 1}};
    Cell all[] = {{.kind = CELL_LIST, .more = items, .n_more = LENGTH(items)},
                  {.kind = CELL_ROWS, .more = row, .n_more = 1}};
    Json j = json_new(&w.out);
    json_array(&j);
    render_json_cell(&j, &all[0]);
    render_json_cell(&j, &all[1]);
    json_end_array(&j);
    assert_string_equal(
        text_str(&w.out).p,
        "[[1,\"12.5\",true,\"2026-11-23T10:00:00Z\",\"open\",\"U-1\",null],[{\"share\":5}]]");
    arena_free(w.a);
}

static void csv_quotes_and_guards_formulas(void **state) {
    (void)state;
    World w = world(LANG_EN);
    Page p = list_of(&w, 2);
    assert_int_equal(render_csv(&w.out, w.a, &p), OK);
    assert_string_equal(text_str(&w.out).p,
                        "\xEF\xBB\xBFtitle,gross.amount,gross.currency,on,secret\r\n"
                        "\"'=1+1\",-1234.50,MAD,2026-11-23,\r\n"
                        "\"plain, \"\"quoted\"\"\",-1234.50,MAD,2026-11-23,\r\n");
    arena_free(w.a);
}

static void csv_file_streams(void **state) {
    (void)state;
    World w = world(LANG_EN);
    Page p = list_of(&w, 5000);
    int fd = -1;
    int64_t size = 0;
    assert_int_equal(render_csv_file(&fd, &size, w.a, &p), OK);
    assert_true(size > 200000);
    char head[4] = {0};
    assert_int_equal(read(fd, head, 3), 3);
    assert_string_equal(head, "\xEF\xBB\xBF");
    assert_int_equal(lseek(fd, 0, SEEK_END), size);
    close(fd);
    arena_free(w.a);
}

static void xlsx_file_is_a_workbook(void **state) {
    (void)state;
    World w = world(LANG_AR);
    Page p = list_of(&w, 300);
    int fd = -1;
    int64_t size = 0;
    assert_int_equal(render_xlsx_file(&fd, &size, w.a, &p, w.locale), OK);
    char head[3] = {0};
    assert_int_equal(read(fd, head, 2), 2);
    assert_string_equal(head, "PK");
    assert_true(size > 2000);
    close(fd);
    arena_free(w.a);
}

static Err broken_row(void *state, Arena *scratch, Row *out, bool *has) {
    (void)state;
    (void)scratch;
    (void)out;
    (void)has;
    return ERR_INTERNAL;
}

static void errors_of_a_row_source_are_passed_on(void **state) {
    (void)state;
    World w = world(LANG_EN);
    Page p = list_of(&w, 1);
    p.main->list.rows = (RowSource){.next = broken_row};
    int fd;
    int64_t size;
    assert_int_equal(render_json(&w.out, w.a, &p), ERR_INTERNAL);
    assert_int_equal(render_csv(&w.out, w.a, &p), ERR_INTERNAL);
    assert_int_equal(render_csv_file(&fd, &size, w.a, &p), ERR_INTERNAL);
    assert_int_equal(render_xlsx_file(&fd, &size, w.a, &p, w.locale), ERR_INTERNAL);
    w.out.n = 0;
    render_html(&w.out, w.a, &w.shell, &p);
    assert_true(holds(&w, "role=\"alert\""));
    arena_free(w.a);
}

static void charts_bear_any_figures(void **state) {
    (void)state;
    static const int64_t sets[][3] = {{0, 0, 0},
                                      {INT64_MAX, INT64_MAX, INT64_MAX},
                                      {INT64_MIN + 1, 0, INT64_MAX},
                                      {-5, -7, -900},
                                      {1, 2, 3}};
    Str points[] = {S("a<"), S("b"), S("c")};
    for (size_t i = 0; i < LENGTH(sets); i++) {
        for (int kind = CHART_BARS; kind <= CHART_HBARS; kind++) {
            World w = world(i % 2 ? LANG_AR : LANG_EN);
            ChartSeries series[] = {{.label = S("x"), .values = sets[i]},
                                    {.label = S("y"), .values = sets[i]}};
            ChartView v = {.kind = (ChartKind)kind,
                           .caption = S("c"),
                           .points = points,
                           .n_points = 3,
                           .series = series,
                           .n_series = 2,
                           .unit = i % 2 ? CELL_MONEY : CELL_INT,
                           .currency = "MAD"};
            render_chart(html(&w), &v, NULL);
            assert_true(holds(&w, "</svg>"));
            assert_false(holds(&w, "a<"));
            assert_true(w.out.n < 40000);
            arena_free(w.a);
        }
    }
}

static Page board_of(World *w) {
    static const Column fields[] = {{.name = "title", .label = S("Title"), .kind = CELL_TEXT},
                                    {.name = "due", .label = S("Due"), .kind = CELL_DATE}};
    Cell *cells = NEW_N(w->a, Cell, 2);
    cells[0] = cell_text(S("<b>Card</b>"));
    cells[1] = cell_date(S("2026-11-23"));
    BoardMove *moves = NEW_N(w->a, BoardMove, 2);
    moves[0] = (BoardMove){1, {.label = S("Start"), .href = S("/x/do/start"), .is_post = true}};
    moves[1] = (BoardMove){1, {.label = S("Ask"), .href = S("/x/do/ask"), .asks = true}};
    BoardCard *card = NEW(w->a, BoardCard);
    *card = (BoardCard){.id = S("X-1"), .href = S("/x"), .cells = cells, .moves = moves};
    card->n_moves = 2;
    BoardColumn *columns_of = NEW_N(w->a, BoardColumn, 2);
    columns_of[0] = (BoardColumn){.name = "open", .label = S("Open"), .cards = card, .n = 1};
    columns_of[0].total = 7;
    columns_of[1] = (BoardColumn){.name = "done", .label = S("Done")};
    Block *b = view_block(w->a, BLOCK_BOARD);
    b->board = (BoardView){.fields = fields, .n_fields = 2, .columns = columns_of, .n_columns = 2};
    return (Page){.title = S("Board"), .body = b, .main = b};
}

static void board_in_every_format(void **state) {
    (void)state;
    World w = world(LANG_EN);
    Page p = board_of(&w);
    render_html(&w.out, w.a, &w.shell, &p);
    assert_true(holds(&w, "data-card=\"X-1\""));
    assert_true(holds(&w, "action=\"/x/do/start\""));
    assert_true(holds(&w, "data-to=\"1\""));
    assert_false(holds(&w, "<b>Card"));
    w.out.n = 0;
    assert_int_equal(render_json(&w.out, w.a, &p), OK);
    assert_true(holds(&w, "\"total\":7,\"cards\":[{\"number\":\"X-1\",\"title\":\""));
    assert_true(
        holds(&w, "\"moves\":[{\"to\":\"done\",\"label\":\"Start\",\"href\":\"/x/do/start\"}"));
    w.out.n = 0;
    assert_int_equal(render_csv(&w.out, w.a, &p), OK);
    assert_string_equal(text_str(&w.out).p, "\xEF\xBB\xBF"
                                            "column,number,title,due\r\n"
                                            "open,X-1,<b>Card</b>,2026-11-23\r\n");
    arena_free(w.a);
}

static Page gantt_of(World *w, const char *start, const char *end) {
    static const Column names[] = {{.name = "title", .label = S("Title"), .kind = CELL_TEXT}};
    static const size_t after[] = {0, 99};
    GanttRow *rows = NEW_N(w->a, GanttRow, 2);
    for (size_t i = 0; i < 2; i++) {
        Cell *cell = NEW(w->a, Cell);
        *cell = cell_text(S("<i>Bar</i>"));
        rows[i] = (GanttRow){.id = i ? S("A-2") : S("A-1"),
                             .cells = cell,
                             .start = str_of(start),
                             .end = str_of(end),
                             .baseline = S("2026-02-01"),
                             .progress = i ? 140 : 50,
                             .depth = (int)i,
                             .after = after,
                             .n_after = i ? 2 : 0};
    }
    Block *b = view_block(w->a, BLOCK_GANTT);
    b->gantt = (GanttView){.columns = names,
                           .n_columns = 1,
                           .rows = rows,
                           .n_rows = 2,
                           .from = S("2026-01-01"),
                           .to = S("2026-12-31"),
                           .today = S("2026-06-01")};
    return (Page){.title = S("Plan"), .body = b, .main = b};
}

static void gantt_in_every_format(void **state) {
    (void)state;
    static const char *const days[][2] = {{"2026-01-10", "2026-03-31"},
                                          {"", ""},
                                          {"2026-05-05", "2026-01-01"},
                                          {"", "2030-01-01"},
                                          {"no date", "1999-12-31"}};
    for (size_t i = 0; i < LENGTH(days); i++) {
        World w = world(i % 2 ? LANG_AR : LANG_EN);
        Page p = gantt_of(&w, days[i][0], days[i][1]);
        render_html(&w.out, w.a, &w.shell, &p);
        assert_true(holds(&w, "gantt-plot"));
        assert_true(holds(&w, "gantt-today"));
        assert_false(holds(&w, "<i>Bar"));
        assert_false(holds(&w, "style="));
        w.out.n = 0;
        assert_int_equal(render_json(&w.out, w.a, &p), OK);
        assert_true(holds(&w, "\"number\":\"A-2\""));
        assert_true(holds(&w, "\"after\":[\"A-1\"]"));
        arena_free(w.a);
    }
    World w = world(LANG_EN);
    Page p = gantt_of(&w, "2026-01-10", "2026-03-31");
    assert_int_equal(render_csv(&w.out, w.a, &p), OK);
    assert_string_equal(text_str(&w.out).p,
                        "\xEF\xBB\xBF"
                        "title,number,start,end,first_end,progress,after\r\n"
                        "<i>Bar</i>,A-1,2026-01-10,2026-03-31,2026-02-01,50,\r\n"
                        "<i>Bar</i>,A-2,2026-01-10,2026-03-31,2026-02-01,140,A-1\r\n");
    arena_free(w.a);
}

/* ---- QR codes ---- */

/* As large as the code with four white modules around, with the top row of a finder pattern (seven
 * dark modules) in the corner; the words come with their language and direction. */
static void qr_is_drawn_with_its_words(void **state) {
    (void)state;
    World w = world(LANG_EN);
    const QrLine lines[] = {{LANG_FR, {"Dites-le", 8}, {"<vite>", 6}},
                            {LANG_AR, {"x", 1}, {"y", 1}}};
    QrView v = {.url = S("https://a.example/?x=1&y=2"), .lines = lines, .n_lines = 2};
    render_qr(html(&w), &v, NULL);
    assert_true(holds(&w, "viewBox=\"0 0 33 33\"")); /* version 2: 25 modules */
    assert_true(holds(&w, "M4 4h7v1h-7z"));
    assert_true(holds(&w, "aria-label=\"https://a.example/?x=1&amp;y=2\""));
    assert_true(holds(&w, "lang=\"ar\" dir=\"rtl\""));
    assert_true(holds(&w, "&lt;vite&gt;"));
    Text longer = text_new(w.a, 0);
    for (int i = 0; i < 5000; i++) text_char(&longer, 'x');
    v.url = text_str(&longer);
    w.out.n = 0;
    render_qr(&w.h, &v, NULL);
    assert_false(holds(&w, "<svg")); /* no code holds that much: the address alone */
    assert_true(holds(&w, "qr-url"));
    arena_free(w.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_addresses_are_escaped),
        cmocka_unit_test(markdown_drops_markup_and_scripts),
        cmocka_unit_test(markdown_of_plain_text_is_quick),
        cmocka_unit_test(page_escapes_what_it_is_given),
        cmocka_unit_test(fragment_is_one_block),
        cmocka_unit_test(locales_write_as_people_do),
        cmocka_unit_test(one_currency_is_said_once),
        cmocka_unit_test(json_is_exact_and_leaves_out_what_is_masked),
        cmocka_unit_test(json_cells),
        cmocka_unit_test(csv_quotes_and_guards_formulas),
        cmocka_unit_test(csv_file_streams),
        cmocka_unit_test(xlsx_file_is_a_workbook),
        cmocka_unit_test(errors_of_a_row_source_are_passed_on),
        cmocka_unit_test(charts_bear_any_figures),
        cmocka_unit_test(board_in_every_format),
        cmocka_unit_test(gantt_in_every_format),
        cmocka_unit_test(qr_is_drawn_with_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
