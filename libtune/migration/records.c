/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pack is a stream of YAML documents, one for each record, and a mark at its end.  Without the mark, a pack that is
 * cut short would remove the records that are missing in it.
 */
#include <string.h>

#include <libtune/cpu/cpu.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/node.h>
#include <libtune/migration/history.h>
#include <libtune/migration/records.h>
#include <libtune/base/root.h>

#define MARK "---\n"
#define END "...\n"

/* Ganeti's largest clusters have some hundred nodes. */
#define MOST_RECORDS 2000

/* Storing all records of a cluster takes far less. */
#define WAIT_MS 5000

static void free_cpu(gpointer cpu)
{
	tune_cpu_free(cpu);
}

/* ---- all of them ---- */

char *tune_records_pack(TuneRoot *root)
{
	g_auto(GStrv) nodes = tune_cpu_list_records(root);
	GString *pack = g_string_new(NULL);

	for (char **node = nodes; *node; node++) {
		g_autoptr(TuneCpu) cpu = tune_cpu_load_node_record(root, *node, NULL);
		g_autofree char *yaml = cpu ? tune_cpu_to_yaml(cpu) : NULL;
		if (yaml)
			g_string_append_printf(pack, MARK "%s", yaml);
	}
	g_string_append(pack, END);
	return g_string_free(pack, FALSE);
}

char *tune_records_digest(const char *pack)
{
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, pack, -1);
}

char *tune_cpu_digest_records(TuneRoot *root)
{
	g_autofree char *pack = tune_records_pack(root);

	return tune_records_digest(pack);
}

/* ---- storing ---- */

static TuneCpu *parse_one(const char *text, guint number, GError **error)
{
	g_autofree char *name = g_strdup_printf("record %u", number);
	g_autoptr(TuneCpu) cpu = tune_cpu_parse_record(text, strlen(text), name, error);

	if (!cpu)
		return NULL;
	const char *node = tune_cpu_get_node(cpu);
	if (node && tune_ganeti_check_name(node, NULL))
		return g_steal_pointer(&cpu);
	return tune_fail_null(error, TUNE_ERROR_INVALID, "%s: does not name its node", name);
}

static GPtrArray *parse_pack(const char *pack, GError **error)
{
	g_autoptr(GPtrArray) cpus = g_ptr_array_new_with_free_func(free_cpu);

	if (!g_str_has_prefix(pack, MARK) || !g_str_has_suffix(pack, "\n" END))
		return tune_fail_null(error, TUNE_ERROR_INVALID,
				      "some records are missing in the input: nothing is changed");
	g_autofree char *whole = g_strndup(pack + strlen(MARK),
					   strlen(pack) - strlen(MARK) - strlen(END));
	g_auto(GStrv) texts = g_strsplit(whole, "\n" MARK, -1);
	if (g_strv_length(texts) > MOST_RECORDS)
		return tune_fail_null(error, TUNE_ERROR_INVALID,
				      "more than %d records: nothing is changed", MOST_RECORDS);
	for (guint i = 0; texts[i]; i++) {
		TuneCpu *cpu = parse_one(texts[i], i + 1, error);
		if (!cpu)
			return NULL;
		g_ptr_array_add(cpus, cpu);
	}
	return g_steal_pointer(&cpus);
}

static gboolean save_if_changed(TuneRoot *root, const TuneCpu *cpu, GError **error)
{
	g_autofree char *path = tune_record_get_path(tune_cpu_get_node(cpu));
	g_autofree char *have = tune_root_read(root, path, NULL);
	g_autofree char *want = g_strchomp(tune_cpu_to_yaml(cpu));

	if (g_strcmp0(have, want) == 0)
		return TRUE;
	g_autoptr(TuneCpu) old = tune_cpu_load_node_record(root, tune_cpu_get_node(cpu), NULL);
	return tune_record_replace(root, old, cpu, error);
}

static gboolean is_among(const GPtrArray *cpus, const char *node)
{
	for (guint i = 0; i < cpus->len; i++)
		if (strcmp(tune_cpu_get_node(cpus->pdata[i]), node) == 0)
			return TRUE;
	return FALSE;
}

static gboolean remove_others(TuneRoot *root, const GPtrArray *cpus, GError **error)
{
	g_auto(GStrv) nodes = tune_cpu_list_records(root);

	for (char **node = nodes; *node; node++)
		if (!is_among(cpus, *node) && !tune_record_forget(root, *node, error))
			return FALSE;
	return TRUE;
}

gboolean tune_cpu_store_records(TuneRoot *root, const char *pack, GError **error)
{
	g_autoptr(GPtrArray) cpus = parse_pack(pack, error);

	if (!cpus)
		return FALSE;
	g_auto(filedesc) lock = tune_root_lock(root, TUNE_RECORDS_LOCK, WAIT_MS,
					       "another publishing", error);
	if (lock < 0)
		return FALSE;
	for (guint i = 0; i < cpus->len; i++)
		if (!save_if_changed(root, cpus->pdata[i], error))
			return FALSE;
	return remove_others(root, cpus, error);
}
