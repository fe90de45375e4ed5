/* SPDX-License-Identifier: BSD-2-Clause */
/* The files with values of the cluster that Ganeti keeps on every node.  Source: Ganeti, lib/ssconf.py. */
#ifndef TUNE_SSCONF_H
#define TUNE_SSCONF_H

#include <libtune/base/root.h>

/**
 * tune_cluster_read: one of the files, e.g. "cluster_name"; free it.
 *
 * Ganeti updates them within seconds after a change.  TUNE_ERROR_ABSENT on a host that is not a node yet.
 */
char *tune_cluster_read(TuneRoot *root, const char *key, GError **error);

/** tune_cluster_read_lines: the lines of one of the files; none when it cannot be read.  g_strfreev() it. */
char **tune_cluster_read_lines(TuneRoot *root, const char *key);

/**
 * tune_ganeti_get_hvparam: the cluster's value of a parameter of the hypervisor kvm; free it.
 *
 * Fails as tune_cluster_read(), and with TUNE_ERROR_INVALID when there is no such parameter.
 */
char *tune_ganeti_get_hvparam(TuneRoot *root, const char *name, GError **error);

#endif
