/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a node can give to a guest, and whether it still can.  KVM tells the features in 1 ms; version,
 * machine types and names take a QEMU that is started, some 70 ms, so they are asked for anew only when its file,
 * KVM or the kernel has changed.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <libtune/cpu/record.h>
#include <libtune/tune-migration.h>
#include <libtune/base/error.h>
#include <libtune/qemu/capabilities.h>
#include <libtune/base/root.h>
#include <libtune/tune-ganeti.h>

/* A QEMU of the same version may be another build, so its file stands for it, by whatever name it is called. */
static char *identify_binary(TuneRoot *root, const char *binary, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(root, binary, O_PATH, 0, error);
	struct stat status;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) < 0) {
		tune_fail_errno(error, binary);
		return NULL;
	}
	return g_strdup_printf("%llu %lld %lld", (unsigned long long)status.st_ino,
			       (long long)status.st_size, (long long)status.st_mtime);
}

/* All that a record is made from, in a few letters. */
static char *compute_basis(TuneRoot *root, const TuneCpu *host, const char *binary, GError **error)
{
	g_autofree char *identity = identify_binary(root, binary, error);

	if (!identity)
		return NULL;
	g_autoptr(TuneCpu) basis = tune_cpu_copy(host);
	tune_cpu_set_text(basis, TUNE_CPU_QEMU, identity);
	return tune_cpu_fingerprint(basis);
}

static void take_machines(TuneCpu *cpu, const GPtrArray *names)
{
	g_autoptr(GPtrArray) machines = g_ptr_array_new_null_terminated(16, NULL, TRUE);

	for (guint i = 0; names && i < names->len; i++)
		if (strcmp(names->pdata[i], "none") != 0)
			g_ptr_array_add(machines, names->pdata[i]);
	tune_cpu_set_machines(cpu, names ? (const char *const *)machines->pdata : NULL);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void take_names(TuneCpu *cpu, TuneCpuText which, GPtrArray *names)
{
	if (!names)
		return;
	g_ptr_array_sort(names, compare_names);
	g_ptr_array_add(names, NULL);
	g_autofree char *text = g_strjoinv(" ", (char **)names->pdata);
	g_ptr_array_set_size(names, (gint)names->len - 1);
	tune_cpu_set_text(cpu, which, text);
}

static void set_qemu_capabilities(TuneCpu *cpu, const TuneQemuCapabilities *capabilities)
{
	tune_cpu_set_qemu(cpu, capabilities->version);
	take_machines(cpu, capabilities->machines);
	take_names(cpu, TUNE_CPU_ALIASES, capabilities->aliases);
	take_names(cpu, TUNE_CPU_MODELS, capabilities->models);
	take_names(cpu, TUNE_CPU_PROPERTIES, capabilities->features);
	take_names(cpu, TUNE_CPU_OPTIONS, capabilities->options);
	/* Whether a guest sees it would depend on its machine type; switched off, no guest does. */
	gboolean is_hidden = capabilities->hides_arch_capabilities &&
			     tune_cpu_has_feature(cpu, "arch-capabilities");
	tune_cpu_set_text(cpu, TUNE_CPU_HOST,
			  is_hidden ? TUNE_QEMU_SWITCHED_HOST : capabilities->host);
}

/*
 * The record of this node that was published here, when it is of the same QEMU and KVM: it holds QEMU's answers, and to
 * start a QEMU takes far longer than all else.
 */
static TuneCpu *load_published(TuneRoot *root, const char *node, const char *basis)
{
	g_autoptr(TuneCpu) record = tune_cpu_load_node_record(root, node, NULL);

	if (!record || record->format != TUNE_CPU_FORMAT || !record->machines ||
	    g_strcmp0(record->texts[TUNE_CPU_BASIS], basis) != 0)
		return NULL;
	return g_steal_pointer(&record);
}

static void copy_qemu(TuneCpu *cpu, const TuneCpu *record)
{
	static const TuneCpuText texts[] = {
		TUNE_CPU_QEMU,       TUNE_CPU_ALIASES, TUNE_CPU_MODELS,
		TUNE_CPU_PROPERTIES, TUNE_CPU_OPTIONS, TUNE_CPU_HOST,
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		tune_cpu_set_text(cpu, texts[i], record->texts[texts[i]]);
	tune_cpu_set_machines(cpu, (const char *const *)record->machines);
}

/* KVM of a new kernel gives what an old QEMU has no name for: no guest of it sees that, so none can lose it. */
static void drop_nameless(TuneCpu *cpu)
{
	const char *known = cpu->texts[TUNE_CPU_PROPERTIES];
	g_auto(GStrv) words = known ? g_strsplit(known, " ", -1) : NULL;

	if (!words)
		return;
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (char **word = words; *word; word++)
		g_ptr_array_add(names, *word);
	tune_cpu_keep_named(cpu, names);
}

/* With what its basis is made of. */
static TuneCpu *load_host(TuneRoot *root, GError **error)
{
	TuneCpu *cpu = tune_cpu_load_kvm(root, error);

	if (cpu)
		tune_cpu_read_parameters(cpu, root);
	return cpu;
}

TuneCpu *tune_cpu_load_node(TuneRoot *root, const char *binary, gint64 deadline, GError **error)
{
	g_autoptr(TuneCpu) cpu = load_host(root, error);
	g_autofree char *basis = cpu ? compute_basis(root, cpu, binary, error) : NULL;
	g_autofree char *node = basis ? tune_ganeti_node_name(root, error) : NULL;

	if (!node)
		return NULL;
	g_autoptr(TuneCpu) record = load_published(root, node, basis);
	g_autoptr(TuneQemuCapabilities)
		capabilities = record ? NULL
				      : tune_qemu_ask_capabilities(root, binary, deadline, error);
	if (!record && !capabilities)
		return NULL;
	if (record)
		copy_qemu(cpu, record);
	else
		set_qemu_capabilities(cpu, capabilities);
	drop_nameless(cpu);
	tune_cpu_set_text(cpu, TUNE_CPU_BASIS, basis);
	tune_cpu_set_node(cpu, node);
	tune_cpu_set_time(cpu, time(NULL));
	return g_steal_pointer(&cpu);
}

/* Of the same QEMU the record knows as much as QEMU would say. */
static gboolean can_keep(TuneCpu *host, const TuneCpu *record)
{
	tune_cpu_set_qemu(host, record->texts[TUNE_CPU_QEMU]);
	tune_cpu_set_machines(host, (const char *const *)record->machines);
	return tune_cpu_judge(record, host, 0) != TUNE_CPU_REFUSE;
}

/* The basis says what a record was made from, and not that nobody has changed it since. */
gboolean tune_cpu_is_current(const TuneCpu *record, TuneRoot *root, const char *binary)
{
	g_autoptr(TuneCpu) host = load_host(root, NULL);
	g_autofree char *basis = host ? compute_basis(root, host, binary, NULL) : NULL;

	return basis && record->format == TUNE_CPU_FORMAT &&
	       g_strcmp0(basis, record->texts[TUNE_CPU_BASIS]) == 0 && can_keep(host, record);
}
