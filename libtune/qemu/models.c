/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The named CPU model of QEMU that suits a group of nodes best.  QEMU is asked for its models and their features, so
 * there is no table of models here.
 */
#include <string.h>

#include <libtune/cpu/cpu.h>
#include <libtune/base/error.h>
#include <libtune/base/json.h>
#include <libtune/qemu/process.h>
#include <libtune/qemu/try.h>

/* Named models show 40 bits of physical address unless they are told otherwise (QEMU, target/i386/cpu.c). */
#define MODEL_PHYS_BITS 40

/** @features: rows of the table of bits, of those features whose loss is_feature_counted */
typedef struct {
	char *name;
	GPtrArray *features;
} Model;

static void model_free(Model *model)
{
	if (!model)
		return;
	g_free(model->name);
	g_ptr_array_unref(model->features);
	g_free(model);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Model, model_free)

/* ---- the nodes ---- */

static gboolean is_feature_counted(const TuneCpuBit *row)
{
	return (row->class == TUNE_CPU_LOST || row->class == TUNE_CPU_SECURITY) &&
	       !(row->flags & (TUNE_BIT_INVERTED | TUNE_BIT_HIDDEN | TUNE_BIT_RUNNING));
}

static gboolean all_have(const TuneCpu *const *cpus, guint n_cpus, const TuneCpuBit *row)
{
	for (guint i = 0; i < n_cpus; i++)
		if (!(cpus[i]->words[row->word] >> row->bit & 1))
			return FALSE;
	return TRUE;
}

/*
 * Whether the QEMU of each node knows @name.  A CPU without such a list counts as one that does: tune_cpu_type_check()
 * fails on it at the end, for the type that is chosen.
 */
static gboolean all_know(const TuneCpu *const *cpus, guint n_cpus, TuneCpuText which,
			 const char *name)
{
	for (guint i = 0; i < n_cpus; i++)
		if (cpus[i]->texts[which] && !tune_cpu_text_has(cpus[i], which, name))
			return FALSE;
	return TRUE;
}

static gboolean can_run(const TuneCpu *const *cpus, guint n_cpus, const Model *model)
{
	if (!all_know(cpus, n_cpus, TUNE_CPU_MODELS, model->name))
		return FALSE;
	for (guint i = 0; i < model->features->len; i++)
		if (!all_have(cpus, n_cpus, model->features->pdata[i]))
			return FALSE;
	return TRUE;
}

/* ---- the models of QEMU ---- */

static void add_feature(Model *model, const char *name, const json_t *value)
{
	const TuneCpuBit *row = tune_cpu_bit_find_name(name);
	gboolean is_on;

	if (row && is_feature_counted(row) && tune_json_boolean(value, &is_on) && is_on)
		g_ptr_array_add(model->features, (gpointer)row);
}

static Model *read_model(const json_t *answer, const char *name, const char *vendor)
{
	const json_t *model_node = json_object_get(answer, "model");
	json_t *properties = json_object_get(model_node, "props");
	const char *key;
	json_t *value;

	if (g_strcmp0(json_string_value(json_object_get(properties, "vendor")), vendor) != 0)
		return NULL;
	Model *model = g_new(Model, 1);
	*model = (Model){ g_strdup(name), g_ptr_array_new() };
	json_object_foreach (properties, key, value)
		add_feature(model, key, value);
	return model;
}

/* NULL without an error for a model that is skipped: of another vendor, or one that QEMU does not expand. */
static Model *ask_model(TuneQmp *qmp, const char *name, const char *vendor, GError **error)
{
	g_autoptr(GError) local = NULL;

	tune_qmp_ask_with(qmp, "query-cpu-model-expansion",
			  json_pack("{s:s, s:{s:s}}", "type", "full", "model", "name", name));
	json_auto_t *answer = tune_qmp_receive(qmp, &local);
	if (answer)
		return read_model(answer, name, vendor);
	if (!g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED))
		g_propagate_error(error, g_steal_pointer(&local));
	return NULL;
}

/* Without a version ("-v1"), a name means different models with different machine types. */
static gboolean has_version(const char *name)
{
	const char *version = g_strrstr(name, "-v");

	return version && version[2] && strspn(version + 2, "0123456789") == strlen(version + 2);
}

static GPtrArray *ask_names(TuneQmp *qmp, GError **error)
{
	tune_qmp_ask(qmp, "query-cpu-definitions", NULL);
	json_auto_t *answer = tune_qmp_receive(qmp, error);
	if (!answer)
		return NULL;
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	for (size_t i = 0; i < json_array_size(answer); i++) {
		const json_t *definition = json_array_get(answer, i);
		const char *name = json_string_value(json_object_get(definition, "name"));
		if (name && has_version(name))
			g_ptr_array_add(names, g_strdup(name));
	}
	return names;
}

/* The model with the most features; of two with as many, the later one in QEMU's list. */
static Model *find_best(TuneQmp *qmp, const TuneCpu *const *cpus, guint n_cpus, GError **error)
{
	g_autoptr(GPtrArray) names = ask_names(qmp, error);
	g_autoptr(Model) best = NULL;
	g_autoptr(GError) local = NULL;

	for (guint i = 0; names && i < names->len; i++) {
		g_autoptr(Model) model = ask_model(qmp, names->pdata[i], cpus[0]->vendor, &local);
		if (local) {
			g_propagate_error(error, g_steal_pointer(&local));
			return NULL;
		}
		if (!model || !can_run(cpus, n_cpus, model))
			continue;
		if (best && best->features->len > model->features->len)
			continue;
		model_free(best);
		best = g_steal_pointer(&model);
	}
	return g_steal_pointer(&best);
}

/* ---- the cpu_type ---- */

/* Features in MSRs and in KVM's own leaf follow from other options, so they are not added by name. */
static gboolean can_be_added(const Model *model, const TuneCpuBit *row)
{
	return is_feature_counted(row) && row->word < TUNE_CPU_MSR_CF &&
	       row->word != TUNE_CPU_40000001_EAX && !(row->flags & TUNE_BIT_KVM_DEPENDENT) &&
	       !g_ptr_array_find(model->features, tune_cpu_bit_find_name(row->name), NULL);
}

static char *format_type(const Model *model, const TuneCpu *const *cpus, guint n_cpus)
{
	GString *type = g_string_new(model->name);
	guint n_bits, least_phys_bits = MODEL_PHYS_BITS;
	const TuneCpuBit *bits = tune_cpu_bits(&n_bits);

	for (guint i = 0; i < n_bits; i++)
		if (can_be_added(model, &bits[i]) && all_have(cpus, n_cpus, &bits[i]) &&
		    all_know(cpus, n_cpus, TUNE_CPU_PROPERTIES, bits[i].name))
			g_string_append_printf(type, ",+%s", bits[i].name);
	for (guint i = 0; i < n_cpus; i++)
		if (cpus[i]->phys_bits)
			least_phys_bits = MIN(least_phys_bits, cpus[i]->phys_bits);
	if (least_phys_bits < MODEL_PHYS_BITS)
		g_string_append_printf(type, ",phys-bits=%u", least_phys_bits);
	return g_string_free(type, FALSE);
}

char *tune_cpu_find_model(TuneRoot *root, const char *binary, const TuneCpu *const *cpus,
			  guint n_cpus, gint64 deadline, GError **error)
{
	const TuneQemuSettings settings = {
		.binary = binary,
		.machine = "none",
		.accelerators = "tcg:kvm",
	};
	g_autoptr(GError) local = NULL;

	if (n_cpus == 0)
		return tune_fail_null(error, TUNE_ERROR_INVALID, "no CPU to find a model for");
	g_autoptr(TuneQemuProcess)
		process = tune_qemu_process_start(root, &settings, deadline, error);
	if (!process)
		return NULL;
	g_autoptr(Model)
		model = find_best(tune_qemu_process_get_qmp(process), cpus, n_cpus, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	if (!model)
		return tune_fail_null(error, TUNE_ERROR_ABSENT,
				      "this QEMU has no model that all of them can run");
	g_autofree char *type = format_type(model, cpus, n_cpus);
	return tune_cpu_type_check(root, binary, type, cpus, n_cpus, deadline, error)
		       ? g_steal_pointer(&type)
		       : NULL;
}
