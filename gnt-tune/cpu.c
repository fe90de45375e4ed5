/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "gnt-tune/cpu.h"

gboolean cpu_names_binary(const Options *options)
{
	const char *qemu = options->qemu;

	/* "10.0" is a version, "10.0/kvm" a path. */
	return qemu && (!g_ascii_isdigit(*qemu) || strchr(qemu, '/'));
}

char *cpu_find_binary(const Options *options, TuneRoot *root)
{
	return cpu_names_binary(options) ? g_strdup(options->qemu) : tune_cpu_find_qemu(root);
}

gboolean cpu_get_profile(const Options *options, TuneCpuProfile *ret_profile, GError **error)
{
	const char *version = cpu_names_binary(options) ? NULL : options->qemu;

	return tune_cpu_profile_find(options->kernel, version, ret_profile, error);
}
