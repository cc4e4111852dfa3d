/* pages.h: the pages and commands of work/, gathered in the tables of work.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WORK_PAGES_H
#define WORK_PAGES_H

#include "model/model.h"

/* notice_pages.c */
Err notice_page_build(Ctx *c, const PageArgs *args, Page *out) MUST;
Err notice_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) MUST;
Err wishes_page_build(Ctx *c, const PageArgs *args, Page *out) MUST;
Err wishes_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) MUST;
/* assignment_pages.c */
Err assignment_page_build(Ctx *c, const PageArgs *args, Page *out) MUST;
/* assignment_form.c */
Err answer_page_build(Ctx *c, const PageArgs *args, Page *out) MUST;
Err answer_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) MUST;
Err answer_section(Ctx *c, const Record *r, Block **out) MUST;
/* assignment_fields.c */
Err plan_fields_build(Ctx *c, const PageArgs *args, Page *out) MUST;
Err plan_fields_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) MUST;
Err plan_fields_section(Ctx *c, const Record *r, Block **out) MUST;
Err assignment_panel(Ctx *c, const Record *r, Block **out) MUST;
/* job_pages.c */
Err job_page_build(Ctx *c, const PageArgs *args, Page *out) MUST;
Err job_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) MUST;
Err jobs_command_run(Ctx *c, int argc, char **argv, Text *out, Text *err, int *exit_code) MUST;

Err invitation_page_build(Ctx *c, const PageArgs *args, Page *out) MUST;
Err invitation_page_post(Ctx *c, const Input *form, const PageArgs *args, Str *redirect) MUST;

#endif
