/* SPDX-License-Identifier: BSD-2-Clause */
/* A fuzz target: libFuzzer's entry, called by it (make fuzz) or by replay.c with the inputs kept here. */
#ifndef TUNE_TEST_FUZZ_H
#define TUNE_TEST_FUZZ_H

#include <glib.h>

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);

#endif
