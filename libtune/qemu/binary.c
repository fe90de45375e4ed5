/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/base/root.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/tune-cpu.h>

/* Where distributions put a QEMU for x86: Debian, SUSE, Red Hat, and all others; then one built by hand. */
static const char *const candidates[] = { TUNE_CPU_QEMU_BINARY, "usr/bin/qemu-kvm",
					  "usr/libexec/qemu-kvm", "usr/bin/qemu-system-x86_64",
					  "usr/local/bin/qemu-system-x86_64" };

char *tune_cpu_find_qemu(TuneRoot *root)
{
	g_autofree char *configured = tune_ganeti_get_hvparam(root, "kvm_path", NULL);

	if (configured && *configured)
		return g_steal_pointer(&configured);
	for (guint i = 0; i < G_N_ELEMENTS(candidates); i++)
		if (tune_root_exists(root, candidates[i]))
			return g_strdup(candidates[i]);
	return g_strdup(TUNE_CPU_QEMU_BINARY);
}
