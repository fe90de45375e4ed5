/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/json.h>
#include <libtune/cluster/pending.h>
#include <libtune/cpu/compare.h>

/*
 * What each parameter means for a guest that is started anew.  Those that Ganeti applies to a running guest, as the
 * bandwidth of migrations, are left out.  Source: Ganeti, lib/hypervisor/hv_kvm/__init__.py, PARAMETERS; all are in 3.0.
 */
/* clang-format off */
static const struct {
	const char *name;
	TunePendingClass kind;
} parameters[] = {
	{ "cpu_type",          TUNE_PENDING_MIGRATION },
	{ "machine_version",   TUNE_PENDING_MIGRATION },
	{ "kvm_flag",          TUNE_PENDING_MIGRATION },
	{ "security_model",    TUNE_PENDING_SECURITY },
	{ "security_domain",   TUNE_PENDING_SECURITY },
	{ "use_chroot",        TUNE_PENDING_SECURITY },
	{ "vnc_tls",           TUNE_PENDING_SECURITY },
	{ "kvm_path",          TUNE_PENDING_QEMU },
	{ "disk_type",         TUNE_PENDING_GAINS },
	{ "disk_cache",        TUNE_PENDING_GAINS },
	{ "disk_aio",          TUNE_PENDING_GAINS },
	{ "disk_discard",      TUNE_PENDING_GAINS },
	{ "nic_type",          TUNE_PENDING_GAINS },
	{ "vhost_net",         TUNE_PENDING_GAINS },
	{ "virtio_net_queues", TUNE_PENDING_GAINS },
	{ "mem_path",          TUNE_PENDING_GAINS },
	{ "cpu_cores",         TUNE_PENDING_GAINS },
	{ "cpu_sockets",       TUNE_PENDING_GAINS },
	{ "cpu_threads",       TUNE_PENDING_GAINS },
	{ "acpi",              TUNE_PENDING_HARMLESS },
	{ "boot_order",        TUNE_PENDING_HARMLESS },
	{ "serial_console",    TUNE_PENDING_HARMLESS },
	{ "serial_speed",      TUNE_PENDING_HARMLESS },
	{ "keymap",            TUNE_PENDING_HARMLESS },
	{ "use_localtime",     TUNE_PENDING_HARMLESS },
	{ "vnc_bind_address",  TUNE_PENDING_HARMLESS },
	/* These may have any character in them, so the last is the only one of its kind: see lists.c. */
	{ "kvm_extra",         TUNE_PENDING_GAINS },
};
/* clang-format on */

/* As many features of a CPU are named. */
#define N_NAMED 8

const char *tune_pending_class_name(TunePendingClass kind)
{
	static const char *const names[] = {
		[TUNE_PENDING_MIGRATION] = "migration", [TUNE_PENDING_SECURITY] = "security",
		[TUNE_PENDING_QEMU] = "qemu",           [TUNE_PENDING_GAINS] = "gains",
		[TUNE_PENDING_HARMLESS] = "harmless",   [TUNE_PENDING_UNKNOWN] = "unknown",
	};

	return names[kind];
}

char **tune_pending_list_parameters(void)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();

	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++)
		g_strv_builder_add(names, parameters[i].name);
	return g_strv_builder_end(names);
}

/* ---- rows ---- */

static void free_row(gpointer data)
{
	TunePending *row = data;

	g_free(row->instance);
	g_free(row->node);
	g_free(row->what);
	g_free(row);
}

GPtrArray *tune_pending_new(void)
{
	return g_ptr_array_new_with_free_func(free_row);
}

void tune_pending_add(GPtrArray *rows, const TuneInstance *instance, TunePendingClass kind,
		      char *what)
{
	TunePending *row = g_new(TunePending, 1);

	*row = (TunePending){ g_strdup(instance->name), g_strdup(instance->primary), kind, what };
	g_ptr_array_add(rows, row);
}

/* ---- parameters ---- */

/* As gnt-instance lists it; NULL for what it would not list so. */
static char *format_value(const json_t *value)
{
	gint64 number;

	if (json_is_boolean(value))
		return g_strdup(json_is_true(value) ? "Y" : "N");
	if (tune_json_number(value, &number))
		return g_strdup_printf("%" G_GINT64_FORMAT, number);
	return json_is_string(value) ? g_strdup(json_string_value(value)) : NULL;
}

/* Ganeti writes "-" for a parameter that the instance does not have. */
static gboolean is_listed(const char *configured)
{
	return strcmp(configured, "-") != 0 && strcmp(configured, "?") != 0;
}

static void judge_parameters(const PendingGuest *guest, const json_t *started, GPtrArray *rows)
{
	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++) {
		const char *configured = guest->configured[i];
		g_autofree char *runs = format_value(json_object_get(started, parameters[i].name));
		if (!runs || !is_listed(configured) || strcmp(runs, configured) == 0)
			continue;
		g_autofree char *was = tune_error_clean(runs);
		g_autofree char *is = tune_error_clean(configured);
		tune_pending_add(rows, guest->instance, parameters[i].kind,
				 g_strdup_printf("%s: runs with '%s', configured is '%s'",
						 parameters[i].name, was, is));
	}
}

static void judge_runtime(const PendingGuest *guest, GPtrArray *rows)
{
	const char *text = guest->guest->hvparams;
	g_autoptr(GError) error = NULL;
	json_auto_t *started = text ? tune_json_parse(text, strlen(text), "its parameters", &error)
				    : NULL;

	if (guest->configured && started)
		judge_parameters(guest, started, rows);
	else
		tune_pending_add(rows, guest->instance, TUNE_PENDING_UNKNOWN,
				 g_strdup(guest->configured
						  ? "with which parameters Ganeti started it"
						  : "which parameters are configured"));
}

/* ---- QEMU ---- */

static void judge_qemu(const PendingGuest *guest, GPtrArray *rows)
{
	const char *runs = guest->sees ? guest->sees->texts[TUNE_CPU_QEMU] : NULL;
	const char *now = guest->record ? guest->record->texts[TUNE_CPU_QEMU] : NULL;
	gboolean is_other = runs && now && strcmp(runs, now) != 0;

	if (!guest->guest->qemu && !(runs && now))
		tune_pending_add(rows, guest->instance, TUNE_PENDING_UNKNOWN,
				 g_strdup("whether its QEMU is the one that is installed"));
	else if (is_other)
		tune_pending_add(rows, guest->instance, TUNE_PENDING_QEMU,
				 g_strdup_printf("runs QEMU %s, its node has %s", runs, now));
	else if (g_strcmp0(guest->guest->qemu, TUNE_QEMU_REPLACED) == 0)
		tune_pending_add(rows, guest->instance, TUNE_PENDING_QEMU,
				 g_strdup("runs a QEMU whose file has been replaced since"));
}

/* ---- the CPU ---- */

static gboolean is_security(const char *name)
{
	return tune_cpu_bit_find_name(name)->class == TUNE_CPU_SECURITY;
}

/* Those that protect, or the others; NULL where there is none. */
static char *join_gained(const char *const *gained, gboolean wants_security)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint n = 0;

	for (; *gained; gained++)
		if (is_security(*gained) == wants_security && n++ < N_NAMED)
			g_string_append_printf(text, " %s", *gained);
	if (n > N_NAMED)
		g_string_append_printf(text, " and %u more", n - N_NAMED);
	return n ? g_strconcat("its node now gives", text->str, NULL) : NULL;
}

/* A guest of a named model gets what the model has, whatever its node gives. */
static void judge_cpu(const PendingGuest *guest, GPtrArray *rows)
{
	if (!guest->sees || !guest->record) {
		tune_pending_add(rows, guest->instance, TUNE_PENDING_UNKNOWN,
				 g_strdup_printf("what its CPU would gain: %s",
						 guest->fault  ? guest->fault
						 : guest->sees ? "its node has no record"
							       : "it was not asked"));
		return;
	}
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest->sees, guest->record, 0);
	const char *const *gained = tune_cpu_report_get_gained(report);
	g_autofree char *protects = join_gained(gained, TRUE);
	g_autofree char *others = join_gained(gained, FALSE);
	if (protects)
		tune_pending_add(rows, guest->instance, TUNE_PENDING_SECURITY,
				 g_steal_pointer(&protects));
	if (others)
		tune_pending_add(rows, guest->instance, TUNE_PENDING_GAINS,
				 g_steal_pointer(&others));
}

void tune_pending_judge(const PendingGuest *guest, GPtrArray *rows)
{
	if (guest->guest->note) {
		tune_pending_add(rows, guest->instance, TUNE_PENDING_UNKNOWN,
				 g_strdup(guest->guest->note));
		return;
	}
	judge_runtime(guest, rows);
	judge_qemu(guest, rows);
	if (guest->guest->is_kvm)
		judge_cpu(guest, rows);
}
