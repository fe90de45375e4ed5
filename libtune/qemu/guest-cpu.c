/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/compare.h>
#include <libtune/qemu/guest-cpu.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/node.h>
#include <libtune/qemu/guest.h>
#include <libtune/ganeti/ssh.h>

/* ---- from QEMU's words to ours ---- */

/* Both count the registers as CPUID does. */
static void take_words(TuneCpu *cpu, const GArray *words)
{
	for (guint i = 0; i < words->len; i++) {
		const TuneQemuWord *word = &g_array_index(words, TuneQemuWord, i);
		tune_cpu_set_word(cpu, word->leaf, word->sub, (TuneCpuRegister)word->reg,
				  word->value);
	}
}

/* What QEMU has no name for, it does not let a guest see. */
static void take_flags(TuneCpu *cpu, const GArray *flags)
{
	for (guint i = 0; i < flags->len; i++) {
		const TuneQemuFlag *flag = &g_array_index(flags, TuneQemuFlag, i);
		if (flag->state != TUNE_QEMU_UNKNOWN)
			tune_cpu_set_feature(cpu, flag->name, flag->state == TUNE_QEMU_ON);
	}
}

TuneCpu *tune_cpu_from_qemu(const TuneQemuCpu *qemu, const TuneCpu *host)
{
	TuneCpu *cpu = tune_cpu_new(TUNE_CPU_GUEST);

	take_words(cpu, qemu->words);
	take_flags(cpu, qemu->flags);
	tune_cpu_assume_rest(cpu);
	tune_cpu_set_vendor(cpu, qemu->vendor);
	if (qemu->family > 0)
		tune_cpu_set_signature(cpu, (guint)qemu->family, (guint)qemu->model,
				       (guint)qemu->stepping);
	if (qemu->phys_bits > 0)
		tune_cpu_set_phys_bits(cpu, (guint)qemu->phys_bits);
	if (qemu->tsc_hz > 0)
		tune_cpu_set_tsc(cpu, (guint64)qemu->tsc_hz / 1000);
	tune_cpu_set_text(cpu, TUNE_CPU_QEMU, qemu->version);
	tune_cpu_adopt(cpu, host);
	tune_cpu_reduce(cpu);
	return cpu;
}

/* ---- a guest that runs ---- */

/*
 * A bit that the target has cannot be lost, a weakness that it lacks cannot come.  And what KVM does not give
 * here, no guest has: QEMU makes up no bit of an MSR (x86_cpu_filter_features()), and KVM's answer does not
 * change under guests.  A question takes QEMU up to 0.7 ms.
 */
static gboolean matters(const char *name, const TuneCpu *host, const TuneCpu *target)
{
	const TuneCpuBit *row = tune_cpu_bit_find_name(name);

	if (host && !tune_cpu_has_feature(host, name))
		return FALSE;
	return tune_cpu_has_feature(target, name) == ((row->flags & TUNE_BIT_INVERTED) != 0);
}

/* Then a guest does not gain it there, and it is as good as asked for. */
static gboolean has_both(const char *name, const TuneCpu *host, const TuneCpu *target)
{
	return host && tune_cpu_has_feature(host, name) && tune_cpu_has_feature(target, name);
}

static gboolean ask_flags(TuneQemuCpu *qemu, TuneQmp *qmp, const TuneCpu *host,
			  const TuneCpu *target, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_null_terminated(8, NULL, TRUE);

	if (!target)
		return tune_qemu_cpu_ask_flags(qemu, qmp, NULL, error);
	for (guint i = 0; i < qemu->flags->len; i++) {
		TuneQemuFlag *flag = &g_array_index(qemu->flags, TuneQemuFlag, i);
		if (matters(flag->name, host, target))
			g_ptr_array_add(names, (gpointer)flag->name);
		else if (flag->state == TUNE_QEMU_UNKNOWN && has_both(flag->name, host, target))
			flag->state = TUNE_QEMU_ON;
	}
	return !names->len ||
	       tune_qemu_cpu_ask_flags(qemu, qmp, (const char *const *)names->pdata, error);
}

TuneQemuCpu *tune_cpu_ask_qemu(TuneQmp *qmp, const TuneCpu *host, const TuneCpu *target,
			       GError **error)
{
	g_autoptr(TuneQemuCpu) qemu = tune_qemu_cpu_ask(qmp, error);

	if (!qemu || (qemu->is_kvm && !ask_flags(qemu, qmp, host, target, error)))
		return NULL;
	if (!target && !tune_qemu_cpu_ask_details(qemu, qmp, error))
		return NULL;
	return g_steal_pointer(&qemu);
}

static TuneQemuCpu *ask_guest(TuneRoot *root, const char *instance, const TuneCpu *host,
			      const TuneCpu *target, gint64 deadline, GError **error)
{
	g_autoptr(TuneQmp) qmp = tune_guest_connect(root, instance, deadline, error);

	return qmp ? tune_cpu_ask_qemu(qmp, host, target, error) : NULL;
}

static TuneQemuCpu *ask_socket(TuneRoot *root, const char *path, gint64 deadline, GError **error)
{
	g_autoptr(TuneQmp) qmp = tune_qmp_connect(root, path, deadline, error);

	return qmp ? tune_cpu_ask_qemu(qmp, NULL, NULL, error) : NULL;
}

TuneCpu *tune_cpu_load_guest(TuneRoot *root, const char *instance, const TuneCpu *target,
			     gint64 deadline, GError **error)
{
	g_autoptr(TuneGuest) guest = tune_guest_find(root, instance, error);
	g_autoptr(GError) no_host = NULL;

	if (!guest || !guest->is_running || !guest->is_kvm)
		return NULL;
	g_autoptr(TuneCpu) host = tune_cpu_load_kvm(root, &no_host);
	g_autoptr(TuneQemuCpu) qemu = ask_guest(root, instance, host, target, deadline, error);
	if (!qemu || !qemu->is_kvm)
		return NULL;
	if (!host) {
		g_propagate_error(error, g_steal_pointer(&no_host));
		return NULL;
	}
	TuneCpu *cpu = tune_cpu_from_qemu(qemu, host);
	tune_cpu_set_text(cpu, TUNE_CPU_TYPE, guest->cpu);
	if (!tune_cpu_type_has_counters(guest->cpu))
		tune_cpu_drop_counters(cpu);
	tune_cpu_set_text(cpu, TUNE_CPU_MACHINE, guest->machine);
	return cpu;
}

TuneCpu *tune_cpu_load_socket(TuneRoot *root, const char *path, gint64 deadline, GError **error)
{
	g_autoptr(TuneQemuCpu) qemu = ask_socket(root, path, deadline, error);

	if (!qemu)
		return NULL;
	if (!qemu->is_kvm)
		return tune_fail_null(error, TUNE_ERROR_INVALID, "%s: this QEMU does not use KVM",
				      path);
	g_autoptr(TuneCpu) host = tune_cpu_load_kvm(root, error);
	return host ? tune_cpu_from_qemu(qemu, host) : NULL;
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
