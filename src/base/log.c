/* log.c: one JSON object a line on stderr, written at once. Needs no arena, so it works when memory
 * is out. The level is set at start (a documented process-wide exception to "no mutable globals").
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static _Atomic int least_level = LOG_INFO;

void log_set_level(LogLevel level) {
    atomic_store(&least_level, (int)level);
}

/* Appends s as the inside of a JSON string, clipped at cap; invalid bytes become '?'. */
static size_t escape(char *out, size_t at, size_t cap, Str s) {
    for (size_t i = 0; i < s.n && at + 8 < cap;) {
        size_t from = i;
        uint32_t c = utf8_next(s, &i);
        if (c == '"' || c == '\\') {
            out[at++] = '\\';
            out[at++] = (char)c;
        } else if (c < 0x20) {
            at += (size_t)snprintf(out + at, cap - at, "\\u%04x", (unsigned)c);
        } else if (c == 0xFFFD && i - from == 1) {
            out[at++] = '?';
        } else {
            memcpy(out + at, s.p + from, i - from);
            at += i - from;
        }
    }
    return at;
}

static size_t put_time(char *out, size_t cap) {
    int64_t us = clock_now_us();
    int64_t days = us / INT64_C(86400000000);
    int64_t rest = us % INT64_C(86400000000);
    int y, m, d, seconds = (int)(rest / 1000000);
    date_from_days(&y, &m, &d, days);
    int n = snprintf(out, cap, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", y, m, d,
                     seconds / 3600, seconds / 60 % 60, seconds % 60, (int)(rest / 1000 % 1000));
    return n > 0 ? (size_t)n : 0;
}

void log_line(LogLevel level, const char *event, const char *format, ...) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    if ((int)level < atomic_load(&least_level)) return;
    char text[2048], line[4096];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    size_t at = put_time(line, 128);
    int head = snprintf(line + at, 128, ",\"level\":\"%s\",\"event\":\"%.64s\",\"text\":\"",
                        names[level], event);
    if (head > 0) at += (size_t)head;
    at = escape(line, at, sizeof line - 4, (Str){text, length});
    memcpy(line + at, "\"}\n", 3);
    /* Nobody is left to tell when stderr is gone. */
    if (write(STDERR_FILENO, line, at + 3) < 0) return;
}
