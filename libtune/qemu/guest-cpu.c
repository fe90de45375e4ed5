/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/compare.h>
#include <libtune/qemu/cpu.h>
#include <libtune/qemu/guest-cpu.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/node.h>
#include <libtune/qemu/guest.h>
#include <libtune/ganeti/ssh.h>

/* ---- a guest that runs ---- */

/* An alias as "q35" means another machine in each QEMU. */
static void set_machine(TuneCpu *cpu, const char *named, const char *real)
{
	tune_cpu_set_text(cpu, TUNE_CPU_MACHINE, real ? real : named);
	if (!named || !real || strcmp(named, real) == 0)
		return;
	g_autofree char *alias = g_strdup_printf("%s=%s", named, real);
	tune_cpu_set_text(cpu, TUNE_CPU_ALIAS, alias);
}

TuneCpu *tune_cpu_load_guest(TuneRoot *root, const char *instance, const TuneCpu *target,
			     gint64 deadline, GError **error)
{
	g_autoptr(TuneGuest) guest = tune_guest_find(root, instance, error);
	g_autoptr(GError) no_host = NULL;
	gboolean is_kvm;

	if (!guest || !guest->is_running || !guest->is_kvm)
		return NULL;
	g_autoptr(TuneCpu) host = tune_cpu_load_kvm(root, &no_host);
	g_autoptr(TuneQmp) qmp = tune_guest_connect(root, instance, deadline, error);
	g_autoptr(TuneCpu) cpu = qmp ? tune_cpu_ask_qemu(qmp, host, target, &is_kvm, error) : NULL;
	g_autofree char *machine = NULL;
	if (!cpu || !is_kvm || !tune_cpu_ask_machine(qmp, &machine, error))
		return NULL;
	if (!host) {
		g_propagate_error(error, g_steal_pointer(&no_host));
		return NULL;
	}
	tune_cpu_set_text(cpu, TUNE_CPU_TYPE, guest->cpu);
	/* QEMU is not asked where both nodes have the same counters. */
	if (tune_cpu_type_is_host(guest->cpu) && !tune_cpu_type_has_counters(guest->cpu))
		tune_cpu_drop_counters(cpu);
	set_machine(cpu, guest->machine, machine);
	return g_steal_pointer(&cpu);
}

TuneCpu *tune_cpu_load_socket(TuneRoot *root, const char *path, gint64 deadline, GError **error)
{
	g_autoptr(GError) no_host = NULL;
	g_autoptr(TuneCpu) host = tune_cpu_load_kvm(root, &no_host);
	g_autoptr(TuneQmp) qmp = tune_qmp_connect(root, path, deadline, error);
	gboolean is_kvm;

	g_autoptr(TuneCpu) cpu = qmp ? tune_cpu_ask_qemu(qmp, host, NULL, &is_kvm, error) : NULL;
	if (!cpu)
		return NULL;
	if (!is_kvm)
		return tune_fail_null(error, TUNE_ERROR_INVALID, "%s: this QEMU does not use KVM",
				      path);
	if (!host) {
		g_propagate_error(error, g_steal_pointer(&no_host));
		return NULL;
	}
	return g_steal_pointer(&cpu);
}

/* ---- a guest of another node ---- */

TuneCpu *tune_cpu_load_guest_on(TuneRoot *root, const char *source, const char *instance,
				gint64 deadline, GError **error)
{
	const TuneNode node = { .name = (char *)source };
	gint64 left = MAX(0, deadline - g_get_monotonic_time());

	if (!tune_ganeti_check_name(instance, error))
		return NULL;
	g_autofree char *command = g_strconcat("gnt-tune cpu record instance:", instance, NULL);
	TuneRemote remote = { .node = &node, .command = command };
	if (!tune_remote_run(root, &remote, 1, NULL, (guint)(left / 1000), error))
		return NULL;
	TuneCpu *cpu = remote.reason ? tune_fail_null(error, TUNE_ERROR_IO, "%s: %s", source,
						      remote.reason)
				     : tune_cpu_parse_record(remote.answer, strlen(remote.answer),
							     source, error);
	tune_remote_clear(&remote);
	return cpu;
}
