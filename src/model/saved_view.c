/* saved_view.c: see saved_view.h. A query is checked by the list itself before it is kept, so that
 * a tab never leads to an error of its own making. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/saved_view.h"

#include "base/utf8.h"
#include "model/page_kit.h"

enum { MOST_VIEWS = 20, MOST_NAME = 60, MOST_QUERY = 2000 };

/* clang-format off */
static const DbColumn columns[] = {
    {.name = "id",     .type = DB_INT,  .not_null = true},
    {.name = "person", .type = DB_INT,  .not_null = true, .references = "user"},
    {.name = "type",   .type = DB_TEXT, .not_null = true},
    {.name = "name",   .type = DB_TEXT, .not_null = true},
    {.name = "query",  .type = DB_TEXT, .not_null = true},
};
static const DbIndex indexes[] = {
    {.name = "saved_view_name", .columns = "person, type, name", .unique = true},
};
const DbTable saved_view_tables[] = {
    {.name = "saved_view", .columns = columns, .n_columns = LENGTH(columns), .indexes = indexes, .n_indexes = LENGTH(indexes)},
};
/* clang-format on */
const size_t saved_view_n_tables = LENGTH(saved_view_tables);

static const char list_sql[] = "SELECT id, name, query FROM saved_view WHERE person = (SELECT $1) "
                               "AND type = $2 ORDER BY id LIMIT $3";
#define LIST_ARGS(c, t) ARGS(db_int((c)->actor->user), db_textz((t)->name), db_int(MOST_VIEWS))

void saved_view_announce(Ctx *c, const Type *t) {
    if (c->actor && c->actor->user) db_announce(c->db, list_sql, LIST_ARGS(c, t));
}

Err saved_view_list(const SavedView **out, size_t *n, Ctx *c, const Type *t) {
    *out = NULL;
    *n = 0;
    if (!c->actor || !c->actor->user) return OK;
    SavedView *items = NEW_N(c->arena, SavedView, MOST_VIEWS);
    Rows *rows = NULL;
    TRY(db_few(&rows, c->db, c->arena, list_sql, LIST_ARGS(c, t)));
    for (;;) {
        bool has = false;
        TRY(rows_next(&has, rows));
        if (!has || *n == MOST_VIEWS) break;
        items[(*n)++] = (SavedView){rows_int(rows, 0), rows_copy(rows, 1), rows_copy(rows, 2)};
    }
    rows_close(rows);
    *out = items;
    return OK;
}

/* Says what is wrong with a query as an issue of the form's own field. */
static Err check_query(Ctx *c, const Type *t, Str query) {
    if (query.n > MOST_QUERY)
        return issue(c, "query", "too_long", N_("This view has too many filters."));
    Input params = {0}, whole = {0};
    page_kit_parse(&whole, c->arena, query);
    for (size_t i = 0; i < whole.n; i++) /* a column that is not there is left out by the list */
        if (!str_is(whole.items[i].name, "columns"))
            input_add(&params, c->arena, whole.items[i].name, whole.items[i].value);
    Issues before = c->issues;
    Str as_of = c->as_of;
    ListQuery parsed = {0};
    Err err = list_parse(&parsed, c, t, &params);
    c->as_of = as_of;
    if (err != ERR_INVALID) return err;
    c->issues = before;
    return issue(c, "query", "invalid",
                 N_("This view cannot be read; open the list and save it again."));
}

Err saved_view_add(Str *redirect, Ctx *c, const Input *form) {
    if (!c->actor || !c->actor->user || c->actor->is_read_only) return ERR_DENIED;
    const Type *t = model_type(c->model, input_getz(form, "type"));
    if (!t || (t->flags & TYPE_NO_PAGES)) {
        return issue(c, "type", "unknown", N_("There is no such list."));
    }
    const Access *access = NULL;
    TRY(access_of(&access, c, t, OP_READ));
    if (!access_any(access)) return ERR_MISSING;
    Str name = str_trim(input_getz(form, "name")), query = input_getz(form, "query");
    if (!name.n) return issue(c, "name", "required", N_("Give the view a name."));
    if (utf8_count(name) > MOST_NAME)
        return issue(c, "name", "too_long", N_("The name is too long: at most 60 characters."));
    TRY(check_query(c, t, query));
    TRY(db_run(c->db, NULL, "DELETE FROM saved_view WHERE person = $1 AND type = $2 AND name = $3",
               ARGS(db_int(c->actor->user), db_textz(t->name), db_text(name))));
    int64_t count = 0;
    bool found = false;
    TRY(db_get_int(&count, &found, c->db,
                   "SELECT COUNT(*) FROM saved_view WHERE person = $1 AND type = $2",
                   ARGS(db_int(c->actor->user), db_textz(t->name))));
    if (count >= MOST_VIEWS)
        return issue(c, "name", "too_many",
                     N_("You have 20 views of this list; delete one first."));
    TRY(db_run(c->db, NULL,
               "INSERT INTO saved_view (person, type, name, query) VALUES ($1, $2, $3, $4)",
               ARGS(db_int(c->actor->user), db_textz(t->name), db_text(name), db_text(query))));
    Str path = page_kit_list_path(c->arena, t);
    *redirect = query.n ? str_fmt(c->arena, "%.*s?%.*s", FMT(path), FMT(query)) : path;
    return OK;
}

Err saved_view_delete(Str *redirect, Ctx *c, int64_t id) {
    if (!c->actor || !c->actor->user || c->actor->is_read_only) return ERR_DENIED;
    Str type = {0};
    bool found = false;
    TRY(db_get_text(&type, &found, c->db, c->arena,
                    "SELECT type FROM saved_view WHERE id = $1 AND person = $2",
                    ARGS(db_int(id), db_int(c->actor->user))));
    if (!found) return ERR_MISSING;
    TRY(db_run(c->db, NULL, "DELETE FROM saved_view WHERE id = $1 AND person = $2",
               ARGS(db_int(id), db_int(c->actor->user))));
    const Type *t = model_type(c->model, type);
    *redirect = t ? page_kit_list_path(c->arena, t) : S("/");
    return OK;
}
