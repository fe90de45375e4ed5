/* SPDX-License-Identifier: BSD-2-Clause */
/* How much page cache may be dirty: seconds of what the slowest of link and disks takes. */
#ifndef TUNE_DIRTY_AUTO_H
#define TUNE_DIRTY_AUTO_H

#include <libtune/tuning/plan.h>

/** Whether @param is vm.dirty_bytes or vm.dirty_background_bytes, which may be "auto". */
gboolean tune_dirty_can_be_auto(const TuneParam *param);

/** tune_dirty_add: add the step of @setting, which is "auto", with a computed value and its reason. */
void tune_dirty_add(TunePlan *plan, const TunePolicy *policy, const TuneSetting *setting);

#endif
