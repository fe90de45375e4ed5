/* SPDX-License-Identifier: BSD-2-Clause */
/* In which order the MTUs of a stack of interfaces can be written, and which cannot be had. */
#ifndef TUNE_ORDER_LINKS_H
#define TUNE_ORDER_LINKS_H

#include <libtune/tuning/plan.h>

/** Once all steps are decided: put MTUs in order, and take out what cannot be or is done by others. */
void tune_links_prepare(TunePlan *plan);

#endif
