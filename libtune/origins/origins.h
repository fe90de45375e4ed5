/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers of tune_origins_find().  Each knows the configuration of one program. */
#ifndef TUNE_ORIGINS_H
#define TUNE_ORIGINS_H

#include <libtune/origins/search.h>

gboolean tune_origins_read_modprobe(TuneSearch *search, GError **error);
gboolean tune_origins_read_command_line(TuneSearch *search, GError **error);
gboolean tune_origins_read_sysctl(TuneSearch *search, GError **error);
gboolean tune_origins_read_tmpfiles(TuneSearch *search, GError **error);
gboolean tune_origins_read_udev(TuneSearch *search, GError **error);
gboolean tune_origins_read_sysfs_conf(TuneSearch *search, GError **error);
gboolean tune_origins_read_tuned(TuneSearch *search, GError **error);
gboolean tune_origins_read_own(TuneSearch *search, GError **error);
gboolean tune_origins_read_ksmtuned(TuneSearch *search, GError **error);

/** The link by which ksmtuned is started at boot, a path to free; *@ret_path stays NULL when there is none. */
gboolean tune_origins_find_ksmtuned(TuneRoot *root, char **ret_path, GError **error);

#endif
