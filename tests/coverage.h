/* SPDX-License-Identifier: BSD-2-Clause */
/* Included first in a coverage build: a child that ends by _exit() would else leave nothing of what it ran. */
#ifndef TUNE_TEST_COVERAGE_H
#define TUNE_TEST_COVERAGE_H

#include <unistd.h>

void __gcov_dump(void);

#define _exit(status) (__gcov_dump(), _exit(status))

#endif
