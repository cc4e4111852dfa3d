/* settings.h: what an operator can set, in one table: command line, environment or gardefou.conf,
 * in that order of weight. docs/ADMIN.md and `serve --help` show the same table.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMMANDS_SETTINGS_H
#define COMMANDS_SETTINGS_H

#include "base/str.h"

typedef struct SettingDef {
    const char *name; /* key in gardefou.conf; --name on the command line of serve */
    const char *env;
    const char *default_value;
    int64_t min, max; /* numbers; both 0: a text */
    const char *help;
} SettingDef;

typedef struct Settings {
    Str values[48]; /* one per row of the table */
} Settings;

const SettingDef *setting_table(size_t *n);
/* Defaults, then the file (GARDEFOU_CONFIG, or ./gardefou.conf when it is there), then the
 * environment. ERR_INVALID with *why for an unknown key or a value out of its limits. */
Err settings_load(Settings *out, Str *why, Arena *process) MUST;
Err settings_set(Settings *s, Str *why, Arena *process, Str name, Str value) MUST;
Str setting(const Settings *s, const char *name); /* aborts on an unknown name */
int64_t setting_int(const Settings *s, const char *name);
const char *setting_z(const Settings *s, Arena *a, const char *name); /* NULL when empty */
void settings_help(Text *out);
/* Says in the log which variables of the environment look like settings and are none. */
void settings_strangers(void);

#endif
