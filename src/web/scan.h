/* scan.h: uploads shown to the virus scanner before anything is stored.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef WEB_SCAN_H
#define WEB_SCAN_H

#include "web/frame.h"

/* Outside of any transaction. ERR_INVALID with an issue at the field of a file that is infected, or
 * that could not be looked at when that refuses it; otherwise such files are marked. */
Err scan_uploads(Web *w) MUST;

#endif
