/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a node's LVM looks for volume groups on a device: what lvmconfig(8) prints, judged as lvm.conf(5) tells. */
#ifndef TUNE_LVM_FILTER_H
#define TUNE_LVM_FILTER_H

#include <glib.h>

/**
 * @config: "filter=[...]", "global_filter=[...]" and "use_devicesfile=N", a line each; what is missing is LVM's default
 * @device: its path, e.g. "/dev/loop0"
 *
 * TRUE when LVM would look there, also when a pattern cannot be read.
 */
gboolean tune_lvm_lets_in(const char *config, const char *device);

#endif
