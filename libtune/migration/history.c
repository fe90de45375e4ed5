/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/cpu/cpu.h>
#include <libtune/cpu/record.h>
#include <libtune/ganeti/node.h>
#include <libtune/migration/history.h>
#include <libtune/migration/records.h>

#define DIRECTORY "var/lib/ganeti-tune/history"
#define SUFFIX ".yaml"

/* ---- differences ---- */

static void append_names(GString *text, const char *what, const char *const *names)
{
	if (!*names)
		return;
	g_autofree char *joined = g_strjoinv(" ", (char **)names);
	g_string_append_printf(text, "%s%s %s", text->len ? "; " : "", what, joined);
}

static void append_text(GString *text, const char *what, const char *old, const char *new)
{
	if (g_strcmp0(old, new) == 0)
		return;
	g_string_append_printf(text, "%s%s %s", text->len ? "; " : "", what, new ? new : "unknown");
	if (old)
		g_string_append_printf(text, ", was %s", old);
}

char *tune_record_describe_change(const TuneCpu *old, const TuneCpu *cpu)
{
	static const struct {
		TuneCpuText text;
		const char *name;
	} rows[] = {
		{ TUNE_CPU_KERNEL, "kernel" },
		{ TUNE_CPU_MICROCODE, "microcode" },
		{ TUNE_CPU_QEMU, "QEMU" },
	};
	GString *text = g_string_new(NULL);

	if (old) {
		g_autoptr(TuneCpuReport) forth = tune_cpu_compare(old, cpu, 0);
		g_autoptr(TuneCpuReport) back = tune_cpu_compare(cpu, old, 0);
		append_names(text, "gained", tune_cpu_report_get_gained(forth));
		append_names(text, "lost", tune_cpu_report_get_gained(back));
	}
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		append_text(text, rows[i].name, old ? old->texts[rows[i].text] : NULL,
			    cpu->texts[rows[i].text]);
	if (old && !text->len)
		g_string_append(text, "other details of it");
	return g_string_free(text, text->len == 0);
}

gboolean tune_record_is_same(const TuneCpu *old, const TuneCpu *cpu)
{
	g_autoptr(TuneCpu) aged = tune_cpu_copy(cpu);
	tune_cpu_set_time(aged, tune_cpu_get_time(old));
	g_autofree char *old_text = tune_cpu_to_yaml(old);
	g_autofree char *new_text = tune_cpu_to_yaml(aged);

	return strcmp(old_text, new_text) == 0;
}

/* ---- keeping ---- */

/* In the order of their times: the names have the same length for the next thousands of years. */
static GPtrArray *list_files(TuneRoot *root, const char *node)
{
	g_autofree char *pattern = g_strconcat(DIRECTORY "/", node, "/*" SUFFIX, NULL);

	return tune_root_glob(root, pattern);
}

static gboolean remove_oldest(TuneRoot *root, const char *node, GError **error)
{
	g_autoptr(GPtrArray) files = list_files(root, node);

	for (guint i = 0; i + TUNE_HISTORY_MOST < files->len; i++)
		if (!tune_root_remove(root, files->pdata[i], error))
			return FALSE;
	return TRUE;
}

static gboolean keep_record(TuneRoot *root, const TuneCpu *old, GError **error)
{
	const char *node = tune_cpu_get_node(old);
	g_autofree char *directory = g_strconcat(DIRECTORY "/", node, NULL);
	g_autofree char *path = g_strdup_printf("%s/%012lld" SUFFIX, directory,
						(long long)tune_cpu_get_time(old));

	return tune_root_make_directory(root, directory, error) &&
	       tune_cpu_save_record(old, root, path, error) && remove_oldest(root, node, error);
}

gboolean tune_record_replace(TuneRoot *root, const TuneCpu *old, const TuneCpu *cpu, GError **error)
{
	g_autofree char *path = tune_record_get_path(tune_cpu_get_node(cpu));

	if (old && !tune_record_is_same(old, cpu) && !keep_record(root, old, error))
		return FALSE;
	return tune_cpu_save_record(cpu, root, path, error);
}

gboolean tune_record_forget(TuneRoot *root, const char *node, GError **error)
{
	g_autofree char *directory = g_strconcat(DIRECTORY "/", node, NULL);
	g_autofree char *path = tune_record_get_path(node);
	/* And what was not finished when the power failed. */
	g_autofree char *pattern = g_strconcat(directory, "/*.yaml.new", NULL);
	g_autoptr(GPtrArray) files = tune_root_glob(root, pattern);

	g_ptr_array_extend_and_steal(files, list_files(root, node));
	/* The record last: while it is there, the next publishing tries again. */
	for (guint i = 0; i < files->len; i++)
		if (!tune_root_remove(root, files->pdata[i], error))
			return FALSE;
	if (tune_root_exists(root, directory) &&
	    !tune_root_remove_directory(root, directory, error))
		return FALSE;
	return tune_root_remove(root, path, error);
}

/* ---- reading ---- */

static void free_entry(gpointer data)
{
	TuneHistoryEntry *entry = data;

	g_free(entry->node);
	g_free(entry->change);
	g_free(entry->fault);
	tune_cpu_free(entry->cpu);
	g_free(entry);
}

/* Takes ownership of @cpu; where it is NULL, @fault tells why.  @previous: the last record before it that can be read */
static void add_entry(GPtrArray *entries, const char *node, const TuneCpu *previous, TuneCpu *cpu,
		      const GError *fault)
{
	TuneHistoryEntry *entry = g_new0(TuneHistoryEntry, 1);

	entry->node = g_strdup(node);
	entry->cpu = cpu;
	if (cpu) {
		entry->time = tune_cpu_get_time(cpu);
		entry->change = tune_record_describe_change(previous, cpu);
	} else {
		entry->fault = g_strdup(fault->message);
	}
	g_ptr_array_add(entries, entry);
}

GPtrArray *tune_cpu_load_history(TuneRoot *root, const char *node, GError **error)
{
	g_autoptr(GError) local = NULL;
	TuneCpu *now = tune_cpu_load_node_record(root, node, &local);

	if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_INVALID)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	GPtrArray *entries = g_ptr_array_new_with_free_func(free_entry);
	g_autoptr(GPtrArray) files = list_files(root, node);
	const TuneCpu *previous = NULL;
	for (guint i = 0; i < files->len; i++) {
		g_autoptr(GError) fault = NULL;
		TuneCpu *cpu = tune_cpu_load_record(root, files->pdata[i], &fault);
		add_entry(entries, node, previous, cpu, fault);
		previous = cpu ? cpu : previous;
	}
	if (now || !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		add_entry(entries, node, previous, now, local);
	return entries;
}

/* ---- one bit ---- */

static const char *tell_bit(const TuneCpu *cpu, const TuneCpuBit *bit)
{
	if (!tune_cpu_knows(cpu, bit->word))
		return "unknown";
	return tune_cpu_has_feature(cpu, bit->name) ? "yes" : "no";
}

gboolean tune_cpu_filter_history(GPtrArray *history, const char *name, GError **error)
{
	const TuneCpuBit *bit = tune_cpu_bit_find_name(name);
	const char *before = NULL;

	if (!bit) {
		g_autofree char *clean = tune_error_clean(name);
		return tune_fail(error, TUNE_ERROR_INVALID, "'%s' is no CPU feature that is known",
				 clean);
	}
	for (guint i = 0; i < history->len;) {
		TuneHistoryEntry *entry = history->pdata[i];
		entry->bit = entry->cpu ? tell_bit(entry->cpu, bit) : NULL;
		if (entry->bit && g_strcmp0(entry->bit, before) == 0) {
			g_ptr_array_remove_index(history, i);
			continue;
		}
		before = entry->bit ? entry->bit : before;
		i++;
	}
	return TRUE;
}
