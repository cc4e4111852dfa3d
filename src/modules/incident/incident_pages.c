/* incident_pages.c: the table of the module's pages. SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules/incident/incident_pages.h"

#define REPORT_RIGHT                                                                               \
    "role:unit_head correspondent finance legal compliance analyst head_orm inspection committee auditor"

/* clang-format off */
const PageDef incident_pages[] = {
    {.path = "/declare", .label = N_("Declare an incident"), .right = "signed_in", .build = incident_declare_build, .post = incident_declare_post,
     .icon = "circle-plus", .creates = true},
    {.path = "/declare-poster", .label = N_("Sheet with codes for a unit"), .right = "signed_in", .build = incident_poster_build},
    {.path = "/anonymous", .label = N_("Declare without a name"), .right = "public", .build = incident_anonymous_build, .post = incident_anonymous_post, .creates = true},
    {.path = "/reports/loss-matrix", .label = N_("Loss matrix"), .right = REPORT_RIGHT, .build = incident_report_matrix, .nav = "reports", .icon = "table", .about = N_("What was lost where: business lines by event types, with the records behind each cell."), .subject = "incidents", .is_pinned = true},
    {.path = "/reports/loss-trend", .label = N_("Loss trend"), .right = REPORT_RIGHT, .build = incident_report_trend, .nav = "reports", .icon = "chart-bar", .about = N_("Do losses rise or fall, month by month?"), .subject = "incidents", .is_pinned = true},
    {.path = "/reports/top-losses", .label = N_("Largest losses"), .right = REPORT_RIGHT, .build = incident_report_top, .nav = "reports", .icon = "trophy", .about = N_("The incidents that cost most, and what came back."), .subject = "incidents"},
    {.path = "/reports/losses-by", .label = N_("Losses by cause, unit or third party"), .right = REPORT_RIGHT, .build = incident_report_parts, .nav = "reports", .icon = "list-tree", .nav_label = N_("Losses by"), .about = N_("Where losses gather: by cause, unit, process, product, third party, client segment or channel."), .subject = "incidents"},
    {.path = "/reports/losses-by-taxonomy", .label = N_("Losses by taxonomy"), .right = REPORT_RIGHT, .build = incident_report_taxonomy, .nav = "reports", .icon = "arrows-exchange", .nav_label = N_("By taxonomy"), .about = N_("The same losses in the taxonomy of others: a supervisor's, a consortium's, the group's, by a named version of the map."), .subject = "incidents"},
    {.path = "/reports/ageing", .label = N_("Age of open incidents"), .right = REPORT_RIGHT, .build = incident_report_ageing, .nav = "reports", .icon = "hourglass", .nav_label = N_("Ageing"), .about = N_("Which open incidents wait too long, and with whom?"), .subject = "incidents"},
    {.path = "/reports/delays", .label = N_("Delays"), .right = REPORT_RIGHT, .build = incident_report_delays, .nav = "reports", .icon = "clock", .about = N_("How long events take to be found, declared, booked and closed, and how many are late."), .subject = "incidents"},
    {.path = "/reports/loss-ratios", .label = N_("Ratios of losses"), .right = REPORT_RIGHT, .build = incident_report_ratios, .nav = "reports", .icon = "percentage", .nav_label = N_("Ratios"), .about = N_("Near misses, recoveries, insurance, and how right first estimates were."), .subject = "incidents"},
    {.path = "/reports/loss-distribution", .label = N_("Frequency and severity"), .right = REPORT_RIGHT, .build = incident_report_distribution, .nav = "reports", .icon = "chart-histogram", .about = N_("How often losses come and how large they are."), .subject = "incidents"},
    {.path = "/reports/loss-triangle", .label = N_("Development of losses"), .right = REPORT_RIGHT, .build = incident_report_triangle, .nav = "reports", .icon = "stairs", .nav_label = N_("Development"), .about = N_("What became of the estimates of each year, at every end of year after it."), .subject = "incidents"},
    {.path = "/reports/loss-dates", .label = N_("Losses by the three dates"), .right = REPORT_RIGHT, .build = incident_report_dates, .nav = "reports", .icon = "calendar-stats", .nav_label = N_("Three dates"), .about = N_("When losses occurred, when they were discovered and when they were booked."), .subject = "incidents"},
    {.path = "/reports/open-closed", .label = N_("Open and closed losses"), .right = REPORT_RIGHT, .build = incident_report_open_closed, .nav = "reports", .icon = "lock-open", .nav_label = N_("Open and closed"), .about = N_("How much of what was discovered is still open, and how much money is in it."), .subject = "incidents"},
    {.path = "/reports/capital-losses", .label = N_("Loss data set of capital"), .right = REPORT_RIGHT, .build = incident_report_capital, .nav = "reports", .icon = "scale", .nav_label = N_("Capital set"), .about = N_("Ten years of losses by date of accounting, from the threshold on, and what is left out."), .subject = "incidents"},
    {.path = "/reports/data-quality", .label = N_("Data quality"), .right = REPORT_RIGHT, .build = incident_report_quality, .nav = "reports", .icon = "checkup-list", .about = N_("What is missing or contradicts itself in the loss data."), .subject = "incidents"},
    {.path = "/reports/restated", .label = N_("Restated figures"), .right = REPORT_RIGHT, .build = incident_report_restated, .nav = "reports", .icon = "history", .about = N_("Figures of closed periods that changed since they were reported."), .subject = "incidents"},
    {.path = "/reports/committee", .label = N_("Page for the committee"), .right = REPORT_RIGHT, .build = incident_report_committee, .nav = "reports", .icon = "printer", .nav_label = N_("Committee page"), .about = N_("The quarter's losses on one printed page: count, gross, net, top ten, late, near misses; risks, indicators and plans follow on the next."), .subject = "incidents", .is_pinned = true},
    {0}};
/* clang-format on */
