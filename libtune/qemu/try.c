/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>

#include <libtune/base/error.h>
#include <libtune/qemu/probe.h>
#include <libtune/base/root.h>

gboolean tune_cpu_try(TuneRoot *root, const char *binary, const char *cpu_type, gint64 deadline,
		      GError **error)
{
	const TuneProbeSettings settings = {
		.binary = binary,
		.cpu = cpu_type,
		.is_enforced = TRUE,
	};
	/* Without KVM, QEMU's word would be one on this node and not on the CPU. */
	g_auto(filedesc) kvm = tune_root_open_file(root, "dev/kvm", O_RDWR, 0, error);

	if (kvm < 0)
		return FALSE;
	g_autoptr(TuneProbe) probe = tune_probe_start(root, &settings, deadline, error);
	return probe != NULL;
}
