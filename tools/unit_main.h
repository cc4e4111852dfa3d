/* unit_main.h: main() of the unit test program, included once by its generated table. Each test
 * file runs in a process of its own, so that a crash or a leak in one is counted and the others
 * still run. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct UnitGroup {
    const char *path;
    int (*run)(void);
} UnitGroup;
extern const UnitGroup unit_groups[];

/* unit [filter]: part of a file's path, or part of the name of tests. */
int main(int argc, char **argv) {
    const char *filter = argc > 1 ? argv[1] : "";
    int is_file = 0, failed = 0;
    char pattern[200];
    for (const UnitGroup *g = unit_groups; g->path; g++) is_file |= strstr(g->path, filter) != NULL;
    if (!is_file) {
        snprintf(pattern, sizeof pattern, "*%s*", filter);
        cmocka_set_test_filter(pattern);
    }
    for (const UnitGroup *g = unit_groups; g->path; g++) {
        if (is_file && !strstr(g->path, filter)) continue;
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) exit(g->run() == 0 ? 0 : 3); /* a sanitizer ends with 1 */
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) < 0) return 2;
        if (WIFSIGNALED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 3)) {
            fprintf(stderr, "[  CRASHED ] %s\n", g->path);
            failed = 1;
        }
        failed |= status != 0;
    }
    return failed;
}
