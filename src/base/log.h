/* log.h: JSON lines on stderr: time, level, event, request number and flat fields. No personal
 * data, no secret. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR } LogLevel;
void log_set_level(LogLevel level);
/* event: constant snake_case word. format: free text. Thread-safe, written before it returns. */
void log_line(LogLevel level, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);
/* At level info, for what comes with every request: written with the next line of the other kind,
 * when some 16 KiB wait, or by log_flush, which a server calls several times a second and at its
 * end. In the order of the calls. */
void log_later(const char *event, const char *format, ...) PRINTF_LIKE(2, 3);
void log_flush(void);

#endif
