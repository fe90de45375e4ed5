/* SPDX-License-Identifier: BSD-2-Clause */
/* What a QEMU has, whatever the CPU: machine types, CPU models, features, options. */
#ifndef TUNE_QEMU_CAPABILITIES_H
#define TUNE_QEMU_CAPABILITIES_H

#include <libtune/base/root.h>

/**
 * What some hosts have to switch off before any "host" starts, and the type with it.  KVM on AMD makes up
 * arch-capabilities, and QEMU before 10.1 cannot set the MSR that it stands for there ("failed to set MSR 0x10a"):
 * pc_compat_10_0 in its hw/i386/pc.c.
 */
#define TUNE_QEMU_HOST_SWITCH ",-arch-capabilities"
#define TUNE_QEMU_SWITCHED_HOST "host" TUNE_QEMU_HOST_SWITCH

/**
 * @machines: machine types and their aliases; @aliases: "pc=pc-i440fx-7.2"; @models: names of CPU models;
 * @features: names of all CPU features it knows; @options: of its command line, those with parameters.
 * Each is an array of strings, or NULL where QEMU did not tell.
 *
 * @hides_arch_capabilities: a guest of cpu_type "host" does not see the feature arch-capabilities, with QEMU's default
 *   machine type: KVM on AMD makes it up, and QEMU 10.1 and later hide it.  FALSE where "host" does not start
 *
 * @host: the cpu_type "host" with the features that have to be switched off before it starts on this node, or
 *   TUNE_CPU_NO_HOST; static
 */
typedef struct {
	char *version;
	GPtrArray *machines;
	GPtrArray *aliases;
	GPtrArray *models;
	GPtrArray *features;
	GPtrArray *options;
	gboolean hides_arch_capabilities;
	const char *host;
} TuneQemuCapabilities;

/**
 * tune_qemu_ask_capabilities: start @binary, with the CPU "host" under KVM if it can, ask it, and end it.
 *
 * @deadline: g_get_monotonic_time(), microseconds.  Fails as tune_qemu_process_start() and tune_qmp_receive().
 */
TuneQemuCapabilities *tune_qemu_ask_capabilities(TuneRoot *root, const char *binary,
						 gint64 deadline, GError **error);
void tune_qemu_capabilities_free(TuneQemuCapabilities *capabilities);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneQemuCapabilities, tune_qemu_capabilities_free)

#endif
