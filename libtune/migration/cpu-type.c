/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/migration/cpu-type.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/node.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/base/root.h>
#include <libtune/base/run.h>

#define KEY "cpu_type="

/* Of all QEMUs that are started to find a type: each takes 0.1 to 0.5 s. */
#define CHOICE_US (4 * G_USEC_PER_SEC)

/* Ganeti takes 0.5 to 1 s to submit a job, and a hook has 10 s. */
#define SUBMIT_TIMEOUT_MS 8000

/* ---- the type that a policy wants ---- */

static gboolean add_record(TuneRoot *root, const char *node, GPtrArray *cpus, GError **error)
{
	g_autoptr(GError) local = NULL;
	TuneCpu *cpu = tune_cpu_load_node_record(root, node, &local);

	if (!cpu)
		return tune_fail(error, (TuneErrorCode)local->code, "the record of %s: %s", node,
				 local->message);
	g_ptr_array_add(cpus, cpu);
	return TRUE;
}

/* When the CPU of one node is unknown, so are the features that all nodes have. */
static char *find_baseline(TuneRoot *root, const char *have, GError **error)
{
	g_auto(GStrv) nodes = tune_cpu_list_records(root);
	g_autoptr(GPtrArray) cpus = g_ptr_array_new_with_free_func((GDestroyNotify)tune_cpu_free);

	for (char **node = nodes; *node; node++)
		if (!add_record(root, *node, cpus, error))
			return NULL;
	if (!tune_cpu_check_records(root, error))
		return NULL;
	g_autofree char *binary = tune_cpu_find_qemu(root);
	return tune_cpu_choose_type(root, binary, (const TuneCpu *const *)cpus->pdata, cpus->len,
				    have, g_get_monotonic_time() + CHOICE_US, NULL, error);
}

char *tune_cpu_type_of_policy(TuneRoot *root, const TunePolicy *policy, const char *have,
			      GError **error)
{
	const char *type = tune_policy_get_cpu(policy)->type;
	g_autoptr(GError) local = NULL;

	if (!type || strcmp(type, TUNE_CPU_TYPE_KEEP) == 0)
		return NULL;
	if (strcmp(type, TUNE_CPU_TYPE_BASELINE) != 0)
		return g_strdup(type);
	char *baseline = find_baseline(root, have, &local);
	if (!baseline)
		tune_fail(error, (TuneErrorCode)local->code, "cpu.type baseline is not known: %s",
			  local->message);
	return baseline;
}

/* ---- Ganeti's own value ---- */

char *tune_ganeti_get_cpu_type(TuneRoot *root, GError **error)
{
	return tune_ganeti_get_hvparam(root, "cpu_type", error);
}

/* ---- jobs ---- */

char *tune_cpu_type_escape(const char *type)
{
	GString *escaped = g_string_new(NULL);

	for (const char *c = type; *c; c++) {
		if (*c == ',' || *c == '\\')
			g_string_append_c(escaped, '\\');
		g_string_append_c(escaped, *c);
	}
	return g_string_free(escaped, FALSE);
}

gboolean tune_ganeti_submit(TuneRoot *root, const char *const *words, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	g_ptr_array_add(argv, (gpointer)words[0]);
	g_ptr_array_add(argv, (gpointer)words[1]);
	g_ptr_array_add(argv, (gpointer) "--submit");
	for (const char *const *word = words + 2; *word; word++)
		g_ptr_array_add(argv, (gpointer)*word);
	g_ptr_array_add(argv, NULL);
	return tune_command_call(root, (const char *const *)argv->pdata, SUBMIT_TIMEOUT_MS, error);
}

/* Not all types come from a policy, which checks them itself. */
static gboolean check_type(const char *type, GError **error)
{
	gboolean good = *type && *type != '-';

	for (const char *c = type; *c && good; c++)
		good = g_ascii_isgraph(*c) && *c != '"' && *c != '\'';
	if (good)
		return TRUE;
	g_autofree char *clean = tune_error_clean(type);
	return tune_fail(error, TUNE_ERROR_INVALID, "'%s' is not a CPU type", clean);
}

/* Ganeti permits names that start with "-", and takes them for options. */
static gboolean check_instance(const char *name, GError **error)
{
	if (!tune_ganeti_check_name(name, error))
		return FALSE;
	if (*name == '-')
		return tune_fail(error, TUNE_ERROR_INVALID,
				 "'%s' cannot be the name of an instance", name);
	return TRUE;
}

gboolean tune_ganeti_set_cpu_type(TuneRoot *root, const char *instance, const char *type,
				  GError **error)
{
	if (!check_type(type, error) || (instance && !check_instance(instance, error)))
		return FALSE;
	g_autofree char *escaped = tune_cpu_type_escape(type);
	g_autofree char *of_instance = g_strconcat(KEY, escaped, NULL);
	g_autofree char *of_cluster = g_strconcat("kvm:" KEY, escaped, NULL);
	const char *modify[] = { "gnt-instance", "modify", "-H", of_instance, instance, NULL };
	const char *modify_cluster[] = { "gnt-cluster", "modify", "-H", of_cluster, NULL };
	return tune_ganeti_submit(root, instance ? modify : modify_cluster, error);
}

/* ---- two types ---- */

static gboolean is_qemu_default(const char *type)
{
	return !*type || strcmp(type, "qemu64") == 0;
}

gboolean tune_cpu_type_is_same(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || (is_qemu_default(a) && is_qemu_default(b));
}
