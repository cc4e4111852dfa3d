/* attachment.c: from a stored file to the record that owns it, and from an upload to a field's
 * value. SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/attachment.h"

#include "base/photo.h"

static Err try_field(bool *found, Record **owner, Ctx *c, const Type *t, const Field *f,
                     int64_t id) {
    int64_t record = 0;
    Str sql = str_fmt(c->arena, "SELECT record FROM %s WHERE target = $1 LIMIT 1", f->table);
    TRY(db_get_int(&record, found, c->db, str_z(c->arena, sql), ARGS(db_int(id))));
    if (!*found) return OK;
    TRY(record_load(owner, c, t, record));
    FieldSet hidden;
    TRY(access_hidden(&hidden, c, t, *owner));
    return fieldset_has(hidden, f->index) ? ERR_MISSING : OK;
}

Err attachment_find(StoredFile *out, Record **owner, Ctx *c, int64_t id) {
    TRY(file_store_find(out, c->db, c->arena, id));
    if (!out->is_claimed) return ERR_MISSING;
    for (size_t i = 0; i < c->model->n_types; i++) {
        const Type *t = &c->model->types[i];
        for (size_t k = 0; k < t->n_fields; k++) {
            if (t->fields[k].kind != KIND_FILES) continue;
            bool found = false;
            TRY(try_field(&found, owner, c, t, &t->fields[k], id));
            if (found) return OK;
        }
    }
    return ERR_MISSING;
}

static void keep_present(Ctx *c, const Record *before, const Field *f, Input *in) {
    if (!before || input_has(in, str_of(f->name))) return;
    Value v = before->values[f->index];
    for (size_t i = 0; v.kind == V_LIST && i < v.n; i++)
        input_add(in, c->arena, str_of(f->name), str_fmt(c->arena, "%lld", (long long)v.list[i].i));
}

Err attachment_take(Ctx *c, const Type *t, const Record *before, Input *in) {
    bool kept[128] = {0};
    for (size_t i = 0; i < in->n_files; i++) {
        const InputFile *file = &in->files[i];
        const Field *f = type_field(t, file->field);
        if (file->bytes.n == 0 && file->name.n == 0) continue;
        if (!f || f->kind != KIND_FILES)
            return issue(c, str_z(c->arena, file->field), "unknown",
                         N_("No files are expected here."));
        if (!kept[f->index]) keep_present(c, before, f, in);
        kept[f->index] = true;
        int64_t id;
        Str bytes = photo_clean(c->arena, file->bytes); /* where and by whom is nobody's business */
        TRY(file_store_put(&id, c->db, file->name, file_store_sniff(bytes), bytes,
                           c->actor ? c->actor->user : 0, c->now_us));
        if (file->is_unscanned) TRY(file_store_unscanned(c->db, id));
        input_add(in, c->arena, file->field, str_fmt(c->arena, "%lld", (long long)id));
    }
    return OK;
}
