/* SPDX-License-Identifier: BSD-2-Clause */
/* LVM as device-mapper, udev and libblkid show it; what they do not show, pvs(8) and lvs(8) are asked.  Reads only. */
#ifndef TUNE_LVM_H
#define TUNE_LVM_H

#include <libtune/tune-host.h>

/** Length of the volume group's part of a device-mapper UUID, "LVM-" + 32 for the group + 32 for the volume. */
#define TUNE_LVM_PREFIX (4 + 32)

/** The volume group's name in a device-mapper name: that of "my--vg-lv" is "my-vg". */
char *tune_lvm_group_from_dm_name(const char *dm_name);

/** Whether block device @name ("sda3") holds an LVM physical volume, by udev's data, else by libblkid. */
gboolean tune_lvm_is_physical_volume(TuneRoot *root, const char *name);

/** Physical volume ("sda3") to volume group, from pvs(8). */
GHashTable *tune_lvm_ask_pvs(TuneRoot *root, GError **error);

/** All logical volumes, from lvs(8): "VG/LV" to its tags, separated by commas. */
GHashTable *tune_lvm_ask_tags(TuneRoot *root, GError **error);

/**
 * tune_lvm_get_kernel_name: the kernel's name of a device, "dm-3"; free it.  LVM uses other names, which are links to
 * that: /dev/mapper/luks-x to ../dm-3.
 */
char *tune_lvm_get_kernel_name(TuneRoot *root, const char *path);

#endif
