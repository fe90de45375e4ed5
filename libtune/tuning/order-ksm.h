/* SPDX-License-Identifier: BSD-2-Clause */
/* The order and the conditions in which the kernel accepts settings of KSM. */
#ifndef TUNE_ORDER_KSM_H
#define TUNE_ORDER_KSM_H

#include <libtune/tuning/plan.h>

/**
 * tune_ksm_prepare: change the KSM steps of a plan so that the kernel accepts them: unmerge before settings that need it,
 * if memory allows; no pages_to_scan under an advisor.  Steps that are not possible get a final verdict with the reason.
 */
void tune_ksm_prepare(TunePlan *plan);

#endif
