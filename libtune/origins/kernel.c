/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers of what counts before any program runs: the kernel's command line, and options of its modules. */
#include <string.h>

#include <libtune/base/root.h>
#include <libtune/origins/origins.h>

#define COMMAND_LINE "proc/cmdline"
#define SYSCTL_PREFIX "sysctl."

/* Parameters of the kernel itself that set what is tuned later (Documentation/admin-guide/kernel-parameters.txt). */
/* clang-format off */
static const struct {
	const char *name;
	const char *word;  /* NULL: any, which is the value */
	const char *path;
	const char *value;
} parameters[] = {
	{ "transparent_hugepage",        NULL,      "sys/kernel/mm/transparent_hugepage/enabled", NULL },
	{ "transparent_hugepage_shmem",  NULL,      "sys/kernel/mm/transparent_hugepage/shmem_enabled", NULL },
	{ "numa_balancing",              "enable",  "proc/sys/kernel/numa_balancing", "1" },
	{ "numa_balancing",              "disable", "proc/sys/kernel/numa_balancing", "0" },
	{ "nosmt",                       "",        "sys/devices/system/cpu/smt/control", "off" },
	{ "nosmt",                       "force",   "sys/devices/system/cpu/smt/control", "forceoff" },
	{ "cpufreq.default_governor",    NULL,      "sys/devices/system/cpu/cpu*/cpufreq/scaling_governor", NULL },
	{ "cpufreq.default_governor",    NULL,      "sys/devices/system/cpu/cpufreq/policy*/scaling_governor", NULL },
};
/* clang-format on */

static char *format_parameter_path(const char *module, size_t length, const char *parameter)
{
	g_autofree char *name = g_strdelimit(g_strndup(module, length), "-", '_');

	return g_strdup_printf("sys/module/%s/parameters/%s", name, parameter);
}

/* Returns whether the table has a row for @name. */
static gboolean add_known(TuneSearch *search, const char *name, const char *value)
{
	gboolean is_known = FALSE;

	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++) {
		if (strcmp(parameters[i].name, name) != 0)
			continue;
		is_known = TRUE;
		if (parameters[i].word && strcmp(parameters[i].word, value) != 0)
			continue;
		TuneTarget target = tune_search_match(search, parameters[i].path);
		if (target != TUNE_TARGET_NONE)
			tune_search_add(search, target, COMMAND_LINE, 0,
					parameters[i].value ? parameters[i].value : value);
	}
	return is_known;
}

/* "sysctl.vm.swappiness=7", "zswap.enabled=1", or a name of the table */
static void add_word(TuneSearch *search, char *word)
{
	char *equals = strchr(word, '=');
	const char *value = equals ? equals + 1 : "";

	if (equals)
		*equals = '\0';
	if (add_known(search, word, value) || !equals)
		return;
	const char *dot = strchr(word, '.');
	TuneTarget target = TUNE_TARGET_NONE;
	if (g_str_has_prefix(word, SYSCTL_PREFIX)) {
		target = tune_search_match_sysctl(search, word + strlen(SYSCTL_PREFIX));
	} else if (dot) {
		g_autofree char *path = format_parameter_path(word, (size_t)(dot - word), dot + 1);
		target = tune_search_match(search, path);
	}
	if (target != TUNE_TARGET_NONE)
		tune_search_add(search, target, COMMAND_LINE, 0, value);
}

/* What follows "--" is for init.  A value in quotes may have blanks, but none of those that are looked for has. */
gboolean tune_origins_read_command_line(TuneSearch *search, GError **error)
{
	g_autoptr(TuneConf) conf = tune_conf_open(search->root, COMMAND_LINE, error);
	char *line = conf ? tune_conf_next(conf) : NULL;
	g_auto(GStrv) words = line ? g_strsplit_set(line, " \t", -1) : NULL;

	for (char **word = words; word && *word && strcmp(*word, "--") != 0; word++)
		add_word(search, *word);
	return conf != NULL;
}

/* ---- modprobe.d ---- */

/* What is built into the kernel is not loaded, so modprobe(8) sets no options of it. */
static gboolean is_built_in(TuneRoot *root, const char *module)
{
	g_autofree char *name = g_strdelimit(g_strdup(module), "-", '_');
	g_autofree char *directory = g_strdup_printf("sys/module/%s", name);
	g_autofree char *state = g_strdup_printf("sys/module/%s/initstate", name);

	return tune_conf_exists(root, directory) && !tune_conf_exists(root, state);
}

/* options MODULE PARAMETER=VALUE... */
static void read_options(gpointer data, TuneConf *conf)
{
	TuneSearch *search = data;
	char *line;

	while ((line = tune_conf_next_setting(conf))) {
		if (strcmp(tune_conf_cut_word(&line), "options") != 0)
			continue;
		const char *module = tune_conf_cut_word(&line);
		for (char *word; *(word = tune_conf_cut_word(&line));) {
			const char *value = tune_conf_split(word);
			g_autofree char *path = format_parameter_path(module, strlen(module), word);
			TuneTarget target = value ? tune_search_match(search, path)
						  : TUNE_TARGET_NONE;
			if (target != TUNE_TARGET_NONE && !is_built_in(search->root, module))
				tune_search_add(search, target, conf->path, conf->line, value);
		}
	}
}

gboolean tune_origins_read_modprobe(TuneSearch *search, GError **error)
{
	if (!g_str_has_prefix(search->own, "sys/module/"))
		return TRUE;
	g_autoptr(GPtrArray) paths = tune_conf_list(search->root, "modprobe.d", ".conf", error);
	return paths && tune_conf_each(search->root, paths, read_options, search, error);
}
