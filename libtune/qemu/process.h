/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A QEMU that is started to be asked, and ended: it runs no instruction of any guest.  What it would show
 * to a guest is what this node's QEMU and kernel can give.
 */
#ifndef TUNE_PROBE_H
#define TUNE_PROBE_H

#include <libtune/qemu/qmp.h>
#include <libtune/tune-cpu.h>

/**
 * @binary: QEMU below the root, "usr/bin/kvm"
 * @machine: a machine type, or NULL for QEMU's default
 * @cpu: as after -cpu, or NULL for QEMU's default
 * @accelerators: "kvm", "tcg", "kvm:tcg"; NULL is "kvm"
 * @is_enforced: fail when KVM does not give all that @cpu names
 */
typedef struct {
	const char *binary;
	const char *machine;
	const char *cpu;
	const char *accelerators;
	gboolean is_enforced;
} TuneProbeSettings;

typedef struct TuneProbe TuneProbe;

/**
 * tune_probe_start: start it, and wait until it listens.
 *
 * @deadline: of all that is asked of it; g_get_monotonic_time(), microseconds
 *
 * It gets a clean environment and a process group of its own, and dies with this process (and thread).
 * Fails with TUNE_ERROR_ABSENT (no such program), TUNE_ERROR_REFUSED and QEMU's last words when it would
 * not start, TUNE_ERROR_TIMEOUT.
 */
TuneProbe *tune_probe_start(TuneRoot *root, const TuneProbeSettings *settings, gint64 deadline,
			    GError **error);

/** tune_probe_free: kill it, and wait for its end. */
void tune_probe_free(TuneProbe *probe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneProbe, tune_probe_free)

/** tune_probe_get_qmp: to ask it; borrowed. */
TuneQmp *tune_probe_get_qmp(TuneProbe *probe);

/**
 * What a QEMU has, whatever the CPU.
 *
 * @machines: its machine types and their aliases; @aliases: "pc=pc-i440fx-7.2"; @models: names of CPU models;
 * @features: names of all CPU features it knows; @options: of its command line, those with parameters.
 * Arrays of strings, NULL where it would not tell.
 *
 * @host: the cpu_type "host" with what has to be switched off before it starts on this node, or TUNE_CPU_NO_HOST; static
 */
typedef struct {
	char *version;
	GPtrArray *machines;
	GPtrArray *aliases;
	GPtrArray *models;
	GPtrArray *features;
	GPtrArray *options;
	const char *host;
} TuneQemuCapabilities;

/** tune_probe_ask_capabilities: start @binary, as "host" under KVM if it does, ask it, end it. */
TuneQemuCapabilities *tune_probe_ask_capabilities(TuneRoot *root, const char *binary,
						  gint64 deadline, GError **error);
void tune_qemu_capabilities_free(TuneQemuCapabilities *capabilities);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneQemuCapabilities, tune_qemu_capabilities_free)

/**
 * tune_cpu_type_check: whether guests with @type behind -cpu can start on the nodes whose records @cpus are: the QEMU of
 * each knows its names, and @binary starts it here.  A dump of a bare CPU, and a node without KVM or QEMU, is not asked.
 *
 * TUNE_ERROR_REFUSED with the reason when they cannot; else it is not known.
 */
gboolean tune_cpu_type_check(TuneRoot *root, const char *binary, const char *type,
			     const TuneCpu *const *cpus, guint n_cpus, gint64 deadline,
			     GError **error);

#endif
