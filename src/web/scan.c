/* scan.c: uploads and the virus scanner (scan.h). SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/scan.h"

#include "base/log.h"
#include "work/clamd.h"

static Err scan_one(Web *w, InputFile *f) {
    const WorkConfig *work = &w->server->config.work;
    const char *field = str_z(w->arena, f->field);
    Str found;
    Err e = clamd_scan(&found, w->arena, work->clamd, f->bytes);
    if (e == OK) return OK;
    /* The name of the file may be personal: it is not logged. */
    log_line(LOG_WARN, e == ERR_DENIED ? "infected_upload" : "virus_scanner", "%.*s", FMT(found));
    if (e == ERR_DENIED)
        return issue_arg(w->c, field, "infected",
                         N_("The virus scanner found something in this file ({0}). It was not "
                            "kept."),
                         found);
    if (!work->clamd_accepts) {
        w->retry_after = S("60");
        return issue(w->c, field, "unscanned",
                     N_("The virus scanner could not look at this file, and none is kept "
                        "without it. Please try again later."));
    }
    f->is_unscanned = true;
    return OK;
}

Err scan_uploads(Web *w) {
    Err e = OK;
    if (!w->server->config.work.clamd.n) return OK;
    for (size_t i = 0; i < w->form.n_files; i++)
        if (w->form.files[i].bytes.n && scan_one(w, &w->form.files[i]) != OK) e = ERR_INVALID;
    return e;
}
