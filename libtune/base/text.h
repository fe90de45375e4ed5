/* SPDX-License-Identifier: BSD-2-Clause */
/* Words compared. */
#ifndef TUNE_TEXT_H
#define TUNE_TEXT_H

#include <libtune/tune-base.h>

#endif
