/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/root.h>
#include <libtune/ganeti/lists.h>
#include <libtune/tune-cpu.h>

#define KEY "kvm_path="

/* Where distributions put a QEMU for x86: Debian, SUSE, Red Hat, and all others; then one built by hand. */
static const char *const candidates[] = { TUNE_CPU_QEMU_BINARY, "usr/bin/qemu-kvm",
					  "usr/libexec/qemu-kvm", "usr/bin/qemu-system-x86_64",
					  "usr/local/bin/qemu-system-x86_64" };

static char *read_configured(TuneRoot *root)
{
	g_autofree char *text = tune_cluster_read(root, "hvparams_kvm", NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, KEY) && (*line)[strlen(KEY)])
			return g_strdup(*line + strlen(KEY));
	return NULL;
}

char *tune_cpu_find_qemu(TuneRoot *root)
{
	char *configured = read_configured(root);

	for (guint i = 0; !configured && i < G_N_ELEMENTS(candidates); i++)
		if (tune_root_exists(root, candidates[i]))
			return g_strdup(candidates[i]);
	return configured ? configured : g_strdup(TUNE_CPU_QEMU_BINARY);
}
