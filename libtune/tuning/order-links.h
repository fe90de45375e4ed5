/* SPDX-License-Identifier: BSD-2-Clause */
/* The order in which the MTUs of a stack of interfaces can be written; impossible ones are refused. */
#ifndef TUNE_ORDER_LINKS_H
#define TUNE_ORDER_LINKS_H

#include <libtune/tuning/plan.h>

/**
 * tune_links_prepare: after tune_plan_decide(): sort the MTUs, refuse impossible ones, drop steps that others
 * include.
 */
void tune_links_prepare(TunePlan *plan);

#endif
