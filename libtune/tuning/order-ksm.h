/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel demands of those who set KSM. */
#ifndef TUNE_ORDER_KSM_H
#define TUNE_ORDER_KSM_H

#include <libtune/tuning/plan.h>

/**
 * Make the KSM part of a plan one that the kernel will take: unmerge before what needs it, but only where
 * memory allows; no pages_to_scan under an advisor.  Bars what cannot be had, with the reason.
 */
void tune_ksm_prepare(TunePlan *plan);

#endif
