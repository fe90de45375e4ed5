/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether guests can have a cpu_type: a QEMU is started with it here, and all records are searched for the names in
 * it.
 */
#include <fcntl.h>

#include <libtune/base/error.h>
#include <libtune/cpu/compare.h>
#include <libtune/qemu/process.h>
#include <libtune/qemu/try.h>
#include <libtune/base/root.h>
#include <libtune/tune-cpu.h>

gboolean tune_cpu_try(TuneRoot *root, const char *binary, const char *cpu_type, gint64 deadline,
		      GError **error)
{
	const TuneQemuSettings settings = {
		.binary = binary,
		.cpu = cpu_type,
		.is_enforced = TRUE,
	};
	/* Without KVM, QEMU's refusal would tell nothing about the CPU. */
	g_auto(filedesc) kvm = tune_root_open_file(root, "dev/kvm", O_RDWR, 0, error);

	if (kvm < 0)
		return FALSE;
	g_autoptr(TuneQemuProcess)
		process = tune_qemu_process_start(root, &settings, deadline, error);
	return process != NULL;
}

/* TRUE also on a node without KVM or QEMU: it starts no guest at all, so it need not start this one. */
static gboolean starts_here(TuneRoot *root, const char *binary, const char *type, gint64 deadline,
			    GError **error)
{
	g_autoptr(GError) local = NULL;

	if (tune_cpu_try(root, binary, type, deadline, &local) ||
	    g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		return TRUE;
	g_propagate_prefixed_error(error, g_steal_pointer(&local), "it does not start here: ");
	return FALSE;
}

gboolean tune_cpu_type_check(TuneRoot *root, const char *binary, const char *type,
			     const TuneCpu *const *cpus, guint n_cpus, gint64 deadline,
			     GError **error)
{
	for (guint i = 0; i < n_cpus; i++)
		if (cpus[i]->source != TUNE_CPU_RAW &&
		    !tune_cpu_type_check_names(type, cpus[i], error))
			return FALSE;
	return starts_here(root, binary, type, deadline, error);
}
