/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cpu_type for all nodes of a group: candidates, from the one that gives guests the most.  A candidate is taken when the
 * QEMU of each node knows its names, by the records, and this node's QEMU starts it.
 */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/cpu/compare.h>
#include <libtune/ganeti/lists.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/qemu/capabilities.h>
#include <libtune/qemu/try.h>
#include <libtune/tune-migration.h>

/* Records tell what their nodes have to switch off; dumps of bare CPUs do not, so this node's QEMU tries both. */
static const char *const extras[] = { "", TUNE_QEMU_HOST_SWITCH };

typedef struct {
	TuneRoot *root;
	const char *binary;
	const TuneCpu *const *cpus;
	guint n_cpus;
	const char *have;
	gint64 deadline;
	GPtrArray *refused;
} Choice;

/* The type when it can be taken, with what the site has chosen; NULL without an error when the next is to be tried. */
static char *try_candidate(const Choice *choice, const char *candidate, GError **error)
{
	g_autofree char *type = tune_cpu_type_keep(candidate, choice->have);
	g_autoptr(GError) local = NULL;

	if (tune_cpu_type_check(choice->root, choice->binary, type, choice->cpus, choice->n_cpus,
				choice->deadline, &local))
		return g_steal_pointer(&type);
	if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED))
		g_ptr_array_add(choice->refused, g_strdup_printf("%s: %s", type, local->message));
	else
		g_propagate_error(error, g_steal_pointer(&local));
	return NULL;
}

static gboolean fail_no_host(const TuneCpu *cpu, GError **error)
{
	const char *node = cpu->texts[TUNE_CPU_NODE] ? cpu->texts[TUNE_CPU_NODE] : "a node";

	if (!cpu->texts[TUNE_CPU_HOST])
		return tune_fail(
			error, TUNE_ERROR_INVALID,
			"the record of %s does not tell whether its QEMU starts 'host': gnt-tune cpu publish",
			node);
	return tune_fail(error, TUNE_ERROR_REFUSED, "host: the QEMU of %s starts no 'host'", node);
}

/* What each node has to switch off before its QEMU starts any "host": one node's own QEMU does not tell that of another. */
static gboolean add_switches(const Choice *choice, GString *host, GError **error)
{
	for (guint i = 0; i < choice->n_cpus; i++) {
		const TuneCpu *cpu = choice->cpus[i];
		if (cpu->source == TUNE_CPU_RAW)
			continue;
		if (!tune_cpu_type_check_names("host", cpu, error))
			return FALSE;
		if (!tune_cpu_type_is_host(cpu->texts[TUNE_CPU_HOST]))
			return fail_no_host(cpu, error);
		g_auto(GStrv) have = g_strsplit(host->str, ",", -1);
		g_auto(GStrv) words = g_strsplit(cpu->texts[TUNE_CPU_HOST], ",", -1);
		for (char **word = words + 1; *word; word++)
			if (!g_strv_contains((const char *const *)have, *word))
				g_string_append_printf(host, ",%s", *word);
	}
	return TRUE;
}

/* NULL without an error when one of the nodes starts none. */
static char *make_host_type(const Choice *choice, GError **error)
{
	g_autofree char *baseline = tune_cpu_baseline(choice->cpus, choice->n_cpus, NULL, error);
	g_autoptr(GError) local = NULL;

	if (!baseline)
		return NULL;
	g_autoptr(GString) host = g_string_new(baseline);
	if (add_switches(choice, host, &local))
		return g_strdup(host->str);
	if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED))
		g_ptr_array_add(choice->refused, g_strdup(local->message));
	else
		g_propagate_error(error, g_steal_pointer(&local));
	return NULL;
}

static char *try_host(const Choice *choice, GError **error)
{
	g_autofree char *host = make_host_type(choice, error);
	g_autoptr(GError) local = NULL;
	char *type = NULL;

	for (guint i = 0; host && !type && !local && i < G_N_ELEMENTS(extras); i++) {
		if (*extras[i] && strstr(host, extras[i]))
			continue;
		g_autofree char *candidate = g_strconcat(host, extras[i], NULL);
		type = try_candidate(choice, candidate, &local);
	}
	if (local)
		g_propagate_error(error, g_steal_pointer(&local));
	return type;
}

static char *try_model(const Choice *choice, GError **error)
{
	g_autofree char *model = tune_cpu_find_model(choice->root, choice->binary, choice->cpus,
						     choice->n_cpus, choice->deadline, error);

	return model ? try_candidate(choice, model, error) : NULL;
}

static char *choose(const Choice *choice, GError **error)
{
	g_autoptr(GError) local = NULL;
	char *type = try_host(choice, &local);

	if (!type && !local)
		type = try_model(choice, &local);
	if (type)
		return type;
	if (local && choice->refused->len)
		g_prefix_error(&local, "%s; ", (const char *)choice->refused->pdata[0]);
	if (local)
		g_propagate_error(error, g_steal_pointer(&local));
	else
		tune_fail(error, TUNE_ERROR_REFUSED, "no cpu_type fits all nodes: %s",
			  (const char *)choice->refused->pdata[0]);
	return NULL;
}

char *tune_cpu_choose_type(TuneRoot *root, const char *binary, const TuneCpu *const *cpus,
			   guint n_cpus, const char *have, gint64 deadline, char ***ret_refused,
			   GError **error)
{
	g_autoptr(GPtrArray) refused = g_ptr_array_new_with_free_func(g_free);
	const Choice choice = { root, binary, cpus, n_cpus, have, deadline, refused };
	char *type = choose(&choice, error);

	if (type && ret_refused) {
		g_ptr_array_add(refused, NULL);
		*ret_refused = (char **)g_ptr_array_free(g_steal_pointer(&refused), FALSE);
	}
	return type;
}

/* ---- whether all nodes have a record ---- */

/* "NODE=False": Ganeti puts no guest there. */
static gboolean can_have_guests(const char *capable, const char *node)
{
	g_autofree char *line = g_strconcat(node, "=False", NULL);
	g_auto(GStrv) lines = g_strsplit(capable ? capable : "", "\n", -1);

	return !g_strv_contains((const char *const *)lines, line);
}

gboolean tune_cpu_check_records(TuneRoot *root, GError **error)
{
	g_autofree char *list = tune_cluster_read(root, "node_list", NULL);
	g_autofree char *capable = tune_cluster_read(root, "node_vm_capable", NULL);
	g_auto(GStrv) nodes = g_strsplit(list ? list : "", "\n", -1);

	for (char **node = nodes; *node; node++) {
		if (!**node || !can_have_guests(capable, *node))
			continue;
		g_autoptr(TuneCpu) cpu = tune_cpu_load_node_record(root, *node, error);
		if (!cpu)
			return FALSE;
	}
	return TRUE;
}
