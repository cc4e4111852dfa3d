/* incident_pages.c: the table of the module's pages. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_pages.h"

#define REPORT_RIGHT                                                                               \
    "role:unit_head correspondent finance legal compliance analyst head_orm inspection committee auditor"

/* clang-format off */
const PageDef incident_pages[] = {
    {.path = "/declare", .label = N_("Declare an incident"), .right = "signed_in", .build = incident_declare_build, .post = incident_declare_post,
     .icon = "circle-plus", .creates = true},
    {.path = "/anonymous", .label = N_("Declare without a name"), .right = "public", .build = incident_anonymous_build, .post = incident_anonymous_post, .creates = true},
    {.path = "/reports/loss-matrix", .label = N_("Loss matrix"), .right = REPORT_RIGHT, .build = incident_report_matrix, .nav = "reports", .icon = "table"},
    {.path = "/reports/loss-trend", .label = N_("Loss trend"), .right = REPORT_RIGHT, .build = incident_report_trend, .nav = "reports", .icon = "chart-bar"},
    {.path = "/reports/top-losses", .label = N_("Largest losses"), .right = REPORT_RIGHT, .build = incident_report_top, .nav = "reports", .icon = "trophy"},
    {.path = "/reports/ageing", .label = N_("Age of open incidents"), .right = REPORT_RIGHT, .build = incident_report_ageing, .nav = "reports", .icon = "hourglass", .nav_label = N_("Ageing")},
    {.path = "/reports/data-quality", .label = N_("Data quality"), .right = REPORT_RIGHT, .build = incident_report_quality, .nav = "reports", .icon = "checkup-list"},
    {.path = "/reports/restated", .label = N_("Restated figures"), .right = REPORT_RIGHT, .build = incident_report_restated, .nav = "reports", .icon = "history"},
    {.path = "/reports/committee", .label = N_("Page for the committee"), .right = REPORT_RIGHT, .build = incident_report_committee, .nav = "reports", .icon = "printer", .nav_label = N_("Committee page")},
    {0}};
/* clang-format on */
