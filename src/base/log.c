/* log.c: one JSON object a line on stderr. Needs no arena, so it works when memory is out. The
 * level is set at start, and lines that may wait are held (documented process-wide exceptions to
 * "no mutable globals"). SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
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

static size_t put_digits(char *out, size_t at, int64_t value, int width) {
    for (int i = width; i-- > 0; value /= 10) out[at + (size_t)i] = (char)('0' + value % 10);
    return at + (size_t)width;
}

/* {"time":"2026-11-26T04:13:09.123Z" */
static size_t put_time(char *out) {
    static const char begin[] = "{\"time\":\"";
    int64_t us = clock_now_us();
    int64_t days = us / INT64_C(86400000000), rest = us % INT64_C(86400000000) / 1000;
    const int64_t units[] = {3600000, 60000, 1000};
    int y, m, d;
    date_from_days(&y, &m, &d, days);
    size_t at = sizeof begin - 1;
    memcpy(out, begin, at);
    at = put_digits(out, at, y, 4);
    out[at++] = '-';
    at = put_digits(out, at, m, 2);
    out[at++] = '-';
    at = put_digits(out, at, d, 2);
    for (size_t i = 0; i < LENGTH(units); i++, rest %= units[i - 1]) {
        out[at++] = "T::"[i];
        at = put_digits(out, at, rest / units[i], 2);
    }
    out[at++] = '.';
    at = put_digits(out, at, rest, 3);
    out[at++] = 'Z';
    out[at++] = '"';
    return at;
}

static size_t put_text(char *out, size_t at, const char *z, size_t most) {
    size_t n = strnlen(z, most);
    memcpy(out + at, z, n);
    return at + n;
}

enum { LINE_SIZE = 4096 };

static PRINTF_LIKE(4, 0) size_t
    line_make(char *line, LogLevel level, const char *event, const char *format, va_list args) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char text[2048];
    int n = vsnprintf(text, sizeof text, format, args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    size_t at = put_time(line);
    at = put_text(line, at, ",\"level\":\"", 16);
    at = put_text(line, at, names[level], 16);
    at = put_text(line, at, "\",\"event\":\"", 16);
    at = put_text(line, at, event, 64);
    at = put_text(line, at, "\",\"text\":\"", 16);
    at = escape(line, at, LINE_SIZE - 4, (Str){text, length});
    memcpy(line + at, "\"}\n", 3);
    return at + 3;
}

/* Lines that wait for others, so that many cost one write. */
static struct {
    pthread_mutex_t lock;
    size_t n;
    char bytes[4 * LINE_SIZE];
} held = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Nobody is left to tell when stderr is gone. */
static void put_out(const char *p, size_t n) {
    if (write(STDERR_FILENO, p, n) < 0) return;
}

static void flush_held(void) {
    if (held.n) put_out(held.bytes, held.n);
    held.n = 0;
}

void log_flush(void) {
    pthread_mutex_lock(&held.lock);
    flush_held();
    pthread_mutex_unlock(&held.lock);
}

void log_line(LogLevel level, const char *event, const char *format, ...) {
    if ((int)level < atomic_load(&least_level)) return;
    char line[LINE_SIZE];
    va_list args;
    va_start(args, format);
    size_t n = line_make(line, level, event, format, args);
    va_end(args);
    pthread_mutex_lock(&held.lock);
    flush_held();
    put_out(line, n);
    pthread_mutex_unlock(&held.lock);
}

void log_later(const char *event, const char *format, ...) {
    if ((int)LOG_INFO < atomic_load(&least_level)) return;
    char line[LINE_SIZE];
    va_list args;
    va_start(args, format);
    size_t n = line_make(line, LOG_INFO, event, format, args);
    va_end(args);
    pthread_mutex_lock(&held.lock);
    if (held.n + n > sizeof held.bytes) flush_held();
    memcpy(held.bytes + held.n, line, n);
    held.n += n;
    pthread_mutex_unlock(&held.lock);
}
