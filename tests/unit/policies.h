/* SPDX-License-Identifier: BSD-2-Clause */
/* A parsed policy as text, and checks of the error that a bad one gives. */
#ifndef TUNE_TEST_POLICIES_H
#define TUNE_TEST_POLICIES_H

#include <libtune/tuning/policy.h>

/** "name=want" for each setting, "match{name=want ...}" for each rule; free it. */
char *policies_print(const TunePolicy *policy);

/** It is refused as the file "P", with the error @wanted. */
void policies_check_bad(const char *text, gsize length, const char *wanted);

#endif
