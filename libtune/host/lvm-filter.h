/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a node's LVM looks for volume groups on a device, by the output of lvmconfig(8); see lvm.conf(5). */
#ifndef TUNE_LVM_FILTER_H
#define TUNE_LVM_FILTER_H

#include <glib.h>

/**
 * @config: lines "filter=[...]", "global_filter=[...]" and "use_devicesfile=N"; a line that is missing means LVM's
 * default
 * @device: its path, e.g. "/dev/loop0"
 *
 * TRUE when LVM would look there, and when a pattern cannot be read.
 */
gboolean tune_lvm_lets_in(const char *config, const char *device);

#endif
